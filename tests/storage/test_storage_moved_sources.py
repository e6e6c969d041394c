"""A source that moved keeps its id and history, and nothing that the old address said of itself."""

from datetime import UTC, datetime

from storage_world import MINUTE, given_source

from storage.database import Database
from storage.sources import (
    VisitOutcome,
    claim_due_sources,
    finish_visit,
    get_source,
    move_source,
    remove_source,
    source_key,
)

OLD, NEW = "http://old.example/feed", "https://new.example/feed"


def outcome() -> VisitOutcome:
    return VisitOutcome(
        started_at=datetime.now(UTC), outcome="new", entries=3, new_entries=3, etag='"7"', last_modified="then",
        body_hash=b"h", pace=5 * MINUTE, due_in=5 * MINUTE, certificate="c", moved_to=NEW, kind="feed",
    )  # fmt: skip


async def test_a_moved_source_keeps_its_id_and_forgets_what_the_old_address_said(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn, OLD)
        (leased,) = await claim_due_sources(conn, limit=1, lease=MINUTE, per_host=2)
        await finish_visit(conn, leased, outcome())

        assert await move_source(conn, source_id, NEW)
        moved = await get_source(conn, source_id)

        assert moved is not None
        assert (moved.id, moved.url, moved.key) == (source_id, NEW, source_key(NEW))
        assert (moved.etag, moved.last_modified, moved.body_hash) == (None, None, None)
        assert (moved.certificate, moved.moved_to) == (None, None)
        assert (moved.kind, moved.visits) == ("feed", 1)
        assert moved.last_new_at is not None
        assert moved.due_at <= datetime.now(UTC)


async def test_a_visit_to_the_old_address_cannot_finish_after_the_move(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn, OLD)
        (leased,) = await claim_due_sources(conn, limit=1, lease=MINUTE, per_host=2)
        await move_source(conn, source_id, NEW)

        assert not await finish_visit(conn, leased, outcome())


async def test_an_address_that_another_source_has_or_had_is_not_taken(db: Database) -> None:
    async with db.transaction() as conn:
        source_id = await given_source(conn, OLD)
        await given_source(conn, NEW)

        assert not await move_source(conn, source_id, NEW)
        await remove_source(conn, source_key(NEW))
        assert not await move_source(conn, source_id, NEW)
        assert not await move_source(conn, source_id + 1000, "https://third.example/")
