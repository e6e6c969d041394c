"""Turkish, Azeri and Turkmen: nouns without plural, owner and case, verbs without voice, tense and person.

Endings are believed where they leave a word of the lexicon; a word that none explains (a name, a new word) gives up its
endings where the vowels agree. Words that only end like forms (askeri, kara, bilgi) stand in the lexicon themselves.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from language.scripts import fold_word
from language.turkish_endings import VOWELS, chains, forms_of_verb, hardened, kind_of, kinds_of, light_kind_of

_SHORTEST = 2
_SHORTEST_UNKNOWN = 4
_LONGEST = 40
_LONGEST_CHAIN = 18
_LONGEST_VERB = 14
_VOWELS_WRITTEN = "aeıioöuüâîûAEIİOÖUÜ"
_INFINITIVE = re.compile("[a-z]*[aeiou][a-z]*m[ae]k")
_PRESENT = re.compile("[iu]yor")
_HATS = str.maketrans("âîû", "aiu")
# Behind the stem of a known verb: voices, not, can; then a tense with its person, or what makes a noun of it.
_VOICE = "(?:d[iu]r|t[iu]r|[iu]?l|[iu]?n|[iu]?s|[iu]?t|[iu]r)"
_NOT_CAN = "(?:(?:y?[ae]bil|y?[ae]m[ae]|m[ae]){0,3}(?:y?[ae]m|m)?)"
_PERSON = "(?:y?[iu]m|s[iu]n(?:[iu]z)?|y?[iu]z|k|m|n|n[iu]z|l[ae]r|d[iu]r(?:l[ae]r)?)"
_WAS = "(?:y?[dt][iu]|y?m[iu]s|y?s[ae])"
_TENSE = (
    "(?:[dt][iu]|m[iu]s|[iu]yor|yor|y?[ae]c[ae][kg]|[iuae]?r|z|m[ae]kt[ae]|m[ae]l[iu]|s[ae]|y?[ae])"
    f"{_WAS}?{_PERSON}?"
)
_NOMINAL = (
    "(?:m[ae]k?|y?[iu]s|y?[ae]n|[dt][iu][kg]|y?[ae]c[ae][kg]|m[iu]s|y?[iu]p|y?[ae]r[ae]k|y?[iu]nc[ae]|m[ae]d[ae]n|"
    "[dt][iu]kc[ae]|y?[iu]c[iu])"
)
_VERBAL = re.compile(f"{_VOICE}{{0,3}}{_NOT_CAN}(?:{_TENSE}|{_NOMINAL}(?P<noun>[a-z]*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    """`nouns`: each stem as written, the nouns it stands for and the kinds of endings these take.

    `whole` are the nouns themselves; `verbs` leads from the stem to the infinitive.
    """

    whole: frozenset[str]
    nouns: dict[str, list[tuple[str, int]]]
    verbs: dict[str, str]
    infinitives: frozenset[str]


def token_keys(word: str) -> frozenset[str]:
    """The word, every noun that it may be with its endings, the infinitives of the verbs that it is a form of."""
    known = _lexicon()
    if word in known.whole or len(word) > _LONGEST:
        return frozenset({word})
    infinitives, is_noun = _verbs(word)
    nouns: set[str] = set()
    guesses: set[str] = set()
    endings = chains()
    for cut in range(max(_SHORTEST, len(word) - _LONGEST_CHAIN), len(word)):
        kinds = endings.get(word[cut:])
        if kinds is None:
            continue
        stem, before_vowel = word[:cut], word[cut] in VOWELS
        for noun, kind in known.nouns.get(stem, ()):
            if kinds & kind and (noun == stem or before_vowel):
                nouns.add(noun)
        if cut >= _SHORTEST_UNKNOWN and kinds & kinds_of(stem):
            guesses.update(_as_written(stem, before_vowel))
    found = nouns or (guesses if is_noun else nouns)
    return frozenset({word, *found, *infinitives})


@cache
def term_keys(word: str) -> frozenset[str]:
    """What a keyword means: itself; the stem of a verb (öldür) also its infinitive, a new verb its common forms."""
    known = _lexicon()
    infinitive = known.verbs.get(word)
    if infinitive is not None:
        return frozenset({word, infinitive})
    is_new = _INFINITIVE.fullmatch(word) and word not in known.infinitives and word not in known.whole
    return frozenset({word, *forms_of_verb(word[:-3])} if is_new else {word})


def _as_written(stem: str, before_vowel: bool) -> Iterator[str]:
    """The stem, and the stem with the hard letter that a vowel softens."""
    yield stem
    if before_vowel and (hard := hardened(stem)) is not None:
        yield hard


def _verbs(word: str) -> tuple[list[str], bool]:
    """The infinitives of the verbs of the lexicon that the word is a form of, and whether it may be a noun."""
    known = _lexicon().verbs
    endings = chains()
    infinitives: list[str] = []
    is_noun = True
    for cut in range(_SHORTEST, min(len(word), _LONGEST_VERB)):
        infinitive = known.get(word[:cut])
        match = _VERBAL.fullmatch(word, cut) if infinitive else None
        if infinitive is None or match is None:
            continue
        endings_of_noun = match.group("noun")
        if not endings_of_noun or endings_of_noun in endings:
            infinitives.append(infinitive)
            is_noun = endings_of_noun is not None
    present = _PRESENT.search(word, _SHORTEST)
    if present is not None:
        # The present swallows a last a or e: tutukla, tutukluyor.
        stem = word[: present.start()]
        infinitives.extend(known[stem + vowel] for vowel in "ae" if stem + vowel in known)
    return infinitives, is_noun


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(
        (files("language") / "data" / "turkish" / f"{name}.toml").read_text(encoding="utf-8")
    )


@cache
def _lexicon() -> _Lexicon:
    """The whole lexicon, read once."""
    tables = _read("nouns"), _read("own")
    light = str(tables[0]["light_endings"]).split()
    soft = frozenset(str(tables[0]["soft"]).split())
    written = {
        word for table in tables for text in table.values() if isinstance(text, str) for word in text.split()
    }
    nouns: dict[str, list[tuple[str, int]]] = {}
    for word in sorted(written):
        kinds = _kind(word) | (light_kind_of(word) if word in light else 0)
        for stem in {word, *_softened(word, soft)}:
            nouns.setdefault(fold_word(stem), []).append((fold_word(word), kinds | _kind(stem)))
    stems = tables[0]["stems"]
    assert isinstance(stems, dict)
    for word, stem in stems.items():
        kinds = _kind(word) | _kind(stem)
        nouns.setdefault(fold_word(stem), []).append((fold_word(word), kinds | light_kind_of(stem)))
    verbs = {fold_word(verb)[:-3]: fold_word(verb) for verb in str(_read("verbs")["verbs"]).split()}
    whole = frozenset(fold_word(word) for word in written)
    return _Lexicon(whole=whole, nouns=nouns, verbs=verbs, infinitives=frozenset(verbs.values()))


def _softened(word: str, soft: frozenset[str]) -> Iterator[str]:
    """A noun as it stands before a vowel: kitap, kitab; words of one syllable only where the lexicon says so."""
    letter = {"p": "b", "t": "d", "k": "g"}.get(word[-1])
    if letter is not None and (word in soft or sum(c in _VOWELS_WRITTEN for c in word) > 1):
        yield word[:-1] + letter


def _kind(word: str) -> int:
    """The kind of a word in full spelling."""
    return kind_of(word.replace("I", "ı").replace("İ", "i").lower().translate(_HATS))
