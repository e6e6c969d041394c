"""Relative times as news sites print them: "21 minutes ago", قبل ساعتين, 2 jam yang lalu, beş dakika önce."""
# ruff: noqa: E501 - a table reads best with one unit a line

import re
from datetime import UTC, datetime, timedelta

from spiders.months import fold

_SECOND, _MINUTE, _HOUR, _DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
_WEEK, _MONTH, _YEAR = 7 * _DAY, 30 * _DAY, 365 * _DAY
_UNITS = {
    _SECOND: "second|seconds|sec|secs|s|ثانية|ثواني|ثوان|ثانيه|detik|saat2|saniye|ثانیه|چرکە|saniyeyan|saniye|secondes|segundos",
    _MINUTE: "minute|minutes|min|mins|m|دقيقة|دقائق|دقايق|menit|minit|dakika|dk|دقیقه|خولەک|deqe|xulek|минут|minuten|minutos",
    _HOUR: "hour|hours|hr|hrs|h|ساعة|ساعات|jam|saat|ساعت|کاتژمێر|saetan|saet|heures|stunden|horas",
    _DAY: "day|days|d|يوم|يوما|أيام|ايام|hari|gün|روز|ڕۆژ|roj|rojan|jours|tagen|días",
    _WEEK: "week|weeks|wk|w|أسبوع|أسبوعا|أسابيع|minggu|pekan|hafta|هفته|هەفتە|hefte|semaines|wochen",
    _MONTH: "month|months|شهر|شهرا|أشهر|شهور|bulan|ay|ماه|مانگ|meh|mois",
    _YEAR: "year|years|سنة|سنوات|سنين|عام|عاما|أعوام|tahun|yıl|سال|ساڵ|sal|ans",
}
# Arabic has a form for two of each
_DUALS = {
    "ثانيتين": 2 * _SECOND, "دقيقتين": 2 * _MINUTE, "ساعتين": 2 * _HOUR, "يومين": 2 * _DAY, "أسبوعين": 2 * _WEEK,
    "شهرين": 2 * _MONTH, "عامين": 2 * _YEAR, "سنتين": 2 * _YEAR,
}  # fmt: skip
_WORDS = {
    "just now": 0 * _DAY, "now": 0 * _DAY, "الآن": 0 * _DAY, "baru saja": 0 * _DAY, "şimdi": 0 * _DAY, "az önce": 0 * _DAY,
    "today": 0 * _DAY, "اليوم": 0 * _DAY, "hari ini": 0 * _DAY, "bugün": 0 * _DAY, "امروز": 0 * _DAY, "ئەمڕۆ": 0 * _DAY,
    "yesterday": _DAY, "أمس": _DAY, "يوم أمس": _DAY, "kemarin": _DAY, "semalam": _DAY, "dün": _DAY, "دیروز": _DAY,
    "دوێنێ": _DAY, "أول أمس": 2 * _DAY,
}  # fmt: skip
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_ONES = {"a", "an", "one", "نصف", "واحدة", "واحد", "se", "satu", "bir", "یک", "یەک"}
_OF_WORD = {fold(word): unit for unit, words in _UNITS.items() for word in words.split("|")}
_OF_DUAL = {fold(word): span for word, span in _DUALS.items()}
_OF_PHRASE = {fold(word): span for word, span in _WORDS.items()}
_SPAN = "|".join(sorted(map(re.escape, _OF_WORD), key=len, reverse=True))
_DUAL = "|".join(map(re.escape, _OF_DUAL))
_COUNT = rf"(?:(\d{{1,4}}|{'|'.join(sorted(map(fold, _ONES), key=len, reverse=True))})\s*)?({_SPAN})"
_BEFORE, _AFTER = (
    r"(?:قبل|منذ|قبل نحو|قبل حوالي|since|il y a|vor|hace|پيش از)",
    (r"(?:ago|yang lalu|lalu|yang lepas|önce|پيش|قبل|لهمهوپيش|berê|berî niha)"),
)
_PATTERNS = (
    re.compile(rf"(?:^|\s){_BEFORE}\s+(?:{_COUNT}|({_DUAL}))(?!\w)"),
    re.compile(rf"(?<![\w:.]){_COUNT}(?:\s+and\s+\d+\s+\w+)?\s+{fold(_AFTER)}(?!\w)"),
)
_ALONE = re.compile(rf"^(\d{{1,3}})\s?({_SPAN})$")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)")


def ago(text: str, *, now: datetime) -> datetime | None:
    """The moment a folded phrase like "2 hours ago" names, seen from `now`; None if it is no such phrase."""
    for pattern in _PATTERNS:
        if found := pattern.search(text):
            return now - _span(*found.groups())
    if found := _ALONE.match(text):  # "21m", "3 ساعات"
        return now - _span(*found.groups())
    for phrase, span in _OF_PHRASE.items():
        if text == phrase or re.match(rf"{re.escape(phrase)}[\s,]+(?:at\s+)?\d{{1,2}}:\d{{2}}", text):
            return _at_clock(text, now - span)
    return None


def _span(count: str | None, unit: str | None, dual: str | None = None) -> timedelta:
    if dual:
        return _OF_DUAL[dual]
    return (int(count) if count and count.isdigit() else 1) * _OF_WORD[unit or ""]


def _at_clock(text: str, day: datetime) -> datetime:
    found = _CLOCK.search(text)
    if not found or int(found.group(1)) > 23 or int(found.group(2)) > 59:
        return day
    return day.replace(hour=int(found.group(1)), minute=int(found.group(2)), second=0, microsecond=0)


def is_ago(text: str) -> bool:
    """Whether a folded text tells a relative time."""
    return ago(text, now=_ANY) is not None
