"""Watched time: what of a span was watched at all, by the slots in which sources could be seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_BACKLOG = timedelta(days=3)  # feeds do not hold more


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The beginnings of the slots that were watched, in order, each `length` long."""

    starts: Sequence[datetime]
    length: timedelta

    def within(self, start: datetime, end: datetime) -> timedelta:
        """How much of the span was watched."""
        first = bisect_right(self.starts, start - self.length)
        last = bisect_left(self.starts, end)
        spans = (min(at + self.length, end) - max(at, start) for at in self.starts[first:last])
        return sum(spans, timedelta(0))

    def share(self, start: datetime, end: datetime) -> float:
        """Which share of the span was watched, 0 to 1."""
        return self.within(start, end) / (end - start)

    def unbroken(self, now: datetime) -> timedelta:
        """Since how long it has been watched without a break; nothing when it is not watched now."""
        at = bisect_right(self.starts, now) - 1
        if at < 0 or now - self.starts[at] > 2 * self.length:
            return timedelta(0)
        while at > 0 and self.starts[at] - self.starts[at - 1] <= self.length:
            at -= 1
        return now - self.starts[at]

    def blind_before(self, moment: datetime, *, since: datetime) -> timedelta:
        """How long nothing had been watched when the moment came: what was published meanwhile comes after it."""
        at = bisect_right(self.starts, moment) - 1
        seen_until = max(self.starts[at] + self.length, since) if at >= 0 else since
        blind = moment - seen_until
        return min(blind, MOST_BACKLOG) if blind > self.length else timedelta(0)
