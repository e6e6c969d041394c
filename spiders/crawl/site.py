"""Spiders of one site: a listing gives entries, the address of an article gives the article."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from spiders.crawl.reading import ReadingSpider
from spiders.sites.site import Site


class SiteSpider(ReadingSpider):
    """Reads by the rules of `site` in spiders/sites, wherever the page comes from."""

    site: ClassVar[Site]

    def __init__(self, url: str | None = None, pages: str = "no", **arguments: Any) -> None:
        super().__init__(url, pages, **arguments)
        self.source_kind = f"site:{self.site.name}"

    async def start(self) -> AsyncIterator[Any]:
        await self.children.__aenter__()
        is_story = bool(self.site.story.search(urlsplit(self.address).path))
        yield self.request(self.address, **({"given_id": self.address} if is_story else {}))
