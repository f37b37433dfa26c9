"""What the rule book and the hard lines allow, as pure functions of facts.

Each `require_...` returns nothing or raises its refusal. Knows no database and no clock: the
ledger gathers the facts under the village's lock and asks here, on every path there is.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import date
from functools import lru_cache
from typing import Protocol, cast
from uuid import UUID

import msgspec

from foundation.actors import Actor
from households.errors import HouseholdLeft, HouseholdNotYet
from points.errors import (
    CapExceeded,
    CycleDone,
    DeductionNotYet,
    DeedInFuture,
    OwnHousehold,
    PointsOutOfRange,
    ScorerNotAllowed,
)
from points.period import Kind, Period

POINTS_MAX = 1_000_000
"""No single entry is larger than this, whatever a rule book says; the table's CHECK agrees."""


Window = tuple[date, date]
"""First and last day of a stretch of time."""


class Item(Protocol):
    """As much of a scoring item (rules.rulebook.Item) as the limits look at."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def points_min(self) -> int: ...
    @property
    def points_max(self) -> int: ...
    @property
    def cap_points(self) -> int | None: ...
    @property
    def cap_period(self) -> str: ...
    @property
    def cycle(self) -> str: ...
    @property
    def scorers(self) -> Collection[str]: ...


class Standing(msgspec.Struct):
    """What a household already has from an item in a window, reversed entries taken off."""

    points: int = 0
    entries: int = 0


def window(period: str, *, on: date) -> Window:
    """First and last day of the day, month, quarter or year around `on`; "once" is all time."""
    if period == "day":
        return on, on
    if period == "once":
        return date.min, date.max
    around = Period.of(on, kind=cast(Kind, period))
    return around.first, around.last


def windows(item: Item, *, on: date) -> tuple[Window, Window]:
    """The item's cycle and its cap's period around a day."""
    return _windows(item.cycle, item.cap_period, on)


@lru_cache(maxsize=4096)
def _windows(cycle: str, cap_period: str, on: date) -> tuple[Window, Window]:
    return window(cycle, on=on), window(cap_period, on=on)


def once_a_cycle(item: Item) -> bool:
    """Whether one entry fills the item's cycle.

    An item whose cap holds several full scores (a volunteer's 5 points, 20 a month) may be
    scored as often as the cap bears; any other is a grade, given once a cycle.
    """
    return item.cap_points is None or item.cap_points <= item.points_max


def require_points(item: Item, points: int) -> None:
    """Refuses with `DeductionNotYet` below zero, with `PointsOutOfRange` outside the item."""
    if points < 0:
        raise DeductionNotYet(item=item.name, points=points)
    if not item.points_min <= points <= min(item.points_max, POINTS_MAX):
        raise PointsOutOfRange(
            item=item.name,
            points=points,
            points_min=item.points_min,
            points_max=item.points_max,
        )


def require_cap(item: Item, points: int, *, standing: Standing) -> None:
    """Refuses with `CapExceeded`; `standing` is what stands in the item's cap period."""
    if item.cap_points is not None and standing.points + points > item.cap_points:
        raise CapExceeded(
            item=item.name,
            points=points,
            standing=standing.points,
            cap_points=item.cap_points,
            cap_period=item.cap_period,
        )


def require_cycle(item: Item, *, standing: Standing) -> None:
    """Refuses with `CycleDone`; `standing` is what stands in the item's cycle."""
    if once_a_cycle(item) and standing.entries:
        raise CycleDone(item=item.name, cycle=item.cycle, standing=standing.points)


def require_deed(on: date, *, today: date) -> None:
    """Refuses with `DeedInFuture`."""
    if on > today:
        raise DeedInFuture(on=on, today=today)


def require_present(
    household_id: UUID,
    *,
    joined_on: date | None = None,
    left_on: date | None,
    on: date,
    absences: Collection[Window] = (),
) -> None:
    """Refuses with `HouseholdNotYet` and `HouseholdLeft` a day on which it was not here.

    On the day on which it joins or comes back it is here, on the day on which it leaves it is
    gone: the month sheet counts the same way. `absences` are days of leaving and coming back.
    """
    if joined_on is not None and on < joined_on:
        raise HouseholdNotYet(id=household_id, joined_on=joined_on)
    if left_on is not None and left_on <= on:
        raise HouseholdLeft(id=household_id, left_on=left_on)
    for gone_on, back_on in absences:
        if gone_on <= on < back_on:
            raise HouseholdLeft(id=household_id, left_on=gone_on)


def require_other(household_id: UUID, *, by: Actor) -> None:
    """Refuses with `OwnHousehold`."""
    if by.household_id == household_id:
        raise OwnHousehold(household=household_id)


def require_scorer(item: Item, *, roles: AbstractSet[str]) -> None:
    """Refuses with `ScorerNotAllowed`; `roles` are those the scorer holds over the household."""
    if roles.isdisjoint(item.scorers):
        raise ScorerNotAllowed(item=item.name, scorers=sorted(item.scorers))
