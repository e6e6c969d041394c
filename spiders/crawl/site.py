"""Spiders of one outlet: a listing gives entries, the address of an article gives the article."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from spiders.crawl.reading import ReadingSpider
from spiders.sites import outlets


class SiteSpider(ReadingSpider):
    """Reads by what the outlet's file tells, wherever the page comes from."""

    outlet: ClassVar[str | None] = None

    def __init__(
        self, url: str | None = None, pages: str = "no", outlet: str | None = None, **arguments: Any
    ) -> None:
        named = self.outlet or outlet
        if named not in outlets():
            known = ", ".join(outlets())
            raise ValueError(f"which outlet? scrapy crawl {self.name} -a outlet=NAME, one of {known}")
        self.site = outlets()[named]
        super().__init__(url or self.site.start, pages, **arguments)
        self.source_kind = f"site:{self.site.name}"

    async def start(self) -> AsyncIterator[Any]:
        await self.children.__aenter__()
        yield self.request(
            self.address, **({"given_id": self.address} if self.site.is_story(self.address) else {})
        )
