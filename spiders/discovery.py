"""Discovery: where on a site its news can be had, what each place brings, and which of them to watch."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from spiders.readers.links import absolute

STALE = timedelta(days=30)  # small papers rest over feasts; what was silent for longer is left behind
ROBOTS_BYTES = 500 << 10  # RFC 9309, section 2.5: what a reader of robots.txt must at least take
FEWEST_MORE = 3  # a further source is worth its visits when it brings so many articles of its own
MOST_SITEMAPS_NAMED = 50

# In the order of how often sites answer there; the first good one ends the search.
_FEEDS = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "feeds", "index.xml", "feed.json", "?feed=rss2",
    "rss/news.xml", "index.rss",
)  # fmt: skip
_SITEMAPS = (
    "news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemap.xml", "sitemap_index.xml",
    "sitemap-index.xml",
)  # fmt: skip
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*([^\s#]+)", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news|google", re.IGNORECASE)
_MEDIA = re.compile(r"video|image|photo|author|tag|categor|page(?:s|-sitemap)", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\bcomments?\b|replytocom|تعليق|yorumlar|komentar|دیدگاه|commentaires|kommentare", re.IGNORECASE
)


class Way(StrEnum):
    """How an address was found, the more trustworthy way first."""

    GIVEN = "given"
    LINK = "link tag"
    ROBOTS = "robots.txt"
    ANCHOR = "link on the page"
    COMMON = "common address"


_TRUST = {way: place for place, way in enumerate(Way)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a source of the site."""

    url: str
    way: Way
    title: str = ""
    lang: str | None = None  # as the page's link tag says


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What reading the answer of one address yielded, as far as choosing needs it."""

    kind: str
    title: str = ""
    lang: str | None = None  # of most of the entries, None when it is not clear
    addresses: tuple[str, ...] = ()  # what each entry's article is known by
    headlines: tuple[str, ...] = ()  # a few of them
    newest: datetime | None = None
    error: str | None = None
    older: str | None = None  # of a sitemap index: its newest part
    links: tuple[Candidate, ...] = ()  # of an HTML page: what it names

    @property
    def is_page(self) -> bool:
        """HTML, whether it lists articles or not."""
        return self.kind not in ("feed", "sitemap") and bool(self.links or self.kind != "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One address that was looked at: what watching it would bring, or the problem with it."""

    candidate: Candidate
    url: str  # the address to watch
    landed: str  # where it answered this time, all redirects followed
    brought: Brought
    problems: tuple[str, ...] = ()

    @property
    def entries(self) -> int:
        return len(self.brought.addresses)


def sitemaps_named(robots: bytes, url: str) -> tuple[Candidate, ...]:
    """The `Sitemap:` lines of a robots.txt (sitemaps.org): news sitemaps first, those of pictures last."""
    text = robots[:ROBOTS_BYTES].decode("utf-8", "replace").lstrip("\ufeff")
    named = (absolute(line.group(1), url) for line in _SITEMAP_LINE.finditer(text))
    unique = list(dict.fromkeys(link for link in named if link))
    return tuple(
        Candidate(url=link, way=Way.ROBOTS)
        for link in sorted(unique, key=_sitemap_place)[:MOST_SITEMAPS_NAMED]
    )


def common_feeds(url: str) -> tuple[Candidate, ...]:
    """Where feeds stand on most sites: below the page's own folder, then below the root."""
    folders = dict.fromkeys((_folder(url), urljoin(url, "/")))
    nearest = [urljoin(folder, name) for folder in list(folders)[:-1] for name in _FEEDS[:3]]
    at_root = [urljoin(url, f"/{name}") for name in _FEEDS]
    return tuple(Candidate(url=link, way=Way.COMMON) for link in dict.fromkeys((*nearest, *at_root)))


def common_sitemaps(url: str) -> tuple[Candidate, ...]:
    """Where sitemaps stand on most sites, those of news first."""
    return tuple(Candidate(url=urljoin(url, f"/{name}"), way=Way.COMMON) for name in _SITEMAPS)


