"""What our messages say of spikes, high counts and absences, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.notice import VolumeKind
from alerts.wording import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """A counted noun in the forms that CLDR tells apart; {} holds the number."""

    one: str
    two: str
    few: str
    many: str
    other: str

    def of(self, number: int) -> str:
        """The noun with its number; Arabic counts by the last two digits."""
        last = number % 100
        form = self.one if number == 1 else self.two if number == 2 else self.other
        if 3 <= last <= 10:
            form = self.few
        elif last >= 11:
            form = self.many
        return form.format(number)


def _english(one: str, other: str) -> Forms:
    return Forms(one=one, two=other, few=other, many=other, other=other)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeWording:
    """The fixed words of a message about volume; {} holds a number, a name, a span or a time."""

    kinds: Mapping[VolumeKind, str]
    stories: Forms
    minutes: Forms
    hours: Forms
    days: Forms
    within: str
    usually: str
    weekdays: tuple[str, ...]
    days_short: tuple[str, ...]
    this_time: str
    silent: str
    doubled: str
    alerts_at: str
    by_language: str
    history: str
    not_watched: str
    top: str
    outlets: Forms
    first_seen: str
    blind: str
    blind_more: str
    query: str
    in_language: str
    footer: str


_ENGLISH = VolumeWording(
    kinds={"spike": "spike", "count": "many stories", "absence": "silence"},
    stories=_english("1 story", "{} stories"),
    minutes=_english("1 min", "{} min"),
    hours=_english("1 h", "{} h"),
    days=_english("1 day", "{} days"),
    within="{} in {}",
    usually="{}, usually {}",
    weekdays=("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    days_short=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    this_time="at this time of the week",
    silent="nothing for {}, since {}",
    doubled="It has doubled: you were told of {} before.",
    alerts_at="The rule alerts from {} on.",
    by_language="By language",
    history="{} each, up to now",
    not_watched="not watched",
    top="The stories that most outlets carry",
    outlets=_english("1 outlet", "{} outlets"),
    first_seen="first seen {}",
    blind="{} of {} sources of this rule do not answer now: {}",
    blind_more="and {} more",
    query="The rule counts",
    in_language="{} ({})",
    footer="Sent by your Marsad. Copies of a story count once; it counted words, it did not judge.",
)

_ARABIC = VolumeWording(
    kinds={"spike": "طفرة", "count": "أخبار كثيرة", "absence": "انقطاع"},
    stories=Forms(one="خبر واحد", two="خبران", few="{} أخبار", many="{} خبرًا", other="{} خبر"),
    minutes=Forms(one="دقيقة", two="دقيقتين", few="{} دقائق", many="{} دقيقة", other="{} دقيقة"),
    hours=Forms(one="ساعة", two="ساعتين", few="{} ساعات", many="{} ساعة", other="{} ساعة"),
    days=Forms(one="يوم", two="يومين", few="{} أيام", many="{} يومًا", other="{} يوم"),
    within="{} خلال {}",
    usually="{}، والمعتاد {}",
    weekdays=(
        "أيام الإثنين",
        "أيام الثلاثاء",
        "أيام الأربعاء",
        "أيام الخميس",
        "أيام الجمعة",
        "أيام السبت",
        "أيام الأحد",
    ),
    days_short=("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    this_time="في مثل هذا الوقت من الأسبوع",
    silent="لا أخبار خلال {}، منذ {}",
    doubled="تضاعف العدد: أُبلغتم سابقًا بما يساوي {}.",
    alerts_at="تنبّه القاعدة ابتداءً من {}.",
    by_language="حسب اللغة",
    history="لكل {} حتى الآن",
    not_watched="لم يُرصد",
    top="الأخبار التي نشرها أكبر عدد من المنافذ",
    outlets=Forms(one="منفذ واحد", two="منفذان", few="{} منافذ", many="{} منفذًا", other="{} منفذ"),
    first_seen="أول رصد {}",
    blind="مصادر هذه القاعدة التي لا تجيب الآن: {} من {}: {}",
    blind_more="وغيرها: {}",
    query="ما تعدّه القاعدة",
    in_language="{} ({})",
    footer="أرسله نظام مرصد الخاص بكم. تُعدّ نسخ الخبر الواحد مرة واحدة؛ لقد عدّ كلمات ولم يصدر حكمًا.",
)

_WORDINGS = {"en": _ENGLISH, "ar": _ARABIC}


def volume_wording(lang: Lang) -> VolumeWording:
    """The words for this reader."""
    return _WORDINGS[lang]
