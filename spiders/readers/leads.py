"""Standfirsts: the lines between headline and article that extraction takes for decoration."""

import re
from itertools import dropwhile, islice

from spiders.readers.listing import words_of
from spiders.readers.structured import Structured
from spiders.readers.xml import Node, tag_of

_NAMED = re.compile(
    r"(?:^|[\s_-]|(?<=[a-z])(?=[A-Z]))(?:lead|lede|stand-?first|preamble|intro|introduction|ingress|excerpt|subtitle|"
    r"sub-?head(?:line|ing)?|summary|dek|chapo|sottotitolo|sommario|occhiello|entradilla|bajada|vorspann|manchet|"
    r"zajawka|perex)(?:$|[\s_-]|(?=[A-Z]))",
    re.IGNORECASE,
)
_NAMED_OTHERWISE = re.compile(
    r"author|bio(?:$|[\s_-])|caption|image|photo|picture|gallery|video|media|lead-art|related|next|see-also|teaser-|"
    r"comment|share|social|date|info|tag(?:$|[\s_-])|newsletter|promo",
    re.IGNORECASE,
)
_BLOCKS = {"p", "h2", "h3", "h4", "div", "span", "strong", "li", "section", "header", "ul"}
_BESIDE = {"figure", "figcaption", "nav", "aside", "footer", "form", "button", "time", "address", "a"}
_LEAST, _MOST = 40, 700  # characters of a standfirst
_SHORT_START = 20  # letters of the text before its first link or emphasis
_START = 50  # characters that tell a description from other texts; publishers reword its end
_MOST_NODES = 1500  # between a headline and its article
_NAMED_ABOVE = 1  # boxes up, where a paragraph's own name says nothing


def with_lead(text: str, tree: Node, said: Structured) -> str:
    """The text with its standfirst in front, when the page shows one and the extraction left it out."""
    if not text:
        return text
    lead = _described(tree, said.leads, text) or _named(tree, text)
    return f"{lead}\n{text}" if lead else text


def _described(tree: Node, leads: tuple[str, ...], text: str) -> str:
    """A block that begins as one of the page's descriptions does."""
    have = _letters(text)
    starts = tuple(start for lead in leads if len(start := _letters(lead)[:_START]) >= _LEAST // 2)
    if not starts or starts[0] in have:
        return ""
    firsts = {start[0] for start in starts}
    for node in tree.iter(*_BLOCKS):
        words = words_of(node) if _first_letter(node) in firsts and _is_short(node) else ""
        if _LEAST <= len(words) <= _MOST and _letters(words).startswith(starts) and not _is_in(words, have):
            return words
    return ""


def _named(tree: Node, text: str) -> str:
    """A block between the headline and the first line of the text that the page itself names a lead."""
    have, first = _letters(text), _letters(text.partition("\n")[0])[:_START]
    for node in _between(tree, first):
        words = words_of(node) if tag_of(node) in _BLOCKS and _is_short(node) else ""
        if _LEAST <= len(words) <= _MOST and _is_named(node) and not _is_in(words, have):
            return words
    return ""


def _between(tree: Node, first: str) -> list[Node]:
    """The nodes after the headline, in their order, up to the one that begins as the text does; none without both."""
    after = dropwhile(lambda node: tag_of(node) != "h1", tree.iter())
    found: list[Node] = []
    for node in islice(after, 1, _MOST_NODES):
        if first and _letters(node.text or "").startswith(first[:_SHORT_START]):
            return found
        found.append(node)
    return []


def _is_named(node: Node) -> bool:
    boxes = (node, *islice(node.iterancestors(), _NAMED_ABOVE))
    if any(tag_of(one) in _BESIDE for one in (node, *islice(node.iterancestors(), 6))):
        return False
    called = [f"{one.get('class') or ''} {one.get('id') or ''}" for one in boxes]
    return any(map(_NAMED.search, called)) and not any(map(_NAMED_OTHERWISE.search, called))


def _is_in(words: str, have: str) -> bool:
    letters = _letters(words)
    return letters[:_START] in have or letters[-_START:] in have


def _first_letter(node: Node) -> str:
    """In lower case; looked for in the first texts only, and empty when there is none."""
    texts = (str(part) for part in islice(node.itertext(), 10))
    return next((letter.lower()[0] for text in texts for letter in text[:200] if letter.isalnum()), "")


def _is_short(node: Node) -> bool:
    """Few enough parts to be one standfirst; whole pages are not read again and again."""
    return sum(1 for _ in islice(node.iter(), 40)) < 40


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
