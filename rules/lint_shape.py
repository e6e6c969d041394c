"""How a query is written, where it will be read otherwise than it looks."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.findings import Draft, Finding, every, spell
from rules.lexer import Kind, Lexeme
from rules.lint_words import only_common
from rules.query import Near, Word

_ATOMS = (Kind.QUOTED, Kind.REGEX, Kind.WORD)
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT"}
# What stands before a hyphen in one word: written apart, the hyphen is read as NOT.
_PREFIXES = frozenset({
    "abu", "ad", "al", "an", "anti", "ar", "as", "at", "bin", "co", "counter", "eks", "el", "ex", "ibn", "inter",
    "intra", "neo", "non", "pasca", "post", "pre", "pro", "pseudo", "self", "semi", "umm",
})  # fmt: skip
_LONGEST_READING = 160


def shape_findings(draft: Draft) -> Iterator[Finding]:
    """What the marks and operators of the query do, and would not be thought to do."""
    yield from _mixed(draft)
    yield from _small_operators(draft)
    yield from _quoted_words(draft)
    yield from _hyphens(draft)
    yield from _no_distance(draft)
    for lang in only_common(draft.tree, draft.languages)[:1]:
        yield draft.found(
            "common-word",
            f"{spell(draft.tree)} is the whole rule, and stands in very many articles ({lang})",
            "join it with what the article is to be about, like … AND @iraq", draft.tree,
        )  # fmt: skip


@dataclass(slots=True)
class _Group:
    """What joins the parts of one pair of brackets."""

    has_and: bool = False
    or_at: int | None = None
    is_behind_part: bool = False

    def part(self) -> None:
        """Another part begins: beside one that stands there already, that means AND."""
        self.has_and = self.has_and or self.is_behind_part

    def mixed_at(self) -> int | None:
        return self.or_at if self.has_and else None


def _mixed(draft: Draft) -> Iterator[Finding]:
    """AND and OR side by side without brackets: said how they are read."""
    at = min((column for column in _mixed_at(draft.lexemes)), default=None)
    if at is not None:
        read = spell(draft.tree)
        shown = read if len(read) <= _LONGEST_READING else read[: _LONGEST_READING - 1] + "…"
        yield draft.found(
            "mixed-and-or",
            f"AND and OR stand side by side without brackets, and AND binds tighter: this is read as {shown}",
            "write the brackets that you mean", at,
        )  # fmt: skip


def _mixed_at(lexemes: tuple[Lexeme, ...]) -> Iterator[int]:
    groups = [_Group()]
    for lexeme in lexemes:
        group = groups[-1]
        match lexeme.kind:
            case Kind.OPEN:
                group.part()
                groups.append(_Group())
            case Kind.CLOSE if len(groups) > 1:
                groups.pop()
                groups[-1].is_behind_part = True
            case Kind.AND:
                group.has_and, group.is_behind_part = True, False
            case Kind.OR:
                group.or_at, group.is_behind_part = group.or_at or lexeme.column, False
            case Kind.NEAR:
                group.is_behind_part = False
            case Kind.NOT | Kind.FIELD:
                group.part()
                group.is_behind_part = False
            case Kind.WORD | Kind.QUOTED | Kind.REGEX:
                group.part()
                group.is_behind_part = True
            case _:
                pass
        if (at := group.mixed_at()) is not None:
            yield at


def _small_operators(draft: Draft) -> Iterator[Finding]:
    """basra or najaf: the or is a word, and the rule asks for all three."""
    for before, lexeme, after in zip(draft.lexemes, draft.lexemes[1:], draft.lexemes[2:], strict=False):
        operator = _OPERATORS.get(lexeme.text.lower()) if lexeme.kind is Kind.WORD else None
        ends = before.kind in (*_ATOMS, Kind.CLOSE)
        begins = after.kind in (*_ATOMS, Kind.OPEN, Kind.FIELD, Kind.NOT)
        if operator and ends and begins:
            yield draft.found(
                "small-operator",
                f"{lexeme.text} is read as a word that the article must have",
                f'write {operator}, or "{lexeme.text}" inside a phrase', lexeme.column,
            )  # fmt: skip


def _quoted_words(draft: Draft) -> Iterator[Finding]:
    for lexeme in draft.lexemes:
        if lexeme.kind is Kind.QUOTED and not lexeme.exact and len(lexeme.text.split()) == 1:
            word = lexeme.text.strip()
            yield draft.found(
                "quoted-word",
                f'"{word}" in quotes means the same as {word}, in all its forms',
                f"write ={word} for only this spelling, or leave the quotes out", lexeme.column,
            )  # fmt: skip


def _hyphens(draft: Draft) -> Iterator[Finding]:
    for before, lexeme, after in zip(draft.lexemes, draft.lexemes[1:], draft.lexemes[2:], strict=False):
        if lexeme.kind is Kind.NOT and lexeme.text == "-" and before.text.lower() in _PREFIXES:
            yield draft.found(
                "hyphen-not",
                f"{before.text} -{after.text} is read as {before.text} NOT {after.text}",
                f"write {before.text}-{after.text} without a space", lexeme.column,
            )  # fmt: skip


def _no_distance(draft: Draft) -> Iterator[Finding]:
    for node in every(draft.tree):
        if isinstance(node, Near) and node.distance == 0:
            words = isinstance(node.left, Word) and isinstance(node.right, Word)
            yield draft.found(
                "near-zero",
                f"{spell(node)} allows no word between the two, and not one of grammar either",
                f'write "{spell(node.left)} {spell(node.right)}"' if words else "write NEAR/3 or more", node,
            )  # fmt: skip
