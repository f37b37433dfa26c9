"""Makes the demo county in an empty store: the only module here that opens the database.

The whole county is one transaction. A build that is interrupted, by Ctrl-C or by a power cut,
leaves an empty store, and the next start begins anew; nobody is ever served half a county. What
officials would have done goes through the verbs that officials use, with the clock stopped at
the hour at which they would have done it.
"""

import asyncio
import getpass
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from api import store
from api.demo import bookkeeping, people, places, posters, scoring, settling
from api.demo.bookkeeping import Office
from api.demo.hours import Hours
from api.demo.identity import NumberBook
from api.demo.officials import DemoOfficial
from api.demo.people import DemoCounty, DemoVillage
from api.demo.places import DemoRegion
from api.demo.scoring import DemoDeed
from foundation import actors, clock, database
from foundation.errors import StoreKindMismatch, StoreNotEmpty
from households import officials, passwords
from households.models import Region
from households.regions import LOCAL_LEVELS
from points import ledger
from points.period import Period
from rules import starters
from rules.rulebook import Item

# How much work a household is when it is entered, against one month of its scoring.
_ENTERING = 3
# The offices' phone numbers, one book a village, beside those of people (see officials.py).
_OFFICE_BOOKS = 800
# A mistake is taken back in every third month.
_CORRECTED_EVERY = 3


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
    def work(self) -> int:
        """How far `advance` will have gone at the end."""
        return self.households * (_ENTERING + self.months)


class Login(msgspec.Struct, frozen=True):
    """Somebody to log in as: `region` is the code of his duty's region, `name` his own."""

    login: str
    password: str
    region: str
    region_name: str
    name: str


async def make(plan: Plan, *, advance: Callable[[int], None]) -> dict[str, Login]:
    """Make the county, and say how to log in, one login for each role.

    The passwords are random and stored as hashes only: they are known here and never again.

    Args:
        plan: what to make; its numbers must suit each other, see `people.county`.
        advance: is told of progress, in parts of `plan.work`.

    Refuses as `require_empty`.
    """
    county = people.county(
        places.divisions(seed=plan.seed),
        households=plan.households,
        villages=plan.villages,
        seed=plan.seed,
        on=plan.first,
    )
    chosen = _one_a_role(county.officials, village=county.villages[0].code)
    chosen_passwords = {official.login: passwords.random() for official in chosen.values()}
    hashes = await asyncio.gather(*(passwords.hashed(text) for text in chosen_passwords.values()))
    await _store(
        plan,
        county,
        hashes=dict(zip(chosen_passwords, hashes, strict=True)),
        locked=await passwords.hashed(secrets.token_urlsafe(32)),
        advance=advance,
    )
    regions = {place.code: place for place in county.regions}
    return {
        role: Login(
            login=official.login,
            password=chosen_passwords[official.login],
            region=official.duties[0].region,
            region_name=_called(official.duties[0].region, regions=regions),
            name=official.name,
        )
        for role, official in chosen.items()
    }


async def require_empty() -> None:
    """Refuse with `StoreNotEmpty`, or `StoreKindMismatch` where a real store was begun."""
    kind = await store.kind()
    if kind == "real":
        raise StoreKindMismatch(kind=kind, wanted="demo")
    if kind is not None or await Region.exists():
        raise StoreNotEmpty()


def _one_a_role(serving: Sequence[DemoOfficial], *, village: str) -> dict[str, DemoOfficial]:
    """The first holder of each role, in the given village or above it where there is one."""
    found: dict[str, DemoOfficial] = {}
    for role in officials.ROLES:
        holders = [official for official in serving if official.duties[0].role == role]
        near = (o for o in holders if _serves(o.duties[0].region, village=village))
        found[role] = next(near, holders[0])
    return found


def _serves(region: str, *, village: str) -> bool:
    """Whether a region is the village, a part of it, or its township."""
    return region[:12] in (village, f"{village[:9]}000")


def _called(code: str, *, regions: Mapping[str, DemoRegion]) -> str:
    """A region as people call it; below a village with the village before it."""
    place = regions[code]
    if place.level not in LOCAL_LEVELS:
        return place.name
    return f"{places.short_name(regions[code[:12]])}{place.name}"


