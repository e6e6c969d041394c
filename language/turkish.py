"""Turkish and Azeri: nouns without plural, possessive and case endings."""

import re
from functools import cache

_SHORTEST = 4
# Folded letters (no dots, no cedillas). An ending comes off only whole, in the order noun + plural + owner + case.
_CASE = "(?:n?[iu]|y[iu]|n?[ae]|y[ae]|n?[dt][ae]n?|n?[iu]n|y?l[ae]|n?c[ae]|ki)"
_OWNER = "(?:s?[iu]|[iu]?m|[iu]?n|[iu]?m[iu]z|[iu]?n[iu]z)"
_ENDING = re.compile(rf"(?:l[ae]r)?{_OWNER}?{_CASE}?(?:ki)?")
# k, t, p, c at the end of a noun soften before a vowel: Irak-ı stays, but sokak-ı is sokağı.
_SOFT = {"g": "k", "d": "t", "b": "p", "c": "c"}


def token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with plural, owner or case."""
    found = {word}
    for cut in range(_SHORTEST, len(word)):
        if _ENDING.fullmatch(word, cut):
            stem = word[:cut]
            found.add(stem)
            if stem[-1] in _SOFT and word[cut] in "aeiou":
                found.add(stem[:-1] + _SOFT[stem[-1]])
    return frozenset(found)


@cache
def term_keys(word: str) -> frozenset[str]:
    """The keyword itself."""
    return frozenset({word})
