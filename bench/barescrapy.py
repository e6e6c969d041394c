"""Bare Scrapy: the same feeds asked for over and over, with conditional GET, and nothing done with the answers.

Stock handlers and middlewares on plain asyncio, driven through `engine.download_async`: measured to be many times
faster on a thousand hosts than its scheduler (which looks through every host for each request) and its spider
callbacks (a hundred tasks for each response), so this is the strictest Scrapy to stand beside.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler

CONCURRENCY = 64
SETTINGS: dict[str, Any] = {
    "TWISTED_REACTOR_ENABLED": False,  # plain asyncio and aiohttp: the faster of Scrapy's two ways
    "CONCURRENT_REQUESTS": CONCURRENCY,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": False,
    "LOG_ENABLED": False,
}


class Standby(Spider):
    """Keeps the engine open."""

    name = "standby"

    async def start(self) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield


async def ask(urls: list[str], rounds: int) -> list[dict[str, Any]]:
    """Ask for every feed `rounds` times; the seconds of each round, and how many of its answers were 304."""
    runner = AsyncCrawlerRunner(SETTINGS)
    crawler = runner.create_crawler(Standby)
    ready = asyncio.Event()
    crawler.signals.connect(ready.set, signals.engine_started)
    crawl = runner.crawl(crawler)
    await ready.wait()
    etags: dict[str, bytes] = {}
    told = [await _round(crawler, urls, etags) for _ in range(rounds)]
    await runner.stop()
    await crawl
    return told


async def _round(crawler: Crawler, urls: list[str], etags: dict[str, bytes]) -> dict[str, Any]:
    left = iter(urls)
    began, worked = time.monotonic(), time.process_time()
    unchanged = sum(await asyncio.gather(*(_work(crawler, left, etags) for _ in range(CONCURRENCY))))
    return {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - worked,
        "unchanged": unchanged,
    }


async def _work(crawler: Crawler, urls: Iterator[str], etags: dict[str, bytes]) -> int:
    unchanged = 0
    for url in urls:
        headers = {"If-None-Match": etags[url]} if url in etags else {}
        response = await crawler.engine.download_async(Request(url, headers=headers, dont_filter=True))
        unchanged += response.status == 304
        if etag := response.headers.get("ETag"):
            etags[url] = etag
    return unchanged


def main() -> None:
    """`python -m bench.barescrapy ROUNDS`, addresses on standard input, a line each."""
    urls = sys.stdin.read().split()
    print(json.dumps(asyncio.run(ask(urls, int(sys.argv[1])))))


if __name__ == "__main__":
    main()
