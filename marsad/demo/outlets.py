"""Outlets and stories: who publishes in the demo world, in which form, and what."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "he", "ur"})


class OutletKind(StrEnum):
    """The five ways in which the outlets of the demo world tell what is new."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"
    LISTING = "listing"


_SOURCE_FILES = {
    OutletKind.RSS: "rss.xml",
    OutletKind.ATOM: "atom.xml",
    OutletKind.JSON: "feed.json",
    OutletKind.SITEMAP: "news-sitemap.xml",
    OutletKind.LISTING: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One paper. Its source shows the `window` newest stories, as real feeds do."""

    key: str
    name: str
    lang: str
    kind: OutletKind
    country: str = ""
    window: int = 30

    @property
    def path(self) -> str:
        """Where its feed, sitemap or listing is."""
        return f"/{self.key}/{_SOURCE_FILES[self.kind]}"

    @property
    def direction(self) -> str:
        return "rtl" if self.lang in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article; paragraphs of `text` are parted by blank lines. `published` None: when it is published."""

    key: str
    title: str
    text: str
    published: datetime | None = None
    author: str = ""
    tags: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in self.text.split("\n\n") if part.strip()]

    @property
    def lead(self) -> str:
        """The first paragraph, which is all that a feed shows."""
        return next(iter(self.paragraphs), "")

    @property
    def slug(self) -> str:
        """The last part of its address: the key and eight digits, as Sky News numbers its stories."""
        number = int.from_bytes(hashlib.sha256(self.key.encode()).digest()[:4], "big") % 90_000_000
        return f"{self.key}-{10_000_000 + number}"
