"""The gazetteer: the places of Iraq, what they are called in many languages, and what lies in what."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

COUNTRY = "iraq"
Kind = Literal[
    "country", "region", "governorate", "district", "city", "town", "village", "quarter", "street", "square",
    "bridge", "camp", "crossing", "field", "dam", "airport", "base", "port", "river", "lake", "marsh", "mountain",
    "prison", "site",
]  # fmt: skip
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
_NAMES = TypeAdapter(dict[str, list[Name]])
_WORDS = "words.toml"
_FOREIGN = "foreign.toml"


class GazetteerError(ValueError):
    """The gazetteer contradicts itself; says file, place and what is wrong with it."""


class Doubt(IntEnum):
    """How far a name alone tells which place is meant."""

    NONE = 0
    CONTEXT = 1  # other places and people have it too: the article has to confirm it
    CUE = 2  # it is a common word too: a word next to it has to say that it is a place


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of Iraq; `approximate` coordinates are those of what it lies in. `names`: language -> names."""

    key: str
    kind: Kind
    parent: str | None
    names: Mapping[str, tuple[str, ...]]
    lat: float | None
    lon: float | None
    approximate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What helps to tell a place from others of its name."""

    context: frozenset[str] = frozenset()
    cue: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()  # countries that have a place of this name too
    beside: tuple[str, ...] = ()  # words next to which the name is another's

    def doubt(self, name: str) -> Doubt:
        """How far this name can be trusted."""
        if name in self.cue:
            return Doubt.CUE
        return Doubt.CONTEXT if name in self.context else Doubt.NONE


class _Row(BaseModel):
    """A `[places.key]` table without its names."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    parent: str | None = None
    at: tuple[float, float] | None = None
    approximate: bool = False
    seat: str | None = None
    context: list[Name] = Field(default_factory=list)
    cue: list[Name] = Field(default_factory=list)
    elsewhere: list[str] = Field(default_factory=list)
    beside: list[str] = Field(default_factory=list)


class _Around(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: list[str]
    after: list[str]


class _Iraq(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: list[str]


class Surroundings(BaseModel):
    """words.toml: what words around a name say of it."""

    model_config = ConfigDict(extra="forbid")

    patterns: dict[str, dict[str, list[str]]]
    cues: _Around
    elsewhere: _Around
    iraq: _Iraq


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    row: _Row
    names: dict[str, list[Name]]
    origin: str


@cache
def gazetteer() -> Mapping[str, Place]:
    """Every place by its key; what a place lies in stands there too."""
    entries = _entries()
    return MappingProxyType({key: _place(key, entries) for key in entries})


@cache
def hints() -> Mapping[str, Hints]:
    """What helps to tell each place from others of its name."""
    return MappingProxyType({key: _hints(entry.row) for key, entry in _entries().items()})


@cache
def holding(key: str) -> tuple[str, ...]:
    """The place itself, then all that it lies in, up to the country. KeyError when there is no such place."""
    parent = gazetteer()[key].parent
    return (key,) if parent is None else (key, *holding(parent))


@cache
def seated(key: str) -> frozenset[str]:
    """The places that are called after this one: its district, the city of a governorate."""
    return frozenset(other for other, entry in _entries().items() if entry.row.seat == key)


def keys_within(keys: Collection[str]) -> frozenset[str]:
    """The places themselves and all that lies in them."""
    return frozenset(key for key in gazetteer() if not set(holding(key)).isdisjoint(keys))


@cache
def surroundings() -> Surroundings:
    """The words around names and what they say."""
    return Surroundings.model_validate(tomllib.loads(_read(_WORDS)))


@cache
def foreign() -> Mapping[str, tuple[str, ...]]:
    """Other countries by ISO 3166 code -> names of theirs and of their cities."""
    table = _NAMES.validate_python(tomllib.loads(_read(_FOREIGN))["countries"])
    return MappingProxyType({code: tuple(names) for code, names in table.items()})


def _read(name: str) -> str:
    return (files("language") / "data" / "gazetteer" / name).read_text(encoding="utf-8")


@cache
def _entries() -> Mapping[str, _Entry]:
    found: dict[str, _Entry] = {}
    folder = files("language") / "data" / "gazetteer"
    for name in sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml")):
        if name in (_WORDS, _FOREIGN):
            continue
        for key, table in tomllib.loads(_read(name))["places"].items():
            if key in found:
                raise GazetteerError(f"{name}: place {key!r} stands in {found[key].origin} already")
            found[key] = _entry(key, table, name)
    for key, entry in found.items():
        for other in (entry.row.parent, entry.row.seat):
            if other is not None and other not in found:
                raise GazetteerError(f"{entry.origin}: place {key!r} speaks of {other!r}, which is no place")
    return found


def _entry(key: str, table: dict[str, Any], origin: str) -> _Entry:
    known = _Row.model_fields
    try:
        row = _Row.model_validate({k: v for k, v in table.items() if k in known})
        names = _NAMES.validate_python({k: v for k, v in table.items() if k not in known})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise GazetteerError(f"{origin}: place {key!r}: {where}: {first['msg']}") from error
    return _Entry(row=row, names=names, origin=origin)


def _place(key: str, entries: Mapping[str, _Entry]) -> Place:
    entry = entries[key]
    row = entry.row
    names = dict(_called_after(row.kind, entries[row.seat].names)) if row.seat else {}
    for lang, own in entry.names.items():
        names[lang] = (*own, *(name for name in names.get(lang, ()) if name not in own))
    lat, lon = _coordinates(key, entries)
    return Place(
        key=key,
        kind=row.kind,
        parent=row.parent,
        names=MappingProxyType({lang: tuple(own) for lang, own in names.items()}),
        lat=lat,
        lon=lon,
        approximate=row.approximate or (row.at is None and (row.seat is None or row.kind != "city")),
    )


def _called_after(kind: str, seat: Mapping[str, list[Name]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of a district or city after its seat: Zubair district, قضاء الزبير."""
    for lang, patterns in surroundings().patterns[kind].items():
        latin = [*seat.get("en", ()), *seat.get(lang, ())] if lang in ("id", "fr") else seat.get(lang, ())
        made = tuple(dict.fromkeys(pattern.format(name) for name in latin for pattern in patterns))
        if made:
            yield lang, made


def _coordinates(key: str, entries: Mapping[str, _Entry]) -> tuple[float | None, float | None]:
    row = entries[key].row
    if row.at is not None:
        return row.at
    nearest = row.seat or row.parent
    return (None, None) if nearest is None else _coordinates(nearest, entries)


def _hints(row: _Row) -> Hints:
    return Hints(
        context=frozenset(row.context),
        cue=frozenset(row.cue),
        elsewhere=tuple(row.elsewhere),
        beside=tuple(row.beside),
    )
