"""Regular expressions of rules: RE2, so always linear, with word boundaries and classes that know Unicode.

RE2's own \\b and \\w are ASCII: \\bعراق\\b would never match.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from rules.query import QueryError

LONGEST_PATTERN = 1000
_MOST_MEMORY = 8 << 20
_WORD_SET = r"\p{L}\p{N}\p{M}_"
_BEFORE = rf"(?:^|[^{_WORD_SET}])"
_AFTER = rf"(?:$|[^{_WORD_SET}])"
_OUTSIDE = {"w": f"[{_WORD_SET}]", "W": f"[^{_WORD_SET}]", "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"[\s\p{Z}]",
            "S": r"[^\s\p{Z}]"}  # fmt: skip
_INSIDE = {"w": _WORD_SET, "d": r"\p{Nd}", "s": r"\s\p{Z}"}
_ATOM = re.compile(
    r"\\[pP]\{[^}]*\}|\\.|\(\?[imsU-]+\)|\(\?(?:[imsU-]*:|P?<\w+>)|\[(?:\\.|\[:\w+:\]|[^\]\\])(?:\\.|\[:\w+:\]|[^\]\\])*\]|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; its only groups, one per alternative, leave the boundaries out."""

    compiled: Any
    source: str

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches, from left to right; empty matches are none."""
        at = 0
        while at <= len(text):
            match = self.compiled.search(text, at)
            if match is None:
                return
            start, end = match.span(match.lastindex)
            if end > start:
                yield start, end
            at = max(end, at + 1)


def compile_expression(pattern: str, column: int) -> Expression:
    """The expression ready to search with, letter case ignored. Raises QueryError."""
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(
            f"this expression is longer than {LONGEST_PATTERN} characters",
            column,
            "use several, joined by OR",
        )
    alternatives = [_bounded(atoms, column) for atoms in _alternatives(pattern)]
    translated = "|".join(alternatives)
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    try:
        compiled = re2.compile(translated, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise QueryError(
            f"this expression cannot be used: {reason}",
            column,
            "use RE2's syntax, without lookaround and back-references",
        ) from error
    if compiled.search("") is not None:
        raise QueryError("this expression matches nothing at all too", column, "make it ask for a letter")
    return Expression(compiled, pattern)


def _alternatives(pattern: str) -> list[list[str]]:
    """The atoms of the pattern, split where | stands outside every group."""
    found: list[list[str]] = [[]]
    depth = 0
    for atom in (match.group() for match in _ATOM.finditer(pattern)):
        depth += (atom.startswith("(") and not atom.endswith(")")) - (atom == ")")
        if atom == "|" and depth == 0:
            found.append([])
        else:
            found[-1].append(atom)
    return found


def _bounded(atoms: list[str], column: int) -> str:
    """One alternative in RE2's terms: boundaries at its ends outside the group that is its match."""
    flags = "".join(atom for atom in atoms if re.fullmatch(r"\(\?[imsU-]+\)", atom))
    rest = [atom for atom in atoms if not re.fullmatch(r"\(\?[imsU-]+\)", atom)]
    before = after = ""
    if rest and rest[0] == r"\b":
        before, rest = _BEFORE, rest[1:]
    if rest and rest[-1] == r"\b":
        after, rest = _AFTER, rest[:-1]
    if r"\b" in rest or r"\B" in rest:
        raise QueryError(
            r"\b can only stand at the beginning and the end of an expression",
            column,
            r"write \s+ or [^\w] between words",
        )
    return f"{before}({flags}{''.join(_translated(atom) for atom in rest)}){after}"


def _translated(atom: str) -> str:
    """Classes that know Unicode, groups that do not count."""
    if atom == "(" or re.fullmatch(r"\(\?P?<\w+>", atom):
        return "(?:"
    if atom.startswith("\\"):
        return _OUTSIDE.get(atom[1:], atom)
    if atom.startswith("[") and len(atom) > 1:
        return re.sub(r"\\(.)", lambda m: _INSIDE.get(m[1], m[0]), atom)
    return atom
