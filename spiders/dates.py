"""Dates as publishers write them, to aware UTC: many languages, three calendars, and "21 minutes ago"."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from spiders import calendars
from spiders.ago import ago
from spiders.months import MONTHS, fold
from spiders.zones import zone_named

EARLIEST_YEAR = 1990
FUTURE = timedelta(days=2)  # a clock or a zone may be wrong by a day; a year ahead is a lie
MOST_CHARS = 200
_CLOCK = r"(?:(?<![\d.:])(\d{1,2})[:.h](\d{1,2})(?::(\d{1,2})(?:[.,]\d{1,9})?)?(?![\d.]))"
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:[t ]|,\s)\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*"
    r"(z|[a-z]{2,5}|(?:gmt|utc)?[+-]\d{1,2}:?\d{0,2})?$"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})(?:[-/]|\.\s?)(\d{1,2})(?:[-/]|\.\s?)(\d{1,4})(?!\d)")
_NAMES = "|".join(sorted((re.escape(name).replace(r"\ ", r"\s+") for name in MONTHS), key=len, reverse=True))
# endings of days and months in Kurdish: 22ی تشرینی دووەمی 2026, 22ê Mijdara 2026an
_DAY_FIRST = re.compile(
    rf"(?<![\d:])(\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ي|['’]?y?ê|emîn)?[\s,/-]*(?:de\s+)?(?<!\w)({_NAMES})(?:ي|ê|a)?\.?(?!\w)"
    r"[\s,/-]*(?:de\s+)?(\d{2,4})(?![\d:])"
)
_DAY_ALONE = re.compile(
    rf"(?<![\d:./-])(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+({_NAMES})\.?(?!\w)(?!\s+\d{{2,4}}(?![\d:]))"
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)({_NAMES})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?:.{{0,20}}?\s)?(\d{{4}})(?!\d)"
)
_HALF = r"[ap]\.?m\b\.?|[صم]\b|مساء|صباحا|ظهرا|عصرا|ليلا|فجرا|[قب]\.ظ|[دپ]\.ن"
_TIME = re.compile(rf"(?:(?<!\w)([ap]m)\s+)?{_CLOCK}\s*({_HALF})?")
_CLOCK_ALONE = re.compile(rf"(?:[ap]m\s+)?\d{{1,2}}[:.]\d{{2}}(?::\d{{2}})?\s*(?:{_HALF})?\s*([a-z]{{2,5}})?")
_AFTER_NOON = {"pm", "م", "مساء", "ظهرا", "عصرا", "بظ", "دن"}
_BEFORE_NOON = {"am", "ص", "صباحا", "فجرا", "قظ", "پن"}
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d{1,9})?")  # 2001 to 2033
_NIGHTFALL = 6
_CLOCK_ERROR = timedelta(minutes=10)
_LONGEST_YEARLESS = timedelta(days=300)
_ZONE = re.compile(
    r"(?:(?:gmt|utc)\s*)?([+-])(\d{1,2}):?(\d{2})?\s*(?:\(.*\))?$|\b(z|[a-z]{2,5})\s*(?:\(.*\))?$"
)
# RFC 822 and the names newsrooms use; an unknown or ambiguous one (IST, CST) means the source's own zone
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "mez": 1, "west": 1, "cest": 2, "mesz": 2,
    "eet": 2, "sast": 2, "eest": 3, "msk": 3, "trt": 3, "tsi": 3, "ast": 3, "gst": 4, "pkt": 5, "wib": 7,
    "wita": 8, "wit": 9, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip


def read_date(raw: str | None, *, now: datetime, zone: tzinfo = UTC) -> datetime | None:
    """The moment `raw` names, in UTC; `zone` is used when it names none. None if not to be believed."""
    if not raw or len(raw) > MOST_CHARS:
        return None
    text, named = zone_named(" ".join(fold(raw).split()))
    zone = named or zone
    try:
        found = (
            _iso(text, zone)
            or _written(text, zone)
            or ago(text, now=now.astimezone(zone))
            or _numeric(text, zone)
            or _yearless(text, zone, now)
        )
        return believable(found.astimezone(UTC), now=now) if found else None
    except (ValueError, OverflowError):
        return None


def read_clock(raw: str | None, *, now: datetime, zone: tzinfo | None) -> datetime | None:
    """The last moment at which a clock showed "14:20": without the day, and only where the zone is known."""
    text, named = zone_named(" ".join(fold(raw or "")[:MOST_CHARS].split()))
    found = _CLOCK_ALONE.fullmatch(text)
    zone = named or (_offset(found.group(1), zone or UTC) if found and found.group(1) in _HOURS else zone)
    if not found or zone is None:
        return None
    today = now.astimezone(zone)
    try:
        moment = _moment((today.year, today.month, today.day), _time(text), zone)
    except ValueError:
        return None
    return (moment if moment <= now + _CLOCK_ERROR else moment - timedelta(days=1)).astimezone(UTC)


def read_epoch(raw: str | None, *, now: datetime) -> datetime | None:
    """Seconds or milliseconds since 1970, as data on a page count them."""
    if not raw or not _EPOCH.fullmatch(raw.strip()):
        return None
    seconds = float(raw.strip()[:10])
    return believable(datetime.fromtimestamp(seconds, UTC), now=now)


def believable(moment: datetime, *, now: datetime) -> datetime | None:
    """The moment itself, unless it lies before there was news on the web or beyond the day after tomorrow."""
    return moment if moment.year >= EARLIEST_YEAR and moment <= now + FUTURE else None


def _iso(text: str, zone: tzinfo) -> datetime | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    return _moment((int(year), int(month), int(day)), _clock(hour, minute, second), _offset(offset, zone))


def _written(text: str, zone: tzinfo) -> datetime | None:
    """A date with the month in words: 28 Jul 2022, July 28, 2022, ٢٨ تموز ٢٠٢٢, 15 رمضان 1445."""
    if found := _DAY_FIRST.search(text):
        day, name, year = found.groups()
    elif found := _MONTH_FIRST.search(text):
        name, day, year = found.groups()
    else:
        return None
    calendar, month = MONTHS[" ".join(name.split())]
    whole = int(year) if len(year) > 2 else _century(int(year))
    rest = f"{text[: found.start()]} {text[found.end() :]}" if found.re is _DAY_FIRST else text
    return _moment(_day(calendar, whole, month, int(day)), _time(rest), _zone(rest, zone))


def _numeric(text: str, zone: tzinfo) -> datetime | None:
    """1403/05/12, 12-05-1445, 28.07.2022: the four-digit end is the year, and its size tells the calendar."""
    found = _NUMERIC.search(text)
    if not found:
        return None
    first, month, last = found.groups()
    year, day = (first, last) if len(first) == 4 else (last, first)
    numbers = (int(year) if len(year) == 4 else _century(int(year)), int(month), int(day))
    if numbers[1] > 12 >= numbers[2]:  # 07/28/2022
        numbers = (numbers[0], numbers[2], numbers[1])
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return _moment(_day(_calendar_of(numbers[0]), *numbers), _time(rest), _zone(rest, zone))


def _yearless(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """22 November, 14:20: the last one there was, if that is less than ten months ago."""
    found = _DAY_ALONE.search(text)
    calendar, month = MONTHS[" ".join(found.group(2).split())] if found else ("", 0)
    if not found or calendar != "gregorian":
        return None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    clock, offset, today = _time(rest), _zone(rest, zone), now.astimezone(zone)
    moment = _moment((today.year, month, int(found.group(1))), clock, offset)
    if moment > now + FUTURE:
        moment = _moment((today.year - 1, month, int(found.group(1))), clock, offset)
    return moment if moment > now - _LONGEST_YEARLESS else None


def _calendar_of(year: int) -> str:
    """News is younger than 1990: 1369 to 1415 can only be Persian years, 1416 to 1500 only Islamic ones."""
    if 1369 <= year <= 1415:
        return "jalali"
    return "hijri" if 1416 <= year <= 1500 else "gregorian"


def _day(calendar: str, year: int, month: int, day: int) -> tuple[int, int, int]:
    if calendar == "gregorian":
        return year, month, day
    found = calendars.jalali(year, month, day) if calendar == "jalali" else calendars.hijri(year, month, day)
    return found.year, found.month, found.day


def _moment(day: tuple[int, int, int], clock: tuple[int, int, int], zone: tzinfo) -> datetime:
    hour, minute, second = clock
    whole = datetime(*day, tzinfo=zone)
    if hour > 24 or minute > 59:
        raise ValueError(f"no time {hour}:{minute}")
    if hour == 24:  # ISO 8601 allows it for midnight at the end of a day
        return whole + timedelta(days=1, minutes=minute)
    return whole.replace(hour=hour, minute=minute, second=min(second, 59))


def _clock(hour: str | None, minute: str | None, second: str | None) -> tuple[int, int, int]:
    return int(hour or 0), int(minute or 0), int(second or 0)


def _time(text: str) -> tuple[int, int, int]:
    found = _TIME.search(text)
    if not found:
        return 0, 0, 0
    hour, minute, second = _clock(*found.groups()[1:4])
    half = (found.group(5) or found.group(1) or "").replace(".", "")
    if hour < 12 and (half in _AFTER_NOON or (half == "ليلا" and hour >= _NIGHTFALL)):
        hour += 12
    elif hour == 12 and half in (*_BEFORE_NOON, "ليلا"):
        hour = 0
    return hour, minute, second


def _zone(text: str, zone: tzinfo) -> tzinfo:
    found = _ZONE.search(text.strip())
    return _offset(found.group().partition("(")[0].strip(), zone) if found else zone


def _offset(name: str | None, zone: tzinfo) -> tzinfo:
    if not name:
        return zone
    digits = re.fullmatch(r"(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?", name)
    if not digits:
        return timezone(timedelta(hours=_HOURS[name])) if name in _HOURS else zone
    sign, hours, minutes = digits.groups()
    shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if shift > timedelta(hours=14):  # +9999: nobody lives there
        return zone
    return timezone(-shift if sign == "-" else shift)


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)
