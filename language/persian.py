"""Persian, Dari and Urdu in folded letters: plural, ezafe and possessive endings."""

from functools import cache

_SHORTEST = 3
_ENDINGS = ("هاي", "هايي", "هايش", "هايشان", "ها", "هايي", "گان", "ان", "ات", "يي", "ي", "اي", "ش", "شان", "مان",
            "تان", "تر", "ترين", "و", "ون", "وں", "يں", "ياں")  # fmt: skip


def token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with an ending."""
    stems = {word[: -len(e)] for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _SHORTEST}
    restored = {stem + "ه" for stem in stems if word.startswith(stem + "گان")}
    return frozenset({word, *stems, *restored})


@cache
def term_keys(word: str) -> frozenset[str]:
    """The keyword itself."""
    return frozenset({word})
