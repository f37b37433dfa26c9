"""Twelve months of plausible scoring for the demo county, as data still to be posted.

Every household has a bent of its own that drifts over the year; courtyards are cleaner before
the Spring Festival and dustier at harvest, weddings come in winter, trees are planted in March.
The bent is drawn from the household's number alone: never from its kind, so that points reveal
nothing that the register keeps private. Nothing here goes below zero or over an item's bounds and
caps.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

import msgspec

from api.demo import seeds
from api.demo.families import DemoHousehold
from points import limits
from rules.starters import StarterItem

_EVEN = (1.0,) * 12
# Months from January. Offsets to the share of full marks for what is looked at every month.
_TIDY = (0.10, 0.06, 0.0, 0.02, 0.02, -0.06, -0.02, 0.0, -0.02, -0.05, 0.0, 0.05)
# Factors on how often a thing happens.
_WEDDINGS = (2.2, 1.6, 0.5, 0.5, 0.9, 0.3, 0.3, 0.4, 0.7, 1.8, 1.2, 1.6)
_PLANTING = (0.1, 0.3, 4.0, 3.0, 0.4, 0.1, 0.1, 0.1, 0.4, 2.0, 1.4, 0.1)
_HELPING = (0.8, 0.7, 1.8, 1.5, 0.8, 0.7, 0.6, 0.7, 1.3, 1.6, 0.9, 0.6)
_HARVEST = (0.0, 0.0, 0.2, 0.3, 0.6, 3.2, 1.2, 0.4, 2.2, 3.2, 0.8, 0.1)
_RAINS = (0.0, 0.0, 0.3, 0.6, 1.0, 1.4, 2.6, 2.6, 2.2, 1.0, 0.3, 0.0)
_AWARDS = (1.4, 0.4, 1.4, 0.4, 0.8, 0.5, 1.4, 0.4, 0.8, 0.8, 0.6, 3.1)

_Season = tuple[float, ...]
# How many times a year an ordinary household does it, and when. What a household does once is
# given as the chance that it is done within the first year.
_OCCASIONS: dict[str, tuple[float, _Season]] = {
    "dog-registered": (0.30, _EVEN),
    "family-motto": (0.25, _EVEN),
    "tree-planting": (0.35, _PLANTING),
    "straw": (0.6, _HARVEST),
    "water-source": (0.4, _RAINS),
    "fraud-alert": (0.25, _EVEN),
    "patrol": (0.8, _WEDDINGS),
    "hazard-alert": (0.4, _RAINS),
    "reconciled": (0.04, _EVEN),
    "simple-wedding": (0.07, _WEDDINGS),
    "simple-funeral": (0.05, _EVEN),
    "simple-ceremony": (0.1, _WEDDINGS),
    "civil-act": (1.2, _EVEN),
    "neighbour-watch": (1.0, _EVEN),
    "culture": (0.3, _AWARDS),
    "honour-village": (0.05, _AWARDS),
    "honour-community": (0.05, _AWARDS),
    "honour-township": (0.012, _AWARDS),
    "honour-street": (0.012, _AWARDS),
    "honour-county": (0.003, _AWARDS),
    "honour-city": (0.001, _AWARDS),
    "honour-province": (0.0003, _AWARDS),
    "honour-nation": (0.0001, _AWARDS),
    "honour-to-county": (0.06, _AWARDS),
    "honour-above-county": (0.001, _AWARDS),
    "meeting": (2.6, _EVEN),
    "volunteer": (1.4, _HELPING),
    "skill-sharing": (0.15, _EVEN),
    "labour-gift": (0.5, _HELPING),
    "suggestion": (0.12, _EVEN),
    "harvest-help": (0.5, _HARVEST),
}
# An item that a village wrote itself happens about this often.
_UNKNOWN_OCCASION = (0.3, _EVEN)
# The share of households that the scorers look at in a month; courtyards are seen from the road.
_LOOKED_AT = {"environment": 0.95}
_LOOKED_AT_OTHERWISE = 0.32
_ZERO_SHARE = 0.012
_BUSIEST = 0.9
_ONCE_WITHIN_DAYS = 360


class DemoDeed(msgspec.Struct, frozen=True):
    """Points to post. A deed of a month sheet is dated at the month's end, as sheets are."""

    household: UUID
    item: str
    points: int
    on: date
    on_sheet: bool


