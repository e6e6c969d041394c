"""Volumes: how many stories a rule counted and when, and how it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clean import clean_text
from storage.database import Conn
from storage.rows import count_rows, fetch_all, fetch_one, fetch_value

LATE_COMMIT = timedelta(minutes=10)  # what was matched before may be seen only after
MAX_DETAIL_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule about volume stands: what it counts `since` when, when it was last looked at, and last heard."""

    rule_id: int
    asks: str
    since: datetime
    looked_at: datetime
    heard_at: datetime | None
    state: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStanding(Standing):
    """The same, for a list; `open` counts its episodes that go on."""

    rule: str
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many stories a window had, so many windows `ago`, of a language where each is counted for itself."""

    ago: int
    part: str
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageCount:
    """How many stories were told in a language."""

    lang: str
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedStory:
    """A story that was counted, by its first article that met the rule; `outlets` counts distinct sources."""

    title: str
    url: str
    lang: str
    source: str
    first_seen: datetime
    outlets: int


async def take_volume(conn: Conn, rule_id: int, *, asks: str, now: datetime) -> Standing | None:
    """Take a rule about volume for this transaction, as it stands; None while another process is at it."""
    taken = await _taken(conn, rule_id)
    if taken is not None:
        return taken
    await conn.execute(
        """
        INSERT INTO volume (rule_id, asks, since, looked_at) VALUES (%(rule_id)s, %(asks)s, %(now)s, %(now)s)
        ON CONFLICT (rule_id) DO NOTHING
        """,
        {"rule_id": rule_id, "asks": clean_text(asks), "now": now},
    )
    return await _taken(conn, rule_id)


async def _taken(conn: Conn, rule_id: int) -> Standing | None:
    return await fetch_one(
        conn,
        Standing,
        """
        SELECT rule_id, asks, since, looked_at, heard_at, state, detail
        FROM volume WHERE rule_id = %(rule_id)s FOR UPDATE SKIP LOCKED
        """,
        {"rule_id": rule_id},
    )


async def begin_anew(conn: Conn, rule_id: int, *, asks: str, now: datetime) -> Standing:
    """Forget what was usual, because what is counted changed or was not counted for a while; episodes end."""
    await conn.execute(
        "UPDATE episode SET closed_at = %(now)s WHERE rule_id = %(rule_id)s AND closed_at IS NULL",
        {"rule_id": rule_id, "now": now},
    )
    begun = await fetch_one(
        conn,
        Standing,
        """
        UPDATE volume SET asks = %(asks)s, since = %(now)s, looked_at = %(now)s, heard_at = NULL, state = 'learn'
        WHERE rule_id = %(rule_id)s
        RETURNING rule_id, asks, since, looked_at, heard_at, state, detail
        """,
        {"rule_id": rule_id, "asks": clean_text(asks), "now": now},
    )
    assert begun is not None  # its row is locked by take_volume
    return begun


async def counted_since(conn: Conn, rule_id: int, since: datetime) -> bool:
    """Let the rule's matches be known back to `since`, as after it was held over what is stored.

    False when the rule counts nothing yet, or knew as much before.
    """
    changed = await count_rows(
        conn,
        "UPDATE volume SET since = %(since)s WHERE rule_id = %(rule_id)s AND since > %(since)s",
        {"rule_id": rule_id, "since": since},
    )
    return changed > 0


async def leave_volume(
    conn: Conn, rule_id: int, *, now: datetime, heard_at: datetime | None, state: str, detail: str
) -> None:
    """Note how the rule stands, for those who ask."""
    await conn.execute(
        """
        UPDATE volume SET looked_at = %(now)s, heard_at = %(heard_at)s, state = %(state)s, detail = %(detail)s
        WHERE rule_id = %(rule_id)s
        """,
        {
            "rule_id": rule_id,
            "now": now,
            "heard_at": heard_at,
            "state": clean_text(state),
            "detail": clean_text(detail, max_chars=MAX_DETAIL_CHARS),
        },
    )


async def list_standings(conn: Conn) -> list[RuleStanding]:
    """Return how each rule about volume stands, by name."""
    return await fetch_all(
        conn,
        RuleStanding,
        """
        SELECT r.name AS rule, v.rule_id, v.asks, v.since, v.looked_at, v.heard_at, v.state, v.detail,
               (SELECT count(*) FROM episode e WHERE e.rule_id = v.rule_id AND e.closed_at IS NULL) AS open
        FROM volume v JOIN rule r ON r.id = v.rule_id
        WHERE r.enabled AND r.removed_at IS NULL ORDER BY r.name
        """,
    )


async def count_stories(
    conn: Conn, rule_id: int, *, now: datetime, window: timedelta, windows: int, by_language: bool = False
) -> list[Counted]:
    """Count the stories of each of so many windows that end now, those without any left out; copies count once.

    A story counts in each window in which an article of it was first seen. What a first look at a source found
    counts in none: it is no news of this window.
    """
    return await fetch_all(
        conn,
        Counted,
        """
        SELECT floor(extract(epoch FROM %(now)s::timestamptz - a.first_seen) / %(seconds)s)::integer AS ago,
               CASE WHEN %(by_language)s THEN a.lang ELSE '' END AS part, count(DISTINCT sa.story_id) AS stories
        FROM match mt JOIN article a ON a.id = mt.article_id JOIN story_article sa ON sa.article_id = a.id
        WHERE mt.rule_id = %(rule_id)s AND a.fresh AND mt.created_at > %(since)s
          AND a.first_seen > %(since)s AND a.first_seen <= %(now)s
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {
            "rule_id": rule_id,
            "now": now,
            "seconds": window.total_seconds(),
            "since": now - windows * window,
            "by_language": by_language,
        },
    )


