"""scrapy crawl feed -a url=https://example.org/rss.xml"""

from spiders.crawl.reading import ReadingSpider


class FeedSpider(ReadingSpider):
    """RSS, Atom, RDF or JSON Feed; an HTML page in its place is an error, not a listing."""

    name = "feed"
    source_kind = "feed"
