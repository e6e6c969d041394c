"""scrapy crawl outlet -a outlet=rudaw [-a url=https://www.rudaw.net/...] [-a pages=yes]"""

from spiders.crawl.site import SiteSpider


class OutletSpider(SiteSpider):
    """Any outlet that has a file in spiders/sites/outlets."""

    name = "outlet"
