"""Site spiders: what general reading gets wrong on sites that matter, told as data."""

from spiders.readers.links import host_of
from spiders.sites.site import Site
from spiders.sites.skynews import SKY_NEWS
from spiders.sites.skynewsarabia import SKY_NEWS_ARABIA

SITES = (SKY_NEWS, SKY_NEWS_ARABIA)
_OF_NAME = {f"site:{site.name}": site for site in SITES}
_OF_HOST = {host.removeprefix("www."): site for site in SITES for host in site.hosts}


def site_for(url: str, *, kind: str | None = None) -> Site | None:
    """The site spider for this address, if its host has one; a kind like `site:skynews` names it outright."""
    return _OF_NAME.get(kind or "") or _OF_HOST.get(host_of(url))
