"""What the daemon tells systemd, over a real notification socket."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from daemon_process import DaemonProcess

from marsad.systemd import notify, watchdog_interval


@pytest.fixture
def manager(short_home: Path) -> Iterator[socket.socket]:
    """The service manager's end of the socket; its path must be short."""
    path = short_home / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(30)
        yield listening
    path.unlink()


def said_until(manager: socket.socket, last: str) -> list[str]:
    said = [manager.recv(4096).decode()]
    while last not in said[-1]:
        said.append(manager.recv(4096).decode())
    return said


async def test_the_daemon_says_ready_alive_and_stopping(
    dsn: str, tmp_path: Path, manager: socket.socket
) -> None:
    daemon = DaemonProcess(folder=tmp_path, dsn=dsn)
    await daemon.start({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "500000"})
    await daemon.wait_for_event("ready")
    assert any("READY=1" in said for said in said_until(manager, "READY=1"))

    alive = said_until(manager, "WATCHDOG=1")[-1]
    assert "STATUS=database answers in" in alive

    assert await daemon.stop() == 0
    assert said_until(manager, "STOPPING=1")[-1] == "STOPPING=1"


def test_an_abstract_socket_is_reached_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0marsad-{tmp_path.name}")
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@marsad-{tmp_path.name}")

        assert notify("READY=1")
        assert listening.recv(100) == b"READY=1"


def test_a_manager_that_is_gone_does_not_stop_the_daemon(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone.sock"))

    assert not notify("READY=1")


def test_without_a_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    assert not notify("READY=1")


def test_the_watchdog_is_fed_twice_as_often_as_it_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert watchdog_interval() == timedelta(seconds=15)

    monkeypatch.delenv("WATCHDOG_USEC")
    assert watchdog_interval() is None
