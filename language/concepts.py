"""Concepts: named lists of terms in many languages, as watch files and the shipped lists write them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from language.languages import is_known, normal

ANY = "any"
# Nobody nests ideas so deep by hand; what follows them (here and in the rules' planner) goes one call deeper each.
DEEPEST = 50

Item = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_TERMS = TypeAdapter(dict[str, list[Item]])


class ConceptError(ValueError):
    """A concept list cannot be used; says file, concept, item and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A name for what can be said in many words. `terms` and `excluded`: language (or "any") -> items.

    An item is an atom of the rule language. A hit inside an excluded phrase does not count.
    """

    name: str
    terms: Mapping[str, tuple[str, ...]]
    excluded: Mapping[str, tuple[str, ...]]
    origin: str = "watch file"


def parse_concept(name: str, table: Mapping[str, object], origin: str = "watch file") -> Concept:
    """One `[concepts.name]` table, checked. Raises ConceptError."""
    rest = {key: value for key, value in table.items() if key != "not"}
    try:
        terms = _TERMS.validate_python(rest)
        excluded = _TERMS.validate_python(table.get("not", {}))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConceptError(
            f"{origin}: concept {name!r}: {place}: {first['msg']}; write a list of words"
        ) from error
    if not any(terms.values()):
        raise ConceptError(f'{origin}: concept {name!r} has no terms; give it some, like en = ["word"]')
    return Concept(
        name=name,
        terms=_by_language(name, terms, origin),
        excluded=_by_language(name, excluded, origin),
        origin=origin,
    )


def _by_language(name: str, lists: dict[str, list[Item]], origin: str) -> Mapping[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for key, items in lists.items():
        if key != ANY and not is_known(key):
            raise ConceptError(
                f"{origin}: concept {name!r}: {key!r} is no language that we know; "
                'use a BCP 47 code such as "ar", "ckb" or "en", or "any"'
            )
        code = key if key == ANY else normal(key)
        merged[code] = merged.get(code, ()) + tuple(dict.fromkeys(items))
    return MappingProxyType(merged)


def concepts_from(text: str, origin: str) -> dict[str, Concept]:
    """The concepts of one TOML file's text. Raises ConceptError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConceptError(f"{origin}: not TOML: {error}") from error
    tables = document.get("concepts", {})
    return {name: parse_concept(name, table, origin) for name, table in tables.items()}


def named_in(concept: Concept) -> Iterator[str]:
    """The names of the concepts that this one counts in (or excludes), as its items write them: "@basra" -> "basra"."""
    for lists in (concept.terms, concept.excluded):
        for items in lists.values():
            yield from (item[1:] for item in items if item.startswith("@"))


def check_references(concepts: Mapping[str, Concept]) -> None:
    """Raise ConceptError where an item names a concept that is not there, or concepts count each other in."""
    sound: set[str] = set()
    for name in concepts:
        _follow(name, concepts, sound, ())


def _follow(name: str, concepts: Mapping[str, Concept], sound: set[str], way: tuple[str, ...]) -> None:
    """Go where the items of `name` lead; `way` is how we came here, `sound` is what needs no second look."""
    if name in sound:
        return
    concept = concepts[name]
    if name in way:
        circle = " > ".join(f"@{step}" for step in (*way[way.index(name) :], name))
        raise ConceptError(f"{concept.origin}: concepts go in a circle: {circle}; take one of them out")
    if len(way) >= DEEPEST:
        raise ConceptError(
            f"{concept.origin}: concept {name!r} stands inside more than {DEEPEST} others; "
            "let them name the words themselves"
        )
    for other in named_in(concept):
        known = other if other in concepts else other.lower()
        if known not in concepts:
            raise ConceptError(
                f"{concept.origin}: concept {name!r}: item '@{other}': there is no concept of that name; "
                + _remedy(other, concepts)
            )
        _follow(known, concepts, sound, (*way, name))
    sound.add(name)


def _remedy(name: str, concepts: Mapping[str, Concept]) -> str:
    alike = get_close_matches(name.lower(), concepts, n=1)
    return (
        f"did you mean @{alike[0]}?" if alike else "define it under [concepts], or write the words themselves"
    )


@cache
def shipped() -> Mapping[str, Concept]:
    """The concepts that the product brings along, by name; a name stands in one file only."""
    found: dict[str, Concept] = {}
    folder = files("language") / "data" / "concepts"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for name, concept in concepts_from(file.read_text(encoding="utf-8"), file.name).items():
            if name in found:
                raise ConceptError(f"{file.name}: concept {name!r} stands in {found[name].origin} already")
            found[name] = concept
    check_references(found)
    return MappingProxyType(found)
