"""A small press for daemons under test: one paper, its stories, and the watch file that follows it."""

from marsad.demo.newspaper import Newspaper
from marsad.demo.outlets import Outlet, OutletKind, Story

PAPER = "courier"
OUTLET = Outlet(key=PAPER, name="The Tigris Courier", lang="en", kind=OutletKind.RSS)


def newspaper() -> Newspaper:
    return Newspaper([OUTLET])


def story(title: str) -> Story:
    return Story(key=title.lower().replace(" ", "-"), title=title, text=f"{title}, says the paper.")


def source(press: Newspaper, *, name: str = "Courier") -> str:
    return source_at(press.url(PAPER), name=name)


def source_at(url: str, *, name: str) -> str:
    return f'[[sources]]\nname = "{name}"\nurl = "{url}"\nevery = "1s"\npages = false\n'


def rule(name: str, query: str) -> str:
    return f'[[rules]]\nname = "{name}"\nquery = "{query}"\n'
