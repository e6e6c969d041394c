"""An archive for tests: articles as visits would have stored them, on days of one's own choosing."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from language.detect import detect
from rules.search import FORMS_VERSION, lexemes
from storage.articles import NewArticle, keep_article, url_key
from storage.database import Database
from storage.rules import RuleSpec, put_rule
from storage.sources import SourceSpec, put_source, source_key
from storage.stories import join_or_start

_numbers = count(1)


@dataclass(kw_only=True)
class Archive:
    """Articles and rules put straight into a database."""

    db: Database
    sources: dict[str, int] = field(default_factory=dict)

    async def keeps(
        self, text: str, *, ago: timedelta = timedelta(0), story: str | None = None, **more: object
    ) -> int:
        """Store one article, first seen so long ago; articles of one story share its name. Its id."""
        title = str(more.get("title", text[:60]))
        lang = str(more.get("lang", detect(text)))
        url = f"https://herald.example/{next(_numbers)}"
        async with self.db.transaction() as conn:
            article = NewArticle(
                source_id=await self._source(str(more.get("source", "Herald"))),
                url_key=url_key(url),
                url=url,
                title=title,
                text=text,
                lang=lang,
                lexemes=lexemes(title, "", text, lang),
                forms_version=int(str(more.get("forms_version", FORMS_VERSION))),
                fresh=bool(more.get("fresh", True)),
            )
            kept = await keep_article(conn, article)
            key = (story or url).encode().ljust(32, b"\0")[:32]
            await join_or_start(conn, article_id=kept.id, key=key, title=story or title, lang=lang)
            await conn.execute(
                "UPDATE article SET first_seen = statement_timestamp() - %s WHERE id = %s", (ago, kept.id)
            )
        return kept.id

    async def rule(self, name: str, query: str | None, **more: object) -> int:
        """Save a rule. Its id."""
        values = {"definition": {}, "languages": (), "severity": "high", "alert": (), **more}
        async with self.db.transaction() as conn:
            return await put_rule(conn, RuleSpec(name=name, query=query, **values), origin="test")  # type: ignore[arg-type]

    async def fills(self, *, days: int, a_day: int, langs: tuple[str, ...] = ("en",)) -> None:
        """Store so many articles a day up to now, in turns of these languages, each in a story of its own."""
        async with self.db.transaction() as conn:
            await conn.execute(
                """
                WITH added AS (
                    INSERT INTO article (url_key, source_id, url, entry_hash, title, summary, text, authors, tags,
                        lang, first_seen, fresh, lexemes, forms_version)
                    SELECT sha256(('filled ' || n)::bytea), %(source)s, 'https://herald.example/filled/' || n, '',
                           'Filled ' || n, '', '', '{}', '{}',
                           (%(langs)s::text[])[1 + n %% cardinality(%(langs)s::text[])],
                           now() - interval '1 day' * (n / %(a_day)s::float8), true, '', %(forms)s
                    FROM generate_series(%(number)s - 1, 0, -1) AS n RETURNING id, title
                ), told AS (
                    INSERT INTO story (key, title, lang, articles)
                    SELECT sha256(title::bytea), title, 'en', 1 FROM added RETURNING id, title
                )
                INSERT INTO story_article (article_id, story_id)
                SELECT added.id, told.id FROM added JOIN told USING (title)
                """,
                {
                    "source": await self._source("Filler"),
                    "langs": list(langs),
                    "a_day": a_day,
                    "number": days * a_day,
                    "forms": FORMS_VERSION,
                },
            )

    async def _source(self, name: str) -> int:
        if name not in self.sources:
            url = f"https://{name.lower()}.example/feed"
            spec = SourceSpec(key=source_key(url), name=name, url=url, every=timedelta(minutes=5))
            async with self.db.transaction() as conn:
                self.sources[name] = await put_source(conn, spec, origin="test")
        return self.sources[name]
