"""Who wrote it: names out of the many shapes in which pages state their authors."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from spiders.readers.feed import names
from spiders.readers.jsonld import text_of, type_of
from spiders.readers.markup import plain

_PERSON_TYPES = {"person", "", "author"}
_NO_NAME = re.compile(r"://|^www\.|^[@/]|^[^\s@]+@[^\s@]+$|^[\W\d_]*$")
_LONGEST_NAME = 100


def authors(given: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The people and the organisations of a schema.org `author`, which is a name, an object or a list of either."""
    people: list[str] = []
    organisations: list[str] = []
    for name, kind in _stated(given):
        (people if kind in _PERSON_TYPES else organisations).append(name)
    return real_names(people), real_names(organisations)


def real_names(given: Iterable[str]) -> tuple[str, ...]:
    """Names alone: no addresses, handles or numbers, which pages give as authors too; each once."""
    bare = (plain(name) for name in given)
    return names(name for name in bare if len(name) <= _LONGEST_NAME and not _NO_NAME.search(name))


def _stated(given: Any) -> Iterator[tuple[str, str]]:
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            yield one, ""
        elif isinstance(one, dict):
            for name in one["name"] if isinstance(one.get("name"), list) else [one.get("name")]:
                yield text_of(name), type_of(one)
