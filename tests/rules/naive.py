"""A plain reading of the grammar, by brute force: what the engine is held to."""

from functools import lru_cache
from itertools import product

from language.arabic import without_clitics
from language.forms import term_keys, token_keys
from language.scripts import fold_word, script_of
from language.words import Token, tokens
from rules.distance import within
from rules.document import Document
from rules.patterns import wildcard_pattern
from rules.query import And, Fuzzy, InField, Literal, Near, Node, Not, Or, Phrase, Wildcard, Word
from rules.vocabulary import same_surface

Place = tuple[str, int, int]  # field, first word, last word
FIELDS = ("title", "lead", "body")


class Naive:
    """One document, held against trees by brute force. Its words must have one reading each."""

    def __init__(self, document: Document) -> None:
        self._lang = document.lang
        self._words: dict[str, list[Token]] = {name: tokens(getattr(document, name)) for name in FIELDS}

    def holds(self, node: Node, fields: tuple[str, ...] = FIELDS) -> list[Place] | None:
        """Where the tree holds; None where it does not."""
        match node:
            case Phrase(words, _, slop) if slop:
                return self._scattered(list(words), slop, fields) or None
            case Phrase(words):
                return self._row(list(words), fields) or None
            case And(parts):
                found = [self.holds(part, fields) for part in parts]
                return None if None in found else [p for one in found for p in one or []]
            case Or(parts):
                found = [self.holds(part, fields) for part in parts]
                return None if all(one is None for one in found) else [p for one in found for p in one or []]
            case Not(part):
                return [] if self.holds(part, fields) is None else None
            case InField(field, part):
                return self.holds(part, (field,))
            case Near(left, right, distance, ordered):
                pairs = product(self.holds(left, fields) or [], self.holds(right, fields) or [])
                return [_span(a, b) for a, b in pairs if _close(a, b, distance, ordered)] or None
            case _:
                return self._row([node], fields) or None

    def _row(self, row: list[Node], fields: tuple[str, ...]) -> list[Place]:
        found: list[Place] = []
        for field in fields:
            words = self._words[field]
            found.extend(
                (field, at, at + len(row) - 1)
                for at in range(len(words) - len(row) + 1)
                if all(self._is(one, words[at + i]) for i, one in enumerate(row))
            )
        return found

    def _scattered(self, row: list[Node], slop: int, fields: tuple[str, ...]) -> list[Place]:
        found: list[Place] = []
        for field in fields:
            words = self._words[field]
            fitting = [[at for at, word in enumerate(words) if self._is(one, word)] for one in row]
            for chosen in product(*fitting):
                spread = max(chosen) - min(chosen) + 1
                if len(set(chosen)) == len(chosen) and spread <= len(row) + slop:
                    found.append((field, min(chosen), max(chosen)))
        return found

    def _is(self, node: Node, word: Token) -> bool:
        return is_met(node, word.surface, word.folded, self._lang)


@lru_cache(maxsize=1_000_000)
def is_met(node: Node, surface: str, folded: str, lang: str) -> bool:
    """Whether one written word is what the leaf asks for."""
    match node:
        case Wildcard(pattern):
            bare = without_clitics(folded) if script_of(folded) == "Arab" else (folded,)
            return any(wildcard_pattern(fold_word(pattern)).fullmatch(one) for one in bare)
        case Fuzzy(text, distance):
            return within(fold_word(text), folded, distance)
        case Literal(text):
            return fold_word(text) == folded and same_surface(text, surface)
        case Word(text):
            term = fold_word(text)
            return term == folded or bool(term_keys(term, lang) & token_keys(folded, lang))
        case _:
            raise AssertionError(node)


def _close(a: Place, b: Place, distance: int, ordered: bool) -> bool:
    if a[0] != b[0]:
        return False
    return 0 <= b[1] - a[2] - 1 <= distance or (not ordered and 0 <= a[1] - b[2] - 1 <= distance)


def _span(a: Place, b: Place) -> Place:
    return (a[0], min(a[1], b[1]), max(a[2], b[2]))


def written(node: Node) -> str:
    """The query's text for a tree."""
    match node:
        case Word(text):
            return text
        case Wildcard(pattern):
            return pattern
        case Fuzzy(text, distance):
            return f"{text}~{distance}"
        case Literal(text):
            return f"={text}"
        case Phrase(text=text, slop=slop):
            return f'"{text}"~{slop}' if slop else f'"{text}"'
        case And(parts):
            return "(" + " AND ".join(map(written, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(written, parts)) + ")"
        case Not(part):
            return f"(NOT {written(part)})"
        case InField(field, part):
            return f"{field}:({written(part)})"
        case Near(left, right, distance, ordered):
            return f"({written(left)} {'ONEAR' if ordered else 'NEAR'}/{distance} {written(right)})"
        case _:
            raise AssertionError(node)
