"""L10: a business step is whole or not there, wherever between two statements it breaks.

The drivers' own calls, commits among them, are counted and one of them fails: the first, the
second, and so on, until the step gets through. Each attempt has ids of its own, so that nothing
left behind could pass for a repetition. Our verbs and tables are the real ones.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import auditing
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.asyncpg.client import TransactionWrapper as PostgresTransaction
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from villages import CLERK, GROUPS, TODAY, award, household_id, posting

from foundation import attachments, clock, database
from households import moves, settings
from households.details import HEAD
from households.models import Household, Resident
from points import ledger, scoring, transfers, verification
from points.scheme import Scheme
from points.scoring import Cell
from rules.rulebook import Item

Items = dict[str, Item]
Step = Callable[[], Awaitable[Any]]

CALLS = ("execute_insert", "execute_query", "execute_query_dict", "execute_many")
CLIENTS = (SqliteClient, SqliteTransactionWrapper, AsyncpgDBClient, PostgresTransaction)
LAST = ("commit",)


class Broken(Exception):
    """The line to the database is cut."""


class Fuse:
    """Counts statements and breaks at one of them; 0 never breaks."""

    def __init__(self) -> None:
        self.count = 0
        self.breaks_at = 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.breaks_at:
            raise Broken


@contextmanager
def fused(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fuse]:
    """Every statement and every commit of either driver goes through the fuse first."""
    fuse = Fuse()

    def through(method: Any) -> Any:
        async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            fuse.step()
            return await method(self, *args, **kwargs)

        return call

    with monkeypatch.context() as patched:
        for client in CLIENTS:
            for name in (*CALLS, *LAST):
                if name in vars(client):
                    patched.setattr(client, name, through(vars(client)[name]))
        yield fuse


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        items = await villages.a_village()
        await settings.write(VILLAGE, Scheme(base_points=100), by=OPERATOR)
        await award(1, items["volunteer"], 5)
        yield items


async def breaks_everywhere(step: Step, store: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Break the step at each statement in turn, then let it through; how many there are."""
    async with villages.raw(store) as raw:
        before = await auditing.everything(raw)
        with fused(monkeypatch) as fuse:
            for broken_at in range(1, 200):
                fuse.count, fuse.breaks_at = 0, broken_at
                try:
                    await step()
                except Broken:
                    assert await auditing.everything(raw) == before, f"broken at {broken_at}"
                    continue
                break
        assert await auditing.everything(raw) != before
        await auditing.assert_sound(raw)
    assert await verification.verify() == []
    return broken_at - 1


async def test_L10_an_award_with_reason_and_audit_line(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = await breaks_everywhere(
        lambda: award(1, items["courtyard"], 5), opened, monkeypatch
    )
    assert statements >= 8
    async with villages.raw(opened) as raw:
        assert len(await raw("SELECT * FROM entry_reason")) == 2
        assert len(await raw("SELECT * FROM audit_line WHERE verb = 'ledger.award'")) == 2


async def test_L10_an_award_with_evidence(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    step = lambda: award(1, items["dog"], 20, evidence_id=photo)  # noqa: E731
    assert await breaks_everywhere(step, opened, monkeypatch) >= 9


async def test_L10_a_reversal(items: Items, opened: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = await award(2, items["courtyard"], 5)
    step = lambda: ledger.reverse(entry.id, id=uuid4(), reason="记错了", by=CLERK)  # noqa: E731
    assert await breaks_everywhere(step, opened, monkeypatch) >= 8


async def test_L10_a_sheet_with_its_draft_and_audit_line(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [
        Cell(household_id(number), code, 5)
        for number in (1, 3, 5)
        for code in ("courtyard", "waste")
    ]
    place: dict[str, Any] = {"group": GROUPS[1], "month": "2026-10", "by": CLERK}
    await scoring.save_draft(VILLAGE, cells=cells, **place)
    statements = await breaks_everywhere(
        lambda: scoring.post_sheet(uuid4(), village=VILLAGE, cells=cells, **place),
        opened,
        monkeypatch,
    )
    assert statements >= 12
    async with villages.raw(opened) as raw:
        assert await raw("SELECT * FROM score_draft") == []
        assert len(await raw("SELECT * FROM score_sheet")) == 1
        assert len(await auditing.entries(raw)) == 1 + len(cells)


async def test_L10_the_first_posting_of_a_village(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = await villages.another_village()
    step = lambda: award(  # noqa: E731
        1, theirs["volunteer"], 5, village=villages.OTHER_VILLAGE, by=OPERATOR
    )
    assert await breaks_everywhere(step, opened, monkeypatch) >= 10


async def test_L10_base_points_and_many_at_once(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = lambda: ledger.grant_base(VILLAGE, on=TODAY, by=CLERK)  # noqa: E731
    assert await breaks_everywhere(base, opened, monkeypatch) >= 8
    wanted = [posting(number, items["courtyard"], 5, reason="好") for number in range(1, 7)]
    many = lambda: ledger.post_many(VILLAGE, wanted, by=CLERK)  # noqa: E731
    assert await breaks_everywhere(many, opened, monkeypatch) >= 7


async def family(number: int) -> Household:
    """The household of that number with a head and a son, and 18 points more."""
    key = household_id(number)
    for place, (name, relation) in enumerate((("父", HEAD), ("子", "长子"))):
        await Resident.create(
            id=uuid4(), household_id=key, position=place, name=name, relation=relation
        )
    return await Household.get(id=key)


async def test_L10_a_split_with_its_people_points_and_audit_line(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await family(1)
    son = (await Resident.filter(household_id=kept.id, name="子"))[0]
    wanted = moves.Split(
        members=[son.id], head=son.id, on=TODAY, reason="分家", points=3, number="99"
    )
    step = lambda: transfers.split(kept.id, wanted, id=uuid4(), revision=1, by=CLERK)  # noqa: E731
    assert await breaks_everywhere(step, opened, monkeypatch) >= 15
    async with villages.raw(opened) as raw:
        assert [row["points"] for row in await auditing.entries(raw)] == [5, -3, 3]


async def test_L10_a_merge_and_its_undoing(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await family(1)
    wanted = moves.Merge(into=household_id(2), on=TODAY, reason="合住")
    step = lambda: transfers.merge(kept.id, wanted, id=uuid4(), revision=1, by=CLERK)  # noqa: E731
    assert await breaks_everywhere(step, opened, monkeypatch) >= 15
    [move] = await database.rows("SELECT id FROM household_move")
    undo = lambda: transfers.undo(move["id"], id=uuid4(), by=CLERK)  # noqa: E731
    assert await breaks_everywhere(undo, opened, monkeypatch) >= 15
    assert await transfers.balance_of(kept.id) == 5


async def test_L10_a_move_to_another_village_with_both_chains(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await family(1)
    await villages.another_village()
    wanted = moves.Relocate(village=OTHER_VILLAGE, on=TODAY, reason="搬家")
    step = lambda: transfers.relocate(  # noqa: E731
        kept.id, wanted, id=uuid4(), revision=1, by=OPERATOR
    )
    assert await breaks_everywhere(step, opened, monkeypatch) >= 20


async def test_L10_a_correction_that_follows_a_merged_household(
    items: Items, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await award(1, items["courtyard"], 5)
    wanted = moves.Merge(into=household_id(2), on=TODAY, reason="合住")
    await transfers.merge(household_id(1), wanted, id=uuid4(), revision=1, by=CLERK)
    step = lambda: ledger.reverse(entry.id, id=uuid4(), reason="记错了", by=CLERK)  # noqa: E731
    assert await breaks_everywhere(step, opened, monkeypatch) >= 12
