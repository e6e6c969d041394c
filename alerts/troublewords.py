"""What our messages call each kind of trouble, in the reader's language; docs/operating.md has the same kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from alerts.wording import Lang

# What the trouble does to rules: they see nothing, are seen by nobody, or go on as before.
Effect = Literal["blind", "unheard", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """One kind of trouble; {} holds the name of what is in trouble."""

    label: str
    opened: str
    closed: str
    effect: Effect = "blind"
    means: str = ""
    advice: str = ""  # in the reader's language, where the remedy on record is not


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleWording:
    """The fixed words of a message about incidents; {} holds a number, a name or a time."""

    trouble: str
    recovered: str
    since: str
    until: str
    between: str
    blind_one: str
    blind_many: str
    unheard_one: str
    unheard_many: str
    blind_rules: str
    blind_since: str
    unheard_since: str
    no_rule: str
    more_rules: str
    what: str
    means: str
    remedy: str
    address: str
    times: str
    sources_one: str
    sources_many: str
    parts_one: str
    parts_many: str
    both: str
    in_trouble: str
    well_again: str
    tally_opened: str
    tally_closed: str
    more_kinds: str
    also_recovered: str
    recovered_heading: str
    more_incidents: str
    footer: str
    other: KindWords
    kinds: Mapping[str, KindWords]


_ENGLISH = TroubleWording(
    trouble="trouble",
    recovered="recovered",
    since="Since",
    until="Until",
    between="{}, {} to {}",
    blind_one="{}: 1 rule is blind since {}",
    blind_many="{}: {} rules are blind since {}",
    unheard_one="{}: 1 rule is not heard since {}",
    unheard_many="{}: {} rules are not heard since {}",
    blind_rules="Blind rules",
    blind_since="Blind rules since {}",
    unheard_since="Rules not heard since {}",
    no_rule="{} since {}",
    more_rules="and {} more",
    what="What happened",
    means="What it means",
    remedy="What to do",
    address="Address",
    times="This happened {} times within an hour; while that goes on, you are told once an hour.",
    sources_one="1 source",
    sources_many="{} sources",
    parts_one="1 part of Marsad",
    parts_many="{} parts of Marsad",
    both="{} and {}",
    in_trouble="{} in trouble: {}",
    well_again="{} well again: {}",
    tally_opened="{} {}",
    tally_closed="{} no longer {}",
    more_kinds="{} other",
    also_recovered="{}; {} recovered",
    recovered_heading="Recovered",
    more_incidents="and {} more: marsad incident list",
    footer="Sent by your Marsad about itself. All that is open now: marsad incident list",
    other=KindWords(label="in trouble", opened="{} is in trouble", closed="{} is well again"),
    kinds={
        "dead": KindWords(
            label="dead",
            opened="{} is dead",
            closed="{} answers again",
            means="No visit has succeeded lately: nothing that it publishes reaches us.",
        ),
        "blocked": KindWords(
            label="blocked",
            opened="{} is blocked",
            closed="{} is no longer blocked",
            means="The site sends a challenge or a refusal instead of its news.",
        ),
        "empty": KindWords(
            label="empty",
            opened="{} is empty",
            closed="{} has entries again",
            means="It answers, but there is not one entry in the answer.",
        ),
        "short": KindWords(
            label="short",
            opened="{} brings less than it used to",
            closed="{} brings as much as before again",
            means="It breaks off, or brings far fewer entries than usual: the others are not seen.",
        ),
        "silent": KindWords(
            label="silent",
            opened="{} is silent",
            closed="{} has news again",
            means="Nothing new came for far longer than its own rhythm explains.",
        ),
        "stale": KindWords(
            label="not visited",
            opened="{} is not visited in time",
            closed="{} is visited in time again",
            means="It has been due for long and nobody looks: its host may be resting, or all hands are full.",
        ),
        "mojibake": KindWords(
            label="garbled",
            opened="{} comes garbled",
            closed="{} can be read again",
            means="Its letters cannot be read, so no rule can meet its words.",
        ),
        "extraction": KindWords(
            label="without texts",
            opened="{} comes without texts",
            closed="{} comes with texts again",
            means="The texts of its pages are not found as before: rules see little more than titles.",
        ),
        "certificate": KindWords(
            label="of doubtful certificate",
            opened="{} has a doubtful certificate",
            closed="{} has a sound certificate again",
            means="Its certificate is not valid, so nothing is taken from it: somebody may sit in between.",
        ),
        "moved": KindWords(
            label="moved",
            opened="{} has moved",
            closed="{} is where it should be again",
            effect="none",
            means="Its server says for good that it is elsewhere. Marsad follows only when you say so.",
        ),
        "slow": KindWords(
            label="slow",
            opened="{} is slow",
            closed="{} is quick enough again",
            effect="none",
            means="Its answers take so long that visits come late or are cut off.",
        ),
        "overflow": KindWords(
            label="overflowing",
            opened="{} overflows",
            closed="{} no longer overflows",
            means="More was published between two visits than it holds: something may have been missed.",
        ),
        "channel": KindWords(
            label="not delivering",
            opened="Channel {} does not deliver",
            closed="Channel {} delivers again",
            effect="unheard",
            means="Alerts that go this way do not arrive.",
        ),
        "queue": KindWords(
            label="held up",
            opened="Alerts are held up",
            closed="Alerts go out in time again",
            effect="unheard",
            means="Alerts are owed, and nobody sends them, or not in time.",
        ),
        "schedule": KindWords(
            label="late",
            opened="Marsad does not keep up: {}",
            closed="Marsad keeps up again: {}",
            means="What is to be done again and again is done late, or not: news comes late, or is missed.",
        ),
        "reader": KindWords(
            label="failing",
            opened="The readers fail",
            closed="The readers work again",
            means="What is fetched is not read, or not in time: no rule sees it.",
        ),
        "network": KindWords(
            label="cut off",
            opened="The network is down",
            closed="The network is back",
            means="No source can be reached at all: the fault is on our side.",
        ),
        "rule_silent": KindWords(
            label="silent rule",
            opened="The rule {} has fallen silent",
            closed="The rule {} matches again",
            effect="none",
            means="It matched regularly for weeks, and for longer than its own rhythm explains it has not.",
        ),
        "rule_flooding": KindWords(
            label="flooding rule",
            opened="The rule {} floods",
            closed="The rule {} no longer floods",
            effect="none",
            means="It raises far more alerts than it ever did: the news, or a word that stands everywhere now.",
        ),
        "rule_slow": KindWords(
            label="slow rule",
            opened="The rule {} is too slow",
            closed="The rule {} is quick enough again",
            effect="none",
            means="Its expressions took longer than a rule may take; the other rules were not held up.",
        ),
    },
)

_ARABIC = TroubleWording(
    trouble="عطل",
    recovered="تعافٍ",
    since="منذ",
    until="حتى",
    between="{}، من {} إلى {}",
    blind_one="{}؛ قاعدة واحدة بلا رصد منذ {}",
    blind_many="{0}؛ قواعد بلا رصد منذ {2}، عددها {1}",
    unheard_one="{}؛ قاعدة واحدة لا يصل تنبيهها منذ {}",
    unheard_many="{0}؛ قواعد لا تصل تنبيهاتها منذ {2}، عددها {1}",
    blind_rules="قواعد بلا رصد",
    blind_since="قواعد بلا رصد منذ {}",
    unheard_since="قواعد لا تصل تنبيهاتها منذ {}",
    no_rule="{}، منذ {}",
    more_rules="وغيرها: {}",
    what="ما حدث",
    means="ما معناه",
    remedy="ما العمل",
    address="العنوان",
    times="عدد مرات حدوث ذلك خلال ساعة: {}. ما دام الأمر كذلك تصلك رسالة واحدة كل ساعة.",
    sources_one="مصدر واحد",
    sources_many="مصادر عددها {}",
    parts_one="جزء واحد من مرصد",
    parts_many="أجزاء من مرصد عددها {}",
    both="{} و{}",
    in_trouble="{}: {}",
    well_again="{}: {}",
    tally_opened="{1} {0}",
    tally_closed="{1} {0}",
    more_kinds="غير ذلك {}",
    also_recovered="{}؛ تعافى {}",
    recovered_heading="ما تعافى",
    more_incidents="وغيرها: {}. الكل بالأمر marsad incident list",
    footer="رسالة من مرصد عن نفسه. كل الأعطال القائمة بالأمر marsad incident list",
    other=KindWords(label="متعطل", opened="{}: متعطل", closed="{}: تعافى"),
    kinds={
        "dead": KindWords(
            label="لا يستجيب",
            opened="{}: لا يستجيب",
            closed="{}: عاد يستجيب",
            means="لم تنجح أي زيارة مؤخرًا، فلا يصلنا شيء مما ينشره.",
            advice="افتح العنوان في المتصفح، وصحّحه في ملف الرصد إن تغيّر.",
        ),
        "blocked": KindWords(
            label="محجوب عنا",
            opened="{}: محجوب عنا",
            closed="{}: زال الحجب",
            means="يرسل الموقع صفحة تحقق أو رفض بدل أخباره.",
            advice="خفّف وتيرة الزيارات، أو اجعل لهذا المصدر وكيلًا (proxy).",
        ),
        "empty": KindWords(
            label="فارغ",
            opened="{}: يجيب بلا مواد",
            closed="{}: عادت مواده",
            means="يجيب الموقع، لكن ليس في جوابه مادة واحدة.",
            advice="افتح العنوان: ربما صارت الخلاصة في عنوان آخر.",
        ),
        "short": KindWords(
            label="ناقص",
            opened="{}: مواده أقل من المعتاد",
            closed="{}: عادت مواده كما كانت",
            means="ينقطع ما يرسله، أو تقل مواده كثيرًا عن المعتاد: وما سواها لا يُرى.",
            advice="قارن ما يصل بما في الموقع نفسه.",
        ),
        "silent": KindWords(
            label="صامت",
            opened="{}: صامت على غير عادته",
            closed="{}: عاد ينشر",
            means="لا جديد منذ مدة أطول بكثير من إيقاعه المعتاد.",
            advice="انظر هل ما زال الموقع ينشر، وأين.",
        ),
        "stale": KindWords(
            label="بلا زيارة",
            opened="{}: لا يُزار في موعده",
            closed="{}: عاد يُزار في موعده",
            means="حان موعد زيارته منذ مدة ولم يزره أحد: ربما خادمه في راحة، أو العمل كثير.",
            advice="افحص النظام بالأمر marsad doctor، أو زد عدد الزيارات المتزامنة.",
        ),
        "mojibake": KindWords(
            label="مشوّه الحروف",
            opened="{}: حروفه مشوّهة",
            closed="{}: عادت حروفه سليمة",
            means="حروفه لا تُقرأ، فلا تطابقها أي قاعدة.",
            advice="أبلغ مشرف النظام: الترميز المعلن غير صحيح على الأرجح.",
        ),
        "extraction": KindWords(
            label="بلا نصوص",
            opened="{}: يصل بلا نصوص",
            closed="{}: عادت نصوصه",
            means="لم تعد نصوص صفحاته تُعرف كما كانت، فلا ترى القواعد إلا العناوين تقريبًا.",
            advice="تغيّر تصميم الموقع على الأرجح: أبلغ مشرف النظام.",
        ),
        "certificate": KindWords(
            label="شهادته مريبة",
            opened="{}: شهادة الأمان مريبة",
            closed="{}: شهادة الأمان سليمة من جديد",
            means="شهادته غير صالحة، فلا يُؤخذ منه شيء: ربما يتوسط أحدهم.",
            advice="تحقق من الشهادة في المتصفح قبل أن تثق بما يصل.",
        ),
        "moved": KindWords(
            label="انتقل",
            opened="{}: انتقل إلى عنوان آخر",
            closed="{}: عاد إلى حيث ينبغي",
            effect="none",
            means="يقول الخادم إن العنوان تغيّر نهائيًا. لا يتبعه مرصد إلا بأمرك.",
            advice="تحقق من العنوان الجديد واكتبه في ملف الرصد.",
        ),
        "slow": KindWords(
            label="بطيء",
            opened="{}: بطيء",
            closed="{}: عادت سرعته",
            effect="none",
            means="تتأخر أجوبته حتى تتأخر الزيارات أو تنقطع.",
            advice="انتظر إن كان الموقع مثقلًا، وإلا فباعد بين الزيارات.",
        ),
        "overflow": KindWords(
            label="فائض",
            opened="{}: ربما فاتت مواد بين زيارتين",
            closed="{}: لم تعد مواده تفيض",
            means="نُشر بين زيارتين أكثر مما تتسع له الخلاصة، فربما فات شيء.",
            advice="قرّب بين الزيارات (every).",
        ),
        "channel": KindWords(
            label="لا توصل",
            opened="القناة {}: لا توصل الرسائل",
            closed="القناة {}: عادت توصل الرسائل",
            effect="unheard",
            means="التنبيهات المرسلة بهذا الطريق لا تصل.",
            advice="انظر السبب بالأمر marsad alert dead وجرّب القناة بالأمر marsad alert test",
        ),
        "queue": KindWords(
            label="إرسال متأخر",
            opened="إرسال التنبيهات متأخر",
            closed="عاد إرسال التنبيهات إلى موعده",
            effect="unheard",
            means="تنبيهات مستحقة لا يرسلها أحد، أو تتأخر.",
            advice="افحص النظام بالأمر marsad doctor",
        ),
        "schedule": KindWords(
            label="عمل متأخر",
            opened="مرصد يتأخر عن مواعيده: {}",
            closed="عاد مرصد إلى مواعيده: {}",
            means="ما يجب أن يتكرر في موعده يتأخر أو لا يُنجز: تتأخر الأخبار أو تفوت.",
            advice="افحص النظام بالأمر marsad doctor",
        ),
        "reader": KindWords(
            label="قراءة متعطلة",
            opened="عمليات القراءة متعطلة",
            closed="عادت عمليات القراءة تعمل",
            means="ما يُجلب لا يُقرأ، أو يتأخر، فلا تراه أي قاعدة.",
            advice="افحص النظام بالأمر marsad doctor",
        ),
        "network": KindWords(
            label="انقطاع",
            opened="الشبكة مقطوعة",
            closed="عادت الشبكة",
            means="لا يمكن بلوغ أي مصدر: الخلل من جهتنا.",
            advice="افحص الشبكة وخادم الأسماء (DNS).",
        ),
        "rule_silent": KindWords(
            label="قاعدة صامتة",
            opened="القاعدة {}: صمتت على غير عادتها",
            closed="القاعدة {}: عادت تطابق",
            effect="none",
            means="كانت تطابق بانتظام لأسابيع، ولم تطابق شيئًا منذ مدة أطول مما يفسره إيقاعها.",
            advice="جرّبها على ما هو محفوظ بالأمر marsad rule backtest وانظر الأعطال بالأمر marsad incident list",
        ),
        "rule_flooding": KindWords(
            label="قاعدة غزيرة",
            opened="القاعدة {}: تنبيهاتها أكثر بكثير من المعتاد",
            closed="القاعدة {}: عادت تنبيهاتها إلى المعتاد",
            effect="none",
            means="تطلق تنبيهات أكثر مما أطلقته يومًا: إما هي الأخبار نفسها، أو كلمة صارت في كل مكان.",
            advice="انظر أي الكلمات تحملها بالأمر marsad rule backtest وضيّقها إن لزم.",
        ),
        "rule_slow": KindWords(
            label="قاعدة بطيئة",
            opened="القاعدة {}: تعبيراتها بطيئة",
            closed="القاعدة {}: عادت سرعتها",
            effect="none",
            means="استغرقت تعبيراتها وقتًا أطول مما يُسمح به لقاعدة؛ ولم تتأخر القواعد الأخرى.",
            advice="اكتب كلمات بدل التعبيرات، أو تعبيرات أبسط.",
        ),
    },
)

_WORDINGS = {"en": _ENGLISH, "ar": _ARABIC}


def trouble_wording(lang: Lang) -> TroubleWording:
    """The words about incidents for this reader."""
    return _WORDINGS[lang]
