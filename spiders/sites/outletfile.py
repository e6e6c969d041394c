"""An outlet's file, TOML as people write it, to an outlet; what is wrong with it in one line."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from spiders.sites import outlet
from spiders.sites.escapes import BODIES, LISTINGS
from spiders.sites.selectors import wrong_with
from spiders.sites.site import Site

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+(?:/[^?#]*)?")


class OutletError(ValueError):
    """An outlet's file cannot be used; the message names the file, the key and the remedy."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file, self.problem = file, problem


def _selector(text: str) -> str:
    if problem := wrong_with(text):
        raise ValueError(problem)
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"{text!r} is no regular expression: {problem}") from None
    return text


def _host(text: str) -> str:
    if text.startswith("www.") or not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is no host; write for example news.example, without www.")
    return text


Host = Annotated[str, AfterValidator(_host)]
Selectors = tuple[Annotated[str, AfterValidator(_selector)], ...]
Pattern = Annotated[str, AfterValidator(_pattern)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ListingTable(_Table):
    headlines: Selectors = ()
    item: Selectors = ()
    link: Selectors = ()
    title: Selectors = ()
    time: Selectors = ()
    summary: Selectors = ()
    code: str | None = None

    @field_validator("code")
    @classmethod
    def _is_known(cls, code: str | None) -> str | None:
        return _known(code, LISTINGS)

    def listing(self) -> outlet.Listing:
        told = self.model_dump(exclude={"code"})
        return outlet.Listing(**told, code=LISTINGS[self.code] if self.code else None)


class _VersionTable(_Table):
    since: date
    title: Selectors = ()
    standfirst: Selectors = ()
    body: Selectors = ()
    live: Selectors = ()
    drop: Selectors = ()
    drop_lines: tuple[Pattern, ...] = ()
    authors: Selectors = ()
    dates: Selectors = ()
    tags: Selectors = ()
    listing: _ListingTable | None = None
    code: str | None = None

    @field_validator("code")
    @classmethod
    def _is_known(cls, code: str | None) -> str | None:
        return _known(code, BODIES)

    def version(self) -> outlet.Version:
        told = self.model_dump(exclude={"code", "listing", "drop_lines"})
        return outlet.Version(
            **told,
            drop_lines=tuple(map(re.compile, self.drop_lines)),
            listing=self.listing.listing() if self.listing else None,
            code=BODIES[self.code] if self.code else None,
        )


class OutletTable(_Table):
    name: str = Field(pattern=r"^[a-z0-9]+$")
    hosts: tuple[Host, ...] = Field(min_length=1)
    lang: str = Field(pattern=r"^[a-z]{2,3}$")
    zone: str
    story: Pattern
    skip: Pattern | None = None
    langs: dict[Annotated[str, Field(pattern="^/")], Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = {}
    own_names: tuple[str, ...] = ()
    json_ld: frozenset[outlet.Field] = frozenset()
    start: Annotated[str, Field(pattern="^https?://")] | None = None
    version: tuple[_VersionTable, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no time zone; write for example Asia/Baghdad") from None
        return zone

    def site(self) -> Site:
        told = self.model_dump(exclude={"zone", "story", "skip", "version"})
        return Site(
            **told,
            zone=ZoneInfo(self.zone),
            story=re.compile(self.story),
            skip=re.compile(self.skip) if self.skip else None,
            versions=tuple(
                table.version() for table in sorted(self.version, key=lambda one: one.since, reverse=True)
            ),
        )


def read_outlet(text: str, *, file: str) -> Site:
    """The outlet that a file tells; OutletError says what is wrong with it, where, and what to write instead."""
    try:
        told = OutletTable.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise OutletError(file, f"not TOML: {problem}") from None
    except ValidationError as problem:
        raise OutletError(file, _first_fault(problem)) from None
    if file != f"{told.name}.toml":
        raise OutletError(file, f"name: the file of {told.name!r} is called {told.name}.toml")
    return told.site()


def _known(code: str | None, there: Mapping[str, Any]) -> str | None:
    if code is not None and code not in there:
        raise ValueError(f"there is no code {code!r}; spiders/sites/escapes.py has {', '.join(there)}")
    return code


def _first_fault(problem: ValidationError) -> str:
    fault = problem.errors(include_url=False, include_context=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    told = "there is no such key" if fault["type"] == "extra_forbidden" else fault["msg"]
    return f"{key}: {told.removeprefix('Value error, ')}"
