"""Whereabouts: the places of an article on their way from reading to the store, and from there into messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alerts.whereabouts import Where, where
from language.places import Placed
from storage.places import ArticlePlace


def stored_places(placed: Iterable[Placed]) -> tuple[ArticlePlace, ...]:
    """The places as the store keeps them, in the same order."""
    return tuple(
        ArticlePlace(
            place=one.place,
            field=one.field,
            start_at=one.start,
            end_at=one.end,
            surface=one.surface,
            reason=one.reason,
        )
        for one in placed
    )


def told_places(rows: Sequence[Mapping[str, Any]]) -> tuple[Where, ...]:
    """The places as messages tell them; those that the gazetteer has dropped since are left out."""
    found = (where(str(row["key"]), str(row["reason"])) for row in rows)
    return tuple(one for one in found if one is not None)
