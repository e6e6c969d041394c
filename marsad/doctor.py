"""The doctor: examines an installation part by part, and says of each what it found and how to mend it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiosmtplib

from alerts.smtp import SmtpServer
from marsad.configuration import Configuration
from marsad.errors import BadInput
from marsad.store import Store, open_store
from marsad.watchfile import WatchSet, load_watch
from rules.search import FORMS_VERSION
from scheduler.reading import ENTRY, SOURCE_JOB, SourceJob
from spiders.children import ChildFailed, Children
from storage.channels import list_channels
from storage.database import DatabaseError, DatabaseUnreachable
from storage.deliveries import ledger_counts
from storage.embedded import EmbeddedServerFailed
from storage.migrations import DatabaseNewer, MigrationChanged
from storage.reindexing import count_outdated
from storage.sources import list_sources

PATIENCE = 10.0
OLDEST_PYTHON = (3, 11)
FAULTS = (
    BadInput,
    ChildFailed,
    DatabaseError,
    DatabaseNewer,
    DatabaseUnreachable,
    EmbeddedServerFailed,
    MigrationChanged,
    OSError,
    TimeoutError,
    aiosmtplib.SMTPException,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part of the installation and how it is."""

    part: str
    well: bool
    says: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'BAD '} {self.part}: {self.says}"


async def examine(configure: Callable[[], Configuration], *, quick: bool = False) -> list[Finding]:
    """Examine every part that can be reached; a part that fails hides no other. Quick: only the database."""
    findings = [_python()]
    try:
        configuration = configure()
    except BadInput as error:
        return [*findings, Finding(part="configuration", well=False, says=str(error))]
    findings.append(Finding(part="configuration", well=True, says=f"home is {configuration.home}"))
    if quick:
        return [*findings, *(await _store(configuration))[:1]]
    findings.append(await _part("watch files", lambda: _watch(configuration)))
    findings.append(await _part("reading child", _child))
    findings += await _store(configuration)
    if configuration.smtp is not None:
        server = configuration.smtp
        findings.append(await _part("mail server", lambda: _mail(server)))
    return findings


async def _part(part: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(part=part, well=True, says=await look())
    except FAULTS as error:
        return Finding(part=part, well=False, says=" ".join(str(error).split()) or type(error).__name__)


def _python() -> Finding:
    version = ".".join(str(number) for number in sys.version_info[:3])
    return Finding(part="python", well=sys.version_info >= OLDEST_PYTHON, says=version)


async def _watch(configuration: Configuration) -> str:
    watch: WatchSet = await asyncio.to_thread(load_watch, configuration.watch)
    return f"{len(watch.sources)} sources, {len(watch.rules)} rules, {len(watch.channels)} channels"


async def _child() -> str:
    async with Children(entry=ENTRY, count=1) as children:
        job = SOURCE_JOB.dump_json(SourceJob(path="/dev/null", url="https://example.org/")).decode()
        await children.run("source", job)
    return "starts and answers"


async def _store(configuration: Configuration) -> list[Finding]:
    findings: list[Finding] = []

    async def look() -> str:
        async with open_store(configuration, connections=2) as store:
            await store.db.ping()
            findings.extend(await _contents(store))
        return "answers; migrations are up to date"

    return [await _part("database", look), *findings]


async def _contents(store: Store) -> list[Finding]:
    async with store.db.connection() as conn:
        sources = [s for s in await list_sources(conn) if s.enabled]
        failing = [s for s in sources if s.last_status == "failed"]
        channels = await list_channels(conn)
        ledger = await ledger_counts(conn)
        outdated = await count_outdated(conn, forms_version=FORMS_VERSION)
    off = [c.name for c in channels if c.disabled_reason]
    dead = ledger.get("dead", 0)
    return [
        Finding(
            part="sources",
            well=not failing,
            says=f"{len(sources)} watched, {len(failing)} failing; see marsad source list",
        ),
        Finding(
            part="channels",
            well=not off,
            says=f"off: {', '.join(off)}; see marsad alert list" if off else f"{len(channels)} in use",
        ),
        Finding(
            part="ledger",
            well=not dead,
            says=f"{dead} dead letters; see marsad alert dead" if dead else "no dead letters",
        ),
        Finding(
            part="search",
            well=True,  # nothing is missed meanwhile
            says=f"{outdated} articles to be indexed anew; searching is slower until the daemon has done it"
            if outdated
            else "every article is indexed by the word forms of this version",
        ),
    ]


async def _mail(server: SmtpServer) -> str:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port or None,
        use_tls=server.tls == "tls",
        start_tls=server.tls == "starttls",
        timeout=PATIENCE,
    )
    async with asyncio.timeout(PATIENCE), client:
        await client.noop()
    return f"{server.host} answers"
