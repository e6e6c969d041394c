"""Hubs: what a visit tells of who would push its source's news, and of what was not pushed although it should be."""

import structlog

from scheduler.arrivals import Gathered, Harvest
from spiders.websub import find_offer
from storage.database import Conn
from storage.subscriptions import count_missed, keep_offer

log = structlog.get_logger()


async def note_hubs(conn: Conn, harvest: Harvest, gathered: Gathered) -> int:
    """Keep what the source says of its hubs, in the transaction of the visit; the new entries that no push brought."""
    fetched, read = harvest.fetched, harvest.read
    offer = find_offer(fetched.headers, final_url=fetched.final_url, self_url=read.self_url, hubs=read.hubs)
    if offer is None and (fetched.truncated or read.error or not read.entries):
        return 0  # what came in part may have lost the words about its hub
    await keep_offer(conn, harvest.source.id, offer)
    if offer is None or not gathered.new:
        return 0
    missed = await count_missed(
        conn, harvest.source.id, new_entries=gathered.new, looked_at=harvest.source.last_visited_at
    )
    if missed:
        log.warning("push_missed", source=harvest.source.name, entries=missed, hub=offer.hubs[0])
    return missed
