"""Backtesting: a rule held against everything stored before it goes live, and against the saved rule of its name."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from language.concepts import Concept
from rules.backtest import MOST_CARRIERS, Carrier, Sample, Seen, Tally, carriers_of, sample_of
from rules.carrying import Carrying, without_nots
from rules.document import Document, Hit
from rules.engine import Engine
from rules.rule import Rule
from scheduler.retrospect import BATCH, either, look_back, narrowed, with_documents
from storage.articles import Article
from storage.database import Database
from storage.search import articles_of, oldest_since

Progress = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The rule to try, with the concepts it would have; `saved` is the rule that it would replace."""

    rule: Rule
    concepts: Mapping[str, Concept]
    saved: Rule | None = None
    saved_concepts: Mapping[str, Concept] = field(default_factory=dict[str, Concept])


@dataclass(slots=True)
class Carried:
    """What each term carries: of the `measured` hits those that would be lost without it, and one of them."""

    measured: int = 0
    lost: Counter[Carrier] = field(default_factory=Counter[Carrier])
    examples: dict[Carrier, Sample] = field(default_factory=dict[Carrier, Sample])


@dataclass(slots=True)
class Backtest:
    """What was found. `barred` is what only the NOTs keep away; `gained` and `lost` are against the `saved` rule."""

    since: datetime
    covered: timedelta
    held: int = 0
    tally: Tally = field(default_factory=Tally)
    barred: Tally | None = None
    saved: Tally | None = None
    gained: Tally | None = None
    lost: Tally | None = None
    carried: Carried = field(default_factory=Carried)


async def backtest(
    db: Database, asked: Asked, *, since: datetime, now: datetime, progress: Progress
) -> Backtest:
    """Hold the rule against all that was first seen since then. Raises RuleError when it does not compile."""
    open_rule = without_nots(asked.rule)
    engine = _engine(asked.rule, open_rule, asked.concepts)
    before = None if asked.saved is None else Engine([asked.saved], asked.saved_concepts)
    async with db.connection() as conn:
        oldest = await oldest_since(conn, since)
    found = Backtest(
        since=since,
        covered=timedelta(0) if oldest is None else now - oldest,
        barred=None if open_rule is None else Tally(),
        saved=None if before is None else Tally(),
        gained=None if before is None else Tally(),
        lost=None if before is None else Tally(),
    )
    async for batch in look_back(db, tsquery=_tsquery(asked), since=since):
        for article, document in batch.articles:
            _count(found, article, document, engine.match(document), before)
        found.held = batch.held
        progress("looking back", batch.held, batch.total)
    found.carried = await _carried(db, asked, found.tally, progress)
    return found


_OPEN = "without its NOTs"


def _engine(rule: Rule, open_rule: Rule | None, concepts: Mapping[str, Concept]) -> Engine:
    return Engine([rule] if open_rule is None else [rule, _renamed(open_rule)], concepts)


def _renamed(rule: Rule) -> Rule:
    return Rule(
        name=_OPEN,
        query=rule.query,
        tree=rule.tree,
        threshold=rule.threshold,
        terms=rule.terms,
        languages=rule.languages,
    )


def _tsquery(asked: Asked) -> str | None:
    """What the new rule or the saved one may meet; NOTs narrow nothing, so it holds for the rule without them too."""
    queries = [narrowed(asked.rule, asked.concepts)]
    if asked.saved is not None:
        queries.append(narrowed(asked.saved, asked.saved_concepts))
    return either(queries)


def _count(
    found: Backtest, article: Article, document: Document, hits: list[Hit], before: Engine | None
) -> None:
    new = next((hit for hit in hits if hit.rule != _OPEN), None)
    wide = next((hit for hit in hits if hit.rule == _OPEN), None)
    if new is not None:
        found.tally.add(_seen(article, document, new))
    elif wide is not None and found.barred is not None:
        found.barred.add(_seen(article, document, wide))
    if before is None or found.saved is None or found.gained is None or found.lost is None:
        return
    old = next(iter(before.match(document)), None)
    if old is not None:
        found.saved.add(_seen(article, document, old))
    if new is not None and old is None:
        found.gained.add(_seen(article, document, new))
    if old is not None and new is None:
        found.lost.add(_seen(article, document, old))


def _seen(article: Article, document: Document, hit: Hit) -> Seen:
    return Seen(
        article_id=article.id,
        story_id=article.story_id,
        when=article.first_seen,
        lang=hit.lang,
        source=article.source_name,
        fresh=article.fresh,
        document=document,
        hit=hit,
    )


async def _carried(db: Database, asked: Asked, tally: Tally, progress: Progress) -> Carried:
    """Hold the rule without each of its commonest terms against some of its hits, evenly spread."""
    carriers = [carrier for carrier, _ in tally.carriers.most_common(MOST_CARRIERS)]
    ids = list(tally.measured)
    carried = Carried(measured=len(ids))
    if not carriers:
        return carried
    engine, carrying = Engine([asked.rule], asked.concepts), Carrying(asked.rule, asked.concepts, carriers)
    for first in range(0, len(ids), BATCH):
        async with db.connection() as conn:
            articles = await with_documents(conn, await articles_of(conn, ids[first : first + BATCH]))
        for article, document in articles:
            _measure(carried, article, document, engine, carrying)
        progress("weighing terms", min(first + BATCH, len(ids)), len(ids))
    return carried


def _measure(
    carried: Carried, article: Article, document: Document, engine: Engine, carrying: Carrying
) -> None:
    for hit in engine.match(document):
        for carrier in carrying.lost(document, carriers_of(hit)):
            carried.lost[carrier] += 1
            if carrier not in carried.examples:
                carried.examples[carrier] = sample_of(_seen(article, document, hit))
