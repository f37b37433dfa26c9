"""How a household's name may be posted: its own choice, for the wall and for the web.

A choice is recorded with its day and the way it was made, one by one or in bulk from a sheet
that was carried from door to door. Nothing recorded stays nothing: what is then posted is the
rule book's matter. What a form shows is decided in `names`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import officials, register, rows
from households.errors import DetailRefused, HouseholdNotFound
from households.listing import in_order, matching
from households.models import Household, Region
from households.names import Form

How = Literal["paper_sheet", "oral", "phone"]
# The one way that no official can enter: the household did it itself, behind its PIN.
OWN_PAGE = "own_page"


class NameChoice(msgspec.Struct, frozen=True):
    """What one household chose; None leaves what was recorded before."""

    household: UUID
    wall: Form | None = None
    web: Form | None = None


class ChoiceRow(msgspec.Struct, frozen=True):
    """A line of the sheet on which choices are collected, with what is recorded so far."""

    household: UUID
    number: str | None
    head: str
    group: str
    group_name: str
    wall: str
    web: str
    chosen_on: date | None
    chosen_how: str


async def choose_name(
    household_id: UUID,
    *,
    wall: Form | None = None,
    web: Form | None = None,
    on: date,
    how: How,
    by: Actor,
) -> None:
    """Record one household's choice. Refuses as `choose_names`."""
    await choose_names([NameChoice(household_id, wall, web)], on=on, how=how, by=by)


@database.transaction
async def choose_names(choices: Sequence[NameChoice], *, on: date, how: How, by: Actor) -> int:
    """Record choices, all or none, and return how many households chose something new.

    Args:
        choices: at most one for each household.
        on: the day they were made, not one to come.
        how: on a paper sheet, orally at the door or in the office, or by phone.
        by: who writes them down.

    Refuses with `DetailRefused` for a day to come or one before the choice that stands,
    `HouseholdNotFound` for one that is not in his reach, and `NotAllowed`.
    """
    officials.require_anywhere(by, "register.write")
    if on > clock.today():
        raise DetailRefused(field="on", code="in_future")
    wanted = {choice.household: choice for choice in choices}
    query = Household.filter(register.scope_query(by, "register.write"), id__in=list(wanted))
    kept = await query.select_for_update()
    for key in wanted.keys() - {household.id for household in kept}:
        raise HouseholdNotFound(id=str(key))
    changes: list[tuple[UUID, rows.Values]] = []
    villages: dict[str, list[str]] = {}
    for household in kept:
        columns = _columns(household, wanted[household.id], on=on)
        if columns:
            columns |= {"name_chosen_on": on, "name_chosen_how": how}
            changes.append((household.id, columns))
            villages.setdefault(household.village, []).append(f"household:{household.id}")
    await rows.update("household", changes)
    for village, subjects in villages.items():
        await audit.note(
            by,
            "register.choose_names",
            village=village,
            subject=subjects[0] if len(changes) == 1 else "",
            changed=subjects,
            households=len(subjects),
            how=how,
            on=on.isoformat(),
        )
    return len(changes)


@database.transaction
async def choose_own(household_id: UUID, *, wall: Form, web: Form, by: Actor) -> bool:
    """Record what a household chose on its own page; whether anything is different now.

    `by` is the household itself. Refuses with `HouseholdNotFound` for any other one.
    """
    kept = await Household.filter(id=household_id).select_for_update().first()
    if kept is None or not by.is_household or by.household_id != household_id:
        raise HouseholdNotFound(id=str(household_id))
    columns = _columns(kept, NameChoice(household_id, wall, web), on=clock.today())
    if not columns:
        return False
    columns |= {"name_chosen_on": clock.today(), "name_chosen_how": OWN_PAGE}
    await rows.update("household", [(household_id, columns)])
    await audit.note(
        by,
        "register.choose_own_name",
        village=kept.village,
        subject=f"household:{household_id}",
        wall=wall,
        web=web,
    )
    return True


async def sheet(actor: Actor, *, village: str, group: str = "") -> list[ChoiceRow]:
    """The households of a village or group with their choices, in the order of their numbers.

    Refuses with `NotAllowed`; households beside the actor's reach are not there.
    """
    officials.require_anywhere(actor, "register.read")
    query = matching(actor, village=village, group=group, state=register.ACTIVE)
    keys = await in_order(query, sort="number")
    found = {household.id: household for household in await Household.filter(id__in=keys)}
    codes = {household.group for household in found.values()}
    group_names = dict(await Region.filter(code__in=codes).values_list("code", "name"))
    return [_row(found[key], group_names) for key in keys]


def _columns(household: Household, choice: NameChoice, *, on: date) -> dict[str, Any]:
    """What of the choice is new. An older paper never overrides a younger choice."""
    given = {"name_wall": choice.wall, "name_web": choice.web}
    columns = {
        column: form
        for column, form in given.items()
        if form is not None and form != getattr(household, column)
    }
    if columns and household.name_chosen_on and on < household.name_chosen_on:
        raise DetailRefused(field="on", code="older_choice", number=household.number or "")
    return columns


def _row(household: Household, group_names: dict[str, str]) -> ChoiceRow:
    return ChoiceRow(
        household=household.id,
        number=household.number,
        head=household.head,
        group=household.group,
        group_name=group_names.get(household.group, ""),
        wall=household.name_wall,
        web=household.name_web,
        chosen_on=household.name_chosen_on,
        chosen_how=household.name_chosen_how,
    )
