"""Posting, reversing and granting: what an entry says, and what each verb refuses."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import auditing
import factories
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from villages import CLERK, GROUPS, SCORER, TODAY, award, household_id, posting, reverse

from foundation import attachments, clock
from foundation.actors import Actor
from households import settings
from households.errors import (
    HouseholdLeft,
    HouseholdNotFound,
    HouseholdNotYet,
    NotAllowed,
    RegionNotFound,
)
from households.models import Household
from points import ledger
from points.errors import (
    AlreadyReversed,
    CannotReverse,
    CapExceeded,
    CycleDone,
    DeductionNotYet,
    DeedInFuture,
    EntryNotFound,
    EvidenceMissing,
    IdTaken,
    ItemNotInForce,
    OwnHousehold,
    PointsOutOfRange,
    ReasonMissing,
    ReasonTooLong,
    ScorerNotAllowed,
)
from points.scheme import Scheme
from rules.errors import NoRuleBook
from rules.rulebook import Item

Items = dict[str, Item]


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    """A village of six households under a rule book; the clock stands."""
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


async def balance(number: int, opened: str) -> int:
    """A household's balance by raw SQL; 0 where there is no row."""
    async with villages.raw(opened) as raw:
        found = await raw(
            f"SELECT balance FROM household_balance WHERE household_id = '{household_id(number)}'"
        )
    return int(found[0]["balance"]) if found else 0


# -- awards -------------------------------------------------------------------------------


async def test_an_award_is_an_entry_with_all_that_it_rests_on(items: Items, opened: str) -> None:
    entry = await award(1, items["courtyard"], 18, on=date(2026, 10, 3), reason=" 院子干净 ")
    async with villages.raw(opened) as raw:
        [row] = await auditing.entries(raw)
        [reason] = await raw("SELECT * FROM entry_reason")
        [line] = await raw("SELECT actor, verb, subject FROM audit_line WHERE verb LIKE 'ledger%'")
        await auditing.assert_sound(raw)
    assert (row["village"], row["seq"], row["household_id"]) == (VILLAGE, 1, str(household_id(1)))
    assert (row["kind"], row["points"], row["deed_on"]) == ("award", 18, "2026-10-03")
    assert (row["item_code"], row["block"]) == ("courtyard", "environment")
    assert (row["recorded_at"], row["recorded_by"]) == ("2026-10-20T04:00:00Z", str(CLERK.id))
    assert reason["reason"] == "院子干净"
    assert entry.hash == row["hash"]
    assert line["verb"] == "ledger.award"
    assert (line["actor"], line["subject"]) == (CLERK.label, f"entry:{entry.id}")


async def test_the_operator_scores_under_his_system_name(items: Items) -> None:
    entry = await award(1, items["panel-only"], 5, by=OPERATOR)
    assert entry.recorded_by == "operator:tests"


async def test_zero_points_are_an_entry(items: Items, opened: str) -> None:
    await award(1, items["courtyard"], 0)
    async with villages.raw(opened) as raw:
        assert len(await auditing.entries(raw)) == 1


async def test_a_household_of_nowhere_is_not_found(items: Items) -> None:
    with pytest.raises(HouseholdNotFound):
        await award(7, items["courtyard"], 5)


@pytest.mark.parametrize("role", ["clerk", "scorer"])
async def test_another_villages_household_does_not_exist_for_a_scorer(
    items: Items, role: str
) -> None:
    with pytest.raises(HouseholdNotFound):
        await award(1, items["courtyard"], 5, by=factories.official(role, OTHER_VILLAGE))


@pytest.mark.parametrize("role", ["supervisor", "township_official"])
async def test_a_role_without_the_permission_scores_nothing(items: Items, role: str) -> None:
    with pytest.raises(NotAllowed):
        await award(1, items["panel-only"], 5, by=factories.official(role))


async def test_a_groups_scorer_scores_his_group_alone(items: Items) -> None:
    scorer = factories.official("scorer", GROUPS[1])
    await award(1, items["courtyard"], 5, by=scorer)
    with pytest.raises(HouseholdNotFound):
        await award(2, items["courtyard"], 5, by=scorer)


async def test_an_item_is_scored_by_whom_the_rule_book_names(items: Items) -> None:
    with pytest.raises(ScorerNotAllowed):
        await award(1, items["panel-only"], 5)


async def test_nobody_scores_his_own_household_by_any_path(items: Items) -> None:
    clerk = factories.official("clerk", household=household_id(1))
    with pytest.raises(OwnHousehold):
        await award(1, items["courtyard"], 5, by=clerk)
    with pytest.raises(OwnHousehold):
        await ledger.post_many(VILLAGE, [posting(1, items["courtyard"], 5)], by=clerk)
    entry = await award(1, items["courtyard"], 5)
    with pytest.raises(OwnHousehold):
        await reverse(entry, by=clerk)


