"""What serves the feeds where nginx is missing: aiohttp in two processes that share every address."""

import multiprocessing
import sys
from pathlib import Path

from aiohttp import web

from bench.origin import address

PROCESSES = 2


async def _app(root: Path) -> web.Application:
    app = web.Application()
    app.router.add_static("/", root)  # answers If-None-Match by itself
    return app


def serve(root: str, port: int, count: int) -> None:
    """Serve the folder on `count` loopback addresses until the process is ended."""
    web.run_app(
        _app(Path(root)),
        host=[address(number) for number in range(count)],
        port=port,
        reuse_port=True,
        access_log=None,
        print=None,
    )


def main() -> None:
    """`python -m bench.standin ROOT PORT COUNT`."""
    root, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    others = [
        multiprocessing.Process(target=serve, args=(root, port, count), daemon=True)
        for _ in range(PROCESSES - 1)
    ]
    for other in others:
        other.start()
    serve(root, port, count)


if __name__ == "__main__":
    main()
