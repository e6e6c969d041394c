"""A newsroom: a paper, a mailbox, a webhook receiver, and a daemon between them that may die at any moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon_process import DaemonProcess

from marsad.demo.hookreceiver import HookReceiver
from marsad.demo.mailbox import Mailbox
from marsad.demo.newspaper import Newspaper
from marsad.demo.outlets import Outlet, OutletKind, Story
from storage.database import Database
from storage.deliveries import ledger_counts

PAPER = Outlet(key="paper", name="The Test Paper", lang="en", kind=OutletKind.RSS)
ECHO = Outlet(key="echo", name="The Test Echo", lang="en", kind=OutletKind.ATOM)
RULE = "Militia in Basra"

RULES = f"""
[[rules]]
name = "{RULE}"
query = 'militia AND basra'
"""


def matching(key: str) -> Story:
    """A story that the rule meets; no two have the same headline."""
    return Story(
        key=key, title=f"Militia enters Basra, report {key}", text=f"They came at night, says {key}."
    )


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """Everything around one daemon. Sinks and paper live on when the daemon is killed."""

    paper: Newspaper
    mailbox: Mailbox
    hooks: HookReceiver
    daemon: DaemonProcess
    db: Database

    async def hear_of(self, stories: Sequence[Story], *, seconds: float = 60.0) -> None:
        """Wait until every story was told on both channels."""
        titles = {story.title for story in stories}
        count = len(titles)
        while not titles <= {title for title, _ in self.hooked()}:
            await self.hooks.wait_for(count, seconds)
            count = len(self.hooks.received) + 1
        count = len(titles)
        while not titles <= {title for title, _ in self.mailed()}:
            await self.mailbox.wait_for(count, seconds)
            count = len(self.mailbox.mails) + 1

    def hooked(self) -> list[tuple[str, str]]:
        """(title, id) of every webhook that was accepted."""
        return [(item["title"], call.id) for call in self.hooks.received for item in call.payload["items"]]

    def mailed(self) -> list[tuple[str, str]]:
        """(title, Message-ID) of every mail that was accepted."""
        known = {title for title, _ in self.hooked()}
        return [
            (title, str(mail.message["Message-ID"]))
            for mail in self.mailbox.mails
            for title in known
            if title in mail.text.replace("\n", " ").replace("*", "") or title in mail.message["Subject"]
        ]

    def second_ids(self) -> dict[str, int]:
        """Titles that were told under more than one id on one channel: there must be none."""
        found: dict[str, int] = {}
        for told in (self.hooked(), self.mailed()):
            ids = Counter(title for title, _ in set(told))
            found |= {title: count for title, count in ids.items() if count > 1}
        return found

    async def settled(self, *, delivered: int, seconds: float = 60.0) -> None:
        """Wait until the ledger says that so many deliveries are done and none is open.

        A message that was received just before a kill is told again, under its id, once its lease has run out.
        """
        async with asyncio.timeout(seconds):
            while await self.ledger() != {"delivered": delivered}:
                await asyncio.sleep(0.1)  # rows of another process: there is no event to wait for

    async def ledger(self) -> dict[str, int]:
        async with self.db.connection() as conn:
            return {state: count for state, count in (await ledger_counts(conn)).items() if count}


def watch_of(paper: Newspaper, hooks: HookReceiver, outlets: Sequence[Outlet], rules: str = RULES) -> str:
    """A watch file for these outlets and both sinks."""
    sources = "".join(
        f'[[sources]]\nname = "{o.name}"\nurl = "{paper.url(o.key)}"\nevery = "1s"\nlang = "{o.lang}"\n'
        for o in outlets
    )
    return f"""{sources}{rules}
[[channels]]
name = "desk"
kind = "email"
to = ["desk@example.org"]

[[channels]]
name = "ops"
kind = "webhook"
url = "{hooks.url}"
secret = "{hooks.secret}"
"""


@asynccontextmanager
async def newsroom(
    folder: Path, dsn: str, db: Database, *, outlets: Sequence[Outlet] = (PAPER,), rules: str = RULES
) -> AsyncIterator[Newsroom]:
    """Open a newsroom; its daemon is configured but not started."""
    async with Newspaper(outlets) as paper, Mailbox() as mailbox, HookReceiver() as hooks:
        daemon = DaemonProcess(
            folder=folder,
            dsn=dsn,
            watch=watch_of(paper, hooks, outlets, rules),
            settings={
                "smtp": {
                    "host": mailbox.host,
                    "port": mailbox.port,
                    "tls": "none",
                    "sender": "marsad@example.org",
                }
            },
        )
        try:
            yield Newsroom(paper=paper, mailbox=mailbox, hooks=hooks, daemon=daemon, db=db)
        finally:
            await daemon.kill(everything=True)
