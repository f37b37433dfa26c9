"""L4, L8, L9: entries only ever come, points are bounded whole numbers, nothing personal stays."""

import contextlib
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import auditing
import pytest
import villages
from factories import VILLAGE
from villages import CLERK, award, household_id, posting, reverse

from foundation import attachments, clock, database
from points import ledger, verification
from points.chain import COLUMNS
from points.models import LedgerEntry
from rules.rulebook import Item

Items = dict[str, Item]


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    """A village with one entry that was reversed and one that stands."""
    with clock.stopped_at(villages.NOON):
        items = await villages.a_village()
        await reverse(await award(1, items["courtyard"], 5))
        await award(2, items["courtyard"], 5)
        yield items


def changing(store: str) -> list[str]:
    """Statements that would change or remove entries, in whatever way an engine knows."""
    columns = ", ".join(COLUMNS)
    copied = ", ".join("'x'" if name == "source" else name for name in COLUMNS)
    other_id = ", ".join(f"'{uuid4()}'" if name == "id" else name for name in COLUMNS)
    again = f"INSERT INTO ledger_entry ({columns}) SELECT {copied} FROM ledger_entry WHERE seq = 1"
    statements = [
        *(f"UPDATE ledger_entry SET {name} = {name} WHERE seq = 1" for name in COLUMNS),
        "UPDATE ledger_entry SET points = 999",
        "DELETE FROM ledger_entry WHERE seq = 3",
        "DELETE FROM ledger_entry",
        f"{again} ON CONFLICT (id) DO UPDATE SET points = 999",
        f"{again} ON CONFLICT (village, seq) DO UPDATE SET points = 999",
    ]
    if store.startswith("postgres"):
        return [
            *statements,
            "TRUNCATE ledger_entry",
            "TRUNCATE ledger_entry CASCADE",
            "WITH gone AS (DELETE FROM ledger_entry RETURNING 1) SELECT * FROM gone",
            "MERGE INTO ledger_entry e USING (SELECT 1) s ON e.seq = 1 WHEN MATCHED THEN DELETE",
        ]
    return [
        *statements,
        f"INSERT OR REPLACE INTO ledger_entry ({columns}) "
        f"SELECT {copied} FROM ledger_entry WHERE seq = 1",
        f"REPLACE INTO ledger_entry ({columns}) SELECT {other_id} FROM ledger_entry WHERE seq = 1",
        f"INSERT OR REPLACE INTO ledger_entry (rowid, {columns}) SELECT rowid, "
        + ", ".join({"id": f"'{uuid4()}'", "seq": "99"}.get(name, name) for name in COLUMNS)
        + " FROM ledger_entry WHERE seq = 1",
        "UPDATE OR REPLACE ledger_entry SET points = 999",
    ]


async def test_L4_no_statement_changes_or_removes_an_entry(items: Items, opened: str) -> None:
    for statement in changing(opened):
        async with villages.raw(opened) as raw:
            before = await auditing.entries(raw)
            with pytest.raises(Exception, match=r"(?i)only grows|unique|constraint"):
                await raw(statement)
            assert await auditing.entries(raw) == before, statement
            await auditing.assert_sound(raw)


async def test_L4_the_triggers_and_not_a_constraint_refuse(items: Items, opened: str) -> None:
    async with villages.raw(opened) as raw:
        for statement in ("UPDATE ledger_entry SET points = 1", "DELETE FROM ledger_entry"):
            with pytest.raises(Exception, match="ledger_entry only grows"):
                await raw(statement)


async def test_L4_models_change_and_remove_nothing_either(items: Items, opened: str) -> None:
    entry = await LedgerEntry.get(seq=3)
    entry.points = 999
    attempts = [
        entry.save(),
        entry.delete(),
        LedgerEntry.all().delete(),
        LedgerEntry.filter(seq=1).update(points=999),
    ]
    for attempt in attempts:
        with pytest.raises(Exception, match="only grows"):
            await attempt
    async with villages.raw(opened) as raw:
        assert [row["points"] for row in await auditing.entries(raw)] == [5, -5, 5]


async def test_L4_only_the_ledger_writes_entries() -> None:
    written = re.compile(r'insert\w*\(\s*"ledger_entry"|INSERT INTO ledger_entry|LedgerEntry\(')
    packages = ("foundation", "households", "rules", "points", "api")
    writers = {
        str(file.relative_to(villages.ROOT))
        for package in packages
        for file in (villages.ROOT / package).rglob("*.py")
        if written.search(file.read_text()) and "migrations" not in file.parts
    }
    assert writers == {"points/ledger.py", "points/models.py"}


