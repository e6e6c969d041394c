"""Relative times as news sites print them: "21 minutes ago", قبل ساعتين, 2 jam yang lalu, beş dakika önce."""
# ruff: noqa: E501 - a table reads best with one unit a line

import re
from collections.abc import Iterable
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
    _SECOND: "second|seconds|sec|secs|s|ثانية|ثواني|ثوان|ثانيه|detik|saniye|ثانیه|چرکە|saniyeyan|çirke|secondes|sekunden|segundos",
    _MINUTE: "minute|minutes|min|mins|m|دقيقة|دقائق|دقايق|دقیقه|menit|minit|dakika|dk|dəqiqə|خولەک|خولەکان|دەقە|deqe|deqîqe|deqeyan|xulek|xulekan|منٹ|минут|минуты|минуту|minuten|minutos",
    _HOUR: "hour|hours|hr|hrs|h|ساعة|ساعات|jam|saat|ساعت|کاتژمێر|سەعات|saetan|saet|demjimêr|demjimêran|گھنٹے|گھنٹہ|час|часа|часов|heure|heures|stunde|stunden|hora|horas",
    _DAY: "day|days|d|يوم|يوما|أيام|ايام|hari|gün|روز|ڕۆژ|roj|rojan|دن|день|дня|дней|jour|jours|tag|tage|tagen|días|día",
    _WEEK: "week|weeks|wk|w|أسبوع|أسبوعا|أسابيع|minggu|pekan|hafta|həftə|هفته|هەفتە|hefte|hefteyan|ہفتے|semaine|semaines|woche|wochen",
    _MONTH: "month|months|شهر|شهرا|أشهر|شهور|bulan|ay|ماه|مانگ|meh|mehan|mois|monat|monaten",
    _YEAR: "year|years|سنة|سنوات|سنين|عام|عاما|أعوام|tahun|yıl|il|سال|ساڵ|sal|salan|ans|jahr|jahren",
}
# Arabic has a form for two of each
_DUALS = {
    "ثانيتين": 2 * _SECOND, "دقيقتين": 2 * _MINUTE, "ساعتين": 2 * _HOUR, "يومين": 2 * _DAY, "أسبوعين": 2 * _WEEK,
    "شهرين": 2 * _MONTH, "عامين": 2 * _YEAR, "سنتين": 2 * _YEAR, "دقيقتان": 2 * _MINUTE, "ساعتان": 2 * _HOUR, "يومان": 2 * _DAY,
}  # fmt: skip
_NUMBERS = {
    0.25: "ربع|çeyrek", 0.5: "نصف|half an|half a|yarım|setengah|نیم|نیو|nîv",
    1: "a|an|one|واحدة|واحد|se|satu|bir|یک|یەک|yek|une|un|einer|eine|una",
    2: "two|dua|iki|دو|دوو|du", 3: "three|tiga|üç|ثلاث|ثلاثة|سه|سێ|sê", 4: "four|empat|dört|أربع|أربعة|چهار|چوار|çar",
    5: "five|lima|beş|خمس|خمسة|پنج|پێنج|pênc", 6: "six|enam|altı|ست|ستة|شش|شەش|şeş", 7: "seven|tujuh|yedi|سبع|سبعة|هفت|حەوت|heft",
    8: "eight|delapan|sekiz|ثماني|ثمانية|هشت|هەشت|heşt", 9: "nine|sembilan|dokuz|تسع|تسعة|نه|نۆ|neh", 10: "ten|sepuluh|on|عشر|عشرة|ده|دە|deh",
}  # fmt: skip
_WORDS = {
    0: "just now|now|moments ago|seconds ago|a moment ago|الآن|قبل قليل|منذ قليل|قبل لحظات|منذ لحظات|للتو|baru saja|barusan|şimdi|az önce|biraz önce|"
       "لحظاتی پیش|دقایقی پیش|هم اکنون|ئێستا|پێش چەند چرکەیەک|niha|"
       "today|اليوم|hari ini|bugün|امروز|ئەمڕۆ|îro|aujourd'hui|heute|hoy|сегодня|آج",
    1: "yesterday|أمس|يوم أمس|البارحة|kemarin|semalam|dün|دیروز|دوێنێ|duh|hier|gestern|ayer|вчера",
    2: "أول أمس|أول من أمس|پریروز|pêr|evvelsi gün",
}  # fmt: skip
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_OF_WORD = {fold(word): unit for unit, words in _UNITS.items() for word in words.split("|")}
_OF_DUAL = {fold(word): span for word, span in _DUALS.items()}
_OF_NUMBER = {fold(word): number for number, words in _NUMBERS.items() for word in words.split("|")}
_OF_PHRASE = {fold(word): days * _DAY for days, words in _WORDS.items() for word in words.split("|")}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_SPAN, _DUAL = _any_of(_OF_WORD), _any_of(_OF_DUAL)
_COUNT = rf"\d{{1,4}}|(?<!\w)(?:{_any_of(_OF_NUMBER)})"
_ONE = r"(?:\s+(?:واحده|واحد))?"  # ساعة واحدة, "one hour"
_PART = rf"(?:(?:(?:{_COUNT})\s*)?(?:{_SPAN}){_ONE}|(?:{_DUAL}))(?!\w)"
_NEXT = rf"(?:\s*(?:and|و|,|ve|dan|û)?\s*(?:(?:{_COUNT})\s*(?:{_SPAN})|(?:{_DUAL}))(?!\w))?"
_ABOUT = r"(?:(?:نحو|حوالي|قرابه|اكثر من|about|around|over|sekitar|yaklasik|yaklaşik|حدود)\s+)?"
_BEFORE = "|".join(
    map(fold, ("قبل", "منذ", "since", "il y a", "vor", "hace", "پیش از", "پێش", "berî", "beriya", "acum"))
)
_AFTER = "|".join(
    map(fold, ("ago", "yang lalu", "lalu", "yang lepas", "lepas", "önce", "əvvəl", "پیش", "قبل", "مضت", "مضى", "لەمەوپێش", "لەمەوبەر", "پێش ئێستا",
               "پێش", "berê", "berî niha", "پہلے", "назад", "earlier"))
)  # fmt: skip
_PATTERNS = (
    re.compile(rf"(?:^|[\s|,(-]){_ABOUT}(?:{_BEFORE})\s+{_ABOUT}({_PART}{_NEXT})"),
    re.compile(rf"(?<![\w:.]){_ABOUT}({_PART}{_NEXT})\s+(?:{_AFTER})(?!\w)"),
)
_PIECE = re.compile(rf"(?:({_COUNT})\s*)?(?<![^\W\d_])({_SPAN})(?!\w)|({_DUAL})(?!\w)")
# "21m", "3 ساعات"; but "5 min" is how long a text takes to read
_ALONE = re.compile(
    rf"^\d{{1,3}}\s?(?:m|{_any_of({word: unit for word, unit in _OF_WORD.items() if unit >= _HOUR})})$"
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?!\d)\s*(pm|p\.m|م\b|مساء)?")
_PHRASE = re.compile(
    rf"(?:[^\W\d]+\s*,\s*)?({_any_of(_OF_PHRASE)})(?:[\s,|-]+(?:at|في|الساعه|saat|pukul|jam|ساعت|um|à|в|@)?[\s,|-]*\d{{1,2}}[:.]\d{{2}}.{{0,12}})?$"
)


