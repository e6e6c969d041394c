"""Replaying: a saved rule held over everything stored, its matches recorded, and told in one summary if wanted."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from rules.document import Document, Hit
from rules.engine import Engine
from scheduler.alerting import Debts, Manner
from scheduler.retrospect import look_back, narrowed
from scheduler.ruleset import Target, concepts_of, rule_of, targets_of
from storage.alerts import raise_summaries
from storage.articles import Article
from storage.channels import list_channels
from storage.crashpoint import crashpoint
from storage.database import Conn, Database
from storage.deliveries import Debt, owe_all
from storage.keys import digest
from storage.matches import NewMatch, keep_matches, texts_on_record
from storage.replays import Replay, begin_replay, end_replay, note_replay
from storage.rules import StoredRule, list_concepts
from storage.volumes import counted_since

MOST_TOLD = 200  # stories in the one summary, the newest; more than that nobody reads in a message

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the summary: so many stories were new to people, so many of them are in it, for so many people."""

    stories: int
    named: int
    recipients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay that is done: so many articles could meet the rule, `found` did, `added` are new on record."""

    since: datetime
    resumed_at: int
    held: int
    found: int
    added: int
    told: Told | None


async def replay(db: Database, rule: StoredRule, *, days: int, alert: bool, progress: Progress) -> Replayed:
    """Hold the rule over what was first seen within so many days; go on where it was stopped, if it was.

    Each batch is a transaction, and a match is recorded once however often this runs, also beside a daemon at work.
    With `alert`, each channel of the rule is owed one summary of all stories that it has not been told of.
    """
    async with db.transaction() as conn:
        own = {concept.name: concept.terms for concept in await list_concepts(conn)}
        begun = await begin_replay(conn, rule.id, fingerprint=_fingerprint(rule, own), days=days)
    state, concepts = begun, concepts_of(own)
    compiled = rule_of(rule)
    engine = Engine([compiled], concepts)
    tsquery = narrowed(compiled, concepts)
    async for batch in look_back(db, tsquery=tsquery, since=begun.since, after_id=begun.after_id):
        state = await _keep(db, rule.id, engine, state, batch.articles)
        progress("looking back", begun.held + batch.held, begun.held + batch.total)
        crashpoint("cp18")
    async with db.transaction() as conn:
        told = await _tell(conn, rule, since=begun.since) if alert and compiled.volume is None else None
        await end_replay(conn, rule.id)
        if compiled.volume is not None:
            await counted_since(conn, rule.id, begun.since)  # so much it need not learn anew
    return Replayed(
        since=begun.since,
        resumed_at=begun.held,
        held=state.held,
        found=state.found,
        added=state.added,
        told=told,
    )


def _fingerprint(rule: StoredRule, concepts: Mapping[str, Mapping[str, object]]) -> bytes:
    """What the rule means: another meaning is another replay."""
    meaning = [
        rule.query,
        rule.definition,
        rule.languages,
        {name: concepts[name] for name in sorted(concepts)},
    ]
    return digest(json.dumps(meaning, sort_keys=True, default=dict))


async def _keep(
    db: Database, rule_id: int, engine: Engine, state: Replay, articles: Sequence[tuple[Article, Document]]
) -> Replay:
    """Record what of the batch met, and how far the replay has come by it, at once."""
    met = [(article, hit) for article, document in articles for hit in engine.match(document)]
    async with db.transaction() as conn:
        versions = await texts_on_record(conn, [(article.id, article.version) for article, _ in met])
        kept = await keep_matches(
            conn, [_new_match(rule_id, article, hit, versions.get(article.id)) for article, hit in met]
        )
        state = replace(
            state,
            after_id=articles[-1][0].id if articles else state.after_id,
            held=state.held + len(articles),
            found=state.found + len(met),
            added=state.added + sum(id_ is not None for id_ in kept),
        )
        await note_replay(conn, state)
    return state


def _new_match(rule_id: int, article: Article, hit: Hit, version_id: int | None) -> NewMatch:
    return NewMatch(
        rule_id=rule_id,
        article_id=article.id,
        version_id=version_id,
        score=hit.score,
        lang=hit.lang,
        reasons=[asdict(reason) for reason in hit.reasons],
        replayed=True,
    )


async def _tell(conn: Conn, rule: StoredRule, *, since: datetime) -> Told:
    """Owe each recipient one message of all stories that the rule met and never alerted; the sweeper wakes who sends.

    Where there is nobody to tell, nothing counts as told.
    """
    targets, debts = await _targets(conn, rule), Debts()
    if not targets:
        return Told(stories=0, named=0, recipients=0)
    alert_ids = await raise_summaries(conn, rule.id, since=since)
    named = alert_ids[-MOST_TOLD:]
    owed = [
        Debt(
            alert_id=alert_id,
            channel_id=target.channel_id,
            recipient=target.recipient,
            message_id=debts.message_id(Manner.SUMMARY, target),
        )
        for target in targets
        for alert_id in named
    ]
    await owe_all(conn, owed)
    return Told(stories=len(alert_ids), named=len(named), recipients=len(targets))


async def _targets(conn: Conn, rule: StoredRule) -> list[Target]:
    """To whom the rule's alerts go."""
    channels = [channel for channel in await list_channels(conn) if channel.disabled_reason is None]
    return [
        target
        for channel in channels
        if not rule.alert or channel.name in rule.alert
        for target in targets_of(channel)
    ]
