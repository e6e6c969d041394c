"""Looking back: rules held against what is stored, a batch of articles at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from language.concepts import Concept
from language.passages import passages
from language.places import Placed
from rules.document import Document
from rules.query import And, Node, Or
from rules.rule import Rule
from rules.search import FORMS_VERSION, to_tsquery
from storage.articles import Article
from storage.database import Conn, Database
from storage.lexemes import tsquery_term
from storage.places import ArticlePlace, places_of_each
from storage.search import Narrowing, articles_of, candidate_ids

BATCH = 100  # articles in memory at once; one may have four million letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some of the stored articles with their documents; so many of all were held, these counted."""

    articles: Sequence[tuple[Article, Document]]
    held: int
    total: int


async def with_documents(conn: Conn, articles: Sequence[Article]) -> list[tuple[Article, Document]]:
    """Stored articles, each with how rules see it: as when it came, with the places that were found in it then."""
    places = await places_of_each(conn, [article.id for article in articles])
    return [(article, _document(article, places.get(article.id, ()))) for article in articles]


def _document(article: Article, places: Sequence[ArticlePlace]) -> Document:
    return Document(
        title=article.title,
        lead=article.summary,
        body=article.text,
        lang=article.lang,
        url=article.canonical_url or article.url,
        author=", ".join(article.authors),
        source=article.source_name,
        country=article.country or "",
        tags=(*article.tags, *article.source_tags),
        date=article.published or article.first_seen,
        places=tuple(_placed(one) for one in places),
        passages=passages(article.text, article.lang),
    )


def _placed(one: ArticlePlace) -> Placed:
    return Placed(
        place=one.place,
        field=one.field,
        start=one.start_at,
        end=one.end_at,
        surface=one.surface,
        reason=one.reason,
    )


def narrowed(rule: Rule, concepts: Mapping[str, Concept]) -> str | None:
    """A tsquery that every article which meets the rule also meets; None when it cannot be narrowed."""
    weighty = tuple(term.tree for term in rule.terms if term.weight > 0)
    trees: list[Node] = [tree for tree in (rule.tree, _any_of(weighty)) if tree is not None]
    if not trees:
        return None
    return to_tsquery(trees[0] if len(trees) == 1 else And(tuple(trees)), concepts, tsquery_term)


def _any_of(trees: tuple[Node, ...]) -> Node | None:
    return None if not trees else trees[0] if len(trees) == 1 else Or(trees)


def either(queries: Sequence[str | None]) -> str | None:
    """A tsquery for what any of these finds; None when one of them finds everything."""
    known = [f"({query})" for query in queries if query is not None]
    return " | ".join(known) if len(known) == len(queries) else None


def narrowing(tsquery: str | None) -> Narrowing | None:
    """The tsquery as the store takes it: a query of these forms."""
    return None if tsquery is None else Narrowing(tsquery=tsquery, forms_version=FORMS_VERSION)


async def look_back(
    db: Database, *, tsquery: str | None, since: datetime | None = None, after_id: int = 0
) -> AsyncIterator[Batch]:
    """Every stored article that meets the tsquery, in the order in which they came, in batches.

    Between two batches nothing of the database is held, so that this may last for hours beside a daemon at work.
    """
    async with db.connection() as conn:
        ids = await candidate_ids(conn, narrowing=narrowing(tsquery), since=since, after_id=after_id)
    borders = [*range(0, len(ids), BATCH), len(ids)]
    for first, last in pairwise(borders):
        async with db.connection() as conn:
            articles = await with_documents(conn, await articles_of(conn, ids[first:last]))
        yield Batch(articles=articles, held=last, total=len(ids))
