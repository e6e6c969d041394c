"""The feeds of the bench: made up from a seed, the same in every run, in English, Arabic and Indonesian."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

SEED = 20261122
ENTRIES = 20
ALERTING = 40  # one entry in so many is about what the pack's rules watch
TITLE_WORDS, LEAD_WORDS = 9, 45
AGE = timedelta(days=2)  # older than breaking news: a first look at it is told in a summary

WORDS = {
    "en": """minister budget water river harvest school hospital market council court road bridge power
        station company bank trade oil price report week month city village farmers teachers students
        parliament election vote committee agreement neighbours border visit talks delegation weather
        summer rain festival museum library concert match league players coach stadium airport flight
        investment project contract engineers workers factory export import currency salary pension
        the a of in on for with after before during while said announced expects plans will new old
        local national regional first second last public private""",
    "ar": """الوزير الموازنة المياه النهر الموسم المدرسة المستشفى السوق المجلس المحكمة الطريق الجسر
        الكهرباء المحطة الشركة المصرف التجارة النفط السعر التقرير الأسبوع الشهر المدينة القرية المزارعون
        المعلمون الطلاب البرلمان التصويت اللجنة الاتفاق الجيران الزيارة المحادثات الوفد الطقس الصيف
        المطر المهرجان المتحف المكتبة المباراة الدوري اللاعبون المدرب الملعب المطار الرحلة الاستثمار
        المشروع العقد المهندسون العمال المصنع العملة الراتب في من على إلى عن مع بعد قبل خلال قال أعلن
        يتوقع الجديد القديم المحلي الوطني الأول الثاني الأخير العام الخاص""",
    "id": """menteri anggaran air sungai panen sekolah rumah sakit pasar dewan pengadilan jalan jembatan
        listrik stasiun perusahaan bank perdagangan minyak harga laporan minggu bulan kota desa petani guru
        siswa parlemen pemungutan suara komite perjanjian tetangga kunjungan pembicaraan delegasi cuaca
        kemarau hujan festival museum perpustakaan konser pertandingan liga pemain pelatih stadion bandara
        penerbangan investasi proyek kontrak insinyur pekerja pabrik ekspor impor gaji pensiun yang di ke
        dari untuk dengan setelah sebelum selama kata mengumumkan akan baru lama lokal nasional pertama
        kedua terakhir umum swasta""",
}
ALARMS = {
    "en": "armed militia opened fire on protesters in Basra, police in Iraq said",
    "ar": "مسلحون من الميليشيات أطلقوا النار على المتظاهرين في البصرة جنوب العراق",
    "id": "milisi bersenjata menembaki pengunjuk rasa di Basra, Irak",
}
LANGUAGES = tuple(WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One entry of a feed."""

    title: str
    lead: str
    published: datetime


def language_of(number: int) -> str:
    """The language that feed `number` is written in."""
    return LANGUAGES[number % len(LANGUAGES)]


def stories(number: int, *, now: datetime) -> list[Story]:
    """The entries of feed `number`, newest first."""
    lang = language_of(number)
    rng = random.Random(f"{SEED}-{number}")
    words = WORDS[lang].split()
    return [_story(rng, words, lang, published=now - AGE - timedelta(minutes=7 * i)) for i in range(ENTRIES)]


def breaking(number: int, *, place: int, now: datetime) -> Story:
    """One more entry for feed `number`, that rules of the pack match; each is a story of its own."""
    lang = language_of(number)
    rng = random.Random(f"{SEED}-breaking-{place}")
    words = " ".join(rng.choices(WORDS[lang].split(), k=TITLE_WORDS))
    return Story(title=f"{words} {place + 1000}: {ALARMS[lang]}", lead=ALARMS[lang], published=now)


def article(rng: random.Random, lang: str, *, words: int) -> str:
    """Running text of so many words."""
    return " ".join(rng.choices(WORDS[lang].split(), k=words))


def as_rss(number: int, entries: Sequence[Story], *, home: str) -> bytes:
    """The feed as RSS 2.0 in UTF-8."""
    items = "\n".join(_item(story, f"{home}/{number}") for story in entries)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Paper {number}</title>'
        f"<link>{home}/</link><description>Paper {number} of the bench</description>"
        f"<language>{language_of(number)}</language>\n{items}\n</channel></rss>\n"
    ).encode()


def _story(rng: random.Random, words: Sequence[str], lang: str, *, published: datetime) -> Story:
    title = " ".join(rng.choices(words, k=TITLE_WORDS))
    lead = " ".join(rng.choices(words, k=LEAD_WORDS))
    if rng.randrange(ALERTING) == 0:
        lead = f"{lead}. {ALARMS[lang]}"
    return Story(title=title, lead=lead, published=published)


def _item(story: Story, home: str) -> str:
    link = f"{home}/{story.published.astimezone(UTC):%Y%m%d%H%M%S%f}"
    return (
        f"<item><title>{escape(story.title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{format_datetime(story.published)}</pubDate>"
        f"<description>{escape(story.lead)}</description></item>"
    )
