"""Records the statements of a step and sends them again by a bare driver."""

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec

from points import chain

_LOG = logging.getLogger("tortoise.db_client")
_ENTRIES = "INSERT INTO ledger_entry"


class Statement(msgspec.Struct, frozen=True):
    """One call of the driver; `many` is a batch of rows for one statement."""

    sql: str
    values: list[Any]
    many: bool

    def entries(self) -> list[list[Any]]:
        """The rows of ledger entries in it, if it inserts any."""
        if not self.sql.startswith(_ENTRIES):
            return []
        return self.values if self.many else [list(row) for row in zip(*self.values, strict=True)]


class _Tape(logging.Handler):
    """The ORM and our raw SQL both tell this log what they send, and with which values."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[Statement] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not isinstance(record.args, tuple) or len(record.args) != 2:
            return
        sql, values = record.args
        many = record.funcName == "execute_many"
        self.statements.append(Statement(str(sql), list(values or []), many))  # type: ignore[call-overload]


async def recorded(step: Callable[[], Awaitable[Any]]) -> list[Statement]:
    """Do the step for real and return the statements that it sent."""
    tape = _Tape()
    level = _LOG.level
    _LOG.addHandler(tape)
    _LOG.setLevel(logging.DEBUG)
    try:
        await step()
    finally:
        _LOG.removeHandler(tape)
        _LOG.setLevel(level)
    return tape.statements


def hash_again(statements: list[Statement]) -> None:
    """Do the hashing that belongs to the statements' entries."""
    for statement in statements:
        for row in statement.entries():
            chain.link(["" if value is None else str(value) for value in row[:-1]])


class BareSqlite:
    """sqlite3 with the settings of our own connection (foundation/database.py)."""

    def __init__(self, address: str) -> None:
        self._connection = sqlite3.connect(address.removeprefix("sqlite://"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    async def send(self, statements: list[Statement], *, one_transaction: bool) -> None:
        hash_again(statements)
        if one_transaction:
            self._connection.execute("BEGIN")
        for statement in statements:
            if statement.many:
                self._connection.executemany(statement.sql, statement.values)
            else:
                self._connection.execute(statement.sql, statement.values).fetchall()
        if one_transaction:
            self._connection.execute("COMMIT")

    async def close(self) -> None:
        self._connection.close()


class BarePostgres:
    """One connection of asyncpg."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def send(self, statements: list[Statement], *, one_transaction: bool) -> None:
        hash_again(statements)
        if not one_transaction:
            await self._all(statements)
            return
        async with self._connection.transaction():
            await self._all(statements)

    async def _all(self, statements: list[Statement]) -> None:
        for statement in statements:
            if statement.many:
                await self._connection.executemany(statement.sql, statement.values)
            else:
                await self._connection.fetch(statement.sql, *statement.values)

    async def close(self) -> None:
        await self._connection.close()


Bare = BareSqlite | BarePostgres


async def bare(address: str) -> Bare:
    """The store at that address through its driver alone."""
    if address.startswith("sqlite://"):
        return BareSqlite(address)
    return BarePostgres(await asyncpg.connect(address))
