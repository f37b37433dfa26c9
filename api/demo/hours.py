"""When things happened in the demo county's past: never later than now."""

from datetime import date, datetime, time

import msgspec

from foundation import clock


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
