"""scrapy crawl listing -a url=https://example.org/world"""

from spiders.crawl.reading import ReadingSpider


class ListingSpider(ReadingSpider):
    """A front page or section; the headlines are found without selectors."""

    name = "listing"
    source_kind = "listing"
