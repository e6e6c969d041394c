"""Where: the places of an article as a reader sees them, each from the governorate down."""

from collections.abc import Sequence
from dataclasses import dataclass

from language.gazetteer import COUNTRY, gazetteer, holding
from language.places import name_of

MOST_SHOWN = 5
_BETWEEN = " > "  # turned round by the reader's direction, as arrows are not


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place that an article names; `reason` says why this place is meant."""

    key: str
    name: str
    lat: float | None
    lon: float | None
    reason: str


def where(key: str, reason: str) -> Where | None:
    """The place of this key, None when the gazetteer has none."""
    place = gazetteer().get(key)
    if place is None:
        return None
    return Where(key=key, name=name_of(key), lat=place.lat, lon=place.lon, reason=reason)


def trails(keys: Sequence[str], lang: str) -> tuple[str, ...]:
    """Each place within what holds it ("Basra > Zubair"), in the reader's language, at most five.

    What only holds another of the places is not said twice; the country is said when nothing else is.
    """
    chains = {key: holding(key) for key in keys if key in gazetteer()}
    inner = [key for key in chains if not any(key in chain[1:] for chain in chains.values())]
    return tuple(_trail(chains[key], lang) for key in inner[:MOST_SHOWN])


def _trail(chain: Sequence[str], lang: str) -> str:
    steps = [key for key in reversed(chain) if key != COUNTRY and not _only_holds(key, chain)] or list(chain)
    return _BETWEEN.join(name_of(key, lang) for key in steps)


def _only_holds(key: str, chain: Sequence[str]) -> bool:
    """Whether the step says nothing new: the Kurdistan Region, or the district and the city called after each other."""
    place = gazetteer()[key]
    return key != chain[0] and (place.kind in ("region", "district") or key.endswith("-city"))
