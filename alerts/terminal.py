"""The channel "terminal": one readable block per article or incident, for people who watch a screen."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, TextIO

from pydantic import AfterValidator, BaseModel, ConfigDict
from rich.console import Console
from rich.text import Text

from alerts.addresses import zone_name
from alerts.notice import Item, Notice
from alerts.outcome import Delivered, Outcome, TryLater
from alerts.snippet import Passage
from alerts.times import age
from alerts.troubles import TroubleBlock, TroublePage, trouble_page
from alerts.troublewords import trouble_wording
from alerts.view import MOST_LISTED, Block, articles, block
from alerts.volumes import volume_page
from alerts.volumewords import volume_wording
from alerts.wording import ENGLISH

_COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "bold yellow", "low": "bold cyan"}
_MARK = "bold black on yellow"


class TerminalSettings(BaseModel):
    """How the blocks look; colour is left to the terminal unless it is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    colour: Literal["auto", "always", "never"] = "auto"


async def send(notice: Notice, *, settings: TerminalSettings, stream: TextIO, now: datetime) -> Outcome:
    """Write the notice to the stream; a stream that is gone is tried again later."""
    try:
        stream.write(rendered(notice, settings=settings, tty=stream.isatty(), now=now))
        stream.flush()
    except (OSError, ValueError) as error:  # ValueError: the stream is closed
        return TryLater(reason=f"the terminal cannot be written to: {error}")
    return Delivered(detail="shown")


def rendered(notice: Notice, *, settings: TerminalSettings, tty: bool, now: datetime) -> str:
    """One block per article, incident or rule that counts, a summary as a list.

    Rendered before it is written: rich itself ends the process when a pipe breaks (Console.on_broken_pipe).
    """
    page = io.StringIO()
    coloured = {"auto": tty, "always": True, "never": False}[settings.colour]
    console = Console(file=page, force_terminal=coloured, highlight=False, markup=False, emoji=False)
    if notice.kind == "incident":
        lines = _incidents(trouble_page(notice, lang="en", zone=settings.zone))
    elif notice.kind == "volume":
        lines = _volumes(notice, settings.zone)
    else:
        lines = _stories(notice, settings.zone, now)
    for line in lines:
        console.print(line, soft_wrap=True)
    return page.getvalue()


def _stories(notice: Notice, zone: str, now: datetime) -> Iterator[Text]:
    groups = articles(notice)
    for group in groups[:MOST_LISTED]:
        shown = block(group, words=ENGLISH, zone=zone)
        yield from _listed(shown) if notice.kind == "summary" else _lines(shown, group[0], now)
    if len(groups) > MOST_LISTED:
        yield Text(ENGLISH.more_articles.format(len(groups) - MOST_LISTED), style="dim")


def _incidents(page: TroublePage) -> Iterator[Text]:
    """What opened in full, the rest a line each, as the mails have it."""
    words = trouble_wording("en")
    if page.count > 1:
        yield Text(page.subject, style="bold")
    for shown in (*page.opened, *page.closed):
        yield from _trouble(shown)
    for shown in (*page.opened_listed, *page.closed_listed):
        yield Text.assemble("· ", (shown.label, "dim"), "  ", shown.brief)
    if page.left_out:
        yield Text(words.more_incidents.format(page.left_out), style="dim")


def _trouble(shown: TroubleBlock) -> Iterator[Text]:
    words = trouble_wording("en")
    style = "bold red" if shown.state == "opened" else "bold green"
    rules = ", ".join(shown.rules.shown) if shown.rules_since else ""
    more = f" {words.more_rules.format(shown.rules.left_out)}" if rules and shown.rules.left_out else ""
    yield Text.assemble(("▌ ", style), (shown.label.upper(), style), "  ", (shown.brief, "bold"))
    for label, said in (
        ("", shown.detail),
        (f"{words.remedy}: ", shown.remedy),
        (f"{shown.rules_since}: ", rules + more),
        ("", shown.times),
        ("", shown.url),
    ):
        if said:
            yield Text.assemble(("▌ ", style), (label, "dim"), said)
    yield Text("")


def _volumes(notice: Notice, zone: str) -> Iterator[Text]:
    words = volume_wording("en")
    for volume, shown in zip(notice.volumes, volume_page(notice, lang="en", zone=zone).blocks, strict=True):
        style = _COLOURS.get(volume.severity, "bold")
        yield Text.assemble(
            ("▌ ", style), (shown.severity_label.upper(), style), f"  {shown.label}  ", (shown.rule, "bold")
        )
        yield Text.assemble(("▌ ", style), (shown.headline, "bold"), f"  {shown.spark}")
        for said in (
            *shown.notes,
            shown.blind,
            shown.languages and f"{words.by_language}: {shown.languages}",
        ):
            if said:
                yield Text.assemble(("▌ ", style), (said, "dim"))
        for story in shown.stories:
            yield Text.assemble(
                ("▌ ", style), "· ", story.title, (f"  {story.source} · {story.outlets}", "dim")
            )
            yield Text.assemble(("▌ ", style), "  ", (story.url, "blue underline"))
        yield Text("")


def _lines(shown: Block, item: Item, now: datetime) -> list[Text]:
    style = _COLOURS.get(shown.severity, "bold")
    rules = ", ".join(rule.rule for rule in shown.rules)
    source = " · ".join(filter(None, (shown.source, shown.tier, shown.country, age(item.first_seen, now))))
    return [
        Text.assemble(("▌ ", style), (shown.severity_label.upper(), style), "  ", (rules, "bold")),
        Text.assemble(("▌ ", style), *_marked(shown.title, "bold")),
        *(Text.assemble(("▌ ", style), *_marked(passage, "")) for passage in shown.passages[:1]),
        Text.assemble(("▌ ", style), ("matched ", "dim"), *_words(shown)),
        Text.assemble(("▌ ", style), (source, "dim"), *_more(shown)),
        Text.assemble(("▌ ", style), (shown.url, "blue underline")),
        Text(""),
    ]


def _listed(shown: Block) -> list[Text]:
    rules = ", ".join(rule.rule for rule in shown.rules)
    return [
        Text.assemble("· ", *_marked(shown.title, ""), (f"  {shown.source} · {rules}", "dim")),
        Text.assemble("  ", (shown.url, "blue underline")),
    ]


def _marked(passage: Passage, style: str) -> list[tuple[str, str]]:
    return [(piece.text, _MARK if piece.marked else style) for piece in passage]


def _words(shown: Block) -> list[tuple[str, str]]:
    """Every written form once, in its own script, with what it stands for."""
    words = dict.fromkeys((word.surface, word.meaning) for rule in shown.rules for word in rule.words)
    parts: list[tuple[str, str]] = []
    for surface, meaning in words:
        parts += [(surface, _MARK), (f" {meaning}  " if meaning else "  ", "dim")]
    return parts


def _more(shown: Block) -> list[tuple[str, str]]:
    return [(f" · +{shown.more_outlets} outlets", "dim")] if shown.more_outlets else []
