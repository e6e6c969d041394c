"""Everyday words: what else a pattern would cover, and what stands in every article whatever it is about."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from language.concepts import ANY, shipped
from language.forms import token_keys
from language.indonesian import only_grammar
from language.scripts import fold_word, script_of

# The lists of `language/data` that hold words of one language, with the beginnings of the sections that do.
_LISTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ar": (("arabic", ""),),
    "ckb": (("kurdish.toml", "sorani"),),
    "de": (("european.toml", "de_"),),
    "en": (("english.toml", ""),),
    "es": (("european.toml", "es_"),),
    "fa": (("persian.toml", ""),),
    "fr": (("european.toml", "fr_"),),
    "id": (("indonesian", ""),),
    "kmr": (("kurdish.toml", "kurmanji"),),
    "ms": (("indonesian", ""),),
    "tr": (("turkish", ""),),
}
_SHORTEST = 3  # shorter ones in the lists are endings
_LETTERS = re.compile(r"[^\W\d_]+")


@cache
def known_words(lang: str) -> frozenset[str]:
    """The folded words of `lang` that our lists hold: some thousand, the commonest of news among them."""
    script = "Arab" if lang in ("ar", "ckb", "fa") else "Latn"
    listed = {fold_word(word) for text in _texts(lang) for word in _LETTERS.findall(text)}
    found = {word for word in listed if len(word) >= _SHORTEST and script_of(word) == script}
    return frozenset(found | _of_concepts().get(lang, set()))


@cache
def holds_sentences_together(folded: str, lang: str) -> bool:
    """Whether the word is grammar alone in `lang`: the, of, في, dalam."""
    if lang in ("id", "ms"):
        return only_grammar(folded, "")
    return folded in _words(f"{lang}_grammar")


def stands_everywhere(folded: str, lang: str) -> bool:
    """Whether so many articles of `lang` hold the word that it says nothing alone: government, قال, kata."""
    return folded in _words(f"{'id' if lang == 'ms' else lang}_common")


def is_everyday(folded: str, lang: str) -> bool:
    """Whether one of the words is meant that everybody knows: not a name, nor a word of our concepts."""
    words = _words(lang) | _words(f"{lang}_grammar") | _words(f"{lang}_common")
    return not words.isdisjoint(token_keys(folded, lang))


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(fold_word(word) for word in _everyday().get(section, "").split())


@cache
def _everyday() -> dict[str, str]:
    return tomllib.loads((files("language") / "data" / "everyday.toml").read_text(encoding="utf-8"))


def _texts(lang: str) -> Iterator[str]:
    """The texts of the lists of one language, remarks left out."""
    for section in (lang, f"{lang}_common"):
        yield _everyday().get(section, "")
    for name, beginning in _LISTS.get(lang, ()):
        entry = files("language") / "data" / name
        for file in sorted(entry.iterdir(), key=lambda one: one.name) if entry.is_dir() else (entry,):
            if file.name.endswith(".toml"):
                yield from _values(tomllib.loads(file.read_text(encoding="utf-8")), beginning)
            elif file.name.endswith(".txt"):
                yield _without_remarks(file.read_text(encoding="utf-8"))


def _values(table: Mapping[str, Any], beginning: str) -> Iterator[str]:
    for name, value in table.items():
        if name.startswith(beginning) and isinstance(value, str):
            yield _without_remarks(value)


def _without_remarks(text: str) -> str:
    return "\n".join(line.split("#")[0] for line in text.splitlines())


@cache
def _of_concepts() -> dict[str, set[str]]:
    """The words of the shipped concepts by language; names that hold in any language count as English."""
    found: dict[str, set[str]] = {}
    for concept in shipped().values():
        for lang, items in concept.terms.items():
            words = found.setdefault("en" if lang == ANY else lang, set())
            for item in items:
                if not item.startswith(("@", "=")) and "*" not in item:
                    words.update(fold_word(word) for word in _LETTERS.findall(item) if len(word) >= _SHORTEST)
    return found
