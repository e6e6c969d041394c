"""The database: connections that notice a dead server, transactions, and errors that say the remedy."""

import asyncio
import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

Conn: TypeAlias = psycopg.AsyncConnection[Any]
DatabaseError = psycopg.Error

SCHEMA = "marsad"
CONNECT_TIMEOUT_SECONDS = 10
GIVE_OUT_TIMEOUT_SECONDS = 30.0

# A half-open connection must be noticed within a minute (procrastinate#1334: seven hours of silence), and no
# statement, lock or forgotten transaction may hold the others for ever.
SESSION_OPTIONS = (
    f"-c search_path={SCHEMA} -c timezone=UTC -c statement_timeout=60s -c lock_timeout=15s"
    " -c idle_in_transaction_session_timeout=60s"
)
SOCKET_SETTINGS: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "tcp_user_timeout": 30_000,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: classes 08 (connection) and 53 (resources, a
# full disk among them), then single codes: serialization, deadlock, lock timeout, idle timeouts, shutdown,
# crash, starting up, and a standby that refuses to write during a failover.
TRANSIENT_CLASSES = ("08", "53")
TRANSIENT_CODES = frozenset(
    ("40001", "40P01", "55P03", "25P03", "57P05", "57P01", "57P02", "57P03", "25006", "58030"),
)


class DatabaseUnreachable(Exception):  # noqa: N818 - named for what is the case
    """No answer from the database; start it, or correct the DSN that the message shows."""

    def __init__(self, dsn: str, reason: str) -> None:
        self.dsn = redact_dsn(dsn)
        said = (line for line in reason.splitlines() if not line.strip().startswith("Is the server running"))
        self.reason = " ".join(" ".join(said).split()).rstrip(".")  # libpq guesses at remedies; ours follows
        super().__init__(
            f"The database does not answer ({self.dsn}): {self.reason}. "
            "Start PostgreSQL, correct the DSN, or leave the DSN out to use the embedded server."
        )


class Database:
    """A pool of checked connections to one database."""

    def __init__(self, dsn: str, pool: AsyncConnectionPool[Conn]) -> None:
        self.dsn = dsn
        self._pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Conn]:
        """Lend a connection in autocommit: each statement stands for itself."""
        async with self._pool.connection() as conn:
            yield conn

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Conn]:
        """Lend a connection inside one transaction: everything is kept at the end, or nothing is."""
        async with self._pool.connection() as conn, conn.transaction():
            yield conn

    async def ping(self, timeout: timedelta = timedelta(seconds=5)) -> None:  # noqa: ASYNC109 - part of the promise
        """Return once the server has really answered; raise DatabaseUnreachable when it has not in time."""
        try:
            async with asyncio.timeout(timeout.total_seconds()), self._pool.connection() as conn:
                await conn.execute("SELECT 1")
        except TimeoutError as error:
            raise DatabaseUnreachable(self.dsn, f"no answer within {timeout.total_seconds():g} s") from error
        except psycopg.Error as error:
            raise DatabaseUnreachable(self.dsn, str(error)) from error


@asynccontextmanager
async def open_database(dsn: str, *, min_size: int = 1, max_size: int = 10) -> AsyncGenerator[Database]:
    """Open the pool for as long as the block runs; raise DatabaseUnreachable when nobody answers at once.

    Every connection is tried before it is lent, so a restart of PostgreSQL costs a reconnect, not an error.
    """
    conninfo = dsn_with_search_path(dsn)
    await _try_once(dsn, conninfo)
    pool: AsyncConnectionPool[Conn] = AsyncConnectionPool(
        conninfo,
        kwargs={"autocommit": True},
        min_size=min_size,
        max_size=max_size,
        timeout=GIVE_OUT_TIMEOUT_SECONDS,
        check=_check,
        open=False,
        name="marsad",
    )
    async with pool:
        yield Database(dsn, pool)


async def _check(conn: Conn) -> None:
    """Ask a connection that has something to say whether it still serves; one that keeps silent does.

    Nobody writes to an idle connection but a server that goes away, so that a look at the socket takes the place of
    a round trip per loan. A server that fell silent itself is noticed by SOCKET_SETTINGS, here as in any statement.
    """
    ear = select.poll()
    ear.register(conn.fileno(), select.POLLIN)
    if ear.poll(0):
        await AsyncConnectionPool.check_connection(conn)


async def _try_once(dsn: str, conninfo: str) -> None:
    try:
        conn = await psycopg.AsyncConnection.connect(conninfo)
    except psycopg.Error as error:
        raise DatabaseUnreachable(dsn, str(error)) from error
    await conn.close()


def dsn_with_search_path(dsn: str) -> str:
    """Return the DSN with our schema, timeouts and keepalives; what the DSN itself sets for sockets stays."""
    given = _parse(dsn)
    options = " ".join(part for part in (str(given.get("options") or ""), SESSION_OPTIONS) if part)
    return make_conninfo("", **{"application_name": "marsad", **SOCKET_SETTINGS, **given, "options": options})


def redact_dsn(dsn: str) -> str:
    """Return the DSN fit for logs and screens: without its passwords."""
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.Error:
        return "unreadable DSN"
    secrets: dict[str, Any] = {key: "***" for key in ("password", "sslpassword") if given.get(key)}
    return make_conninfo("", **{**given, **secrets})


def is_transient(error: BaseException) -> bool:
    """Say whether the same work may succeed later: the server is away, busy or full, or we lost a race."""
    if not isinstance(error, psycopg.Error):
        return isinstance(error, DatabaseUnreachable)
    code = error.sqlstate
    if code is None:  # libpq lost the connection or never had one; the pool could not give one out in time
        return isinstance(error, psycopg.OperationalError)
    return code.startswith(TRANSIENT_CLASSES) or code in TRANSIENT_CODES


def _parse(dsn: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.Error as error:
        raise DatabaseUnreachable(dsn, f"the DSN cannot be read: {error}") from error
