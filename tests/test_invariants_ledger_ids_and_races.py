"""L1, L5, L7: one entry an id, one reversal an entry, caps at their edge, all of them raced.

On PostgreSQL the contenders run on connections of their own; on SQLite they queue for the one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any
from uuid import uuid4

import auditing
import factories
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from villages import CLERK, SCORER, award, posting, reverse

from foundation import attachments, clock, database
from points import ledger
from points.errors import AlreadyReversed, CapExceeded, CycleDone, IdTaken
from points.ledger import Entry
from rules.rulebook import Item

Items = dict[str, Item]
CONTENDERS = 12


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


async def race(contenders: list[Awaitable[Entry]]) -> tuple[list[Entry], list[BaseException]]:
    """Everybody at once; who got an entry and who was refused."""
    outcomes = await asyncio.gather(*contenders, return_exceptions=True)
    entries = [outcome for outcome in outcomes if isinstance(outcome, Entry)]
    return entries, [outcome for outcome in outcomes if isinstance(outcome, BaseException)]


async def rows(store: str) -> list[dict[str, Any]]:
    async with villages.raw(store) as raw:
        await auditing.assert_sound(raw)
        return await auditing.entries(raw)


async def test_L1_parallel_posts_of_one_id_make_one_row_and_one_answer(
    items: Items, opened: str
) -> None:
    key = uuid4()
    entries, refused = await race(
        [award(1, items["volunteer"], 5, id=key) for _ in range(CONTENDERS)]
    )
    assert refused == []
    assert entries == [entries[0]] * CONTENDERS
    assert [row["id"] for row in await rows(opened)] == [str(key)]
    async with villages.raw(opened) as raw:
        assert len(await raw("SELECT * FROM entry_reason")) == 1
        assert len(await raw("SELECT * FROM audit_line WHERE verb = 'ledger.award'")) == 1


async def test_L1_the_first_answer_is_given_for_ever(items: Items, opened: str) -> None:
    key = uuid4()
    first = await award(1, items["courtyard"], 5, id=key)
    await reverse(first)
    with clock.stopped_at(villages.NOON.replace(year=2031)):
        assert await award(1, items["courtyard"], 5, id=key) == first
    assert len(await rows(opened)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"number": 2},
        {"points": 6},
        {"item": "waste"},
        {"on": villages.TODAY.replace(day=1)},
        {"reason": "另一个理由"},
        {"by": SCORER},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_L1_the_same_id_with_other_content_is_refused(
    items: Items, other: dict[str, Any], opened: str
) -> None:
    key = uuid4()
    given: dict[str, Any] = {"number": 1, "item": "courtyard", "points": 5}

    def wanted(**change: Any) -> Awaitable[Entry]:
        facts = given | change
        chosen = items[facts.pop("item")]
        return award(facts.pop("number"), chosen, facts.pop("points"), id=key, **facts)

    await wanted()
    with pytest.raises(IdTaken):
        await wanted(**other)
    assert len(await rows(opened)) == 1


async def test_L1_other_evidence_is_other_content(items: Items) -> None:
    photos = [
        await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
        for _ in range(2)
    ]
    key = uuid4()
    await award(1, items["dog"], 20, id=key, evidence_id=photos[0])
    with pytest.raises(IdTaken):
        await award(1, items["dog"], 20, id=key, evidence_id=photos[1])


async def test_L1_an_id_whose_reason_was_erased_is_still_answered(items: Items) -> None:
    key = uuid4()
    first = await award(1, items["courtyard"], 5, id=key)
    await database.execute("DELETE FROM entry_reason")
    assert await award(1, items["courtyard"], 5, id=key) == first
    with pytest.raises(IdTaken):
        await award(1, items["courtyard"], 6, id=key)


async def test_L1_a_reversals_id_is_as_good_as_an_awards(items: Items, opened: str) -> None:
    entry = await award(1, items["courtyard"], 5)
    key = uuid4()
    backs, refused = await race([reverse(entry, id=key) for _ in range(CONTENDERS)])
    assert refused == []
    assert backs == [backs[0]] * CONTENDERS
    with pytest.raises(IdTaken):
        await reverse(entry, id=key, reason="另一个理由")
    with pytest.raises(IdTaken):
        await award(1, items["courtyard"], 5, id=key)
    assert len(await rows(opened)) == 2


async def test_L1_one_id_raced_in_two_villages_belongs_to_one(items: Items, opened: str) -> None:
    theirs = await villages.another_village()
    clerk = factories.official("clerk", OTHER_VILLAGE)
    for _ in range(10):
        key = uuid4()
        entries, refused = await race(
            [
                award(1, items["volunteer"], 5, id=key, on=villages.TODAY.replace(day=1)),
                award(1, theirs["volunteer"], 5, id=key, village=OTHER_VILLAGE, by=clerk),
            ]
        )
        assert [type(refusal) for refusal in refused] == [IdTaken]
        await reverse(entries[0], by=clerk if entries[0].village == OTHER_VILLAGE else CLERK)
    assert len(await rows(opened)) == 20


async def test_L1_batches_that_overlap_in_parallel_make_each_row_once(
    items: Items, opened: str
) -> None:
    wanted = [posting(number, items["courtyard"], number) for number in range(1, 7)]
    answers = await asyncio.gather(
        *(ledger.post_many(VILLAGE, wanted[at : at + 4], by=CLERK) for at in (0, 1, 2, 0, 2))
    )
    by_id = {entry.id: entry for answer in answers for entry in answer}
    assert all(by_id[entry.id] == entry for answer in answers for entry in answer)
    assert len(await rows(opened)) == 6


async def test_L5_an_entry_raced_for_is_reversed_once(items: Items, opened: str) -> None:
    entry = await award(1, items["courtyard"], 5)
    backs, refused = await race([reverse(entry) for _ in range(CONTENDERS)])
    assert len(backs) == 1
    assert {type(refusal) for refusal in refused} == {AlreadyReversed}
    kept = await rows(opened)
    assert [row["points"] for row in kept] == [5, -5]


async def test_L5_the_database_itself_keeps_a_second_reversal_out(
    items: Items, opened: str
) -> None:
    entry = await award(1, items["courtyard"], 5)
    back = await reverse(entry)
    columns = [name for name in ledger.Entry.__struct_fields__ if name not in ("id", "seq")]
    copied = ", ".join(columns)
    for new_id in (uuid4(), back.id):
        with pytest.raises(Exception, match=r"(?i)unique|only grows"):
            await database.execute(
                f"INSERT INTO ledger_entry (id, seq, {copied}) SELECT '{new_id}', 9, {copied} "
                f"FROM ledger_entry WHERE id = '{back.id}'"
            )
    assert len(await rows(opened)) == 2


async def test_L7_a_cap_raced_for_holds_at_its_edge(items: Items, opened: str) -> None:
    entries, refused = await race([award(1, items["volunteer"], 5) for _ in range(CONTENDERS)])
    assert len(entries) == 4
    assert {type(refusal) for refusal in refused} == {CapExceeded}
    assert sum(row["points"] for row in await rows(opened)) == 20


async def test_L7_a_days_cap_raced_for_holds_at_its_edge(items: Items, opened: str) -> None:
    entries, refused = await race([award(1, items["meeting"], 2) for _ in range(CONTENDERS)])
    assert len(entries) == 2
    assert {type(refusal) for refusal in refused} == {CapExceeded}
    assert sum(row["points"] for row in await rows(opened)) == 4


async def test_L7_once_a_household_is_once_under_a_race(items: Items, opened: str) -> None:
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    entries, refused = await race(
        [award(1, items["dog"], 20, evidence_id=photo) for _ in range(CONTENDERS)]
    )
    assert len(entries) == 1
    assert {type(refusal) for refusal in refused} == {CycleDone}
    assert len(await rows(opened)) == 1


async def test_L7_a_reversal_and_new_awards_raced_never_pass_the_cap(
    items: Items, opened: str
) -> None:
    first = [await award(1, items["volunteer"], 5) for _ in range(4)]
    await race(
        [reverse(first[0]), reverse(first[1])]
        + [award(1, items["volunteer"], 5) for _ in range(CONTENDERS)]
    )
    assert sum(row["points"] for row in await rows(opened)) in (10, 15, 20)
    await race([award(1, items["volunteer"], 5) for _ in range(CONTENDERS)])
    assert sum(row["points"] for row in await rows(opened)) == 20


async def test_L6_parallel_postings_leave_no_gap_and_no_repeat(items: Items, opened: str) -> None:
    theirs = await villages.another_village(households=6)
    clerk = factories.official("clerk", OTHER_VILLAGE)
    entries, refused = await race(
        [award(number, items[code], 5) for number in range(1, 7) for code in ("courtyard", "waste")]
        + [
            award(number, theirs["courtyard"], 5, village=OTHER_VILLAGE, by=clerk)
            for number in range(1, 7)
        ]
    )
    assert refused == []
    assert len(await rows(opened)) == len(entries) == 18
