"""Loopback: an HTTP server of our own on 127.0.0.1, up for as long as it is needed."""

from aiohttp import web


class Loopback:
    """Serves one aiohttp application; port 0 takes any free port."""

    def __init__(self, app: web.Application, *, port: int = 0) -> None:
        self.port = port
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; `port` is the real one afterwards."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        _, self.port = self._runner.addresses[0][:2]

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        await self._runner.cleanup()
