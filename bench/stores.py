"""Stores to measure on: an empty one for each engine, and copies of one that was prepared."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import servers

from foundation import database


class Engine(Protocol):
    """One of the two engines, where stores can be made and copied."""

    name: str

    async def empty(self) -> str:
        """The address of a new migrated store."""

    async def copy(self, address: str) -> str:
        """The address of a copy of a store that nobody has open."""


class Sqlite:
    """Files in a folder of the bench's own."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def _address(self) -> str:
        self._made += 1
        return f"sqlite://{self._folder / f'store-{self._made}.sqlite3'}"

    async def empty(self) -> str:
        return await _migrated(self._address())

    async def copy(self, address: str) -> str:
        target = self._address()
        shutil.copy(address.removeprefix("sqlite://"), target.removeprefix("sqlite://"))
        return target


class Postgres:
    """Databases in a throw-away cluster, dropped when the stack unwinds."""

    name = "postgres"

    def __init__(self, cluster: str, stack: AsyncExitStack) -> None:
        self._cluster = cluster
        self._stack = stack

    async def empty(self) -> str:
        return await _migrated(await self._made(template="template0"))

    async def copy(self, address: str) -> str:
        return await self._made(template=address.removeprefix(self._cluster))

    async def _made(self, *, template: str) -> str:
        database = servers.database(self._cluster, template=template)
        return await self._stack.enter_async_context(database)


async def _migrated(address: str) -> str:
    async with opened(address):
        await database.migrate(address)
    return address


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[None]:
    """The store open in this process."""
    await database.open(address)
    try:
        yield
    finally:
        await database.close()
