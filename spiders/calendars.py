"""Days of the Persian and the Islamic calendar as Gregorian dates, by arithmetic."""

from datetime import date
from itertools import pairwise

_JALALI_BREAKS = (
    -61,
    9,
    38,
    199,
    426,
    686,
    756,
    818,
    1111,
    1181,
    1210,
    1635,
    2060,
    2097,
    2192,
    2262,
    2324,
    2394,
)
_HIJRI_EPOCH = date(622, 7, 19).toordinal()  # Friday 16 July 622, Julian: the civil reckoning


def jalali(year: int, month: int, day: int) -> date:
    """Iran's solar calendar by Borkowski's breaks, exact from 1210 to 1634; ValueError if no such day."""
    if not (1210 <= year < 1635 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        raise ValueError(f"no day {year}-{month}-{day} in the Persian calendar")
    start = _JALALI_BREAKS[10]
    leap, gregorian = -14, year + 621
    for earlier, later in pairwise(_JALALI_BREAKS[:11]):
        jump = later - earlier
        leap += jump // 33 * 8 + jump % 33 // 4
    since = year - start
    leap += since // 33 * 8 + (since % 33 + 3) // 4
    march = 20 + leap - (gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150)
    days = (month - 1) * 31 - month // 7 * (month - 7) + day - 1
    return date.fromordinal(date(gregorian, 3, march).toordinal() + days)


def hijri(year: int, month: int, day: int) -> date:
    """The tabular Islamic calendar: within a day of what moon or Umm al-Qura say; ValueError if no day."""
    if not (1300 <= year <= 1600 and 1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no day {year}-{month}-{day} in the Islamic calendar")
    before = (year - 1) * 354 + (3 + 11 * year) // 30 + (59 * (month - 1) + 1) // 2
    return date.fromordinal(_HIJRI_EPOCH + before + day - 1)
