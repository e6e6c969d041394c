"""scrapy crawl skynews [-a url=https://news.sky.com/...] [-a pages=yes]"""

from spiders.crawl.site import SiteSpider
from spiders.sites.skynews import SKY_NEWS


class SkyNewsSpider(SiteSpider):
    """Sky News: the world section by default, or the section or story named."""

    name = "skynews"
    site = SKY_NEWS
    default_url = "https://news.sky.com/world"
