"""An English keyword meets its inflection, as Britain and America write it, and no other word."""

import pytest

from language.forms import token_keys
from rules.document import Document
from rules.engine import Engine
from rules.rule import compile_rule
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


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("anti-government", "anti-government"),
        ("anti-government", "antigovernment"),
        ("anti-government", "anti government"),
        ("antigovernment", "Anti-Government"),
        ("antigovernment", "anti‑government"),
        ("cooperation", "co-operation"),
        ("co-operation", "cooperation"),
    ],
)
def test_a_hyphen_may_be_a_space_or_nothing(query: str, written: str):
    engine = Engine([compile_rule(name="one", query=query)], {})

    assert engine.match(Document(title="", body=f"Large {written} marches in Basra", lang="en"))


def test_a_word_has_few_keys():
    for word in ("organisations", "protesting", "travelled", "militia", "seized", "deadliest"):
        assert len(token_keys(word, "en")) <= 4
