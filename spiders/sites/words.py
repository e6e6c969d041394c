"""The words of a box on a page, a line for each block, in linear time."""

import copy
import re
from collections.abc import Collection, Sequence

from lxml import etree

from spiders.readers.markup import clean, plain_lines
from spiders.readers.xml import Node, tag_of

_SPACES = re.compile(r"\s+")
# Elements inside a line; every other begins and ends one, so that a stray <div> or <br> never glues two words.
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "strike", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
})  # fmt: skip
_LINKS_ONLY = 0.9  # of an item's letters stand in links: it leads elsewhere
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_INVISIBLE = frozenset({"head", "script", "style", "noscript", "template", "svg"})
# What may stand between the paragraphs of any article and is none of its text.
_NO_TEXT = _INVISIBLE | {
    "aside", "audio", "button", "canvas", "figcaption", "figure", "form", "iframe", "input", "nav", "object", "select",
    "textarea", "video",
}  # fmt: skip


def article_lines(
    boxes: Sequence[Node], *, unwanted: Collection[Node], drop_lines: Sequence[re.Pattern[str]] = ()
) -> list[str]:
    """The lines of the boxes in the page's order, without what is named as unwanted."""
    found = set(boxes)
    outermost = [box for box in boxes if found.isdisjoint(box.iterancestors())]
    asides = {node for box in outermost for node in box.iterdescendants() if _is_aside(node)}
    dropped = asides.union(unwanted)
    lines = [line for box in outermost if box not in dropped for line in _lines(box, dropped, _NO_TEXT)]
    return [line for line in lines if not any(pattern.search(line) for pattern in drop_lines)]


def _is_aside(node: Node) -> bool:
    """Whether an element inside an article is none of its text, on any site: hidden, or only leading elsewhere."""
    if node.get("hidden") is not None or _HIDDEN.search(node.get("style") or ""):
        return True
    if tag_of(node) not in ("p", "li"):
        return False
    linked = sum(len(_words(link)) for link in node.iter("a"))
    return bool(linked) and linked > _LINKS_ONLY * len(_words(node))


def _words(node: Node) -> str:
    return "".join("".join(str(part) for part in node.itertext()).split())


def without(tree: Node, unwanted: Collection[Node]) -> Node:
    """A copy of the page without the unwanted elements; the words after them stay."""
    if not unwanted:
        return tree
    nodes = list(tree.iter())
    page = copy.deepcopy(tree)
    doomed = [twin for node, twin in zip(nodes, page.iter(), strict=True) if node in unwanted]
    for twin in doomed:
        parent = twin.getparent()
        if parent is not None:
            _leave_tail(twin, parent)
            parent.remove(twin)
    return page


def _leave_tail(node: Node, parent: Node) -> None:
    before = node.getprevious()
    if before is not None:
        before.tail = f"{before.tail or ''} {node.tail or ''}"
    else:
        parent.text = f"{parent.text or ''} {node.tail or ''}"


def is_whole(tree: Node, text: str) -> bool:
    """Whether the parser has seen the page to its end; 255 nested boxes make it drop the rest in silence."""
    seen = sum(map(len, _lines(tree, (), _INVISIBLE)))
    return 2 * seen >= len(plain_lines(text).replace("\n", ""))


def letters(text: str) -> str:
    """Only letters and digits, in lower case: the same words however they are spaced."""
    return "".join(filter(str.isalnum, text.lower()))


def _lines(box: Node, unwanted: Collection[Node], silent: Collection[str]) -> list[str]:
    parts: list[str] = []
    walk = etree.iterwalk(box, events=("start", "end"))
    for event, node in walk:
        tag = tag_of(node)
        edge = "" if tag in _INLINE or tag in _INVISIBLE else "\n"
        if event == "start":
            if node in unwanted or tag in silent:
                walk.skip_subtree()
                continue
            parts += (edge, _SPACES.sub(" ", node.text or ""))
        else:
            parts += (edge, _SPACES.sub(" ", node.tail or "") if node is not box else "")
    lines = (" ".join(line.split()) for line in clean("".join(parts)).split("\n"))
    return [line for line in lines if line]
