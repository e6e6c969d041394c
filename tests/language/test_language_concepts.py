"""Concept lists: what ships is whole and usable, and what is wrong is named."""

import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from language.concepts import (
    ANY,
    DEEPEST,
    Concept,
    ConceptError,
    check_references,
    concepts_from,
    named_in,
    parse_concept,
    shipped,
)
from language.scripts import fold_word
from rules.document import Document
from rules.engine import Engine
from rules.rule import compile_rule

BETWEEN = "\nqqqq\n"
LANGUAGES = ("en", "ar", "ckb", "kmr", "fa", "tr", "id")
FOLDER = Path(__file__).parents[2] / "language" / "data" / "concepts"


@cache
def engine_without_exclusions() -> Engine:
    bare = {
        name: Concept(name=name, terms=concept.terms, excluded={}, origin=concept.origin)
        for name, concept in shipped().items()
    }
    return Engine([compile_rule(name=name, query=f"@{name}") for name in bare], bare)


@cache
def engine() -> Engine:
    return Engine([compile_rule(name=name, query=f"@{name}") for name in shipped()], shipped())


def words_of(lists: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Language and item of everything that is no name of another concept."""
    yield from ((lang, item) for lang, items in lists.items() for item in items if not item.startswith("@"))


def text_of(item: str) -> str:
    """What a reader would see of an item."""
    return item.lstrip("=").replace("*", "").strip('"')


def unmet_in(name: str, lang: str, items: list[str]) -> Iterator[str]:
    """The items that the concept's rule finds nothing of in a text made of all of them."""
    text = "".join(text_of(item) + BETWEEN for item in items)
    hits = engine().match(Document(title="", body=text, lang="und" if lang == ANY else lang))
    found = [reason for hit in hits if hit.rule == name for reason in hit.reasons]
    at = 0
    for item in items:
        end = at + len(text_of(item))
        if not any(at <= reason.start and reason.end <= end for reason in found):
            yield item
        at = end + len(BETWEEN)


def heads_of(item: str) -> set[str]:
    """How its words begin."""
    return {fold_word(word).removeprefix("ال")[:3] for word in text_of(item).split()}


def languages_of(name: str) -> set[str]:
    """The languages that a concept speaks, itself or through those that it counts in."""
    concept = shipped()[name]
    own = {lang for lang in concept.terms if lang != ANY}
    return own.union(*(languages_of(other) for other in named_in(concept)))


def test_every_shipped_concept_can_be_used_in_a_rule() -> None:
    assert len(shipped()) >= 150
    assert {"iraq", "militia", "basra", "tahrir", "protest"} <= set(shipped())
    assert engine() is not None


def test_every_shipped_concept_speaks_the_seven_languages() -> None:
    missing = {name: set(LANGUAGES) - languages_of(name) for name in shipped()}

    assert {name: gap for name, gap in missing.items() if gap} == {}


def test_every_item_of_every_list_meets_its_own_text() -> None:
    unmet: list[tuple[str, str, str]] = []
    for name, concept in shipped().items():
        for lang, group in groupby(words_of(concept.terms), key=lambda pair: pair[0]):
            items = [item for _, item in group]
            for start in range(0, len(items), 20):
                unmet.extend((name, lang, item) for item in unmet_in(name, lang, items[start : start + 20]))

    assert unmet == []


def test_every_excluded_phrase_holds_something_back() -> None:
    idle: list[tuple[str, str, str]] = []
    for name, concept in shipped().items():
        heads = {head for _, item in words_of(concept.terms) for head in heads_of(item)}
        for lang, item in words_of(concept.excluded):
            # What the forms of today no longer confuse may be confused by those of tomorrow: letters are enough.
            if any(head in fold_word(text_of(item)) for head in heads):
                continue
            met = engine_without_exclusions().match(Document(title=text_of(item), lang=lang))
            if name not in {hit.rule for hit in met}:
                idle.append((name, lang, item))

    assert idle == []


def test_no_list_names_a_thing_twice() -> None:
    twice: list[tuple[str, str, str]] = []
    for name, concept in shipped().items():
        for lists in (concept.terms, concept.excluded):
            seen: set[tuple[str, str]] = set()
            for lang, item in words_of(lists):
                written = item if item.startswith("=") else " ".join(map(fold_word, item.split()))
                if (lang, written) in seen:
                    twice.append((name, lang, item))
                seen.add((lang, written))

    assert twice == []


def test_a_line_says_of_every_concept_what_it_means() -> None:
    silent: list[str] = []
    for file in FOLDER.glob("*.toml"):
        lines = file.read_text(encoding="utf-8").splitlines()
        for before, line in zip(["", *lines], lines, strict=False):
            header = re.fullmatch(r"\[concepts\.([\w-]+)\]", line)
            if header and not before.startswith("# "):
                silent.append(header[1])

    assert silent == []


def test_all_lists_are_read_in_a_blink() -> None:
    times: list[float] = []
    for _ in range(3):
        shipped.cache_clear()
        begun = time.process_time()
        shipped()
        times.append(time.process_time() - begun)

    assert min(times) < 0.25  # 0.1 s where it was written; a child that reads articles waits for it once


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


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[concepts.a]\nany = ["@b"]', ["list.toml", "'a'", "'@b'", "write the words themselves"]),
        (
            '[concepts.basra]\nen = ["x"]\n[concepts.a]\nany = ["@bassra"]',
            ["'@bassra'", "did you mean @basra?"],
        ),
        ('[concepts.a]\nany = ["@b"]\n[concepts.b]\nany = ["@a"]', ["circle: @a > @b > @a", "take one"]),
        ('[concepts.a]\nany = ["@a"]', ["circle: @a > @a"]),
        ('[concepts.a]\nen = ["x"]\nnot = { any = ["@gone"] }', ["'@gone'"]),
    ],
)
def test_a_name_that_leads_nowhere_or_back_is_named(text: str, parts: list[str]) -> None:
    with pytest.raises(ConceptError) as error:
        check_references(concepts_from(text, "list.toml"))

    assert all(part in str(error.value) for part in parts)


def test_concepts_nested_beyond_reason_are_refused() -> None:
    text = (
        "".join(f'[concepts.c{i}]\nany = ["@c{i + 1}"]\n' for i in range(5_000))
        + '[concepts.c5000]\nen = ["x"]'
    )

    with pytest.raises(ConceptError, match=f"more than {DEEPEST} others"):
        check_references(concepts_from(text, "list.toml"))


def test_concepts_that_share_a_part_are_no_circle() -> None:
    check_references(
        concepts_from(
            '[concepts.a]\nany = ["@b", "@c"]\n[concepts.b]\nany = ["@d"]\n[concepts.c]\nany = ["@d"]\n'
            '[concepts.d]\nen = ["x"]',
            "list.toml",
        )
    )


def test_regions_and_synonyms_of_a_language_are_that_language() -> None:
    concept = parse_concept("a", {"ar-IQ": ["b"], "ar": ["c"]})

    assert dict(concept.terms) == {"ar": ("b", "c")}
