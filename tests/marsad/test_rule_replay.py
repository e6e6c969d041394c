"""`marsad rule replay`, and the offer of it when rules are new."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from archive import Archive
from command_line import CommandLine
from daemon_process import clean_environment

from storage.database import Database

DAY = timedelta(days=1)
PROGRAM = "import sys; from marsad.cli import main; sys.argv = ['marsad', *sys.argv[1:]]; main()"


@pytest.fixture
def archive(db: Database) -> Archive:
    return Archive(db=db)


async def test_what_a_new_rule_finds_in_the_past_is_shown(
    marsad: CommandLine, dsn: str, archive: Archive, tmp_path: Path
) -> None:
    await archive.keeps("Water is short in Basra again.", ago=5 * DAY)
    await archive.keeps("انقطاع الماء عن البصرة مرة أخرى في الصيف", ago=DAY, source="Tigris")
    watch = tmp_path / "watch.toml"
    watch.write_text(
        '[[rules]]\nname = "South of Iraq"\nquery = "@basra"\n'
        f'[[channels]]\nname = "desk"\nkind = "file"\npath = "{tmp_path}/alerts.jsonl"\n',
        encoding="utf-8",
    )

    applied = await marsad.beside("--dsn", dsn, "apply", "--watch", watch, "--yes")
    shown = await marsad.beside("--dsn", dsn, "rule", "replay", "South of Iraq")
    [told] = (await marsad.beside("--dsn", dsn, "rule", "replay", "South of Iraq", "--alert", "--json")).rows

    assert applied.out.splitlines()[-1] == (
        "1 new rule; hold it over what is stored: marsad rule replay 'South of Iraq'"
    )
    assert shown.out.splitlines()[0] == "2 of 2 articles that could meet it do; 2 matches are new on record"
    assert "البصرة" in shown.out
    assert shown.out.splitlines()[-1].endswith("--alert tells its channels in one summary")
    assert shown.err == ""
    assert (told["hits"], told["new_matches"]) == (2, 0)
    assert told["told"] == {"stories": 2, "named": 2, "recipients": 1}
    assert [article["lang"] for article in told["latest"]] == ["ar", "en"]


async def test_on_an_empty_installation_no_replay_is_offered(
    marsad: CommandLine, dsn: str, tmp_path: Path
) -> None:
    watch = tmp_path / "watch.toml"
    watch.write_text('[[rules]]\nname = "South"\nquery = "@basra"\n', encoding="utf-8")

    applied = await marsad.beside("--dsn", dsn, "apply", "--watch", watch, "--yes")

    assert applied.out.splitlines()[-1] == "2 changes made"


async def test_a_rule_that_is_not_there_is_said_in_a_line(
    marsad: CommandLine, dsn: str, archive: Archive
) -> None:
    await archive.rule("South", "basra")

    ended = await marsad.beside("--dsn", dsn, "rule", "replay", "Suoth")

    assert ended.code == 1
    assert ended.complaint == "Suoth: no saved rule of this name; there are: South"


@pytest.mark.slow
async def test_a_replay_that_is_killed_is_gone_on_with(
    marsad: CommandLine, dsn: str, db: Database, archive: Archive, tmp_path: Path
) -> None:
    for number in range(120):
        await archive.keeps(f"Report {number} from Basra.", ago=DAY)
    await archive.rule("South", "basra")

    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PROGRAM, "--dsn", dsn, "--home", str(tmp_path), "rule", "replay", "South"],
        env=clean_environment({"MARSAD_CRASHPOINT": "cp18"}),
        check=False,
    )
    async with db.connection() as conn:
        kept = await (await conn.execute("SELECT count(*) FROM match")).fetchall()
    shown = await marsad.beside("--dsn", dsn, "rule", "replay", "South")

    assert (killed.returncode, kept) == (-signal.SIGKILL, [(100,)])
    assert shown.out.splitlines()[:2] == [
        "went on where it was stopped, after 100 articles",
        "120 of 120 articles that could meet it do; 120 matches are new on record",
    ]
