"""Whose clock a time without an offset is on: "Baghdad time" in the text, else the country in the address."""

import re
from datetime import tzinfo
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from spiders.months import fold

# as newsrooms write them, in the languages we read; a city stands for its country
_PLACES = {
    "Asia/Baghdad": "بغداد|العراق|العاصمة بغداد|أربيل|اربيل|بەغدا|بەغداد|هەولێر|عێراق|"
    "baghdad|iraq|erbil|bexda|bexdayê|hewlêr|hewlêrê|bağdat|irak",
    "Asia/Dubai": "أبوظبي|أبو ظبي|ابوظبي|دبي|الإمارات|ابو ظبی|دبی|امارات|abu dhabi|dubai|uae|gulf standard",
    "Asia/Riyadh": "السعودية|الرياض|مكة|مكة المكرمة|riyadh|saudi|mecca|makkah|مکه",
    "Asia/Qatar": "الدوحة|قطر|doha|qatar",
    "Asia/Kuwait": "الكويت|kuwait",
    "Asia/Bahrain": "المنامة|البحرين|manama|bahrain",
    "Asia/Damascus": "دمشق|سوريا|damascus",
    "Asia/Beirut": "بيروت|لبنان|beirut",
    "Asia/Amman": "عمان|عمّان|الأردن|amman",
    "Asia/Jerusalem": "القدس|القدس المحتلة|فلسطين|غزة|jerusalem",
    "Africa/Cairo": "القاهرة|مصر|cairo",
    "Asia/Tehran": "طهران|إيران|تهران|ایران|tehran|iran",
    "Europe/Istanbul": "إسطنبول|اسطنبول|أنقرة|تركيا|istanbul|ankara|türkiye|turkey",
    "Asia/Jakarta": "جاكرتا|jakarta|indonesia bagian barat|indonesia barat",
    "Asia/Makassar": "indonesia bagian tengah|indonesia tengah",
    "Asia/Jayapura": "indonesia bagian timur|indonesia timur",
    "Asia/Kuala_Lumpur": "malaysia|kuala lumpur",
    "Europe/London": "لندن|london|uk|british",
    "Europe/Moscow": "موسكو|moscow|مسکو",
    "Europe/Berlin": "برلين|berlin",
    "Europe/Paris": "باريس|paris",
    "America/New_York": "واشنطن|نيويورك|washington|new york|eastern|واشنگتن",
    "UTC": "غرينتش|جرينتش|غرينيتش|غرينتش الموحد|العالمي|گرینویچ|گرینیچ|greenwich|universal|coordinated universal",
}  # fmt: skip
# countries with one clock, and those whose newsrooms write by one
_COUNTRIES = {
    "iq": "Asia/Baghdad", "krd": "Asia/Baghdad", "ir": "Asia/Tehran", "tr": "Europe/Istanbul", "sa":
    "Asia/Riyadh", "ae": "Asia/Dubai", "qa": "Asia/Qatar", "kw": "Asia/Kuwait", "bh": "Asia/Bahrain", "om":
    "Asia/Muscat", "ye": "Asia/Aden", "sy": "Asia/Damascus", "lb": "Asia/Beirut", "jo": "Asia/Amman", "il":
    "Asia/Jerusalem", "ps": "Asia/Gaza", "eg": "Africa/Cairo", "id": "Asia/Jakarta", "my": "Asia/Kuala_Lumpur",
    "pk": "Asia/Karachi", "in": "Asia/Kolkata", "az": "Asia/Baku", "am": "Asia/Yerevan", "uk": "Europe/London",
    "de": "Europe/Berlin", "fr": "Europe/Paris", "it": "Europe/Rome", "nl": "Europe/Amsterdam", "se":
    "Europe/Stockholm",
}  # fmt: skip
_OF_PLACE = {fold(name): zone for zone, names in _PLACES.items() for name in names.split("|")}
_PLACE = "|".join(
    sorted((re.escape(name).replace(r"\ ", r"\s+") for name in _OF_PLACE), key=len, reverse=True)
)
_BEFORE = "|".join(
    map(fold, ("بتوقيت", "توقيت", "بالتوقيت", "به وقت", "وقت", "بە کاتی", "کاتی", "bi dema", "waktu"))
)
_AFTER = "|".join(
    map(fold, ("time", "local time", "standard time", "saatiyle", "saati", "saati ile", "vaqti"))
)
_NAMED = re.compile(
    rf"\(?(?<!\w)(?:(?:{_BEFORE})\s+(?:مدينه\s+|مدينة\s+)?({_PLACE})|({_PLACE})\s+(?:{_AFTER}))(?!\w)\)?"
)


def zone_named(text: str) -> tuple[str, tzinfo | None]:
    """The folded text without the words that name a clock ("بتوقيت بغداد", "Baghdad time"), and that clock."""
    found = _NAMED.search(text)
    if not found:
        return text, None
    place = " ".join((found.group(1) or found.group(2)).split())
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split()), _zone(_OF_PLACE[place])


def zone_of(url: str) -> tzinfo | None:
    """The clock of the country that the address ends with, where a country has one."""
    try:
        country = (urlsplit(url).hostname or "").rpartition(".")[2]
    except ValueError:
        return None
    return _zone(_COUNTRIES[country]) if country in _COUNTRIES else None


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)
