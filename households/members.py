"""The people of a household: who joins it, what is written down about them, who leaves it.

The household is the unit that clerks work on: every verb takes the household's revision and
raises it. A person is never deleted. Nothing here shows a number in plain.
"""

from datetime import date
from uuid import UUID, uuid4

from foundation import database
from foundation.actors import Actor
from households import details, officials, register, rows, settings
from households.details import HEAD, ResidentChanges, ResidentDetails
from households.errors import DetailRefused, HouseholdLeft, HouseholdNotFound
from households.models import Household, Region, Resident

ACTIVE, LEFT = register.ACTIVE, register.LEFT


@database.transaction
async def add(household_id: UUID, given: ResidentDetails, *, revision: int, by: Actor) -> int:
    """Add a person to a household and return the household's new revision.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `HouseholdChanged`, `HouseholdLeft` and
    `DetailRefused`, the last also for a second head.
    """
    kept = await register.household_to_change(household_id, revision=revision, by=by)
    if kept.state != ACTIVE:
        raise HouseholdLeft(id=str(household_id))
    values = details.of_resident(given)
    await _require_restricted(kept, bool(values["remarks"]), by=by)
    if values["relation"] == HEAD:
        raise DetailRefused(field="relation", code="head_twice")
    key = given.id or uuid4()
    columns = rows.resident_columns(key, values, keep_id_numbers=await _keeps(kept.village))
    position = await Resident.filter(household_id=kept.id).count()
    await rows.insert_residents(
        [{"id": key, "household_id": kept.id, "position": position, **columns}]
    )
    return await register.touch(kept, "register.add_member", columns={}, by=by, resident=str(key))


@database.transaction
async def change(resident_id: UUID, changes: ResidentChanges, *, revision: int, by: Actor) -> int:
    """Change what is written down about a person and return the household's new revision.

    The head's name is the household's. Refuses as `add` does; the head is made elsewhere, by
    `register.change` with `head_id`.
    """
    person, kept = await _person(resident_id, revision=revision, by=by)
    values = details.of_resident(changes)
    await _require_restricted(kept, "remarks" in values, by=by)
    is_head = person.relation == HEAD
    if "relation" in values and (values["relation"] == HEAD) != is_head:
        raise DetailRefused(field="relation", code="head_twice" if not is_head else "head_missing")
    values = rows.differing("resident", person, values)
    if not values:
        return kept.revision
    keep = await _keeps(kept.village)
    columns = rows.resident_columns(person.id, values, keep_id_numbers=keep)
    await rows.update("resident", [(person.id, columns)])
    head = {"head": values["name"]} if is_head and "name" in values else {}
    return await register.touch(
        kept,
        "register.change_member",
        columns=rows.household_columns(kept.id, head),
        by=by,
        resident=str(person.id),
        fields=sorted(values),
    )


@database.transaction
async def leave(resident_id: UUID, *, revision: int, by: Actor) -> int:
    """Record that a person is no longer a member. Refuses for the head, as `DetailRefused`."""
    person, kept = await _person(resident_id, revision=revision, by=by)
    if person.relation == HEAD:
        raise DetailRefused(field="state", code="head_leaves")
    return await _set_state(person, kept, LEFT, "register.member_leaves", by=by)


@database.transaction
async def come_back(resident_id: UUID, *, revision: int, by: Actor) -> int:
    """Record that a person is a member again."""
    person, kept = await _person(resident_id, revision=revision, by=by)
    return await _set_state(person, kept, ACTIVE, "register.member_comes_back", by=by)


async def minors(village: str, *, on: date) -> set[UUID]:
    """The people of a village who are under eighteen on that day."""
    found = await Resident.filter(
        household__village=village, state=ACTIVE, born_on__not_isnull=True
    ).values_list("id", "born_on")
    return {key for key, born_on in found if details.is_minor(born_on, on=on)}


def household_id_of(person: Resident) -> UUID:
    """The id of a person's household, without loading it."""
    key: UUID = person.household_id  # type: ignore[attr-defined]
    return key


async def _set_state(person: Resident, kept: Household, state: str, verb: str, *, by: Actor) -> int:
    await rows.update("resident", [(person.id, {"state": state})])
    return await register.touch(kept, verb, columns={}, by=by, resident=str(person.id))


async def _person(resident_id: UUID, *, revision: int, by: Actor) -> tuple[Resident, Household]:
    person = await Resident.get_or_none(id=resident_id)
    if person is None:
        raise HouseholdNotFound(resident=str(resident_id))
    key = household_id_of(person)
    kept = await register.household_to_change(key, revision=revision, by=by)
    return person, kept


async def _keeps(village: str) -> bool:
    return (await settings.read(village, settings.RegisterSettings)).keep_id_numbers


async def _require_restricted(kept: Household, touched: bool, *, by: Actor) -> None:
    if touched:
        officials.require(by, "register.restricted", await Region.get(code=kept.village))
