"""An auditor of his own: recomputes chains and totals from raw rows, without a line of ours.

Written from the text in docs and contracts, so that a mistake in points/chain.py or in the totals
cannot hide behind itself.
"""

import hashlib
from collections import defaultdict
from typing import Any

from villages import Raw

# In the order that the format's description gives.
_COLUMNS = (
    "prev_hash", "village", "seq", "id", "household_id", "kind", "item_id", "item_code", "block",
    "points", "deed_on", "recorded_at", "recorded_by", "source", "reverses_id", "reason_digest",
)  # fmt: skip


def hash_of(row: dict[str, Any]) -> str:
    """The hash that a row of `ledger_entry` must have."""
    digest = hashlib.sha256()
    for place, name in enumerate(_COLUMNS):
        if place:
            digest.update(b"\n")
        digest.update(b"" if row[name] is None else str(row[name]).encode("utf-8"))
    return digest.hexdigest()


async def entries(raw: Raw) -> list[dict[str, Any]]:
    """All entries, village by village, in the order of their seq."""
    return await raw("SELECT * FROM ledger_entry ORDER BY village, seq")


async def assert_sound(raw: Raw) -> None:
    """Every chain without gap or repeat, every head and every total as the raw rows say."""
    rows = await entries(raw)
    heads: dict[str, tuple[int, str]] = {}
    balances: dict[tuple[str, str], int] = defaultdict(int)
    months: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for row in rows:
        seq, last = heads.get(row["village"], (0, "0" * 64))
        assert row["seq"] == seq + 1, f"{row['village']} has {row['seq']} after {seq}"
        assert row["prev_hash"] == last
        assert row["hash"] == hash_of(row)
        heads[row["village"]] = (row["seq"], row["hash"])
        balances[row["village"], row["household_id"]] += row["points"]
        if row["kind"] in ("award", "deduction", "reversal"):
            key = (row["village"], row["deed_on"][:7], row["household_id"], row["block"])
            months[key] += row["points"]
    assert len({row["id"] for row in rows}) == len(rows)
    kept_heads = await raw("SELECT village, seq, hash FROM chain_head WHERE seq > 0")
    assert {row["village"]: (row["seq"], row["hash"]) for row in kept_heads} == heads
    kept = await raw("SELECT village, household_id, balance FROM household_balance")
    assert {(row["village"], row["household_id"]): row["balance"] for row in kept} == balances
    kept = await raw("SELECT village, month, household_id, block, earned FROM month_total")
    assert {
        (row["village"], row["month"], row["household_id"], row["block"]): row["earned"]
        for row in kept
    } == months


async def everything(raw: Raw) -> dict[str, list[str]]:
    """What the points floor, the register and the audit log hold, to compare before with after."""
    tables = (
        "ledger_entry", "entry_reason", "chain_head", "household_balance", "month_total",
        "score_sheet", "score_draft", "audit_line", "household", "resident", "household_move",
        "official",
    )  # fmt: skip
    return {
        table: sorted(repr(sorted(row.items())) for row in await raw(f"SELECT * FROM {table}"))
        for table in tables
    }
