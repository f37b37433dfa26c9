"""The store's tables as they stand: their columns by kind, their order, what guards them.

Read from the database itself, so that a table of any floor is known without being listed here.
Both engines give the same answer for the same schema; what a backup holds follows from that.
"""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from typing import Any, Literal
from uuid import UUID

import msgspec

from foundation import database

Kind = Literal["text", "int", "uuid", "time", "date", "json", "blob"]

PAGE_ROWS = 1_000
# Files may have 20 MB each.
PAGE_ROWS_OF_FILES = 4

_KINDS: dict[str, Kind] = {
    # SQLite's declared types; whole numbers and truth have one storage there.
    "VARCHAR": "text",
    "TEXT": "text",
    "CHAR": "uuid",
    "INT": "int",
    "INTEGER": "int",
    "SMALLINT": "int",
    "BIGINT": "int",
    "TIMESTAMP": "time",
    "DATE": "date",
    "JSON": "json",
    "BLOB": "blob",
    # PostgreSQL's.
    "character varying": "text",
    "text": "text",
    "uuid": "uuid",
    "integer": "int",
    "smallint": "int",
    "bigint": "int",
    "boolean": "int",
    "timestamp with time zone": "time",
    "date": "date",
    "jsonb": "json",
    "bytea": "blob",
}


class Column(msgspec.Struct, frozen=True):
    """A column: its kind is the same on both engines, `type` is this engine's own."""

    name: str
    kind: Kind
    type: str = ""


class Table(msgspec.Struct, frozen=True):
    """A table; `key` is its primary key, one column."""

    name: str
    key: str
    columns: tuple[Column, ...]

    @property
    def has_files(self) -> bool:
        return any(column.kind == "blob" for column in self.columns)

    @property
    def sealable(self) -> list[str]:
        """The columns in which a sealed text may stand: a seal has no largest length."""
        return [c.name for c in self.columns if c.type.lower() == "text"]


async def names() -> list[str]:
    """Every table of ours, the schema's history apart."""
    if database.dialect() == "sqlite":
        found = await database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        found = await database.rows(
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
        )
    every = {row["name"] for row in found}
    return sorted(name for name in every - {database.HISTORY} if not name.startswith("sqlite_"))


async def applied() -> list[tuple[str, str]]:
    """The migrations that made this schema, as package and name; none in an empty database."""
    if database.dialect() == "sqlite":
        there = "SELECT 1 FROM sqlite_master WHERE name = ?"
    else:
        there = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?"
    if not await database.rows(there, [database.HISTORY]):
        return []
    found = await database.rows(f"SELECT app, name FROM {database.HISTORY}")  # noqa: S608 - a constant
    return sorted((row["app"], row["name"]) for row in found)


async def every() -> list[Table]:
    """All tables, each after those that its rows refer to."""
    found = {name: await _table(name) for name in await names()}
    needs = {name: await _needs(name) - {name} for name in found}
    order = TopologicalSorter({name: sorted(needs[name]) for name in sorted(needs)})
    return [found[name] for name in order.static_order()]


async def _table(name: str) -> Table:
    if database.dialect() == "sqlite":
        listed = await database.rows(f'PRAGMA table_info("{name}")')
        columns = [(row["name"], row["type"]) for row in listed]
        keys = [row["name"] for row in listed if row["pk"]]
    else:
        listed = await database.rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = ?",
            [name],
        )
        columns = [(row["column_name"], row["data_type"]) for row in listed]
        found = await database.rows(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a "
            "ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
            "WHERE i.indrelid = to_regclass(?) AND i.indisprimary",
            [f'"{name}"'],
        )
        keys = [row["attname"] for row in found]
    assert len(keys) == 1, f"{name} has no key of one column"
    # In the order of names: a column added later stands elsewhere on the other engine.
    kinds = (Column(column, _kind(type_), type_) for column, type_ in sorted(columns))
    return Table(name, keys[0], tuple(kinds))


def _kind(declared: str) -> Kind:
    return _KINDS[declared.partition("(")[0]]


async def _needs(name: str) -> set[str]:
    if database.dialect() == "sqlite":
        found = await database.rows(f'PRAGMA foreign_key_list("{name}")')
        return {row["table"] for row in found}
    found = await database.rows(
        "SELECT t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid "
        "WHERE c.contype = 'f' AND c.conrelid = to_regclass(?)",
        [f'"{name}"'],
    )
    return {row["relname"] for row in found}


async def count(table: Table) -> int:
    """How many rows a table has."""
    [row] = await database.rows(f'SELECT COUNT(*) AS n FROM "{table.name}"')  # noqa: S608 - our names
    return int(row["n"])


