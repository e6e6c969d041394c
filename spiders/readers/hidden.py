"""Articles that stand only in a page's scripts, as data from which a browser would draw them."""

import json
import re
from collections.abc import Iterator

from lxml import etree

from spiders.readers.listing import words_of
from spiders.readers.xml import Node, html_tree

# linear on any input: possessive, and a string without an end takes the rest of the script with it
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_PARAGRAPH = re.compile(r"(?:<|\\u003c|\\x3c|&lt;)p\b", re.IGNORECASE)
_LEAST_CHARS = 250
_MOST_CHARS = 4 << 20  # of all scripts of a page
_LINES = ("p", "h2", "h3", "h4", "li", "blockquote")
_NO_TEXT = ("figure", "figcaption", "script", "style", "aside", "iframe")
_CAPTION = re.compile(r"\bcaption", re.IGNORECASE)


def hidden_text(tree: Node) -> str:
    """The longest run of paragraphs in any string of the page's scripts; empty when there is none worth reading."""
    left, best = _MOST_CHARS, ""
    for node in tree.iter("script"):
        script = node.text or ""
        left -= len(script)
        if left < 0:
            break
        if _PARAGRAPH.search(script):
            best = max(best, *map(_prose, _strings(script)), key=len)
    return best if len(best) >= _LEAST_CHARS else ""


def _strings(script: str, depth: int = 0) -> Iterator[str]:
    """The strings that hold paragraphs, also those inside JSON that is itself a string (Next.js does this)."""
    yield ""
    for found in _STRING.finditer(script):
        if len(found.group(1)) < _LEAST_CHARS or not _PARAGRAPH.search(found.group(1)):
            continue
        try:
            held = json.loads(found.group(), strict=False)
        except ValueError:
            continue
        inner = list(_strings(held, depth + 1)) if depth == 0 else []
        yield from inner if any(inner) else [held]


def _prose(markup: str) -> str:
    """The lines of a fragment of HTML, without its pictures."""
    tree = html_tree(markup) if markup else None
    if tree is None:
        return ""
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    lines = (
        words_of(node)
        for node in tree.iter(*_LINES)
        if not any(_CAPTION.search(one.get("class") or "") for one in (node, *node.iterancestors()))
    )
    return "\n".join(dict.fromkeys(line for line in lines if line))
