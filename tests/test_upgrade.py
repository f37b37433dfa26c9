"""A village's full store of an earlier release comes up to date with every row it held."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import servers
from villages import Raw, raw

from foundation import database

# The last migrations of each release that villages may have. Append, never change.
RELEASES = {
    "first": [
        ("foundation", "0003_no_replacement"),
        ("households", "0001_initial"),
        ("rules", "0004_keys_put_back"),
        ("points", "0005_posted_stays"),
    ],
}
OWN = {database.HISTORY, "sqlite_sequence", "sqlite_stat1"}
# One value for every type makes every reference fit; what a CHECK wants stands beside the table.
VALUES = {
    "uuid": "'0f8fad5b-d9cb-469f-a165-708677289501'",
    "number": "1",
    "date": "'2026-10-31'",
    "time": "'2026-10-31 08:00:00+00:00'",
    "json": "'{}'",
    "bytes": "'x'",
    "text": "'x'",
}
SPECIAL = {("rule_book_version", "state"): "'draft'"}


@pytest.fixture
async def empty(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without a table, on the same engine as `store`."""
    if store.startswith("sqlite"):
        yield f"sqlite://{tmp_path / 'older.sqlite3'}"
        return
    async with servers.database(request.getfixturevalue("postgres")) as address:
        yield address


def family(declared: str) -> str:
    """Which of `VALUES` suits a column of this declared type."""
    declared = declared.lower()
    if declared in ("uuid", "char(36)"):
        return "uuid"
    for word, name in (
        ("bool", "number"),
        ("int", "number"),
        ("timestamp", "time"),
        ("date", "date"),
        ("json", "json"),
        ("blob", "bytes"),
        ("bytea", "bytes"),
    ):
        if word in declared:
            return name
    return "text"


async def columns(sql: Raw, *, sqlite: bool) -> dict[str, dict[str, tuple[str, bool]]]:
    """Of every table the columns with their type and whether they may be empty."""
    listed = await sql(
        "SELECT m.name AS t, c.name AS c, c.type AS k, c.'notnull' AS n "
        "FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        if sqlite
        else "SELECT table_name AS t, column_name AS c, data_type AS k, "
        "(is_nullable = 'NO')::int AS n FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    )
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for line in listed:
        if line["t"] not in OWN:
            found.setdefault(line["t"], {})[line["c"]] = (line["k"], bool(line["n"]))
    return found


async def guards(sql: Raw, *, sqlite: bool) -> set[Any]:
    """Every trigger and index by name, and on PostgreSQL every constraint."""
    listed = await sql(
        "SELECT type AS k, name AS n FROM sqlite_master WHERE type IN ('trigger', 'index')"
        if sqlite
        else "SELECT 'trigger' AS k, tgname AS n FROM pg_trigger WHERE NOT tgisinternal "
        "UNION SELECT 'index', indexname FROM pg_indexes WHERE schemaname = 'public' "
        "UNION SELECT 'check', conname FROM pg_constraint WHERE contype = 'c'"
    )
    return {(line["k"], line["n"]) for line in listed}


async def fill(tables: dict[str, dict[str, tuple[str, bool]]], *, sqlite: bool) -> None:
    """One row in every table; parents find their way before children by trying again."""
    waiting = set(tables)
    while waiting:
        before = len(waiting)
        for table in sorted(waiting):
            row = {
                name: SPECIAL.get((table, name))
                or ("TRUE" if kind == "boolean" else VALUES[family(kind)])
                for name, (kind, _) in tables[table].items()
            }
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(row.values())
            try:
                await database.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")
            except Exception as error:
                problem = error
            else:
                waiting.discard(table)
        assert len(waiting) < before, (waiting, problem)


@pytest.mark.parametrize("release", RELEASES)
async def test_a_full_store_of_an_earlier_release_is_brought_up_to_date(
    empty: str, store: str, release: str
) -> None:
    sqlite = empty.startswith("sqlite")
    await database.open(empty)
    await database.migrate_to(RELEASES[release])
    async with raw(empty) as sql:
        older = await columns(sql, sqlite=sqlite)
    await fill(older, sqlite=sqlite)
    await database.close()

    await database.open(empty)
    await database.migrate(empty)
    held = {table: await database.rows(f"SELECT * FROM {table}") for table in older}
    await database.close()

    assert {table for table, rows in held.items() if len(rows) != 1} == set()
    async with raw(empty) as upgraded, raw(store) as fresh:
        assert await columns(upgraded, sqlite=sqlite) == await columns(fresh, sqlite=sqlite)
        assert await guards(upgraded, sqlite=sqlite) == await guards(fresh, sqlite=sqlite)
