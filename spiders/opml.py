"""Lists of feeds as other readers keep them: OPML 1.0 and 2.0 in, OPML 2.0 out."""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html.entities import html5

from lxml import etree

from spiders.readers.decode import decode
from spiders.readers.feed import fit_for_xml, language
from spiders.readers.links import absolute
from spiders.readers.markup import clean, plain
from spiders.readers.xml import Node, tag_of, xml_parser

MOST_BYTES = 16 << 20
MOST_OUTLINES = 100_000
MOST_TAGS = 20
NAME_CHARS, TAG_CHARS, URL_CHARS = 200, 100, 200

# Our own attributes, for what OPML has no word for. A name, not an address: nothing is ever fetched from it.
NAMESPACE = "urn:marsad:opml"
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}
_REFERENCE = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?")
_OUTLINE = re.compile(r"<outline[\s/>]", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,7}")
TIERS = ("1", "2", "3", "4", "5")


class OpmlError(Exception):
    """The file is no list of feeds that can be read; str() says in one line what it is and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list. Tags are its folders and categories."""

    url: str
    name: str
    site_url: str | None = None
    lang: str | None = None
    tags: tuple[str, ...] = ()
    country: str | None = None
    tier: int | None = None
    every: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOutline:
    """A feed that the list names and that nobody can watch."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opml:
    """What a list holds; `note` says what of it could not be read."""

    title: str = ""
    outlines: tuple[Outline, ...] = ()
    refused: tuple[RefusedOutline, ...] = ()
    repeated: int = 0
    note: str | None = None


def read_opml(body: bytes) -> Opml:
    """Read a list of feeds, each address once; nothing is fetched and no entity expanded. Raises OpmlError."""
    if len(body) > MOST_BYTES:
        raise OpmlError(f"longer than {MOST_BYTES >> 20} MiB; split it")
    text = fit_for_xml(decode(body).text)
    counted = sum(1 for _ in _OUTLINE.finditer(text))
    if counted > MOST_OUTLINES:
        raise OpmlError(f"{counted} outlines, more than the {MOST_OUTLINES} that are read; split it")
    root, broken_at = _tree(text)
    bodies = [node for node in root if tag_of(node) == "body"]
    if tag_of(root) != "opml" or not bodies:
        raise OpmlError(f"not OPML but {_looks_like(root)}; export a list of feeds as OPML and give that")
    note = None
    if broken_at:
        there = sum(1 for one in bodies for node in one.iter() if tag_of(node) == "outline")
        note = f"broken markup at line {broken_at}: {there} of {counted} outlines were read, look them over"
    title = next((plain(node.text) for node in root.iter() if tag_of(node) == "title"), "")
    return _collected(bodies, title=title, note=note)


def write_opml(outlines: Iterable[Outline], *, title: str, now: datetime) -> str:
    """OPML 2.0: a folder for each country, else for each first tag; what has neither stands outside."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"marsad": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = plain(title)
    etree.SubElement(head, "dateCreated").text = f"{now:%a, %d %b %Y %H:%M:%S GMT}"
    body = etree.SubElement(root, "body")
    folders: defaultdict[str, list[Outline]] = defaultdict(list)
    for one in outlines:
        folders[one.country or next(iter(one.tags), "")].append(one)
    for name in sorted(folders):
        folder = etree.SubElement(body, "outline", {"text": plain(name)}) if name else body
        for one in folders[name]:
            etree.SubElement(folder, "outline", _attributes(one))
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True).decode() + "\n"


def _attributes(one: Outline) -> dict[str, str]:
    own = {
        "country": one.country,
        "tier": one.tier,
        "every": None if one.every is None else int(one.every.total_seconds()),
    }
    given = {
        "text": one.name,
        "title": one.name,
        "type": "rss",
        "xmlUrl": one.url,
        "htmlUrl": one.site_url,
        "language": one.lang,
        "category": ",".join(tag.replace(",", " ") for tag in one.tags) or None,
        **{f"{{{NAMESPACE}}}{name}": value for name, value in own.items()},
        f"{{{NAMESPACE}}}source": "1",  # its tags stand in `category`, and the folder is only for the eye
    }
    return {name: clean(str(value)) for name, value in given.items() if value is not None}


