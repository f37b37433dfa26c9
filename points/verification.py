"""Recomputes every chain from its first entry and names the first place that does not hold.

Finds a value changed, a row inserted, removed or moved, a tail cut off behind the head of the
chain or of a publication, totals that do not add up, and a reason that was rewritten; a reason
that was erased is no fault. Reads only, page by page, all of a village from one snapshot of the
store, so that a server may post meanwhile. Somebody who rewrites a whole ledger with its heads is
found out by the papers on the wall, which carry the head that they were printed from.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from foundation import database
from points import chain, ledger

PAGE = 5_000
# Lists that were handed in rest on a ledger which is elsewhere.
_OURS = "publication WHERE received_at IS NULL"

Progress = Callable[[str, int, int], None]
"""Told the village, how many of its entries are checked, and how many there are."""


class Fault(msgspec.Struct, frozen=True):
    """Something that does not hold, at the first entry of the village where it shows."""

    village: str
    seq: int
    message: str

    def __str__(self) -> str:
        return f"fault village={self.village} seq={self.seq}: {self.message}"


class _Walk(msgspec.Struct):
    """A chain as far as it has been followed, and what its entries add up to."""

    village: str
    published: dict[int, tuple[str, str]]
    seq: int = 0
    hash: str = chain.GENESIS
    balances: Counter[str] = msgspec.field(default_factory=Counter)
    months: Counter[tuple[str, str, str]] = msgspec.field(default_factory=Counter)
    last: dict[str, int] = msgspec.field(default_factory=dict)


async def verify(village: str | None = None, *, progress: Progress | None = None) -> list[Fault]:
    """The faults of one village's ledger, or of every village's in the order of their codes.

    A chain that breaks is reported once, at its first bad entry: what comes after it proves
    nothing. The totals are compared where the chain holds.
    """
    faults: list[Fault] = []
    for code in [village] if village else await _villages():
        faults += await _verify(code, progress=progress)
    return faults


async def _villages() -> list[str]:
    tables = ("chain_head", "ledger_entry", "household_balance", "month_total", _OURS)
    found = await database.rows(" UNION ".join(f"SELECT village FROM {table}" for table in tables))  # noqa: S608 - our tables
    return sorted(row["village"] for row in found)


@database.transaction
async def _verify(village: str, *, progress: Progress | None) -> list[Fault]:
    if database.dialect() == "postgres":
        await database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    walk = _Walk(village, await _published(village))
    entries = await _counted(village)
    walked = 0
    async for page in _pages(village):
        for row in page:
            if message := _fault_of(walk, row):
                return [Fault(village, walk.seq + 1, message)]
            _step(walk, row)
        walked += len(page)
        if progress:
            progress(village, walked, entries)
    if walked < entries:
        return [
            Fault(village, walk.seq + 1, f"{entries - walked} entries have no seq of their own")
        ]
    return await _end_faults(walk) or await _total_faults(walk)


async def _counted(village: str) -> int:
    [row] = await database.rows(
        "SELECT COUNT(*) AS entries FROM ledger_entry WHERE village = ?", [village]
    )
    return int(row["entries"])


async def _published(village: str) -> dict[int, tuple[str, str]]:
    """Serial and chain head of the last publication made at each seq."""
    found = await database.rows(
        f"SELECT serial, chain_seq, chain_hash FROM {_OURS} AND village = ? ORDER BY serial",  # noqa: S608 - ours
        [village],
    )
    return {row["chain_seq"]: (row["serial"], row["chain_hash"]) for row in found}


async def _pages(village: str) -> AsyncIterator[list[dict[str, Any]]]:
    """The village's entries by seq, every hashed value as the text that the hash covers."""
    day = "e.deed_on" if database.dialect() == "sqlite" else "to_char(e.deed_on, 'YYYY-MM-DD')"
    texts = {name: f"CAST(e.{name} AS TEXT)" for name in chain.COLUMNS} | {"deed_on": day}
    columns = ", ".join(f"{text} AS {name}" for name, text in texts.items())
    after = -(2**62)
    while True:
        page = await database.rows(
            f"SELECT {columns}, e.seq AS at, r.salt, r.reason FROM ledger_entry e "  # noqa: S608 - our columns
            "LEFT JOIN entry_reason r ON r.entry_id = e.id "
            f"WHERE e.village = ? AND e.seq > ? ORDER BY e.seq LIMIT {PAGE}",
            [village, after],
        )
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1]["at"]


