"""Watch files: what to watch, as data. TOML in, checked sources, concepts, rules and channels out."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from alerts.addresses import is_loopback
from alerts.channels import parse_settings
from alerts.problems import ChannelError
from language.concepts import Concept, ConceptError, check_references, parse_concept, shipped
from marsad.errors import BadInput, explain, first_fault
from marsad.textfile import is_file, read_toml
from rules.atoms import parse_item
from rules.durations import parse_duration
from rules.query import QueryError
from rules.rule import RuleError
from scheduler.ruleset import check_rules
from spiders.gate.addresses import Refusal
from spiders.gate.proxies import read_proxy
from spiders.readers.selectors import check_selectors
from spiders.sites import KIND, outlets
from storage.channels import ChannelSpec
from storage.rules import ConceptSpec, RuleSpec
from storage.sources import SourceSpec, source_key

KINDS = ("feed", "sitemap", "listing")  # or KIND with the name of a site spider
SHORTEST = timedelta(seconds=10)  # what other people's servers can be asked for
SHORTEST_HERE = timedelta(seconds=1)  # one's own machine


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListingTable(_Table):
    """A listing page told by selectors, CSS or (with a leading / or .//) XPath, over what is found without."""

    item: str  # the box of one item
    link: str | None = None  # inside the box; default: its first link
    title: str | None = None  # default: the words of the link
    time: str | None = None
    summary: str | None = None
    zone: str | None = None  # of times printed without one, as in Asia/Dubai

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if problem := check_selectors(self.selectors()):
            raise ValueError(problem)
        return self

    def selectors(self) -> dict[str, str]:
        return {name: value for name, value in self.model_dump().items() if value is not None}


class SourceTable(_Table):
    """One [[sources]] table."""

    name: str = Field(min_length=1, max_length=200)
    url: str
    every: Annotated[timedelta, BeforeValidator(parse_duration)] = timedelta(minutes=10)
    kind: str | None = None
    lang: str | None = None
    country: str | None = None
    tags: tuple[str, ...] = ()
    tier: int | None = Field(default=None, ge=1, le=5)
    pages: bool = True
    listing: ListingTable | None = None
    secret_file: str | None = None
    proxy: str | None = None
    browser: bool = False
    robots: Literal["obey", "ignore"] = "obey"

    @field_validator("url")
    @classmethod
    def _is_web(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not a web address; write https://host/path")
        return url

    @field_validator("kind")
    @classmethod
    def _is_a_kind(cls, kind: str | None) -> str | None:
        if kind is None or kind in KINDS:
            return kind
        if kind.startswith(KIND) and kind.removeprefix(KIND) in outlets():
            return kind
        sites = ", ".join(f"{KIND}{name}" for name in outlets())
        raise ValueError(f"{kind!r} is no kind; leave it out, or write one of {', '.join(KINDS)}, {sites}")

    @field_validator("proxy")
    @classmethod
    def _is_a_proxy(cls, text: str | None) -> str | None:
        """Refuse what the gate would refuse at every visit; a login never shows in the refusal."""
        if text is None:
            return None
        proxy = read_proxy(text)
        if isinstance(proxy, Refusal):
            raise ValueError(str(proxy))  # noqa: TRY004 (pydantic takes a ValueError for the answer)
        if proxy.user is not None:
            raise ValueError(
                f"{proxy.place}: a proxy with a login stands here where many read it; name it in [gate] proxy_file"
            )
        return text

    @model_validator(mode="after")
    def _not_too_often(self) -> Self:
        shortest = SHORTEST_HERE if is_loopback(urlsplit(self.url).hostname or "") else SHORTEST
        if self.every < shortest:
            raise ValueError(
                f"every: {self.every.total_seconds():g}s is too often; the shortest is {shortest.total_seconds():g}s"
            )
        return self

    def spec(self) -> SourceSpec:
        return SourceSpec(
            key=source_key(self.url),
            name=self.name,
            url=self.url,
            kind=self.kind,
            every=self.every,
            lang=self.lang,
            country=self.country,
            tags=self.tags,
            tier=self.tier,
            pages=self.pages,
            listing=self.listing.selectors() if self.listing else None,
            secret_file=self.secret_file,
            proxy=self.proxy,
            browser=self.browser,
            robots=self.robots,
        )


class RuleTable(_Table):
    """One [[rules]] table: a query, or a score, or something to count."""

    name: str = Field(min_length=1, max_length=200)
    query: str | None = None
    score: dict[str, Any] | None = None
    spike: dict[str, Any] | None = None
    count: dict[str, Any] | None = None
    absence: dict[str, Any] | None = None
    languages: tuple[str, ...] = ()
    severity: Literal["low", "medium", "high", "critical"] = "medium"
    alert: tuple[str, ...] = ()
    enabled: bool = True

    def spec(self) -> RuleSpec:
        shapes = {"score": self.score, "spike": self.spike, "count": self.count, "absence": self.absence}
        return RuleSpec(
            name=self.name,
            query=self.query,
            definition={key: value for key, value in shapes.items() if value is not None},
            languages=self.languages,
            severity=self.severity,
            alert=self.alert,
            enabled=self.enabled,
        )


class ChannelTable(BaseModel):
    """One [[channels]] table; what else it holds belongs to its kind and is checked there."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str = Field(min_length=1, max_length=100)
    kind: str
    incidents: bool = False  # tell this channel when a source or the installation itself is in trouble

    def spec(self) -> ChannelSpec:
        return ChannelSpec(
            name=self.name,
            kind=self.kind,
            settings=dict(self.model_extra or {}),
            incidents=self.incidents,
        )


class WatchFile(_Table):
    """A whole watch file."""

    sources: tuple[SourceTable, ...] = ()
    concepts: dict[str, dict[str, Any]] = Field(default_factory=dict[str, dict[str, Any]])
    rules: tuple[RuleTable, ...] = ()
    channels: tuple[ChannelTable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSet:
    """Everything that the watch files together ask for, checked."""

    sources: tuple[SourceSpec, ...] = ()
    concepts: tuple[ConceptSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()


def load_watch(names: Sequence[str]) -> WatchSet:
    """Read files, folders and packs into one checked set; BadInput says which file, what, and the remedy."""
    named = [(path, _read(path)) for name in names for path in _files_of(name)]
    shipped_paths = {path for folder in packs().values() for path in folder.glob("*.toml")}
    own = [(str(path), part) for path, part in named if path not in shipped_paths]
    pack = [(str(path), part) for path, part in named if path in shipped_paths]
    parts = [*_giving_way(pack, own), *own]
    _refuse_twice(parts)
    _check(parts)
    return WatchSet(
        sources=tuple(table.spec() for _, part in parts for table in part.sources),
        concepts=tuple(
            ConceptSpec(name=name, terms=terms) for _, part in parts for name, terms in part.concepts.items()
        ),
        rules=tuple(table.spec() for _, part in parts for table in part.rules),
        channels=tuple(table.spec() for _, part in parts for table in part.channels),
    )


def packs() -> dict[str, Path]:
    """The packs that ship with the product, by name."""
    root = Path(str(files("marsad") / "packs"))
    return {
        folder.name: folder
        for folder in sorted(root.iterdir())
        if folder.is_dir() and any(folder.glob("*.toml"))
    }


def _files_of(name: str) -> list[Path]:
    path = Path(name)
    if is_file(path):
        return [path]
    folder = path if os.path.isdir(path) else packs().get(name)  # as in is_file: no PermissionError
    if folder is None:
        raise BadInput(
            f"{name}: no such watch file or folder, and no pack of that name; packs: {', '.join(packs())}"
        )
    found = sorted(folder.glob("*.toml"))
    if not found:
        raise BadInput(f"{folder}: no *.toml file in this folder; put a watch file there")
    return found


def _read(path: Path) -> WatchFile:
    values = read_toml(path)
    try:
        return WatchFile.model_validate(values)
    except ValidationError as error:
        raise BadInput(explain(error, where=_named(path, values, error), root=WatchFile)) from None


def _named(path: Path, values: Mapping[str, Any], error: ValidationError) -> str:
    """Name the table by its name as well as its number: people look for the name."""
    loc = first_fault(error)["loc"]
    try:
        name = values[str(loc[0])][loc[1]]["name"]
    except (KeyError, IndexError, TypeError):
        return str(path)
    return f"{path}: {str(loc[0])[:-1]} {name!r}"


def _giving_way(
    pack: Sequence[tuple[str, WatchFile]], own: Sequence[tuple[str, WatchFile]]
) -> list[tuple[str, WatchFile]]:
    """A shipped pack gives way to what the operator says of the same source, rule, concept or channel."""
    said = {key for _, part in own for key in _keys(part)}
    return [
        (
            path,
            WatchFile(
                sources=tuple(t for t in part.sources if ("source address", t.url) not in said),
                concepts={
                    name: terms for name, terms in part.concepts.items() if ("concept", name) not in said
                },
                rules=tuple(t for t in part.rules if ("rule", t.name) not in said),
                channels=tuple(t for t in part.channels if ("channel", t.name) not in said),
            ),
        )
        for path, part in pack
    ]


def _keys(part: WatchFile) -> list[tuple[str, str]]:
    """What must stand once among all watch files."""
    keys = [("source address", table.url) for table in part.sources]
    keys += [("rule", table.name) for table in part.rules]
    keys += [("channel", table.name) for table in part.channels]
    return keys + [("concept", name) for name in part.concepts]


def _refuse_twice(parts: Iterable[tuple[str, WatchFile]]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for path, part in parts:
        for key in _keys(part):
            if key in seen:
                where = "stands here twice" if seen[key] == path else f"stands in {seen[key]} already"
                raise BadInput(f"{path}: {key[0]} {key[1]!r} {where}; remove one of them")
            seen[key] = path


def _check(parts: Sequence[tuple[str, WatchFile]]) -> None:
    """Compile every concept, rule and channel, so that a bad one never reaches the daemon."""
    channels = {table.name for _, part in parts for table in part.channels}
    concepts = dict(shipped())
    try:
        for path, part in parts:
            own = {name: parse_concept(name, terms, path) for name, terms in part.concepts.items()}
            _check_items(own.values())
            concepts |= own
        check_references(concepts)
    except ConceptError as error:
        raise BadInput(str(error)) from None
    _check_rules({table.name: path for path, part in parts for table in part.rules}, parts, concepts)
    for path, part in parts:
        for table in part.rules:
            _check_alert(path, table, channels)
        for channel in part.channels:
            _check_channel(path, channel)


def _check_items(concepts: Iterable[Concept]) -> None:
    """Read every item as the rules will, also of concepts that no rule names yet. Raises BadInput."""
    for concept in concepts:
        for items in (*concept.terms.values(), *concept.excluded.values()):
            for item in items:
                try:
                    parse_item(item)
                except QueryError as error:
                    where = f"{concept.origin}: concept {concept.name!r}: item {item!r}"
                    raise BadInput(f"{where}: {error.message}; {error.remedy}") from None


def _check_rules(
    paths: Mapping[str, str], parts: Sequence[tuple[str, WatchFile]], concepts: Mapping[str, Concept]
) -> None:
    try:
        check_rules((table.spec() for _, part in parts for table in part.rules), concepts)
    except RuleError as error:
        raise BadInput(f"{paths[error.rule]}: {error}") from None


def _check_alert(path: str, table: RuleTable, channels: set[str]) -> None:
    spec = table.spec()
    for name in spec.alert:
        if name not in channels:
            known = f"known: {', '.join(sorted(channels))}" if channels else "add it as a [[channels]] table"
            raise BadInput(f"{path}: rule {spec.name!r}: alert names no channel {name!r}; {known}")


def _check_channel(path: str, table: ChannelTable) -> None:
    try:
        parse_settings(table.kind, dict(table.model_extra or {}), name=table.name)
    except ChannelError as error:
        raise BadInput(f"{path}: {error}") from None
