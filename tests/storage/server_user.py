"""A program for tests: use the embedded server, write rows and say each one that was acknowledged, until killed."""

import asyncio
import concurrent.futures.thread  # noqa: F401 - after the change of user Python may be out of reach
import os
import sys
from pathlib import Path

from storage.database import open_database
from storage.embedded import embedded_server


async def main(home: Path, *, writes: bool) -> None:
    async with embedded_server(home) as dsn:
        print("dsn", dsn, flush=True)
        if not writes:
            await asyncio.to_thread(sys.stdin.read)
            return
        async with open_database(dsn) as db, db.connection() as conn:
            await conn.execute("CREATE TABLE IF NOT EXISTS public.acked (n int)")
            for n in range(1_000_000):
                await conn.execute("INSERT INTO public.acked VALUES (%s)", (n,))
                print("acked", n, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 3:  # be an ordinary user
        os.setgroups([])
        os.setgid(int(sys.argv[3]))
        os.setuid(int(sys.argv[3]))
    asyncio.run(main(Path(sys.argv[1]), writes=sys.argv[2] == "write"))
