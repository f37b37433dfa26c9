"""Which household became which: the steps that were taken, kept for whoever asks later.

A step is recorded once under the id that its client made, in the transaction of the verb that
takes it, and never deleted: an undone one names the step that undid it. Only `households/moves.py`
takes steps; everybody else reads here.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from tortoise.expressions import Q

from foundation import clock
from foundation.actors import Actor
from households import register
from households.errors import (
    HouseholdNotFound,
    MoveIdTaken,
    MoveNotFound,
    MoveSettled,
)
from households.models import Household, HouseholdMove, Region

Kind = Literal["split", "merge", "regroup", "relocate", "leave", "return", "undo"]

CLOSING = ("merge", "relocate")
"""Steps after which a household lives on in another one."""

_SUCCESSORS_MAX = 20


class Move(msgspec.Struct, frozen=True):
    """One step, as it was taken.

    `household_id` is whom it was done to; `other_id` the household that a split or a move made,
    or that took the merged one in. `points` went from the first to the other, for a split and a
    move of a household with less than nothing below zero. `members` are those who changed
    households. `facts` are codes of places, before and after, or what an undoing undid.
    """

    id: UUID
    kind: Kind
    village: str
    household_id: UUID
    other_village: str
    other_id: UUID | None
    on: date
    points: int
    members: list[UUID]
    note: str
    recorded_by: str
    recorded_at: datetime
    undone_by: UUID | None
    facts: dict[str, str] = {}


class Side(msgspec.Struct, frozen=True):
    """A household that a step names; `shown` when this reader may open its card."""

    id: UUID
    village: str
    village_name: str
    number: str | None
    head: str
    state: str
    shown: bool


class Story(msgspec.Struct, frozen=True):
    """A step with both sides by name. `may_undo` while nothing rests on it in the register."""

    move: Move
    household: Side
    other: Side | None
    is_last: bool


def view(kept: HouseholdMove) -> Move:
    """A stored step as a value."""
    named = {name: getattr(kept, name, None) for name in Move.__struct_fields__}
    facts = {name: text for name, text in kept.before.items() if isinstance(text, str)}
    return msgspec.convert({**named, "on": kept.moved_on, "facts": facts}, Move)


def digest(kind: Kind, household_id: UUID, wanted: msgspec.Struct | None) -> str:
    """What tells a repeated step from a different one under the same id."""
    return hashlib.sha256(msgspec.json.encode([kind, household_id, wanted])).hexdigest()


async def lock(villages: Iterable[str]) -> None:
    """Queue behind creations, imports and steps of these villages, in a fixed order."""
    for code in sorted(set(villages)):
        await Region.filter(code=code).select_for_update().get()


async def known(id: UUID, content_hash: str) -> Move | None:
    """The step of that id, if it was taken before. Refuses with `MoveIdTaken` another one."""
    kept = await HouseholdMove.get_or_none(id=id)
    if kept is None:
        return None
    if kept.content_hash != content_hash:
        raise MoveIdTaken(id=str(id))
    return view(kept)


async def record(
    id: UUID,
    kind: Kind,
    household: Household,
    *,
    on: date,
    content_hash: str,
    by: Actor,
    other: Household | None = None,
    points: int = 0,
    members: Iterable[UUID] = (),
    before: dict[str, Any] | None = None,
    note: str = "",
) -> Move:
    """Keep a step that has just been taken, in the caller's transaction."""
    kept = await HouseholdMove.create(
        id=id,
        kind=kind,
        village=household.village,
        household_id=household.id,
        other_village=other.village if other else "",
        other_id=other.id if other else None,
        moved_on=on,
        points=points,
        members=[str(member) for member in members],
        before=before or {},
        note=note,
        content_hash=content_hash,
        recorded_by=by.label,
        recorded_at=clock.now(),
    )
    return view(kept)


def _touching(household_ids: Iterable[UUID]) -> Q:
    ids = list(household_ids)
    return Q(household_id__in=ids) | Q(other_id__in=ids)


