"""Apply: the difference between the watch files and the database, shown, then made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from marsad.watchfile import WatchSet
from storage.channels import ChannelSpec, list_channels, put_channel, remove_channel
from storage.database import Conn, Database
from storage.rules import (
    list_concepts,
    list_rules,
    put_concept,
    put_rule,
    remove_concept,
    remove_rule,
)
from storage.sources import list_sources, put_source, remove_source

ORIGIN = "file"  # things from watch files; what people make by hand has another origin and is left alone
TERMINAL = ChannelSpec(name="terminal", kind="terminal", settings={})

Put = Callable[..., Awaitable[Any]]
Remove = Callable[[Conn, str], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: `+` to add, `~` to change, `-` to remove."""

    sign: Literal["+", "~", "-"]
    noun: str
    name: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.noun} {self.name}" + (f" ({self.what})" if self.what else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noun:
    """How one kind of thing is listed, written and removed; all by key."""

    noun: str
    wanted: Mapping[str, Any]
    present: Mapping[str, Any]
    put: Put
    remove: Remove


async def plan(db: Database, wanted: WatchSet) -> list[Change]:
    """What `apply` would do, without doing it."""
    async with db.connection() as conn:
        return [change for noun in await _nouns(conn, wanted) for _, change in _differences(noun)]


async def apply(db: Database, wanted: WatchSet) -> list[Change]:
    """Make the database equal to the watch files, in one transaction; the changes made."""
    changes: list[Change] = []
    async with db.transaction() as conn:
        for noun in await _nouns(conn, wanted):
            for key, change in _differences(noun):
                if change.sign == "-":
                    await noun.remove(conn, key)
                else:
                    await noun.put(conn, noun.wanted[key], origin=ORIGIN)
                changes.append(change)
    return changes


async def _nouns(conn: Conn, wanted: WatchSet) -> list[_Noun]:
    by_hand = [c for c in await list_channels(conn) if c.origin != ORIGIN]
    channels = wanted.channels or (
        () if by_hand else (TERMINAL,)
    )  # alerts must go somewhere from the first minute
    return [
        _Noun(
            noun="channel",
            wanted=_by(channels, "name"),
            present=_by([c for c in await list_channels(conn) if c.origin == ORIGIN], "name"),
            put=put_channel,
            remove=remove_channel,
        ),
        _Noun(
            noun="concept",
            wanted=_by(wanted.concepts, "name"),
            present=_by(await list_concepts(conn, origin=ORIGIN), "name"),
            put=put_concept,
            remove=remove_concept,
        ),
        _Noun(
            noun="rule",
            wanted=_by(wanted.rules, "name"),
            present=_by([r for r in await list_rules(conn) if r.origin == ORIGIN], "name"),
            put=put_rule,
            remove=remove_rule,
        ),
        _Noun(
            noun="source",
            wanted=_by(wanted.sources, "key"),
            present=_by(await list_sources(conn, origin=ORIGIN), "key"),
            put=put_source,
            remove=remove_source,
        ),
    ]


def _by(things: Sequence[Any], key: str) -> dict[str, Any]:
    return {getattr(thing, key): thing for thing in things}


def _differences(noun: _Noun) -> list[tuple[str, Change]]:
    found: list[tuple[str, Change]] = []
    for key, spec in noun.wanted.items():
        there = noun.present.get(key)
        if there is None:
            found.append((key, Change(sign="+", noun=noun.noun, name=spec.name)))
        elif changed := [f.name for f in fields(spec) if _differs(noun, f.name, spec, there)]:
            found.append((key, Change(sign="~", noun=noun.noun, name=spec.name, what=", ".join(changed))))
    found += [
        (key, Change(sign="-", noun=noun.noun, name=thing.name))
        for key, thing in noun.present.items()
        if key not in noun.wanted
    ]
    return found


def _differs(noun: _Noun, name: str, spec: Any, there: Any) -> bool:
    if noun.noun == "source" and name == "kind" and spec.kind is None:
        return False  # found out from the content by an earlier visit
    return getattr(spec, name) != getattr(there, name)
