"""WebSub, the subscriber's part of the protocol (https://www.w3.org/TR/websub/): found hubs, requests, signatures."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from yarl import URL

from spiders.fetching import FailureKind, FetchFailed
from spiders.gate.exchange import PostReply
from storage.subscriptions import Offer

MAX_HUBS = 5
MAX_REDIRECTS = 3
MAX_URL_CHARS = 2000
ASK_TIMEOUT = timedelta(seconds=20)
TOKEN_BYTES = SECRET_BYTES = (
    32  # section 5.1: the secret is shorter than 200 bytes; 32 random ones are 64 in hex
)
FORM = "application/x-www-form-urlencoded"

# Section 7.1.1. Most hubs still sign with SHA-1; as an HMAC it holds.
ALGORITHMS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}

_KEEP_METHOD = frozenset({307, 308})  # section 5.1.2: the hub sends us to another
_GONE = frozenset({404, 410})
_NOT_NOW = frozenset({408, 425, 429})
# Publishers forget the semicolon (idno#771); a link ends where the next one begins.
_LINK = re.compile(r"<([^<>]{0,8000})>([^<]*)")
_REL = re.compile(r"\brel\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;,\"']+))", re.IGNORECASE)
_CHALLENGE = re.compile(r"[\x21-\x7e]{1,1000}")
_SECONDS = re.compile(r"[0-9]{1,10}")


class Mode(StrEnum):
    """What a request to a hub, or a question from one, is about."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to a hub."""

    mode: Mode
    hub: str
    topic: str
    callback: str
    secret: str
    lease: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The hub took the request and will ask back whether we mean it."""

    hub: str  # the one that took it, after redirects


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The hub could not be asked or said no. `weight` counts towards the back-off: an outage less than a refusal."""

    reason: str
    weight: float
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a hub asks or tells by GET on a callback; `lease` None: it does not say for how long."""

    mode: Mode
    topic: str
    challenge: str = ""
    lease: timedelta | None = None
    reason: str = ""


class Post(Protocol):
    """Whatever posts through the one gate, once, following nothing."""

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: timedelta,  # noqa: ASYNC109 - the caller's patience is part of the call
        max_reply_bytes: int = 4096,
    ) -> PostReply | FetchFailed: ...


def find_offer(
    headers: Mapping[str, str], *, final_url: str, self_url: str | None, hubs: Sequence[str]
) -> Offer | None:
    """Find hubs and topic: in the Link headers of the answer first, else in what the feed says of itself (section 4).

    A feed that does not name itself is called by the address that it came from.
    """
    links = parse_links(headers.get("link", ""), base=final_url)
    in_headers = [url for rel, url in links if rel == "hub"]
    named = _usable(in_headers or [_join(final_url, hub) for hub in hubs])
    topics = [url for rel, url in links if rel == "self"] if in_headers else []
    topic = next(iter(topics), None) or _join(final_url, self_url or "")
    if not named or not _is_web(topic):
        return None
    return Offer(topic=topic, hubs=tuple(named), base_url=final_url)


def parse_links(header: str, *, base: str) -> list[tuple[str, str]]:
    """Read a Link header (RFC 8288) into (relation, absolute URL); what cannot be read is left out."""
    found: list[tuple[str, str]] = []
    for target, parameters in _LINK.findall(header):
        rel, url = _REL.search(parameters), _join(base, target.strip())
        if rel and url:
            names = (rel[1] or rel[2] or rel[3] or "").lower().split()
            found += [(name, url) for name in names]
    return found


def _join(base: str, url: str) -> str:
    """The URL in full; empty when it is none that can be read."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def _usable(hubs: Sequence[str]) -> list[str]:
    """The hubs we may ask, by https first where http is named (section 8.2), each once."""
    wished: list[str] = []
    for hub in hubs[:MAX_HUBS]:
        if _is_web(hub):
            wished += [*_by_https(hub), hub]
    return list(dict.fromkeys(wished))


def _by_https(url: str) -> list[str]:
    parts = urlsplit(url)
    return (
        [urlunsplit(parts._replace(scheme="https"))]
        if parts.scheme == "http" and ":" not in parts.netloc
        else []
    )


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MAX_URL_CHARS
    except ValueError:
        return False


