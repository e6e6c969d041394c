"""Days of the Persian and the Islamic calendar as Gregorian dates, by arithmetic."""

from datetime import date
from itertools import pairwise

_JALALI_BREAKS = (
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394,
)  # fmt: skip
_HIJRI_EPOCH = date(622, 7, 19).toordinal()  # Friday 16 July 622, Julian: the civil reckoning
# The lengths of the months that Umm al-Qura published, as the hijridate project keeps them: three hexadecimal
# digits a year from 1400, a bit a month from Muharram, set when the month has 30 days.
_FIRST_YEAR, _FIRST_DAY = 1400, date(1979, 11, 20).toordinal()
_LONG_MONTHS = (
    "d4b52aa574ae97656cb55aaaa554ad95d2da5d9db2ba4b4aa552b5575b6abd2bc4b89a9552d5adb6a6d4dc9d92aa69562ae56d36"
    "ab55aaa94d49d95d2ba5b55aad55a9a92e26e55dada6d46a554ba9754eaae5acba9d92b2564bcab55ab556d2ea5e4aa9552daad3"
    "6c7596d269552da5b4ba9ba3b4b69b52aa64b696d2ec6d9eb2d54d2aa564ae96dd6ab54b29a9352ba57536ab56aae93"
)


def _first_days() -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    day = _FIRST_DAY
    for at in range(0, len(_LONG_MONTHS), 3):
        long = int(_LONG_MONTHS[at : at + 3], 16)
        for month in range(12):
            found[_FIRST_YEAR + at // 3, month + 1] = day
            day += 29 + (long >> month & 1)
    return found


_UMM_AL_QURA = _first_days()


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
    """The Islamic calendar: Umm al-Qura's, which newspapers print, from 1400 to 1500, else by arithmetic.

    A country that looked for the moon itself may be a day off; ValueError if there is no such day.
    """
    if not (1300 <= year <= 1600 and 1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no day {year}-{month}-{day} in the Islamic calendar")
    if (year, month) in _UMM_AL_QURA:
        return date.fromordinal(_UMM_AL_QURA[year, month] + day - 1)
    before = (year - 1) * 354 + (3 + 11 * year) // 30 + (59 * (month - 1) + 1) // 2
    return date.fromordinal(_HIJRI_EPOCH + before + day - 1)
