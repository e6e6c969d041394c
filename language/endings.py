"""Endings: what stays of a word when a chain of them is taken off, by one look at a table for each cut."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product

# No ending is taken off so far that fewer letters stay.
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Endings:
    """Every chain of endings of a language with the fewest letters that it leaves of a word."""

    least: dict[str, int]
    longest: int
    last_letters: frozenset[str]

    def stems(self, word: str, whole: Collection[str]) -> list[str]:
        """What the word may be without its endings, the longest first; nothing is taken off a whole word."""
        size = len(word)
        if size <= _SHORTEST or word[-1] not in self.last_letters or word in whole:
            return []
        found: list[str] = []
        least = self.least
        for cut in range(size - 1, max(size - self.longest, _SHORTEST) - 1, -1):
            fewest = least.get(word[cut:])
            if fewest is not None and cut >= fewest:
                stem = word[:cut]
                found.append(stem)
                if stem in whole:
                    break
        return found


def endings(*groups: tuple[int, Iterable[str]]) -> Endings:
    """A table from groups of endings, each with the fewest letters it leaves; the mildest number holds."""
    least: dict[str, int] = {}
    for fewest, chains in groups:
        for chain in chains:
            if chain:
                least[chain] = min(fewest, least.get(chain, fewest))
    return Endings(
        least=least,
        longest=max(map(len, least), default=0),
        last_letters=frozenset(chain[-1] for chain in least),
    )


def chains(*slots: str) -> set[str]:
    """Every way to take one ending of each slot, in order; a slot is endings with spaces, "-" is none."""
    choices = [[ending.replace("-", "") for ending in slot.split()] for slot in slots]
    return {"".join(choice) for choice in product(*choices)}
