"""Scrapy's settings, for the daemon's collector and for plain `scrapy crawl NAME`: every way out is the gate.

Override with `-s NAME=VALUE`; the settings whose names begin with GATE_ also by environment.
"""

import os
from typing import Any

from spiders.gate.policy import GatePolicy

_POLICY = GatePolicy()
_HANDLER = "spiders.gate.handler.GateDownloadHandler"

BOT_NAME = "marsad"
SPIDER_MODULES = ["spiders.crawl"]
NEWSPIDER_MODULE = "spiders.crawl"
USER_AGENT = _POLICY.user_agent

GATE_ALLOW_NETWORKS = os.environ.get("GATE_ALLOW_NETWORKS", "")
GATE_ALLOW_PORTS = os.environ.get("GATE_ALLOW_PORTS", "")
GATE_TRUST_CA_FILES = os.environ.get("GATE_TRUST_CA_FILES", "")
GATE_PROXY = os.environ.get("GATE_PROXY", "")

TWISTED_REACTOR_ENABLED = False
DOWNLOAD_HANDLERS_BASE: dict[str, str] = {}
DOWNLOAD_HANDLERS = {"http": _HANDLER, "https": _HANDLER}
DOWNLOAD_MAXSIZE = _POLICY.max_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = _POLICY.total_timeout_seconds
DOWNLOAD_VERIFY_CERTIFICATES = True
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 2
REDIRECT_MAX_TIMES = _POLICY.max_redirects

# The base lists are replaced, not amended: what a new Scrapy brings along must not switch itself on.
# Left out on purpose: robots (its cache says yes for ever after one error), retry (the next visit is the
# retry), meta refresh, compression (the gate decodes, and keeps what was cut), cookies, proxies from the
# environment, the HTTP cache.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": 50,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "spiders.middlewares.CarefulRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}
FEED_STORAGES_BASE = {
    "": "scrapy.extensions.feedexport.FileFeedStorage",
    "file": "scrapy.extensions.feedexport.FileFeedStorage",
    "stdout": "scrapy.extensions.feedexport.StdoutFeedStorage",
}
# Off twice over, should somebody bring the extension back: it executes Python for whoever reaches its port.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
ROBOTSTXT_OBEY = False
COOKIES_ENABLED = False
RETRY_ENABLED = False
HTTPPROXY_ENABLED = False
METAREFRESH_ENABLED = False
COMPRESSION_ENABLED = False
REFERER_ENABLED = False
DNSCACHE_ENABLED = False

# No Accept-Language: a site that speaks many languages must show the one that the URL names.
DEFAULT_REQUEST_HEADERS: dict[str, Any] = {
    "Accept": "application/rss+xml,application/atom+xml,application/xml;q=0.9,text/html;q=0.9,*/*;q=0.8",
}
