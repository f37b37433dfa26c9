"""L6: every way of tampering with a copy of the ledger is found, and its first place named."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import auditing
import factories
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from villages import award, posting, reverse

from foundation import clock, database
from households import settings
from points import ledger, verification
from points.chain import COLUMNS
from points.models import Publication
from points.scheme import Scheme
from points.verification import Fault

ENTRIES = 10
PUBLISHED_AT = 8
GUARDED = ("ledger_entry", "publication")


@pytest.fixture
async def tampered(opened: str) -> AsyncIterator[None]:
    """Ten entries of all kinds, a publication on the eighth, a neighbour; no triggers left."""
    with clock.stopped_at(villages.NOON):
        items = await villages.a_village(households=3)
        await settings.write(VILLAGE, Scheme(base_points=100), by=OPERATOR)
        await ledger.grant_base(VILLAGE, on=date(2026, 1, 1), by=OPERATOR)
        first = await award(1, items["courtyard"], 12)
        await award(2, items["courtyard"], 0)
        await reverse(first)
        await ledger.post_many(
            VILLAGE, [posting(number, items["waste"], 7) for number in (1, 2)], by=OPERATOR
        )
        await _publish()
        await award(3, items["courtyard"], 3)
        await award(3, items["volunteer"], 5)
        theirs = await villages.another_village()
        clerk = factories.official("clerk", OTHER_VILLAGE)
        for number in (1, 2):
            await award(number, theirs["courtyard"], 5, village=OTHER_VILLAGE, by=clerk)
        assert await verification.verify() == []
        await _drop_guards(opened)
        yield


async def _publish() -> None:
    """A publication's row as far as verification reads it: its village and chain head."""
    seq, head = await ledger.lock(VILLAGE)
    assert seq == PUBLISHED_AT
    await Publication.create(
        serial=f"{VILLAGE}-2026-10-01", village=VILLAGE, region=VILLAGE, period="2026-10",
        snapshot="", hash="", signature="", public_key="", chain_seq=seq, chain_hash=head,
        display_from=villages.TODAY, display_until=villages.TODAY, published_at=clock.now(),
        published_by="test",
    )  # fmt: skip


async def _drop_guards(store: str) -> None:
    """What somebody with the file or the superuser's password can do."""
    if store.startswith("postgres"):
        for table in GUARDED:
            await database.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        await database.execute(
            "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_points_bounded"
        )
        return
    found = await database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for row in found:
        await database.execute(f"DROP TRIGGER {row['name']}")


def changed(name: str) -> str:
    """SQL for another value of a column, as small a change as its type allows."""
    if name in ("id", "household_id"):
        return f"'{uuid4()}'"
    if name in ("item_id", "reverses_id"):
        return f"CASE WHEN {name} IS NULL THEN household_id ELSE NULL END"
    if name == "deed_on":
        return "'2026-10-19'"
    if name in ("seq", "points"):
        return f"{name} + 100"
    if name in ("hash", "prev_hash"):
        return f"'0' || substr({name}, 2, 62) || CASE substr({name}, 64) WHEN '0' THEN '1' ELSE '0' END"  # noqa: E501
    if name == "village":
        return "'610428106229'"
    if name == "recorded_at":
        return "'2026-10-20T04:00:01Z'"
    if name in ("reason_digest", "kind"):
        return f"CASE {name} WHEN '' THEN 'x' ELSE substr({name}, 2) END"
    return f"{name} || 'x'"


async def _restored(tables: tuple[str, ...]) -> Callable[[], Awaitable[None]]:
    """Remember some tables; the function that comes back puts them as they were."""
    for table in tables:
        await database.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")

    async def restore() -> None:
        for table in tables:
            await database.execute(f"DELETE FROM {table}")
            await database.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")

    return restore


async def faults_after(*statements: str) -> list[Fault]:
    for statement in statements:
        await database.execute(statement)
    return await verification.verify()


async def first_fault(*statements: str) -> tuple[str, int]:
    """Village and seq of the first fault after some statements."""
    found = await faults_after(*statements)
    return (found[0].village, found[0].seq) if found else ("", 0)


async def test_L6_a_change_of_any_column_of_any_entry_is_found(tampered: None) -> None:
    restore = await _restored(("ledger_entry",))
    for seq in (1, 4, 6, ENTRIES):
        for name in COLUMNS:
            where = f"village = '{VILLAGE}' AND seq = {seq}"
            found = await first_fault(
                f"UPDATE ledger_entry SET {name} = {changed(name)} WHERE {where}"
            )
            assert found == (VILLAGE, seq), f"{name} of {seq}"
            await restore()
    assert await verification.verify() == []


