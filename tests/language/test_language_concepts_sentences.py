"""Concepts held against sentences that people wrote for them: what must meet, and what only looks alike."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from language.concepts import shipped
from language.scripts import script_of
from rules.document import Document
from rules.engine import Engine
from rules.rule import compile_rule

FOLDER = Path(__file__).parents[1] / "data" / "concepts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One line of a table."""

    lang: str
    concepts: frozenset[str]
    text: str


def table(name: str) -> list[Sentence]:
    """The sentences of one file."""
    found: list[Sentence] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            lang, concepts, text = (part.strip() for part in line.split("|", 2))
            found.append(Sentence(lang=lang, concepts=frozenset(concepts.split()), text=text))
    return found


MEETS, MISSES = table("meets.txt"), table("misses.txt")


@cache
def engine() -> Engine:
    return Engine([compile_rule(name=name, query=f"@{name}") for name in shipped()], shipped())


def met(sentence: Sentence) -> dict[str, list[str]]:
    """The concepts that the sentence meets, each with the words that it met by."""
    hits = engine().match(Document(title="", body=sentence.text, lang=sentence.lang))
    return {hit.rule: [reason.surface for reason in hit.reasons] for hit in hits}


@pytest.mark.parametrize("sentence", MEETS, ids=lambda s: s.text)
def test_a_sentence_about_it_is_met(sentence: Sentence) -> None:
    assert sentence.concepts - met(sentence).keys() == set()


@pytest.mark.parametrize("sentence", MISSES, ids=lambda s: s.text)
def test_what_only_looks_alike_is_not_met(sentence: Sentence) -> None:
    wrong = {name: words for name, words in met(sentence).items() if name in sentence.concepts}

    assert wrong == {}


def test_every_concept_is_tried_in_both_kinds_of_letters() -> None:
    tried = Counter(
        (name, script_of(sentence.text))
        for sentence in MEETS
        for name in (*sentence.concepts, *met(sentence))
    )

    assert len(MEETS) >= 200
    assert len(MISSES) >= 100
    assert {(name, s) for name in shipped() for s in ("Latn", "Arab") if not tried[name, s]} == set()


def test_every_name_in_the_tables_is_a_concept() -> None:
    assert {name for sentence in (*MEETS, *MISSES) for name in sentence.concepts} <= shipped().keys()
