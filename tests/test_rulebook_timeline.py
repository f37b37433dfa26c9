"""Which version is in force on which day, against a slow and simple model."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import timeline
from rules.errors import InForceOutOfRange, InForceTooEarly
from rules.timeline import Start

TODAY = date(2026, 11, 22)
DAYS = [TODAY + timedelta(days=n) for n in range(-40, 41)]

days = st.sampled_from(DAYS)
published = st.lists(days, max_size=6).map(
    lambda ons: [Start(on, number) for number, on in enumerate(ons, start=1)]
)


def diary(starts: list[Start]) -> dict[date, int | None]:
    """Day by day: whoever begins today, the later publication last, is in force from now on."""
    page: dict[date, int | None] = {}
    present = None
    for day in DAYS:
        for start in starts:
            if start.on == day:
                present = start.number
        page[day] = present
    return page


@given(published)
def test_the_version_in_force_is_the_one_a_diary_shows(starts: list[Start]) -> None:
    for day, number in diary(starts).items():
        found = timeline.current(starts, day)
        assert (found.number if found else None) == number


@given(published)
def test_first_and_last_day_say_the_same_as_the_diary(starts: list[Start]) -> None:
    for day, number in diary(starts).items():
        covering = [
            start.number
            for start in starts
            if start.on <= day <= (timeline.until(start, starts) or date.max)
        ]
        assert covering == ([number] if number else [])


@given(published)
def test_exactly_the_version_in_force_today_says_so(starts: list[Start]) -> None:
    states = {
        start.number: timeline.state(start, timeline.until(start, starts), today=TODAY)
        for start in starts
    }
    in_force = [number for number, state in states.items() if state == "in_force"]
    number = diary(starts)[TODAY]
    assert in_force == ([number] if number else [])
    for start in starts:
        if states[start.number] == "scheduled":
            assert start.on > TODAY
            assert start.number in diary(starts).values()


@given(published, days)
def test_an_accepted_first_day_never_changes_a_day_that_had_a_version(
    starts: list[Start], on: date
) -> None:
    try:
        timeline.require_start(on, starts, today=TODAY)
    except InForceTooEarly:
        return
    before, after = diary(starts), diary([*starts, Start(on, len(starts) + 1)])
    for day in DAYS:
        if day <= TODAY and before[day] is not None:
            assert after[day] == before[day]


@given(published)
def test_the_earliest_day_offered_is_accepted_and_the_day_before_is_not(
    starts: list[Start],
) -> None:
    day = timeline.earliest(starts, today=TODAY)
    timeline.require_start(day, starts, today=TODAY)
    if starts and min(starts).on < day:
        with pytest.raises(InForceTooEarly) as refusal:
            timeline.require_start(day - timedelta(days=1), starts, today=TODAY)
        assert refusal.value.earliest == day


def test_a_first_version_may_begin_in_the_past_and_a_second_one_tomorrow() -> None:
    last_month, tomorrow = date(2026, 10, 1), TODAY + timedelta(days=1)
    timeline.require_start(last_month, [], today=TODAY)
    first = [Start(last_month, 1)]
    for refused in (last_month, date(2026, 10, 31), TODAY):
        with pytest.raises(InForceTooEarly):
            timeline.require_start(refused, first, today=TODAY)
    timeline.require_start(tomorrow, first, today=TODAY)


def test_months_before_the_first_version_can_still_be_given_one() -> None:
    timeline.require_start(date(2026, 9, 1), [Start(TODAY, 1)], today=TODAY)


@pytest.mark.parametrize("on", [date(2206, 1, 1), date(1926, 1, 1), date.min, date.max])
def test_a_mistyped_year_is_refused(on: date) -> None:
    with pytest.raises(InForceOutOfRange):
        timeline.require_start(on, [], today=TODAY)