def _fault_of(walk: _Walk, row: dict[str, Any]) -> str:
    """What is wrong with the row as the chain's next entry, or nothing."""
    if row["at"] != walk.seq + 1:
        return f"expected entry {walk.seq + 1}, found {row['at']}"
    if row["prev_hash"] != walk.hash:
        return "does not follow the entry before it"
    # An absent value is hashed as nothing; an empty one in its place would be a change unseen.
    if "" in (row["item_id"], row["reverses_id"]):
        return "an empty text stands where nothing should"
    if chain.link([row[name] or "" for name in chain.HASHED]) != row["hash"]:
        return "the content does not match its hash"
    if row["salt"] and chain.reason_digest(row["reason"], salt=row["salt"]) != row["reason_digest"]:
        return "the reason does not match its digest"
    serial, head = walk.published.get(row["at"], ("", row["hash"]))
    if head != row["hash"]:
        return f"differs from the chain head of publication {serial}"
    return ""


def _step(walk: _Walk, row: dict[str, Any]) -> None:
    household, points = row["household_id"], int(row["points"])
    walk.seq, walk.hash = row["at"], row["hash"]
    walk.last[household] = walk.seq
    walk.balances[household] += points
    if row["kind"] in ledger.EARNING:
        walk.months[row["deed_on"][:7], household, row["block"]] += points


async def _end_faults(walk: _Walk) -> list[Fault]:
    """Where the chain's end and the heads kept of it differ."""
    found = await database.rows(
        "SELECT seq, hash FROM chain_head WHERE village = ?", [walk.village]
    )
    seq, head = (found[0]["seq"], found[0]["hash"]) if found else (0, chain.GENESIS)
    if seq > walk.seq:
        message = f"the chain's head is entry {seq}, the entries from here on are missing"
        return [Fault(walk.village, walk.seq + 1, message)]
    for at in sorted(walk.published):
        if at > walk.seq:
            serial, _ = walk.published[at]
            message = f"publication {serial} counts up to entry {at}, which is missing"
            return [Fault(walk.village, walk.seq + 1, message)]
    if seq < walk.seq:
        message = f"the chain's head is entry {seq}, this one was not posted"
        return [Fault(walk.village, seq + 1, message)]
    if head != walk.hash:
        return [Fault(walk.village, seq, "the chain's head has another hash")]
    return []


async def _total_faults(walk: _Walk) -> list[Fault]:
    """Balances and month totals that differ from the sums of the entries."""
    balances = await database.rows(
        "SELECT CAST(household_id AS TEXT) AS household_id, balance FROM household_balance "
        "WHERE village = ?",
        [walk.village],
    )
    months = await database.rows(
        "SELECT month, CAST(household_id AS TEXT) AS household_id, block, earned "
        "FROM month_total WHERE village = ?",
        [walk.village],
    )
    kept_months = {
        (row["month"], row["household_id"], row["block"]): row["earned"] for row in months
    }
    kept = {row["household_id"]: row["balance"] for row in balances}
    differing = [
        (household, f"the balance of household {household} is not the sum of its entries")
        for household in kept.keys() | walk.balances.keys()
        if kept.get(household) != walk.balances.get(household)
    ] + [
        (key[1], f"the total of household {key[1]} for {key[0]} {key[2]} is not what it earned")
        for key in kept_months.keys() | walk.months.keys()
        if kept_months.get(key) != walk.months.get(key)
    ]
    found = (
        Fault(walk.village, walk.last.get(household, walk.seq), message)
        for household, message in differing
    )
    return sorted(found, key=lambda fault: (fault.seq, fault.message))