def ago(text: str, *, now: datetime) -> datetime | None:
    """The moment a folded phrase like "2 hours ago" names, seen from `now`; None if it is no such phrase."""
    for pattern in _PATTERNS:
        if found := pattern.search(text):
            return now - _span(found.group(1))
    if _ALONE.match(text):
        return now - _span(text)
    if found := _PHRASE.match(text):
        return _at_clock(text, now - _OF_PHRASE[found.group(1)])
    return None


def is_ago(text: str) -> bool:
    """Whether a folded text tells a relative time."""
    return ago(text, now=_ANY) is not None


def _span(words: str) -> timedelta:
    """How long "2 hours and 5 minutes" is."""
    total = timedelta()
    for count, unit, dual in _PIECE.findall(words):
        number = float(count) if count.isdigit() else _OF_NUMBER.get(count, 1)
        total += _OF_DUAL[dual] if dual else number * _OF_WORD[unit]
    return total


def _at_clock(text: str, day: datetime) -> datetime:
    found = _CLOCK.search(text)
    if not found or int(found.group(1)) > 23 or int(found.group(2)) > 59:
        return day
    hour = int(found.group(1)) + (12 if found.group(3) and int(found.group(1)) < 12 else 0)
    return day.replace(hour=hour, minute=int(found.group(2)), second=0, microsecond=0)
