"""One Chromium with its driver: found, started without a network of its own, and killed."""

import asyncio
import importlib
import importlib.util
import os
import shutil
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spiders.fetching import FailureKind

if TYPE_CHECKING:
    from playwright.async_api import Browser as PlaywrightBrowser
    from playwright.async_api import Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PAGES_UNTIL_RESTART = 100  # browsers grow
_CLOSING_SECONDS = 5.0
_LONGEST_DETAIL = 160
_ARGUMENTS = (
    "--proxy-bypass-list=<-loopback>",  # Chromium goes to loopback directly unless told otherwise
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # STUN goes round every proxy (seen in 150)
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older ones
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-features=WebTransport,NetworkPrediction,MediaRouter,OptimizationHints,Translate",
    "--no-pings",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--renderer-process-limit=2",
    # Nothing that a stranger wrote is compiled: most holes in browsers are in the compiler, and systemd's
    # MemoryDenyWriteExecute forbids it anyway.
    "--js-flags=--jitless --max-old-space-size=512",
)
_WITHOUT_EXTRA = "this source needs a browser: run pip install 'marsad[browser]' and install chromium"
_NO_CHROMIUM = "this source needs a browser and none was found: install chromium or set [gate] browser_path"


class RenderError(Exception):
    """The page could not be rendered; `reason` is one line for people, with the remedy where there is one."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def find_executable(path: Path | None) -> str:
    """The Chromium to start; raises RenderError when it or its driver is missing."""
    if importlib.util.find_spec("playwright") is None:
        raise RenderError(FailureKind.REFUSED, _WITHOUT_EXTRA)
    names = (str(path),) if path else _NAMES
    found = next((place for place in map(shutil.which, names) if place), None)
    if found is None:
        raise RenderError(FailureKind.REFUSED, _NO_CHROMIUM)
    return found


def first_line(error: BaseException) -> str:
    """The driver's errors go on for pages."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:_LONGEST_DETAIL]


@dataclass(slots=True, kw_only=True)
class Chromium:
    """A browser whose only way to the network is a port on which nobody listens."""

    driver: "Playwright"
    browser: "PlaywrightBrowser"
    error: type[Exception]  # what the driver raises
    too_slow: type[Exception]  # of these, when time is up
    home: tempfile.TemporaryDirectory[str]
    deaf: socket.socket
    served: int = 0
    in_use: int = 0
    hangs: bool = False

    @classmethod
    async def start(cls, executable: str) -> Self:
        """Raises RenderError when it does not start."""
        # Not at the top: the extra is not always there, and is loaded only where a source asks for it.
        api: Any = importlib.import_module("playwright.async_api")
        deaf, home = socket.socket(), tempfile.TemporaryDirectory(prefix="marsad-browser-")
        deaf.bind(("127.0.0.1", 0))  # bound but not listening: whoever dials it is turned away
        driver: Playwright = await api.async_playwright().start()
        try:
            browser = await driver.chromium.launch(
                executable_path=executable,
                args=[*_ARGUMENTS, f"--proxy-server=http://127.0.0.1:{deaf.getsockname()[1]}"],
                chromium_sandbox=os.geteuid() != 0,  # root cannot have it
                env=_environment(home.name),
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except api.Error as error:
            await driver.stop()
            deaf.close()
            home.cleanup()
            reason = f"the browser does not start: {first_line(error)}; try {executable} --headless by hand"
            raise RenderError(FailureKind.REFUSED, reason) from error
        return cls(
            driver=driver,
            browser=browser,
            error=api.Error,
            too_slow=api.TimeoutError,
            home=home,
            deaf=deaf,
        )

    @property
    def is_worn(self) -> bool:
        """Whether the next page should have a fresh one."""
        return self.hangs or self.served >= _PAGES_UNTIL_RESTART or not self.browser.is_connected()

    async def close(self) -> None:
        """Kill it, whatever it is at."""
        with suppress(self.error, TimeoutError):  # stopping the driver kills it too
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.browser.close()
        await self.driver.stop()
        self.deaf.close()
        self.home.cleanup()


def _environment(home: str) -> dict[str, str | float | bool]:
    """Nothing of ours: MARSAD_* variables may hold secrets, and what runs in there is written by strangers."""
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "TZ": "UTC"}
