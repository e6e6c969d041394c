"""`marsad try rule`, `try lang` and `try story`: what is pure needs neither database nor children."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from language.detect import detect
from language.passages import passages
from language.story import Headline, StoryGrouper
from marsad.commands.rows import Row, answer_each, text_of
from marsad.errors import BadInput
from marsad.watchfile import load_watch
from rules.document import Document, Hit
from scheduler.ruleset import RuleText, compile_ruleset, line_of


def try_rules(watch: Sequence[str]) -> None:
    """A row per article and rule hit."""
    wanted = load_watch(watch)
    engine = compile_ruleset(
        RuleText(
            rules=tuple(line_of(spec) for spec in wanted.rules if spec.enabled),
            concepts={spec.name: dict(spec.terms) for spec in wanted.concepts},
        )
    )
    answer_each(lambda row: [_hit(row.get("id"), hit) for hit in engine.match(_document(row))])


def _document(row: Row) -> Document:
    title, lead, text = text_of(row, "title", ""), text_of(row, "lead", ""), text_of(row, "text", "")
    lang = text_of(row, "lang", "") or detect(f"{title} {text[:600]}".strip())
    country = text_of(row, "country", "")
    return Document(
        title=title,
        lead=lead,
        body=text,
        lang=lang,
        url=text_of(row, "url", ""),
        author=text_of(row, "author", ""),
        source=text_of(row, "source", ""),
        country=country,
        date=_moment(row, "published") or datetime.now(UTC),
        passages=passages(text, lang),
    )


def _hit(article: object, hit: Hit) -> dict[str, Any]:
    terms = [
        {
            "term": reason.term,
            "concept": reason.concept,
            "field": reason.field,
            "start": reason.start,
            "end": reason.end,
            "surface": reason.surface,
        }
        for reason in hit.reasons
    ]
    return {"id": article, "rule": hit.rule, "lang": hit.lang, "score": hit.score, "terms": terms}


def try_languages() -> None:
    """A row with the language of each text."""
    answer_each(lambda row: [{"id": row.get("id"), "lang": detect(text_of(row, "text"))}])


def try_stories() -> None:
    """A row with the story of each article; each world is a newsroom of its own."""
    grouper = StoryGrouper()

    def place(row: Row) -> list[dict[str, Any]]:
        headline = Headline(
            id=str(row.get("id")),
            world=str(row.get("world", "")),
            title=text_of(row, "title"),
            lang=text_of(row, "lang", "") or detect(text_of(row, "title")),
            published=_moment(row, "published") or datetime.now(UTC),
        )
        placed = grouper.place(headline)
        return [
            {
                "id": row.get("id"),
                "story": placed.story,
                "is_new": placed.is_new,
                "similarity": placed.similarity,
            }
        ]

    answer_each(place)


def _moment(row: Row, key: str) -> datetime | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise BadInput(f"row {row.get('id')!r}: {key!r} is no ISO 8601 time: {value!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
