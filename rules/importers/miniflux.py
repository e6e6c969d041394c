"""Miniflux: lines of Field=expression that keep or block entries, and the settings that hold them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from rules.importers.imported import Imported, ImportedRule, ImportFailedError, Note, named_apart, short_name
from rules.importers.pieces import Level, Piece, all_of, any_of, in_text, regex, within, without
from rules.importers.texts import elements_with, is_xml
from rules.query import QueryError

_LINE = re.compile(r"\s*(Entry\w+)\s*=\s*(.*?)\s*")
_HEADING = re.compile(r"\s*(?:[#\[]|//)?\s*(keep|block|allow|blocklist|keeplist)\w*\b[^=]*", re.IGNORECASE)
_KEEP = ("keep_filter_entry_rules", "keepFilterEntryRules", "keepFilterRules")
_BLOCK = ("block_filter_entry_rules", "blockFilterEntryRules", "blockFilterRules")
_OLD_KEEP, _OLD_BLOCK = ("keeplist_rules", "keeplistRules"), ("blocklist_rules", "blocklistRules")
_ANY = "EntryAny"
_DAY = r"\d{4}-\d{2}-\d{2}"


@dataclass(slots=True)
class _Filters:
    """The lines of one feed, or of all."""

    name: str
    keep: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    block: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def read_miniflux(text: str) -> Imported:
    """A rule for each feed that has filters, and one for those of all feeds. Raises ImportFailedError."""
    if is_xml(text):
        wanted = frozenset((*_KEEP, *_BLOCK, *_OLD_KEEP, *_OLD_BLOCK))
        groups = [_filters(name, found, line) for line, name, found in elements_with(text, wanted)]
    elif text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        groups = [_filters(name, found, 1) for name, found in _settings(text)]
    else:
        groups = [_from_lines(text)]
    rules = [rule for group in groups for rule in _rules(group)]
    return Imported(rules=named_apart(rules))


def is_miniflux(text: str) -> bool:
    """Whether lines look like Miniflux's."""
    return bool(re.search(r"(?m)^\s*Entry(Title|Content|URL|CommentsURL|Author|Tag|Date)\s*=", text))


def _from_lines(text: str) -> _Filters:
    """Plain lines keep, unless a line of its own says "block" before them."""
    found = _Filters("Miniflux")
    into = found.keep
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _HEADING.fullmatch(line)
        if heading:
            into = found.block if heading[1].lower().startswith("block") else found.keep
        elif line.strip() and not line.lstrip().startswith("#"):
            into.append((number, line))
    return found


def _settings(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        loaded: Any = json.loads(text)
    except ValueError as error:
        raise ImportFailedError(f"not valid JSON: {error}; save the answer of the API as it came") from error
    rows: list[Any] = cast("list[Any]", loaded) if isinstance(loaded, list) else [loaded]
    for row in rows:
        if isinstance(row, dict):
            known = cast("dict[str, Any]", row)
            yield str(known.get("title") or known.get("username") or "Miniflux"), known


def _filters(name: str, row: Mapping[str, Any], line: int) -> _Filters:
    def lines(keys: Sequence[str]) -> list[tuple[int, str]]:
        return [(line, one) for one in _said(row, keys).splitlines() if one.strip()]

    def whole(keys: Sequence[str]) -> list[tuple[int, str]]:
        """The older filters are one expression, which looks at title, address, author and tags."""
        said = _said(row, keys)
        return [(line, f"{_ANY}={said}")] if said else []

    return _Filters(name, keep=[*lines(_KEEP), *whole(_OLD_KEEP)], block=[*lines(_BLOCK), *whole(_OLD_BLOCK)])


def _said(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    return next((str(row[key]) for key in keys if row.get(key)), "")


def _rules(group: _Filters) -> Iterator[ImportedRule]:
    notes: list[Note] = []
    keep = any_of(
        [piece for line, said in group.keep if (piece := _piece(line, said, notes, old_goes=False))]
    )
    block = any_of(
        [piece for line, said in group.block if (piece := _piece(line, said, notes, old_goes=True))]
    )
    if keep is None and block is None:
        if notes:
            yield ImportedRule(name=short_name(group.name), notes=tuple(notes), query="",
                               cannot_run="nothing of it has a counterpart here")  # fmt: skip
        return
    if keep is None and block is not None:
        yield ImportedRule(
            name=short_name(group.name), query=without(block).text, notes=tuple(notes),
            cannot_run="it only blocks; write before it what an article must have, like @iraq",
        )  # fmt: skip
        return
    whole = all_of([piece for piece in (keep, without(block) if block else None) if piece])
    if whole is not None:
        yield ImportedRule(name=short_name(group.name), query=whole.text, notes=tuple(notes))


def _piece(number: int, line: str, notes: list[Note], *, old_goes: bool) -> Piece | None:
    """One line as a piece; what it cannot be is noted."""
    match = _LINE.fullmatch(line)
    if match is None:
        said = f"{line.strip()} is left out: it is no line like EntryTitle=word"
        notes.append(Note(line=number, column=1, text=said))
        return None
    try:
        return _field(match[1], match[2], old_goes=old_goes)
    except QueryError as error:
        column = match.start(2) + error.column
        notes.append(
            Note(
                line=number,
                column=column,
                text=f"{line.strip()} is left out: {error.message}; {error.remedy}",
            )
        )
        return None


def _field(name: str, value: str, *, old_goes: bool) -> Piece:
    if name == "EntryDate":
        return _date(value, old_goes=old_goes)
    piece = _expression(value)
    match name:
        case "EntryTitle":
            return within("title", piece)
        case "EntryContent":
            return in_text(piece)
        case "EntryURL":
            return within("url", piece)
        case "EntryAuthor":
            return within("author", piece)
        case "EntryTag":
            return within("tag", piece)
        case "EntryAny":
            return Piece(
                " OR ".join(within(f, piece).text for f in ("url", "title", "author", "tag")), Level.OR
            )
        case _:
            raise QueryError(
                f"{name} has no counterpart here",
                1,
                "use EntryTitle, EntryContent, EntryURL, EntryAuthor or EntryTag",
            )


def _expression(value: str) -> Piece:
    """Miniflux heeds capitals unless (?i) says otherwise; here it is the other way round."""
    flags = re.match(r"\(\?([ims]+)\)", value)
    if flags is None or "i" not in flags[1]:
        return regex(f"(?-i){value}")
    rest = flags[1].replace("i", "")
    return regex((f"(?{rest})" if rest else "") + value[flags.end() :])


def _date(value: str, *, old_goes: bool) -> Piece:
    kind, _, said = value.partition(":")
    if kind == "before" and re.fullmatch(_DAY, said):
        return Piece(f"date:<{said}")
    if kind == "after" and re.fullmatch(_DAY, said):
        return Piece(f"date:>={said}")
    if kind == "between" and re.fullmatch(f"{_DAY},{_DAY}", said):
        return Piece(f"date:{said.replace(',', '..')}")
    why = (
        "is a time before now, which is no date"
        if kind in ("max-age", "future")
        else "is no date that we know"
    )
    remedy = "leave it out: rules see articles as they come" if old_goes else "write after:2026-11-01"
    raise QueryError(f"EntryDate={value} {why}", 1, remedy)
