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
PREV_HASH, SEQ, ID, HOUSEHOLD, ITEM, POINTS, DEED_ON, RECORDED_AT, REVERSES, REASON_DIGEST = (
    HASHED.index(name)
    for name in (
        "prev_hash",
        "seq",
        "id",
        "household_id",
        "item_id",
        "points",
        "deed_on",
        "recorded_at",
        "reverses_id",
        "reason_digest",
    )
)
assert (*HASHED, "hash") == COLUMNS


def link(values: Iterable[str]) -> str:
    """The hash of one entry, from the texts of its `HASHED` values in order."""
    return _digest("\n".join(values))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entry_of(row: Mapping[str, Any]) -> Entry:
    """An entry from a row of either engine: SQLite gives dates and UUIDs as texts."""
    return msgspec.convert({name: row[name] for name in COLUMNS}, Entry, strict=False)


def texts(entry: Entry) -> list[str]:
    """The values that an entry's hash covers, as texts in order."""
    return [
        entry.prev_hash,
        entry.village,
        str(entry.seq),
        str(entry.id),
        str(entry.household_id),
        entry.kind,
        str(entry.item_id) if entry.item_id else "",
        entry.item_code,
        entry.block,
        str(entry.points),
        entry.deed_on.isoformat(),
        entry.recorded_at,
        entry.recorded_by,
        entry.source,
        str(entry.reverses_id) if entry.reverses_id else "",
        entry.reason_digest,
    ]


def sealed(entry: Entry) -> Entry:
    """The entry with its hash."""
    return msgspec.structs.replace(entry, hash=_whole(texts(entry)))


def chained(
    draft: Entry, values: list[str], *, after: str, seq: int, recorded_at: str, digest: str
) -> Entry:
    """A draft in its place in the chain.

    `values` are the draft's `texts`, which every posting needs before as well; they are brought
    along, so that a sheet of thousands makes each text once.
    """
    values[PREV_HASH], values[SEQ] = after, str(seq)
    values[RECORDED_AT], values[REASON_DIGEST] = recorded_at, digest
    return msgspec.structs.replace(
        draft,
        prev_hash=after,
        seq=seq,
        recorded_at=recorded_at,
        reason_digest=digest,
        hash=_whole(values),
    )


def _whole(values: list[str]) -> str:
    text = "\n".join(values)
    assert text.count("\n") == len(HASHED) - 1, "a line feed would blur the text's fields"
    return _digest(text)


def reason_digest(reason: str, *, salt: str) -> str:
    """What stays of a reason in the chain, also when the reason itself has been erased."""
    return _digest(f"{salt}\n{reason}") if reason else ""
