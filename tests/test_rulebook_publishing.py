"""A draft becomes a version in force; afterwards nobody changes it, raw SQL included."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE, divisions, official

from foundation import clock, database
from households.errors import NotAllowed
from rules import adoption, drafts, rulebook, versions
from rules.errors import (
    InForceTooEarly,
    NoRuleBook,
    RuleBookNotFound,
    VersionFrozen,
)
from rules.models import Clause, RuleBookVersion, ScoringItem
from rules.versions import Version

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.stopped_at(NOON):
        yield


async def published(*, on: date = OCTOBER, village: str = VILLAGE) -> Version:
    draft = await rulebook.draft_from_starter(village, "plain-village", by=OPERATOR)
    return await adoption.publish(draft.id, in_force_from=on, by=OPERATOR)


async def test_a_published_draft_is_in_force_from_its_day(opened: str) -> None:
    await divisions()
    clerk = official("clerk")
    draft = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=clerk)
    version = await adoption.publish(draft.id, in_force_from=OCTOBER, by=clerk)
    assert (version.number, version.state, version.in_force_from) == (1, "in_force", OCTOBER)
    assert version.in_force_until is None
    assert version.published_at == NOON
    assert await rulebook.in_force(VILLAGE, OCTOBER) == version
    assert await rulebook.in_force(VILLAGE, TODAY) == version
    assert version.text_hash == drafts.text_hash(versions.as_draft(version)) == draft.text_hash
    assert {item.version_number for item in version.items} == {1}
    with pytest.raises(NoRuleBook) as refusal:
        await rulebook.in_force(VILLAGE, date(2026, 9, 30))
    assert (refusal.value.village, refusal.value.on) == (VILLAGE, date(2026, 9, 30))


async def test_a_village_without_a_published_version_has_no_rule_book(opened: str) -> None:
    await divisions()
    await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
    await published(village=OTHER_VILLAGE)
    with pytest.raises(NoRuleBook):
        await rulebook.in_force(VILLAGE, TODAY)


async def test_the_next_version_ends_the_one_before_on_the_day_before(opened: str) -> None:
    await divisions()
    first = await published()
    copy = await rulebook.draft_from(first.id, by=OPERATOR)
    january = date(2027, 1, 1)
    second = await adoption.publish(copy.id, in_force_from=january, by=OPERATOR)
    assert (second.number, second.state) == (2, "scheduled")
    first = await rulebook.version(first.id)
    assert (first.state, first.in_force_until) == ("in_force", date(2026, 12, 31))
    assert (await rulebook.in_force(VILLAGE, date(2026, 12, 31))).id == first.id
    assert (await rulebook.in_force(VILLAGE, january)).id == second.id
    with clock.stopped_at(NOON + timedelta(days=60)):
        assert [v.state for v in await rulebook.versions(VILLAGE)] == ["in_force", "superseded"]


async def test_drafts_come_first_then_the_latest(opened: str) -> None:
    await divisions()
    first = await published()
    second = await published(on=date(2026, 12, 1))
    draft = await rulebook.draft_from(first.id, by=OPERATOR)
    listed = await rulebook.versions(VILLAGE, actor=official("supervisor"))
    assert [version.id for version in listed] == [draft.id, second.id, first.id]


async def test_a_version_cannot_change_days_that_were_scored(opened: str) -> None:
    await divisions()
    await published()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    with pytest.raises(InForceTooEarly) as refusal:
        await adoption.publish(draft.id, in_force_from=TODAY, by=OPERATOR)
    assert refusal.value.earliest == TODAY + timedelta(days=1)
    assert (await rulebook.version(draft.id)).state == "draft"


async def test_dropped_drafts_leave_no_gap_in_the_numbers(opened: str) -> None:
    await divisions()
    await published()
    dropped = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    kept = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    await rulebook.delete_draft(dropped.id, by=OPERATOR)
    second = await adoption.publish(kept.id, in_force_from=date(2026, 12, 1), by=OPERATOR)
    assert second.number == 2


async def test_two_publications_at_once_get_two_numbers(opened: str) -> None:
    await divisions()
    pair = [await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR) for _ in "ab"]
    day = date(2026, 12, 1)
    raced = await asyncio.gather(
        *(adoption.publish(one.id, in_force_from=day, by=OPERATOR) for one in pair)
    )
    assert {version.number for version in raced} == {1, 2}
    assert (await rulebook.in_force(VILLAGE, day)).number == 2
    states = [version.state for version in await rulebook.versions(VILLAGE)]
    assert states == ["scheduled", "superseded"], "replaced before its first day"


async def test_a_press_repeated_publishes_once(opened: str) -> None:
    await divisions()
    first = await published()
    again = await adoption.publish(first.id, in_force_from=OCTOBER, by=OPERATOR)
    assert again == first
    with pytest.raises(VersionFrozen):
        await adoption.publish(first.id, in_force_from=date(2026, 12, 1), by=OPERATOR)


async def test_a_published_version_is_neither_changed_nor_dropped(opened: str) -> None:
    await divisions()
    first = await published()
    with pytest.raises(VersionFrozen):
        await rulebook.change_draft(first.id, versions.as_draft(first), by=OPERATOR)
    with pytest.raises(VersionFrozen):
        await rulebook.delete_draft(first.id, by=OPERATOR)


async def test_publishing_needs_the_right_and_the_village(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    with pytest.raises(NotAllowed):
        await adoption.publish(draft.id, in_force_from=OCTOBER, by=official("supervisor"))
    with pytest.raises(RuleBookNotFound):
        await adoption.publish(draft.id, in_force_from=OCTOBER, by=official("clerk", OTHER_VILLAGE))
    with pytest.raises(RuleBookNotFound):
        await adoption.publish(uuid4(), in_force_from=OCTOBER, by=OPERATOR)


FORBIDDEN = {
    "change a title": "UPDATE rule_book_version SET title = 'x' WHERE id = ?",
    "change a name form": "UPDATE rule_book_version SET name_wall = 'full' WHERE id = ?",
    "move its first day": "UPDATE rule_book_version SET in_force_from = '2026-01-01' WHERE id = ?",
    "make it a draft again": "UPDATE rule_book_version SET state = 'draft' WHERE id = ?",
    "delete it": "DELETE FROM rule_book_version WHERE id = ?",
    "change a clause": "UPDATE clause SET text = 'x' WHERE version_id = ?",
    "delete a clause": "DELETE FROM clause WHERE version_id = ?",
    "change an item": "UPDATE scoring_item SET points_max = 999 WHERE version_id = ?",
    "delete an item": "DELETE FROM scoring_item WHERE version_id = ?",
}


@pytest.mark.parametrize("sql", FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_raw_sql_cannot_touch_a_published_version(opened: str, sql: str) -> None:
    await divisions()
    first = await published()
    with pytest.raises(Exception, match="frozen"):
        await database.execute(sql, [first.id])
    assert await rulebook.version(first.id) == first


async def test_nothing_can_be_added_to_or_moved_into_a_published_version(opened: str) -> None:
    await divisions()
    first = await published()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    clause = (await Clause.filter(version_id=first.id))[0]
    added = Clause(id=uuid4(), version_id=first.id, position=99, number="99", block="law", text="x")
    with pytest.raises(Exception, match="frozen"):
        await added.save()
    with pytest.raises(Exception, match="frozen"):
        await database.execute(
            "UPDATE scoring_item SET version_id = ?, clause_id = ? WHERE version_id = ?",
            [first.id, clause.id, draft.id],
        )
    assert await rulebook.version(first.id) == first


async def test_a_state_that_does_not_exist_is_refused_by_the_database(opened: str) -> None:
    await divisions()
    with pytest.raises(Exception, match="rule_book_version_state"):
        await RuleBookVersion.create(
            id=uuid4(), village=VILLAGE, title="x", state="in_force", created_at=NOON
        )


async def test_a_draft_stays_free_beside_a_published_version(opened: str) -> None:
    await divisions()
    first = await published()
    copy = await rulebook.draft_from(first.id, by=OPERATOR)
    await rulebook.delete_draft(copy.id, by=OPERATOR)
    assert await ScoringItem.filter(version_id=first.id).count() == len(first.items)


async def test_a_failed_publication_leaves_a_draft_that_can_be_changed(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    bad_scan = adoption.Scan(name="扫描.exe", content=b"MZ")
    with pytest.raises(Exception, match="ScanRefused"):
        await adoption.publish(
            draft.id, in_force_from=OCTOBER, by=OPERATOR, adoption=vote(), scan=bad_scan
        )
    text = versions.as_draft(draft)
    changed = await rulebook.change_draft(draft.id, text, by=OPERATOR)
    ids: set[UUID] = {item.id for item in changed.items}
    version = await adoption.publish(draft.id, in_force_from=OCTOBER, by=OPERATOR)
    assert version.number == 1
    assert {item.id for item in version.items} == ids


def vote() -> adoption.Adoption:
    return adoption.Adoption(
        held_on=date(2026, 3, 5), roll=700, present=412, in_favour=400, against=5
    )