def _tree(text: str) -> tuple[Node, int | None]:
    """The tree, and the first line at which it had to be mended."""
    parser = xml_parser(recover=True)
    try:
        root = etree.fromstring(_tame(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise OpmlError(f"not XML: {' '.join(str(problem).split())[:200]}") from None
    if any("RESOURCE_LIMIT" in str(error.type_name) for error in parser.error_log):
        raise OpmlError("nested deeper than 256 folders, or grown by entities; no reader writes such lists")
    if root is None:
        raise OpmlError("not XML; export a list of feeds as OPML and give that")
    return root, next((error.line for error in parser.error_log), None)


def _tame(text: str) -> str:
    """No reference is left but XML's own five and numbers: there is nothing to expand, and a bare & is a letter."""
    return _REFERENCE.sub(_reference, text)


def _reference(found: re.Match[str]) -> str:
    name = found.group(1)
    if name and (name in _XML_NAMES or name.startswith("#")):
        return found.group()
    known = html5.get(f"{name};") if name else None
    return html.escape(known) if known else f"&amp;{found.group()[1:]}"


def _looks_like(root: Node) -> str:
    return {
        "html": "a web page",
        "rss": "a feed",
        "feed": "a feed",
        "rdf": "a feed",
        "urlset": "a sitemap",
        "opml": "an OPML file without a body",
    }.get(tag_of(root), f"XML that begins with <{tag_of(root)[:50]}>")


def _collected(bodies: Iterable[Node], *, title: str, note: str | None) -> Opml:
    found: dict[str, Outline] = {}
    refused: list[RefusedOutline] = []
    repeated = 0
    for one in (read for body in bodies for read in _walk(body)):
        if isinstance(one, RefusedOutline):
            refused.append(one)
        elif held := found.get(one.url):
            repeated += 1
            found[one.url] = replace(held, tags=_unique((*held.tags, *one.tags)))
        else:
            found[one.url] = one
    return Opml(
        title=title, outlines=tuple(found.values()), refused=tuple(refused), repeated=repeated, note=note
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A node and the folders that it stands in."""

    node: Node
    folders: tuple[str, ...] = field(default=())


def _walk(body: Node) -> Iterator[Outline | RefusedOutline]:
    """Every outline with an address, in the order of the file."""
    waiting = [_Place(node=body)]
    while waiting:
        place = waiting.pop()
        folders = place.folders
        if tag_of(place.node) == "outline":
            given = _given(place.node)
            if given.get("xmlurl", "").strip():
                yield _outline(given, folders)
            else:
                folders = _unique((*folders, _name(given)))
        waiting += [_Place(node=child, folders=folders) for child in reversed(place.node)]


def _given(node: Node) -> dict[str, str]:
    """Attributes by their names in lower case (writers differ), ours with their namespace."""
    return {str(name).lower() if "}" not in str(name) else str(name): str(v) for name, v in node.items()}


def _outline(given: Mapping[str, str], folders: tuple[str, ...]) -> Outline | RefusedOutline:
    url = absolute(_web(given["xmlurl"].strip()), "")
    if url is None:
        raw = given["xmlurl"].strip()[:URL_CHARS]
        return RefusedOutline(name=_name(given) or raw, reason=f"{raw!r} is no http or https address")
    own = {name: given.get(f"{{{NAMESPACE}}}{name}", "") for name in ("country", "tier", "every", "source")}
    return Outline(
        url=url,
        name=_name(given) or url[:NAME_CHARS],
        site_url=absolute(given.get("htmlurl"), ""),
        lang=language(given.get("language", "")),
        tags=_tags(given, own["source"], folders),
        country=plain(own["country"])[:TAG_CHARS] or None,
        tier=int(own["tier"]) if own["tier"] in TIERS else None,
        every=timedelta(seconds=int(own["every"])) if _SECONDS.fullmatch(own["every"]) else None,
    )


def _tags(given: Mapping[str, str], is_ours: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Of our own lists the categories, whose folders are for the eye; of others the folders too (OPML 2.0: /a/b,c)."""
    categories = given.get("category", "").split(",")
    if is_ours:
        return _unique(categories)
    return _unique((*folders, *(part for path in categories for part in path.split("/"))))


def _web(address: str) -> str:
    """feed://host and feed:https://host are how some readers wrote what is fetched by http."""
    if address[:5].lower() != "feed:":
        return address
    return f"http:{address[5:]}" if address[5:7] == "//" else address[5:]


def _name(given: Mapping[str, str]) -> str:
    return (plain(given.get("title")) or plain(given.get("text")))[:NAME_CHARS]


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    """Tags as people write them, each once, no more than anybody reads."""
    return tuple(dict.fromkeys(tag for name in names if (tag := plain(name)[:TAG_CHARS])))[:MOST_TAGS]
