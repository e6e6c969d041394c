"""Patterns: which wildcards and misspellings a word is, at a cost that does not grow with their number."""

import re
from collections.abc import Iterator

from rules.distance import within


class WildcardWords:
    """`word*` and `wo?d`, found by the letters before the first wildcard."""

    def __init__(self) -> None:
        self._open: dict[str, list[int]] = {}  # letters*: the beginning is enough
        self._other: dict[str, list[tuple[re.Pattern[str], int]]] = {}
        self._sizes: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._sizes)

    def add(self, folded: str, number: int) -> None:
        """File one pattern, already folded."""
        head = re.split(r"[*?]", folded, maxsplit=1)[0]
        if folded == head + "*":
            self._open.setdefault(head, []).append(number)
        else:
            self._other.setdefault(head, []).append((wildcard_pattern(folded), number))
        self._sizes = tuple(sorted({*self._sizes, len(head)}))

    def meeting(self, word: str) -> Iterator[int]:
        """The numbers of the patterns that the whole word fits."""
        for size in self._sizes:
            if size > len(word):
                return
            head = word[:size]
            yield from self._open.get(head, ())
            for pattern, number in self._other.get(head, ()):
                if pattern.fullmatch(word):
                    yield number


class FuzzyWords:
    """Words with one or two letters wrong, found by what is left when letters are taken out.

    Two words within an edit distance share a word that both become when at most that many letters are deleted
    (Garbe, SymSpell, 2012); what shares one is compared for good.
    """

    def __init__(self) -> None:
        self._by_rest: dict[str, list[int]] = {}
        self._words: dict[int, tuple[str, int]] = {}
        self._sizes: set[int] = set()
        self._furthest = 0

    def __bool__(self) -> bool:
        return bool(self._words)

    def add(self, folded: str, distance: int, number: int) -> None:
        """File one word that may differ by `distance` letters."""
        self._words[number] = (folded, distance)
        self._furthest = max(self._furthest, distance)
        self._sizes.update(range(len(folded) - distance, len(folded) + distance + 1))
        for rest in _rests(folded, distance):
            self._by_rest.setdefault(rest, []).append(number)

    def meeting(self, word: str) -> Iterator[int]:
        """The numbers of the words that this may be a misspelling of."""
        if len(word) not in self._sizes:
            return
        near = {number for rest in _rests(word, self._furthest) for number in self._by_rest.get(rest, ())}
        for number in near:
            wanted, distance = self._words[number]
            if within(wanted, word, distance):
                yield number


def _rests(word: str, most: int) -> set[str]:
    """The word without up to `most` of its letters."""
    found = newest = {word}
    for _ in range(most):
        newest = {rest[:at] + rest[at + 1 :] for rest in newest for at in range(len(rest))}
        found = found | newest
    return found


def wildcard_pattern(folded: str) -> re.Pattern[str]:
    """`*` any letters, `?` exactly one, on folded words."""
    return re.compile("".join({"*": r"\w*", "?": r"\w"}.get(c, re.escape(c)) for c in folded))
