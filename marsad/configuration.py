"""Configuration: read once at the front door, from a TOML file and MARSAD_* variables; a typo is an error."""

import difflib
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from alerts.email import SmtpServer
from marsad.errors import BadInput, explain, first_fault
from marsad.textfile import is_file, read_text, read_toml
from rules.durations import parse_duration
from spiders.gate.addresses import Network, Refusal, parse_networks
from spiders.gate.proxies import Proxy, read_proxy

PREFIX = "MARSAD_"
FILE_NAME = "marsad.toml"
# Set by tests and by systemd, never settings of ours.
NOT_SETTINGS = {"MARSAD_CONFIG", "MARSAD_CRASHPOINT"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _split(value: object) -> object:
    """A list may be written with commas where it comes from the environment."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _networks(value: object) -> object:
    """Strictly read, where pydantic would make 10.0.0.0/8 of 10.1.2.3/8: what is let out is never guessed."""
    parts = _split(value)
    return parse_networks(str(part) for part in parts) if isinstance(parts, (list, tuple)) else parts


class GateSettings(_Section):
    """What the one gate lets out."""

    allow_networks: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    ports: Annotated[tuple[int, ...], BeforeValidator(_split)] = (80, 443, 8080, 8443)
    trust_ca_files: Annotated[tuple[Path, ...], BeforeValidator(_split)] = ()
    user_agent: str = "Marsad/0.1 (news monitoring)"
    proxy: str | None = None
    proxy_file: Path | None = None  # the proxy in a file of its own, with its user name and password
    browser_path: Path | None = None

    @field_validator("proxy")
    @classmethod
    def _proxy_without_login(cls, value: str | None) -> str | None:
        proxy = read_proxy(value) if value is not None else None
        reason = proxy.reason if isinstance(proxy, Refusal) else None
        if isinstance(proxy, Proxy) and proxy.user is not None:
            reason = (
                "a user name and a password do not belong here; put the URL in a file, named in proxy_file"
            )
        if reason is not None:
            raise ValueError(reason)
        return value

    @model_validator(mode="after")
    def _one_proxy(self) -> Self:
        if self.proxy is not None and self.proxy_file is not None:
            raise ValueError("give proxy or proxy_file, not both")
        return self


class CollectSettings(_Section):
    """How hard to collect."""

    concurrency: int = Field(default=32, ge=1, le=1000)
    per_host: int = Field(default=2, ge=1, le=16)
    pause_seconds: float = Field(default=1.0, ge=0, le=60)
    readers: int = Field(default=2, ge=1, le=64)
    tick_seconds: float = Field(default=1.0, gt=0, le=60)
    pages: bool = True
    timeout_seconds: float = Field(default=30.0, gt=0, le=300)
    lease_seconds: float = Field(default=30.0, ge=1, le=3600)


class DeliverSettings(_Section):
    """How to tell."""

    concurrency: int = Field(default=10, ge=1, le=200)
    sweep_seconds: float = Field(default=10.0, gt=0, le=300)
    lease_seconds: float = Field(default=30.0, ge=1, le=3600)


class PushSettings(_Section):
    """Where hubs may call us (WebSub); off unless both addresses are given."""

    listen: str | None = None  # host:port on this machine, behind a reverse proxy
    callback_url: str | None = None  # where that is from outside
    lease: Annotated[timedelta, BeforeValidator(parse_duration)] = Field(
        default=timedelta(days=10), ge=timedelta(minutes=5), le=timedelta(days=30)
    )
    subscribe: bool = True  # false: listen on, but leave every hub

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str | None) -> str | None:
        if value is not None:
            host_and_port(value)
        return value

    @field_validator("callback_url")
    @classmethod
    def _callback(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", value):
            raise ValueError(f"{value!r} is not an address that hubs can call; write https://host/path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.listen is None) != (self.callback_url is None):
            missing = "callback_url" if self.callback_url is None else "listen"
            raise ValueError(f"{missing} is missing; hubs need an address to call, and we a place to listen")
        return self


def host_and_port(listen: str) -> tuple[str, int]:
    """Read "127.0.0.1:8711" or "[::1]:8711"; ValueError with an example."""
    host, _, port = listen.rpartition(":")
    try:
        ip_address(host.strip("[]"))
        if not 0 <= int(port) <= 65535:
            raise ValueError(port)
    except ValueError:
        raise ValueError(f"{listen!r} is no place to listen; write for example 127.0.0.1:8711") from None
    return host.strip("[]"), int(port)


class LogSettings(_Section):
    """What the log shows."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


def default_home() -> Path:
    """Where the embedded database and the captures live: for root a system folder, else the user's state folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/marsad")
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "marsad"


class Configuration(_Section):
    """Everything the operator decides; what to watch stands in watch files, not here."""

    home: Path = Field(default_factory=default_home)
    dsn: SecretStr | None = None
    dsn_file: Path | None = None  # the DSN in a file of its own, for containers and systemd credentials
    watch: Annotated[tuple[str, ...], BeforeValidator(_split)] = ("iraq",)
    smtp: SmtpServer | None = None
    gate: GateSettings = GateSettings()
    collect: CollectSettings = CollectSettings()
    deliver: DeliverSettings = DeliverSettings()
    push: PushSettings = PushSettings()
    log: LogSettings = LogSettings()


def database_of(configuration: Configuration) -> str | None:
    """The DSN, from wherever it was given; None means the embedded server."""
    if configuration.dsn is not None:
        return configuration.dsn.get_secret_value()
    if configuration.dsn_file is None:
        return None
    return read_text(configuration.dsn_file).strip()


def load_configuration(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Configuration:
    """Read file, then environment, then the command line's overrides; BadInput names the place and the remedy."""
    found = _find_file(path, environ)
    values = read_toml(found) if found else {}
    named, from_environment = _from_environment(environ)
    _merge(values, from_environment)
    _merge(values, dict(overrides or {}))
    try:
        return Configuration.model_validate(values)
    except ValidationError as error:
        loc = first_fault(error)["loc"]
        variable = next((named[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in named), None)
        where = f"environment: {variable}" if variable else str(found or "command line")
        raise BadInput(explain(error, where=where, root=Configuration)) from None


def _find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["MARSAD_CONFIG"]) if environ.get("MARSAD_CONFIG") else None)
    if named is not None:
        if not is_file(named):
            raise BadInput(f"{named}: no such configuration file; check --config or MARSAD_CONFIG")
        return named
    config_home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path(FILE_NAME), config_home / "marsad" / FILE_NAME, Path("/etc/marsad") / FILE_NAME)
    return next((place for place in places if is_file(place)), None)


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[tuple[int | str, ...], str], dict[str, Any]]:
    """MARSAD_COLLECT__CONCURRENCY=8 means [collect] concurrency = 8; an unknown name is an error, not silence.

    Answers which variable set which place, and the values as the file would have them.
    """
    named: dict[tuple[int | str, ...], str] = {}
    values: dict[str, Any] = {}
    for name, value in sorted(
        environ.items(), reverse=True
    ):  # MARSAD_SMTP after what it would hide: an error
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        if path[0] not in Configuration.model_fields:
            near = difflib.get_close_matches(path[0], Configuration.model_fields, n=1)
            meant = PREFIX + "__".join([*near, *path[1:]]).upper()
            hint = f"; did you mean {meant}?" if near else "; unset it or correct its name"
            raise BadInput(f"environment: {name} is not a setting of Marsad{hint}")
        named[tuple(path)] = name
        nested: Any = value
        for part in reversed(path):
            nested = {part: nested}
        _merge(values, nested)
    return named, values


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