# -- rows, the same bytes on both engines ----------------------------------------------------


async def pages(table: Table) -> AsyncIterator[list[list[Any]]]:
    """A table's rows in the order of their keys, a page at a time, every value in plain form."""
    postgres = database.dialect() == "postgres"
    texts = {c.name for c in table.columns if postgres and c.kind == "json"}
    columns = ", ".join(
        f'CAST("{c.name}" AS TEXT) AS "{c.name}"' if c.name in texts else f'"{c.name}"'
        for c in table.columns
    )
    key_kind = next(column.kind for column in table.columns if column.name == table.key)
    key = f'"{table.key}"' + (' COLLATE "C"' if postgres and key_kind == "text" else "")
    rows = PAGE_ROWS_OF_FILES if table.has_files else PAGE_ROWS
    after: list[Any] = []
    while True:
        beyond = f"WHERE {key} > ?" if after else ""
        page = await database.rows(
            f'SELECT {columns} FROM "{table.name}" {beyond} ORDER BY {key} LIMIT {rows}',  # noqa: S608 - our names
            after,
        )
        if page:
            yield [[_plain(row[c.name], c.kind) for c in table.columns] for row in page]
        if len(page) < rows:
            return
        after = [page[-1][table.key]]


def line(row: list[Any]) -> bytes:
    """A row in plain form as one line of text, the same on both engines."""
    return msgspec.json.encode(row, order="sorted") + b"\n"


def _plain(value: Any, kind: Kind) -> Any:
    if value is None or kind == "text":
        return value
    if kind == "int":
        return int(value)
    if kind == "time":
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC).isoformat()
    if kind == "json":
        return json.loads(value)
    if kind == "blob":
        return bytes(value)
    return str(value)


async def insert(table: Table, rows: list[list[Any]]) -> None:
    """Write rows in plain form, as `line` wrote them down, into a table of this engine."""
    types = {f'"{column.name}"': column.type for column in table.columns}
    batch = [
        [_own(value, column) for value, column in zip(row, table.columns, strict=True)]
        for row in rows
    ]
    await database.insert(f'"{table.name}"', types, batch)


def _own(value: Any, column: Column) -> Any:
    if value is None:
        return None
    match column.kind:
        case "int":
            return bool(value) if column.type == "boolean" else value
        case "time":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "uuid":
            return UUID(value)
        case "json":
            return json.dumps(value, separators=(",", ":"))
        case "blob":
            return b64decode(value)
    return value


# -- what guards the tables ------------------------------------------------------------------


@asynccontextmanager
async def unguarded(every_table: list[Table]) -> AsyncIterator[None]:
    """Inside a transaction: tables take rows as they were, without asking their triggers.

    A published rule book takes no further clause, for one; its clauses come back all the same.
    """
    if database.dialect() == "postgres":
        for table in every_table:
            await database.execute(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
        yield
        for table in every_table:
            await database.execute(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
        return
    found = await database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for trigger in found:
        await database.execute(f'DROP TRIGGER "{trigger["name"]}"')
    yield
    for trigger in found:
        await database.execute(trigger["sql"])


async def continue_counting(every_table: list[Table]) -> None:
    """Let numbers that the database gives out go on after the highest one there is.

    SQLite's do so by themselves.
    """
    if database.dialect() == "sqlite":
        return
    for table in every_table:
        name, key = f'"{table.name}"', table.key
        [found] = await database.rows("SELECT pg_get_serial_sequence(?, ?) AS s", [name, key])
        if found["s"]:
            await database.execute(
                f'SELECT setval(?::text::regclass, COALESCE(MAX("{key}"), 1), '  # noqa: S608 - our names
                f'MAX("{key}") IS NOT NULL) FROM {name}',
                [found["s"]],
            )


@database.transaction
async def clear() -> None:
    """Take away every table and function of an empty store, for another schema to be made."""
    ordered = [table.name for table in await every()]
    for name in [*reversed(ordered), database.HISTORY]:
        await database.execute(f'DROP TABLE IF EXISTS "{name}"')
    if database.dialect() == "postgres":
        found = await database.rows(
            "SELECT CAST(p.oid::regprocedure AS TEXT) AS name FROM pg_proc p "
            "WHERE p.pronamespace = current_schema()::regnamespace "
            "AND p.proowner = current_user::regrole AND NOT EXISTS "
            "(SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
        for function in found:
            await database.execute(f"DROP FUNCTION {function['name']}")
