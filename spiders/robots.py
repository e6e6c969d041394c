"""Robots: what a robots.txt says to us, by RFC 9309, and what it means when none comes."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from protego import Protego

from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchRequest, FetchResult, NotModified

MAX_BYTES = 500 << 10  # section 2.5: what must at least be read, and all that we read
TIMEOUT = timedelta(seconds=10)  # the feed behind it must not wait for long
DAY, HOUR = timedelta(days=1), timedelta(hours=1)  # section 2.4: no copy is used for longer than a day
LONGEST_DELAY = timedelta(seconds=60)

_AGENT_LINE = re.compile(
    r"[ \t]*(?:user-agent|useragent|user[ \t]+agent)(?:[ \t]*:[ \t]*|[ \t]+)(.*)", re.I | re.S
)
_TOKEN = re.compile(r"[A-Za-z_-]+")  # section 2.2.1
_COMPATIBLE = re.compile(r"compatible;\s*([A-Za-z_-]+)")
_MAX_AGE = re.compile(r"(?:^|[\s,])(max-age=\"?(\d{1,10})|no-cache|no-store)", re.I)
_OTHERS = "others"  # a name for all who are not us
_TOO_MANY, _BROKEN = 429, 500
_UNREACHED = {
    FailureKind.DNS,
    FailureKind.CONNECT,
    FailureKind.TLS,
    FailureKind.TIMEOUT,
    FailureKind.PROTOCOL,
    FailureKind.TOO_LARGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a robots.txt says to us. `asked_delay` is what it asks for, before we cut it."""

    parsed: Protego
    agent: str
    asked_delay: timedelta

    @property
    def delay(self) -> timedelta:
        return min(self.asked_delay, LONGEST_DELAY)

    def allow(self, url: str) -> bool:
        """Whether we may fetch the URL. Takes long for long rules: call it in a thread."""
        return self.parsed.can_fetch(url, self.agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The site said what holds: its rules, or (None) that it has none."""

    status: int | None
    body: bytes | None
    fresh_for: timedelta
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """What it said the last time still holds."""

    fresh_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """No answer that tells whether there are rules: the copy that we have holds, or nothing may be fetched."""

    kind: FailureKind
    reason: str
    status: int | None
    retry_after: timedelta | None


def origin_of(url: str) -> str | None:
    """Scheme, host and port: what one robots.txt is for (section 2.3). None when the URL has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def product_token(user_agent: str) -> str:
    """Our name as robots.txt files would write it: the first word of the user agent, without its version."""
    found = _COMPATIBLE.search(user_agent) or _TOKEN.match(user_agent.strip())
    return found.group(found.lastindex or 0) if found else "Marsad"


def request_for(
    origin: str, *, etag: str | None = None, last_modified: str | None = None, proxy: str | None = None
) -> FetchRequest:
    """How a robots.txt is asked for."""
    return FetchRequest(
        url=f"{origin}/robots.txt",
        etag=etag,
        last_modified=last_modified,
        timeout=TIMEOUT,
        max_bytes=MAX_BYTES,
        proxy=proxy,
    )


def understand(result: FetchResult) -> Said | Unchanged | Unreached:
    """Take an answer for what sections 2.3.1.1 to 2.3.1.4 make of it.

    No 4xx forbids anything, also not 401 and 403; 429 is a server that is too busy to answer. Too many redirects, or
    one to where we do not go, lead to no rules.
    """
    match result:
        case Fetched():
            return Said(
                status=result.status,
                body=_whole_lines(result.body, cut=result.truncated),
                fresh_for=fresh_for(result.headers.get("cache-control")),
                etag=result.etag,
                last_modified=result.last_modified,
            )
        case NotModified():
            return Unchanged(fresh_for=DAY)
        case FetchFailed() if _is_unreached(result):
            return Unreached(
                kind=result.kind, reason=result.reason, status=result.status, retry_after=result.retry_after
            )
        case FetchFailed():
            return Said(status=result.status, body=None, fresh_for=DAY)


def fresh_for(cache_control: str | None) -> timedelta:
    """How long a copy is used: as the site says, between an hour and a day."""
    ages = [
        timedelta(seconds=int(match[2])) if match[2] else timedelta(0)
        for match in _MAX_AGE.finditer(cache_control or "")
    ]
    return min(max(min(ages, default=DAY), HOUR), DAY)


def read_rules(body: bytes, agent: str) -> Rules:
    """Read what a robots.txt says to `agent`; whatever is no rule is passed over, as on an HTML page."""
    text = _to_us(body[:MAX_BYTES].decode("utf-8-sig", "replace"), agent.lower())
    parsed = Protego.parse(text)
    rate = parsed.request_rate(agent)
    most = DAY.total_seconds()
    # cut before it is divided: the numbers may have thousands of digits
    asked = max(parsed.crawl_delay(agent) or 0.0, min(rate.seconds, most) / rate.requests if rate else 0.0)
    return Rules(parsed=parsed, agent=agent, asked_delay=timedelta(seconds=min(asked, most)))


def _to_us(text: str, agent: str) -> str:
    """Name all other agents alike: a group of a thousand names would be read a thousand times, for nobody."""
    return "\n".join(map(partial(_addressed, agent=agent), text.splitlines()))


def _addressed(line: str, *, agent: str) -> str:
    match = _AGENT_LINE.fullmatch(line.partition("#")[0].rstrip())
    if match is None:
        return line
    name = match[1].lower().strip()
    token = _TOKEN.match(name)
    if name != "*":
        name = agent if token and token.group() == agent else _OTHERS
    return f"User-agent: {name}"


def _whole_lines(body: bytes, *, cut: bool) -> bytes:
    """Leave out a last line that was cut: half a rule forbids more than the whole one."""
    if not cut and len(body) <= MAX_BYTES:
        return body
    body = body[:MAX_BYTES]
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]


def _is_unreached(failed: FetchFailed) -> bool:
    if failed.status is None:
        return failed.kind in _UNREACHED
    return failed.status == _TOO_MANY or failed.status >= _BROKEN
