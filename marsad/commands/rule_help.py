"""What the commands about rules and search share: a query made ready to match, an article made a document."""

from collections.abc import Mapping

from language.concepts import Concept
from marsad.errors import BadInput
from rules.document import Document
from rules.engine import Engine
from rules.rule import Rule, RuleError, compile_rule
from storage.articles import Article

ASKED = "query"


def compile_query(query: str, concepts: Mapping[str, Concept]) -> tuple[Rule, Engine]:
    """Make a bare query ready to match; BadInput names column and remedy."""
    try:
        rule = compile_rule(name=ASKED, query=query)
        return rule, Engine([rule], concepts)
    except RuleError as error:
        raise BadInput(f"query: {error.reason}") from None


def document_of(article: Article) -> Document:
    """A stored article as rules see it."""
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
    )
