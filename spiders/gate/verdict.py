"""The verdict: what the last response of a fetch means for us."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from scrapy.http import Response
from yarl import URL

from spiders.fetching import FailureKind, Fetched, FetchFailed, FetchResult, NotModified
from spiders.gate.exchange import Cut
from spiders.gate.handler import certificate_of, cut_of, issuer_of
from spiders.gate.hops import Hop
from spiders.gate.retrying import retry_after

_EMPTY = frozenset({204, 205})
_PARTIAL = 206
_NOT_MODIFIED = 304
_GONE = frozenset({404, 410})
_BLOCKED = frozenset({401, 403, 429, 451})
_VALIDATORS = frozenset({"etag", "last-modified"})


def verdict(hop: Hop, response: Response) -> FetchResult:
    """Take the final response for what it is."""
    status = response.status
    if status == _NOT_MODIFIED and hop.validators:
        return NotModified(
            url=hop.start,
            final_url=hop.url,
            moved_to=_moved_to(hop),
            certificate=certificate_of(response),
            issuer=issuer_of(response),
        )
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and status not in _EMPTY:
        return _fetched(hop, response)
    return FetchFailed(
        url=hop.start,
        kind=_kind(response),
        reason=f"{URL(hop.url).host} answered {status} {_phrase(status)}",
        status=status,
        retry_after=_retry_after(response),
    )


def headers_of(response: Response) -> dict[str, str]:
    """Names in lower case; repeated headers joined as RFC 9110 section 5.3 says."""
    return {
        name.decode("latin-1").lower(): ", ".join(value.decode("utf-8", "replace") for value in values)
        for name, values in response.headers.items()
    }


def _fetched(hop: Hop, response: Response) -> Fetched:
    cut, headers = cut_of(response), headers_of(response)
    if cut in (Cut.BROKEN, Cut.SLOW):
        # With these the next visit would be a 304, and what did not arrive now would never come.
        headers = {name: value for name, value in headers.items() if name not in _VALIDATORS}
    return Fetched(
        url=hop.start,
        final_url=hop.url,
        status=response.status,
        headers=headers,
        body=response.body,
        address=str(response.ip_address) if response.ip_address else None,
        redirects=hop.trail,
        moved_to=_moved_to(hop),
        truncated=cut is not None or response.status == _PARTIAL,
        certificate=certificate_of(response),
        issuer=issuer_of(response),
    )


def _moved_to(hop: Hop) -> str | None:
    return hop.url if hop.trail and hop.permanent else None


def _kind(response: Response) -> FailureKind:
    if response.status in _GONE:
        return FailureKind.GONE
    # cf-mitigated: developers.cloudflare.com, "Detecting a Challenge Page response"
    if response.status in _BLOCKED or response.headers.get("cf-mitigated") == b"challenge":
        return FailureKind.BLOCKED
    return FailureKind.HTTP


def _retry_after(response: Response) -> timedelta | None:
    value, date = response.headers.get("Retry-After"), response.headers.get("Date")
    return retry_after(_text(value), _text(date), now=datetime.now(UTC))


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(not a known status)"
