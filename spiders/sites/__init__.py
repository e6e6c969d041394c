"""Site spiders: what general reading gets wrong on outlets that matter, told as data, one file for each."""

from functools import cache
from importlib.resources import files

from spiders.readers.links import host_of
from spiders.sites.outlet import split_host
from spiders.sites.outletfile import read_outlet
from spiders.sites.site import Site

KIND = "site:"


@cache
def outlets() -> dict[str, Site]:
    """Every outlet that ships, by name; read once for each process. OutletError when a file is wrong."""
    found = [file for file in files(__name__).joinpath("outlets").iterdir() if file.name.endswith(".toml")]
    sites = (
        read_outlet(file.read_text(encoding="utf-8"), file=file.name)
        for file in sorted(found, key=lambda one: one.name)
    )
    return {site.name: site for site in sites}


def site_for(url: str, *, kind: str | None = None) -> Site | None:
    """The site spider for this address, if its host has one; a kind like `site:skynews` names it outright."""
    if kind and kind.startswith(KIND) and (named := outlets().get(kind.removeprefix(KIND))):
        return named
    parents = host_of(url).split(".")
    hosts = [".".join(parents[at:]) for at in range(len(parents) - 1)]
    candidates = (site for host in hosts for site in _of_host().get(host, ()))
    return next((site for site in candidates if site.owns(url)), None)


@cache
def _of_host() -> dict[str, list[Site]]:
    found: dict[str, list[Site]] = {}
    for site in outlets().values():
        for host in site.hosts:
            found.setdefault(split_host(host)[0], []).append(site)
    return found
