"""What the commands about rules and search share: a query made a rule, a stored article made a document."""

from rules.document import Document
from rules.rule import Rule, compile_rule
from storage.articles import Article

ASKED = "query"


def compile_query(query: str) -> Rule:
    """Make a rule of a bare query; RuleError names column and remedy."""
    return compile_rule(name=ASKED, query=query)


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
