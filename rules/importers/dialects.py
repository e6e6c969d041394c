"""The boolean dialects: what each field of Google, FreshRSS, Talkwalker and Meltwater is called here."""

import re

from rules.dates import parse_dates
from rules.importers.boolean import Dialect, FieldOf
from rules.importers.pieces import Piece, in_text, regex, within
from rules.query import QueryError

Carried = tuple[Piece | None, str | None]
_DATE = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:T.*)?")


def _in(field: str) -> FieldOf:
    return lambda piece, _: (within(field, piece), None)


def _text_only(piece: Piece, _: str) -> Carried:
    return in_text(piece), None


def _anywhere(piece: Piece, _: str) -> Carried:
    return piece, None


def _code(field: str) -> FieldOf:
    def become(_: Piece, raw: str) -> Carried:
        values = re.findall(r"[\w-]+", raw)
        codes = [Piece(f"{field}:{value.lower()}") for value in values if value != "OR"]
        return (
            (codes[0], None) if len(codes) == 1 else (Piece(f"({' OR '.join(c.text for c in codes)})"), None)
        )

    return become


def _site(_: Piece, raw: str) -> Carried:
    """An address of this site, or of one below it."""
    site = re.sub(r"^https?://", "", raw.strip("\"“”' ")).rstrip("/")
    host, slash, path = site.removeprefix("*.").partition("/")
    rest = f"/{re.escape(path)}" if slash else r"(?:[:/?#]|$)"
    return within("url", regex(rf"^https?://(?:[^/?#]*\.)?{re.escape(host)}{rest}")), None


def _part_of_url(_: Piece, raw: str) -> Carried:
    return within("url", regex(raw[1:-1] if raw.startswith("/") else re.escape(raw.strip("\"“”' ")))), None


def _labels(piece: Piece, raw: str) -> Carried:
    return within("tag", piece), f"label:{raw} became tag: here labels are the tags of articles and sources"


def _since(sign: str) -> FieldOf:
    def become(_: Piece, raw: str) -> Carried:
        return _dates(f"{sign}{_day(raw)}"), None

    return become


def _interval(_: Piece, raw: str) -> Carried:
    """FreshRSS: 2026-03, 2026-03/2026-05, 2026-03/, /2026-05; durations before now have no fixed dates."""
    said = raw.replace("--", "/")
    start, slash, end = said.partition("/")
    if "P" in said.upper():
        return None, (
            f"date:{raw} is left out: a time before now is no date; rules see articles as they come, and "
            "marsad search --days looks back"
        )
    if not slash:
        return _dates(_day(start)), None
    if start and end and len(end) < 4:
        end = f"{start[: -len(end)]}{end}"
    return _dates(f"{_day(start) if start else ''}..{_day(end) if end else ''}"), None


def _day(raw: str) -> str:
    match = _DATE.fullmatch(raw.strip("\"“”' "))
    if match is None:
        raise QueryError(f"{raw!r} is no date", 1, "write 2026-11-05")
    return "-".join(part for part in match.groups() if part)


def _dates(text: str) -> Piece:
    parse_dates(text, 1)
    return Piece(f"date:{text}")


def _noted(become: FieldOf, said: str) -> FieldOf:
    return lambda piece, raw: (become(piece, raw)[0], said)


GOOGLE = Dialect(
    fields={
        "intitle": _in("title"), "allintitle": _in("title"), "intext": _text_only, "allintext": _text_only,
        "inurl": _part_of_url, "allinurl": _part_of_url, "site": _site, "source": _in("source"),
        "after": _since(">="), "before": _since("<"), "author": _in("author"), "inauthor": _in("author"),
        "location": _noted(_anywhere, "location: became words of the text: use place: for places of Iraq"),
    },
    or_binds_first=True,
    star_is_words=True,
)  # fmt: skip
FRESHRSS = Dialect(
    fields={
        "intitle": _in("title"), "intext": _text_only, "author": _in("author"), "inurl": _part_of_url,
        "label": _labels, "labels": _labels, "date": _interval, "pubdate": _interval,
    },
    minus="-!",
    quotes="\"'“”„«",
    regexes=True,
    hash_tags=True,
    plain_fields=frozenset({"date", "pubdate"}),
)  # fmt: skip
TALKWALKER = Dialect(
    fields={
        "title": _in("title"), "content": _text_only, "lang": _code("lang"), "sourcecountry": _code("country"),
        "sourcegeo": _code("country"), "site": _site, "url": _part_of_url, "author": _in("author"),
        "author_name": _in("author"), "sourcename": _in("source"), "host_url": _site, "domain_url": _site,
    },
    plus_is_literal=True,
)  # fmt: skip
MELTWATER = Dialect(
    fields={
        "title": _in("title"), "ingress": _in("lead"), "body": _in("body"), "inurl": _part_of_url, "url": _part_of_url,
        "author": _in("author"), "language": _code("lang"), "lang": _code("lang"), "country": _code("country"),
        "source": _in("source"), "sourcename": _in("source"), "site": _site, "hashtag": _in("tag"),
    },
    operators_any_case=True,
    braces=True,
    joins_words="words side by side without an operator became AND",
)  # fmt: skip
DIALECTS: dict[str, Dialect] = {
    "google-alerts": GOOGLE,
    "freshrss": FRESHRSS,
    "talkwalker": TALKWALKER,
    "meltwater": MELTWATER,
}
