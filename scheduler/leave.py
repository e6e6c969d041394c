"""Leave: what a site's robots.txt and its answers mean for the next request; decided here, done in politeness."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spiders.fetching import FailureKind, FetchFailed, FetchRequest, FetchResult
from spiders.robots import Said, Unchanged, Unreached, read_rules
from storage.robots import Robots, RobotsAnswer

OLDEST_COPY = timedelta(days=30)  # RFC 9309, section 2.3.1.4
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(days=1)  # of a robots.txt that does not come
TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE = 429, 503
REST_UNASKED = timedelta(minutes=1)  # after a 429 that does not say how long
LONGEST_REST = timedelta(
    hours=1
)  # of a whole host: one address of many must not silence the others for a day
REMEDY = 'if you have the right to, set robots = "ignore" in the table of its source'
FORBIDDEN = "forbidden"  # how the record begins when the rules say no; asking again brings the same answer
# What stops a robots.txt from coming stops everything else of its host too: it is told as what it is.
_OF_THE_HOST = {FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Go on. `said` is for the record; `delay` is the host's Crawl-delay, as we obey it."""

    said: str
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disallowed:
    """Do not. `reason` is one line with the remedy."""

    said: str
    reason: str
    kind: FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Hand it back: it is claimed again when its host's turn comes."""

    reason: str


def judge(robots: Robots, url: str, agent: str) -> Allowed | Disallowed:
    """Decide by what is known of the robots.txt. Reading long rules takes a while: call it in a thread."""
    if robots.error is not None and (robots.good_at is None or robots.now - robots.good_at > OLDEST_COPY):
        return _without_copy(robots)
    copy = f"the copy of {_minute(robots.good_at)}" + (f", as {robots.error}" if robots.error else "")
    if robots.body is None:
        return Allowed(
            said=f"allowed: no robots.txt ({robots.status or 'no answer'}), {copy}", delay=robots.delay
        )
    if read_rules(robots.body, agent).allow(url):
        return Allowed(said=f"allowed by robots.txt, {copy}", delay=robots.delay)
    reason = f"{robots.origin}/robots.txt forbids this address to {agent} ({copy}); {REMEDY}"
    return Disallowed(said=f"{FORBIDDEN} by robots.txt, {copy}", reason=reason, kind=FailureKind.BLOCKED)


def _without_copy(robots: Robots) -> Disallowed:
    kind = FailureKind(robots.failure) if robots.failure else FailureKind.BLOCKED
    if kind in _OF_THE_HOST:
        return Disallowed(said="not asked: robots.txt unreachable", reason=str(robots.error), kind=kind)
    reason = (
        f"{robots.origin}/robots.txt does not come ({robots.error}), and without it nothing may be fetched; "
        f"it is asked for again at {_minute(robots.fresh_until)}; {REMEDY}"
    )
    return Disallowed(said="not asked: robots.txt unreachable", reason=reason, kind=FailureKind.BLOCKED)


def is_forbidden(failed: FetchFailed) -> bool:
    """Whether the site's rules say no: trying again would bring the same answer."""
    return (failed.robots or "").startswith(FORBIDDEN)


def answer_of(said: Said | Unchanged | Unreached, asked: Robots, *, delay: timedelta) -> RobotsAnswer:
    """What is kept of an answer, and for how long; an answer that did not come is asked for ever more seldom."""
    match said:
        case Said():
            return RobotsAnswer(
                status=said.status,
                fresh_for=said.fresh_for,
                body=said.body,
                etag=said.etag,
                last_modified=said.last_modified,
                delay=delay,
            )
        case Unchanged():
            return RobotsAnswer(
                status=asked.status,
                fresh_for=said.fresh_for,
                body=asked.body,
                etag=asked.etag,
                last_modified=asked.last_modified,
                delay=asked.delay,
            )
        case Unreached():
            backoff = min(FIRST_RETRY * 2 ** min(asked.failures, 16), LAST_RETRY)
            return RobotsAnswer(
                status=said.status,
                fresh_for=max(backoff, said.retry_after or timedelta(0)),
                error=said.reason,
                failure=said.kind.value,
            )


def refused(request: FetchRequest, leave: Disallowed) -> FetchFailed:
    """What a fetch that was not made comes to."""
    return FetchFailed(url=request.url, kind=leave.kind, reason=leave.reason, robots=leave.said)


def rest_after(result: FetchResult) -> timedelta:
    """How long the whole host is left alone: its other addresses would hear the same (FreshRSS#8925)."""
    if not isinstance(result, FetchFailed) or result.status not in (TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE):
        return timedelta(0)
    unasked = REST_UNASKED if result.status == TOO_MANY_REQUESTS else timedelta(0)
    return min(result.retry_after if result.retry_after is not None else unasked, LONGEST_REST)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unknown time"
