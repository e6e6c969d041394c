"""`marsad rule list`: how the rules do, in a pipe and as JSON."""

from datetime import timedelta

from archive import Archive
from command_line import CommandLine

from scheduler.rulehealth import tell_slow
from storage.database import Database


async def test_rules_are_listed_with_their_matches_and_what_is_wrong(
    marsad: CommandLine, dsn: str, db: Database
) -> None:
    archive = Archive(db=db)
    await archive.fills(days=30, a_day=30, langs=("ar",))
    met = await archive.rule("Water\tin Basra", "water", languages=("ar", "en"), alert=("desk",))
    await archive.rule("Rare", "xylophone")
    await archive.rule("Slow", "/x+y/")
    await tell_slow(db, ["Slow"])
    async with db.connection() as conn:
        await conn.execute("UPDATE rule SET changed_at = now() - %s", (timedelta(days=20),))
        await conn.execute(
            "INSERT INTO match (rule_id, article_id, score, lang, reasons) SELECT %s, id, 1, 'ar', '[]' "
            "FROM article ORDER BY id LIMIT 3",
            (met,),
        )

    shown = await marsad.beside("--dsn", dsn, "rule", "list")
    rows = {row["rule"]: row for row in (await marsad.beside("--dsn", dsn, "rule", "list", "--json")).rows}
    ill = await marsad.beside("--dsn", dsn, "rule", "list", "--ill")

    lines = [line.split("\t") for line in shown.out.splitlines()]
    assert lines[0][:7] == ["Rare", "high", "all", "all", "0", "0", "0"]
    assert lines[0][8].startswith("never matched: not once in 20 days and 600 articles")
    assert lines[2][:7] == ["Water in Basra", "high", "ar, en", "desk", "3", "3", "3"]
    assert (rows["Water\tin Basra"]["state"], rows["Water\tin Basra"]["matches_7d"]) == ("well", 3)
    assert rows["Slow"]["state"] == "slow"
    assert "needs too long for its expressions" in rows["Slow"]["why"]
    assert [line.partition("\t")[0] for line in ill.out.splitlines()] == ["Rare", "Slow"]
