"""One household's card, and the few ways to see in plain what is sealed.

The card itself holds no restricted field, no whole phone and no ID number, and does not even say
whether there is a restricted one. Each look behind the seal is an act of its own that needs its
own permission and leaves a line in the audit log, written in the same transaction.
"""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from foundation import audit, clock, database, sealing
from foundation.actors import Actor
from households import details, identity, members, officials, register, rows
from households.errors import DetailRefused, HouseholdNotFound, IdNumberNotKept, PurposeMissing
from households.models import Household, Region, Resident

PURPOSE_LENGTH_MIN = 2
PURPOSE_LENGTH_MAX = 200

Number = Literal["phone", "id_number"]
IdState = Literal["", "digest", "kept"]


class ResidentView(msgspec.Struct, frozen=True):
    """A member. `id_state` says whether an ID number is unknown, kept as a digest, or sealed.

    `id_number` is masked and empty unless the village keeps numbers; `phone` is masked.
    """

    id: UUID
    name: str
    relation: str
    sex: str
    born_on: date | None
    is_minor: bool
    phone: str
    id_state: IdState
    id_number: str
    state: str


class Card(msgspec.Struct, frozen=True):
    """A household as its card shows it. `may_...` say what this actor may do beyond reading."""

    id: UUID
    village: str
    village_name: str
    number: str | None
    head: str
    group: str
    group_name: str
    grid: str
    grid_name: str
    phone: str
    address: str
    state: str
    joined_on: date | None
    left_on: date | None
    name_wall: str
    name_web: str
    name_chosen_on: date | None
    name_chosen_how: str
    revision: int
    residents: list[ResidentView]
    may_change: bool
    may_unmask: bool
    may_read_restricted: bool


class Restricted(msgspec.Struct, frozen=True):
    """What only a logged look shows: household type, welfare status, remarks."""

    kind: str
    welfare: str
    remarks: str
    residents: dict[UUID, str]


async def card(household_id: UUID, *, actor: Actor) -> Card:
    """The card of a household in the actor's reach. Refuses as `register.household`."""
    kept = await register.household(household_id, actor=actor)
    codes = (kept.village, kept.group, kept.grid)
    places = {region.code: region for region in await Region.filter(code__in=codes)}
    names = {code: region.name for code, region in places.items()}
    people = await Resident.filter(household_id=kept.id).order_by("position", "id")
    village = places[kept.village]
    today = clock.today()
    return Card(
        id=kept.id,
        village=kept.village,
        village_name=village.name,
        number=kept.number,
        head=kept.head,
        group=kept.group,
        group_name=names.get(kept.group, ""),
        grid=kept.grid,
        grid_name=names.get(kept.grid, ""),
        phone=_masked_phone("household", kept),
        address=rows.opened("household", kept.id, "address", kept.address),
        state=kept.state,
        joined_on=kept.joined_on,
        left_on=kept.left_on,
        name_wall=kept.name_wall,
        name_web=kept.name_web,
        name_chosen_on=kept.name_chosen_on,
        name_chosen_how=kept.name_chosen_how,
        revision=kept.revision,
        residents=[_view(person, today=today) for person in _head_first(people)],
        may_change=_may(actor, "register.write", village),
        may_unmask=_may(actor, "register.unmask", village),
        may_read_restricted=_may(actor, "register.restricted", village),
    )


@database.transaction
async def unmask_phone(household_id: UUID, *, purpose: str, by: Actor) -> str:
    """A household's phone in plain, logged with its purpose.

    Refuses with `PurposeMissing`, `HouseholdNotFound` and `NotAllowed`.
    """
    kept = await register.household(household_id, actor=by, permission="register.unmask")
    await _log(by, "register.unmask", kept, purpose=purpose, field="phone")
    return rows.opened("household", kept.id, "phone", kept.phone)


