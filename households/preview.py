"""What an import would do, as its preview shows it and as the command line prints it.

Built from a plan and kept sealed until the import ends. Phones are masked, restricted fields only
said to change; a problem quotes the cell as it stands, because that is what somebody has to mend.
"""

from typing import Any
from uuid import UUID

import msgspec

from foundation import sealing
from households import rows
from households.details import RESTRICTED
from households.known import Known, KnownHousehold, KnownResident
from households.parsed import Parsed, Problem, SheetUnderstood
from households.planning import Action, HouseholdPlan, Plan

HIDDEN = "…"


class ImportResult(msgspec.Struct):
    """The counts and problems of one import, as the contract of `households import` names them.

    `households` are distinct households in the file, `residents` people named in it, heads
    included, `duplicates` households that were entered twice.
    """

    households: int
    residents: int
    duplicates: int
    created: int
    updated: int
    unchanged: int
    problems: list[Problem]


class FieldChange(msgspec.Struct, frozen=True):
    """One field before and after. `who` is a member's name, empty for the household itself."""

    who: str
    field: str
    before: str
    after: str


class HouseholdPreview(msgspec.Struct, frozen=True):
    """What becomes of one household. `added` names new members of one that is there already."""

    sheet: str
    row: int
    number: str
    head: str
    group: str
    members: int
    action: Action
    household: UUID | None
    changes: list[FieldChange]
    added: list[str]


class Preview(msgspec.Struct):
    """Everything a clerk sees before confirming.

    `households` are those that are created, updated or refused; `absent` counts households of
    the register that the workbook does not name.
    """

    result: ImportResult
    households: list[HouseholdPreview]
    sheets: list[SheetUnderstood]
    new_groups: list[str]
    absent: int


def result_of(parsed: Parsed, plan: Plan) -> ImportResult:
    """The counts of a plan, the problems of reading before those of comparing."""
    return ImportResult(
        households=len(parsed.households),
        residents=parsed.residents,
        duplicates=parsed.duplicates,
        created=plan.count("created"),
        updated=plan.count("updated"),
        unchanged=plan.count("unchanged"),
        problems=[*parsed.problems, *plan.problems],
    )


def preview_of(parsed: Parsed, plan: Plan, *, known: Known) -> Preview:
    """The preview of a plan."""
    named = {code: name for name, code in known.groups.items()}
    return Preview(
        result=result_of(parsed, plan),
        households=[_household(one, named) for one in plan.households if one.action != "unchanged"],
        sheets=parsed.sheets,
        new_groups=sorted({one.new_group for one in plan.households if one.new_group}),
        absent=plan.absent,
    )


def _household(one: HouseholdPlan, groups: dict[str, str]) -> HouseholdPreview:
    known = one.known
    changes: list[FieldChange] = []
    if known is not None:
        changes = [_change(known, field, value, groups) for field, value in one.values.items()]
        if one.new_group:
            changes.append(FieldChange("", "group", groups.get(known.group, ""), one.new_group))
        changes += [
            _person_change(person, field, value)
            for person, values in one.changed
            for field, value in values.items()
        ]
    return HouseholdPreview(
        sheet=one.parsed.sheet,
        row=one.parsed.row,
        number=one.parsed.number or (known.number if known else None) or "",
        head=one.parsed.head_name,
        group=one.parsed.group_name,
        members=len(one.parsed.members),
        action=one.action,
        household=known.id if known else None,
        changes=changes,
        added=[person["name"] for person in one.added] if known else [],
    )


def _change(known: KnownHousehold, field: str, value: Any, groups: dict[str, str]) -> FieldChange:
    if field in RESTRICTED:
        return FieldChange("", field, HIDDEN if known.sealed[field] else "", HIDDEN)
    if field == "group":
        return FieldChange("", field, groups.get(known.group, ""), groups.get(value, value))
    if field in known.sealed:
        before = rows.opened("household", known.id, field, known.sealed[field])
        return FieldChange("", field, _masked(field, before), _masked(field, value))
    return FieldChange("", field, _text(getattr(known, field)), _text(value))


def _person_change(person: KnownResident, field: str, value: Any) -> FieldChange:
    if field in ("phone", "id_number", "remarks"):
        had = {"phone": person.phone_index, "id_number": person.id_index, "remarks": person.remarks}
        after = HIDDEN if field == "remarks" else sealing.masked_number(value)
        return FieldChange(person.name, field, HIDDEN if had[field] else "", after)
    if field == "household_id":
        return FieldChange(person.name, "household", "", "")
    return FieldChange(person.name, field, _text(getattr(person, field)), _text(value))


def _masked(field: str, text: str) -> str:
    return sealing.masked_number(text) if field == "phone" else text


def _text(value: Any) -> str:
    return "" if value is None else str(value)
