"""Golden vectors: the hash of an entry is what it was, on every engine, by any implementation."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import auditing
import pytest

from foundation import database
from points import chain, verification

GOLDEN = json.loads((Path(__file__).parent / "data" / "ledger_golden.json").read_text())
every_row = pytest.mark.parametrize("row", GOLDEN["entries"], ids=lambda row: row["kind"])
_TYPES = {"seq": "bigint", "points": "int", "deed_on": "date"}
_IDS = ("id", "household_id", "item_id", "reverses_id")


@every_row
def test_golden_rows_have_their_golden_hash(row: dict[str, Any]) -> None:
    assert chain.sealed(chain.entry_of(row)).hash == row["hash"]


@every_row
def test_another_implementation_agrees(row: dict[str, Any]) -> None:
    assert auditing.hash_of(row) == row["hash"]


@every_row
@pytest.mark.parametrize("name", chain.HASHED)
def test_every_column_but_the_hash_is_covered(row: dict[str, Any], name: str) -> None:
    other = chain.entry_of(row)
    values = chain.texts(other)
    values[chain.HASHED.index(name)] += "0"
    assert chain.link(values) != row["hash"]


@pytest.mark.parametrize("kept", GOLDEN["reasons"])
def test_golden_reasons_have_their_golden_digest(kept: dict[str, str]) -> None:
    assert chain.reason_digest(kept["reason"], salt=kept["salt"]) == kept["digest"]


def test_a_line_feed_cannot_blur_two_fields() -> None:
    row = chain.entry_of(GOLDEN["entries"][0] | {"recorded_by": "a\nb"})
    with pytest.raises(AssertionError):
        chain.sealed(row)


def test_golden_rows_follow_one_another() -> None:
    hashes = [chain.GENESIS, *(row["hash"] for row in GOLDEN["entries"])]
    assert [row["prev_hash"] for row in GOLDEN["entries"]] == hashes[:-1]


async def test_L6_golden_rows_verify_on_both_engines(opened: str) -> None:
    rows = [chain.entry_of(row) for row in GOLDEN["entries"]]
    columns = {name: "uuid" if name in _IDS else _TYPES.get(name, "text") for name in chain.COLUMNS}
    insert = database.transaction(database.insert)
    await insert(
        "ledger_entry", columns, [[getattr(row, name) for name in columns] for row in rows]
    )
    await database.execute(
        "INSERT INTO chain_head (village, seq, hash) VALUES (?, ?, ?)",
        [rows[-1].village, rows[-1].seq, rows[-1].hash],
    )
    faults = await verification.verify()
    assert [fault.seq for fault in faults] == [3, 3, 4, 4]
    assert all("total" in fault.message or "balance" in fault.message for fault in faults)
    await _total_up()
    assert await verification.verify() == []


async def _total_up() -> None:
    """The totals of the golden rows, as a person reads them off the file."""
    first, second = (UUID(GOLDEN["entries"][at]["household_id"]) for at in (0, 2))
    insert = database.transaction(database.insert)
    await insert(
        "household_balance",
        {"household_id": "uuid", "village": "text", "balance": "bigint"},
        [(first, "610428106221", 100), (second, "610428106221", 0)],
    )
    await insert(
        "month_total",
        {"village": "text", "month": "text", "household_id": "uuid", "block": "text",
         "earned": "int"},
        [("610428106221", "2026-06", who, "public_service", 0) for who in (first, second)],
    )  # fmt: skip
