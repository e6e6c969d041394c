"""The daemon as operators meet it: signals, reloads, sources that fail, a database that goes away."""

from pathlib import Path

from daemon_process import DaemonProcess


async def test_a_daemon_that_is_told_to_stop_ends_well(dsn: str, tmp_path: Path) -> None:
    async with DaemonProcess(folder=tmp_path, dsn=dsn) as daemon:
        assert await daemon.stop() == 0


async def test_x(dsn: str, tmp_path: Path) -> None:
    import time

    t = time.monotonic()
    async with DaemonProcess(folder=tmp_path, dsn=dsn) as daemon:
        print("ready", time.monotonic() - t)
        t = time.monotonic()
        assert await daemon.stop() == 0
        print("stopped", time.monotonic() - t)
        print(daemon.log)
