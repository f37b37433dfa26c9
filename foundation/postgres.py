"""Tortoise's PostgreSQL client, for a server that may cut its connections at any time.

A restart, a fail-over or an administrator ends connections that wait unused in the pool, and
the next to use one learns it only then. What was only read is asked again on another
connection; what writes begins again in `database.transaction`, as long as nothing was done.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

R = TypeVar("R")

# How often a query meets a cut connection before the caller hears of it.
ATTEMPTS = 3

_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # cut between two messages
    ConnectionError,
)


def is_gone(error: BaseException) -> bool:
    """Whether PostgreSQL is not there, is going down or has cut the connection."""
    closed = type(error) is asyncpg.InterfaceError and "closed" in str(error)
    return closed or isinstance(error, _GONE)


class Client(AsyncpgDBClient):
    """The pool; a transaction has a client of its own, which never asks twice."""

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Run one statement; a SELECT is asked again when its connection was cut."""
        return await _persistently(query, lambda: super(Client, self).execute_query(query, values))

    async def execute_query_dict(
        self, query: str, values: list[Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of one statement, asked again likewise."""
        return await _persistently(
            query, lambda: super(Client, self).execute_query_dict(query, values)
        )


async def _persistently(query: str, ask: Callable[[], Awaitable[R]]) -> R:
    attempts = ATTEMPTS if query.startswith("SELECT") else 1
    for _ in range(attempts - 1):
        try:
            return await ask()
        except Exception as error:
            if not is_gone(error):
                raise
    return await ask()


client_class = Client  # where Tortoise looks for it
