"""Which county to make, and when things happened in its past: never later than now."""

from datetime import date, datetime, time, timedelta

import msgspec

from foundation import clock
from points.period import Period

# How much work a household is when it is entered, against one month of its scoring.
ENTERING = 3


class Plan(msgspec.Struct, frozen=True):
    """Which county to make; equal plans make equal counties. `until` is the last month."""

    until: Period
    households: int = 6000
    villages: int = 20
    months: int = 12
    seed: int = 1

    @property
    def first(self) -> date:
        """The day on which the books open, the first of the first month."""
        month = self.until.first
        for _ in range(self.months - 1):
            month = (month - timedelta(days=1)).replace(day=1)
        return month

    @property
    def last_quarter(self) -> Period:
        """The last quarter that is scored to its end."""
        quarter = Period.of(self.until.first, kind="quarter")
        return quarter if quarter.last == self.until.last else quarter.previous

    @property
    def work(self) -> int:
        """How far `advance` will have gone at the end."""
        return self.households * (ENTERING + self.months)


class Hours(msgspec.Struct, frozen=True):
    """The hours of a past that ends `now`."""

    now: datetime

    @property
    def today(self) -> date:
        """The day on which the county is made."""
        return clock.local(self.now).date()

    def at(self, day: date, *, hour: int) -> datetime:
        """An hour of a day on China's clock, or now if that is earlier."""
        return min(datetime.combine(day, time(hour), clock.CHINA), self.now)
