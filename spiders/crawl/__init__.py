"""Spiders for `scrapy crawl NAME -a url=...`: the same reading as the service's, by hand and one source at a time."""
