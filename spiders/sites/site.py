"""A site spider: reads the pages of one outlet by what its file says of them."""

from datetime import datetime

from spiders.entries import Page, SourceReading
from spiders.readers.xml import html_tree
from spiders.sites.article import read_article
from spiders.sites.headlines import read_headlines
from spiders.sites.outlet import Outlet


class Site(Outlet):
    """An outlet that reads."""

    __slots__ = ()

    def read_page(self, text: str, *, url: str, now: datetime) -> Page | None:
        """The article, live blog or video at `url`; None when the page does not look as this site's do."""
        tree = html_tree(text)
        return None if tree is None else read_article(self, tree, text, url=url, now=now)

    def read_listing(self, text: str, *, url: str, now: datetime) -> SourceReading | None:
        """The headlines of a section or of the breaking news; None when there are none to be seen."""
        tree = html_tree(text)
        return None if tree is None else read_headlines(self, tree, url=url, now=now)
