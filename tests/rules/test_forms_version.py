"""Articles are indexed anew when their lexemes would be others now: here a forgotten FORMS_VERSION is noticed."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from language.forms import token_keys
from language.passages import passages
from language.words import tokens
from rules.search import FORMS_VERSION, lexemes

HERE = Path(__file__).resolve().parents[1] / "data" / "lexemes"
WORDS, ON_RECORD = HERE / "words.toml", HERE / "version.json"
DATA = HERE.parents[2] / "language" / "data"
# Whose words the lists of language/data are; what they say of a word shows in its keys and in those of its forms.
LISTS: dict[str, tuple[str, ...]] = {
    "arabic": ("ar",),
    "english.toml": ("en",),
    "european.toml": ("de", "es", "fr", "it", "nl", "pt"),
    "hebrew.toml": ("he",),
    "indonesian": ("id", "ms"),
    "kurdish.toml": ("ckb", "kmr"),
    "persian.toml": ("fa", "ur"),
    "turkish": ("tr",),
}
# These tell which language a text is in, what a concept or place is called and what is worth a warning: no forms.
NO_FORMS = {
    "concepts",
    "everyday.toml",
    "evidence.toml",
    "gazetteer",
    "headlines.toml",
    "languages.toml",
    "malay_indonesian.toml",
    "malay_indonesian_letters.txt",
}
DRESS_ONE_OF = 5
DRESSED = {  # a word among what its language puts around words
    "ar": ("وال{}", "ب{}هم", "{}ات", "ي{}ون"),
    "ckb": ("{}ەکان", "{}ێکیان", "دە{}ن"),
    "de": ("{}en", "{}s"),
    "en": ("{}s", "{}ing", "{}'s"),
    "es": ("{}s", "{}es"),
    "fa": ("{}ها", "می{}", "{}ان", "{}شان"),
    "fr": ("{}s", "{}es"),
    "he": ("ה{}", "וב{}", "{}ים"),
    "id": ("me{}kan", "di{}nya", "pe{}an", "{}-{}"),
    "it": ("{}i",),
    "kmr": ("{}ên", "di{}in", "{}ekî"),
    "ms": ("me{}kan", "{}nya"),
    "nl": ("{}en", "{}s"),
    "pt": ("{}s", "{}es"),
    "tr": ("{}lerin", "{}da", "{}larımızı", "{}dı"),
    "ur": ("{}وں",),
}


def lists(lang: str) -> Iterator[str]:
    """The text of each list that has words of the language, without its remarks."""
    for name, languages in LISTS.items():
        folder = DATA / name
        for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            if lang in languages and path.suffix in (".toml", ".txt"):
                yield "\n".join(line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines())


def listed(lang: str) -> set[str]:
    """Every word of the lists, and many of them as they may stand in a text."""
    found = {token.folded for text in lists(lang) for token in tokens(text)}
    some = [word for word in found if crc32(word.encode()) % DRESS_ONE_OF == 0]
    return found | {dress.format(*[word] * 2) for word in some for dress in DRESSED[lang]}


def digest(lang: str, known: dict[str, Any]) -> str:
    """What the language's words and texts are found by, in short."""
    words = {token.folded for token in tokens(known["words"].get(lang, ""))}
    text = known["texts"].get(lang, "")
    keys = {
        word: sorted(token_keys(word, lang)) for word in words | (listed(lang) if lang in DRESSED else set())
    }
    found = [keys, lexemes("", "", text, lang, passages(text, lang))]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def now() -> dict[str, Any]:
    known = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {
        "version": FORMS_VERSION,
        "lexemes": {lang: digest(lang, known) for lang in sorted(known["words"])},
    }


def test_articles_get_the_lexemes_that_this_version_of_the_forms_has_on_record() -> None:
    on_record, found = json.loads(ON_RECORD.read_text(encoding="utf-8")), now()
    changed = {
        lang
        for lang in found["lexemes"].keys() | on_record["lexemes"].keys()
        if found["lexemes"].get(lang) != on_record["lexemes"].get(lang)
    }

    assert on_record == found, (
        f"texts in {', '.join(sorted(changed)) or 'no language'} get other lexemes than on record. If articles were "
        f"stored under version {on_record['version']} by a release, or in a database worth keeping, FORMS_VERSION in "
        f"rules/search.py (now {FORMS_VERSION}) must be one higher, or searches miss them in silence. Either way put "
        "it on record: python tests/rules/test_forms_version.py"
    )


def test_every_list_of_words_is_known_to_make_forms_or_none() -> None:
    assert {path.name for path in DATA.iterdir()} == set(LISTS) | NO_FORMS
    assert {lang for languages in LISTS.values() for lang in languages} == set(DRESSED)


if __name__ == "__main__":
    ON_RECORD.write_text(json.dumps(now(), indent=1) + "\n", encoding="utf-8")
