"""An Arabic keyword meets every written form of its word, and not the words that only look like it."""

from pathlib import Path

import pytest

from language.arabic import term_keys, token_keys, without_clitics
from language.scripts import fold_word

_LINES = (Path(__file__).parent / "arabic_forms.txt").read_text(encoding="utf-8").splitlines()[1:]


def meets(term: str, written: str) -> bool:
    return bool(term_keys(fold_word(term)) & token_keys(fold_word(written)))


@pytest.mark.parametrize("line", _LINES, ids=lambda line: line.split(" ")[0])
def test_a_keyword_meets_its_forms_and_not_its_lookalikes(line: str) -> None:
    (term,), forms, others = (part.split() for part in line.split("|"))

    missed = [form for form in forms if not meets(term, form)]
    false = [other for other in others if meets(term, other)]

    assert (missed, false) == ([], [])


def test_there_are_sixty_keywords_with_ten_forms_and_five_lookalikes_each() -> None:
    parts = [[len(part.split()) for part in line.split("|")] for line in _LINES]

    assert len(parts) >= 60
    assert all(forms >= 10 and others >= 5 for _, forms, others in parts)


@pytest.mark.parametrize(
    ("word", "not_taken_for"),
    [
        ("والد", "لد"),
        ("ولد", "لد"),
        ("فقر", "قر"),
        ("كتاب", "تاب"),
        ("بلد", "لد"),
        ("لبنان", "بنان"),
        ("باب", "اب"),
        ("وزير", "زير"),
        ("كبير", "بير"),
        ("لجنة", "جنة"),
        ("بيان", "يان"),
        ("سلام", "لام"),
        ("ألمانيا", "مانيا"),
        ("وفاة", "فاة"),
        ("الله", "له"),
        ("فيلم", "يلم"),
        ("كمال", "مال"),
        ("بلال", "لال"),
        ("وسام", "سام"),
    ],
)
def test_a_known_word_is_not_taken_apart(word: str, not_taken_for: str) -> None:
    assert not meets(not_taken_for, word)


@pytest.mark.parametrize(
    ("word", "keyword"),
    [
        ("وبلاده", "بلد"),
        ("فسيقتلونهم", "قتل"),
        ("وللمتظاهرين", "متظاهر"),
        ("أبالعراق", "عراق"),
        ("بالبصرة", "بصرة"),
        ("كالإرهابيين", "إرهابي"),
        ("ولوزرائها", "وزير"),
        ("أفلام", "فيلم"),
        ("عمله", "عمل"),
        ("عملة", "عملة"),
        ("باسم", "اسم"),
        ("باسم", "باسم"),
        ("وباسم", "باسم"),
    ],
)
def test_chains_of_particles_and_doubtful_words_keep_every_likely_reading(word: str, keyword: str) -> None:
    assert meets(keyword, word)


@pytest.mark.parametrize(
    ("keyword", "written"),
    [
        ("زغلول", "وزغلول"),
        ("زغلول", "بالزغلول"),
        ("قرنفوشي", "القرنفوشيين"),
        ("درعفان", "درعفانها"),
        ("بعطوش", "البعاطيش"),
        ("خنشور", "خناشير"),
        ("زعبوطة", "زعبوطات"),
        ("زعبوطات", "والزعبوطة"),
    ],
)
def test_a_word_that_the_lexicon_does_not_know_is_taken_apart_by_its_letters(
    keyword: str, written: str
) -> None:
    assert meets(keyword, written)


@pytest.mark.parametrize("word", ["عرض", "شكل", "وضع", "نقل", "حدث"])
def test_a_noun_does_not_meet_the_verb_it_looks_like_in_its_other_forms(word: str) -> None:
    assert meets(word, word)
    assert not meets(word, "ي" + word)
    assert not meets(word, word + "وا")


def test_the_plural_as_keyword_means_the_singular_too() -> None:
    assert meets("أحزاب", "حزبهم")
    assert meets("المتظاهرين", "متظاهرة")
    assert not meets("قوي", "قوات")


def test_a_written_word_has_few_keys() -> None:
    words = [word for line in _LINES for part in line.split("|")[1:] for word in part.split()]

    counts = [len(token_keys(fold_word(word))) for word in words]

    assert max(counts) <= 12
    assert sum(counts) / len(counts) < 3


def test_wildcards_see_the_word_without_its_particles() -> None:
    assert {"والعراق", "العراق", "عراق"} <= set(without_clitics("والعراق"))
    assert without_clitics("و") == ("و",)


@pytest.mark.parametrize(
    "word", ["و", "ال", "لل", "ووو", "االا", "سسس", "بال", "وال", "كك", "يتن", "ااا", "للل", "التهمت"]
)
def test_scraps_are_words_that_meet_themselves(word: str) -> None:
    assert meets(word, word)


@pytest.mark.parametrize(
    ("keyword", "written"),
    [
        ("سعودي", "السعودية"),
        ("السعودية", "بالسعودية"),
        ("هندي", "الهندية"),
        ("السنك", "السنك"),
        ("سوران", "وسوران"),
    ],
)
def test_a_name_like_a_quality_is_both(keyword: str, written: str) -> None:
    assert meets(keyword, written)


def test_an_unknown_keyword_is_not_taken_for_a_dual() -> None:
    assert not meets("دربان", "الدرب")
    assert meets("دربان", "الدربان")


def test_an_unlikely_reading_is_left_where_there_is_a_likely_one() -> None:
    assert meets("كلب", "كلبها")
    assert not meets("لب", "كلبها")


def test_what_has_an_article_has_no_pronoun() -> None:
    assert meets("حب", "حبك")
    assert not meets("حب", "الحبك")
