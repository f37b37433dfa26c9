"""The log behind the change feed: that something changed, which and where, never what.

A line is written in the transaction of the change itself. Its place in the feed is given when
somebody reads, and only to lines that are committed: on PostgreSQL ids are drawn before the
commit, so a slow transaction's line appears below lines that were read long ago, and who reads
on from the highest id would never hear of it. Places have no gaps and never change, also in a
store that was restored elsewhere. Never holds a name, a number or a value: whoever follows the
feed reads what is there now, so what has been erased is not told again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from foundation import clock, database
from foundation.errors import CursorUnknown

# An arbitrary number of our own under which readers queue up to give places.
PLACING_LOCK = 610_428_106_222
PLACED_AT_ONCE = 10_000
LATEST = "latest"

_COLUMNS = {"kind": "text", "key": "text", "village": "text", "at": "timestamptz"}
_MARK_LENGTH = 12


class Change(msgspec.Struct, frozen=True):
    """One line of the feed: `kind` and `key` say what changed, `village` where."""

    position: int
    kind: str
    key: str
    village: str
    at: datetime

    @property
    def cursor(self) -> str:
        """Where to read on from; it fits this line of this store and no other."""
        told = f"{self.kind} {self.key} {self.village} {round(self.at.timestamp() * 1_000_000)}"
        return f"{self.position}-{hashlib.sha256(told.encode()).hexdigest()[:_MARK_LENGTH]}"


async def note(kind: str, keys: Iterable[str], *, village: str) -> None:
    """Write that these changed, inside the transaction of the verb that changed them."""
    now = clock.now()
    batch = [(kind, key, village, now) for key in dict.fromkeys(keys)]
    await database.insert("change_log", _COLUMNS, batch)


async def after(cursor: str, *, kinds: Sequence[str], limit: int) -> list[Change]:
    """Up to `limit` committed changes of these kinds that follow a cursor, in order.

    Args:
        cursor: a change's `cursor`; empty for the beginning.
        kinds: which kinds.
        limit: how many lines at most.

    Refuses with `CursorUnknown` when this store never gave that cursor.
    """
    await _place()
    start = await _position(cursor)
    condition, listed = database.among("kind", kinds, kind="text")
    return await _read(
        f"position > ? AND {condition} ORDER BY position LIMIT ?", [start, listed, limit]
    )


async def latest() -> str:
    """The cursor of the last committed change; empty while there is none."""
    await _place()
    found = await _read("position IS NOT NULL ORDER BY position DESC LIMIT 1", [])
    return found[0].cursor if found else ""


async def keys(kind: str, *, since: str) -> list[str]:
    """What of one kind changed after a cursor, without its order, for a list to be narrowed by.

    Refuses with `CursorUnknown`.
    """
    await _place()
    start = await _position(since)
    found = await database.rows(
        "SELECT DISTINCT key FROM change_log WHERE position > ? AND kind = ?", [start, kind]
    )
    return [line["key"] for line in found]


async def _position(cursor: str) -> int:
    if not cursor:
        return 0
    number, _, _ = cursor.partition("-")
    if number.isascii() and number.isdigit() and len(number) <= 18:
        found = await _read("position = ?", [int(number)])
        if found and found[0].cursor == cursor:
            return found[0].position
    raise CursorUnknown(cursor=cursor[:60])


async def _read(tail: str, values: list[object]) -> list[Change]:
    found = await database.rows(
        f"SELECT position, kind, key, village, at FROM change_log WHERE {tail}",  # noqa: S608 - ours
        values,
    )
    return [msgspec.convert(line, Change, strict=False) for line in found]


async def _place() -> None:
    """Give every committed line its place."""
    while await database.rows("SELECT 1 FROM change_log WHERE position IS NULL LIMIT 1"):
        await _place_some()


@database.transaction
async def _place_some() -> None:
    """Give places to the next lines, one reader after another.

    The lock is taken by a statement of its own: only the statement after it is sure to see the
    places that the holder before it gave.
    """
    if database.dialect() == "postgres":
        await database.rows("SELECT pg_advisory_xact_lock(?)", [PLACING_LOCK])
    await database.execute(
        "UPDATE change_log SET position = placed.position FROM ("
        "SELECT id, row_number() OVER (ORDER BY id) + "
        "(SELECT coalesce(max(position), 0) FROM change_log) AS position "
        "FROM change_log WHERE position IS NULL ORDER BY id LIMIT ?"
        ") AS placed WHERE change_log.id = placed.id",
        [PLACED_AT_ONCE],
    )