class _Bent(msgspec.Struct, frozen=True):
    """How well one household keeps things (share of full marks) and how often it turns out."""

    tidy: float
    drift_year: float
    willing: float


class _Plan(msgspec.Struct, frozen=True):
    """The items of a rule book by the way in which they come about."""

    first: date
    last: date
    seed: int
    graded: tuple[tuple[StarterItem, float], ...]
    now_and_then: tuple[tuple[StarterItem, float, _Season], ...]
    once: tuple[tuple[StarterItem, float], ...]


def year(
    households: Sequence[DemoHousehold],
    *,
    items: Sequence[StarterItem],
    first: date,
    last: date,
    seed: int,
) -> Iterator[tuple[date, list[DemoDeed]]]:
    """Everything scored for `households` from `first`, a month's first day, until `last`.

    Yields (first day of the month, deeds by date, household and item), month by month. `last` is
    the last day on which a deed may stand, so a month that is not over can be included. Raises
    ValueError for a span that does not begin with a month or ends before it begins.
    """
    plan = _plan(items, first=first, last=last, seed=seed)
    months = _months(plan)
    by_month: list[list[DemoDeed]] = [[] for _ in months]
    for household in households:
        for deed in _history(household, plan=plan):
            by_month[bisect_right(months, deed.on) - 1].append(deed)
    place = {household.id: n for n, household in enumerate(households)}
    order = {item.code: item.order for item in items}
    for start, deeds in zip(months, by_month, strict=True):
        deeds.sort(key=lambda deed: (deed.on, place[deed.household], order[deed.item]))
        yield start, deeds


def _plan(items: Sequence[StarterItem], *, first: date, last: date, seed: int) -> _Plan:
    if first.day != 1 or last < first:
        raise ValueError(f"from {first} until {last} is not a span of months")
    graded = [
        item
        for item in items
        if item.on_month_sheet and item.cycle == "month" and item.points_min < item.points_max
    ]
    return _Plan(
        first=first,
        last=last,
        seed=seed,
        graded=tuple((item, _LOOKED_AT.get(item.block, _LOOKED_AT_OTHERWISE)) for item in graded),
        now_and_then=tuple(
            (item, *_OCCASIONS.get(item.code, _UNKNOWN_OCCASION))
            for item in items
            if item.cycle != "once" and item not in graded
        ),
        once=tuple(
            (item, _OCCASIONS.get(item.code, _UNKNOWN_OCCASION)[0])
            for item in items
            if item.cycle == "once"
        ),
    )


def _history(household: DemoHousehold, *, plan: _Plan) -> list[DemoDeed]:
    """What one household is scored; nothing if it is away.

    Drawn from the household's number, the items and the seed alone, so neither the neighbours nor
    the order of asking matter.
    """
    if household.away:
        return []
    name = (household.village, household.number)
    bent = _bent(seeds.stream(plan.seed, *name, "bent"))
    deeds = []
    for start in _months(plan):
        chance = seeds.stream(plan.seed, *name, "sheet", start)
        deeds += _looked_at(chance, household=household, bent=bent, start=start, plan=plan)
    for calendar_year in range(plan.first.year, plan.last.year + 1):
        chance = seeds.stream(plan.seed, *name, "occasions", calendar_year)
        deeds += _occasions(
            chance, household=household, bent=bent, calendar_year=calendar_year, plan=plan
        )
    chance = seeds.stream(plan.seed, *name, "once")
    return deeds + _done_once(chance, household=household, plan=plan)


def _bent(chance: Random) -> _Bent:
    tidy = min(max(chance.gauss(0.68, 0.15), 0.15), 0.95)
    # The tidy turn out more often, but not always they.
    willing = chance.lognormvariate(0, 0.6) * (0.4 + tidy) * 0.85
    return _Bent(tidy=tidy, drift_year=chance.gauss(0.03, 0.1), willing=willing)


