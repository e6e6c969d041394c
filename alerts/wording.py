"""What our messages say in the reader's language: English or Arabic."""

from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "ar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The fixed words of a message; {} holds a number or a name."""

    lang: Lang
    dir: str
    brand: str
    comma: str
    severities: dict[str, str]
    fields: dict[str, str]
    why: str
    concept: str
    term: str
    source: str
    tier: str
    country: str
    published: str
    first_seen: str
    where: str
    link: str
    rule: str
    score: str
    more_outlets: str
    more_words: str
    more_articles: str
    other_rules: str
    several: str
    first_look: str
    first_look_one: str
    rules_many: str
    sources_many: str
    first_look_note: str
    listed: str
    late: str
    footer: str


ENGLISH = Wording(
    lang="en",
    dir="ltr",
    brand="Marsad",
    comma=", ",
    severities={"low": "low", "medium": "medium", "high": "high", "critical": "critical"},
    fields={"title": "title", "lead": "summary", "body": "text"},
    why="Why you get this",
    concept="concept",
    term="term",
    source="Source",
    tier="tier {}",
    country="Country",
    published="Published",
    first_seen="First seen",
    where="Where",
    link="Link",
    rule="Rule",
    score="score {}",
    more_outlets="Also carried by: {} more",
    more_words="and {} more",
    more_articles="and {} more, all stored in Marsad",
    other_rules="{} + {} more",
    several="{} articles: {}",
    first_look="First look: {} articles match {} at {}",
    first_look_one="First look: {} article matches {} at {}",
    rules_many="{} rules",
    sources_many="{} sources",
    first_look_note="These were already there when Marsad first visited. New articles come one by one.",
    listed="{} articles",
    late="Attempt {}: this message has been owed since {}.",
    footer="Sent by your Marsad. It matched words, it did not judge: read the article before you act on it.",
)

ARABIC = Wording(
    lang="ar",
    dir="rtl",
    brand="مرصد",
    comma="، ",
    severities={"low": "منخفض", "medium": "متوسط", "high": "مرتفع", "critical": "حرج"},
    fields={"title": "العنوان", "lead": "الملخص", "body": "النص"},
    why="لماذا وصلك هذا التنبيه",
    concept="المفهوم",
    term="الكلمة",
    source="المصدر",
    tier="الفئة {}",
    country="البلد",
    published="تاريخ النشر",
    first_seen="أول رصد",
    where="المكان",
    link="الرابط",
    rule="القاعدة",
    score="الدرجة {}",
    more_outlets="نشرته أيضًا منافذ أخرى، عددها: {}",
    more_words="وغيرها: {}",
    more_articles="وغيرها محفوظ في مرصد، العدد: {}",
    other_rules="{} + {}",
    several="عدد المقالات {}: {}",
    first_look="نظرة أولى: مقالات تطابق {1} في {2}، عددها {0}",
    first_look_one="نظرة أولى: مقال يطابق {1} في {2}",
    rules_many="قواعد عددها {}",
    sources_many="مصادر عددها {}",
    first_look_note="كانت هذه المقالات منشورة قبل أول زيارة لمرصد. أما الجديد فيصلك مقالًا مقالًا.",
    listed="عدد المقالات: {}",
    late="المحاولة {}: هذه الرسالة مستحقة منذ {}.",
    footer="أرسله نظام مرصد الخاص بكم. لقد طابق كلمات ولم يصدر حكمًا: اقرأ المقال قبل أن تتصرف.",
)

_WORDINGS = {"en": ENGLISH, "ar": ARABIC}


def wording(lang: Lang) -> Wording:
    """The words for this reader."""
    return _WORDINGS[lang]