def offer(candidate: Candidate, url: str, brought: Brought, *, landed: str, now: datetime) -> Offer:
    """Judge what an address brought: every reason not to watch it, in words."""
    problems = tuple(_problems(candidate, brought, now))
    return Offer(candidate=candidate, url=url, landed=landed, brought=brought, problems=problems)


def is_good(one: Offer, *, now: datetime) -> bool:
    """Worth watching without another look: entries, not stale, not readers' comments."""
    brought = one.brought
    return (
        bool(brought.addresses) and not _is_stale(brought, now) and not _is_comments(one.candidate, brought)
    )


def ranked(offers: Iterable[Offer], *, given: str, now: datetime) -> list[Offer]:
    """The offers, best first; of those that bring the very same articles only the best."""
    ordered = sorted(offers, key=lambda one: _place(one, given, now))
    unique: dict[object, Offer] = {}
    for one in ordered:
        unique.setdefault(frozenset(one.brought.addresses) or one.url, one)
    return list(unique.values())


def recommended(offers: Sequence[Offer], *, now: datetime) -> list[Offer]:
    """The best offer, and the best of each other language that the site itself names; none when nothing is good.

    A second feed of the same language mostly repeats the first: whoever wants sections picks them.
    """
    good = [one for one in offers if is_good(one, now=now)]
    chosen = good[:1]
    for one in good[1:]:
        new_language = one.brought.lang and one.brought.lang not in {have.brought.lang for have in chosen}
        if one.candidate.way is Way.LINK and new_language and _adds(one, chosen):
            chosen.append(one)
    return chosen


def _adds(one: Offer, chosen: Sequence[Offer]) -> bool:
    known = {address for have in chosen for address in have.brought.addresses}
    return len(set(one.brought.addresses) - known) >= FEWEST_MORE


def _place(one: Offer, given: str, now: datetime) -> tuple[int, ...]:
    return (
        not one.brought.addresses,
        _is_comments(one.candidate, one.brought),
        _is_stale(one.brought, now),
        _kind_place(one.brought),
        not _stands_below(one.url, given),
        _TRUST[one.candidate.way],
    )


def _kind_place(brought: Brought) -> int:
    """A feed tells most; a sitemap without headlines makes every page be read before anything can match."""
    titled = bool(brought.headlines)
    if brought.kind == "feed":
        return 0
    if brought.kind == "sitemap":
        return 1 if titled else 3
    return 2


def _stands_below(url: str, given: str) -> bool:
    """A feed below the page that was asked for is of that section; below the root everything is."""
    return urlsplit(url).path.startswith(urlsplit(_folder(given)).path)


def _problems(candidate: Candidate, brought: Brought, now: datetime) -> Iterable[str]:
    if brought.error:
        yield brought.error
    elif not brought.addresses:
        yield "nothing to read there"
    if brought.newest and _is_stale(brought, now):
        yield f"nothing new since {brought.newest:%Y-%m-%d}"
    if brought.addresses and _is_comments(candidate, brought):
        yield "comments of readers, not articles"
    if brought.kind == "sitemap" and brought.addresses and not brought.headlines:
        yield "addresses without headlines: each page must be read to match"


def _is_stale(brought: Brought, now: datetime) -> bool:
    return brought.newest is not None and now - brought.newest > STALE


def _is_comments(candidate: Candidate, brought: Brought) -> bool:
    words = (
        f"{urlsplit(candidate.url).path} {urlsplit(candidate.url).query} {candidate.title} {brought.title}"
    )
    return bool(_COMMENTS.search(words))


def _sitemap_place(url: str) -> int:
    path = urlsplit(url).path
    return 0 if _NEWS.search(path) else 2 if _MEDIA.search(path) else 1


def _folder(url: str) -> str:
    """The page's address as a folder: what stands below /arabic stands below /arabic/."""
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith("/") else f"{parts.path.rpartition('/')[0]}/"
    last = parts.path.rpartition("/")[2]
    if last and "." not in last:
        path = f"{parts.path}/"
    return f"{parts.scheme}://{parts.netloc}{path or '/'}"
