"""The daemon as operators meet it: signals, reloads, sources that fail, a database that goes away."""

from pathlib import Path

from daemon_process import DaemonProcess


async def test_a_daemon_that_is_told_to_stop_ends_well(dsn: str, tmp_path: Path) -> None:
    async with DaemonProcess(folder=tmp_path, dsn=dsn) as daemon:
        assert await daemon.stop() == 0