@pytest.mark.parametrize("points", [-1, -20])
async def test_a_deduction_is_refused_by_any_path(items: Items, points: int, opened: str) -> None:
    with pytest.raises(DeductionNotYet):
        await award(1, items["courtyard"], points)
    with pytest.raises(DeductionNotYet):
        await ledger.post_many(VILLAGE, [posting(1, items["courtyard"], points)], by=CLERK)
    wanted = posting(1, items["courtyard"], 5, kind="deduction")
    with pytest.raises(DeductionNotYet):
        await ledger.post_many(VILLAGE, [wanted], by=CLERK)
    async with villages.raw(opened) as raw:
        assert await auditing.entries(raw) == []


async def test_points_outside_the_item_are_refused(items: Items) -> None:
    with pytest.raises(PointsOutOfRange):
        await award(1, items["courtyard"], 21)
    with pytest.raises(PointsOutOfRange):
        await award(1, items["volunteer"], 4)


async def test_a_deed_in_the_future_is_refused(items: Items) -> None:
    await award(1, items["courtyard"], 5, on=TODAY)
    with pytest.raises(DeedInFuture):
        await award(1, items["courtyard"], 5, on=TODAY + timedelta(days=1))


async def test_a_deed_before_the_rule_book_is_refused(items: Items) -> None:
    await award(1, items["courtyard"], 5, on=date(2026, 1, 1))
    with pytest.raises(NoRuleBook):
        await award(1, items["courtyard"], 5, on=date(2025, 12, 31))


async def test_the_ends_of_the_calendar_are_only_days(items: Items) -> None:
    with pytest.raises(NoRuleBook):
        await award(1, items["neighbours"], 20, on=date.min)
    with pytest.raises(DeedInFuture):
        await award(1, items["neighbours"], 20, on=date.max)


@pytest.mark.parametrize("points", [10**6 + 1, 2**31, 2**63, 10**30])
async def test_points_larger_than_any_column_are_refused_like_others(
    items: Items, points: int
) -> None:
    with pytest.raises(PointsOutOfRange):
        await award(1, items["courtyard"], points)
    with pytest.raises(DeductionNotYet):
        await award(1, items["courtyard"], -points)


async def test_points_bind_to_the_version_in_force_on_the_day_of_the_deed(items: Items) -> None:
    await villages.adopt(on=TODAY + timedelta(days=1))
    with clock.stopped_at(villages.NOON + timedelta(days=5)):
        later = await villages.items_of(on=TODAY + timedelta(days=1))
        await award(1, items["courtyard"], 5, on=TODAY)
        with pytest.raises(ItemNotInForce):
            await award(1, items["waste"], 5, on=TODAY + timedelta(days=1))
        with pytest.raises(ItemNotInForce):
            await award(1, later["waste"], 5, on=TODAY)
        with pytest.raises(ItemNotInForce):
            await ledger.post_many(VILLAGE, [posting(1, later["waste"], 5)], by=CLERK)


async def test_a_household_that_left_is_scored_for_its_time_here_only(items: Items) -> None:
    await Household.filter(id=household_id(1)).update(state="left", left_on=date(2026, 9, 15))
    await award(1, items["courtyard"], 5, on=date(2026, 9, 14))
    for on in (date(2026, 9, 15), TODAY):
        with pytest.raises(HouseholdLeft):
            await award(1, items["waste"], 5, on=on)


