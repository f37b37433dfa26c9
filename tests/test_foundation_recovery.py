"""What happens to the store when the world fails it: full disks, cut connections, other processes.

S2 and the rules about who may open what. PostgreSQL's own processes are ended by its own
function, nothing is mocked.
"""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import factories
import pytest
import servers
from villages import raw
from web import Web

from api import store as store_
from api.settings import Settings
from foundation import database
from foundation.errors import DiskFull, StoreInUse, StoreUnreachable
from foundation.models import StoreFact

ROOT = Path(__file__).parent.parent


@database.transaction
async def write(name: str, value: str = "") -> None:
    await StoreFact.create(name=name, value=value)


# -- a full disk --------------------------------------------------------------------------


async def test_a_full_disk_is_a_refusal_and_nothing_is_stored(opened: str) -> None:
    await fill_the_disk()

    @database.transaction
    async def write_much() -> None:
        await write("small")
        await database.execute_many(
            "INSERT INTO store_fact VALUES (?, ?)", [[f"{n}", "x" * 2000] for n in range(200)]
        )

    for _ in range(database.POOL_SIZE_MAX + 2):
        with pytest.raises(DiskFull):
            await write_much()
    await make_room()
    await write("afterwards")
    async with raw(opened) as sql:
        assert await sql("SELECT name FROM store_fact") == [{"name": "afterwards"}]


async def fill_the_disk() -> None:
    """SQLite by its own limit of pages; PostgreSQL by the error that a full disk gives."""
    if database.dialect() == "sqlite":
        pages = (await database.rows("PRAGMA page_count"))[0]["page_count"]
        await database.execute(f"PRAGMA max_page_count = {pages + 20}")
        return
    await database.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    await database.execute(
        "CREATE TRIGGER full_disk BEFORE INSERT ON store_fact FOR EACH ROW "
        "WHEN (NEW.name = '150') EXECUTE FUNCTION full_disk()"
    )


async def make_room() -> None:
    if database.dialect() == "sqlite":
        await database.execute("PRAGMA max_page_count = 1073741823")


async def test_a_full_disk_is_told_to_the_reader_not_as_a_bug(web: Web) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    if database.dialect() == "sqlite":
        pages = (await database.rows("PRAGMA page_count"))[0]["page_count"]
        await database.execute(f"PRAGMA max_page_count = {pages}")
    else:
        await fill_the_disk()
        await database.execute("DROP TRIGGER full_disk ON store_fact")
        await database.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON region FOR EACH ROW "
            "EXECUTE FUNCTION full_disk()"
        )
    statuses = set()
    for _ in range(200):  # until the last free page is used
        answer = await clerk.post(
            "/api/v1/regions",
            json={"parent": factories.VILLAGE, "level": "grid", "name": "格" * 60},
        )
        statuses.add(answer.status_code)
        if answer.status_code != 201:
            break
    assert statuses <= {201, 409}
    assert answer.json()["type"] == "urn:xiangyue:disk-full"
    assert (await clerk.get("/regions")).status_code == 200


# -- connections cut: S2 --------------------------------------------------------------------


def cut_all_connections(address: str) -> None:
    """End every backend of the database, while this process does not look at its sockets."""
    script = (
        "import asyncio, asyncpg, sys\n"
        "async def cut():\n"
        "    c = await asyncpg.connect(sys.argv[1])\n"
        "    await c.execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity '\n"
        "        'WHERE datname = current_database() AND pid <> pg_backend_pid()')\n"
        "    await c.close()\n"
        "asyncio.run(cut())\n"
    )
    subprocess.run([sys.executable, "-c", script, address], check=True)


@pytest.mark.faults
async def test_s2_a_verb_begins_again_on_a_living_connection(postgres_store: str) -> None:
    await database.open(postgres_store)
    try:
        for n in range(database.POOL_SIZE_MAX + 2):
            # Blocks: the connection's end is not noticed before the verb uses it.
            cut_all_connections(postgres_store)
            await write(str(n))
        client: Any = database.connection()
        assert client._pool.get_idle_size() == client._pool.get_size()
    finally:
        await database.close()
    async with raw(postgres_store) as sql:
        assert len(await sql("SELECT name FROM store_fact")) == database.POOL_SIZE_MAX + 2


@pytest.fixture
async def postgres_web(postgres_store: str, tmp_path: Path) -> Any:
    import web as web_

    settings = Settings(data=tmp_path, database_url=postgres_store, secret=factories.SECRET)
    async with web_.running(settings) as running:
        yield running


