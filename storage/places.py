"""Places: which places an article names, so that it is found by them and its alerts can say where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.clean import clean_text
from storage.database import Conn

MAX_PLACES = 300  # of one article: a list of all towns says as much with the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePlace:
    """A place that an article names: `surface` stands at [start_at, end_at) of its `field`."""

    place: str
    field: str
    start_at: int
    end_at: int
    surface: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesOf:
    """The places of one article, the most telling first; `is_new` when it had none before."""

    article_id: int
    places: Sequence[ArticlePlace]
    is_new: bool = False


async def keep_entry_places(conn: Conn, named: Sequence[PlacesOf]) -> None:
    """Keep what entries name. The places of a page that was read stay, as its text does."""
    edited = [one.article_id for one in named if not one.is_new]
    if edited:
        await conn.execute(
            """
            DELETE FROM article_place p WHERE article_id = ANY(%(ids)s) AND (field <> 'body' OR NOT EXISTS (
                SELECT FROM article_version v WHERE v.article_id = p.article_id AND v.of = 'page'))
            """,
            {"ids": edited},
        )
    await _add(conn, named)


async def keep_page_places(conn: Conn, named: PlacesOf) -> None:
    """Keep what the article names now that its page was read, in place of what its entry named."""
    await conn.execute("DELETE FROM article_place WHERE article_id = %(id)s", {"id": named.article_id})
    await _add(conn, [named])


async def places_of(conn: Conn, article_id: int) -> list[ArticlePlace]:
    """Return the places that the article names, the most telling first."""
    return (await places_of_each(conn, [article_id])).get(article_id, [])


async def places_of_each(conn: Conn, article_ids: Collection[int]) -> dict[int, list[ArticlePlace]]:
    """Return the places of many articles, as places_of does; of those that name none, nothing."""
    found: dict[int, list[ArticlePlace]] = {}
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT article_id, place, field, start_at, end_at, surface, reason FROM article_place
            WHERE article_id = ANY(%(ids)s::bigint[]) ORDER BY article_id, rank, field
            """,
            {"ids": list(article_ids)},
        )
        async for article_id, place, field, start_at, end_at, surface, reason in cursor:
            named = ArticlePlace(
                place=place, field=field, start_at=start_at, end_at=end_at, surface=surface, reason=reason
            )
            found.setdefault(article_id, []).append(named)
    return found


async def places_named(conn: Conn, article_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the keys of the places that each of the articles names, the most telling first."""
    found: dict[int, tuple[str, ...]] = {}
    async with conn.cursor() as cursor:
        await cursor.execute(
            """
            SELECT article_id, array_agg(place ORDER BY first) FROM (
                SELECT article_id, place, min(rank) AS first FROM article_place
                WHERE article_id = ANY(%(ids)s) GROUP BY article_id, place) AS named
            GROUP BY article_id
            """,
            {"ids": list(article_ids)},
        )
        async for article_id, places in cursor:
            found[article_id] = tuple(places)
    return found


async def _add(conn: Conn, named: Sequence[PlacesOf]) -> None:
    """Add all in one statement; what stands in the body of a page that was read is known already."""
    rows = [
        (one.article_id, rank, place) for one in named for rank, place in enumerate(one.places[:MAX_PLACES])
    ]
    if not rows:
        return
    await conn.execute(
        """
        INSERT INTO article_place (article_id, rank, place, field, start_at, end_at, surface, reason)
        SELECT * FROM unnest(%(article_id)s::bigint[], %(rank)s::smallint[], %(place)s::text[], %(field)s::text[],
            %(start_at)s::int[], %(end_at)s::int[], %(surface)s::text[], %(reason)s::text[])
            AS n (article_id, rank, place, field, start_at, end_at, surface, reason)
        WHERE NOT EXISTS (SELECT FROM article_place p WHERE p.article_id = n.article_id AND p.field = n.field)
        """,
        {
            "article_id": [article_id for article_id, _, _ in rows],
            "rank": [rank for _, rank, _ in rows],
            "place": [clean_text(one.place, max_chars=100) for _, _, one in rows],
            "field": [one.field for _, _, one in rows],
            "start_at": [one.start_at for _, _, one in rows],
            "end_at": [one.end_at for _, _, one in rows],
            "surface": [clean_text(one.surface, max_chars=500) for _, _, one in rows],
            "reason": [clean_text(one.reason, max_chars=500) for _, _, one in rows],
        },
    )
