"""The one door to the database: opening, migrating, transactions, raw SQL.

Two engines: an embedded SQLite file with exactly one writing process, or PostgreSQL. Nothing
above this floor opens a connection, begins a transaction or asks which engine it is on, save
the few hot verbs that say so beside their SQL. Never renders, signs or calls the network.
"""

import asyncio
import fcntl
import functools
import json
import os
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar
from uuid import UUID

import asyncpg
import structlog
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection, get_connections
from tortoise.exceptions import DBConnectionError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from foundation import postgres
from foundation.errors import DiskFull, Refusal, SchemaTooNew, StoreInUse, StoreUnreachable

P = ParamSpec("P")
R = TypeVar("R")

APPS = ("foundation", "households", "rules", "points")
HISTORY = "tortoise_migrations"
POOL_SIZE_MAX = 10
# Under which name PostgreSQL sees the connections of this process.
PROCESS = f"xiangyue-{os.getpid()}-{secrets.token_hex(3)}"
# An arbitrary number of our own under which nodes queue up to migrate one after another.
MIGRATION_LOCK = 610_428_106_221

# How long the end of the program waits for units whose callers have left.
CLOSE_SECONDS = 10

_inside: ContextVar[bool] = ContextVar("inside a transaction", default=False)
# asyncio itself holds tasks only weakly.
_units: set["asyncio.Task[Any]"] = set()
_log = structlog.get_logger()


