"""Place forms: how a place's name is spelled and inflected, and which names a written word may be."""

from collections.abc import Iterator
from functools import lru_cache

from language.forms import token_keys
from language.languages import UNKNOWN
from language.scripts import script_of
from language.words import tokens

# Articles inside Latin names, however assimilated: Suq al-Shuyukh, Suq ash-Shuyukh, Shattularap.
ARTICLES = frozenset(
    {"al", "el", "ul", "ar", "er", "as", "es", "ash", "ad", "ed", "an", "en", "at", "et", "az", "ez", "the"}
)
# Languages whose nouns change their ends; elsewhere a place is called what it is called.
_INFLECTING = frozenset({
    "az", "ckb", "da", "de", "el", "fa", "fi", "he", "hu", "hy", "kmr", "ku", "lt", "nb", "nl", "ro", "ru", "sr", "sv",
    "tk", "tr", "ur",
})  # fmt: skip
# A last letter that softens before an ending in Turkish.
_SOFTENED = {"k": "g", "t": "d", "p": "b", "c": "c"}
_CONJUNCTIONS = ("و", "ف")
_PREPOSITIONS = ("ب", "ك", "ل")
_SHORTEST = 3
_SHORTEST_PLAIN = 5
_SHORTEST_INFLECTED = 4
_MOST_REMEMBERED = 100_000


def words_of(name: str, *, articles: bool = False) -> tuple[str, ...]:
    """The folded words of a name, Latin articles left out unless they are asked for."""
    words: dict[int, str] = {}
    for token in tokens(name):
        if token.position == token.last:
            words.setdefault(token.position, token.folded)
    return tuple(words.values()) if articles else without_articles(tuple(words.values()))


def without_articles(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without Latin articles; all of them where there is nothing else."""
    return tuple(word for word in words if word not in ARTICLES) or words


@lru_cache(maxsize=_MOST_REMEMBERED)
def forms_of(folded: str, lang: str) -> frozenset[str]:
    """The names that a written word may be in a text of `lang`, itself included. Names have no plural and no owner."""
    if script_of(folded) == "Arab":
        keys = frozenset(_arabic_script(folded, lang))
        if lang not in _INFLECTING and lang != UNKNOWN:
            return keys  # Arabic doubles no letter for its looks
    elif lang in _INFLECTING and len(folded) >= _SHORTEST_INFLECTED:
        keys = frozenset({folded, *_endless(folded, lang, shortest=_SHORTEST_INFLECTED)})
    else:
        keys = frozenset({folded})
    return keys | {plain(key) for key in keys}


def _endless(folded: str, lang: str, *, shortest: int = _SHORTEST) -> Iterator[str]:
    """What the word is without endings. A name's letters stay; endings may soften the last: Irak, Irağı."""
    squeezed = plain(folded)
    for key in token_keys(folded, lang):
        if lang == "kmr" and folded == key + "i":
            continue  # a man from there: Barzanî
        softened = key[:-1] + _SOFTENED.get(key[-1:], key[-1:])
        if len(key) >= shortest and any(one.startswith((key, softened)) for one in (folded, squeezed)):
            yield key


def plain(word: str) -> str:
    """One spelling for what newsrooms spell as they hear it: Diwaniyya, Diwaniyah, Diwaniya; کەرکووک, کەرکوک."""
    if not word.isascii():
        return word.replace("وو", "و").replace("يي", "ي")
    if len(word) < _SHORTEST_PLAIN:
        return word
    for written, meant in (("iyy", "iy"), ("ee", "i"), ("oo", "u"), ("ou", "u"), ("aa", "a")):
        word = word.replace(written, meant)
    return word[:-1] if word.endswith("ah") else word


def _arabic_script(folded: str, lang: str) -> Iterator[str]:
    yield folded
    if lang in ("ar", UNKNOWN):
        yield from _unprefixed(folded)
    if lang == UNKNOWN:
        yield from _endless(folded, "ckb")
    elif lang in _INFLECTING:
        yield from _endless(folded, lang)


def _unprefixed(word: str) -> Iterator[str]:
    """An Arabic word without conjunction and preposition; the article stays, for it is part of the name."""
    rests = [word]
    if word.startswith(_CONJUNCTIONS) and len(word) > _SHORTEST:
        rests.append(word[1:])
    for rest in rests:
        yield rest
        if rest.startswith("لل") and len(rest) > _SHORTEST:
            yield "ال" + rest[2:]
        if rest.startswith(_PREPOSITIONS) and len(rest) > _SHORTEST:
            yield rest[1:]