async def last_heard(conn: Conn, rule_id: int, *, after: datetime, until: datetime) -> datetime | None:
    """Return when the last story came of those matched after; None when none was."""
    return await fetch_value(
        conn,
        """
        SELECT max(a.first_seen) FROM match mt JOIN article a ON a.id = mt.article_id
        WHERE mt.rule_id = %(rule_id)s AND a.fresh AND mt.created_at > %(after)s AND a.first_seen <= %(until)s
        """,
        {"rule_id": rule_id, "after": after - LATE_COMMIT, "until": until},
    )


async def languages_of(
    conn: Conn, rule_id: int, *, since: datetime, until: datetime, part: str, limit: int = 10
) -> list[LanguageCount]:
    """Return in which languages the stories of this time were told, the most first."""
    return await fetch_all(
        conn,
        LanguageCount,
        """
        SELECT a.lang, count(DISTINCT sa.story_id) AS stories
        FROM match mt JOIN article a ON a.id = mt.article_id JOIN story_article sa ON sa.article_id = a.id
        WHERE mt.rule_id = %(rule_id)s AND a.fresh AND mt.created_at > %(since)s
          AND a.first_seen > %(since)s AND a.first_seen <= %(until)s AND (%(part)s = '' OR a.lang = %(part)s)
        GROUP BY a.lang ORDER BY 2 DESC, 1 LIMIT %(limit)s
        """,
        {"rule_id": rule_id, "since": since, "until": until, "part": part, "limit": limit},
    )


async def top_stories(
    conn: Conn, rule_id: int, *, since: datetime, until: datetime, part: str, limit: int
) -> list[CountedStory]:
    """Return the stories of this time that most outlets carry, then the latest."""
    return await fetch_all(
        conn,
        CountedStory,
        """
        WITH seen AS (
            SELECT DISTINCT ON (sa.story_id) sa.story_id, a.title, a.url, a.lang, a.source_id, a.first_seen
            FROM match mt JOIN article a ON a.id = mt.article_id JOIN story_article sa ON sa.article_id = a.id
            WHERE mt.rule_id = %(rule_id)s AND a.fresh AND mt.created_at > %(since)s
              AND a.first_seen > %(since)s AND a.first_seen <= %(until)s AND (%(part)s = '' OR a.lang = %(part)s)
            ORDER BY sa.story_id, a.first_seen, a.id
        )
        SELECT seen.title, seen.url, seen.lang, s.name AS source, seen.first_seen, (
            SELECT count(DISTINCT other.source_id)
            FROM story_article sa JOIN article other ON other.id = sa.article_id
            WHERE sa.story_id = seen.story_id) AS outlets
        FROM seen JOIN source s ON s.id = seen.source_id
        ORDER BY outlets DESC, seen.first_seen DESC, seen.story_id LIMIT %(limit)s
        """,
        {"rule_id": rule_id, "since": since, "until": until, "part": part, "limit": limit},
    )