def config(url: str, *, read_only: bool = False) -> dict[str, Any]:
    """Tortoise's configuration for a database address.

    Args:
        url: `postgres://user:password@host:port/name` or `sqlite://` and a file's path.
        read_only: refuse writes on an embedded store, whose writer is another process.
    """
    connection: dict[str, Any]
    if url.startswith("sqlite://"):
        # FULL: a reply is given only after the ledger is on the disk, power cut included.
        credentials: dict[str, Any] = {
            "file_path": url.removeprefix("sqlite://"),
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "busy_timeout": 5000,
            # In KiB: a year's ledger of a township stays in memory, pages are not read twice.
            "cache_size": -65536,
        }
        if read_only:
            del credentials["journal_mode"]
            credentials |= {"query_only": "ON", "wal_autocheckpoint": 0}
        connection = {"engine": "tortoise.backends.sqlite", "credentials": credentials}
    else:
        connection = expand_db_url(re.sub(r"^postgres(ql)?://", "asyncpg://", url))
        connection["engine"] = "foundation.postgres"
        connection["credentials"] |= {
            "minsize": 1,
            "maxsize": POOL_SIZE_MAX,
            "application_name": PROCESS,
        }
    return {
        "connections": {"default": connection},
        "apps": {
            app: {
                "models": [f"{app}.models"],
                "default_connection": "default",
                "migrations": f"{app}.migrations",
            }
            for app in APPS
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def open(url: str, *, read_only: bool = False) -> None:
    """Connect this process to the store at `url`; see `config` for its form.

    Refuses with `StoreUnreachable` when there is no database at that address.
    """
    # Server requests and the lifespan run in tasks of their own, and Tortoise keeps its
    # connections in a context variable: without the fallback every query would fail.
    await Tortoise.init(config=config(url, read_only=read_only), _enable_global_fallback=True)
    # Connect at once: a first query, cancelled while it connects, would keep SQLite's lock.
    try:
        await rows("SELECT 1")
    except (OSError, asyncpg.PostgresError, DBConnectionError) as error:
        raise StoreUnreachable() from error


async def close() -> None:
    """Give all connections back, once the units still under way have come to their end."""
    if _units:
        await asyncio.wait(_units, timeout=CLOSE_SECONDS)
    await Tortoise.close_connections()
    # Tortoise keeps the text of its inserts by the connection's name, whatever the engine: the
    # next store that this process opens may be on the other one.
    EXECUTOR_CACHE.clear()


async def migrate(url: str) -> None:
    """Bring an open store's tables up to date.

    Nodes that start together queue behind an advisory lock. Refuses with `SchemaTooNew` when
    the store was written by a newer program than this one.
    """
    if url.startswith("sqlite://"):
        await _migrate()
        return
    gate = await asyncpg.connect(re.sub(r"^postgres(ql)?://", "postgresql://", url))
    try:
        await gate.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await _migrate()
    finally:
        await gate.close()


async def _migrate() -> None:
    apps = config("sqlite://:memory:")["apps"]
    executor = MigrationExecutor(connection(), apps)
    await _refuse_newer_schema(executor)
    await executor.migrate([MigrationTarget(app_label=app, name="__latest__") for app in APPS])


async def _refuse_newer_schema(executor: MigrationExecutor) -> None:
    catalog = "sqlite_master" if dialect() == "sqlite" else "pg_tables"
    column = "name" if dialect() == "sqlite" else "tablename"
    if not await rows(f"SELECT 1 FROM {catalog} WHERE {column} = ?", [HISTORY]):  # noqa: S608 - constants
        return
    for applied in await rows(f"SELECT app, name FROM {HISTORY}"):  # noqa: S608 - a constant
        require_known(applied["app"], applied["name"])


def require_known(app: str, migration: str) -> None:
    """Refuse with `SchemaTooNew` a migration that this program does not have."""
    if migration not in _migrations(app):
        raise SchemaTooNew(app=app, migration=migration)


def _migrations(app: str) -> list[str]:
    """The names of a package's migrations, oldest first; none of a package that is not ours."""
    folder = Path(__file__).parents[1] / app / "migrations"
    return sorted(file.stem for file in folder.glob("[0-9]*.py")) if app in APPS else []


async def migrate_to(schema: Iterable[tuple[str, str]]) -> None:
    """Make an empty database's tables as a program had them that knew these migrations only.

    Args:
        schema: package and name of each migration.
    """
    latest = dict(sorted(schema))
    executor = MigrationExecutor(connection(), config("sqlite://:memory:")["apps"])
    targets = [MigrationTarget(app_label=app, name=name) for app, name in latest.items()]
    await executor.migrate(targets)


async def is_up_to_date() -> bool:
    """Whether every migration of this program was done to the open store."""
    applied = {(row["app"], row["name"]) for row in await rows(f"SELECT app, name FROM {HISTORY}")}  # noqa: S608 - a constant
    return all((app, name) in applied for app in APPS for name in _migrations(app))


def transaction(verb: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make a coroutine function one transaction; called by another such verb it joins it.

    The unit runs in a task of its own that a cancelled request cannot tear apart: Tortoise's
    transaction, cancelled at the wrong await, would keep SQLite's lock for ever. A full disk
    becomes the refusal `DiskFull`, a database that is gone `StoreUnreachable`; after the first
    nothing is stored, after the second the caller cannot know and asks again with the same id.
    """

    @functools.wraps(verb)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return await verb(*args, **kwargs)

        async def unit() -> R:
            _inside.set(True)
            async with _begun():
                return await verb(*args, **kwargs)

        task = asyncio.create_task(unit(), name=verb.__name__)
        _units.add(task)
        task.add_done_callback(_units.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # The caller is gone; the unit goes on to its own end, and its failure is logged.
            task.add_done_callback(_log_orphan)
            raise
        except Exception as error:
            refusal = refusal_for(error)
            if refusal is None:
                raise
            raise refusal from error

    return wrapped


@asynccontextmanager
async def _begun() -> AsyncIterator[None]:
    """Tortoise's own transaction, begun on a living connection and given back whatever happens."""
    context: Any
    for attempts_left in reversed(range(postgres.ATTEMPTS)):
        context = in_transaction()
        try:
            opened = await context.__aenter__()
            break
        except BaseException as error:
            await _give_back(context)
            # PostgreSQL may cut a connection that nobody is using: nothing was done on it yet.
            if not (attempts_left and postgres.is_gone(error)):
                raise
    async with AsyncExitStack() as stack:
        stack.push_async_exit(context)
        yield
        await _commit(opened)


async def _give_back(context: Any) -> None:
    """Release what Tortoise holds on to when it cannot begin: a lock, or a connection."""
    if hasattr(context, "token"):  # set once the lock or the connection is taken
        get_connections().reset(context.token)
        if hasattr(context, "_trxlock"):
            context._trxlock.release()
        else:
            await context.client._parent._pool.release(context.client._connection)


async def _commit(opened: TransactionalDBClient) -> None:
    """Commit, or leave nothing behind.

    A commit that fails leaves SQLite's one connection inside of its transaction, and the next
    transaction would begin by committing what this one had just refused. PostgreSQL's
    connection rolls back by itself when it goes back to the pool.
    """
    try:
        await opened.commit()
    except BaseException:
        if dialect() == "sqlite":
            await opened.rollback()
        raise


def _log_orphan(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and task.exception():
        _log.warning("transaction failed after its caller left", verb=task.get_name())


def refusal_for(error: BaseException | None) -> Refusal | None:
    """The refusal that an accident of the database amounts to, or None for any other error."""
    while error is not None:
        if isinstance(error, asyncpg.DiskFullError):
            return DiskFull()
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            return DiskFull()
        if postgres.is_gone(error):
            return StoreUnreachable()
        error = error.__cause__ or error.__context__
    return None


def connection() -> BaseDBAsyncClient:
    """The connection of the current transaction, or the pool outside of one."""
    return get_connection("default")


def dialect() -> str:
    """Which engine the open store is on: "sqlite" or "postgres"."""
    return connection().capabilities.dialect


async def rows(sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Run a query written with `?` places and return its rows.

    SQLite gives dates and UUIDs back as text, PostgreSQL as objects: callers that compare
    them pass them through `str`.
    """
    return await connection().execute_query_dict(_placed(sql), _adapted(values))


async def execute(sql: str, values: Sequence[Any] = ()) -> None:
    """Run one statement written with `?` places."""
    await connection().execute_query(_placed(sql), _adapted(values))


async def execute_many(sql: str, batch: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each row of a batch, inside of a transaction."""
    # Outside of one Tortoise would begin its own, and leave it open when it is cancelled.
    assert _inside.get(), "a batch is written by a write verb"
    convert = _as_sqlite if dialect() == "sqlite" else list
    await connection().execute_many(_placed(sql), [convert(values) for values in batch])


async def insert(
    table: str, columns: Mapping[str, str], batch: Sequence[Sequence[Any]], *, on_conflict: str = ""
) -> None:
    """Insert a batch in the way each engine takes it fastest: one by one, or from arrays.

    Args:
        table: the table's name.
        columns: name and PostgreSQL type of each column, in the order of the batch's values.
        batch: the rows; none is fine.
        on_conflict: what follows ON CONFLICT, if anything does.
    """
    if not batch:
        return
    names = ", ".join(columns)
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    if dialect() == "sqlite":
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({names}) VALUES ({places}){tail}"  # noqa: S608 - our names
        await execute_many(sql, batch)
        return
    arrays = ", ".join(f"?::{kind}[]" for kind in columns.values())
    sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}){tail}"  # noqa: S608
    await execute(sql, [list(column) for column in zip(*batch, strict=True)])


def among(column: str, values: Iterable[Any], *, kind: str = "uuid") -> tuple[str, Any]:
    """A condition that a column is one of any number of values, and the one value to bind.

    `kind` is the column's PostgreSQL type.
    """
    if dialect() == "sqlite":
        listed = json.dumps([str(value) for value in values])
        return f"{column} IN (SELECT value FROM json_each(?))", listed  # noqa: S608 - our names
    return f"{column} = ANY(?::{kind}[])", list(values)


def _placed(sql: str) -> str:
    return sql if dialect() == "sqlite" else _numbered(sql)


@functools.lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    count = iter(range(1, sql.count("?") + 1))
    return re.sub(r"\?", lambda _: f"${next(count)}", sql)


def _adapted(values: Sequence[Any]) -> list[Any]:
    return _as_sqlite(values) if dialect() == "sqlite" else list(values)


def _as_sqlite(values: Sequence[Any]) -> list[Any]:
    return [
        _AS_SQLITE[type(value)](value) if type(value) in _AS_SQLITE else value for value in values
    ]


# Looked up by exact type, as this runs once for every value of a posted sheet.
_AS_SQLITE: dict[type, Callable[[Any], str]] = {
    datetime: lambda value: value.astimezone(UTC).isoformat(" "),
    date: str,
    UUID: str,
}


async def others() -> int:
    """How many connections other processes of this program have to the open database.

    None on an embedded store, which has one writer.
    """
    if dialect() == "sqlite":
        return 0
    [found] = await rows(
        "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'xiangyue-%' AND application_name <> ?",
        [PROCESS],
    )
    return int(found["n"])


def hold_store(folder: Path) -> IO[str]:
    """Claim an embedded store's data folder for this process, the only one to write there.

    Returns the lock file, to be kept open as long as the claim lasts; the operating system
    drops it when the process ends, however it ends. Refuses with `StoreInUse`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (folder / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise StoreInUse(folder=str(folder), process=holder) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
