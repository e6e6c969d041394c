"""Kurdish: Sorani and Bahdini in Arabic letters, Kurmanji in Latin ones; nouns by their endings, verbs by their forms.

Written words lose endings, keywords gain spellings: a noun is met under every chain of definite, plural, ezafe, owner
and clitic, a verb keyword under the finite forms that are made of its two stems.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product

from language.endings import chains, endings
from language.wordlists import families, words

_SHORTEST = 3
# Everything below is in folded letters (ە and ه are ه; ی, ێ and ئ are ي; ۆ and وو are و) with nothing doubled.
_OWNERS = "م ت ي ش مان تان يان شيان"
_CLITICS = "- يش ش دا هوه يشدا يشهوه داش ن ه يه م ين"
_SORANI = endings(
    (3, chains("هكه كه هكان كان يهكه يهكان", f"- {_OWNERS}", _CLITICS)),
    (3, chains("يك يهك", "- ي م مان يان يش", "- يش دا هوه يشدا يشهوه ه يه")),
    (3, chains("ان انه", "- ي مان تان يان", "- يش دا هوه يشدا يشهوه ه يه")),
    (3, chains("ي مان تان يان", "- يش دا هوه يشدا يشهوه ه يه ن")),
    (3, chains("ه دا هوه يش يهي گهل گهلي گهلان تر ترين ترينه هيه يدا هدا")),
    (4, chains("ش ات اتي اتهكان اتهكاني")),
    # Bahdini: oblique and ezafe as Kurmanji has them.
    (4, chains("ا ين يا يين يان هكي هكا يهكي يهكا هك وه")),
)
_KURMANJI = endings(
    (3, chains("e a i en an", "- de da")),
    (3, chains("ek eke eka eki ekan in ine ye ya yi yen yan yek yeke yeka yeki")),
    (3, chains("yin ere anre era anra eve anve yede yeda")),
    (4, chains("iya iye iyan iyen iyek iyeke o ino en tir tirin")),
)
# What a keyword may lose too, since nothing else ends so.
_SORANI_SURE = re.compile(r"(?<=...)(?:ه?كان(?:ي|مان|تان|يان)?|ه?كهي?)$")
_DOUBLED = re.compile(r"([وي])\1+")
_PAST = ("", "م", "ت", "يت", "ي", "ين", "ن", "ه", "يان", "مان", "و", "وه", "ون", "وم", "وين", "بو", "بون", "ويانه",
         "ويهتي", "وهتهوه", "ايه", "ايهوه", "هوه")  # fmt: skip
_PRESENT = ("م", "ي", "يت", "ات", "ين", "ن", "ه", "ا", "يتهوه", "نهوه")
_SPLITTERS = ("", "ي", "يان", "مان")
_LATIN_PAST = ("", "im", "i", "in", "iye", "ine", "ime", "ibu", "ibun", "ibe", "a", "e", "en", "iyan", "ina")
_LATIN_PRESENT = ("im", "i", "e", "in", "in", "a")


def sorani_token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with endings, in Arabic letters."""
    plain = _single(word)
    stems = _SORANI.stems(plain, _whole())
    return frozenset((word, plain, *stems)) if stems else frozenset((word, plain))


def sorani_term_keys(word: str) -> frozenset[str]:
    """The keyword as all spell it, its noun where it is a definite or plural one, its forms where it is a verb."""
    found: set[str] = {word}
    for one in _sorani_spellings(_single(word)):
        found.update((one, *_indefinite(one), *_sorani_verb(one)))
    return frozenset(found)


def kurmanji_token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with endings, in Latin letters."""
    return frozenset((word, *_KURMANJI.stems(word, words("kurdish", "kurmanji_whole"))))


def kurmanji_term_keys(word: str) -> frozenset[str]:
    """The keyword with its other spellings, and its finite forms where it is a verb."""
    spelled = {word, *_relatives("kurmanji_spellings", word)}
    return frozenset(spelled.union(*(_kurmanji_verb(one) for one in spelled)))


def _single(word: str) -> str:
    return _DOUBLED.sub(r"\1", word) if "وو" in word or "يي" in word else word


@cache
def _whole() -> frozenset[str]:
    return frozenset(_single(word) for word in words("kurdish", "sorani_whole"))


@cache
def _lines(section: str) -> dict[str, set[str]]:
    """Every word of the section's lines, as Sorani is compared, with all the words of its lines."""
    found: dict[str, set[str]] = {}
    for head, rest in families("kurdish", section).items():
        line = {_single(word) for word in (head, *rest)}
        for word in line:
            found.setdefault(word, set()).update(line)
    return found


def _relatives(section: str, word: str) -> set[str]:
    return _lines(section).get(word, set())


def _indefinite(word: str) -> Iterator[str]:
    """The noun of a definite or plural keyword."""
    stem = _SORANI_SURE.sub("", word)
    if stem != word and word not in _whole():
        yield stem
        if word[len(stem)] == "ه":
            yield stem + "ه"


def _sorani_spellings(word: str) -> Iterator[str]:
    """The word and its listed spellings, each with the hamza of its first vowel and without."""
    for one in {word, *_relatives("sorani_spellings", word)}:
        yield one
        if one.startswith("يا"):
            yield one[1:]
        elif one.startswith("ي"):
            yield "ا" + one
        elif one.startswith("اي"):
            yield one[1:]
        elif one.startswith("ا") and len(one) > _SHORTEST:
            yield "ي" + one


def _sorani_verb(word: str) -> Iterator[str]:
    """The finite forms of an infinitive: past and participle of its past stem, present of its present stem."""
    presents = list(_listed_presents("sorani_verbs", word))
    if word.endswith("ران") and len(word) > 4:
        presents.append(word[:-2] + "ي")
    elif word.endswith("اندن") and len(word) > 5:
        presents.append(word[:-4] + "ين")
    if not presents:
        return
    past = word.removesuffix("هوه").removesuffix("ن")
    yield from _joined(("", "نه", "ده", "نهده"), ("",), (past,), _PAST)
    yield from _joined(("ده", "نا", "ب", "نه"), _SPLITTERS, presents, _PRESENT)


def _kurmanji_verb(word: str) -> Iterator[str]:
    presents = list(_listed_presents("kurmanji_verbs", word))
    if word.endswith("andin") and len(word) > 6:
        presents.append(word[:-5] + "in")
    if not presents:
        return
    past = word.removesuffix("in").removesuffix("n") if not word.endswith("andin") else word[:-2]
    yield from _joined(("", "ne", "di", "nedi", "bi"), ("",), (past,), _LATIN_PAST)
    yield from _joined(("di", "na", "bi", "ne"), ("",), presents, _LATIN_PRESENT)


def _listed_presents(section: str, word: str) -> tuple[str, ...]:
    return _presents(section).get(word, ())


@cache
def _presents(section: str) -> dict[str, tuple[str, ...]]:
    table = families("kurdish", section)
    return {_single(infinitive): tuple(map(_single, stems)) for infinitive, stems in table.items()}


def _joined(*slots: Iterable[str]) -> Iterator[str]:
    """Every form that the slots make, in order, but the shortest, which are other words."""
    for parts in product(*slots):
        form = _single("".join(parts))
        if len(form) >= _SHORTEST:
            yield form
