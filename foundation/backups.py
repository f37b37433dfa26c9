"""Backups: everything that the store holds in one sealed file, and an empty store filled from it.

A backup is one consistent snapshot, taken while others write. It names no engine: a village's
file goes into a county's PostgreSQL and back. It holds no key, only the ids of those it needs.
Nothing is restored before the whole file has proved itself, and then all of it or nothing.
"""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from foundation import clock, database, keys, rotation, sealed_files, tables
from foundation.errors import (
    BackupDamaged,
    BackupUnfit,
    DiskFull,
    FileInTheWay,
    FileUnwritable,
    RestoreUnproved,
    StoreHoldsData,
)
from foundation.models import StoreFact
from foundation.tables import Table

FORMAT = 1
BATCH_ROWS = 1_000
BATCH_BYTES = 8 * 1024 * 1024

Progress = Callable[[int, int], None]
"""Told how many rows are done and how many there are; a total of 0 is not known."""
Finish = Callable[[], Awaitable[list[str]]]
"""Does what a restored store needs, inside the transaction, and says what does not hold of it."""


class Head(msgspec.Struct, frozen=True):
    """What anybody can read of a backup: no name, no number, no key."""

    format: int
    made_at: str
    kind: str
    key_id: str
    keys: tuple[str, ...]
    schema: tuple[tuple[str, str], ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """The ids of the keys without which a restored store could not be opened."""
        return tuple(dict.fromkeys((self.key_id, *self.keys)))


class Summary(msgspec.Struct, frozen=True):
    """A backup as it was written, checked or restored."""

    file: str
    made_at: str
    kind: str
    keys: tuple[str, ...]
    size: int
    rows: int
    sha256: str
    tables: dict[str, int]


class _Part(msgspec.Struct, tag_field="is"):
    """A line of a backup that is not a row."""


class _Begin(_Part, tag="table"):
    table: Table
    rows: int


class _End(_Part, tag="end"):
    """The last line: the digest of each table's lines, to hold the restored rows against."""

    digests: dict[str, str]


_part = msgspec.json.Decoder(_Begin | _End)


# -- writing ---------------------------------------------------------------------------------


async def write(path: Path, *, progress: Progress | None = None) -> Summary:
    """Write a backup of the open store, then read it back from the disk and check it.

    The file appears whole or not at all, and is its owner's alone. Refuses with `FileInTheWay`
    where another kind of file has that name, with `FileUnwritable` and with `DiskFull`.
    """
    _require_place(path)
    try:
        with _appearing(path) as file:
            await _snapshot(file, progress)
    except OSError as error:
        raise refusal_for(error, path) from error
    return check(path)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that gets its name once it is on the disk and was read back."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        check(part)
        part.replace(path)
        _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _require_place(path: Path) -> None:
    if path.is_dir() or (path.exists() and not sealed_files.is_one(path)):
        raise FileInTheWay(file=str(path))


def refusal_for(error: OSError, path: Path) -> DiskFull | FileUnwritable:
    """What an accident of the disk amounts to."""
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return DiskFull()
    return FileUnwritable(file=str(path), why=error.strerror or type(error).__name__)


def _sync(folder: Path) -> None:
    """Have the new name itself on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@database.transaction
async def _snapshot(file: IO[bytes], progress: Progress | None) -> None:
    """All tables from one snapshot: on SQLite the first read fixes it, later writers go on."""
    if database.dialect() == "postgres":
        await database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    every = await tables.every()
    counts = {table.name: await tables.count(table) for table in every}
    facts = {fact.name: fact.value for fact in await StoreFact.all()}
    head = Head(
        format=FORMAT,
        made_at=clock.stamp(clock.now()),
        kind=facts.get("kind", ""),
        key_id="",
        keys=tuple(sorted(await rotation.used())),
        schema=tuple(await tables.applied()),
    )
    writer = sealed_files.Writer(file, head=msgspec.structs.asdict(head))
    digests, done, total = {}, 0, sum(counts.values())
    for table in every:
        writer.write(msgspec.json.encode(_Begin(table, counts[table.name])) + b"\n")
        digest = hashlib.sha256()
        async for page in tables.pages(table):
            for row in page:
                text = tables.line(row)
                digest.update(text)
                writer.write(text)
            done += len(page)
            if progress:
                progress(done, total)
        digests[table.name] = digest.hexdigest()
    writer.write(msgspec.json.encode(_End(digests)) + b"\n")
    writer.end()


# -- reading ---------------------------------------------------------------------------------


def head(path: Path) -> Head:
    """What a backup says of itself without any key. Refuses with `NotABackup`, `BackupDamaged`."""
    try:
        return msgspec.convert(sealed_files.head(path), Head)
    except msgspec.ValidationError:
        raise BackupDamaged(file=path.name, detail="head") from None
    except OSError as error:
        raise refusal_for(error, path) from error


def check(path: Path) -> Summary:
    """Read a whole backup and hold every table against its count and digest; writes nothing.

    Refuses with `NotABackup`, `BackupDamaged` and `UnknownKey`.
    """
    summary, _ = _checked(path)
    return summary


def _checked(path: Path) -> tuple[Summary, dict[str, str]]:
    told = head(path)
    for key_id in told.needed:
        keys.ring().find(key_id)
    counts: Counter[str] = Counter()
    digests: dict[str, str] = {}
    for table, text in _rows(path, digests):
        counts[table.name] += bool(text)
    summary = Summary(
        file=path.name,
        made_at=told.made_at,
        kind=told.kind,
        keys=told.needed,
        size=path.stat().st_size,
        rows=counts.total(),
        sha256=sha256(path),
        tables=dict(counts),
    )
    return summary, digests


def sha256(path: Path) -> str:
    """The digest of a file, by which a copy elsewhere is told to be the same."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(path: Path, digests: dict[str, str]) -> Iterator[tuple[Table, bytes]]:
    """Each row of a backup as its line, and each table once with nothing where it begins.

    `digests` is filled with the tables' own. Refuses with `BackupDamaged` when a count or digest
    differs, at the latest after the last row.
    """
    table: Table | None = None
    left, digest = 0, hashlib.sha256()
    ended: dict[str, str] | None = None
    for text in sealed_files.lines(path):
        if left:
            digest.update(text + b"\n")
            left -= 1
            assert table is not None
            yield table, text
            continue
        if table is not None:
            digests[table.name] = digest.hexdigest()
        try:
            part = _part.decode(text)
        except msgspec.DecodeError:
            raise BackupDamaged(file=path.name, detail="rows") from None
        if isinstance(part, _End):
            ended = part.digests
            continue
        table, left, digest = part.table, part.rows, hashlib.sha256()
        yield table, b""
    if left or digests != ended:
        raise BackupDamaged(file=path.name, detail="digests")


# -- restoring -------------------------------------------------------------------------------


async def restore(
    path: Path, *, url: str, finish: Finish, progress: Progress | None = None
) -> Summary:
    """Fill the open, empty store at `url` from a backup: all of it, or nothing.

    The backup is read through and checked first, and the store is brought to the schema that it
    was made with. Its rows are then written in one transaction, read back and held against the
    digests, and `finish` proves them; killed on the way, the store is as empty as it was. A
    backup of an older program is proved once its tables were brought up to date.

    Refuses with `NotABackup`, `BackupDamaged`, `UnknownKey`, `SchemaTooNew`, `StoreHoldsData`,
    `BackupUnfit`, `RestoreUnproved`.
    """
    told = head(path)
    for app, migration in told.schema:
        database.require_known(app, migration)
    summary, digests = _checked(path)
    await require_empty()
    if await tables.applied() != sorted(told.schema):
        await tables.clear()
        await database.migrate_to(told.schema)
    is_older = not await database.is_up_to_date()
    fill = _Fill(path, digests, summary.rows, progress)
    await _fill(fill, finish=None if is_older else finish)
    if is_older:
        await database.migrate(url)
        try:
            await _finish(finish)
        except RestoreUnproved:
            await tables.clear()
            raise
    return summary


async def require_empty() -> None:
    """Refuse with `StoreHoldsData` where any table has a row."""
    for table in await tables.every():
        if await tables.count(table):
            raise StoreHoldsData(table=table.name)


class _Fill(msgspec.Struct, frozen=True):
    """What is written where: the backup, its digests, its rows, and who is told."""

    path: Path
    digests: dict[str, str]
    rows: int
    progress: Progress | None


@database.transaction
async def _fill(fill: _Fill, *, finish: Finish | None) -> None:
    if database.dialect() == "postgres":
        await database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    await require_empty()
    here = {table.name: table for table in await tables.every()}
    async with tables.unguarded(list(here.values())):
        done = 0
        for table, batch in _batches(fill.path):
            await tables.insert(_fitting(table, here.get(table.name)), batch)
            done += len(batch)
            if fill.progress:
                fill.progress(done, fill.rows)
    await tables.continue_counting(list(here.values()))
    differing = [
        f"table {name} differs"
        for name, table in here.items()
        if await _digest(table) != fill.digests.get(name)
    ]
    if differing:
        raise RestoreUnproved(faults=differing)
    if finish:
        await _finish(finish)


@database.transaction
async def _finish(finish: Finish) -> None:
    if faults := await finish():
        raise RestoreUnproved(faults=faults)


def _fitting(told: Table, here: Table | None) -> Table:
    """The table of this store that takes the backup's rows. Refuses with `BackupUnfit`."""

    def shape(table: Table) -> list[tuple[str, str]]:
        return [(column.name, column.kind) for column in table.columns]

    if here is None or shape(told) != shape(here):
        raise BackupUnfit(table=told.name)
    return here


def _batches(path: Path) -> Iterator[tuple[Table, list[list[Any]]]]:
    """The rows of a backup, some at a time, a table after another."""
    current: Table | None = None
    batch: list[list[Any]] = []
    size = 0
    for table, text in _rows(path, {}):
        if batch and (table is not current or len(batch) == BATCH_ROWS or size > BATCH_BYTES):
            assert current is not None
            yield current, batch
            batch, size = [], 0
        current = table
        if text:
            batch.append(msgspec.json.decode(text))
            size += len(text)
    if batch and current is not None:
        yield current, batch


async def _digest(table: Table) -> str:
    """The digest of a table's rows as they are in the store."""
    digest = hashlib.sha256()
    async for page in tables.pages(table):
        for row in page:
            digest.update(tables.line(row))
    return digest.hexdigest()
