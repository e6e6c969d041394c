"""Texts of boolean queries, and the lists of readers that hold such: each query with its name and place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from rules.importers.boolean import BrokenError, Dialect, Reader
from rules.importers.imported import Imported, ImportedRule, ImportFailedError, Note, named_apart, short_name

_HEADING = re.compile(r"^\s*(?:#|//)\s*(\S.*)$")
_FROM_GOOGLE = re.compile(r"^\s*Google Alerts?\s*[-–—:]\s*")
_FILTERS = ("filtersActionRead", "filtersActionStar", "filtersActionLabel", "filtersActionKeep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query as it stands in its text, from line `line` and column `column` on."""

    text: str
    line: int
    column: int = 1
    name: str | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        before = self.text[:offset]
        lines = before.count("\n")
        return self.line + lines, (offset - before.rfind("\n") if lines else self.column + offset)


def read_queries(queries: Iterator[Query], dialect: Dialect) -> Imported:
    """A rule for each query."""
    lists: dict[str, tuple[str, ...]] = {}
    rules = [_rule(query, dialect, lists) for query in queries]
    return Imported(rules=named_apart(rules), concepts=lists)


def _rule(query: Query, dialect: Dialect, lists: dict[str, tuple[str, ...]]) -> ImportedRule:
    name = short_name(query.name or query.text)
    reader = Reader(text=query.text, dialect=dialect, line_at=query.place, name=name, lists=lists)
    try:
        piece = reader.whole()
    except BrokenError as error:
        line, column = query.place(error.at)
        why = str(Note(line=line, column=column, text=str(error)))
        return ImportedRule(name=name, query=query.text, notes=tuple(reader.notes), cannot_run=why)
    if piece is None:
        return ImportedRule(
            name=name,
            query=query.text,
            notes=tuple(reader.notes),
            cannot_run="nothing of it has a counterpart here",
        )
    return ImportedRule(name=name, query=piece.text, notes=tuple(reader.notes))


def lines_of(text: str) -> Iterator[Query]:
    """A query a line; a line that begins with # or // names the next."""
    name: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _HEADING.match(line)
        if heading and not re.match(r"#\S", line.strip()):
            name = heading[1]
        elif line.strip():
            said = _FROM_GOOGLE.sub("", line)
            yield Query(text=said.rstrip(), line=number, column=len(line) - len(said) + 1, name=name)
            name = None


def blocks_of(text: str) -> Iterator[Query]:
    """A query from one empty line to the next; a line that begins with # or // names it."""
    name: str | None = None
    lines: list[str] = []
    begun = 1
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        heading = _HEADING.match(line)
        if heading and not lines:
            name = heading[1]
        elif line.strip():
            begun = begun if lines else number
            lines.append(line)
        elif lines:
            yield Query(text="\n".join(lines), line=begun, name=name)
            name, lines = None, []


def is_xml(text: str) -> bool:
    """Whether it is a list of a reader or a feed, and no plain text."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def from_google_xml(text: str) -> Iterator[Query]:
    """The feed of an alert, or a list of such feeds: the query stands in the title."""
    for element in _elements(text):
        for said in (element.get("title") or element.get("text"), element.text):
            if said and _FROM_GOOGLE.match(said) and etree.QName(element).localname in ("outline", "title"):
                yield Query(text=_FROM_GOOGLE.sub("", said).strip(), line=_line(element))
                break


def from_freshrss_opml(text: str) -> Iterator[Query]:
    """The filters that a FreshRSS list keeps for its feeds: one a line in an attribute."""
    for element in _elements(text):
        for key, value in element.attrib.items():
            if etree.QName(str(key)).localname in _FILTERS:
                feed = element.get("title") or element.get("text") or "feed"
                for said in str(value).splitlines():
                    if said.strip():
                        yield Query(text=said.strip(), line=_line(element), name=f"{feed}: {said.strip()}")


def elements_with(text: str, names: frozenset[str]) -> Iterator[tuple[int, str, dict[str, str]]]:
    """The elements of a list that have one of these attributes: line, title, and those attributes."""
    for element in _elements(text):
        found = {
            etree.QName(str(key)).localname: str(value)
            for key, value in element.attrib.items()
            if etree.QName(str(key)).localname in names
        }
        if found:
            yield _line(element), str(element.get("title") or element.get("text") or "feed"), found


def _elements(text: str) -> Iterator[etree._Element]:  # pyright: ignore[reportPrivateUsage] - its only name
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ImportFailedError(f"not well-formed XML: {error.msg}; export the list again") from error
    yield from (element for element in root.iter() if isinstance(element.tag, str))


def _line(element: etree._Element) -> int:  # pyright: ignore[reportPrivateUsage]
    return element.sourceline or 1
