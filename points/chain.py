"""One link of a village's chain: what an entry is, and the text that its hash covers.

Pure. The text is the values of the columns in `HASHED`, in that order, joined by line feeds, in
UTF-8: whole numbers in decimal, dates as YYYY-MM-DD, UUIDs in lower case with hyphens, what is
absent as nothing. No value may hold a line feed, so two different rows never share a text. The
hash is the SHA-256 of that text in lower-case hex; the first entry's `prev_hash` is `GENESIS`.
A change here makes every existing ledger unverifiable: tests/data/ledger_golden.json pins it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

GENESIS = "0" * 64

HASHED = (
    "prev_hash",
    "village",
    "seq",
    "id",
    "household_id",
    "kind",
    "item_id",
    "item_code",
    "block",
    "points",
    "deed_on",
    "recorded_at",
    "recorded_by",
    "source",
    "reverses_id",
    "reason_digest",
)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of the ledger, its fields named and ordered as what the hash covers."""

    prev_hash: str
    village: str
    seq: int
    id: UUID
    household_id: UUID
    kind: str
    item_id: UUID | None
    item_code: str
    block: str
    points: int
    deed_on: date
    recorded_at: str
    recorded_by: str
    source: str
    reverses_id: UUID | None
    reason_digest: str
    hash: str = ""


COLUMNS = Entry.__struct_fields__
assert (*HASHED, "hash") == COLUMNS


def link(values: Iterable[str]) -> str:
    """The hash of one entry, from the texts of its `HASHED` values in order."""
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


def entry_of(row: Mapping[str, Any]) -> Entry:
    """An entry from a row of either engine: SQLite gives dates and UUIDs as texts."""
    return msgspec.convert({name: row[name] for name in COLUMNS}, Entry, strict=False)


def texts(entry: Entry) -> list[str]:
    """The values that an entry's hash covers, as texts in order."""
    covered = msgspec.structs.astuple(entry)[:-1]
    return ["" if value is None else str(value) for value in covered]


def sealed(entry: Entry) -> Entry:
    """The entry with its hash."""
    values = texts(entry)
    assert not any("\n" in value for value in values), "a line feed would blur the text's fields"
    return msgspec.structs.replace(entry, hash=link(values))


def reason_digest(reason: str, *, salt: str) -> str:
    """What stays of a reason in the chain, also when the reason itself has been erased."""
    return hashlib.sha256(f"{salt}\n{reason}".encode()).hexdigest() if reason else ""
