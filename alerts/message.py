"""From a notice to words: subject, plain text, HTML and JSON of one message."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.notice import Item, Notice
from alerts.payload import payload
from alerts.safe import isolate, one_line, shorten
from alerts.snippet import plain
from alerts.times import shown
from alerts.troubles import trouble_page
from alerts.troublewords import trouble_wording
from alerts.view import MOST_IN_FULL, MOST_LISTED, articles, block, counted, rule_label
from alerts.volumes import volume_page
from alerts.volumewords import volume_wording
from alerts.wording import Lang, Wording, wording

LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in all its forms; `payload` is JSON as webhooks get it."""

    subject: str
    text: str
    html: str
    payload: dict[str, Any]


def build(notice: Notice, *, zone: str = "UTC", lang: Lang = "en") -> Message:
    """Word the notice for a reader of this zone and language; the plain text says all that the HTML says."""
    match notice.kind:
        case "incident":
            return _troubles(notice, zone, lang)
        case "volume":
            return _volumes(notice, zone, lang)
        case "story" | "summary":
            return _stories(notice, zone, lang)


def _stories(notice: Notice, zone: str, lang: Lang) -> Message:
    words = wording(lang)
    groups = articles(notice)
    subject = _subject(notice, groups, words)
    in_full = MOST_IN_FULL if notice.kind == "story" else 0
    shown_groups = groups[: in_full + MOST_LISTED]
    blocks = [block(group, words=words, zone=zone) for group in shown_groups]
    values: dict[str, Any] = {
        "w": words,
        "subject": subject,
        "kind": notice.kind,
        "blocks": blocks[:in_full],
        "listed": blocks[in_full:],
        "left_out": max(0, _count(notice, groups) - len(blocks)),
        "late": _late(notice, words, zone),
        "footer": words.footer,
    }
    return _message("alert", notice, values)


def _troubles(notice: Notice, zone: str, lang: Lang) -> Message:
    words, page = trouble_wording(lang), trouble_page(notice, lang=lang, zone=zone)
    values: dict[str, Any] = {
        "w": wording(lang),
        "t": words,
        "subject": page.subject,
        "page": page,
        "late": _late(notice, wording(lang), zone),
        "footer": words.footer,
    }
    return _message("trouble", notice, values)


def _volumes(notice: Notice, zone: str, lang: Lang) -> Message:
    words, page = volume_wording(lang), volume_page(notice, lang=lang, zone=zone)
    values: dict[str, Any] = {
        "w": wording(lang),
        "v": words,
        "subject": page.subject,
        "page": page,
        "late": _late(notice, wording(lang), zone),
        "footer": words.footer,
    }
    return _message("volume", notice, values)


def _message(template: str, notice: Notice, values: dict[str, Any]) -> Message:
    return Message(
        subject=values["subject"],
        text=_render(f"{template}.txt.j2", values),
        html=_render(f"{template}.html.j2", values),
        payload=payload(notice).model_dump(mode="json"),
    )


def _subject(notice: Notice, groups: tuple[tuple[Item, ...], ...], words: Wording) -> str:
    if not groups:
        return words.brand
    count = _count(notice, groups)
    if notice.kind == "summary":
        rule = counted((item.rule for item in notice.items), words.rules_many)
        source = counted((item.source for item in notice.items), words.sources_many)
        look = words.first_look_one if count == 1 else words.first_look
        return shorten(look.format(count, rule, source), LONGEST_SUBJECT)
    first = groups[0]
    severity = words.severities.get(first[0].severity, one_line(first[0].severity, 20))
    title = one_line(first[0].title or first[0].story_title or first[0].article_url)
    if count > 1:
        rule = rule_label(notice.items, words)
        return shorten(f"[{severity}] {words.several.format(count, rule)}: {title}", LONGEST_SUBJECT)
    return shorten(f"[{severity}] {rule_label(first, words)}: {title}", LONGEST_SUBJECT)


def _count(notice: Notice, groups: tuple[tuple[Item, ...], ...]) -> int:
    """How many articles there are: those at hand, and those that `total` says were left out."""
    return len(groups) + notice.count - len(notice.items)


def _late(notice: Notice, words: Wording, zone: str) -> str:
    return words.late.format(notice.attempt, shown(notice.owed_at, zone)) if notice.attempt > 1 else ""


def _render(template: str, values: dict[str, Any]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("alerts"),
        autoescape=select_autoescape(disabled_extensions=("txt.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., str]] = {"isolate": isolate, "plain": plain}
    environment.filters.update(filters)
    return environment
