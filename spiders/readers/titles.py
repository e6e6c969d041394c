"""One headline out of the five that a page carries, without the site's name at its end."""

import html
import re

from spiders.readers.links import host_of
from spiders.readers.listing import words_of
from spiders.readers.markup import plain
from spiders.readers.structured import Structured
from spiders.readers.xml import Node

_ENDING = re.compile(r"\s+[|\u00ab\u00bb\u2013\u2014:-]{1,2}\s+([^|]{1,60})$|\s?[|｜ㅣ]\s?([^|｜ㅣ]{1,60})$")
_MOST_ENDINGS = 3
_LONGEST_NAME = 5  # words of a site's name
_CUT_CHARS = 100  # search engines take headlines of 110 characters, and systems cut theirs about there
_START_CHARS = 40  # of a headline: where a page repeats it, it is often cut


def best_title(tree: Node, said: Structured, extracted: str, page: str, *, url: str) -> str:
    """The headline that the page uses, of those it states for sharing (og:title), search (JSON-LD) and readers (h1).

    What is shared and what is searched are often variants. Where the two agree, that is the title. Where they do not,
    it is the one that the page carries more often apart from these statements: in links, captions and its own data.
    """
    names = [_letters(name) for name in (said.site, host_of(url).rpartition(".")[0]) if name]
    shown = [words for node in tree.iter("h1") if (words := plain(words_of(node)))]
    known = {_letters(title) for title in (*shown, said.title)} - {""}
    titled = plain(tree.findtext(".//title"))
    shared, twitter, searched, tab = (
        _own(_without_ending(title, known, names), names)
        for title in (said.meta_title, said.shared_title, said.title, titled)
    )
    read = _read(shown, (shared, searched, twitter, tab), names)
    if not (shared or searched):
        return read or extracted or tab
    raw = (said.meta_title, said.shared_title, said.title, titled, read)
    if not searched or not _same(shared, searched):
        variants = _same(shared, twitter) and (not searched or _same(read, searched))
        ranked = (read, searched, shared) if variants else (shared, searched, read)
        chosen = _most_used([title for title in ranked if _letters(title)], page, raw) or tab
    else:
        chosen = shared
    return _whole(chosen, (searched, read, shared))


def _read(shown: list[str], stated: tuple[str, ...], names: list[str]) -> str:
    """The h1 that some other statement confirms, else the first that is not the site's name."""
    own = [title for title in shown if _own(title, names)]
    confirmed = (title for title in own if any(_same(title, other) for other in stated))
    return next(confirmed, next(iter(own), ""))


def _most_used(ranked: list[str], page: str, stated: tuple[str, ...]) -> str:
    """The headline that stands most often on the page beyond its statements; of equals the first."""
    if len({_letters(title) for title in ranked}) < 2:
        return next(iter(ranked), "")
    there = html.unescape(page)
    used: dict[str, int] = {}
    for title in ranked:
        start = title[:_START_CHARS]
        uses = max(0, there.count(start) - sum(start in one for one in stated))
        used[_letters(title)] = max(uses, used.get(_letters(title), 0))
    return max(ranked, key=lambda title: used[_letters(title)])


def _whole(title: str, others: tuple[str, ...]) -> str:
    """The same headline in full, when this one was cut off."""
    start = _letters(title)
    if not title.endswith(("…", "...")) and len(title) < _CUT_CHARS:
        return title
    return next(
        (other for other in others if len(other) > len(title) and _letters(other).startswith(start)), title
    )


def _own(title: str, names: list[str]) -> str:
    """The title, unless it is only what the site is called."""
    return "" if _letters(title) in names else title


def _without_ending(title: str, known: set[str], names: list[str]) -> str:
    """Cut off the site's name, when the ending is it or what is left is a headline seen elsewhere."""
    for _ in range(_MOST_ENDINGS):
        found = _ENDING.search(title)
        if not found:
            return title
        ending = found.group(1) or found.group(2)
        letters, rest = _letters(ending), title[: found.start()].strip()
        named = any(letters and (letters in name or name in letters) for name in names)
        if not (rest and (_letters(rest) in known or (named and len(ending.split()) <= _LONGEST_NAME))):
            return title
        title = rest
    return title


def _same(one: str, other: str) -> bool:
    letters = _letters(one)
    return bool(letters) and letters == _letters(other)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
