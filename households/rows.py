"""How households and people become rows: sealed, indexed, sortable, and written in bulk.

The one place that knows which columns are sealed under which name. Whoever stores a household,
whether typed in or from a workbook of ten thousand rows, comes through here; no plain phone or ID
number goes further down. Writes raw SQL because an import of a whole township is one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from foundation import clock, database, sealing
from households import names
from households.models import Household, Resident

Table = Literal["household", "resident"]
Values = dict[str, Any]

SEALED: dict[Table, tuple[str, ...]] = {
    "household": ("phone", "address", "kind", "welfare", "remarks"),
    "resident": ("phone", "remarks"),
}

_NEW_HOUSEHOLD: Values = {
    "group": "",
    "grid": "",
    "number": None,
    "initials": "",
    "state": "active",
    "phone": "",
    "phone_index": "",
    "address": "",
    "kind": "",
    "welfare": "",
    "remarks": "",
    "name_wall": "",
    "name_web": "",
    "name_chosen_how": "",
    "name_chosen_on": None,
    "revision": 1,
    "joined_on": None,
    "left_on": None,
}
_NEW_RESIDENT: Values = {
    "position": 0,
    "relation": "",
    "sex": "",
    "born_on": None,
    "id_number": "",
    "id_index": "",
    "phone": "",
    "phone_index": "",
    "remarks": "",
    "state": "active",
}


def household_columns(key: UUID, values: Values) -> Values:
    """A household's values as they are stored in the row `key`."""
    columns = _sealed("household", key, values)
    if "head" in values:
        columns["pinyin"] = names.pinyin_key(values["head"])
        columns["initials"] = names.initials(values["head"])
    return columns


def resident_columns(key: UUID, values: Values, *, keep_id_numbers: bool) -> Values:
    """A person's values as they are stored in the row `key`.

    The ID number leaves only its keyed digest unless the village keeps numbers.
    """
    columns = _sealed("resident", key, values)
    if "id_number" in values:
        number = values["id_number"]
        columns["id_index"] = id_digest(number)
        columns["id_number"] = (
            sealing.seal(number, place="resident.id_number", row=key) if keep_id_numbers else ""
        )
    return columns


def id_digest(number: str) -> str:
    """The keyed digest that an ID number is found again by."""
    return sealing.index(number, kind="id_number")


def phone_digest(phone: str) -> str:
    """The keyed digest that a phone number is found again by."""
    return sealing.index(phone, kind="phone")


def opened(table: Table, key: UUID, column: str, sealed: str) -> str:
    """The plain text of a sealed column. Whoever shows it to somebody logs that."""
    return sealing.unseal(sealed, place=f"{table}.{column}", row=key)


def differing(table: Table, kept: Household | Resident, values: Values) -> Values:
    """Those of the values that are not what the row holds already; an ID number always counts."""
    different: Values = {}
    for column, value in values.items():
        before = getattr(kept, column)
        if column in SEALED[table]:
            before = opened(table, kept.id, column, before)
        if value != before or column == "id_number":
            different[column] = value
    return different


async def insert_households(village: str, batch: Sequence[Values]) -> None:
    """Insert whole households' columns (with their `id`), the rest at its defaults."""
    fixed = {**_NEW_HOUSEHOLD, "village": village, "created_at": clock.now()}
    await _insert("household", [{**fixed, **columns} for columns in batch])


async def insert_residents(batch: Sequence[Values]) -> None:
    """Insert people's columns (with `id` and `household_id`), the rest at its defaults."""
    await _insert("resident", [{**_NEW_RESIDENT, **columns} for columns in batch])


async def update(table: Table, changes: Sequence[tuple[UUID, Values]]) -> None:
    """Change some columns of some rows; rows that change alike go in one statement."""
    alike: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for key, columns in changes:
        if columns:
            alike[tuple(columns)].append([*columns.values(), key])
    for columns_changed, batch in alike.items():
        places = ", ".join(f'"{column}" = ?' for column in columns_changed)
        await database.execute_many(
            f"UPDATE {table} SET {places} WHERE id = ?",  # noqa: S608 - our own column names
            batch,
        )


async def _insert(table: Table, batch: Sequence[Values]) -> None:
    if not batch:
        return
    columns = list(batch[0])
    quoted = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join("?" * len(columns))
    await database.execute_many(
        f"INSERT INTO {table} ({quoted}) VALUES ({places})",  # noqa: S608 - our own column names
        [[values[column] for column in columns] for values in batch],
    )


def _sealed(table: Table, key: UUID, values: Values) -> Values:
    columns = dict(values)
    for column in SEALED[table]:
        if column in columns:
            columns[column] = sealing.seal(columns[column], place=f"{table}.{column}", row=key)
    if "phone" in values:
        columns["phone_index"] = phone_digest(values["phone"])
    return columns
