"""The watchman: looks over all sources, pages, channels and parts at once for what no single visit can show."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from scheduler.checkup import blind_rules
from scheduler.clock import Lapse
from scheduler.health import Finding
from scheduler.pace import expected_between
from scheduler.ruleset import Rulebook, Ruleset
from storage.database import Conn, Database
from storage.health import (
    ChannelTrouble,
    LateSource,
    Machinery,
    PageTrouble,
    QuietSource,
    channel_troubles,
    ill_pages,
    late_sources,
    machinery,
    quiet_sources,
    settle_troubles,
)
from storage.incidents import Incident, NewIncident, close_incidents, list_open_incidents, open_incidents
from storage.sources import Source, list_sources

log = structlog.get_logger()

WATCH_EVERY = timedelta(seconds=30)
WINDOW = timedelta(minutes=15)
QUIET_FOR = timedelta(hours=3)  # no source is called silent sooner
FEWEST_EXPECTED = 8.0  # entries that should have come: by chance none do once in 3,000 times (Poisson, e^-8)
LONGER_THAN_EVER = 2.0  # times its longest pause in four weeks
UNPROVEN = timedelta(days=15)  # a source watched for less has not shown what its weekends are like
A_WEEKEND = timedelta(hours=64)
LATE_BY = timedelta(minutes=5)
MANY_LATE = 0.2  # of all sources: then the collector is late, not the sources
ILL_PAGES, WELL_PAGES, FEWEST_PAGES = 0.3, 0.6, 5
STUCK_FOR = timedelta(minutes=30)
OVERLOOKED_FOR = timedelta(minutes=1)
FEWEST_HOSTS, LOST_SHARE = 4, 0.8
MOST_STOPPED = 3

# The kinds that this watch opens and closes, of sources and of the installation; visits judge the others.
SOURCE_KINDS = frozenset({"silent", "stale", "extraction"})
OWN_KINDS = frozenset({"channel", "queue", "schedule", "reader", "network"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A finding and whom it is about: a source, or a named part of the installation."""

    subject: str
    source: Source | None
    finding: Finding


async def watch_over(db: Database, rulebook: Rulebook, lapses: Collection[Lapse] = ()) -> int:
    """Open and close the incidents that only a look at everything shows; how many are open now."""
    now = datetime.now(UTC)
    ruleset = rulebook.current
    async with db.transaction() as conn:
        sources = {source.id: source for source in await list_sources(conn)}
        well = await machinery(conn, window=WINDOW, overlooked_for=OVERLOOKED_FOR)
        late = await late_sources(conn, late_by=LATE_BY)
        wrong = [
            *_silent(await quiet_sources(conn, quiet_for=QUIET_FOR), sources, now),
            *_extraction(await ill_pages(conn, below=WELL_PAGES, at_least=FEWEST_PAGES), sources, now),
            *(_stale(late, sources) if len(late) <= MANY_LATE * max(len(sources), 1) else ()),
            *_channels(await channel_troubles(conn, stuck_for=STUCK_FOR, window=WINDOW * 4), now),
            *_machinery(well, now),
            *_schedule(late, sources, lapses, now),
        ]
        return await _settle(conn, ruleset, wrong)


async def _settle(conn: Conn, ruleset: Ruleset, wrong: Sequence[Wrong]) -> int:
    """Make the open incidents of our kinds be these."""
    ours = SOURCE_KINDS | OWN_KINDS
    known = {(one.kind, one.subject): one for one in await list_open_incidents(conn) if one.kind in ours}
    present = {(one.finding.kind, one.subject): one for one in wrong}
    present = {at: one for at, one in present.items() if at in known or not _only_lasting(one)}
    opened = await open_incidents(conn, [_incident(ruleset, one) for one in present.values()])
    over = [one for at, one in known.items() if at not in present]
    for one in over:
        await close_incidents(conn, one.subject, (one.kind,))
    await settle_troubles(conn)
    _tell_log([one for one, id_ in zip(present.values(), opened, strict=True) if id_], over)
    return len(present)


def _only_lasting(one: Wrong) -> bool:
    """Extraction opens at one level and closes at another, so that it does not flap around one."""
    return (
        one.finding.kind == "extraction"
        and one.source is not None
        and (one.source.page_health is None or one.source.page_health >= ILL_PAGES)
    )


def _incident(ruleset: Ruleset, one: Wrong) -> NewIncident:
    rules = tuple(line.name for line in ruleset.text.rules)
    return NewIncident(
        source_id=one.source.id if one.source else None,
        subject=one.subject,
        kind=one.finding.kind,
        since=one.finding.since,
        detail=one.finding.detail,
        remedy=one.finding.remedy,
        rules=blind_rules(ruleset, one.source) if one.source else rules,
    )


def is_silent(quiet: QuietSource, now: datetime) -> bool:
    """Whether a source is silent against its own rhythm: longer than ever, and when much should have come.

    A weekend or a night that it always takes is in its longest pause; one that is new to us may take a weekend.
    """
    silence = now - quiet.last_new_at
    if now - quiet.first_visited_at < UNPROVEN and silence < A_WEEKEND:
        return False
    if quiet.longest_gap is not None and silence < LONGER_THAN_EVER * quiet.longest_gap:
        return False
    return expected_of(quiet, now) >= FEWEST_EXPECTED


