"""A crowd of feeds on one loopback server: the good, the slow loris, dead and bombs, each with a host of its own."""

import asyncio
import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import psycopg
from hostile import Exchange, Fault, HostileOrigin

GOOD, LORIS, DEAD, BOMBS = 380, 50, 50, 20
DRIP_SECONDS = 1.0
NEWS = 0.1  # of its visits find something new at a good feed
NOBODY = 9  # the port that nothing listens at
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"

# What the test adds to the database it made: when each claim came, and when it should have.
WATCH_CLAIMS = """
CREATE TABLE claimed (source_id bigint, url text, due_at timestamptz, at timestamptz, pace interval);
CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claimed VALUES (old.id, old.url, old.due_at, clock_timestamp(), old.pace);
    RETURN new;
END $$;
CREATE TRIGGER note_claim AFTER UPDATE OF lease_token ON source FOR EACH ROW EXECUTE FUNCTION note_claim();
"""
CLAIMS = """
SELECT url, extract(epoch FROM at - due_at)::float8, extract(epoch FROM pace)::float8 FROM claimed
WHERE at > now() - make_interval(secs => %s) ORDER BY at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One visit that began, how late, and how often its source is visited."""

    url: str
    late: float
    pace: float


@dataclass(kw_only=True)
class Crowd:
    """The feeds of `origin`; `urls` by what they are."""

    origin: HostileOrigin
    rng: random.Random
    urls: dict[str, list[str]] = field(default_factory=dict)

    def settle(self, *, good: int = GOOD, loris: int = LORIS, dead: int = DEAD, bombs: int = BOMBS) -> None:
        for kind, number in (("good", good), ("loris", loris), ("dead", dead), ("bomb", bombs)):
            self.urls[kind] = [self._open(kind, place) for place in range(number)]

    def _open(self, kind: str, number: int) -> str:
        net = ("good", "loris", "dead", "bomb").index(kind) * 10 + 2
        host, path = f"127.{net}.{number // 250}.{number % 250 + 1}", f"/{kind}{number}"
        if kind == "dead":
            return f"http://{host}:{NOBODY}{path}"
        fault: Fault = {"good": self._good(), "loris": LORISES[number % 3], "bomb": explode(number)}[kind]
        self.origin.on(path, fault)
        return self.origin.url(path, host=host)

    def _good(self) -> Fault:
        published, etag = 3, '"3"'

        async def answer(exchange: Exchange) -> None:
            nonlocal published, etag
            if self.rng.random() < NEWS:
                published, etag = published + 1, f'"{published + 1}"'
            if exchange.seen.headers.get("if-none-match") == etag:
                await exchange.answer("304 Not Modified", ETag=etag)
            else:
                await exchange.answer(body=feed(exchange.seen.path, published), ETag=etag)

        return answer

    def watch_file(self, every: str) -> str:
        rows = (
            f'[[sources]]\nname = "{kind} {n}"\nurl = "{url}"\nevery = "{every}"\nlang = "en"\npages = false\n'
            for kind, urls in self.urls.items()
            for n, url in enumerate(urls)
        )
        return "".join(rows) + '[[rules]]\nname = "Basra"\nquery = "basra"\n'


def feed(path: str, published: int) -> bytes:
    """The ten newest items of a feed that has published so many."""
    items = "".join(
        f"<item><title>Report {n} of {path} from Basra</title><link>http://p.example{path}/{n}</link></item>"
        for n in range(published, max(0, published - 10), -1)
    )
    return f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>".encode()


async def _drip(exchange: Exchange, data: bytes) -> None:
    for byte in data:
        await exchange.send(bytes([byte]))
        await asyncio.sleep(DRIP_SECONDS)


async def drip_head(exchange: Exchange) -> None:
    await _drip(exchange, HEAD * 100)


async def drip_body(exchange: Exchange) -> None:
    await exchange.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    await _drip(exchange, feed("/slow", 300))


async def say_nothing(exchange: Exchange) -> None:
    await exchange.silence()


LORISES: Sequence[Fault] = (drip_head, drip_body, say_nothing)


@cache
def _bombs() -> tuple[bytes, ...]:
    item = b"<item><title>Report from Basra</title><link>http://p.example/x</link></item>"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return (
        gzip.compress(bytes(300 << 20), 6),
        gzip.compress(b"<rss><channel>" + item * 1_000_000, 1),
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]><rss><channel><title>&l11;</title></channel></rss>'.encode(),
        b"<rss><channel>" + item + b"<d>" * 400_000,
    )


def explode(number: int) -> Fault:
    """One of the bombs: 300 MB in gzip, a million items, a billion laughs, a depth without end."""
    kind = number % 4

    async def answer(exchange: Exchange) -> None:
        packed = {"Content_Encoding": "gzip"} if kind < 2 else {}
        await exchange.answer(body=_bombs()[kind], **packed)

    return answer


async def claims(dsn: str, seconds: float) -> list[Claim]:
    """The claims of the last `seconds`."""
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        rows = await (await conn.execute(CLAIMS, [seconds])).fetchall()
    return [Claim(url=url, late=late, pace=pace) for url, late, pace in rows]


async def watch_claims(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        await conn.execute(WATCH_CLAIMS)
