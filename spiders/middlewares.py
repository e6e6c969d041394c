"""Downloader middlewares of plain `scrapy crawl`; the collector follows redirects by itself."""

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

_VALIDATORS = ("If-None-Match", "If-Modified-Since")


class CarefulRedirectMiddleware(RedirectMiddleware):
    """Redirects that are never dropped in silence, nor throttled under the old host, nor leaking validators.

    Scrapy's dupe filter swallows a redirect to the same URL with neither callback nor errback (scrapy#1225),
    and its redirected request keeps `download_slot` and the conditional headers of the first host.
    """

    def process_response(  # pyright: ignore[reportIncompatibleMethodOverride] - `spider` is deprecated
        self, request: Request, response: Response
    ) -> Request | Response:
        result = super().process_response(request, response)
        if isinstance(result, Request):
            result.dont_filter = True  # REDIRECT_MAX_TIMES ends a loop, with an error that is seen
            result.meta.pop("download_slot", None)
            if urlsplit(result.url).netloc != urlsplit(request.url).netloc:
                for name in _VALIDATORS:
                    result.headers.pop(name, None)
        return result
