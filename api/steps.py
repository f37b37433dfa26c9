"""A household's step as its summary, its page, its slip and the card tell it."""

from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.actors import Actor
from households import directory, lineage, settings
from households.lineage import Move, Side
from households.models import Household, Official, Region, Resident
from households.moves import Merge, Relocate, Split
from points import history, transfers
from points.period import Period
from points.scheme import Scheme
from points.transfers import Account


async def line(story: lineage.Story, household_id: UUID) -> dict[str, Any]:
    """A step as a line of a household's own list; `here` says which side is being read."""
    move = story.move
    return {
        "id": move.id,
        "kind": move.kind,
        "on": move.on,
        "points": move.points,
        "note": move.note,
        "undone": move.undone_by is not None,
        "here": "household" if move.household_id == household_id else "other",
        "household": _side(story.household),
        "other": story.other and _side(story.other),
        "undoes": move.facts.get("kind", ""),
        **await _places(move),
    }


async def told(story: lineage.Story) -> dict[str, Any]:
    """A step that was taken, with everything that its page and its slip show."""
    move = story.move
    people = {one.id: one.name for one in await Resident.filter(id__in=move.members)}
    sides = [side for side in (story.household, story.other) if side]
    apart = len({side.village for side in sides}) > 1
    heads = {side.id: _named(side.head, side.village_name if apart else "") for side in sides}
    recorders = await directory.names([move.recorded_by])
    return {
        "id": move.id,
        "kind": move.kind,
        "on": move.on,
        "household": _side(story.household),
        "other": story.other and _side(story.other),
        "people": [people[one] for one in move.members if one in people],
        "points": move.points,
        "accounts": [_account(one, heads) for one in await transfers.accounts(move)],
        "note": move.note,
        "serving": [],
        "undoes": move.facts.get("kind", ""),
        "undone": move.undone_by is not None,
        "recorded_by": recorders.get(move.recorded_by, move.recorded_by),
        "recorded_at": clock.local(move.recorded_at),
        **await _places(move),
    }


async def foreseen(move: Move, step: msgspec.Struct, household: Household) -> dict[str, Any]:
    """A step that has been rehearsed and is still to be taken, told likewise."""
    people = {one.id: one for one in await Resident.filter(household_id=household.id)}
    going = [people[one].name for one in move.members if one in people]
    place = await Region.get(code=household.village)
    here = _of(household, place.name)
    other: dict[str, Any] | None = None
    taken = 0
    if isinstance(step, Split):
        head = people[step.head].name
        other = {**here, "head": head, "number": step.number.strip() or None}
    elif isinstance(step, Merge):
        into = await Household.get(id=step.into)
        other, taken = _of(into, place.name), await transfers.balance_of(into.id)
    elif isinstance(step, Relocate):
        there = await Region.get(code=step.village)
        other = {**here, "number": step.number.strip() or None, "village_name": there.name}
    accounts = []
    if other is not None:
        before = await transfers.balance_of(household.id)
        apart = isinstance(step, Relocate)
        accounts = [
            _shown(_named(household.head, place.name if apart else ""), before, -move.points),
            _shown(
                _named(other["head"], other["village_name"] if apart else ""), taken, move.points
            ),
        ]
    return {
        "kind": move.kind,
        "on": move.on,
        "household": here,
        "other": other,
        "people": going,
        "points": move.points,
        "accounts": accounts,
        "note": move.note,
        "serving": await _serving(move, household, going),
        **await _places(move),
    }


async def earned(household: Household, *, actor: Actor) -> dict[str, Any]:
    """What the household has earned in the running period, which never goes along."""
    scheme = await settings.read(household.village, Scheme)
    period = Period.of(clock.today(), kind=scheme.posted_period)
    months = await history.earned(household.id, actor=actor)
    points = sum(one.earned for one in months if one.month in period.months)
    return {"points": points, "period": period.word}


def _side(side: Side) -> dict[str, Any]:
    return msgspec.structs.asdict(side)


def _of(household: Household, village_name: str) -> dict[str, Any]:
    return {
        "id": household.id,
        "head": household.head,
        "number": household.number,
        "village_name": village_name,
        "shown": True,
    }


def _named(head: str, village: str) -> str:
    """A head as a table of two villages tells them apart."""
    return f"{head} · {village}" if village else head


def _account(account: Account, heads: dict[UUID, str]) -> dict[str, Any]:
    return {**msgspec.structs.asdict(account), "head": heads[account.household_id]}


def _shown(head: str, before: int, points: int) -> dict[str, Any]:
    return {"head": head, "before": before, "points": points, "after": before + points}


async def _places(move: Move) -> dict[str, str]:
    """The group and grid that a step led from and to, by name."""
    codes = {
        side: [move.facts.get(f"{prefix}{part}", "") for part in ("group", "grid")]
        for side, prefix in (("place_before", ""), ("place_after", "to_"))
    }
    found = Region.filter(code__in=[code for both in codes.values() for code in both])
    names = dict(await found.values_list("code", "name"))
    return {
        side: " ".join(names[code] for code in both if code in names)
        for side, both in codes.items()
    }


async def _serving(move: Move, household: Household, going: list[str]) -> list[dict[str, Any]]:
    """Officials of the household, and whether each goes along; see `moves.follow`."""
    if move.other_id is None:
        return []
    serving = await Official.filter(household_id=household.id, active=True).order_by("name")
    return [
        {"name": one.name, "goes": move.kind != "split" or one.name in going} for one in serving
    ]
