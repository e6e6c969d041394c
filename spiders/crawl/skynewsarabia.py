"""scrapy crawl skynewsarabia [-a url=https://www.skynewsarabia.com/...] [-a pages=yes]"""

from spiders.crawl.site import SiteSpider


class SkyNewsArabiaSpider(SiteSpider):
    """Sky News Arabia: the breaking news by default, or the section or article named."""

    name = "skynewsarabia"
    outlet = "skynewsarabia"
