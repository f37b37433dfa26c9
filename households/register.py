"""The register of households: who is found in it, who comes into it, who is changed.

The list, the card, people, steps such as a split or a leaving, name choices, import and export
stand in rooms of their own beside this one. Nothing here is ever deleted; nothing here shows a
phone, an ID number or a restricted field in plain (that is `card`). Scope is part of every query.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from tortoise.expressions import Q, Subquery

from foundation import audit, database
from foundation.actors import Actor
from households import details, officials, regions, rows, settings
from households.details import HEAD, HouseholdChanges, HouseholdDetails, ResidentDetails
from households.errors import (
    DetailRefused,
    HouseholdChanged,
    HouseholdLeft,
    HouseholdNotFound,
    NotAllowed,
    NumberTaken,
    RegionNotFound,
)
from households.models import Household, HouseholdMove, Region, Resident

ACTIVE, LEFT = "active", "left"

Absence = tuple[date, date]
"""The day a household left and the day it came back."""


class HouseholdRef(msgspec.Struct, frozen=True):
    """A household as score sheets, leaderboards and publications know it."""

    id: UUID
    number: str | None
    head: str
    group: str
    grid: str
    pinyin: str
    state: str
    name_wall: str
    name_web: str


# -- finding ------------------------------------------------------------------------------


def scope_query(actor: Actor, permission: str) -> Q:
    """What an actor may use a permission on, as a condition on households.

    A duty in a village or above reaches whole villages, a duty in a group, grid or micro-grid
    the households in it.
    """
    prefixes = officials.scope(actor, permission)
    if prefixes is None:
        return Q()
    conditions: list[Q] = []
    for prefix in prefixes:
        code = prefix.rstrip("/").rpartition("/")[2]
        if "-" in code:  # a local code, below a village
            conditions.append(Q(group=code) | Q(grid=code) | Q(grid__startswith=f"{code}-"))
        else:
            inside = Region.filter(level="village", path__startswith=prefix).values("code")
            conditions.append(Q(village__in=Subquery(inside)))
    return Q(*conditions, join_type=Q.OR) if conditions else Q(id__in=[])


async def household(
    household_id: UUID, *, actor: Actor, permission: str = "register.read"
) -> Household:
    """A household in the actor's reach.

    Refuses with `HouseholdNotFound` beside his subtrees, `NotAllowed` where he may see it but
    not do this.
    """
    return await _found(household_id, actor=actor, permission=permission, lock=False)


async def household_to_change(
    household_id: UUID, *, revision: int, by: Actor, permission: str = "register.write"
) -> Household:
    """A household locked for the rest of the transaction, as it was when the clerk saw it.

    Refuses as `household` does, and with `HouseholdChanged` when `revision` is not its present
    one.
    """
    found = await _found(household_id, actor=by, permission=permission, lock=True)
    if found.revision != revision:
        raise HouseholdChanged(id=str(household_id), revision=found.revision)
    return found


async def household_of_village(household_id: UUID, *, village: str, by: Actor) -> Household:
    """Another household of the same village that is here, locked to be changed.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `HouseholdLeft`.
    """
    found = await _found(household_id, actor=by, permission="register.write", lock=True)
    if found.village != village:
        raise HouseholdNotFound(id=str(household_id))
    if found.state != ACTIVE:
        raise HouseholdLeft(id=str(household_id))
    return found


async def village_to_move_to(code: str, *, by: Actor) -> Region:
    """A village that the actor may move households to. `RegionNotFound`, `NotAllowed` else."""
    found = await regions.find(code, actor=by, permission="register.move")
    if found.level != "village":
        raise RegionNotFound(code=code)
    return found


async def _found(household_id: UUID, *, actor: Actor, permission: str, lock: bool) -> Household:
    officials.require_anywhere(actor, permission)
    query = Household.filter(scope_query(actor, permission), id=household_id)
    found = await (query.select_for_update() if lock else query).first()
    if found is not None:
        return found
    if await Household.filter(scope_query(actor, "register.read"), id=household_id).exists():
        raise NotAllowed(permission=permission, region="")
    raise HouseholdNotFound(id=str(household_id))


async def roster(
    village: str, *, group: str | None = None, grid: str | None = None, on: date | None = None
) -> list[HouseholdRef]:
    """The households of a village, group or grid in the order of their numbers.

    Args:
        village: 12-digit code.
        group: a group's code, if only its households are meant.
        grid: a grid's or micro-grid's code; a grid includes its micro-grids.
        on: the households that were here on that day; without it those that are here now.
    """
    query = Household.filter(village=village)
    if group is not None:
        query = query.filter(group=group)
    if grid is not None:
        query = query.filter(Q(grid=grid) | Q(grid__startswith=f"{grid}-"))
    if on is None:
        query = query.filter(state=ACTIVE)
    else:
        came = Q(joined_on=None) | Q(joined_on__lte=on)
        # Who lives on in another household is scored there, also for the days before.
        gone = HouseholdMove.filter(kind__in=("merge", "relocate"), undone_by=None, village=village)
        query = query.filter(came, Q(left_on=None) | Q(left_on__gt=on)).filter(
            ~Q(id__in=Subquery(gone.values("household_id")))
        )
    found = await query.values_list(*HouseholdRef.__struct_fields__)
    refs = [HouseholdRef(*line) for line in found]
    if on is not None:
        away = await absences(village)
        refs = [ref for ref in refs if not was_away(away.get(ref.id, ()), on=on)]
    return sorted(refs, key=_in_order)


async def absences(village: str) -> dict[UUID, list[Absence]]:
    """When households that are here again were away: from the day they left until they returned."""
    steps = await HouseholdMove.filter(village=village, kind="return", undone_by=None)
    found: dict[UUID, list[Absence]] = {}
    for step in steps:
        if left_on := step.before.get("left_on"):
            absence = (date.fromisoformat(left_on), step.moved_on)
            found.setdefault(step.household_id, []).append(absence)
    return found


def was_away(absences: Iterable[Absence], *, on: date) -> bool:
    """Whether a day falls into one of them; the day of the return does not."""
    return any(left_on <= on < back_on for left_on, back_on in absences)


async def minor_heads(village: str, *, on: date) -> set[UUID]:
    """Households whose head is under eighteen on that day: their names are never posted."""
    heads = await Resident.filter(
        household__village=village, relation=HEAD, state=ACTIVE, born_on__not_isnull=True
    ).values_list("household_id", "born_on")
    return {key for key, born_on in heads if details.is_minor(born_on, on=on)}


def natural(number: str | None) -> tuple[Any, ...]:
    """A key that sorts numbers as people count: 2, 12, 12-1, A3, and those without one last."""
    if not number:
        return (1,)
    parts = re.split(r"([0-9]+)", number)
    return (0, *((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part))


def _in_order(ref: HouseholdRef) -> tuple[Any, ...]:
    return (natural(ref.number), ref.pinyin, str(ref.id))


# -- coming and changing ------------------------------------------------------------------


async def create(village: str, given: HouseholdDetails, *, by: Actor) -> UUID:
    """Add one household with its members and return its id; see `create_many`."""
    return (await create_many(village, [given], by=by))[0]


@database.transaction
async def create_many(village: str, given: Sequence[HouseholdDetails], *, by: Actor) -> list[UUID]:
    """Add households with their members, all or none, and return their ids.

    An id that is already the id of the same household (head and number) is answered like the
    first time. Refuses with `RegionNotFound`, `NotAllowed`, `DetailRefused`, `NumberTaken`.
    """
    await regions.find(village, actor=by, permission="register.write")
    # Creations and imports of one village come one after another, so that numbers stay unique.
    region = await Region.filter(code=village).select_for_update().get()
    present = await _already_there(village, given)
    fresh = [one for one in given if one.id not in present]
    values = [details.of_household(one) for one in fresh]
    if any(one[field] for one in values for field in details.RESTRICTED):
        officials.require(by, "register.restricted", region)
    await require_places(village, values)
    await require_free(village, [one["number"] for one in values if one["number"]])
    keep = (await settings.read(village, settings.RegisterSettings)).keep_id_numbers
    keys = [one.id or uuid4() for one in fresh]
    people = [
        {"household_id": key, **person}
        for key, one in zip(keys, fresh, strict=True)
        for person in _people(one, keep_id_numbers=keep)
    ]
    await rows.insert_households(
        village,
        [
            {"id": key, **rows.household_columns(key, one)}
            for key, one in zip(keys, values, strict=True)
        ],
    )
    await rows.insert_residents(people)
    if fresh:
        subjects = [f"household:{key}" for key in keys]
        await audit.note(
            by,
            "register.create",
            village=village,
            subject=subjects[0] if len(keys) == 1 else "",
            changed=subjects,
            households=len(keys),
        )
    added = iter(keys)
    return [one.id if one.id in present else next(added) for one in given]


@database.transaction
async def change(household_id: UUID, changes: HouseholdChanges, *, revision: int, by: Actor) -> int:
    """Change a household and return its new revision, the present one if nothing is different.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `HouseholdChanged`, `DetailRefused`,
    `NumberTaken`, `RegionNotFound`, and `HouseholdLeft` for one that is not here any more.
    """
    kept = await household_to_change(household_id, revision=revision, by=by)
    if kept.state != ACTIVE:
        raise HouseholdLeft(id=str(household_id))
    values = details.of_household(changes)
    if details.RESTRICTED & values.keys():
        officials.require(by, "register.restricted", await Region.get(code=kept.village))
    await require_places(kept.village, [values])
    if values.get("number") and values["number"] != kept.number:
        await require_free(kept.village, [values["number"]])
    values = rows.differing("household", kept, values)
    if isinstance(changes.head_id, UUID) and not await _is_head(kept, changes.head_id):
        values["head"] = await _make_head(kept, changes.head_id)
    if not values:
        return kept.revision
    columns = rows.household_columns(kept.id, values)
    return await touch(kept, "register.change", columns=columns, by=by, fields=sorted(values))


async def touch(
    kept: Household, verb: str, *, columns: rows.Values, by: Actor, **facts: Any
) -> int:
    """Store columns of a locked household, raise its revision and log the deed."""
    revision = kept.revision + 1
    await rows.update("household", [(kept.id, {**columns, "revision": revision})])
    await audit.note(by, verb, village=kept.village, subject=f"household:{kept.id}", **facts)
    return revision


async def _already_there(village: str, given: Sequence[HouseholdDetails]) -> set[UUID]:
    ids = {one.id: one for one in given if one.id is not None}
    present = await Household.filter(id__in=list(ids)) if ids else []
    for kept in present:
        one = ids[kept.id]
        if (kept.village, kept.head, kept.number) != (village, one.head, one.number or None):
            raise HouseholdChanged(id=str(kept.id), revision=0)
    return {kept.id for kept in present}


def _people(given: HouseholdDetails, *, keep_id_numbers: bool) -> Iterable[rows.Values]:
    """The members' columns, the head first where nobody is called so."""
    heads = [person.name for person in given.residents if person.relation == HEAD]
    if len(heads) > 1 or (heads and heads[0] != given.head):
        raise DetailRefused(field="head", code="head_differs")
    first = [] if heads else [ResidentDetails(name=given.head, relation=HEAD)]
    for position, person in enumerate([*first, *given.residents]):
        key = person.id or uuid4()
        columns = rows.resident_columns(
            key, details.of_resident(person), keep_id_numbers=keep_id_numbers
        )
        yield {"id": key, "position": position, **columns}


