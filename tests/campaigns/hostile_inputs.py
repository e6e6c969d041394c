"""Hostile inputs without end, each from a seed: shapes drawn by hypothesis, and real feeds mutated."""

import bz2
import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"  # read where it is there, never copied
MOST_BYTES = 96 << 10  # of a seed: what is hostile here is the shape, the size has inputs of its own
SHAPES_AT_ONCE = 250

POISONS = (
    "\x00", "\ud800", "\udfff", "\ufffe", "\x1b[2J", "\u202e", "NaN", "Infinity", "-1e999", "infinity",
    "99999-12-31T25:61:61Z", "0000-00-00", "+999999999-01-01", "Sun, 30 Feb 2026 24:00:00 +9999", "1e400",
    "http://[::1", "javascript:alert(1)", "file:///etc/passwd", "http://127.0.0.1:0/", "http://a/" + "x" * 9000,
    "&lol9;", "&#0;", "&#xD800;", "&#99999999999;", "]]>", "<![CDATA[", "<!--", "-->", "<?xml ?>", "<!DOCTYPE x [",
    "=?utf-8?q?a=0D=0ABcc=3A_v?=", "{{7*7}}", "%s%n", "' OR 1=1 --", "\\u0000", "\\ud834", "\u0661\u0664\u0664\u0667",
)  # fmt: skip
TAGS = ("rss", "channel", "item", "entry", "feed", "title", "link", "guid", "id", "description", "content:encoded",
        "pubDate", "updated", "author", "category", "enclosure", "media:content", "html", "body", "div", "p", "a",
        "table", "td", "svg", "math", "script", "style", "template", "urlset", "url", "loc", "rdf:RDF")  # fmt: skip
KEYS = (
    "items",
    "title",
    "url",
    "id",
    "date_published",
    "content_html",
    "authors",
    "hubs",
    "tags",
    "next_url",
)
ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "utf-7",
    "cp1256",
    "iso8859-6",
    "cp037",
    "shift_jis",
    "gb18030",
)
DOCTYPES = (
    "",
    '<!DOCTYPE r [<!ENTITY lol "lol"><!ENTITY lol9 "&lol;&lol;&lol;">]>',
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    "<!DOCTYPE html>",
    "<!DOCTYPE r [<!ENTITY % a '<!ENTITY &#37; b SYSTEM \"http://127.0.0.1:9/\">'>%a;",
)
_text = st.one_of(
    st.sampled_from(POISONS), st.text(max_size=60), st.sampled_from(("مقتل عنصر في البصرة", "Basra"))
)


def _attribute(pair: tuple[str, str, int]) -> str:
    name, value, times = pair
    return f' {name}="{value * times}"'