@database.transaction
async def _store(
    plan: Plan,
    county: DemoCounty,
    *,
    hashes: Mapping[str, str],
    locked: str,
    advance: Callable[[int], None],
) -> None:
    await require_empty()
    await store.claim("demo")
    by = actors.operator(getpass.getuser())
    hours = Hours(clock.now())
    opening = hours.at(plan.first, hour=8)
    with clock.stopped_at(opening):
        await settling.regions(county.regions, by=by)
        await settling.officials(county.officials, hashes=hashes, locked=locked, at=opening, by=by)
    for turn, village in enumerate(county.villages):
        kept = _Village(village, turn, await bookkeeping.office(village.code), plan, hours)
        with clock.stopped_at(opening):
            await settling.households(
                village, by=kept.office.clerk, advance=lambda count: advance(count * _ENTERING)
            )
            items = await bookkeeping.open_books(
                village,
                first=plan.first,
                phone=NumberBook(_OFFICE_BOOKS + turn, seed=plan.seed).phone(),
                by=kept.office.clerk,
            )
        await _keep_books(kept, items=items, advance=advance)


class _Village(msgspec.Struct, frozen=True):
    """A village whose books are kept; `turn` is its place in the county."""

    village: DemoVillage
    turn: int
    office: Office
    plan: Plan
    hours: Hours


async def _keep_books(
    kept: _Village, *, items: dict[str, Item], advance: Callable[[int], None]
) -> None:
    """Month by month in the order in which things happened, so that the chain tells the truth."""
    plan, hours, clerk = kept.plan, kept.hours, kept.office.clerk
    months = scoring.year(
        kept.village.households,
        items=starters.load(kept.village.starter).items,
        first=plan.first,
        last=min(plan.until.last, hours.today),
        seed=plan.seed,
    )
    for start, deeds in months:
        if start == plan.first or start.month == 1:
            with clock.stopped_at(hours.at(start, hour=9)):
                await ledger.grant_base(kept.village.code, on=start, by=clerk)
        await _keep_month(kept, start, deeds, items=items)
        await _post_quarter(kept, Period.of(start))
        advance(len(kept.village.households))
    await posters.newest(kept.village.code, plan.until, turn=kept.turn, seed=plan.seed, by=clerk)


async def _keep_month(
    kept: _Village, start: date, deeds: Sequence[DemoDeed], *, items: dict[str, Item]
) -> None:
    """What came in on paper is typed in after ten days, the sheets on the last evening."""
    village, seed, hours = kept.village, kept.plan.seed, kept.hours
    month = Period.of(start)
    last = min(month.last, hours.today)
    single = [deed for deed in deeds if not deed.on_sheet]
    before = start - timedelta(days=1)
    for day in (start + timedelta(days=9), start + timedelta(days=19), last):
        stack = [deed for deed in single if before < deed.on <= day]
        with clock.stopped_at(hours.at(day, hour=17)):
            entry = await bookkeeping.post_entries(
                village.code, stack, items=items, office=kept.office
            )
            if entry and day == last and start.month % _CORRECTED_EVERY == 0:
                await bookkeeping.correct(entry, seed=seed, by=kept.office.clerk)
        before = day
    with clock.stopped_at(hours.at(last, hour=19)):
        await bookkeeping.post_sheets(
            village,
            (deed for deed in deeds if deed.on_sheet),
            month=month.text,
            seed=seed,
            office=kept.office,
        )


async def _post_quarter(kept: _Village, month: Period) -> None:
    """Post the list of a quarter that ends with this month, if it is one of the last two."""
    quarter = Period.of(month.first, kind="quarter")
    if quarter.last != month.last or quarter.last > kept.hours.today:
        return
    until = kept.plan.until
    last = Period.of(until.first, kind="quarter")
    if last.last != until.last:
        last = last.previous
    if quarter in (last, last.previous):
        await posters.quarter(
            kept.village.code,
            quarter,
            turn=kept.turn,
            is_last=quarter == last,
            hours=kept.hours,
            seed=kept.plan.seed,
            by=kept.office.clerk,
        )
