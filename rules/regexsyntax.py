r"""The syntax of rules' expressions, in RE2's terms: classes and word boundaries that know Unicode.

RE2's own \b and \w are ASCII: \bعراق\b would never match.
"""

import re
import unicodedata
from dataclasses import dataclass

from language.scripts import fold_word
from rules.subject import BOUNDARY

_WORD_SET = r"\p{L}\p{N}\p{M}_"
_WORD, _OTHER = f"[{_WORD_SET}]", f"[^{_WORD_SET}]"
_OUTSIDE = {"w": _WORD, "W": _OTHER, "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r"[\s\p{Z}]",
            "S": r"[^\s\p{Z}]"}  # fmt: skip
_INSIDE = {"w": _WORD_SET, "d": r"\p{Nd}", "s": r"\s\p{Z}"}
_ANYTHING = "(?s:.)"
_ATOM = re.compile(
    r"\\[pP]\{[^}]*\}|\\[pP].|\\x\{[^}]*\}|\\x[0-9A-Fa-f]{2}|\\.|\(\?[imsU-]+\)|\(\?(?:[imsU-]*:|P?<\w+>)"
    r"|\[\^?\]?(?:\\[pP]\{[^}]*\}|\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{\d+,?\d*\}|.",
    re.DOTALL,
)
_UNUSUAL = (r"\Q", r"\E", r"\C")
_HOW_OFTEN = re.compile(r"[*+?]|\{\d+,?\d*\}")
_FLAGS = re.compile(r"\(\?[imsU-]+\)")
_NO_CAPITALS_IGNORED = re.compile(r"\(\?[msU]*-[msU]*i")


class ExpressionError(ValueError):
    """The expression cannot be used; `remedy` says what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Part:
    """Alternatives with the same boundaries. Where these stand, a match holds the character beyond them too.

    One that is `bounded` is for texts whose words have their boundaries marked.
    """

    source: str
    before: bool
    after: bool
    bounded: bool = False

    def inner(self, data: bytes, start: int, end: int) -> tuple[int, int]:
        """The match without the characters around it."""
        if self.before and start < end:
            first = data[start : start + 4].decode("utf-8", "ignore")[:1]
            if not _is_word(first):
                start += len(first.encode())
        if self.after and start < end:
            last = data[max(start, end - 4) : end].decode("utf-8", "ignore")[-1:]
            if not _is_word(last):
                end -= len(last.encode())
        return start, end


@dataclass(frozen=True, slots=True)
class Syntax:
    """An expression for the text as written, for the folded text, and what every folded text it meets must meet."""

    parts: tuple[Part, ...]
    folded: tuple[Part, ...]
    hints: str


def read_parts(pattern: str) -> Syntax:
    """The pattern in RE2's terms. Raises ExpressionError."""
    if unusual := next((atom for atom in _atoms(pattern) if atom in _UNUSUAL), None):
        raise ExpressionError(
            f"{unusual} is not for expressions of rules", r"write a sign itself, like \. for a dot"
        )
    alternatives = [_bounded(atoms) for atoms in _alternatives(_atoms(pattern))]
    flags = "".join(atom for one in alternatives for atom in one.atoms if _FLAGS.fullmatch(atom))
    hints = "|".join("".join(map(_hint, one.atoms)) for one in alternatives)
    # A folded text has no capitals: who asks for some is answered by the text as written.
    folds = not _NO_CAPITALS_IGNORED.search(pattern)
    return Syntax(
        parts=_parts(alternatives, flags, folded=False),
        folded=_parts(alternatives, flags, folded=True) if folds else (),
        hints=hints,
    )


@dataclass(frozen=True, slots=True)
class _Alternative:
    atoms: list[str]
    before: bool
    after: bool
    bounded: bool = False


def _atoms(pattern: str) -> list[str]:
    return [match.group() for match in _ATOM.finditer(pattern)]


def _alternatives(atoms: list[str]) -> list[list[str]]:
    """The atoms, split where | stands outside every group."""
    found: list[list[str]] = [[]]
    depth = 0
    for atom in atoms:
        depth += _opens(atom) - (atom == ")")
        if atom == "|" and depth == 0:
            found.append([])
        else:
            found[-1].append(atom)
    return found


