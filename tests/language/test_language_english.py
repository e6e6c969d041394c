"""An English keyword meets its inflection, as Britain and America write it, and no other word."""

import pytest

from language.forms import token_keys
from tests.language.keyword_tables import meets, missed, rows, wrongly_met


@pytest.mark.parametrize(("keyword", "forms", "others"), rows("en"))
def test_an_english_keyword_meets_its_forms_and_no_other_word(
    keyword: str, forms: list[str], others: list[str]
):
    assert (missed(keyword, forms, "en"), wrongly_met(keyword, others, "en")) == ([], [])


@pytest.mark.parametrize(
    ("keyword", "written"),
    [
        ("hat", "hated"), ("rat", "rated"), ("bar", "bared"), ("star", "staring"), ("car", "caring"),
        ("plan", "planes"),
        ("Hama", "Hamas"), ("new", "news"), ("sing", "singed"), ("build", "building"), ("unite", "united"),
        ("even", "evening"), ("mean", "means"), ("arm", "arms"),
    ],
)  # fmt: skip
def test_what_only_looks_like_inflection_is_another_word(keyword: str, written: str):
    assert not meets(keyword, written, "en")


@pytest.mark.parametrize(
    ("keyword", "written"), [("killings", "killed"), ("militias", "militia"), ("fled", "flee")]
)
def test_an_inflected_keyword_means_its_word(keyword: str, written: str):
    assert meets(keyword, written, "en")


def test_a_word_has_few_keys():
    for word in ("organisations", "protesting", "travelled", "militia", "seized", "deadliest"):
        assert len(token_keys(word, "en")) <= 4
