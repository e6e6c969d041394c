"""The Arabic lexicon: which words there are, what kind each is, and which forms of it no rule gives.

It is written by hand in `data/arabic/*.txt`; `data/arabic/README.md` says how to read and correct it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from language.arabic_endings import Kind
from language.arabic_verbs import stems
from language.scripts import fold_word

# Verbs have keys of their own, so that عرض (an offer) does not meet يعرض; folding removes this sign from all texts.
VERB_SIGN = "ـ"
DOUBT = "?"
_KINDS = {
    "things": Kind.THING,
    "people": Kind.PERSON,
    "adjectives": Kind.PERSON,
    "names": Kind.NAME,
    "particles": Kind.PARTICLE,
}
_FEMININE = {
    Kind.THING: Kind.FEMININE,
    Kind.PERSON: Kind.FEMININE,
    Kind.NAME: Kind.NAME | Kind.FEMININE,
    Kind.PLURAL: Kind.FEMININE_PLURAL,
}
_SPLIT_BY_COLON = frozenset({"verbs", "acts"})
_SECTIONS = frozenset({*_KINDS, *_SPLIT_BY_COLON})


class LexiconError(ValueError):
    """A line of the lexicon cannot be read."""


class Entry(NamedTuple):
    """One word of the lexicon as it is written there."""

    section: str
    word: str
    forms: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of Arabic words, by their folded spelling."""

    kinds: dict[str, int]  # dictionary words, irregular forms and verb stems
    verbs: dict[str, tuple[str, ...]]  # verb stem -> keys of its verbs
    imperfects: dict[str, tuple[str, ...]]
    meanings: dict[str, frozenset[str]]  # keyword -> keys it stands for, where they are more than itself


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    return build(shipped())


def shipped() -> Iterator[Entry]:
    """Every entry of the shipped files, in their order."""
    folder = files("language") / "data" / "arabic"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".txt"):
            yield from entries(file.read_text(encoding="utf-8"), file.name)


def entries(text: str, name: str) -> Iterator[Entry]:
    """The entries of one file: sections in brackets, words apart by spaces, comments behind #."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", maxsplit=1)[0].strip()
        if words.startswith("["):
            section = words.strip("[]")
            if section not in _SECTIONS:
                raise LexiconError(f"{name}:{number}: there is no section {words}; see README.md beside it")
        elif words and not section:
            raise LexiconError(f"{name}:{number}: words stand before the first [section]")
        else:
            for item in words.split():
                word, _, forms = item.partition(":" if section in _SPLIT_BY_COLON else "=")
                yield Entry(section, word, tuple(forms.split("/")) if forms else (), f"{name}:{number}")


def build(rows: Iterator[Entry]) -> Lexicon:
    """The tables by which words are analysed."""
    kinds: dict[str, int] = defaultdict(int)
    verbs: dict[str, set[str]] = defaultdict(set)
    imperfects: dict[str, set[str]] = defaultdict(set)
    groups: list[tuple[str, tuple[str, ...]]] = []
    acts: list[tuple[str, tuple[str, ...]]] = []
    heads: set[str] = set()
    for section, word, forms, _ in rows:
        if section == "verbs":
            _add_verb(word, forms, kinds, verbs, imperfects)
        elif section == "acts":
            acts.append((VERB_SIGN + fold_word(word), tuple(map(fold_word, forms))))
        else:
            folded = _add_word(section, word, kinds)
            heads.add(folded)
            if forms:
                groups.append((folded, tuple(_add_form(form, kinds) for form in forms)))
    _doubt_doubles(kinds)
    return Lexicon(
        {word: int(kind) for word, kind in kinds.items()},
        _frozen(verbs),
        _frozen(imperfects),
        _meanings(groups, acts, frozenset(heads)),
    )


def _add_word(section: str, word: str, kinds: dict[str, int]) -> str:
    folded, kind = _folded(word, _KINDS[section])
    if section == "names" and _has_article(word):
        folded = folded[len("ال") :]
    kinds[folded] |= kind
    return folded


def _add_form(form: str, kinds: dict[str, int]) -> str:
    folded, kind = _folded(form, Kind.PLURAL)
    kinds[folded] |= kind
    return folded


def _folded(word: str, kind: Kind) -> tuple[str, Kind]:
    """The word folded, and what it is, as far as its spelling says that: folding hides the -ة."""
    plain = word.removesuffix(DOUBT)
    if plain.endswith("ة") and kind in _FEMININE:
        kind = _FEMININE[kind]
    return fold_word(plain), kind if plain == word else kind | Kind.DOUBTFUL


def _doubt_doubles(kinds: dict[str, int]) -> None:
    """Marks words that are spelled like another one in a common form, so that both readings hold.

    Names like the feminine of a quality (السعودية, الهندية), and words like another with its article (ألغاز, الغاز).
    """
    nouns = Kind.THING | Kind.PERSON | Kind.FEMININE
    for word, kind in list(kinds.items()):
        quality = kind & Kind.NAME and word.endswith("ه") and kinds.get(word[:-1], 0) & Kind.PERSON
        if quality or (word.startswith("ال") and kinds.get(word[2:], 0) & nouns):
            kinds[word] |= Kind.DOUBTFUL


def _has_article(name: str) -> bool:
    """Whether a name is written with an article that falls away elsewhere: البصرة, and not الله."""
    return name.startswith("ال") and len(name) > 4


def _add_verb(
    word: str,
    forms: tuple[str, ...],
    kinds: dict[str, int],
    verbs: dict[str, set[str]],
    imperfects: dict[str, set[str]],
) -> None:
    found = stems(word, forms[0] if forms else "")
    key = VERB_SIGN + found.plain
    kinds[found.plain] |= Kind.PLAIN
    kinds[found.before_vowel] |= Kind.VOWEL
    for stem in found.before_consonant:
        kinds[stem] |= Kind.CONSONANT
    for stem in (found.plain, found.before_vowel, *found.before_consonant):
        verbs[stem].add(key)
    for stem in found.imperfect:
        imperfects[stem].add(key)


def _frozen(table: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {stem: tuple(sorted(keys)) for stem, keys in table.items()}


def _meanings(
    groups: list[tuple[str, tuple[str, ...]]], acts: list[tuple[str, tuple[str, ...]]], heads: frozenset[str]
) -> dict[str, frozenset[str]]:
    """What keywords mean: a word all its forms; an irregular form that is no word of its own, what its word means."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for head, forms in groups:
        for word in (head, *(form for form in forms if form not in heads)):
            meanings[word].update((head, *forms))
    for verb, nouns in acts:
        whole = {verb, *nouns}.union(*(meanings.get(noun, ()) for noun in nouns))
        for word in (verb, nouns[0]):
            meanings[word].update(whole)
    return {word: frozenset(meant | {word}) for word, meant in meanings.items()}
