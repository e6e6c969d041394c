"""Concept lists: what ships is usable, and what is wrong is named."""

import pytest

from language.concepts import ConceptError, concepts_from, parse_concept, shipped
from rules.engine import Engine
from rules.rule import compile_rule


def test_every_shipped_concept_can_be_used_in_a_rule() -> None:
    concepts = shipped()

    Engine([compile_rule(name=name, query=f"@{name}") for name in concepts], concepts)

    assert {"iraq", "militia", "basra", "tahrir", "protest"} <= set(concepts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[concepts.a]\nxx = ["b"]', ["list.toml", "'a'", "'xx'"]),
        ('[concepts.a]\nen = "b"', ["list.toml", "'a'", "en"]),
        ('[concepts.a]\nen = [""]', ["list.toml", "'a'", "en.0"]),
        ('[concepts.a]\nen = ["b"]\nnot = { zz = ["c"] }', ["'a'", "'zz'"]),
        ("[concepts.a]\n", ["'a'", "no terms"]),
        ("[concepts.a", ["list.toml", "TOML"]),
    ],
)
def test_a_mistake_is_named_with_file_concept_and_item(text: str, parts: list[str]) -> None:
    with pytest.raises(ConceptError) as error:
        concepts_from(text, "list.toml")

    assert all(part in str(error.value) for part in parts)


def test_regions_and_synonyms_of_a_language_are_that_language() -> None:
    concept = parse_concept("a", {"ar-IQ": ["b"], "ar": ["c"]})

    assert dict(concept.terms) == {"ar": ("b", "c")}
