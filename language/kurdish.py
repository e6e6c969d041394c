"""Kurdish, Sorani and Kurmanji in folded letters: definite, plural, ezafe, oblique and possessive endings."""

from functools import cache

_SHORTEST = 3
_SORANI = (
    "ه", "هكه", "كه", "هكان", "كان", "هكاني", "كاني", "ان", "اني", "هكهي", "كهي", "ي", "يك", "هيك", "يه", "هكهيان",
    "يان", "مان", "تان", "م", "ت", "دا", "هوه", "يدا", "اندا", "انه", "ش", "هكاندا", "كاندا", "يش", "انيش", "هكانيش",
)  # fmt: skip
_KURMANJI = (
    "e", "a", "i", "an", "en", "ek", "eke", "eki", "yan", "yen", "ye", "ya", "yi", "yek", "in", "ine", "o", "no",
    "da", "de", "ede", "anda", "ande", "re", "ji",
)  # fmt: skip


def _stems(word: str, endings: tuple[str, ...]) -> frozenset[str]:
    stems = {word[: -len(e)] for e in endings if word.endswith(e) and len(word) - len(e) >= _SHORTEST}
    return frozenset({word, *stems})


def sorani_token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with an ending, in Arabic letters."""
    return _stems(word, _SORANI)


def kurmanji_token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with an ending, in Latin letters."""
    return _stems(word, _KURMANJI)


@cache
def term_keys(word: str) -> frozenset[str]:
    """The keyword itself."""
    return frozenset({word})
