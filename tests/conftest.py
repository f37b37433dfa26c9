"""What every test may ask for: a fresh migrated store on both engines, a PostgreSQL, a browser.

`store` gives an address and opens nothing, so that a test decides whether to open it in its own
process, give it to a command, or start a server on it.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import factories
import pytest
import pytest_asyncio
import servers
import web as web_
from playwright.async_api import Browser

from api.settings import Settings
from foundation import database


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated store; the test runs once on each engine."""
    address: str = request.getfixturevalue(f"{request.param}_store")
    return address


@pytest.fixture
async def opened(store: str) -> AsyncIterator[str]:
    """The same, already open in this process."""
    await database.open(store)
    yield store
    await database.close()


@pytest.fixture
async def web(store: str, tmp_path: Path) -> AsyncIterator[web_.Web]:
    """The application on a fresh store, running in this process: `await web.login("clerk")`."""
    settings = Settings(data=tmp_path / "data", database_url=store, secret=factories.SECRET)
    async with web_.running(settings) as running:
        yield running


@pytest.fixture
def sqlite_store(migrated_file: Path, tmp_path: Path) -> str:
    """A copy of an empty migrated file, in a data folder of its own."""
    return f"sqlite://{shutil.copy(migrated_file, tmp_path / 'store.sqlite3')}"


@pytest.fixture
async def postgres_store(postgres: str, migrated_template: str) -> AsyncIterator[str]:
    """A copy of an empty migrated database; every connection to it is cut at the end."""
    async with servers.database(postgres, template=migrated_template) as address:
        yield address


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A throw-away cluster; a database's name goes behind the address."""
    with servers.postgres() as cluster:
        yield cluster


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, migrated once in a session because that takes longer than a copy."""
    file = tmp_path_factory.mktemp("migrated") / "store.sqlite3"
    await _migrate(f"sqlite://{file}")
    return file


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_template(postgres: str) -> AsyncIterator[str]:
    """The name of an empty migrated database to copy."""
    async with servers.database(postgres) as address:
        await _migrate(address)
        yield address.removeprefix(postgres)


async def _migrate(address: str) -> None:
    await database.open(address)
    await database.migrate(address)
    await database.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium of this test's own: half a second to start, nothing left from the one before."""
    async with servers.chromium() as started:
        yield started
