"""scrapy crawl newssitemap -a url=https://example.org/news-sitemap.xml"""

from spiders.crawl.reading import ReadingSpider


class NewsSitemapSpider(ReadingSpider):
    """A sitemap or an index of them, whose newest children are followed."""

    name = "newssitemap"
    source_kind = "sitemap"
