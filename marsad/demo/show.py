"""The demo: the real daemon against the demo world's press, with every alert shown as it arrives."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from alerts.smtp import SmtpServer
from marsad.configuration import CollectSettings, Configuration, DeliverSettings, GateSettings, LogSettings
from marsad.daemon import Running, running
from marsad.demo.hookreceiver import HookReceiver
from marsad.demo.mailbox import Mailbox
from marsad.demo.newspaper import Newspaper
from marsad.demo.screen import Arrival, JsonScreen, Screen, TextScreen, Totals
from marsad.demo.stories import DemoScript, DemoStory, script
from marsad.errors import BadInput
from marsad.logs import set_up_logs
from marsad.watchfile import WatchSet, load_watch, packs
from storage.channels import ChannelSpec
from storage.contents import message_items
from storage.sources import SourceSpec, list_sources, source_key

EVERY = timedelta(
    seconds=1
)  # the demo's papers are our own: they may be asked more often than anybody else's
SETTLE = 3.0  # seconds after the last expected alert in which another one would still show
MAIL, HOOK = "mail", "hook"
LOOPBACK = ip_network("127.0.0.0/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """How the demo is shown."""

    once: bool = False
    as_json: bool = False
    port: int = 0
    seconds: float = 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """What surrounds the daemon: the press it reads, and the servers that its alerts reach."""

    press: Newspaper
    mailbox: Mailbox
    hooks: HookReceiver


@dataclass(slots=True)
class _Tally:
    """What was published, and what arrived for it."""

    play: DemoScript
    began: dict[str, float] = field(default_factory=dict[str, float])  # story title -> when it was published
    seen: dict[tuple[str, str, str], list[str]] = field(
        default_factory=dict[tuple[str, str, str], list[str]]
    )  # (channel, rule, title) -> message ids
    summaries: int = 0
    slowest: float = 0.0

    @property
    def expected(self) -> set[tuple[str, str, str]]:
        return {
            (channel, rule, story.title)
            for channel in (MAIL, HOOK)
            for story in self.play.breaking
            for rule in story.expected
        }

    @property
    def missing(self) -> set[tuple[str, str, str]]:
        return self.expected - set(self.seen)

    def totals(self, seconds: float) -> Totals:
        return Totals(
            expected=len(self.expected),
            arrived=len(self.expected & set(self.seen)),
            missing=sorted(self.missing),
            unexpected=sorted(set(self.seen) - self.expected),
            twice=sorted(key for key, ids in self.seen.items() if len(ids) > 1),
            stories=len(self.play.breaking),
            decoys=sum(story.is_decoy for story in self.play.breaking),
            summaries=self.summaries,
            slowest=round(self.slowest, 2),
            seconds=round(seconds, 1),
        )


async def show(options: DemoOptions) -> bool:
    """Play the demo; True when every expected alert arrived once on each channel and no other did."""
    screen: Screen = JsonScreen() if options.as_json else TextScreen()
    home = _new_home()
    began = time.monotonic()
    tally = _Tally(play=script())
    with (home / "daemon.log").open("w", encoding="utf-8") as log:
        set_up_logs(LogSettings(format="json"), log)
        async with _world(tally.play, options.port) as world:
            screen.opening(world.press.outlets, world.press.origin)
            try:
                async with asyncio.timeout(options.seconds), _daemon(home, world) as daemon:
                    await _play(daemon, world, tally, screen, speed=2.0 if options.once else 1.0)
            except TimeoutError:
                screen.say(f"time is up after {options.seconds:.0f} s")
            except (
                asyncio.CancelledError
            ):  # Ctrl-C: nobody will read the log of a demo that was ended by hand
                shutil.rmtree(home, ignore_errors=True)
                raise
    totals = tally.totals(time.monotonic() - began)
    screen.closing(totals)
    if totals.well:
        shutil.rmtree(home, ignore_errors=True)
    else:
        screen.say(f"the daemon's log: {home / 'daemon.log'}")
    return totals.well


def _new_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="marsad-demo-"))
    home.chmod(0o711)  # for root: the database server runs as another user and must pass through
    return home


@asynccontextmanager
async def _world(play: DemoScript, port: int) -> AsyncGenerator[_World]:
    async with AsyncExitStack() as stack:
        press = Newspaper(play.outlets, port=port)
        try:
            await stack.enter_async_context(press)
        except OSError as error:
            raise BadInput(
                f"port {port} cannot be used: {error.strerror}; choose another with --port"
            ) from None
        mailbox = await stack.enter_async_context(Mailbox())
        hooks = await stack.enter_async_context(HookReceiver())
        yield _World(press=press, mailbox=mailbox, hooks=hooks)


@asynccontextmanager
async def _daemon(home: Path, world: _World) -> AsyncGenerator[Running]:
    configuration = Configuration(
        home=home / "home",
        smtp=SmtpServer(
            host=world.mailbox.host, port=world.mailbox.port, tls="none", sender="marsad@example.org"
        ),
        gate=GateSettings(allow_networks=(LOOPBACK,)),
        collect=CollectSettings(tick_seconds=0.2),
        deliver=DeliverSettings(sweep_seconds=1.0),
    )
    watch = await asyncio.to_thread(load_watch, [str(packs()["iraq"] / "rules.toml")])
    now = datetime.now(UTC)
    for old in script().archive:
        world.press.publish(old.outlet, old.story(now))
    async with running(configuration, _watch_set(watch, world)) as daemon:
        yield daemon


def _watch_set(watch: WatchSet, world: _World) -> WatchSet:
    """The pack's rules, the demo's papers, and two channels."""
    sources = tuple(
        SourceSpec(
            key=source_key(world.press.url(outlet.key)),
            name=outlet.name,
            url=world.press.url(outlet.key),
            every=EVERY,
            lang=outlet.lang,
            country=outlet.country,
        )
        for outlet in world.press.outlets
    )
    desk = ChannelSpec(name="desk", kind="email", settings={"to": ["desk@example.org"]})
    ops = ChannelSpec(
        name="ops", kind="webhook", settings={"url": world.hooks.url, "secret": world.hooks.secret}
    )
    return replace(watch, sources=sources, channels=(desk, ops))


async def _play(daemon: Running, world: _World, tally: _Tally, screen: Screen, *, speed: float) -> None:
    """First look, then the stories break; ends when all that is expected is there and nothing follows."""
    async with asyncio.TaskGroup() as group:
        watching = [
            group.create_task(_watch_mail(daemon, world.mailbox, tally, screen)),
            group.create_task(_watch_hooks(daemon, world.hooks, tally, screen)),
        ]
        await _until(lambda: _all_looked_at(daemon))
        screen.say("every paper has been looked at once; now the stories break")
        for story in tally.play.breaking:
            await asyncio.sleep(story.delay.total_seconds() / speed)
            _publish(world.press, tally, story)
        await _until(lambda: _is(not tally.missing))
        await asyncio.sleep(SETTLE)
        for task in watching:
            task.cancel()


def _publish(press: Newspaper, tally: _Tally, story: DemoStory) -> None:
    tally.began[story.title] = time.monotonic()
    for outlet in story.outlets:
        press.publish(outlet, story.story())


async def _all_looked_at(daemon: Running) -> bool:
    async with daemon.store.db.connection() as conn:
        return all(source.last_new_at is not None for source in await list_sources(conn))


async def _is(value: bool) -> bool:
    return value


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110 (rows of another process: there is no event to wait for)
        await asyncio.sleep(0.1)


async def _watch_mail(daemon: Running, mailbox: Mailbox, tally: _Tally, screen: Screen) -> None:
    seen = 0
    while True:
        for mail in (await mailbox.wait_for(seen + 1, seconds=600))[seen:]:
            seen += 1
            message_id = str(mail.message["Message-ID"]).strip("<>").partition("@")[0]
            await _arrived(daemon, tally, screen, channel=MAIL, message_id=message_id)


async def _watch_hooks(daemon: Running, hooks: HookReceiver, tally: _Tally, screen: Screen) -> None:
    seen = 0
    while True:
        for call in (await hooks.wait_for(seen + 1, seconds=600))[seen:]:
            seen += 1
            await _arrived(daemon, tally, screen, channel=HOOK, message_id=call.payload["id"])


async def _arrived(daemon: Running, tally: _Tally, screen: Screen, *, channel: str, message_id: str) -> None:
    """Look up in the ledger what the message told, count it and show it."""
    async with daemon.store.db.connection() as conn:
        items = await message_items(conn, message_id)
    if any(item.kind == "summary" for item in items):
        tally.summaries += 1
        screen.summary(channel, items[0].source, len(items))
        return
    for item in items:
        seconds = time.monotonic() - tally.began.get(item.title, time.monotonic())
        tally.slowest = max(tally.slowest, seconds)
        tally.seen.setdefault((channel, item.rule, item.title), []).append(message_id)
        words = dict.fromkeys(str(reason["surface"]) for reason in item.reasons)
        screen.alert(
            Arrival(
                channel=channel,
                rule=item.rule,
                severity=item.severity,
                words=tuple(words),
                story=item.title,
                source=item.source,
                lang=item.lang,
                seconds=round(seconds, 2),
            )
        )
