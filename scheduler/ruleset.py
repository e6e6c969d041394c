"""The rules as they stand now: what the reading children match, and whom a hit is for."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import TypeAdapter

from alerts.channels import parse_settings, recipients
from language.concepts import Concept, parse_concept, shipped
from rules.engine import Checker, Engine
from rules.rule import VOLUMES, Rule, RuleError, compile_rule
from rules.volumespec import VolumeSpec
from spiders.children import Children
from storage.channels import StoredChannel, list_channels
from storage.database import Conn, Database
from storage.rules import RuleSpec, list_concepts, list_rules, ruleset_version

log = structlog.get_logger()

SLACK = 10_000  # words of rules that are gone; with more than that the engine is made anew
PRIORITY = {"critical": 100, "high": 50, "medium": 0, "low": -50}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule as the children need it."""

    name: str
    query: str | None = None
    definition: dict[str, Any] = field(default_factory=dict[str, Any])
    languages: tuple[str, ...] = ()
    severity: str = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """Everything the children match with, as plain data; the shipped concepts they load themselves."""

    rules: tuple[RuleLine, ...] = ()
    concepts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One recipient of one channel."""

    channel_id: int
    channel: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a rule's alerts go."""

    rule_id: int
    rule: str
    severity: str
    targets: tuple[Target, ...]
    volume: VolumeSpec | None = None  # then its matches are counted, and alert by their number alone
    languages: tuple[str, ...] = ()

    @property
    def priority(self) -> int:
        return PRIORITY.get(self.severity, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """One consistent reading of rules, concepts and channels."""

    version: int
    text: RuleText
    routes: Mapping[str, Route]


RULE_TEXT = TypeAdapter(RuleText)


def rule_of(line: RuleLine | RuleSpec) -> Rule:
    """Turn plain data into a checked rule; RuleError names rule, column and remedy."""
    return compile_rule(
        name=line.name,
        query=line.query,
        definition=line.definition,
        languages=line.languages,
        severity=line.severity,
    )


def line_of(spec: RuleSpec) -> RuleLine:
    """A rule as the children need it: without routing and bookkeeping."""
    return RuleLine(
        name=spec.name,
        query=spec.query,
        definition=dict(spec.definition),
        languages=tuple(spec.languages),
        severity=spec.severity,
    )


def check_rules(specs: Iterable[RuleLine | RuleSpec], concepts: Mapping[str, Concept]) -> None:
    """Compile rules together, which costs little more than one of them; RuleError names rule, column and remedy."""
    checker = Checker(concepts)
    for spec in specs:
        checker.check(rule_of(spec))


def concepts_of(own: Mapping[str, Mapping[str, Any]]) -> dict[str, Concept]:
    """The shipped concepts, with those of the operator in front."""
    return {**shipped(), **{name: parse_concept(name, terms) for name, terms in own.items()}}


def compile_ruleset(text: RuleText) -> Engine:
    """Build the engine that matches `text`; a rule that no longer compiles is left out by the parent, not here."""
    return Compiler().engine(text)


class Compiler:
    """Makes an engine of each reading of the rules; of a rule that stayed as it was nothing is compiled again."""

    def __init__(self) -> None:
        self._before = RuleText()
        self._engine = Engine([], concepts_of({}))
        self._words = 0  # of the engine that was last made from nothing

    def engine(self, text: RuleText) -> Engine:
        """The engine that matches `text`."""
        if text.concepts != self._before.concepts or self._engine.words > 2 * self._words + SLACK:
            self._before, self._engine = RuleText(), Engine([], concepts_of(text.concepts))
        known = {line.name: line for line in self._before.rules}
        rules = (line.name if known.get(line.name) == line else rule_of(line) for line in text.rules)
        anew = not known
        self._engine = Engine(rules, self._engine.concepts, like=self._engine)
        self._before = text
        if anew:
            self._words = self._engine.words
        return self._engine


async def load_ruleset(conn: Conn, before: Ruleset | None = None) -> Ruleset:
    """Read rules, concepts and channels as they stand in the database.

    What stood in the reading `before` is known to compile; the rest is tried in a thread of its own, for a hundred
    thousand new rules take seconds.
    """
    version = await ruleset_version(conn)
    channels = [c for c in await list_channels(conn) if c.disabled_reason is None]
    concepts = {concept.name: dict(concept.terms) for concept in await list_concepts(conn)}
    stored = {rule.name: rule for rule in await list_rules(conn) if rule.enabled}
    lines = [line_of(rule) for rule in stored.values()]
    known = before.text.rules if before and before.text.concepts == concepts else ()
    left_out = await asyncio.to_thread(unfit, lines, known, concepts)
    fit = tuple(line for line in lines if line.name not in left_out)
    routes: dict[str, Route] = {}
    for line in fit:
        rule = stored[line.name]
        routes[rule.name] = Route(
            rule_id=rule.id,
            rule=rule.name,
            severity=rule.severity,
            targets=tuple(
                t for c in channels if not rule.alert or c.name in rule.alert for t in targets_of(c)
            ),
            volume=rule_of(line).volume if line.definition.keys() & set(VOLUMES) else None,
            languages=line.languages,
        )
    return Ruleset(version=version, text=RuleText(rules=fit, concepts=concepts), routes=routes)


def unfit(
    lines: Iterable[RuleLine], known: Iterable[RuleLine], concepts: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    """The names of rules that an older version wrote and this one cannot use: left out, and said, never fatal."""
    sound = {line.name: line for line in known}
    checker = Checker(concepts_of(concepts))
    found: set[str] = set()
    for line in lines:
        if sound.get(line.name) == line:
            continue
        try:
            checker.check(rule_of(line))
        except RuleError as error:
            log.error("rule_left_out", rule=line.name, reason=str(error))
            found.add(line.name)
    return found


def targets_of(channel: StoredChannel) -> list[Target]:
    """To whom the channel goes; ChannelError when its settings cannot be read."""
    settings = parse_settings(channel.kind, channel.settings, name=channel.name)
    return [
        Target(channel_id=channel.id, channel=channel.name, recipient=recipient)
        for recipient in recipients(settings)
    ]


class Rulebook:
    """The current rules, kept in step with the database and handed to every reading child."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._current = Ruleset(version=-1, text=RuleText(), routes={})

    @property
    def current(self) -> Ruleset:
        return self._current

    async def refresh(self, db: Database) -> bool:
        """Take the rules anew if they changed since; True when they did."""
        async with db.connection() as conn:
            if await ruleset_version(conn) == self._current.version:
                return False
            ruleset = await load_ruleset(conn, self._current)
        await self._children.configure(RULE_TEXT.dump_json(ruleset.text).decode())
        self._current = ruleset
        log.info("rules_taken", version=ruleset.version, rules=len(ruleset.routes))
        return True
