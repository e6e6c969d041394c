"""The rules as they stand now: what no longer compiles costs nobody else their alerts."""

from scheduler.ruleset import compile_ruleset, load_ruleset
from storage.database import Database
from storage.rules import RuleSpec, put_rule


def rule(name: str, query: str, *, enabled: bool = True) -> RuleSpec:
    return RuleSpec(
        name=name, query=query, definition={}, languages=(), severity="low", alert=(), enabled=enabled
    )


async def test_a_rule_that_no_longer_compiles_is_left_out_and_the_others_stand(db: Database) -> None:
    async with db.transaction() as conn:
        for spec in (
            rule("good", "@basra"),
            rule("gone", "@no-such-concept"),
            rule("off", "(", enabled=False),
            rule("fine", "x"),
        ):
            await put_rule(conn, spec, origin="file")

    async with db.transaction() as conn:
        ruleset = await load_ruleset(conn)

    assert sorted(line.name for line in ruleset.text.rules) == ["fine", "good"]
    assert set(ruleset.routes) == {"fine", "good"}
    assert compile_ruleset(ruleset.text) is not None