async def test_a_deed_before_the_household_joined_is_refused_like_on_the_sheet(
    items: Items,
) -> None:
    await Household.filter(id=household_id(1)).update(joined_on=date(2026, 9, 15))
    with pytest.raises(HouseholdNotYet):
        await award(1, items["courtyard"], 5, on=date(2026, 9, 14))
    await award(1, items["courtyard"], 5, on=date(2026, 9, 15))


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_an_entry_without_a_reason_is_refused(items: Items, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        await award(1, items["courtyard"], 5, reason=reason)
    entry = await award(1, items["courtyard"], 5)
    with pytest.raises(ReasonMissing):
        await reverse(entry, reason=reason)


async def test_a_reason_is_never_cut_short(items: Items) -> None:
    await award(1, items["courtyard"], 5, reason="好" * 500)
    with pytest.raises(ReasonTooLong):
        await award(2, items["courtyard"], 5, reason="好" * 501)


async def test_evidence_is_asked_for_where_the_item_needs_it(items: Items) -> None:
    with pytest.raises(EvidenceMissing):
        await award(1, items["dog"], 20)
    with pytest.raises(EvidenceMissing):
        await award(1, items["dog"], 20, evidence_id=uuid4())
    stray = await attachments.keep(b"x", purpose="intake", name="x", media_type="text/plain")
    with pytest.raises(EvidenceMissing):
        await award(1, items["dog"], 20, evidence_id=stray)
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    key = uuid4()
    first = await award(1, items["dog"], 20, evidence_id=photo, id=key)
    await attachments.forget(photo)
    assert await award(1, items["dog"], 20, evidence_id=photo, id=key) == first


# -- caps and cycles ----------------------------------------------------------------------


async def test_a_month_is_graded_once(items: Items) -> None:
    await award(1, items["courtyard"], 0, on=date(2026, 10, 1))
    with pytest.raises(CycleDone):
        await award(1, items["courtyard"], 5, on=date(2026, 10, 20))
    await award(1, items["courtyard"], 5, on=date(2026, 9, 30))
    await award(2, items["courtyard"], 5, on=date(2026, 10, 20))


async def test_a_cap_of_a_day_a_month_a_year_and_once_holds(items: Items) -> None:
    for _ in range(2):
        await award(1, items["meeting"], 2)
    with pytest.raises(CapExceeded):
        await award(1, items["meeting"], 2)
    await award(1, items["meeting"], 2, on=TODAY - timedelta(days=1))
    for day in (1, 2, 3, 4):
        await award(1, items["volunteer"], 5, on=date(2026, 10, day))
    with pytest.raises(CapExceeded):
        await award(1, items["volunteer"], 5, on=date(2026, 10, 5))
    await award(1, items["volunteer"], 5, on=date(2026, 9, 5))
    for month in (1, 6):
        await award(1, items["neighbours"], 20, on=date(2026, month, 5))
    with pytest.raises(CapExceeded):
        await award(1, items["neighbours"], 20, on=date(2026, 9, 5))


async def test_a_reversed_entry_frees_cap_and_cycle(items: Items) -> None:
    graded = await award(1, items["courtyard"], 20)
    capped = [await award(1, items["volunteer"], 5) for _ in range(4)]
    await reverse(graded)
    await reverse(capped[0])
    await award(1, items["courtyard"], 12)
    await award(1, items["volunteer"], 5)
    with pytest.raises(CapExceeded):
        await award(1, items["volunteer"], 5)


async def test_a_cap_holds_across_versions_of_the_rule_book(items: Items) -> None:
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    await award(1, items["dog"], 20, evidence_id=photo)
    tomorrow = TODAY + timedelta(days=1)
    await villages.adopt(on=tomorrow)
    with clock.stopped_at(villages.NOON + timedelta(days=5)):
        later = await villages.items_of(on=tomorrow)
        assert later["dog"].id != items["dog"].id
        with pytest.raises(CycleDone):
            await award(1, later["dog"], 20, on=tomorrow, evidence_id=photo)


async def test_a_batch_counts_against_itself(items: Items, opened: str) -> None:
    five = [posting(1, items["volunteer"], 5) for _ in range(5)]
    with pytest.raises(CapExceeded):
        await ledger.post_many(VILLAGE, five, by=CLERK)
    async with villages.raw(opened) as raw:
        assert await auditing.entries(raw) == []
    assert len(await ledger.post_many(VILLAGE, five[:4], by=CLERK)) == 4


# -- reversals ----------------------------------------------------------------------------


async def test_a_reversal_takes_the_points_and_the_day_of_the_deed(
    items: Items, opened: str
) -> None:
    entry = await award(1, items["courtyard"], 18, on=date(2026, 8, 31))
    back = await reverse(entry)
    assert (back.kind, back.points, back.deed_on) == ("reversal", -18, date(2026, 8, 31))
    assert (back.reverses_id, back.item_code) == (entry.id, "courtyard")
    assert await balance(1, opened) == 0
    async with villages.raw(opened) as raw:
        await auditing.assert_sound(raw)
        assert [row["earned"] for row in await raw("SELECT earned FROM month_total")] == [0]


async def test_reversing_twice_is_refused_and_a_reversal_stays(items: Items) -> None:
    entry = await award(1, items["courtyard"], 18)
    back = await reverse(entry)
    with pytest.raises(AlreadyReversed) as refused:
        await reverse(entry)
    assert refused.value.by == back.id
    with pytest.raises(CannotReverse):
        await reverse(back)


async def test_base_points_are_not_earned_and_not_reversed(items: Items, opened: str) -> None:
    await settings.write(VILLAGE, Scheme(base_points=100), by=OPERATOR)
    await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK)
    async with villages.raw(opened) as raw:
        [row] = await raw(f"SELECT id FROM ledger_entry WHERE household_id = '{household_id(1)}'")
    with pytest.raises(CannotReverse):
        await ledger.reverse(UUID(row["id"]), id=uuid4(), reason="记错了", by=CLERK)


