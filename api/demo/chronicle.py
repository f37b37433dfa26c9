"""What happened in the demo county, in the order in which it happened.

So that chains, the log and the posted lists tell one story: villages open their books on the
same morning and are scored month by month side by side. Must only be called inside the one
transaction of build.py.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import msgspec

from api.demo import bookkeeping, moving, posters, scoring, settling
from api.demo.bookkeeping import Office
from api.demo.identity import NumberBook
from api.demo.people import DemoVillage
from api.demo.plan import ENTERING, Hours, Plan
from api.demo.scoring import DemoDeed
from foundation import clock
from points import ledger
from points.period import Period
from rules import starters
from rules.rulebook import Item

# The offices' phone numbers, one book a village, beside those of people (see officials.py).
_OFFICE_BOOKS = 800
# A mistake is taken back in every third month.
_CORRECTED_EVERY = 3


class Village(msgspec.Struct, frozen=True):
    """A village whose books are kept; `turn` is its place in the county."""

    settled: DemoVillage
    turn: int
    office: Office
    items: dict[str, Item]

    @property
    def code(self) -> str:
        """Its 12-digit code."""
        return self.settled.code


async def open_village(
    settled: DemoVillage, *, turn: int, plan: Plan, advance: Callable[[int], None]
) -> Village:
    """Enter a village's households and open its books, with the clock at the opening."""
    office = await bookkeeping.office(settled.code)
    await settling.households(
        settled, by=office.clerk, advance=lambda count: advance(count * ENTERING)
    )
    items = await bookkeeping.open_books(
        settled,
        first=plan.first,
        phone=NumberBook(_OFFICE_BOOKS + turn, seed=plan.seed).phone(),
        by=office.clerk,
    )
    return Village(settled, turn, office, items)


async def live(
    villages: Sequence[Village], *, plan: Plan, hours: Hours, advance: Callable[[int], None]
) -> None:
    """Score all months of some villages, and post the lists that they would have posted."""
    years = [
        scoring.year(
            village.settled.households,
            items=starters.load(village.settled.starter).items,
            first=plan.first,
            last=min(plan.until.last, hours.today),
            seed=plan.seed,
        )
        for village in villages
    ]
    for months in zip(*years, strict=True):
        for village, (start, deeds) in zip(villages, months, strict=True):
            if start == plan.first or start.month == 1:
                with clock.stopped_at(hours.at(start, hour=9)):
                    await ledger.grant_base(village.code, on=start, by=village.office.clerk)
            await _month(village, start, deeds, hours=hours, seed=plan.seed)
            advance(len(village.settled.households))
        for village in villages:
            await _quarter(village, Period.of(start), plan=plan, hours=hours)
    last = min(plan.until.last, hours.today)
    for village in (one for one in villages if one.turn < moving.VILLAGES):
        with clock.stopped_at(hours.at(last, hour=20)):
            await moving.households(
                village.settled.households, on=last, seed=plan.seed, by=village.office.clerk
            )
    for village in villages:
        await posters.newest(
            village.code, plan.until, turn=village.turn, seed=plan.seed, by=village.office.clerk
        )


async def _month(
    village: Village, start: date, deeds: Sequence[DemoDeed], *, hours: Hours, seed: int
) -> None:
    """What came in on paper is typed in after ten days, the sheets on the last evening."""
    month, office = Period.of(start), village.office
    last = min(month.last, hours.today)
    single = [deed for deed in deeds if not deed.on_sheet]
    before = start - timedelta(days=1)
    for day in (start + timedelta(days=9), start + timedelta(days=19), last):
        stack = [deed for deed in single if before < deed.on <= day]
        with clock.stopped_at(hours.at(day, hour=17)):
            entry = await bookkeeping.post_entries(
                village.code, stack, items=village.items, seed=seed, office=office
            )
            if entry and day == last and start.month % _CORRECTED_EVERY == 0:
                await bookkeeping.correct(entry, seed=seed, by=office.clerk)
        before = day
    on_sheet = [deed for deed in deeds if deed.on_sheet]
    with clock.stopped_at(hours.at(last, hour=19)):
        await bookkeeping.post_sheets(
            village.settled, on_sheet, month=month.text, seed=seed, office=office
        )


async def _quarter(village: Village, month: Period, *, plan: Plan, hours: Hours) -> None:
    """Post the list of a quarter that ends with this month, if it is one of the last two."""
    quarter, last = Period.of(month.first, kind="quarter"), plan.last_quarter
    if quarter.last == month.last and quarter in (last, last.previous):
        await posters.quarter(
            village.code,
            quarter,
            turn=village.turn,
            is_last=quarter == last,
            hours=hours,
            seed=plan.seed,
            by=village.office.clerk,
        )