async def test_L6_an_absent_value_made_empty_is_found_on_sqlite(
    tampered: None, opened: str
) -> None:
    """PostgreSQL's columns cannot hold it."""
    if opened.startswith("postgres"):
        with pytest.raises(Exception, match="uuid"):
            await database.execute("UPDATE ledger_entry SET reverses_id = '' WHERE seq = 4")
        return
    statement = f"UPDATE ledger_entry SET reverses_id = '' WHERE village = '{VILLAGE}' AND seq = 4"
    assert await first_fault(statement) == (VILLAGE, 4)


async def test_L6_a_row_removed_moved_or_inserted_is_found(tampered: None) -> None:
    restore = await _restored(("ledger_entry",))
    of_village = f"village = '{VILLAGE}'"
    columns = ", ".join(COLUMNS)
    given = {"id": f"'{uuid4()}'", "seq": "seq + 1", "reverses_id": "NULL"}
    copied = ", ".join(given.get(name, name) for name in COLUMNS)
    copy = (
        f"INSERT INTO ledger_entry ({columns}) SELECT {copied} FROM ledger_entry WHERE {of_village}"
    )
    move_up = (
        f"UPDATE ledger_entry SET seq = -seq WHERE {of_village} AND seq > 5",
        f"UPDATE ledger_entry SET seq = 1 - seq WHERE {of_village} AND seq < 0",
    )
    cases: dict[str, tuple[tuple[str, ...], int]] = {
        "the first removed": ((f"DELETE FROM ledger_entry WHERE {of_village} AND seq = 1",), 1),
        "one removed": ((f"DELETE FROM ledger_entry WHERE {of_village} AND seq = 5",), 5),
        "one removed and the rest moved up": (
            (
                f"DELETE FROM ledger_entry WHERE {of_village} AND seq = 5",
                f"UPDATE ledger_entry SET seq = -seq WHERE {of_village} AND seq > 5",
                f"UPDATE ledger_entry SET seq = -seq - 1 WHERE {of_village} AND seq < 0",
            ),
            5,
        ),
        "two swapped": (
            (
                f"UPDATE ledger_entry SET seq = 99 WHERE {of_village} AND seq = 5",
                f"UPDATE ledger_entry SET seq = 5 WHERE {of_village} AND seq = 6",
                f"UPDATE ledger_entry SET seq = 6 WHERE {of_village} AND seq = 99",
            ),
            5,
        ),
        "one inserted within": ((*move_up, f"{copy} AND seq = 5"), 6),
        "one inserted behind": ((f"{copy} AND seq = {ENTRIES}",), ENTRIES + 1),
        "one inserted before": (
            (f"{copy.replace('seq + 1', '0')} AND seq = 1",),
            1,
        ),
        "all removed": ((f"DELETE FROM ledger_entry WHERE {of_village}",), 1),
    }
    for name, (statements, seq) in cases.items():
        assert await first_fault(*statements) == (VILLAGE, seq), name
        await restore()
    assert await verification.verify() == []


async def test_L6_an_entry_forged_with_a_right_hash_is_not_part_of_the_chain(
    tampered: None,
) -> None:
    """Who knows the format can chain a row of his own; the head still ends before it."""
    [last] = await database.rows(
        "SELECT * FROM ledger_entry WHERE village = ? ORDER BY seq DESC LIMIT 1", [VILLAGE]
    )
    forged = {name: None if value is None else str(value) for name, value in last.items()} | {
        "id": str(uuid4()),
        "seq": ENTRIES + 1,
        "prev_hash": last["hash"],
    }
    forged["hash"] = auditing.hash_of(forged)
    given: dict[str, Any] = {name: forged[name] for name in ("id", "seq", "prev_hash", "hash")}
    copied = ", ".join(
        (str(given[name]) if name == "seq" else f"'{given[name]}'") if name in given else name
        for name in COLUMNS
    )
    found = await faults_after(
        f"INSERT INTO ledger_entry ({', '.join(COLUMNS)}) SELECT {copied} FROM ledger_entry "
        f"WHERE village = '{VILLAGE}' AND seq = {ENTRIES}"
    )
    assert [(fault.seq, "not posted" in fault.message) for fault in found] == [(11, True)]


@pytest.mark.parametrize("left", [0, 5, PUBLISHED_AT, ENTRIES - 1])
async def test_L6_a_tail_cut_off_is_told_by_the_chains_head(tampered: None, left: int) -> None:
    cut = f"DELETE FROM ledger_entry WHERE village = '{VILLAGE}' AND seq > {left}"
    assert await first_fault(cut) == (VILLAGE, left + 1)