# -- L8 -----------------------------------------------------------------------------------


async def test_L8_no_column_of_points_or_totals_can_hold_a_fraction(opened: str) -> None:
    async with villages.raw(opened) as raw:
        kinds = await _column_types(raw, opened)
    assert kinds["ledger_entry.points"] in ("INT", "integer")
    assert kinds["ledger_entry.seq"] in ("BIGINT", "bigint")
    assert kinds["household_balance.balance"] in ("BIGINT", "bigint")
    assert kinds["month_total.earned"] in ("INT", "integer")
    fractional = re.compile(r"(?i)real|float|double|numeric|decimal")
    assert [name for name, kind in kinds.items() if fractional.search(kind)] == []


async def _column_types(raw: villages.Raw, store: str) -> dict[str, str]:
    if store.startswith("postgres"):
        found = await raw(
            "SELECT table_name AS t, column_name AS c, data_type AS k "
            "FROM information_schema.columns WHERE table_schema = 'public'"
        )
    else:
        found = await raw(
            "SELECT m.name AS t, c.name AS c, c.type AS k FROM sqlite_master m "
            "JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    return {f"{row['t']}.{row['c']}": row["k"] for row in found}


@pytest.mark.parametrize("points", ["1000001", "-1000001", "2147483648", "1.5", "'a lot'"])
async def test_L8_raw_points_out_of_bounds_are_refused(
    items: Items, points: str, opened: str
) -> None:
    given = {"id": f"'{uuid4()}'", "seq": "4", "points": points}
    chosen = ", ".join(given.get(name, name) for name in COLUMNS)
    async with villages.raw(opened) as raw:
        # PostgreSQL rounds 1.5 to 2, a whole number, before it stores; SQLite would not.
        rounds = opened.startswith("postgres") and points == "1.5"
        refused = contextlib.nullcontext() if rounds else pytest.raises(Exception, match=r".")
        with refused:
            await raw(
                f"INSERT INTO ledger_entry ({', '.join(COLUMNS)}) "
                f"SELECT {chosen} FROM ledger_entry WHERE seq = 3"
            )
        assert all(isinstance(row["points"], int) for row in await auditing.entries(raw))


async def test_L8_a_fraction_never_reaches_the_ledger(items: Items) -> None:
    with pytest.raises(AssertionError):
        await ledger.post_many(VILLAGE, [posting(3, items["courtyard"], 1.5)], by=CLERK)  # type: ignore[arg-type]


# -- L9 -----------------------------------------------------------------------------------


async def test_L9_entries_hold_opaque_ids_and_a_digest(items: Items, opened: str) -> None:
    await award(3, items["courtyard"], 5, reason="张桂英帮邻居收麦，电话19900000000")
    async with villages.raw(opened) as raw:
        text = repr(await auditing.entries(raw))
        heads = [row["head"] for row in await raw("SELECT head FROM household")]
        audit = repr(await raw("SELECT * FROM audit_line"))
    for personal in ("张桂英", "收麦", "19900000000", CLERK.name, CLERK.login, *heads):
        assert personal not in text
        assert personal not in audit


async def test_L9_equal_reasons_have_different_digests(items: Items, opened: str) -> None:
    for number in (3, 4):
        await award(number, items["courtyard"], 5, reason="院子干净")
    async with villages.raw(opened) as raw:
        digests = [row["reason_digest"] for row in await auditing.entries(raw)]
    assert len(set(digests)) == len(digests)


async def test_L9_erasing_reasons_and_evidence_leaves_the_chain_valid(
    items: Items, opened: str
) -> None:
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    await award(3, items["dog"], 20, evidence_id=photo)
    async with villages.raw(opened) as raw:
        await raw(
            "DELETE FROM entry_reason WHERE entry_id IN (SELECT id FROM ledger_entry "
            f"WHERE household_id = '{household_id(3)}')"
        )
        assert len(await raw("SELECT * FROM entry_reason")) == 3
        await auditing.assert_sound(raw)
    await attachments.forget(photo)
    assert await verification.verify() == []


async def test_L9_a_reason_rewritten_is_found(items: Items) -> None:
    await database.execute("UPDATE entry_reason SET reason = '另一个理由'")
    [fault] = await verification.verify()
    assert (fault.seq, "reason" in fault.message) == (1, True)
