"""Time in China, holidays, and days counted forward."""

from datetime import UTC, date, datetime

import pytest

from foundation import clock


def test_the_date_in_china_turns_at_sixteen_hours_utc() -> None:
    with clock.stopped_at(datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 10, 31)
    with clock.stopped_at(datetime(2026, 10, 31, 16, tzinfo=UTC)):
        assert clock.today() == date(2026, 11, 1)


def test_a_local_day_begins_at_chinas_midnight() -> None:
    assert clock.midnight(date(2026, 11, 1)).isoformat() == "2026-10-31T16:00:00+00:00"
    assert clock.local(clock.midnight(date(2026, 11, 1))).isoformat() == "2026-11-01T00:00:00+08:00"


def test_an_instant_is_written_to_the_second_in_utc() -> None:
    noon = datetime(2026, 10, 31, 16, 0, 0, 999_999, tzinfo=clock.CHINA)
    assert clock.stamp(noon) == "2026-10-31T08:00:00Z"


def test_the_stopped_clock_goes_on_afterwards_also_after_a_fault() -> None:
    def fail() -> None:
        with clock.stopped_at(datetime(2020, 1, 1, tzinfo=UTC)):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert abs(clock.now() - datetime.now(UTC)).total_seconds() < 5


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),  # Friday before the Spring Festival
        (date(2026, 2, 14), True),  # Saturday, worked in exchange for the long holiday
        (date(2026, 2, 17), False),  # Tuesday, the first day of the year of the horse
        (date(2026, 2, 28), True),  # Saturday, worked in exchange
        (date(2026, 10, 1), False),  # Thursday, National Day
        (date(2026, 10, 10), True),  # Saturday, worked in exchange
        (date(2026, 10, 11), False),  # an ordinary Sunday
        (date(2026, 10, 12), True),
    ],
)
def test_working_days_follow_the_state_councils_notice_for_2026(day: date, works: bool) -> None:
    assert clock.holidays_known(2026)
    assert clock.is_working_day(day) is works


def test_a_year_without_a_notice_falls_back_to_monday_to_friday_and_says_so() -> None:
    assert not clock.holidays_known(2030)
    assert clock.is_working_day(date(2030, 10, 1))  # National Day, a Tuesday: nobody knows yet
    assert not clock.is_working_day(date(2030, 10, 5))  # a Saturday


def test_a_year_before_the_calendar_falls_back_too() -> None:
    assert not clock.holidays_known(2003)
    assert clock.is_working_day(date(2003, 1, 2))


@pytest.mark.parametrize(
    ("day", "days", "working", "expected"),
    [
        (date(2026, 2, 12), 3, False, date(2026, 2, 15)),
        (date(2026, 2, 12), 0, False, date(2026, 2, 12)),
        (date(2026, 2, 12), 0, True, date(2026, 2, 12)),
        (date(2026, 2, 12), 1, True, date(2026, 2, 13)),
        (date(2026, 2, 12), 2, True, date(2026, 2, 14)),  # the Saturday that is worked
        (date(2026, 2, 12), 3, True, date(2026, 2, 24)),  # over nine days of Spring Festival
        (date(2026, 12, 30), 3, False, date(2027, 1, 2)),
    ],
)
def test_days_are_counted_forward(day: date, days: int, working: bool, expected: date) -> None:
    assert clock.after(day, days=days, working=working) == expected


def test_working_days_are_counted_across_into_a_year_without_a_notice() -> None:
    # The fall-back works on 1 January: a deadline may come early by a holiday, never be lost.
    assert clock.after(date(2029, 12, 28), days=2, working=True) == date(2030, 1, 1)
