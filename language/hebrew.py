"""Hebrew: clitic letters in front, plural and feminine endings behind."""

import re
from functools import cache

_SHORTEST = 3
_CLITICS = re.compile(r"ו?(?:כש|לכש|מש|ש|מה|מ|ב|כ|ל|ה)?ה?")
_ENDINGS = ("ים", "ות", "יות", "יים", "ית", "ה", "י")
_FINAL = str.maketrans("ךםןףץ", "כמנפצ")


def token_keys(word: str) -> frozenset[str]:
    """The word and every word that it may be without clitics and ending; final letters are written as any other."""
    starts = {cut for cut in range(4) if cut == 0 or _CLITICS.fullmatch(word, 0, cut)}
    bare = {word[cut:] for cut in starts if len(word) - cut >= _SHORTEST}
    stems = {b[: -len(e)] for b in bare for e in _ENDINGS if b.endswith(e) and len(b) - len(e) >= _SHORTEST}
    return frozenset(key.translate(_FINAL) for key in {word, *bare, *stems})


@cache
def term_keys(word: str) -> frozenset[str]:
    """The keyword itself."""
    return frozenset({word.translate(_FINAL)})
