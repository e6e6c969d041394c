"""Articles: kept, their pages read, found again; the one place to import these nouns from."""

from storage.keeping import (
    Article,
    ArticleVersion,
    KeptArticle,
    KnownArticle,
    NewArticle,
    get_article,
    keep_article,
    keep_articles,
    known_keys,
    known_words,
    list_versions,
    text_hash,
    url_key,
)
from storage.lexemes import tsquery_term
from storage.pages import (
    LeasedPage,
    PageOutcome,
    PageText,
    claim_due_pages,
    finish_page,
    keep_page,
    release_page,
)
from storage.search import recent_articles, search_articles

__all__ = [
    "Article",
    "ArticleVersion",
    "KeptArticle",
    "KnownArticle",
    "LeasedPage",
    "NewArticle",
    "PageOutcome",
    "PageText",
    "claim_due_pages",
    "finish_page",
    "get_article",
    "keep_article",
    "keep_articles",
    "keep_page",
    "known_keys",
    "known_words",
    "list_versions",
    "recent_articles",
    "release_page",
    "search_articles",
    "text_hash",
    "tsquery_term",
    "url_key",
]