def expected_of(quiet: QuietSource, now: datetime) -> float:
    """How many entries should have come since the last: by the hours of the day, but no more than on average."""
    by_hour = expected_between(quiet.rhythm, quiet.last_new_at, now)
    return min(by_hour, quiet.per_hour * ((now - quiet.last_new_at) / timedelta(hours=1)))


def _silent(quiet: Sequence[QuietSource], sources: Mapping[int, Source], now: datetime) -> Iterable[Wrong]:
    for one in quiet:
        if one.id in sources and is_silent(one, now):
            usual = expected_of(one, now)
            yield _of(
                sources[one.id],
                kind="silent",
                since=one.last_new_at,
                detail=f"nothing new since {one.last_new_at:%Y-%m-%d %H:%M} UTC, where about {usual:.0f} entries "
                "are usual in that time; it answers as if all were well",
                remedy="look at the site: when news stands there, `marsad source add` finds its feeds anew",
            )


def _extraction(ill: Sequence[PageTrouble], sources: Mapping[int, Source], now: datetime) -> Iterable[Wrong]:
    for one in ill:
        if one.id in sources:
            yield _of(
                sources[one.id],
                kind="extraction",
                since=now,
                detail=f"lately only {one.page_health:.0%} of its pages could be read: {one.last_error or 'degraded'}",
                remedy="titles and summaries still match; see with `marsad try page` what is read of one of them",
            )


def _stale(late: Sequence[LateSource], sources: Mapping[int, Source]) -> Iterable[Wrong]:
    for one in late:
        if one.id in sources:
            yield _of(
                sources[one.id],
                kind="stale",
                since=one.due_at,
                detail=f"due since {one.due_at:%H:%M} UTC and not visited",
                remedy="its host may be resting or full; see `visited` in the log and [collect] concurrency",
            )


def _channels(troubles: Sequence[ChannelTrouble], now: datetime) -> Iterable[Wrong]:
    for one in troubles:
        if one.disabled_reason:
            detail = f"off: {one.disabled_reason}"
        elif one.dead:
            detail = f"{one.dead} messages were given up within the hour: {one.detail or 'see the log'}"
        else:
            detail = f"{one.waiting} messages wait in vain: {one.detail or 'see the log'}"
        yield _part(
            f"channel:{one.name}",
            kind="channel",
            since=one.since or now,
            detail=f"channel {one.name}: {detail}",
            remedy=f"mend it, then `marsad alert test {one.name}` and `marsad alert replay`",
        )


def _machinery(well: Machinery, now: datetime) -> Iterable[Wrong]:
    if well.hosts >= FEWEST_HOSTS and well.unreachable_hosts >= LOST_SHARE * well.hosts:
        yield _part(
            "network",
            kind="network",
            since=now - WINDOW,
            detail=f"{well.unreachable_hosts} of {well.hosts} hosts cannot be reached: the network or DNS is down",
            remedy="see with `marsad doctor` what this machine can reach",
        )
    if well.stopped_readings >= MOST_STOPPED and well.stopped_sources > 1:
        yield _part(
            "reader",
            kind="reader",
            since=now - WINDOW,
            detail=f"readings of {well.stopped_sources} sources were stopped lately",
            remedy="see `reading was stopped` in the log; the raw bytes are kept. More memory or fewer readers help",
        )
    if well.overlooked and well.overlooked_since:
        yield _part(
            "queue",
            kind="queue",
            since=well.overlooked_since,
            detail=f"{well.overlooked} messages are due since {well.overlooked_since:%H:%M} UTC and not taken up",
            remedy="is a process with the role `deliver` running? The sweeper wakes it; else restart marsad",
        )


def _schedule(
    late: Sequence[LateSource], sources: Mapping[int, Source], lapses: Collection[Lapse], now: datetime
) -> Iterable[Wrong]:
    if sources and len(late) > MANY_LATE * len(sources):
        yield _part(
            "collector",
            kind="schedule",
            since=min(one.due_at for one in late),
            detail=f"{len(late)} of {len(sources)} sources are due and not visited: the collector does not keep up",
            remedy="raise [collect] concurrency, start a second `marsad run --role collect`, or watch less often",
        )
    for lapse in lapses:
        yield _part(
            f"tick:{lapse.name}",
            kind="schedule",
            since=lapse.last or now,
            detail=f"the step `{lapse.name}` should be done every {lapse.every.total_seconds():g} s "
            f"and was not: {lapse.why}",
            remedy="see `tick_failed` in the log; restart marsad if it does not come back",
        )


def _of(source: Source, *, kind: str, since: datetime, detail: str, remedy: str) -> Wrong:
    finding = Finding(kind=kind, since=since, detail=detail, remedy=remedy)
    return Wrong(subject=source.key, source=source, finding=finding)


def _part(subject: str, *, kind: str, since: datetime, detail: str, remedy: str) -> Wrong:
    return Wrong(
        subject=subject, source=None, finding=Finding(kind=kind, since=since, detail=detail, remedy=remedy)
    )


def _tell_log(opened: Sequence[Wrong], over: Sequence[Incident]) -> None:
    for one in opened:
        name = one.source.name if one.source else one.subject
        log.warning("incident_opened", kind=one.finding.kind, of=name, reason=one.finding.detail)
    for one in over:
        log.info("incident_over", kind=one.kind, of=one.source_name or one.subject)
