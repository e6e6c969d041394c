"""The Arabic lexicon is well-formed: people correct it by hand, and a slip must not blind a keyword."""

from collections import Counter

import pytest

from language.arabic import term_keys, token_keys
from language.arabic_endings import Kind
from language.arabic_lexicon import DOUBT, LexiconError, build, entries, lexicon, shipped
from language.arabic_verbs import stems
from language.scripts import fold_word

_SAME_KIND = {"people": "quality", "adjectives": "quality"}


def test_the_lexicon_knows_the_words_of_the_news() -> None:
    words = {(entry.section, fold_word(entry.word)) for entry in shipped()}

    assert len(words) >= 6_000


def test_no_word_stands_twice_in_sections_of_one_kind() -> None:
    rows = [entry for entry in shipped() if entry.section not in ("verbs", "acts")]
    places: dict[tuple[str, str], list[str]] = {}
    for entry in rows:
        kind = _SAME_KIND.get(entry.section, entry.section)
        places.setdefault((kind, fold_word(entry.word.removesuffix(DOUBT))), []).append(entry.origin)

    assert {word: where for word, where in places.items() if len(where) > 1} == {}


def test_no_form_repeats_its_word_or_another_form() -> None:
    repeated = [
        (entry.origin, entry.word)
        for entry in shipped()
        if entry.section not in ("verbs", "acts")
        and max(Counter(map(fold_word, (entry.word, *entry.forms))).values()) > 1
    ]

    assert repeated == []


def test_every_word_is_arabic_and_nothing_else() -> None:
    strange = [
        (entry.origin, word)
        for entry in shipped()
        for word in (entry.word.removesuffix(DOUBT), *entry.forms)
        if not all("ء" <= letter <= "ّ" for letter in word.removesuffix(DOUBT)) or len(word) < 2
    ]

    assert strange == []


def test_every_imperfect_begins_as_an_imperfect() -> None:
    wrong = [
        (entry.origin, entry.word)
        for entry in shipped()
        if entry.section == "verbs"
        and (len(entry.forms) > 1 or not all(f.startswith("ي") for f in entry.forms))
    ]

    assert wrong == []


def test_every_act_is_made_of_a_known_verb_and_known_nouns() -> None:
    book = lexicon()
    rows = [entry for entry in shipped() if entry.section == "acts"]

    assert rows
    for entry in rows:
        assert book.kinds.get(fold_word(entry.word), 0) & Kind.PLAIN, entry
        for noun in entry.forms:
            assert book.kinds.get(fold_word(noun), 0) & (
                Kind.THING | Kind.PERSON | Kind.FEMININE | Kind.PLURAL
            ), entry


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[nouns]\nباب", "x.txt:1: there is no section"), ("باب", "x.txt:1: words stand before")],
)
def test_a_slip_in_a_file_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(LexiconError, match=complaint):
        list(entries(text, "x.txt"))


def test_an_irregular_form_that_is_a_word_of_its_own_keeps_its_own_meaning() -> None:
    book = build(entries("[things]\nقوة=قوى\n[adjectives]\nقوي=أقوياء\n", "x.txt"))

    assert book.meanings["قوه"] == {"قوه", "قوي"}
    assert book.meanings["قوي"] == {"قوي", "اقوياء"}
    assert book.meanings["اقوياء"] == {"قوي", "اقوياء"}


@pytest.mark.parametrize(
    ("perfect", "imperfect", "forms"),
    [
        ("قال", "يقول", {"قال", "قل", "قول"}),
        ("دعا", "يدعو", {"دعا", "دعو", "دع"}),
        ("أعلن", "", {"اعلن", "علن"}),
        ("أدان", "", {"ادان", "ادن", "دين"}),
        ("استقال", "", {"استقال", "استقل", "ستقيل"}),
        ("وصل", "", {"وصل", "صل"}),
        ("اعتقل", "", {"اعتقل", "عتقل"}),
        ("رد", "", {"رد", "ردد"}),
        ("أكد", "", {"اكد", "وكد"}),
    ],
)
def test_a_verb_has_the_stems_of_its_pattern(perfect: str, imperfect: str, forms: set[str]) -> None:
    found = stems(perfect, imperfect)

    assert forms <= {found.plain, found.before_vowel, *found.before_consonant, *found.imperfect}


def test_every_word_of_the_lexicon_meets_itself_with_and_without_its_article() -> None:
    rows = [entry for entry in shipped() if entry.section not in ("verbs", "acts")]
    missed: list[str] = []
    for entry in rows:
        word = fold_word(entry.word.removesuffix(DOUBT))
        defined = entry.section in ("things", "people") and len(word) > 2 and not word.startswith("ال")
        written = (word, "ال" + word) if defined else (word,)
        missed += [one for one in written if not term_keys(word) & token_keys(one)]

    assert missed == []
