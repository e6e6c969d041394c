"""Small beginnings for storage's tests: a source, an article, an alert that is owed."""

from datetime import timedelta
from itertools import count

from storage.alerts import raise_once
from storage.articles import KeptArticle, NewArticle, keep_article, url_key
from storage.channels import ChannelSpec, put_channel
from storage.database import Conn
from storage.deliveries import owe
from storage.matches import NewMatch, keep_match
from storage.rules import RuleSpec, put_rule
from storage.search import Narrowing
from storage.sources import SourceSpec, put_source, source_key
from storage.stories import join_or_start

MINUTE = timedelta(minutes=1)
_numbers = count(1)


def spec(url: str, **more: object) -> SourceSpec:
    values: dict[str, object] = {"name": url, "url": url, "every": 5 * MINUTE, **more}
    return SourceSpec(key=source_key(url), **values)  # type: ignore[arg-type]


async def given_source(conn: Conn, url: str = "https://news.example/feed", **more: object) -> int:
    return await put_source(conn, spec(url, **more), origin="test")


def article(source_id: int, url: str = "https://news.example/1", **more: object) -> NewArticle:
    values: dict[str, object] = {"title": f"About {url}", "url": url, **more}
    return NewArticle(source_id=source_id, url_key=url_key(url), **values)  # type: ignore[arg-type]


async def given_article(conn: Conn, source_id: int, url: str | None = None, **more: object) -> KeptArticle:
    return await keep_article(
        conn, article(source_id, url or f"https://news.example/{next(_numbers)}", **more)
    )


def by(tsquery: str, *, forms: int = 0) -> Narrowing:
    """A query of the forms that articles here are stored with unless they say otherwise."""
    return Narrowing(tsquery=tsquery, forms_version=forms)


async def given_rule(conn: Conn, name: str = "militia", **more: object) -> int:
    values: dict[str, object] = {
        "query": "militia",
        "definition": {},
        "languages": (),
        "severity": "high",
        "alert": (),
        **more,
    }
    return await put_rule(conn, RuleSpec(name=name, **values), origin="test")  # type: ignore[arg-type]


async def given_channel(conn: Conn, name: str = "ops") -> int:
    return await put_channel(
        conn, ChannelSpec(name=name, kind="webhook", settings={"url": "x"}), origin="test"
    )


async def given_alert(conn: Conn, **more: object) -> int:
    """An alert about an article of its own, in a story of its own."""
    source_id, rule_id = await given_source(conn), await given_rule(conn)
    kept = await given_article(conn, source_id, **more)
    key = kept.id.to_bytes(32, "big")
    story = await join_or_start(conn, article_id=kept.id, key=key, title="story", lang="en")
    match = NewMatch(
        rule_id=rule_id, article_id=kept.id, version_id=kept.version_id, score=2.0, reasons=[{"t": "x"}]
    )
    match_id = await keep_match(conn, match)
    assert match_id is not None
    alert_id = await raise_once(conn, rule_id=rule_id, story_id=story.story_id, match_id=match_id)
    assert alert_id is not None
    return alert_id


async def given_message(
    conn: Conn, message_id: str = "m1", *, alerts: int = 1, channel: str = "ops"
) -> list[int]:
    """A message that owes so many alerts to one recipient."""
    channel_id = await given_channel(conn, channel)
    ids = [await given_alert(conn) for _ in range(alerts)]
    for alert_id in ids:
        assert await owe(
            conn,
            alert_id=alert_id,
            channel_id=channel_id,
            recipient="desk@example.org",
            message_id=message_id,
        )
    return ids
