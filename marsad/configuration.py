"""Configuration: read once at the front door, from a TOML file and MARSAD_* variables; a typo is an error."""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from alerts.email import SmtpServer
from marsad.errors import BadInput, explain

PREFIX = "MARSAD_"
FILE_NAME = "marsad.toml"
# Set by tests and by systemd, never settings of ours.
NOT_SETTINGS = {"MARSAD_CONFIG", "MARSAD_CRASHPOINT"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _split(value: object) -> object:
    """A list may be written with commas where it comes from the environment."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class GateSettings(_Section):
    """What the one gate lets out."""

    allow_networks: Annotated[
        tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], BeforeValidator(_split)
    ] = ()
    ports: Annotated[tuple[int, ...], BeforeValidator(_split)] = (80, 443, 8080, 8443)
    user_agent: str = "Marsad/0.1 (news monitoring)"


class CollectSettings(_Section):
    """How hard to collect."""

    concurrency: int = Field(default=32, ge=1, le=1000)
    per_host: int = Field(default=2, ge=1, le=16)
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
    zone: str = "UTC"
    smtp: SmtpServer | None = None
    gate: GateSettings = GateSettings()
    collect: CollectSettings = CollectSettings()
    deliver: DeliverSettings = DeliverSettings()
    log: LogSettings = LogSettings()


def database_of(configuration: Configuration) -> str | None:
    """The DSN, from wherever it was given; None means the embedded server."""
    if configuration.dsn is not None:
        return configuration.dsn.get_secret_value()
    if configuration.dsn_file is None:
        return None
    try:
        return configuration.dsn_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"dsn_file {configuration.dsn_file}: cannot be read: {error}") from None


def load_configuration(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Configuration:
    """Read file, then environment, then the command line's overrides; BadInput names the place and the remedy."""
    found = _find_file(path, environ)
    values = _read_toml(found) if found else {}
    _merge(values, _from_environment(environ))
    _merge(values, dict(overrides or {}))
    try:
        return Configuration.model_validate(values)
    except ValidationError as error:
        where = str(found) if found else "configuration"
        raise BadInput(explain(error, where=where, root=Configuration)) from None


def _find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["MARSAD_CONFIG"]) if environ.get("MARSAD_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise BadInput(f"{named}: no such configuration file; check --config or MARSAD_CONFIG")
        return named
    config_home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path(FILE_NAME), config_home / "marsad" / FILE_NAME, Path("/etc/marsad") / FILE_NAME)
    return next((place for place in places if place.is_file()), None)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: not valid TOML: {error}") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """MARSAD_COLLECT__CONCURRENCY=8 means [collect] concurrency = 8; an unknown name is an error, not silence."""
    values: dict[str, Any] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        if path[0] not in Configuration.model_fields:
            near = difflib.get_close_matches(path[0], Configuration.model_fields, n=1)
            hint = f"; did you mean {PREFIX}{near[0].upper()}?" if near else "; unset it or correct its name"
            raise BadInput(f"environment: {name} is not a setting of Marsad{hint}")
        node = values
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return values


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
