"""What may be written down about a household and its members, typed in one by one.

Pure: turns what somebody typed into clean column values or refuses with the field's name and the
fault's code. It neither stores nor seals. Whole workbooks are read by `intake`, whose readers of
single values are used here too, so that both ways in know the same numbers and names.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Literal
from unicodedata import category
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from foundation import clock
from households import identity
from households.errors import DetailRefused

HEAD = "户主"
RESTRICTED = frozenset(("kind", "welfare", "remarks"))
ADULT_AGE = 18  # Law on the Protection of Minors, article 2

_LENGTH_MAX = {
    "number": 20,
    "relation": 20,
    "address": 200,
    "kind": 40,
    "welfare": 200,
    "remarks": 500,
}


class ResidentDetails(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A person to be added. Sex and date of birth follow from the ID number when it is given."""

    name: str
    id: UUID | None = None
    relation: str = ""
    sex: Literal["", "男", "女"] = ""
    born_on: date | None = None
    id_number: str = ""
    phone: str = ""
    remarks: str = ""


class HouseholdDetails(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A household to be added; `group` and `grid` are codes.

    `head` becomes the first member unless one of `residents` has the relation 户主.
    """

    head: str
    id: UUID | None = None
    number: str = ""
    group: str = ""
    grid: str = ""
    phone: str = ""
    address: str = ""
    kind: str = ""
    welfare: str = ""
    remarks: str = ""
    joined_on: date | None = None
    residents: list[ResidentDetails] = []


class HouseholdChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be different about a household; what is not given stays as it is.

    `head_id` makes another member the head.
    """

    number: str | UnsetType = UNSET
    group: str | UnsetType = UNSET
    grid: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    welfare: str | UnsetType = UNSET
    remarks: str | UnsetType = UNSET
    joined_on: date | UnsetType | None = UNSET
    head_id: UUID | UnsetType = UNSET


class ResidentChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be different about a person; what is not given stays as it is."""

    name: str | UnsetType = UNSET
    relation: str | UnsetType = UNSET
    sex: Literal["", "男", "女"] | UnsetType = UNSET
    born_on: date | UnsetType | None = UNSET
    id_number: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    remarks: str | UnsetType = UNSET


def of_household(given: HouseholdDetails | HouseholdChanges) -> dict[str, Any]:
    """Clean values of a household's own columns. Refuses with `DetailRefused`."""
    return _clean(given, leave_out=("id", "head_id", "residents"))


def of_resident(given: ResidentDetails | ResidentChanges) -> dict[str, Any]:
    """Clean values of a person's columns. Refuses with `DetailRefused`."""
    values = _clean(given, leave_out=("id",))
    if number := values.get("id_number"):
        values["sex"] = identity.sex_of(number)
        values["born_on"] = identity.born_on_of(number)
    return values


def is_minor(born_on: date | None, *, on: date) -> bool:
    """Whether somebody is under eighteen on that day; unknown counts as grown up."""
    if born_on is None:
        return False
    birthday_passed = (on.month, on.day) >= (born_on.month, born_on.day)
    return on.year - born_on.year - (not birthday_passed) < ADULT_AGE


def _clean(given: msgspec.Struct, *, leave_out: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in given.__struct_fields__:
        value = getattr(given, field)
        if field not in leave_out and value is not UNSET:
            values[field] = _READERS.get(field, _text)(field, value)
    return values


def _text(field: str, value: str) -> str:
    text = value.strip()
    if any(category(char) == "Cc" and char not in "\n\t" for char in text):
        raise DetailRefused(field=field, code="control_character")
    if len(text) > _LENGTH_MAX.get(field, 60):
        raise DetailRefused(field=field, code="too_long", length_max=_LENGTH_MAX.get(field, 60))
    return text


def _household_number(field: str, value: str) -> str | None:
    return _text(field, identity.household_number(value)) or None


def _name(field: str, value: str) -> str:
    _text(field, value)
    reading, _ = identity.person_name(value)
    if not reading.value:
        raise DetailRefused(field=field, code=reading.fault or "name_missing")
    return reading.value


def _phone(field: str, value: str) -> str:
    reading = identity.phone(value)
    if reading.fault:
        raise DetailRefused(field=field, code="phone_invalid")
    return reading.value


def _id_number(field: str, value: str) -> str:
    reading = identity.id_number(value, today=clock.today())
    if value.strip() and not reading.value:
        raise DetailRefused(field=field, code=reading.fault)
    return reading.value


def _day(field: str, value: date | None) -> date | None:
    if value is not None and value > clock.today():
        raise DetailRefused(field=field, code="in_future")
    return value


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "number": _household_number,
    "head": _name,
    "name": _name,
    "phone": _phone,
    "id_number": _id_number,
    "born_on": _day,
    "joined_on": _day,
}