@pytest.mark.parametrize(
    ("by", "refusal"),
    [(SCORER, NotAllowed), (factories.official("clerk", OTHER_VILLAGE), EntryNotFound)],
    ids=["scorer", "another village's clerk"],
)
async def test_only_the_villages_own_clerk_reverses(
    items: Items, by: Actor, refusal: type[Exception]
) -> None:
    entry = await award(1, items["courtyard"], 18)
    with pytest.raises(refusal):
        await reverse(entry, by=by)


async def test_reversing_what_is_not_there_is_not_found(items: Items) -> None:
    with pytest.raises(EntryNotFound):
        await ledger.reverse(uuid4(), id=uuid4(), reason="记错了", by=CLERK)


async def test_a_household_that_left_keeps_its_right_to_a_correction(items: Items) -> None:
    entry = await award(1, items["courtyard"], 18, on=date(2026, 8, 1))
    await Household.filter(id=household_id(1)).update(state="left", left_on=date(2026, 7, 1))
    assert (await reverse(entry)).points == -18


# -- many at once, and base points ----------------------------------------------------------


async def test_many_are_posted_in_their_order_all_or_none(items: Items, opened: str) -> None:
    good = [posting(number, items["courtyard"], number) for number in (1, 2, 3)]
    posted = await ledger.post_many(VILLAGE, good, by=SCORER)
    assert [entry.points for entry in posted] == [1, 2, 3]
    assert [entry.seq for entry in posted] == [1, 2, 3]
    mixed = [posting(4, items["courtyard"], 4), posting(1, items["courtyard"], 1)]
    with pytest.raises(CycleDone):
        await ledger.post_many(VILLAGE, mixed, by=SCORER)
    async with villages.raw(opened) as raw:
        assert len(await auditing.entries(raw)) == 3
        await auditing.assert_sound(raw)


async def test_many_of_which_some_stand_post_the_rest(items: Items, opened: str) -> None:
    wanted = [posting(number, items["courtyard"], number) for number in (1, 2, 3)]
    first = await ledger.post_many(VILLAGE, wanted[:2], by=SCORER)
    again = await ledger.post_many(VILLAGE, wanted, by=SCORER)
    assert again[:2] == first
    assert again[2].seq == 3


async def test_another_villages_household_is_not_in_the_batch(items: Items) -> None:
    theirs = await villages.another_village()
    wanted = posting(1, theirs["courtyard"], 5)
    with pytest.raises(ItemNotInForce):
        await ledger.post_many(VILLAGE, [wanted], by=OPERATOR)
    with pytest.raises(HouseholdNotFound):
        await ledger.post_many(OTHER_VILLAGE, [wanted], by=OPERATOR)
    with pytest.raises(RegionNotFound):
        await ledger.post_many(OTHER_VILLAGE, [wanted], by=CLERK)


async def test_base_points_are_granted_once_a_year_to_those_who_are_here(
    items: Items, opened: str
) -> None:
    assert await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK) == 0
    await settings.write(VILLAGE, Scheme(base_points=100), by=OPERATOR)
    await Household.filter(id=household_id(6)).update(state="left", left_on=date(2026, 7, 1))
    assert await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK) == 5
    assert await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK) == 0
    await settings.write(VILLAGE, Scheme(base_points=50), by=OPERATOR)
    assert await ledger.grant_base(VILLAGE, on=date(2026, 1, 1), by=CLERK) == 1
    assert await ledger.grant_base(VILLAGE, on=date(2025, 1, 1), by=CLERK) == 6
    async with villages.raw(opened) as raw:
        assert await raw("SELECT * FROM month_total") == []
        await auditing.assert_sound(raw)
    assert (await balance(1, opened), await balance(6, opened)) == (150, 100)


async def test_base_points_are_not_granted_ahead(items: Items) -> None:
    with pytest.raises(DeedInFuture):
        await ledger.grant_base(VILLAGE, on=TODAY + timedelta(days=1), by=CLERK)
    with pytest.raises(NotAllowed):
        await ledger.grant_base(VILLAGE, on=TODAY, by=factories.official("supervisor"))
    with pytest.raises(RegionNotFound):
        await ledger.grant_base(GROUPS[0], on=TODAY, by=CLERK)


# -- ids ----------------------------------------------------------------------------------


async def test_an_id_of_another_village_is_taken(items: Items) -> None:
    theirs = await villages.another_village()
    key = uuid4()
    await award(1, items["courtyard"], 5, id=key)
    with pytest.raises(IdTaken):
        await award(
            1, theirs["courtyard"], 5, id=key, village=OTHER_VILLAGE,
            by=factories.official("clerk", OTHER_VILLAGE),
        )  # fmt: skip


async def test_an_id_twice_in_one_batch_is_refused(items: Items) -> None:
    key = uuid4()
    wanted = [posting(number, items["courtyard"], 5, id=key) for number in (1, 2)]
    with pytest.raises(IdTaken):
        await ledger.post_many(VILLAGE, wanted, by=CLERK)
