"""Places: which places of Iraq an article names, and why we think that these are meant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A place that an article names: `surface` stands at [start, end) of its `field`, in code points.

    `reason` says in plain words why this place is meant.
    """

    place: str
    field: str
    start: int
    end: int
    surface: str
    reason: str
