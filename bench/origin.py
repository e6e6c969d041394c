"""The origin: nginx on loopback that serves a thousand feeds, each from an address of its own."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.feeds import Story, as_rss, stories

START_SECONDS = 20.0
PER_NET = 250
MISSING = (
    "nginx is missing: apt-get install nginx. Until then a small aiohttp server stands in, which is slower."
)
# Without keep-alive: a source is asked every few minutes, and no connection lives that long.
_CONF = """
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/nginx.log;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    sendfile on;
    etag on;
    keepalive_timeout 0;
    types {{ application/rss+xml xml; }}
    charset utf-8;
    charset_types application/rss+xml;
    client_body_temp_path {home}/tmp; proxy_temp_path {home}/tmp; fastcgi_temp_path {home}/tmp;
    uwsgi_temp_path {home}/tmp; scgi_temp_path {home}/tmp;
    server {{
        root {root};
        {listens}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A web of feeds on 127.0.0.0/8; `server` says who serves it."""

    root: Path
    port: int
    count: int
    server: str
    made_at: datetime

    def url(self, number: int) -> str:
        """The address of feed `number`: one host each, so that politeness to a host holds nobody up."""
        return f"http://{address(number)}:{self.port}/{number}.xml"

    @property
    def urls(self) -> list[str]:
        return [self.url(number) for number in range(self.count)]

    def publish(self, number: int, newest: list[Story]) -> None:
        """Put these entries on top of feed `number`; its ETag changes with them."""
        write_feed(self.root, number, [*newest, *stories(number, now=self.made_at)])


def address(number: int) -> str:
    """The loopback address that serves feed `number`."""
    return f"127.1.{number // PER_NET}.{number % PER_NET + 1}"


def write_feed(root: Path, number: int, entries: list[Story]) -> None:
    """Write the feed so that a reader meets the old one or the new one, never half of either."""
    arriving = root / f"{number}.arriving"
    arriving.write_bytes(as_rss(number, entries, home=f"http://{address(number)}"))
    arriving.replace(root / f"{number}.xml")


@asynccontextmanager
async def origin(home: Path, *, count: int) -> AsyncGenerator[Origin]:
    """Write the feeds and serve them until the block ends."""
    root = home / "feeds"
    root.mkdir()
    made_at = datetime.now(UTC).replace(microsecond=0)
    for number in range(count):
        write_feed(root, number, stories(number, now=made_at))
    port = _free_port()
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    process = _nginx(nginx, home, root, port, count) if nginx else _stand_in(root, port, count)
    try:
        await _until_it_answers(process, port, count)
        yield Origin(
            root=root, port=port, count=count, server="nginx" if nginx else "aiohttp", made_at=made_at
        )
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def _nginx(nginx: str, home: Path, root: Path, port: int, count: int) -> "subprocess.Popen[bytes]":
    listens = " ".join(f"listen {address(number)}:{port};" for number in range(count))
    conf = home / "nginx.conf"
    conf.write_text(_CONF.format(home=home, root=root, listens=listens), encoding="utf-8")
    return subprocess.Popen([nginx, "-e", str(home / "nginx.log"), "-p", str(home), "-c", str(conf)])


def _stand_in(root: Path, port: int, count: int) -> "subprocess.Popen[bytes]":
    print(MISSING, file=sys.stderr)
    return subprocess.Popen([sys.executable, "-m", "bench.standin", str(root), str(port), str(count)])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until_it_answers(process: "subprocess.Popen[bytes]", port: int, count: int) -> None:
    async with asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            try:
                _, writer = await asyncio.open_connection(address(count - 1), port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
    raise RuntimeError(f"the feed server ended with code {process.returncode} before it answered")