async def require_last(kept: HouseholdMove) -> None:
    """Refuse with `MoveSettled` what was undone, or what later steps rest on."""
    sides = [kept.household_id] + ([kept.other_id] if kept.other_id else [])
    later = HouseholdMove.filter(_touching(sides), seq__gt=kept.seq, undone_by=None)
    if kept.undone_by or kept.kind == "undo" or await later.exclude(kind="undo").exists():
        raise MoveSettled(id=str(kept.id), why="later")


async def successor(household_id: UUID) -> UUID | None:
    """Where a household lives on that was merged or moved away; None for one that did not."""
    found: UUID | None = None
    for _ in range(_SUCCESSORS_MAX):
        step = (
            await HouseholdMove.filter(
                household_id=found or household_id, kind__in=CLOSING, undone_by=None
            )
            .order_by("-seq")
            .first()
        )
        if step is None:
            break
        found = step.other_id
    return found


async def closed(household_ids: Iterable[UUID | str]) -> dict[str, Move]:
    """The steps by which some of these households ended in another one, by id as text."""
    steps = await HouseholdMove.filter(
        household_id__in=[str(one) for one in household_ids], kind__in=CLOSING, undone_by=None
    )
    return {str(step.household_id): view(step) for step in steps}


async def listing(household_id: UUID, *, actor: Actor) -> list[Story]:
    """The steps that a household took part in, the latest first.

    Refuses with `HouseholdNotFound`, `NotAllowed`.
    """
    await register.household(household_id, actor=actor)
    steps = await HouseholdMove.filter(_touching([household_id])).order_by("-seq")
    return await _stories(steps, actor=actor)


async def find(move_id: UUID, *, household_id: UUID | None = None, actor: Actor) -> Story:
    """One step, of this household if one is named. Refuses with `MoveNotFound`, `NotAllowed`."""
    kept = await HouseholdMove.get_or_none(id=move_id)
    if kept is None or household_id not in (None, kept.household_id, kept.other_id):
        raise MoveNotFound(id=str(move_id))
    try:
        await register.household(household_id or kept.household_id, actor=actor)
    except HouseholdNotFound:
        raise MoveNotFound(id=str(move_id)) from None
    [story] = await _stories([kept], actor=actor)
    return story


async def _stories(steps: list[HouseholdMove], *, actor: Actor) -> list[Story]:
    sides = {side for step in steps for side in (step.household_id, step.other_id) if side}
    kept = {one.id: one for one in await Household.filter(id__in=list(sides))}
    reach = register.scope_query(actor, "register.read")
    shown = set(await Household.filter(reach, id__in=list(sides)).values_list("id", flat=True))
    codes = {one.village for one in kept.values()}
    places = {one.code: one.name for one in await Region.filter(code__in=list(codes))}
    return [
        Story(
            move=view(step),
            household=_side(kept[step.household_id], places, shown),
            other=_side(kept[step.other_id], places, shown) if step.other_id else None,
            is_last=await _is_last(step),
        )
        for step in steps
    ]


def _side(kept: Household, places: dict[str, str], shown: set[Any]) -> Side:
    return Side(
        id=kept.id,
        village=kept.village,
        village_name=places[kept.village],
        number=kept.number,
        head=kept.head,
        state=kept.state,
        shown=kept.id in shown,
    )


async def _is_last(step: HouseholdMove) -> bool:
    try:
        await require_last(step)
    except MoveSettled:
        return False
    return True


async def between(village: str) -> list[Move]:
    """The steps by which people of the village went from one household to another, in order."""
    steps = HouseholdMove.filter(
        village=village, kind__in=("split", *CLOSING), undone_by=None
    ).order_by("seq")
    return [view(step) for step in await steps]


async def without_base(village: str, *, year: int) -> set[UUID]:
    """The households that get no base points of their own for a year.

    Who was split off or came from another village in that year brought its part of the year's
    base along: nobody doubles it by dividing and joining again. Who ended in another household
    has nothing that would stay its own.
    """
    made = HouseholdMove.filter(
        other_village=village,
        kind__in=("split", "relocate"),
        undone_by=None,
        moved_on__range=(date(year, 1, 1), date(year, 12, 31)),
    )
    ended = HouseholdMove.filter(village=village, kind__in=CLOSING, undone_by=None)
    return {step.other_id for step in await made if step.other_id} | {
        step.household_id for step in await ended
    }
