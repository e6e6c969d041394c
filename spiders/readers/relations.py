"""Where else a feed points: to its older pages, to itself, to its hubs and to its site."""

from collections.abc import Iterable
from dataclasses import dataclass

from spiders.readers.links import absolute

MOST_HUBS = 10
_IANA = "http://www.iana.org/assignments/relation/"  # what rel may begin with (RFC 4287, 4.2.7.2)
Link = tuple[str, str | None]  # rel and href


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Absolute http addresses, or None and nothing."""

    older: str | None = None
    self_url: str | None = None
    hubs: tuple[str, ...] = ()
    site_url: str | None = None


def relations(links: Iterable[Link], *, site: str | None, url: str, base: str) -> Relations:
    """What a feed's links say: rel="prev-archive" before "next" (RFC 5005), "self", "hub" (WebSub)."""
    found: dict[str, list[str]] = {}
    for rel, href in links:
        link = absolute(href, base)
        if link:
            found.setdefault(rel.strip().lower().removeprefix(_IANA), []).append(link)
    older = [link for rel in ("prev-archive", "next") for link in found.get(rel, ())]
    return Relations(
        older=next((link for link in older if link.partition("#")[0] != url.partition("#")[0]), None),
        self_url=next(iter(found.get("self", ())), None),
        hubs=tuple(dict.fromkeys(found.get("hub", ())))[:MOST_HUBS],
        site_url=absolute(site, base) or next(iter(found.get("alternate", ())), None),
    )