@pytest.mark.faults
async def test_s2_requests_after_all_connections_were_cut_just_work(
    postgres_web: Web, postgres_store: str
) -> None:
    await factories.divisions()
    clerk = await postgres_web.login("clerk")
    group = {"parent": factories.VILLAGE, "level": "group", "name": "新组"}
    for _ in range(3):
        await asyncio.gather(*(clerk.get("/api/v1/regions") for _ in range(20)))  # fill the pool
        async with raw(postgres_store) as sql:
            await sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        answers = await asyncio.gather(
            *(clerk.get("/regions") for _ in range(10)),
            *(clerk.post("/api/v1/regions", json=group) for _ in range(1)),
        )
        assert {answer.status_code for answer in answers} <= {200, 201}


@pytest.mark.faults
async def test_s2_under_load_a_cut_is_answered_and_what_was_acknowledged_is_there(
    postgres_web: Web, postgres_store: str
) -> None:
    await factories.divisions()
    clerk = await postgres_web.login("clerk")
    statuses: list[int] = []
    made: list[str] = []
    over = asyncio.Event()

    async def press(village: str) -> None:
        while not over.is_set():
            answer = await clerk.post(
                "/api/v1/regions", json={"parent": village, "level": "grid", "name": "格"}
            )
            statuses.append(answer.status_code)
            if answer.status_code == 201:
                made.append(answer.json()["code"])

    work = [asyncio.create_task(press(factories.VILLAGE)) for _ in range(4)]
    for _ in range(5):
        await asyncio.sleep(0.2)
        async with raw(postgres_store) as sql:
            await sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    await asyncio.sleep(0.2)
    over.set()
    await asyncio.gather(*work)
    assert set(statuses) <= {201, 409, 503}, set(statuses)
    assert 201 in statuses[-4:]
    async with raw(postgres_store) as sql:
        kept = {line["code"] for line in await sql("SELECT code FROM region")}
    assert set(made) <= kept


async def test_a_database_that_is_not_there_is_refused_with_the_reason() -> None:
    address = f"postgres://nobody:nothing@127.0.0.1:{servers.free_port()}/nowhere"
    with pytest.raises(StoreUnreachable):
        await database.open(address)
    await database.close()


# -- several processes ----------------------------------------------------------------------

HOLD = (
    "import sys, pathlib; from foundation import database\n"
    "lock = database.hold_store(pathlib.Path(sys.argv[1]))\n"
    "print('held', flush=True); sys.stdin.read()\n"
)


def test_a_data_folder_has_one_writing_process_and_is_free_again_when_that_is_killed(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse) as refused:
            database.hold_store(tmp_path)
        assert refused.value.facts == {"folder": str(tmp_path), "process": str(holder.pid)}
        holder.kill()
    database.hold_store(tmp_path).close()


async def test_beside_a_running_writer_a_store_opens_for_reading_only(
    sqlite_store: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=sqlite_store, secret=factories.SECRET)
    writer = sqlite3.connect(sqlite_store.removeprefix("sqlite://"), isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("INSERT INTO store_fact VALUES ('before', '')")
    lock = database.hold_store(tmp_path)
    try:
        async with store_.opened(settings, write=False):
            # Sees what the writer commits, and writes nothing.
            assert [fact.name for fact in await StoreFact.all()] == ["before"]
            writer.execute("INSERT INTO store_fact VALUES ('while open', '')")
            assert await StoreFact.all().count() == 2
            with pytest.raises(Exception, match="readonly"):
                await write("by the reader")
            # A reader in the middle of the writer's transaction does not wait for its end.
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO store_fact VALUES ('not yet', '')")
            assert await asyncio.wait_for(StoreFact.all().count(), 2) == 2
            writer.execute("COMMIT")
            assert await StoreFact.all().count() == 3
        with pytest.raises(StoreInUse):
            async with store_.opened(settings, write=True):
                pass
    finally:
        lock.close()
        writer.close()


MIGRATE = (
    "import asyncio, sys\nfrom foundation import database\n"
    "async def main():\n"
    "    await database.open(sys.argv[1])\n"
    "    try:\n        await database.migrate(sys.argv[1])\n"
    "    finally:\n        await database.close()\n"
    "asyncio.run(main())\n"
)


@pytest.mark.faults
async def test_nodes_that_start_together_migrate_one_after_another(postgres: str) -> None:
    async with servers.database(postgres) as address:
        nodes = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", MIGRATE, address), cwd=ROOT, stderr=subprocess.PIPE
            )
            for _ in range(3)
        ]
        said = await asyncio.gather(*(node.communicate() for node in nodes))
        assert [node.returncode for node in nodes] == [0, 0, 0], said
        connection = await asyncpg.connect(address)
        try:
            applied = await connection.fetch("SELECT app, name FROM tortoise_migrations")
            locks = await connection.fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")
        finally:
            await connection.close()
    assert len(applied) == len(set(applied)) > len(database.APPS)
    assert locks == []
