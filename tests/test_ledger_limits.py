"""The rules of scoring as pure functions: windows, bounds, caps, cycles, days, people."""

from datetime import date, timedelta
from uuid import uuid4

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st
from villages import item

from households.errors import HouseholdLeft, HouseholdNotYet
from points import limits
from points.errors import (
    CapExceeded,
    CycleDone,
    DeductionNotYet,
    DeedInFuture,
    OwnHousehold,
    PointsOutOfRange,
    ScorerNotAllowed,
)
from points.limits import Standing

DAY = date(2026, 10, 20)
days = st.dates(min_value=date(2001, 1, 1), max_value=date(2199, 12, 31))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("day", date(2026, 10, 20), date(2026, 10, 20)),
        ("month", date(2026, 10, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("once", date.min, date.max),
    ],
)
def test_a_window_is_the_calendar_period_around_the_deed(
    period: str, first: date, last: date
) -> None:
    assert limits.window(period, on=DAY) == (first, last)


@given(on=days, period=st.sampled_from(["day", "month", "quarter", "year"]))
def test_windows_tile_the_calendar(on: date, period: str) -> None:
    first, last = limits.window(period, on=on)
    assert first <= on <= last
    assert limits.window(period, on=first) == limits.window(period, on=last) == (first, last)
    assert limits.window(period, on=last + timedelta(days=1))[0] == last + timedelta(days=1)


@pytest.mark.parametrize("points", [0, 7, 20])
def test_points_within_the_item_pass(points: int) -> None:
    limits.require_points(item("courtyard"), points)


@pytest.mark.parametrize("points", [21, 1_000_000_000])
def test_points_above_the_item_are_refused(points: int) -> None:
    with pytest.raises(PointsOutOfRange) as refused:
        limits.require_points(item("courtyard"), points)
    assert (refused.value.points_max, refused.value.points) == (20, points)


def test_points_below_the_item_are_refused() -> None:
    with pytest.raises(PointsOutOfRange):
        limits.require_points(item("volunteer", points_min=5, points_max=5), 4)


@pytest.mark.parametrize("points", [-1, -1_000_000])
def test_a_deduction_is_refused_even_where_an_item_would_give_it(points: int) -> None:
    with pytest.raises(DeductionNotYet):
        limits.require_points(item("odd", points_min=-1_000_000), points)


def test_a_cap_holds_at_its_edge() -> None:
    volunteer = item("volunteer", points_min=5, points_max=5)
    limits.require_cap(volunteer, 5, standing=Standing(points=15, entries=3))
    with pytest.raises(CapExceeded) as refused:
        limits.require_cap(volunteer, 5, standing=Standing(points=16, entries=4))
    assert (refused.value.standing, refused.value.cap_points) == (16, 20)


def test_no_cap_is_no_bound() -> None:
    limits.require_cap(item("free", cap_points=None), 20, standing=Standing(10_000, 500))


def test_a_grade_is_given_once_a_cycle_also_when_it_was_zero() -> None:
    limits.require_cycle(item("courtyard"), standing=Standing())
    with pytest.raises(CycleDone):
        limits.require_cycle(item("courtyard"), standing=Standing(points=0, entries=1))


def test_a_deed_may_be_repeated_where_the_cap_holds_several() -> None:
    volunteer = item("volunteer", points_min=5, points_max=5)
    limits.require_cycle(volunteer, standing=Standing(points=15, entries=3))


def test_an_item_without_a_cap_is_given_once_a_cycle() -> None:
    with pytest.raises(CycleDone):
        limits.require_cycle(item("free", cap_points=None), standing=Standing(5, 1))


def test_a_deed_of_today_passes_and_one_of_tomorrow_is_refused() -> None:
    limits.require_deed(DAY, today=DAY)
    with pytest.raises(DeedInFuture):
        limits.require_deed(DAY + timedelta(days=1), today=DAY)


def test_a_household_is_scored_until_the_day_it_left() -> None:
    limits.require_present(uuid4(), left_on=None, on=DAY)
    limits.require_present(uuid4(), joined_on=DAY, left_on=DAY + timedelta(days=1), on=DAY)
    with pytest.raises(HouseholdNotYet):
        limits.require_present(uuid4(), joined_on=DAY, left_on=None, on=DAY - timedelta(days=1))
    with pytest.raises(HouseholdLeft):
        limits.require_present(uuid4(), left_on=DAY, on=DAY)


def test_nobody_scores_his_own_household() -> None:
    own = uuid4()
    clerk = factories.official("clerk", household=own)
    limits.require_other(uuid4(), by=clerk)
    with pytest.raises(OwnHousehold):
        limits.require_other(own, by=clerk)


def test_only_the_scorers_that_the_rule_book_names_score_an_item() -> None:
    limits.require_scorer(item("courtyard"), roles={"grid_worker", "scorer"})
    with pytest.raises(ScorerNotAllowed):
        limits.require_scorer(item("courtyard"), roles={"panel_member"})
    with pytest.raises(ScorerNotAllowed):
        limits.require_scorer(item("courtyard"), roles=set())
