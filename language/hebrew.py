"""Hebrew: clitic letters in front; plural, construct, feminine and owner behind; final letters as any other."""

from functools import cache

from language.endings import chains, endings
from language.wordlists import families, words

_SHORTEST = 3
# ו and ש, then ב כ ל מ, then ה; what stays must be a word.
_CLITICS = frozenset(chains("- ו", "- ש כש לכש", "- ב כ ל מ מה", "- ה") - {""})
_LONGEST_CLITIC = max(map(len, _CLITICS))
# With the letter that an ending may have replaced: מיליציות is מיליציה.
_ENDINGS = endings(
    (3, chains("ימ ות יימ יות ית י יה יו נו המ הנ כמ יהמ יכמ ינו ויות אי אימ")),
    (3, chains("ותיו ותיה ותיהמ ותינו")),
    (4, chains("ה ת ו מ נ")),
)
_FEMININE = ("ות", "ת", "ותיו", "ותיה", "ותיהמ")
_FINAL = str.maketrans("ךםןףץ", "כמנפצ")


def token_keys(word: str) -> frozenset[str]:
    """The word and every word that it may be without clitics and ending."""
    plain = word.translate(_FINAL)
    whole = _whole()
    found = {word, plain}
    for bare in _without_clitics(plain, whole):
        found.add(bare)
        for stem in _ENDINGS.stems(bare, whole):
            found.add(stem)
            if bare[len(stem) :] in _FEMININE:
                found.add(stem + "ה")
            elif bare[len(stem) :] == "ית":
                found.update((stem + "ה", stem + "יה"))
    return frozenset(found)


@cache
def term_keys(word: str) -> frozenset[str]:
    """The keyword and its irregular plurals."""
    plain = word.translate(_FINAL)
    irregular = {head.translate(_FINAL): rest for head, rest in families("hebrew", "plurals").items()}
    return frozenset({word, plain, *(form.translate(_FINAL) for form in irregular.get(plain, ()))})


@cache
def _whole() -> frozenset[str]:
    return frozenset(one.translate(_FINAL) for one in words("hebrew", "whole"))


def _without_clitics(word: str, whole: frozenset[str]) -> list[str]:
    """The word, and what stays of it; nothing is taken off a word that is whole."""
    found = [word]
    for cut in range(1, min(_LONGEST_CLITIC, len(word) - _SHORTEST) + 1):
        if found[-1] in whole:
            break
        if word[:cut] in _CLITICS:
            found.append(word[cut:])
    return found
