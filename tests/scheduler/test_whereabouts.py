"""Where: from what an entry and its page name to the line in the message."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest_asyncio
from databases import drop_database, make_database
from infirmary import Infirmary, infirmary

from alerts.message import build
from alerts.notice import Item, Notice
from alerts.whereabouts import trails
from scheduler.reading import PAGE_JOB, PAGE_READ, About, PageJob, Reader
from scheduler.whereabouts import stored_places, told_places
from storage.database import open_database
from storage.places import places_of

NOW = datetime(2026, 11, 22, 16, 3, tzinfo=UTC)
HOME = "https://paper.example/1"


@pytest_asyncio.fixture
async def ward(server: str, tmp_path: Path) -> AsyncIterator[Infirmary]:
    dsn = await make_database(server)
    async with open_database(dsn, max_size=4) as db, infirmary(db, dsn, tmp_path / "ward") as open_ward:
        yield open_ward
    await drop_database(server, dsn)


def rss(title: str, link: str, summary: str = "") -> bytes:
    date = f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
    item = f"<item><title>{title}</title><link>{link}</link><description>{summary}</description>{date}</item>"
    return f'<rss version="2.0"><channel><title>Paper</title>{item}</channel></rss>'.encode()


async def named(ward: Infirmary, source_id: int) -> list[tuple[str, str, str]]:
    async with ward.means.db.connection() as conn:
        cursor = await conn.execute("SELECT id FROM article WHERE source_id = %s", (source_id,))
        [(article,)] = await cursor.fetchall()
        return [(one.place, one.field, one.reason) for one in await places_of(conn, article)]


async def test_an_entry_is_kept_with_its_places_and_its_page_adds_to_them(ward: Infirmary) -> None:
    paper = await ward.admit(pages=True)
    host = paper.url.removesuffix(paper.path)
    story = f"/story-{paper.source_id}"
    paper.says(rss("Two shot dead in Zubair", f"{host}{story}", "The governor of Basra promised an inquiry."))
    text = (
        "Witnesses said that men on motorcycles fired at a tent near the bridge and fled towards Safwan. " * 6
    )
    page = f"<html><head><title>Two shot dead in Zubair</title></head><body><article>{text}</article></body></html>"
    ward.origin.answers(story, body=page.encode(), Content_Type="text/html")
    await paper.is_visited()
    entry = await named(ward, paper.source_id)

    assert await ward.read_pages() == 1
    after = await named(ward, paper.source_id)

    assert entry == [
        ("zubair", "title", "named, and Basra is named too"),
        ("basra", "lead", "named"),
    ]
    assert after[:2] == entry
    assert ("safwan", "body", "named, and Basra is named too") in after


async def test_an_edited_headline_names_its_new_place(ward: Infirmary) -> None:
    paper = await ward.admit()
    paper.says(rss("Fire in Mosul", f"{HOME}/edited"))
    await paper.is_visited()

    paper.says(rss("Fire in Kirkuk", f"{HOME}/edited"))
    await paper.is_visited()

    assert await named(ward, paper.source_id) == [("kirkuk", "title", "named")]


def test_the_source_s_country_reaches_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_text(f"<html><body><article><p>{'A fire broke out in Kut. ' * 20}</p></article></body></html>")

    def read(country: str) -> set[str]:
        job = PageJob(path=str(path), url=HOME, title="A fire", about=About(country=country, lang="en"))
        answer = PAGE_READ.validate_json(Reader().run("page", PAGE_JOB.dump_json(job).decode()))
        return {one.place for one in stored_places(answer.places)}

    assert read("IQ") == {"kut"}
    assert read("FR") == set()


def test_a_place_that_the_gazetteer_dropped_is_left_out_of_a_message() -> None:
    rows = [{"key": "atlantis", "reason": "named"}, {"key": "zubair", "reason": "named"}]

    [where] = told_places(rows)

    assert (where.key, where.name, where.lat, where.lon) == ("zubair", "Zubair", 30.39, 47.71)


def test_trails_go_from_the_governorate_down_and_say_nothing_twice() -> None:
    assert trails(["zubair", "basra", "iraq"], "en") == ("Basra > Zubair",)
    assert trails(["basra", "erbil", "kurdistan"], "en") == ("Basra", "Erbil")
    assert trails(["iraq"], "en") == ("Iraq",)
    assert trails(["tahrir-square"], "en") == ("Baghdad > Rusafa > Tahrir Square",)
    assert trails(["zubair"], "ar") == ("البصرة > الزبير",)
    assert trails(["zakho-district"], "en") == ("Duhok > Zakho district",)
    assert trails(["kurdistan"], "en") == ("Kurdistan Region",)
    assert len(trails(["mosul", "basra", "kirkuk", "najaf", "karbala", "erbil", "duhok"], "en")) == 5


def test_a_mail_says_where() -> None:
    mail = build(notice_in("zubair", "basra"))
    arabic = build(notice_in("zubair"), lang="ar")
    nowhere = build(notice_in())

    assert "Where: \u2068Basra > Zubair\u2069" in mail.text
    assert "Basra &gt; Zubair" in mail.html
    assert "المكان: \u2068البصرة > الزبير\u2069" in arabic.text
    assert "Where" not in nowhere.text + nowhere.html
    assert mail.payload["items"][0]["places"][0] == {
        "key": "zubair",
        "name": "Zubair",
        "lat": 30.39,
        "lon": 47.71,
        "reason": "named",
    }


def notice_in(*keys: str) -> Notice:
    item = Item(
        rule="Unrest",
        severity="high",
        story_title="A fire",
        article_url=HOME,
        title="A fire",
        summary="",
        text="",
        lang="en",
        source="Paper",
        country=None,
        tier=None,
        published=None,
        first_seen=NOW,
        reasons=(),
        score=1.0,
        places=told_places([{"key": key, "reason": "named"} for key in keys]),
    )
    return Notice(id="m1", kind="story", items=(item,), owed_at=NOW)
