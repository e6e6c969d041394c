"""Arrivals: which entries of a harvest are news, which were kept before, and how each of them reaches people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from scheduler.alerting import Debts, Manner, Matched, manner_of, raise_alerts
from scheduler.reading import EntryRead, SourceRead
from scheduler.ruleset import Ruleset
from scheduler.whereabouts import stored_places
from spiders.fetching import Fetched
from storage.articles import (
    KeptArticle,
    KnownArticle,
    NewArticle,
    keep_article,
    keep_articles,
    known_keys,
    known_words,
    text_hash,
    url_key,
)
from storage.captures import StoredCapture
from storage.crashpoint import crashpoint
from storage.database import Conn, DatabaseError, is_transient
from storage.places import PlacesOf, keep_entry_places
from storage.sources import Source
from storage.stories import Telling, join_or_start_all

log = structlog.get_logger()

STORY_WINDOW = timedelta(days=3)  # a headline that returns later tells something new
SLACK = timedelta(days=1)  # between what publishers call the time and what it is
FLOOD = 10  # so many old entries at once are an archive that is served again, not late news


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document of a source, fetched, captured and read."""

    fetched: Fetched
    stored: StoredCapture
    read: SourceRead


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest(Part):
    """What a source brought, by our visit or by a hub's push: captured and read, before anything is kept."""

    source: Source
    now: datetime

    @property
    def first_look(self) -> bool:
        return self.source.last_new_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What became of the entries: kept as new, known before, refused by the database."""

    new: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One entry of a harvest and the capture it stands in."""

    read: EntryRead
    capture_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """One entry on its way into the store."""

    read: EntryRead
    manner: Manner
    article: NewArticle


async def keep_harvest(
    conn: Conn, ruleset: Ruleset, debts: Debts, harvest: Harvest, brought: Sequence[Brought]
) -> Gathered:
    """Keep the entries that are new with their stories, matches and alerts."""
    first = {one.read.address: one for one in reversed(brought)}
    known = await known_keys(conn, [url_key(address) for address in first])
    unseen = [
        one for one in first.values() if not _same_words(known.get(url_key(one.read.address)), one.read)
    ]
    unseen = await _without_readdressed(conn, harvest, unseen, known)
    manners = manners_of(harvest, [one.read for one in unseen])
    arrivals = [_arrival(harvest, one, manner) for one, manner in zip(unseen, manners, strict=True)]
    kept, refused = await _keep_entries(conn, arrivals)
    await keep_entry_places(
        conn, [_places(arrival, one) for arrival, one in kept if one.version_id is not None]
    )
    crashpoint("cp07")
    await _tell_of(conn, ruleset, debts, kept)
    new = sum(article.is_new for _, article in kept)
    return Gathered(new=new, known=len(first) - new - refused, refused=refused)


def _same_words(known: KnownArticle | None, read: EntryRead) -> bool:
    return known is not None and known.entry_hash == _words(read)


def _words(read: EntryRead) -> bytes:
    return text_hash(title=read.entry.title, summary=read.entry.summary, text=read.entry.content)


async def _without_readdressed(
    conn: Conn, harvest: Harvest, unseen: Sequence[Brought], known: Mapping[bytes, KnownArticle]
) -> list[Brought]:
    """Leave out what the source said before under another address and id (R21): a move to https, new permalinks."""
    strangers = [one for one in unseen if url_key(one.read.address) not in known]
    if harvest.first_look or not strangers:
        return list(unseen)
    said = await known_words(conn, harvest.source.id, [_words(one.read) for one in strangers])
    repeated = {one.read.address for one in strangers if _words(one.read) in said}
    many = len(repeated) >= FLOOD or 2 * len(repeated) > len(strangers) + len(known)
    old = {
        one.read.address
        for one in strangers
        if one.read.address in repeated and said_before(one.read, said[_words(one.read)], many=many)
    }
    if old:
        log.info("readdressed", source=harvest.source.name, entries=len(old))
    return [one for one in unseen if one.read.address not in old]


