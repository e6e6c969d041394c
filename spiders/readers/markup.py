"""Markup to plain text in linear time, for titles, summaries and pages on which real parsers give up."""

import html
import re
from collections.abc import Iterable
from functools import lru_cache

# Linear on every input: "<" never stands inside, so no letter is looked at from two beginnings.
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "kbd",
    "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
}  # fmt: skip
_COMMENT = "!--"
_INVISIBLE = ("head", "script", "style", "noscript", "template", "svg")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\s*\n\s*")


def clean(text: str) -> str:
    """Without the characters that no database, mail header or XML file takes."""
    return _CONTROLS.sub("", text)


def plain(text: str | None) -> str:
    """One line of plain text: tags gone, entities resolved, spaces single."""
    return _SPACES.sub(" ", clean(html.unescape(_untagged(text or "")))).strip()


def plain_lines(text: str) -> str:
    """Plain text of a whole page, a line per block; nothing visible is lost, however deep it stands."""
    bare = clean(html.unescape(_untagged(without(text, _INVISIBLE), gap="\n")))
    return _EMPTY_LINES.sub("\n", _LINE_SPACES.sub(" ", bare)).strip()


def without(text: str, names: Iterable[str]) -> str:
    """The text less its comments and the named elements with all that is in them; a comment inside a word joins it.

    An element that never ends is left in, rather than lose what follows it; one look for each end keeps this linear.
    """
    opening, closings = _ends_of(tuple(names))
    kept: list[str] = []
    endless: set[str] = set()
    kept_to = at = 0
    while opened := opening.search(text, at):
        name, at = opened.group(1).lower(), opened.end()
        closed = None if name in endless else closings[name].search(text, at)
        if closed is None:
            endless.add(name)
            continue
        kept += (text[kept_to : opened.start()], "" if name == _COMMENT else " ")
        kept_to = at = closed.end()
    return "".join([*kept, text[kept_to:]])


@lru_cache(maxsize=20)
def _ends_of(names: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """What begins a comment or one of these elements, and what ends each."""
    opening = re.compile(rf"<({_COMMENT}|(?:{'|'.join(names) or _COMMENT})(?![a-zA-Z0-9]))", re.IGNORECASE)
    closings = {name: re.compile(rf"</{name}[^<>]*>?", re.IGNORECASE) for name in names}
    return opening, closings | {_COMMENT: re.compile(r"-->")}


def _untagged(text: str, gap: str = " ") -> str:
    if "<" not in text:
        return text
    return _TAG.sub(lambda tag: _gap(tag.group(), gap), without(text, ()))


def _gap(tag: str, gap: str) -> str:
    """A tag inside a line leaves nothing, so that `<b>I</b>raq` stays one word; any other ends the word."""
    name = _NAME.match(tag)
    return "" if name and name.group(1).lower() in _INLINE else gap
