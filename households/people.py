"""The list of people: filtered, page by page, as the list of households is.

Phones are masked, ID numbers do not appear, and neither does anything restricted.
"""

from datetime import date
from uuid import UUID

import msgspec
from tortoise.expressions import Q, Subquery

from foundation import clock, sealing
from foundation.actors import Actor
from households import details, listing, members, officials, rows
from households.models import Resident


class PersonRow(msgspec.Struct, frozen=True):
    """One line of the list."""

    id: UUID
    household: UUID
    name: str
    relation: str
    sex: str
    born_on: date | None
    is_minor: bool
    phone: str
    state: str


class People(msgspec.Struct, frozen=True):
    """One page of the list and how many lines there are on all pages."""

    rows: list[PersonRow]
    total: int
    page: int
    page_size: int


async def listed(
    actor: Actor,
    *,
    village: str = "",
    group: str = "",
    household: UUID | None = None,
    q: str = "",
    state: str = "active",
    page: int = 1,
    page_size: int = 50,
) -> People:
    """The people of the households in the actor's reach, household by household.

    Args:
        actor: who looks.
        village: 12-digit code, or all villages of his reach.
        group: code of a group.
        household: one household.
        q: part of a name.
        state: "active" or "left" of the person in the household; empty for both.
        page: from 1.
        page_size: at most 200.

    Refuses with `NotAllowed`.
    """
    officials.require_anywhere(actor, "register.read")
    homes = listing.matching(actor, village=village or None, group=group)
    if household is not None:
        homes = homes.filter(id=household)
    wanted = Q(household_id__in=Subquery(homes.values("id")))
    if q.strip():
        wanted &= Q(name__contains=q.strip()[: listing.SEARCH_LENGTH_MAX])
    if state:
        wanted &= Q(state=state)
    size, page = max(1, min(page_size, listing.PAGE_SIZE_MAX)), max(1, page)
    query = Resident.filter(wanted)
    found = await (
        query.order_by("household_id", "position", "id").offset((page - 1) * size).limit(size)
    )
    return People([_row(one) for one in found], await query.count(), page, size)


def _row(person: Resident) -> PersonRow:
    return PersonRow(
        id=person.id,
        household=members.household_id_of(person),
        name=person.name,
        relation=person.relation,
        sex=person.sex,
        born_on=person.born_on,
        is_minor=details.is_minor(person.born_on, on=clock.today()),
        phone=sealing.masked_number(rows.opened("resident", person.id, "phone", person.phone)),
        state=person.state,
    )