def said_before(read: EntryRead, first_seen: datetime, *, many: bool) -> bool:
    """Whether the same words under a new address are the same article.

    With a time of its own it is, unless that is after we first saw the words: "Explosion in Kirkuk" comes again.
    Without one it is only where many come back at once: a hidden article is worse than one shown twice.
    """
    if read.entry.published is not None:
        return read.entry.published <= first_seen + SLACK
    return many


def manners_of(harvest: Harvest, entries: Sequence[EntryRead]) -> list[Manner]:
    """How each entry is told: one by one; of an archive that is served anew, the old part in one summary (R22).

    Nothing is left out for being old: publishers' dates lie.
    """
    before = harvest.source.last_visited_at
    old = [
        before is not None and e.entry.published is not None and e.entry.published < before - SLACK
        for e in entries
    ]
    archive = sum(old) >= FLOOD
    return [
        Manner.SUMMARY
        if archive and is_old
        else manner_of(first_look=harvest.first_look, published=e.entry.published, now=harvest.now)
        for e, is_old in zip(entries, old, strict=True)
    ]


def _arrival(harvest: Harvest, brought: Brought, manner: Manner) -> _Arrival:
    read, entry, source = brought.read, brought.read.entry, harvest.source
    article = NewArticle(
        source_id=source.id,
        url_key=url_key(read.address),
        url=entry.url or source.url,
        entry_id=entry.id,
        title=entry.title,
        summary=entry.summary,
        text=entry.content,
        authors=entry.authors,
        tags=entry.tags,
        lang=read.lang,
        published=entry.published,
        published_raw=entry.published_raw,
        updated=entry.updated,
        capture_id=brought.capture_id,
        lexemes=read.lexemes,
        forms_version=read.forms_version,
        fresh=manner is Manner.STORY,
        page_wanted=source.pages and entry.url is not None and manner is Manner.STORY,
    )
    return _Arrival(read=read, manner=manner, article=article)


async def _keep_entries(
    conn: Conn, arrivals: Sequence[_Arrival]
) -> tuple[list[tuple[_Arrival, KeptArticle]], int]:
    """Keep all entries in one go; if one is refused, each in a savepoint of its own: it takes no other along."""
    try:
        async with conn.transaction():
            kept = await keep_articles(conn, [arrival.article for arrival in arrivals])
            return list(zip(arrivals, kept, strict=True)), 0
    except DatabaseError as error:
        if is_transient(error):
            raise
    single: list[tuple[_Arrival, KeptArticle]] = []
    for arrival in arrivals:
        try:
            async with conn.transaction():
                single.append((arrival, await keep_article(conn, arrival.article)))
        except DatabaseError as error:
            if is_transient(error):
                raise
            log.error("entry_refused", url=arrival.article.url, reason=str(error).strip())
    return single, len(arrivals) - len(single)


def _places(arrival: _Arrival, kept: KeptArticle) -> PlacesOf:
    return PlacesOf(article_id=kept.id, places=stored_places(arrival.read.places), is_new=kept.is_new)


async def _tell_of(
    conn: Conn, ruleset: Ruleset, debts: Debts, kept: Sequence[tuple[_Arrival, KeptArticle]]
) -> None:
    """Join the stories and raise the alerts of the kept entries; one with no new words has nothing to tell."""
    telling = [(arrival, article) for arrival, article in kept if article.version_id is not None]
    if not telling:
        return
    joined = await join_or_start_all(
        conn,
        [
            Telling(
                article_id=article.id,
                key=bytes.fromhex(arrival.read.story_key),
                title=arrival.article.title,
                lang=arrival.article.lang,
            )
            for arrival, article in telling
        ],
        window=STORY_WINDOW,
    )
    matched = [
        Matched(
            article_id=article.id,
            version_id=article.version_id,
            story_id=join.story_id,
            hits=arrival.read.hits,
            manner=arrival.manner,
        )
        for (arrival, article), join in zip(telling, joined, strict=True)
    ]
    await raise_alerts(conn, ruleset, debts, matched)
