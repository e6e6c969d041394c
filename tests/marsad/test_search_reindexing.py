"""An upgrade as operators meet it: what older word forms indexed is found, counted, and indexed anew by the daemon."""

from pathlib import Path

import pytest
from archive import Archive
from command_line import CommandLine
from daemon_process import DaemonProcess
from press import PAPER, newspaper, source, story

from rules.search import FORMS_VERSION
from storage.database import Database
from storage.reindexing import count_outdated


@pytest.mark.slow
async def test_after_an_upgrade_the_daemon_indexes_the_archive_anew_and_nothing_is_missed(
    marsad: CommandLine, dsn: str, db: Database, tmp_path: Path
) -> None:
    await Archive(db=db).keeps("The militias left Basra.", forms_version=FORMS_VERSION - 1)
    async with db.connection() as conn:
        await conn.execute("UPDATE article SET lexemes = 'outworn'")

    before = await marsad.beside("--dsn", dsn, "search", "militia", "--json")
    doctor = await marsad.beside("--dsn", dsn, "doctor")
    async with newspaper() as paper:
        paper.publish(PAPER, story("Militia storms the port"))
        watch = source(paper).replace("pages = false", "pages = true")
        async with DaemonProcess(folder=tmp_path, dsn=dsn, watch=watch) as daemon:
            told = await daemon.wait_for_event("reindexed")
            await daemon.wait_for_event("visited", new=1)
            await daemon.wait_for_event("page")
            assert await daemon.stop() == 0
    after = await marsad.beside("--dsn", dsn, "search", "militia", "--json")

    assert [row["title"] for row in before.rows] == ["The militias left Basra."]
    assert before.err.startswith("1 articles are not indexed anew yet")
    assert "search: 1 articles to be indexed anew" in doctor.out
    assert (told["articles"], told["left"]) == (1, 0)
    assert (len(after.rows), after.err) == (2, "")
    async with db.connection() as conn:
        assert await count_outdated(conn, forms_version=FORMS_VERSION) == 0  # entry and page know their forms
