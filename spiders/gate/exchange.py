"""One HTTP exchange through the gate: what goes out, what came back, and how it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from spiders.fetching import FailureKind


class Cut(StrEnum):
    """Why a body is shorter than the other side meant it to be."""

    SIZE = "the size limit was reached"
    BROKEN = "the connection or the compression broke off"
    SLOW = "the time was up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as we mean it; no redirect is followed and no cookie is kept."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # may hold secrets
    body: bytes = b""
    timeout: timedelta | None = None  # None: the policy's
    max_bytes: int | None = None  # of the decoded body; None: the policy's
    proxy: str | None = None  # None: the policy's way out


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One final response of any status, its body decoded and never longer than asked for."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    address: str | None  # the IP address really dialled; None where a proxy dialled
    cut: Cut | None = None
    certificate: str | None = None  # SHA-256 of the leaf certificate in hex; None without TLS
    issuer: str | None = None  # who signed it


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReply:
    """What the receiver of a POST said: any status, the first bytes of its reply."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    retry_after: timedelta | None = None


class GateError(Exception):
    """No answer came of it; `reason` is one line for people, with the remedy where there is one."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
