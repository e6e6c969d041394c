"""Tell systemd how we are (sd_notify protocol): ready, alive, stopping. Does nothing elsewhere."""

import os
import socket
from datetime import timedelta

import structlog

log = structlog.get_logger()


def notify(message: str) -> bool:
    """Send one datagram such as READY=1 to the service manager; False when none hears it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect(address)
            sock.sendall(message.encode())
    except OSError as error:  # the watchdog ends what it cannot hear; we need not do it ourselves
        log.warning("manager_not_told", message=message, reason=error.strerror)
        return False
    return True


def watchdog_interval() -> timedelta | None:
    """Half of what the unit's WatchdogSec allows; None when the unit asks for no watchdog."""
    microseconds = os.environ.get("WATCHDOG_USEC")
    return timedelta(microseconds=int(microseconds) / 2) if microseconds else None