def new_token() -> str:
    """A path that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_secret() -> str:
    """A key that only one hub gets to know."""
    return secrets.token_hex(SECRET_BYTES)


async def ask(door: Post, request: Ask) -> Accepted | Refused:
    """Ask a hub to push, or to stop; hubs may send us on to another (307, 308), each judged by the gate anew."""
    form = {
        "hub.mode": request.mode.value,
        "hub.topic": request.topic,
        "hub.callback": request.callback,
        "hub.secret": request.secret,
        "hub.lease_seconds": str(int(request.lease.total_seconds())),
        "hub.verify": "async",  # hubs of PubSubHubbub 0.3 insist on it, others must ignore it
    }
    body, hub = urlencode(form).encode(), request.hub
    for _ in range(MAX_REDIRECTS + 1):
        reply = await door.post(hub, headers={"Content-Type": FORM}, body=body, timeout=ASK_TIMEOUT)
        if isinstance(reply, FetchFailed):
            return Refused(reason=reply.reason, weight=_weight_of(reply.kind))
        if reply.status not in _KEEP_METHOD:
            return _verdict(hub, reply)
        further = _join(hub, reply.headers.get("location", ""))
        if not _is_web(further) or (hub.startswith("https:") and further.startswith("http:")):
            return Refused(reason=f"{_host(hub)} sends us to a place where we do not go", weight=1.0)
        hub = further
    return Refused(reason=f"{_host(request.hub)} sends us on more than {MAX_REDIRECTS} times", weight=1.0)


def _verdict(hub: str, reply: PostReply) -> Accepted | Refused:
    if reply.status // 100 == 2:
        return Accepted(hub=hub)
    said = " ".join(re.findall(r"[^\W_][^\s<>]*", reply.body.decode("utf-8", "replace")))[:200]
    reason = f"{_host(hub)} answered {reply.status}" + (f": {said}" if said else "")
    if reply.status in _GONE:
        return Refused(reason=reason, weight=3.0, retry_after=reply.retry_after)
    weight = 0.5 if reply.status >= 500 or reply.status in _NOT_NOW else 1.0
    return Refused(reason=reason, weight=weight, retry_after=reply.retry_after)


def _weight_of(kind: FailureKind) -> float:
    match kind:
        case FailureKind.DNS | FailureKind.CONNECT | FailureKind.TIMEOUT:
            return 0.5
        case FailureKind.REFUSED:
            return 3.0
        case _:
            return 1.0


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:80]


def parse_intent(query: Mapping[str, str]) -> Intent | None:
    """Read what a hub asks; None when it is no question of WebSub, or its challenge is none to be echoed."""
    try:
        mode = Mode(query.get("hub.mode", ""))
    except ValueError:
        return None
    topic, challenge = query.get("hub.topic", ""), query.get("hub.challenge", "")
    if not topic or (mode is not Mode.DENIED and not _CHALLENGE.fullmatch(challenge)):
        return None
    seconds = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(seconds)) if _SECONDS.fullmatch(seconds) and int(seconds) else None
    return Intent(
        mode=mode, topic=topic, challenge=challenge, lease=lease, reason=query.get("hub.reason", "")[:200]
    )


def same_topic(asked: str, ours: str) -> bool:
    """Whether two spellings of a URL are the same: hubs may decode what need not be encoded (section 5.1.1)."""
    try:
        return asked == ours or URL(asked) == URL(ours)
    except ValueError:
        return False


def fault_of_signature(header: str | None, *, secret: str, body: bytes) -> str | None:
    """Say what is wrong with the signature of a push, None when it is ours. Takes time with the size of the body."""
    if not header:
        return "it is not signed"
    method, _, given = header.strip().partition("=")
    algorithm = ALGORITHMS.get(method.strip().lower())
    if algorithm is None:
        return "it is signed in a way that WebSub does not know"
    right = hmac.new(secret.encode(), body, algorithm).hexdigest()
    if not hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace")):
        return "its signature is wrong"
    return None
