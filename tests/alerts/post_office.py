"""A mail server that does as it is told: one reply per verb, or it drops the line, or falls silent."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP, SILENCE = "drop", "silence"


@dataclass
class PostOffice:
    """Answers 250 to everything it was not told to answer otherwise; keeps all mail that it took."""

    replies: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    port: int = 0
    heard: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    encrypted: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def opened(self, *, at_once_tls: bool = False) -> AsyncIterator["PostOffice"]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await self._serve(reader, writer)
            except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass  # the client left, or the test is over
            finally:
                tasks.discard(task)
                await _hang_up(writer, tls=self.tls is not None)

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=self.tls if at_once_tls else None)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say(writer, "BANNER", "220 office ESMTP"):
            return
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            verb = line.split()[0].upper()
            if verb == "DATA" and await self._say(writer, "DATA", "354 go on"):
                self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                self.arrived.set()
                if not await self._say(writer, "MESSAGE", "250 taken"):
                    return
            elif verb == "EHLO":
                names = ["office", *self.extensions]
                lines = [f"250{'-' if name is not names[-1] else ' '}{name}" for name in names]
                if not await self._say(writer, "EHLO", "\r\n".join(lines)):
                    return
            elif verb == "STARTTLS" and self.tls is not None:
                await self._say(writer, "STARTTLS", "220 go on")
                await writer.start_tls(self.tls)
                self.encrypted = True
            elif verb == "DATA" or not await self._say(
                writer, verb, "221 bye" if verb == "QUIT" else "250 ok"
            ):
                return
            if verb == "QUIT":
                return

    async def _say(self, writer: asyncio.StreamWriter, verb: str, usual: str) -> bool:
        """Say what was ordered for the verb; False when the conversation ends here."""
        reply = self.replies.get(verb, usual)
        if reply == DROP:
            return False
        if reply == SILENCE:
            await asyncio.Event().wait()
        writer.write(f"{reply}\r\n".encode("utf-8", "surrogateescape"))
        await writer.drain()
        return verb not in ("DATA",) or reply.startswith("354")


async def _hang_up(writer: asyncio.StreamWriter, *, tls: bool) -> None:
    if tls:  # a farewell in TLS would wait for the other side
        writer.transport.abort()
        return
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def certificate(folder: Path, *, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context, and the file with the certificate that a client must trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert_file, key_file)
    return context, cert_file