_attributes = st.lists(
    st.tuples(
        st.sampled_from(("href", "xml:base", "class", "id", "type", "xmlns:a")),
        _text,
        st.sampled_from((1, 1, 900)),
    ),
    max_size=3,
).map(lambda pairs: "".join(map(_attribute, pairs)))


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def built(parts: tuple[str, str, list[str], str, int]) -> str:
        tag, attributes, children, ending, times = parts
        opened = f"<{tag}{attributes}>" + "".join(children)
        return opened[: MOST_BYTES // times] * times + ending.format(tag)  # times of times: never without end

    endings = st.sampled_from(("</{}>", "</{}>", "</{}>", "", "</x>", "<", "/>"))
    times = st.sampled_from((1, 1, 1, 1, 2, 300))
    return st.tuples(st.sampled_from(TAGS), _attributes, st.lists(inner, max_size=4), endings, times).map(
        built
    )


def _wrapped(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from((text, f"<![CDATA[{text}]]>", f"<!--{text}-->", f"<![CDATA[{text}", f"<!--{text}"))


_markup = st.recursive(_text.flatmap(_wrapped), _element, max_leaves=12)
_json = st.recursive(
    st.one_of(_text, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=15,
)


def _document(parts: tuple[str, str, str, str, str]) -> bytes:
    declared, real, doctype, root, body = parts
    text = f'<?xml version="1.0" encoding="{declared}"?>{doctype}<{root}>{body}</{root}>'
    return text[: MOST_BYTES // 4].encode(real, "replace")


_documents = st.tuples(
    st.sampled_from(ENCODINGS),
    st.sampled_from(ENCODINGS),
    st.sampled_from(DOCTYPES),
    st.sampled_from(TAGS),
    _markup,
).map(_document)
_json_feeds = _json.map(lambda value: json.dumps({"version": "1.1", "items": value}, allow_nan=True).encode())
_bodies = st.one_of(_documents, _documents, _json_feeds, st.binary(max_size=400))


def _packed(pair: tuple[bytes, int]) -> bytes:
    body, way = pair
    ways: tuple[Callable[[bytes], bytes], ...] = (
        gzip.compress,
        lambda b: gzip.compress(gzip.compress(b)),
        zlib.compress,
        bz2.compress,
        lambda b: gzip.compress(b)[:-9],
        lambda b: gzip.compress(b) + b"junk",
    )
    return ways[way](body) if way < len(ways) else body


SHAPES = st.tuples(_bodies, st.integers(min_value=0, max_value=40)).map(_packed)


def shapes(number: int, *, start: int) -> list[bytes]:
    """So many bodies drawn from SHAPES, the same for the same `start`."""
    drawn: list[bytes] = []

    @seed(start)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SHAPES)
    def draw(body: bytes) -> None:
        drawn.append(body)

    draw()
    return drawn


def seeds_of(*folders: str, suffixes: Sequence[str]) -> list[Path]:
    """The files of the corpora that can be mutated, in the same order everywhere."""
    return sorted(
        path
        for folder in folders
        for path in (CORPORA / folder).rglob("*")
        if path.is_file() and path.name.endswith(tuple(suffixes)) and 0 < path.stat().st_size <= MOST_BYTES
    )


def body_of(path: Path | bytes) -> bytes:
    """A seed's bytes, out of its gzip."""
    if isinstance(path, bytes):
        return path
    body = path.read_bytes()
    return gzip.decompress(body)[: 4 * MOST_BYTES] if path.suffix == ".gz" else body


def mutated(body: bytes, other: bytes, rng: random.Random) -> bytes:
    """The body after one to four mutations; `other` is what it may be spliced with."""
    for _ in range(rng.randint(1, 4)):
        body = rng.choice(MUTATIONS)(body, other, rng)[: 4 * MOST_BYTES] or b"<"
    return body


def _flip(body: bytes, other: bytes, rng: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.randint(1, 30)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(body: bytes, other: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body))]


def _span(body: bytes, rng: random.Random, most: int = 2000) -> tuple[int, int]:
    start = rng.randrange(len(body))
    return start, min(len(body), start + rng.randint(1, most))


def _double(body: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _span(body, rng)
    return body[:end] + body[start:end] * rng.choice((1, 2, 50)) + body[end:]


def _drop(body: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _span(body, rng)
    return body[:start] + body[end:]


def _splice(body: bytes, other: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body))] + other[rng.randrange(len(other)) :]


def _recode(body: bytes, other: bytes, rng: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")


def _redeclare(body: bytes, other: bytes, rng: random.Random) -> bytes:
    return body.replace(b"utf-8", rng.choice(ENCODINGS).encode(), 1).replace(b"UTF-8", b"utf-7", 1)


def _swap(body: bytes, other: bytes, rng: random.Random) -> bytes:
    one, two = (rng.choice(TAGS).encode() for _ in range(2))
    return body.replace(b"<" + one, b"\x00").replace(b"<" + two, b"<" + one).replace(b"\x00", b"<" + two)


def _poison(body: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(body))
    poison = rng.choice(POISONS).encode("utf-8", "surrogatepass") * rng.choice((1, 1, 500))
    return body[:at] + poison + body[at:]


def _nest(body: bytes, other: bytes, rng: random.Random) -> bytes:
    at, tag = body.find(b"<", rng.randrange(len(body))), rng.choice(TAGS).encode()
    return body[:at] + (b"<" + tag + b">") * rng.choice((10, 260, 3000)) + body[at:]


MUTATIONS = (_flip, _flip, _cut, _double, _drop, _splice, _recode, _redeclare, _swap, _poison, _nest)

_ITEM = "<item><title>Militia enters Basra</title><link>http://p.example/1</link></item>"
_N = 100_000
# Each takes some parser the square of its length (D6), or unpacks to far more than it is.
HEAVY: tuple[Callable[[], bytes], ...] = (
    *(
        (lambda piece=piece, times=times: f"<rss><channel>{_ITEM}{piece * times}</channel></rss>".encode())
        for piece, times in (
            ("<d>", 4 * _N), ("<title>", 3 * _N), ("<!--", _N), ("<a ", 3 * _N), ('<a x="', 2 * _N), ("&", 9 * _N),
            ("<![CDATA[", 2 * _N), (_ITEM, 2 * _N), ("<category>x</category>", _N), ("<![", _N), ("&lt;!--", 2 * _N),
        )
    ),
    *(
        (lambda piece=piece, times=times: f"<html><body><p>Basra {piece * times}".encode())
        for piece, times in (
            ("<p>", _N), ("<div>", _N), ("<a ", _N), ("<!--", _N), ("<table><tr><td colspan=9e15>", 20_000),
            ("<b>", _N),
            ("<p>x<br>", _N), ('<a href="/a/b">A headline that is long enough</a>', 60_000), ("<ul><li>", 40_000),
        )
    ),
    (b"[" * _N).__bytes__,
    (b'{"items":' + b'[{"title":"a","url":"/b"},' * _N).__bytes__,
    lambda: gzip.compress(b" " * (300 << 20), 1),
    lambda: gzip.compress((_ITEM * 400_000).encode(), 1),
    (b"<urlset>" + b"<url><loc>http://p.example/1</loc></url>" * _N).__bytes__,
)  # fmt: skip


def inputs(number: int, *, start: int, seeds: Sequence[Path | bytes]) -> Iterator[bytes]:
    """`number` hostile bodies: three in ten drawn, the rest mutations of the seeds."""
    for place in range(0, number, SHAPES_AT_ONCE):
        yield from batch(min(SHAPES_AT_ONCE, number - place), start=start * 100_003 + place, seeds=seeds)


def batch(size: int, *, start: int, seeds: Sequence[Path | bytes]) -> list[bytes]:
    """So many of them at once; the same for the same `start`."""
    rng, drawn = random.Random(start), shapes(max(1, size * 3 // 10), start=start)[:size]
    more = (
        mutated(body_of(rng.choice(seeds)), body_of(rng.choice(seeds)), rng) for _ in range(size - len(drawn))
    )
    return [*drawn, *more]


def heavy(number: int) -> list[bytes]:
    """One of HEAVY, by its number."""
    return [HEAVY[number]()]
