"""A rule whose expressions take too long is named from the article on; the articles and the other rules go on."""

from pathlib import Path
from random import Random

from infirmary import feed, infirmary

from storage.database import Database
from storage.incidents import list_open_incidents
from storage.rules import RuleSpec, put_rule

# Each keeps a hundred thousand states for nothing.
EVIL = " OR ".join(f"/a[ab]{{{900 + n}}}c/" for n in range(8))


async def test_a_slow_rule_becomes_an_incident_and_holds_nothing_up(
    db: Database, dsn: str, tmp_path: Path
) -> None:
    letters = "".join(Random(1).choices("ab", k=50_000))
    async with infirmary(db, dsn, tmp_path) as ward:
        evil = RuleSpec(
            name="Evil", query=EVIL, definition={}, languages=(), severity="low", alert=(), enabled=True
        )
        async with db.connection() as conn:
            await put_rule(conn, evil, origin="test")
        await ward.means.rulebook.refresh(db)
        paper = await ward.admit()
        paper.says(feed([f"Fire in Basra {letters} c"]), Content_Type="application/rss+xml")

        await paper.is_visited()

    async with db.connection() as conn:
        found = [(one.kind, one.rules) for one in await list_open_incidents(conn) if one.kind == "rule_slow"]
        matches = await (
            await conn.execute("SELECT r.name FROM match m JOIN rule r ON r.id = m.rule_id")
        ).fetchall()
    assert found == [("rule_slow", ("Evil",))]
    assert [name for (name,) in matches] == ["Basra"]