async def require_places(village: str, values: Iterable[rows.Values]) -> None:
    """Every group and grid named must be one of the village's own, or it is `RegionNotFound`."""
    named = {(kind, one[kind]) for one in values for kind in ("group", "grid") if one.get(kind)}
    if not named:
        return
    codes = [code for _, code in named]
    found = await Region.filter(village=village, code__in=codes).values_list("code", "level")
    own = {("group" if level == "group" else "grid", code) for code, level in found}
    for _, code in sorted(named - own):
        raise RegionNotFound(code=code)


async def require_free(village: str, numbers: Sequence[str]) -> None:
    """Refuse with `NumberTaken` what another household of the village is numbered."""
    if not numbers:
        return
    found = await database.rows("SELECT number FROM household WHERE village = ?", [village])
    taken = {line["number"] for line in found}
    for number in numbers:
        if number in taken:
            raise NumberTaken(number=number)
        taken.add(number)


async def _is_head(kept: Household, resident_id: UUID) -> bool:
    return await Resident.filter(id=resident_id, household_id=kept.id, relation=HEAD).exists()


async def _make_head(kept: Household, resident_id: UUID) -> str:
    """Give the household another head and return the head's name."""
    person = await Resident.get_or_none(id=resident_id, household_id=kept.id, state=ACTIVE)
    if person is None:
        raise DetailRefused(field="head_id", code="not_a_member")
    await Resident.filter(household_id=kept.id, relation=HEAD).update(relation="")
    await Resident.filter(id=resident_id).update(relation=HEAD)
    return person.name