def _looked_at(
    chance: Random, *, household: DemoHousehold, bent: _Bent, start: date, plan: _Plan
) -> list[DemoDeed]:
    """The marks of one month's round; whom the scorers did not get to see has none."""
    years = (start - plan.first).days / 365
    share = bent.tidy + _TIDY[start.month - 1] + bent.drift_year * years + chance.gauss(0, 0.05)
    on = min(_month_end(start), plan.last)
    return [
        _deed(household, item=item, points=_marks(chance, item=item, share=share), on=on)
        for item, seen in plan.graded
        if chance.random() < seen
    ]


def _marks(chance: Random, *, item: StarterItem, share: float) -> int:
    """Points between the item's bounds; what is counted in fives stays in fives."""
    if item.points_min == 0 and chance.random() < _ZERO_SHARE:
        return 0
    step = 5 if item.points_min % 5 == 0 and item.points_min > 0 else 1
    steps = (item.points_max - item.points_min) // step
    wanted = round((share + chance.gauss(0, 0.06)) * steps)
    return item.points_min + step * min(max(wanted, 0), steps)


def _occasions(
    chance: Random, *, household: DemoHousehold, bent: _Bent, calendar_year: int, plan: _Plan
) -> list[DemoDeed]:
    """What happens now and then in a calendar year, at most once a month, within cap and cycle.

    The whole year is drawn even if the span begins or ends within it: caps count from January.
    """
    deeds: list[DemoDeed] = []
    earned: Counter[tuple[str, str]] = Counter()
    for month in range(1, 13):
        start = date(calendar_year, month, 1)
        for item, times_a_year, season in plan.now_and_then:
            likely = times_a_year / 12 * season[month - 1] * bent.willing
            if chance.random() >= min(likely, _BUSIEST):
                continue
            points = _marks(chance, item=item, share=chance.uniform(0.0, 1.1) * bent.tidy)
            on = _dated(start + timedelta(days=chance.randrange(28)), item=item, plan=plan)
            spent = item.code, _cap_key(item, on=start)
            # A grade of 0 fills its cycle too.
            if spent in earned and limits.once_a_cycle(item):
                continue
            if item.cap_points is None or earned[spent] + points <= item.cap_points:
                earned[spent] += points
                if plan.first <= start <= on <= plan.last:
                    deeds.append(_deed(household, item=item, points=points, on=on))
    return deeds


def _done_once(chance: Random, *, household: DemoHousehold, plan: _Plan) -> list[DemoDeed]:
    deeds = []
    for item, share in plan.once:
        done, day = chance.random() < share, chance.randrange(_ONCE_WITHIN_DAYS)
        on = _dated(plan.first + timedelta(days=day), item=item, plan=plan)
        if done and on <= plan.last:
            points = _marks(chance, item=item, share=1.0)
            deeds.append(_deed(household, item=item, points=points, on=on))
    return deeds


def _dated(day: date, *, item: StarterItem, plan: _Plan) -> date:
    """The deed date: a sheet's is the month's last day, or the span's if that comes first."""
    if not item.on_month_sheet or day > plan.last:
        return day
    return min(_month_end(day), plan.last)


def _deed(household: DemoHousehold, *, item: StarterItem, points: int, on: date) -> DemoDeed:
    return DemoDeed(
        household=household.id, item=item.code, points=points, on=on, on_sheet=item.on_month_sheet
    )


def _cap_key(item: StarterItem, *, on: date) -> str:
    """The period in which the item's cap counts a deed; one a month never meets a cap a day."""
    match item.cap_period:
        case "quarter":
            return f"{on.year}Q{(on.month + 2) // 3}"
        case "year":
            return str(on.year)
        case _:
            return f"{on:%Y-%m}"


def _months(plan: _Plan) -> list[date]:
    start, found = plan.first, []
    while start <= plan.last:
        found.append(start)
        start = _month_end(start) + timedelta(days=1)
    return found


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
