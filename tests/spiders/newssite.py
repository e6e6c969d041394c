"""A news site of its own on loopback: pages, feeds and sitemaps at the paths they are given, and who asked for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web

from marsad.demo.loopback import Loopback

XML, HTML = "application/xml", "text/html"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What stands at a path."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    location: str | None = None


class NewsSite:
    """`asked` lists the paths (with query) in the order in which they were asked for; the rest answers 404."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._held: dict[str, Held] = {}
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._server = Loopback(app)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()

    def url(self, path: str = "/") -> str:
        return self._server.origin + path

    def holds(self, path: str, text: str, content_type: str = HTML, status: int = 200) -> str:
        """Put something at a path; returns its address."""
        self._held[path] = Held(body=text.encode(), content_type=content_type, status=status)
        return self.url(path)

    def moves(self, path: str, to: str, *, status: int = 301) -> str:
        self._held[path] = Held(body=b"", status=status, location=to)
        return self.url(path)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        held = self._held.get(request.path_qs) or Held(body=b"nothing here", status=404)
        headers = {"Location": held.location} if held.location else {}
        return web.Response(
            body=held.body, status=held.status, headers={"Content-Type": held.content_type, **headers}
        )


def ago(**how_long: float) -> datetime:
    return datetime.now(UTC) - timedelta(**how_long)


def feed(
    titles: Sequence[str],
    *,
    title: str = "The Tigris Courier",
    lang: str = "en",
    base: str = "https://courier.example/story",
    newest: datetime | None = None,
) -> str:
    """RSS with an item for each headline."""
    at = newest or ago(minutes=10)
    items = "".join(
        f"<item><title>{escape(one)}</title><link>{base}/{number}</link><guid>{base}/{number}</guid>"
        f"<pubDate>{at - timedelta(minutes=number):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for number, one in enumerate(titles)
    )
    head = f"<title>{escape(title)}</title><language>{lang}</language>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def news_sitemap(titles: Sequence[str], *, base: str = "https://courier.example/story") -> str:
    """A sitemap with headlines, as news search engines ask for it."""
    urls = "".join(
        f"<url><loc>{base}/{number}</loc><n:news><n:title>{escape(one)}</n:title>"
        f"<n:publication_date>{ago(minutes=number):%Y-%m-%dT%H:%M:%SZ}</n:publication_date></n:news></url>"
        for number, one in enumerate(titles)
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def plain_sitemap(links: Sequence[str]) -> str:
    urls = "".join(f"<url><loc>{link}</loc></url>" for link in links)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def sitemap_index(parts: dict[str, datetime]) -> str:
    inner = "".join(
        f"<sitemap><loc>{link}</loc><lastmod>{at:%Y-%m-%d}</lastmod></sitemap>" for link, at in parts.items()
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'


def front_page(titles: Sequence[str], *, head: str = "", foot: str = "", lang: str = "en") -> str:
    """A front page: a list of headlines, and whatever else."""
    items = "".join(
        f'<div class="card"><h2><a href="/2026/11/{number}-{"-".join(one.lower().split())}">{escape(one)}</a>'
        "</h2></div>"
        for number, one in enumerate(titles)
    )
    return (
        f'<html lang="{lang}"><head><title>The Courier | Home</title>{head}</head>'
        f'<body><div class="news">{items}</div>{foot}</body></html>'
    )


def link_tag(href: str, *, title: str = "", media: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{media}" title="{escape(title)}" href="{href}">'
