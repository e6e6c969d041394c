"""The demo's script: which papers there are, what they printed before, and what they print now."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import TypeAdapter

from marsad.demo.outlets import Outlet, Story

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveStory:
    """A story from before the demo starts; it must alert nobody."""

    key: str
    outlet: str
    title: str
    text: str
    hours_old: float

    def story(self, now: datetime) -> Story:
        """As the paper prints it, dated back from `now`."""
        return Story(
            key=self.key, title=self.title, text=self.text, published=now - timedelta(hours=self.hours_old)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """A story that breaks during the demo, and exactly the rules of the pack "iraq" that it must fire."""

    key: str
    outlets: tuple[str, ...]
    lang: str
    title: str
    text: str
    delay: timedelta  # after the story before it
    expected: frozenset[str]
    author: str = ""
    tags: tuple[str, ...] = ()

    @property
    def is_decoy(self) -> bool:
        return not self.expected

    def story(self) -> Story:
        """As the papers print it, dated when they do."""
        return Story(key=self.key, title=self.title, text=self.text, author=self.author, tags=self.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoScript:
    """The whole demo, in order."""

    outlets: tuple[Outlet, ...]
    archive: tuple[ArchiveStory, ...]
    breaking: tuple[DemoStory, ...]


@cache
def script() -> DemoScript:
    """The script that the product brings along."""
    return DemoScript(
        outlets=_rows("outlets", TypeAdapter(list[Outlet])),
        archive=_rows("archive", TypeAdapter(list[ArchiveStory])),
        breaking=_rows("breaking", TypeAdapter(list[DemoStory])),
    )


def _rows(name: str, rows: TypeAdapter[list[Row]]) -> tuple[Row, ...]:
    text = (files("marsad.demo") / "script" / f"{name}.toml").read_text(encoding="utf-8")
    return tuple(rows.validate_python(tomllib.loads(text)[name]))