@database.transaction
async def unmask(resident_id: UUID, *, field: Number, purpose: str, by: Actor) -> str:
    """A member's phone or ID number in plain, logged with its purpose.

    Refuses with `PurposeMissing`, `HouseholdNotFound`, `NotAllowed`, and with
    `IdNumberNotKept` where only the ID number's digest is stored.
    """
    person, kept = await _member(resident_id, permission="register.unmask", by=by)
    if field == "id_number" and person.id_index and not person.id_number:
        raise IdNumberNotKept(resident=str(resident_id))
    await _log(by, "register.unmask", kept, purpose=purpose, field=field, resident=str(resident_id))
    return rows.opened("resident", person.id, field, getattr(person, field))


@database.transaction
async def check_id_number(resident_id: UUID, id_number: str, *, purpose: str, by: Actor) -> bool:
    """Whether an ID number that somebody presents is the one recorded for a member; logged.

    Refuses with `PurposeMissing`, `HouseholdNotFound`, `NotAllowed`, and with `DetailRefused`
    for something that is no ID number.
    """
    reading = identity.id_number(id_number, today=clock.today())
    if not reading.value:
        raise DetailRefused(field="id_number", code=reading.fault or "id_length")
    person, kept = await _member(resident_id, permission="register.write", by=by)
    fits = bool(person.id_index) and person.id_index == rows.id_digest(reading.value)
    await _log(
        by,
        "register.check_id_number",
        kept,
        purpose=purpose,
        resident=str(resident_id),
        fits=fits,
    )
    return fits


@database.transaction
async def restricted(household_id: UUID, *, purpose: str, by: Actor) -> Restricted:
    """Household type, welfare status and remarks, logged with the purpose of the look.

    Refuses with `PurposeMissing`, `HouseholdNotFound` and `NotAllowed`.
    """
    kept = await register.household(household_id, actor=by, permission="register.restricted")
    await _log(by, "register.read_restricted", kept, purpose=purpose)
    people = await Resident.filter(household_id=kept.id).exclude(remarks="")
    return Restricted(
        kind=rows.opened("household", kept.id, "kind", kept.kind),
        welfare=rows.opened("household", kept.id, "welfare", kept.welfare),
        remarks=rows.opened("household", kept.id, "remarks", kept.remarks),
        residents={
            person.id: rows.opened("resident", person.id, "remarks", person.remarks)
            for person in people
        },
    )


def require_purpose(purpose: str) -> str:
    """The purpose without spaces around it, at most 200 characters. `PurposeMissing` else."""
    purpose = purpose.strip()
    if len(purpose) < PURPOSE_LENGTH_MIN:
        raise PurposeMissing()
    return purpose[:PURPOSE_LENGTH_MAX]


async def _member(resident_id: UUID, *, permission: str, by: Actor) -> tuple[Resident, Household]:
    officials.require_anywhere(by, permission)
    person = await Resident.get_or_none(id=resident_id)
    if person is None:
        raise HouseholdNotFound(resident=str(resident_id))
    kept = await register.household(
        members.household_id_of(person), actor=by, permission=permission
    )
    return person, kept


async def _log(by: Actor, verb: str, kept: Household, *, purpose: str, **facts: Any) -> None:
    await audit.note(
        by,
        verb,
        village=kept.village,
        subject=f"household:{kept.id}",
        purpose=require_purpose(purpose),
        **facts,
    )


def _may(actor: Actor, permission: str, village: Region) -> bool:
    prefixes = officials.scope(actor, permission)
    return prefixes is None or village.path.startswith(tuple(prefixes))


def _head_first(people: list[Resident]) -> list[Resident]:
    return sorted(people, key=lambda person: person.relation != details.HEAD)


def _masked_phone(table: rows.Table, row: Household | Resident) -> str:
    return sealing.masked_number(rows.opened(table, row.id, "phone", row.phone))


def _view(person: Resident, *, today: date) -> ResidentView:
    number = rows.opened("resident", person.id, "id_number", person.id_number)
    id_state: IdState = "kept" if number else "digest" if person.id_index else ""
    return ResidentView(
        id=person.id,
        name=person.name,
        relation=person.relation,
        sex=person.sex,
        born_on=person.born_on,
        is_minor=details.is_minor(person.born_on, on=today),
        phone=_masked_phone("resident", person),
        id_state=id_state,
        id_number=sealing.masked_number(number),
        state=person.state,
    )
