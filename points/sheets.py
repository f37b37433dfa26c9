"""A month sheet as it stands: which households and items, what is posted, what is left.

Only reads. Filling a sheet in and posting it is points/scoring.py.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households import officials, regions, register, settings
from households.errors import NotAllowed, RegionNotFound
from households.models import Region
from points import judging, limits
from points.errors import DeedInFuture, PeriodUnknown
from points.limits import Standing, Window
from points.models import ScoreDraft
from points.period import Period
from points.scheme import Scheme
from rules import rulebook
from rules.rulebook import Item, Version

SOURCE = "sheet:"
"""An entry that came by a sheet has this and the sheet's id as its source."""


class Cell(msgspec.Struct, frozen=True):
    """A cell as it was filled in: the household, the item's code, the points."""

    household: UUID
    item: str
    points: int


class PostedCell(msgspec.Struct, frozen=True):
    """A cell as it stands in the ledger; `entry` is the id of its entry."""

    household: UUID
    item: str
    points: int
    entry: UUID


class CellState(msgspec.Struct, frozen=True):
    """What is special about a cell; a free cell has none.

    `points` and `entry`: posted already. `limit`: the points left for this household where they
    are fewer than the item's maximum. `refusal`: why nothing can be posted here.
    """

    points: int | None = None
    entry: UUID | None = None
    limit: int | None = None
    refusal: Refusal | None = None


class SheetRow(msgspec.Struct, frozen=True):
    """One household. `earned` is in the village's posted period so far; `cells` by item code."""

    id: UUID
    number: str | None
    head: str
    earned: int
    refusal: Refusal | None
    cells: dict[str, CellState]


class SheetView(msgspec.Struct, frozen=True):
    """A month sheet as the clerk finds it. `period` is the one that `earned` adds up."""

    village: Region
    region: Region
    month: Period
    period: Period
    deed_on: date
    version: Version
    items: list[Item]
    rows: list[SheetRow]
    village_earned: int
    may_post: bool
    draft: list[Cell]
    draft_saved_at: datetime | None


class Place(msgspec.Struct, frozen=True):
    """Where and for when a sheet is: its group or village, its month and its deeds' day."""

    village: str
    group: str
    region: Region
    month: Period
    deed_on: date


def key_of(household: UUID | str, item: str) -> str:
    """What a cell is found by within a sheet."""
    return f"{household} {item}"


async def view(village: str, *, group: str = "", month: str, actor: Actor) -> SheetView:
    """The sheet of a group, or of the whole village, for a month.

    Args:
        village: 12-digit code.
        group: the group's code; empty for the whole village.
        month: as 2026-10.
        actor: who looks; without the permission to score he gets the sheet for reading.

    Refuses with `RegionNotFound`, `NotAllowed`, `PeriodUnknown`, `DeedInFuture`, and with
    `rules.errors.NoRuleBook` for a month before the village had one.
    """
    place = await place_of(
        village, group=group, month=month, actor=actor, permission="entries.read"
    )
    officials.require(actor, "register.read", place.region)
    version = await rulebook.in_force(village, place.deed_on)
    period = Period.of(place.deed_on, kind=(await settings.read(village, Scheme)).posted_period)
    earned = await _earned(village, period)
    this_month = earned if period == place.month else await _earned(village, place.month)
    draft = await draft_of(place, by=actor)
    items = [item for item in version.items if item.on_month_sheet]
    return SheetView(
        village=await Region.get(code=village),
        region=place.region,
        month=place.month,
        period=period,
        deed_on=place.deed_on,
        version=version,
        items=items,
        rows=await _rows(place, items, earned=earned, actor=actor),
        village_earned=sum(this_month.values()),
        may_post=_may_post(place.region, actor),
        draft=msgspec.convert(draft.cells, list[Cell]) if draft else [],
        draft_saved_at=draft.saved_at if draft else None,
    )


async def _rows(
    place: Place, items: Sequence[Item], *, earned: dict[UUID, int], actor: Actor
) -> list[SheetRow]:
    roster = await register.roster(place.village, group=place.group or None, on=place.deed_on)
    keys = [str(household.id) for household in roster]
    posted = await posted_cells(place, keys, items)
    cells = ((key, item, place.deed_on) for key in keys for item in items)
    standings = await judging.standings(cells)
    roles = await judging.roles(place.village, keys, by=actor)
    rows = []
    for household, key in zip(roster, keys, strict=True):
        states = {
            item.code: _state(
                item,
                posted=posted.get(key_of(key, item.code)),
                standings=standings[key, item.code],
                roles=roles.get(key),
                on=place.deed_on,
            )
            for item in items
        }
        rows.append(
            SheetRow(
                id=household.id,
                number=household.number,
                head=household.head,
                earned=earned.get(household.id, 0),
                refusal=_refusal(limits.require_other, household.id, by=actor),
                cells={code: state for code, state in states.items() if state},
            )
        )
    return rows


