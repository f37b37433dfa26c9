"""What time it is, and which days are working days.

The only module that reads the system clock or knows Asia/Shanghai. Instants are aware and in
UTC; a local date is a column of its own wherever one matters. Never returns a naive datetime.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

CHINA = ZoneInfo("Asia/Shanghai")

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced as a value


def now() -> datetime:
    """The present instant, in UTC."""
    return _source()


def today() -> date:
    """The present date in China."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """The same instant on China's clock."""
    return instant.astimezone(CHINA)


def midnight(day: date) -> datetime:
    """The instant at which that local date begins, in UTC.

    SQLite keeps instants as text: compared in another zone they would sort by the wrong hour.
    """
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def stamp(instant: datetime) -> str:
    """An instant as text to the second in UTC, such as 2026-10-31T08:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The instant that `stamp` wrote down."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant: for tests, and for the demonstration's invented past."""
    global _source
    assert instant.tzinfo is not None, "the clock has no naive instants"
    before, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = before


def is_working_day(day: date) -> bool:
    """Whether offices work on this day, by the State Council's holiday notices.

    The calendar package knows the years whose notice has been published; for any later
    year this falls back to Monday to Friday, see `holidays_known`.
    """
    if not holidays_known(day.year):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


def holidays_known(year: int) -> bool:
    """Whether the holiday notice of that year is part of the installed calendar."""
    try:
        chinese_calendar.is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def after(day: date, *, days: int, working: bool = False) -> date:
    """The date that many calendar days (or working days) after `day`."""
    assert days >= 0
    if not working:
        return day + timedelta(days=days)
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day