def _opens(atom: str) -> bool:
    return atom.startswith("(") and not atom.endswith(")")


def _bounded(atoms: list[str]) -> _Alternative:
    """One alternative, with the boundaries at its ends told apart from the rest. Raises ExpressionError."""
    rest = [atom for atom in atoms if not _FLAGS.fullmatch(atom)]
    flags = [atom for atom in atoms if _FLAGS.fullmatch(atom)]
    before, after = rest[:1] == [r"\b"], len(rest) > 1 and rest[-1] == r"\b"
    if r"\B" in rest:
        raise ExpressionError(r"\B is not for expressions of rules", r"write \w where the word goes on")
    if r"\b" in rest[before : len(rest) - after]:
        return _Alternative([*flags, *rest], before=False, after=False, bounded=True)
    rest = rest[before : len(rest) - after]
    return _Alternative([*flags, *rest], before, after)


def _parts(alternatives: list[_Alternative], flags: str, *, folded: bool) -> tuple[Part, ...]:
    """The alternatives by their boundaries; (?i) and its like hold for all, as the first of them says."""
    by_ends: dict[tuple[bool, bool, bool], list[str]] = {}
    for one in alternatives:
        atoms = [atom for atom in one.atoms if not _FLAGS.fullmatch(atom)]
        texts = [_translated(atom, folded=folded) for atom in atoms]
        if one.bounded:
            texts = list(map(_past_boundary, atoms, texts))
        by_ends.setdefault((one.before, one.after, one.bounded), []).append("".join(texts))
    return tuple(
        Part(
            f"{f'(?:^|{_OTHER})' if before else ''}{flags}(?:{'|'.join(texts)}){f'(?:$|{_OTHER})' if after else ''}",
            before,
            after,
            bounded,
        )
        for (before, after, bounded), texts in by_ends.items()
    )


def _translated(atom: str, *, folded: bool) -> str:
    """Classes that know Unicode, groups that do not count; with `folded`, letters as folded texts have them."""
    if atom == "(" or re.fullmatch(r"\(\?P?<\w+>", atom):
        return "(?:"
    if atom.startswith("\\"):
        return _OUTSIDE.get(atom[1:], atom)
    if atom.startswith("[") and len(atom) > 1:
        known = re.sub(r"\\(.)", lambda m: _INSIDE.get(m[1], m[0]), atom)
        return "".join(map(_folded_in_class, known)) if folded else known
    if not folded or atom.isascii():
        return atom
    plain = fold_word(atom)
    return plain if len(plain) == 1 else f"(?:{plain})"


def _past_boundary(atom: str, text: str) -> str:
    """The atom where boundaries are marked: each character may have one before it, and none is one itself."""
    if atom == r"\b":
        return BOUNDARY
    if atom in ("$", r"\z"):
        return f"{BOUNDARY}?{text}"
    if atom in ("(", ")", "|", "^", r"\A") or atom.startswith("(?") or _HOW_OFTEN.fullmatch(atom):
        return text
    if atom == ".":
        text = f"[^\\n{BOUNDARY}]"
    elif text.startswith("[^"):
        text = f"[^{BOUNDARY}{text[2:]}"
    elif atom == r"\D" or atom.startswith(r"\P"):
        text = f"[^{BOUNDARY}\\p{text[2:]}]"
    return f"(?:{BOUNDARY}?{text})"


def _folded_in_class(character: str) -> str:
    plain = fold_word(character)
    return plain if len(plain) == 1 and not character.isascii() else character


def _hint(atom: str) -> str:
    """The atom with everything for more than one letter widened to anything: only letters tell texts apart quickly."""
    if atom.startswith("[") and len(atom) > 1:
        return _ANYTHING
    if atom.startswith("\\") and atom[1].isalnum():
        return "(?:)" if atom[1:] in ("A", "z", "b") else _ANYTHING
    return "" if _FLAGS.fullmatch(atom) else _translated(atom, folded=True)


def _is_word(character: str) -> bool:
    return bool(character) and (character == "_" or unicodedata.category(character)[0] in "LNM")