def _state(
    item: Item,
    *,
    posted: PostedCell | None,
    standings: dict[Window, Standing],
    roles: AbstractSet[str] | None,
    on: date,
) -> CellState | None:
    """What is special about a cell, or None. `roles` is None for whom no role is asked."""
    if posted:
        return CellState(points=posted.points, entry=posted.entry)
    cycle, cap = (standings[window] for window in limits.windows(item, on=on))
    refusal = (
        (roles is not None and _refusal(limits.require_scorer, item, roles=roles))
        or _refusal(limits.require_cycle, item, standing=cycle)
        or _refusal(limits.require_cap, item, max(item.points_min, 1), standing=cap)
    )
    if refusal:
        return CellState(refusal=refusal)
    if item.cap_points is not None and item.cap_points - cap.points < item.points_max:
        return CellState(limit=item.cap_points - cap.points)
    return None


def _refusal(require: Any, *facts: Any, **more: Any) -> Refusal | None:
    """What a rule of points/limits.py says, as a value."""
    try:
        require(*facts, **more)
    except Refusal as refusal:
        return refusal
    return None


def _may_post(region: Region, actor: Actor) -> bool:
    try:
        officials.require(actor, "scores.write", region)
    except NotAllowed:
        return False
    return True


async def place_of(village: str, *, group: str, month: str, actor: Actor, permission: str) -> Place:
    """The sheet's place, if the actor may do this there. Refuses as `view` does."""
    region = await regions.find(group or village, actor=actor, permission=permission)
    if region.level != ("group" if group else "village") or region.village != village:
        raise RegionNotFound(code=group or village)
    period = Period.parse(month)
    if period.kind != "month":
        raise PeriodUnknown(text=month)
    today = clock.today()
    if period.first > today:
        raise DeedInFuture(on=period.first, today=today)
    return Place(village, group, region, period, min(period.last, today))


async def posted_cells(
    place: Place, households: Collection[str], items: Sequence[Item]
) -> dict[str, PostedCell]:
    """The sheet's cells that stand in the ledger by `key_of`, reversed ones missing again.

    A deed entered by itself fills the cell of an item that is graded once a cycle; beside other
    deeds (three times a volunteer) the sheet may still add its own.
    """
    in_households, listed_households = database.among("e.household_id", households)
    in_codes, listed_codes = database.among(
        "e.item_code", [item.code for item in items], kind="text"
    )
    found = await database.rows(
        "SELECT e.id, e.household_id, e.item_code, e.points, e.source "  # noqa: S608 - no value
        f"FROM ledger_entry e WHERE {in_households} AND {in_codes} "
        "AND e.deed_on BETWEEN ? AND ? AND e.kind = 'award' "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses_id = e.id) "
        "ORDER BY e.seq",
        [listed_households, listed_codes, place.month.first, place.month.last],
    )
    graded = {item.code for item in items if limits.once_a_cycle(item)}
    return {
        key_of(row["household_id"], row["item_code"]): PostedCell(
            household=UUID(str(row["household_id"])),
            item=row["item_code"],
            points=row["points"],
            entry=UUID(str(row["id"])),
        )
        for row in found
        if row["item_code"] in graded or row["source"].startswith(SOURCE)
    }


async def _earned(village: str, period: Period) -> dict[UUID, int]:
    """What each household of the village earned in a period, from the totals."""
    in_months, listed = database.among("month", period.months, kind="text")
    found = await database.rows(
        "SELECT household_id, SUM(earned) AS earned FROM month_total "  # noqa: S608 - no value
        f"WHERE village = ? AND {in_months} GROUP BY household_id",
        [village, listed],
    )
    return {UUID(str(row["household_id"])): int(row["earned"]) for row in found}


async def draft_of(place: Place, *, by: Actor) -> ScoreDraft | None:
    """What the official has typed into this sheet and not posted."""
    if by.id is None:
        return None
    return await ScoreDraft.get_or_none(
        village=place.village, group=place.group, month=place.month.text, official_id=by.id
    )
