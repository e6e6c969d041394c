"""What an address alone tells: whether it is an article's, and which others are built like it."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

_KEPT = 10_000  # addresses of one page are looked at again and again
_NUMBER = re.compile(r"\d{4,}")
_WORDS = re.compile(r"(?:[^-_]+[-_]){3,}|%[dD][0-9a-fA-F]|[^\x00-\x7f]")
_MIXED = re.compile(r"(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9-]{8,}", re.I)
_ARTICLE_WORD = re.compile(
    r"(?:story|stories|articles?|news|berita|haber|khabar|read|details?|post|posts|akhbar|show|view)", re.I
)
_ARTICLE_FILE = re.compile(
    r"(?:story|article|news|berita|details?|read|show|view)\w*\.(?:aspx?|php|html?|jsp)", re.I
)
_ARTICLE_KEYS = re.compile(
    r"(?:id|[a-z]{0,12}_?id|p|n|article|story|news|post|item|read|number|code|key)", re.I
)
_OTHER_KEYS = {
    "cat", "catid", "cat_id", "category", "categoryid", "category_id", "page", "pageid", "page_id", "paged",
    "section", "sectionid", "section_id", "sid", "tag", "tagid", "lang", "langid", "authorid", "author_id",
    "userid", "user_id", "typeid",
}  # fmt: skip
# the word before the last says that a list follows, not an article
_LISTS = {
    "tag", "tags", "topic", "topics", "author", "authors", "writer", "writers", "page", "keyword", "keywords",
    "search", "term", "taxonomy", "category", "categories", "section", "sections", "label", "archive", "profile",
    "kategori", "kanal", "etiket", "etiketler", "yazar", "indeks",
}  # fmt: skip


@lru_cache(maxsize=_KEPT)
def looks_like_article(url: str) -> bool:
    """Whether an address, absolute or not, is built as articles' are: a number, a date, many words, an id."""
    try:
        parts = urlsplit(url)
        fields = parse_qsl(parts.query)
    except ValueError:
        return False
    if any(_is_id(key, value, path=parts.path) for key, value in fields):
        return True
    segments = [one for one in parts.path.split("/") if one]
    if not segments or _names_list(segments):
        return False
    if any(_ARTICLE_WORD.fullmatch(one) for one in segments[:-1]):
        return True
    return any(_NUMBER.search(one) or _WORDS.search(one) or _MIXED.fullmatch(one) for one in segments)


def looks_like_list(url: str) -> bool:
    """Whether an address is built as those of tags, authors, categories and further pages are."""
    try:
        return _names_list([one for one in urlsplit(url).path.split("/") if one])
    except ValueError:
        return False


@lru_cache(maxsize=_KEPT)
def kind_of_address(url: str) -> str:
    """What is left of an address when its words and numbers are taken out: the same for all of a site's news."""
    try:
        parts = urlsplit(url)
        keys = sorted({key for key, _ in parse_qsl(parts.query)})
    except ValueError:
        return ""
    return "/".join(map(_kind, filter(None, parts.path.split("/")))) + "?" + "&".join(keys)


def _names_list(segments: list[str]) -> bool:
    return len(segments) > 1 and segments[-2].lower() in _LISTS


def _is_id(key: str, value: str, *, path: str) -> bool:
    if key.lower() in _OTHER_KEYS or not _ARTICLE_KEYS.fullmatch(key) or not value.isdigit():
        return False
    return len(value) >= 3 or bool(_ARTICLE_FILE.search(path))


def _kind(segment: str) -> str:
    if segment.isdigit():
        return "n" if len(segment) >= 4 else "d"
    if _WORDS.search(segment) or _NUMBER.search(segment) or _MIXED.fullmatch(segment):
        return "s"
    return "w"
