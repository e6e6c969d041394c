"""scrapy crawl skynewsarabia [-a url=https://www.skynewsarabia.com/...] [-a pages=yes]"""

from spiders.crawl.site import SiteSpider
from spiders.sites.skynewsarabia import SKY_NEWS_ARABIA


class SkyNewsArabiaSpider(SiteSpider):
    """Sky News Arabia: the breaking news by default, or the section or article named."""

    name = "skynewsarabia"
    site = SKY_NEWS_ARABIA
    default_url = "https://www.skynewsarabia.com/breaking-news"
