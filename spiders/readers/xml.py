"""XML and HTML trees from hostile text: no entity, no network, no surprise."""

from typing import TypeAlias, cast

from lxml import etree, html

Node: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - the only name lxml gives to its nodes


def xml_parser(*, recover: bool) -> etree.XMLParser:
    """A parser that resolves nothing and fetches nothing."""
    return etree.XMLParser(recover=recover, resolve_entities=False, no_network=True, huge_tree=False)


def html_tree(text: str) -> Node | None:
    """The page as a tree, comments and processing instructions left out; None when there is none to make."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def tag_of(node: Node | None) -> str:
    """The local name in lower case; empty for comments, the like, and no node."""
    tag = cast(object, node.tag) if node is not None else None
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
