"""`reader`, the feed library: the same feeds, new and then unchanged, in a database file of its own."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import feedparser_sgmllib

sys.modules.setdefault(
    "sgmllib", feedparser_sgmllib
)  # reader carries an older feedparser that asks for this name
from reader import make_reader  # noqa: E402

WORKERS = 4  # threads that fetch; more of them were no faster on two cores


def update(urls: list[str], database: Path, rounds: int) -> dict[str, Any]:
    """Seconds for a first look at every feed, and for each round of looking again."""
    reader = make_reader(str(database))
    try:
        for url in urls:
            reader.add_feed(url)
        seconds = [_update(reader) for _ in range(rounds)]
        return {"seconds": seconds, "entries": reader.get_entry_counts().total}
    finally:
        reader.close()


def _update(reader: Any) -> float:
    began = time.monotonic()
    reader.update_feeds(scheduled=False, workers=WORKERS)
    return time.monotonic() - began


def main() -> None:
    """`python -m bench.withreader DATABASE ROUNDS`, addresses on standard input, a line each."""
    print(json.dumps(update(sys.stdin.read().split(), Path(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