@pytest.mark.parametrize("left", [0, 5, PUBLISHED_AT - 1])
async def test_L6_a_tail_cut_off_with_its_head_is_told_by_the_last_publication(
    tampered: None, left: int
) -> None:
    [fault] = await faults_after(
        f"DELETE FROM ledger_entry WHERE village = '{VILLAGE}' AND seq > {left}",
        f"UPDATE chain_head SET seq = {left}, hash = COALESCE((SELECT hash FROM ledger_entry "
        f"WHERE village = '{VILLAGE}' AND seq = {left}), '{'0' * 64}') WHERE village = '{VILLAGE}'",
    )
    assert fault.seq == left + 1
    assert f"{VILLAGE}-2026-10-01" in fault.message
    assert str(fault).startswith(f"fault village={VILLAGE} seq={left + 1}: ")


async def test_L6_a_village_wiped_out_is_told_by_its_publication(tampered: None) -> None:
    found = await faults_after(
        *(
            f"DELETE FROM {table} WHERE village = '{VILLAGE}'"
            for table in ("ledger_entry", "chain_head", "household_balance", "month_total")
        )
    )
    assert [(fault.village, fault.seq) for fault in found] == [(VILLAGE, 1)]


async def test_L6_history_written_anew_is_told_by_the_last_publication(tampered: None) -> None:
    """Every entry chained again from a changed second one, head and totals brought along."""
    rows = await database.rows(
        "SELECT * FROM ledger_entry WHERE village = ? ORDER BY seq", [VILLAGE]
    )
    last = "0" * 64
    for row in rows:
        forged = {name: None if value is None else str(value) for name, value in row.items()}
        forged["recorded_by"] = "somebody else" if row["seq"] == 2 else forged["recorded_by"]
        forged["prev_hash"] = last
        last = auditing.hash_of(forged)
        await database.execute(
            "UPDATE ledger_entry SET recorded_by = ?, prev_hash = ?, hash = ? WHERE id = ?",
            [forged["recorded_by"], forged["prev_hash"], last, row["id"]],
        )
    await database.execute("UPDATE chain_head SET hash = ? WHERE village = ?", [last, VILLAGE])
    [fault] = await verification.verify()
    assert fault.seq == PUBLISHED_AT
    assert "publication" in fault.message


async def test_L6_a_head_that_was_changed_is_found(tampered: None) -> None:
    restore = await _restored(("chain_head",))
    of_village = f"WHERE village = '{VILLAGE}'"
    for statement, seq in (
        (f"UPDATE chain_head SET seq = seq + 1 {of_village}", ENTRIES + 1),
        (f"UPDATE chain_head SET seq = seq - 1 {of_village}", ENTRIES),
        (f"UPDATE chain_head SET hash = 'x' || substr(hash, 2) {of_village}", ENTRIES),
        (f"DELETE FROM chain_head {of_village}", 1),
    ):
        assert await first_fault(statement) == (VILLAGE, seq), statement
        await restore()


async def test_L3_totals_that_were_changed_are_found(tampered: None) -> None:
    restore = await _restored(("household_balance", "month_total"))
    third = f"household_id = '{villages.household_id(3)}'"
    for statement in (
        f"UPDATE household_balance SET balance = balance + 1 WHERE {third}",
        f"DELETE FROM household_balance WHERE {third}",
        f"UPDATE month_total SET earned = earned - 1 WHERE {third}",
        f"UPDATE month_total SET month = '2025-10' WHERE {third}",
        f"UPDATE month_total SET block = 'law' WHERE {third}",
        f"DELETE FROM month_total WHERE {third}",
    ):
        assert await first_fault(statement) == (VILLAGE, ENTRIES), statement
        await restore()
    assert await verification.verify() == []


async def test_only_the_village_asked_for_is_verified(tampered: None) -> None:
    statement = f"UPDATE ledger_entry SET points = 6 WHERE village = '{OTHER_VILLAGE}' AND seq = 2"
    await database.execute(statement)
    assert await verification.verify(VILLAGE) == []
    [fault] = await verification.verify(OTHER_VILLAGE)
    assert [fault] == await verification.verify()
    assert str(fault) == (
        f"fault village={OTHER_VILLAGE} seq=2: the content does not match its hash"
    )


async def test_verification_tells_its_progress_and_reads_page_by_page(
    tampered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "PAGE", 4)
    told: list[tuple[str, int, int]] = []
    assert await verification.verify(VILLAGE, progress=lambda *facts: told.append(facts)) == []
    assert told == [(VILLAGE, done, ENTRIES) for done in (4, 8, 10)]
