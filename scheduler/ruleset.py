"""The rules as they stand now: what the reading children match, and whom a hit is for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import TypeAdapter

from alerts.channels import parse_settings, recipients
from language.concepts import Concept, parse_concept, shipped
from rules.engine import Engine
from rules.rule import VOLUMES, Rule, RuleError, compile_rule
from rules.volumespec import VolumeSpec
from spiders.children import Children
from storage.channels import StoredChannel, list_channels
from storage.database import Conn, Database
from storage.rules import ConceptSpec, RuleSpec, list_concepts, list_rules, ruleset_version

log = structlog.get_logger()

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
    Engine([rule_of(spec) for spec in specs], concepts)


def concepts_of(own: Mapping[str, Mapping[str, Any]]) -> dict[str, Concept]:
    """The shipped concepts, with those of the operator in front."""
    return {**shipped(), **{name: parse_concept(name, terms) for name, terms in own.items()}}


def compile_ruleset(text: RuleText) -> Engine:
    """Build the engine that matches `text`; a rule that no longer compiles is left out by the parent, not here."""
    return Engine([rule_of(line) for line in text.rules], concepts_of(text.concepts))


async def load_ruleset(conn: Conn) -> Ruleset:
    """Read rules, concepts and channels as they stand in the database."""
    version = await ruleset_version(conn)
    channels = [c for c in await list_channels(conn) if c.disabled_reason is None]
    concepts: Sequence[ConceptSpec] = await list_concepts(conn)
    known = concepts_of({concept.name: concept.terms for concept in concepts})
    lines: list[RuleLine] = []
    routes: dict[str, Route] = {}
    stored = {rule.name: rule for rule in await list_rules(conn) if rule.enabled}
    for line in _that_compile([line_of(rule) for rule in stored.values()], known):
        rule = stored[line.name]
        lines.append(line)
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
    text = RuleText(rules=tuple(lines), concepts={c.name: dict(c.terms) for c in concepts})
    return Ruleset(version=version, text=text, routes=routes)


def _that_compile(lines: list[RuleLine], concepts: Mapping[str, Concept]) -> list[RuleLine]:
    try:
        check_rules(lines, concepts)
    except RuleError:
        return [line for line in lines if _compiles(line, concepts)]
    return lines


def _compiles(line: RuleLine, concepts: Mapping[str, Concept]) -> bool:
    """A rule written by an older version may not compile any more: it is left out, and said, never fatal."""
    try:
        check_rules([line], concepts)
    except RuleError as error:
        log.error("rule_left_out", rule=line.name, reason=str(error))
        return False
    return True


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
            ruleset = await load_ruleset(conn)
        await self._children.configure(RULE_TEXT.dump_json(ruleset.text).decode())
        self._current = ruleset
        log.info("rules_taken", version=ruleset.version, rules=len(ruleset.routes))
        return True
