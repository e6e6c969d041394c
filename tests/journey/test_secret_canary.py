"""A source's secret on the whole way: the log, the database and the captures of a real daemon never hold it."""

import base64
from pathlib import Path

import pytest
from daemon_process import DaemonProcess
from hostile import HostileOrigin
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from storage.database import Database

pytestmark = pytest.mark.slow

CANARY = "k4n4ry-s3cr3t"
CODED = base64.b64encode(f"desk:{CANARY}".encode()).decode()
ITEM = "<item><title>{title}</title><link>{link}</link><guid>{link}</guid></item>"


def _feed(origin: HostileOrigin, *titles: str) -> bytes:
    items = "".join(ITEM.format(title=title, link=origin.url(f"/{title[:4]}")) for title in titles)
    return f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'.encode()


def _watch(folder: Path, origin: HostileOrigin) -> str:
    (folder / "secret").write_text(f"basic desk:{CANARY}\ncookie session={CANARY}\nX-Key: {CANARY}\n")
    (folder / "secret").chmod(0o600)
    (folder / "open").write_text(f"bearer {CANARY}\n")
    (folder / "open").chmod(0o644)
    sources = "".join(
        f'[[sources]]\nname = "{name}"\nurl = "{origin.url(path)}"\nevery = "1s"\nsecret_file = "{folder / file}"\n'
        for name, path, file in (
            ("wire", "/feed", "secret"),
            ("barred", "/barred", "secret"),
            ("open", "/never", "open"),
        )
    )
    return f"{sources}[[rules]]\nname = 'Basra'\nquery = 'militia'\n"


async def _everything_in(db: Database) -> str:
    """Every row of every table, as text."""
    texts: list[str] = []
    async with db.connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        for place in await cursor.fetchall():
            await cursor.execute(SQL("SELECT t::text FROM {} AS t").format(Identifier(*place)))
            texts += [str(text) for (text,) in await cursor.fetchall()]
    return "\n".join(texts)


async def test_a_secret_is_sent_to_its_source_and_kept_nowhere(
    tmp_path: Path, dsn: str, db: Database
) -> None:
    folder = tmp_path / "daemon"
    folder.mkdir()
    async with HostileOrigin() as origin:
        origin.answers("/feed", body=_feed(origin, "Harbour dredged"))
        origin.answers("/Mili", body=b"<title>Militia enters Basra</title><p>They came at night.</p>")
        origin.answers("/barred", "401 Unauthorized", WWW_Authenticate="Basic realm=desk")
        daemon = DaemonProcess(
            folder=folder, dsn=dsn, watch=_watch(folder, origin), settings={"log": {"level": "debug"}}
        )
        async with daemon:
            for name in ("wire", "barred", "open"):
                await daemon.wait_for_event("visited", source=name)
            origin.answers("/feed", body=_feed(origin, "Militia enters Basra", "Harbour dredged"))
            await daemon.wait_for_event("page", url=origin.url("/Mili"))
            assert await daemon.stop() == 0

        sent = {
            seen.path for seen in origin.seen if CANARY in str(seen.headers) and CODED in str(seen.headers)
        }
        database = await _everything_in(db)

    assert sent >= {"/feed", "/barred", "/Mili"}
    assert "/never" not in origin.paths()
    assert "chmod 600" in daemon.log  # the file that others may read
    assert "Militia enters Basra" in database
    kept = [path.read_bytes() for path in (folder / "home").rglob("*") if path.is_file()]
    assert any(b"Militia" in each for each in kept)
    for canary in (CANARY, CODED):
        assert canary not in daemon.log + "\n".join(daemon.output)
        assert canary not in database
        assert not [each for each in kept if canary.encode() in each]
