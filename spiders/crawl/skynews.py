"""scrapy crawl skynews [-a url=https://news.sky.com/...] [-a pages=yes]"""

from spiders.crawl.site import SiteSpider


class SkyNewsSpider(SiteSpider):
    """Sky News: the world section by default, or the section or story named."""

    name = "skynews"
    outlet = "skynews"
