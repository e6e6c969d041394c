"""Logs: everything that happened, and none of the secrets that it took."""

import base64
from pathlib import Path

from daemon_process import DaemonProcess
from press import PAPER, newspaper, rule, source, story
from psycopg.conninfo import make_conninfo

from marsad.demo.hookreceiver import HookReceiver
from marsad.demo.mailbox import Mailbox

DSN_CANARY, SMTP_CANARY = "canary-of-the-dsn", "canary-of-the-mail-server"
HOOK_CANARY = base64.b64encode(b"canary-of-the-web-hook!!").decode()
TOKEN_CANARY = "canary-of-the-hook-url"


async def test_no_secret_is_in_the_log_even_when_everything_fails(dsn: str, tmp_path: Path) -> None:
    secret = f"whsec_{HOOK_CANARY}"
    async with newspaper() as press, HookReceiver(secret=secret) as hooks, Mailbox() as mailbox:
        hooks.answer_next(500, times=50)
        channels = (
            f'[[channels]]\nname = "ops"\nkind = "webhook"\nsecret = "{secret}"\n'
            f'url = "{hooks.url}?token={TOKEN_CANARY}"\n'
            '[[channels]]\nname = "desk"\nkind = "email"\nto = ["desk@example.org"]\n'
        )
        smtp = {
            "host": "127.0.0.1",
            "port": mailbox.port,
            "tls": "none",
            "username": "marsad",
            "password": SMTP_CANARY,
            "sender": "marsad@example.org",
        }
        press.publish(PAPER, story("A fire in Kirkuk"))
        settings = {"smtp": smtp, "log": {"level": "debug"}}
        daemon = DaemonProcess(
            folder=tmp_path,
            dsn=make_conninfo(dsn, password=DSN_CANARY),
            watch=source(press) + rule("Fires", "fire") + channels,
            settings=settings,
        )
        async with daemon:
            await daemon.wait_for_event("retry", channel="ops")
            await daemon.wait_for_event("retry", channel="desk")
            daemon.watch += f'[[channels]]\nname = "ops2"\nkind = "webhook"\nurl = "x"\nsecret = "{secret}"\n'
            await daemon.wait_for_event("watch_files_kept", after=daemon.hang_up())
            await daemon.stop()

    said = daemon.log + "\n".join(daemon.output)
    for canary in (DSN_CANARY, SMTP_CANARY, HOOK_CANARY, TOKEN_CANARY):
        assert canary not in said
