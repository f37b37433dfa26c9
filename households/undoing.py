"""A step that was taken by mistake is put back, as long as nothing rests on it.

The step stays on record beside the one that undid it. Points that went along are put back by
points/transfers.py, which calls this.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from foundation import audit, clock, database
from foundation.actors import Actor
from households import lineage, moves, register, rows
from households.errors import MoveNotFound, MoveSettled
from households.lineage import Move
from households.models import Household, HouseholdMove, Official, Resident
from households.register import ACTIVE, LEFT


@database.transaction
async def undo(move_id: UUID, *, id: UUID, points: int, by: Actor) -> Move:
    """Put back what a step did to the register, as long as nothing rests on it.

    Refuses with `MoveNotFound`, `MoveSettled`, `NotAllowed`. `points` are what goes back.
    """
    kept = await find_to_undo(move_id, by=by)
    household = await Household.filter(id=kept.household_id).select_for_update().get()
    other = await Household.get_or_none(id=kept.other_id) if kept.other_id else None
    await _PUT_BACK[kept.kind](kept, household, other)
    await moves.raise_revision(household)
    sides = {household.id: kept.village}
    if other is not None and other.village != kept.village:
        sides[other.id] = other.village
    for side, village in sides.items():
        await audit.note(
            by,
            "register.undo_move",
            village=village,
            subject=f"household:{side}",
            changed=[f"household:{other.id}"] if other and len(sides) == 1 else (),
            move=str(kept.id),
            kind=kept.kind,
            points=points,
        )
    kept.undone_by = id
    await kept.save(update_fields=["undone_by"])
    return await lineage.record(
        id,
        "undo",
        household,
        on=clock.today(),
        content_hash=lineage.digest("undo", move_id, None),
        by=by,
        other=other,
        points=points,
        members=[UUID(member) for member in kept.members],
        before={"undoes": str(kept.id), "kind": kept.kind},
    )


async def find_to_undo(move_id: UUID, *, by: Actor) -> HouseholdMove:
    """A step that can still be undone, its villages locked. Refuses as `undo`."""
    kept = await HouseholdMove.get_or_none(id=move_id)
    if kept is None:
        raise MoveNotFound(id=str(move_id))
    permission = "register.move" if kept.kind == "relocate" else "register.write"
    await lineage.lock({kept.village, kept.other_village} - {""})
    for side in (kept.household_id, kept.other_id):
        if side:
            await register.household(side, actor=by, permission=permission)
    await kept.refresh_from_db()
    await lineage.require_last(kept)
    return kept


async def _put_back_people(
    kept: HouseholdMove, household: Household, other: Household | None
) -> None:
    """People, officials and the first household as they were before the step."""
    assert other is not None
    people = await Resident.filter(household_id=other.id, state=ACTIVE).order_by("position")
    moved = {UUID(member) for member in kept.members}
    if kept.kind == "merge":
        people = [person for person in people if person.id in moved]
        if len(people) < len(moved):
            raise MoveSettled(id=str(kept.id), why="people")
    relations = kept.before["relations"]
    await moves.put(
        people,
        household.id,
        {person.id: relations.get(str(person.id), "") for person in people},
        after=await Resident.filter(household_id=household.id).count(),
    )
    names = kept.before["officials"]
    await Official.filter(id__in=names, household_id=other.id).update(household_id=household.id)
    if kept.kind == "merge":
        await moves.raise_revision(other)
    else:  # the household was made by the step: its number is free again
        columns = {"state": LEFT, "left_on": clock.today(), "number": None}
        await rows.update("household", [(other.id, columns)])
        await moves.raise_revision(other)
    if kept.kind != "split":
        await rows.update("household", [(household.id, {"state": ACTIVE, "left_on": None})])


async def _put_back_place(
    kept: HouseholdMove, household: Household, other: Household | None
) -> None:
    columns = {name: kept.before[name] for name in ("group", "grid")}
    await rows.update("household", [(household.id, columns)])


async def _put_back_here(
    kept: HouseholdMove, household: Household, other: Household | None
) -> None:
    await rows.update("household", [(household.id, {"state": ACTIVE, "left_on": None})])


async def _put_back_gone(
    kept: HouseholdMove, household: Household, other: Household | None
) -> None:
    left_on = kept.before["left_on"]
    columns = {"state": LEFT, "left_on": date.fromisoformat(left_on) if left_on else None}
    await rows.update("household", [(household.id, columns)])


_PutBack = Callable[[HouseholdMove, Household, Household | None], Awaitable[None]]
_PUT_BACK: dict[str, _PutBack] = {
    "split": _put_back_people,
    "merge": _put_back_people,
    "relocate": _put_back_people,
    "regroup": _put_back_place,
    "leave": _put_back_here,
    "return": _put_back_gone,
}
