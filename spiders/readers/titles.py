"""One headline out of the five that a page carries, without the site's name at its end."""

import re

from spiders.readers.links import host_of
from spiders.readers.listing import words_of
from spiders.readers.markup import plain
from spiders.readers.structured import Structured
from spiders.readers.xml import Node

_ENDING = re.compile(r"\s+[|\u00ab\u00bb\u2013\u2014:-]{1,2}\s+([^|]{1,60})$|\s?[|｜ㅣ]\s?([^|｜ㅣ]{1,60})$")
_MOST_ENDINGS = 3
_LONGEST_NAME = 5  # words of a site's name


def best_title(tree: Node, said: Structured, extracted: str, *, url: str) -> str:
    """What the page gives to those who share it, else its JSON-LD, else its h1, else its title."""
    shown = [words for node in tree.iter("h1") if (words := plain(words_of(node)))]
    titled = plain(tree.findtext(".//title"))
    names = [_letters(name) for name in (said.site, host_of(url).rpartition(".")[0]) if name]
    known = {_letters(title) for title in (*shown, said.title)}
    stated = [_without_ending(title, known, names) for title in (said.meta_title, said.title)]
    fallback = next(iter(shown), "") or extracted or _without_ending(titled, known, names)
    return next((title for title in stated if title and _letters(title) not in names), fallback)


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


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
