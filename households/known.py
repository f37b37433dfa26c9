"""The register as an import compares a workbook with it: loaded at once, numbers still sealed.

Raw SQL, because a village of ten thousand people is loaded twice for each import. Nothing here
opens a seal.
"""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import database
from households import lineage, places, rows, settings
from households.models import Household, Region, Resident
from households.register import ACTIVE


class KnownResident(msgspec.Struct):
    """A person of the register. `remarks` is sealed."""

    id: UUID
    household_id: UUID
    name: str
    relation: str
    sex: str
    born_on: date | None
    id_index: str
    id_kept: bool
    phone_index: str
    remarks: str
    active: bool


class Parted(msgspec.Struct, frozen=True):
    """Somebody who left a household by a step, and where to: no older file may undo it."""

    name: str
    id_index: str
    other: str


class KnownHousehold(msgspec.Struct):
    """A household of the register. `sealed` holds its sealed columns by name.

    `parted` are those who left it by a split or move. `became` is where a household lives on that
    was merged ("household_merged") or moved away ("household_relocated").
    """

    id: UUID
    number: str | None
    head: str
    group: str
    grid: str
    active: bool
    revision: int
    phone_index: str
    sealed: dict[str, str]
    residents: list[KnownResident] = []
    parted: list[Parted] = []
    became: tuple[str, str] | None = None


class Known(msgspec.Struct):
    """A village's register.

    `groups` are codes by the one spelling that workbooks' spellings are brought to, `grids` codes
    by name and by code.
    """

    households: list[KnownHousehold]
    groups: dict[str, str]
    grids: dict[str, str]
    keep_id_numbers: bool


async def load(village: str) -> Known:
    """The register of a village with everybody who is or was in it."""
    columns = (
        'id, number, head, "group", grid, state, revision, phone_index, phone, address, kind, '
        "welfare, remarks"
    )
    found = await database.rows(
        f"SELECT {columns} FROM household WHERE village = ?",  # noqa: S608 - our own column names
        [village],
    )
    households = {household.id: household for household in map(_household, found)}
    people = await database.rows(
        "SELECT r.id, r.household_id, r.name, r.relation, r.sex, r.born_on, r.id_index, "
        "r.id_number <> '' AS id_kept, r.phone_index, r.remarks, r.state FROM resident r "
        "JOIN household h ON h.id = r.household_id WHERE h.village = ? ORDER BY r.position",
        [village],
    )
    for person in map(_resident, people):
        households[person.household_id].residents.append(person)
    await _with_steps(village, households)
    kept = await settings.read(village, settings.RegisterSettings)
    return Known(
        list(households.values()),
        groups=await groups(village),
        grids=await _grids(village),
        keep_id_numbers=kept.keep_id_numbers,
    )


async def _with_steps(village: str, households: dict[UUID, KnownHousehold]) -> None:
    """Say of each household who left it by a step, and of a closed one where it lives on."""
    steps = [step for step in await lineage.between(village) if step.household_id in households]
    others = await Household.filter(id__in=[step.other_id for step in steps])
    gone = await Resident.filter(id__in=[who for step in steps for who in step.members])
    where = {one.id: f"{one.number or ''} {one.head}".strip() for one in others}
    if beyond := {one.village for one in others} - {village}:
        names = dict(await Region.filter(code__in=list(beyond)).values_list("code", "name"))
        where |= {one.id: names[one.village] for one in others if one.village != village}
    people = {one.id: one for one in gone}
    for step in steps:
        assert step.other_id is not None, "a step between two households"
        left = households[step.household_id]
        if step.kind in lineage.CLOSING:
            code = "household_merged" if step.kind == "merge" else "household_relocated"
            left.became = (code, where[step.other_id])
        at_home = {person.id for person in left.residents}
        left.parted = [
            *left.parted,
            *(
                Parted(people[who].name, people[who].id_index, where[step.other_id])
                for who in step.members
                if who in people and who not in at_home
            ),
        ]


async def groups(village: str) -> dict[str, str]:
    """The codes of a village's groups by canonical name."""
    found = await Region.filter(village=village, level="group").values_list("name", "code")
    return {places.canonical_group(name) or name: code for name, code in found}


async def _grids(village: str) -> dict[str, str]:
    found = await Region.filter(village=village, level__in=("grid", "micro_grid")).values_list(
        "code", "name"
    )
    return {name: code for code, name in found} | {code: code for code, _ in found}


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _household(line: dict[str, Any]) -> KnownHousehold:
    return KnownHousehold(
        id=_uuid(line["id"]),
        number=line["number"],
        head=line["head"],
        group=line["group"],
        grid=line["grid"],
        active=line["state"] == ACTIVE,
        revision=line["revision"],
        phone_index=line["phone_index"],
        sealed={column: line[column] for column in rows.SEALED["household"]},
        residents=[],
        parted=[],
    )


def _resident(line: dict[str, Any]) -> KnownResident:
    born_on = line["born_on"]
    return KnownResident(
        id=_uuid(line["id"]),
        household_id=_uuid(line["household_id"]),
        name=line["name"],
        relation=line["relation"],
        sex=line["sex"],
        born_on=date.fromisoformat(born_on) if isinstance(born_on, str) else born_on,
        id_index=line["id_index"],
        id_kept=bool(line["id_kept"]),
        phone_index=line["phone_index"],
        remarks=line["remarks"],
        active=line["state"] == ACTIVE,
    )
