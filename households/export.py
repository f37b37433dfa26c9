"""The register as a file for the office: one line a person, opened with Excel or WPS.

An export names its fields and its purpose in the audit log. Phones are masked and restricted
fields absent unless they are asked for, each by its own permission; an ID number is only there
where the village keeps numbers. The file can be imported back: with whole numbers it then changes
nothing, and masked ones are passed over.
"""

import asyncio
from collections import defaultdict
from typing import Literal
from uuid import UUID

import msgspec

from foundation import audit, clock, database, sealing, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell
from foundation.spreadsheets import File as File
from households import card, listing, officials, regions, register, rows
from households.details import HEAD
from households.models import Household, Region, Resident

Format = Literal["xlsx", "csv"]

_OPEN = ("户号", "户主", "姓名", "与户主关系", "性别", "出生日期", "联系电话")
_PLACES = ("村民小组", "网格", "家庭住址")
_RESTRICTED = ("户类型", "享受政策", "备注")
_ID_NUMBER = "身份证号"
# A head's own phone and remark, where they differ from the household's, which stand in the usual
# columns of his line. An import passes these columns over.
_OWN_PHONE, _OWN_REMARK = "本人另有电话", "本人另有备注"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which households: as in `listing.listing`, with the same defaults."""

    q: str = ""
    group: str = ""
    grid: str = ""
    state: str = register.ACTIVE


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What beyond the usual fields: whole phone and ID numbers, restricted fields."""

    numbers: bool = False
    restricted: bool = False


async def export(
    village: str,
    *,
    by: Actor,
    purpose: str,
    format: Format = "xlsx",
    which: Filter | None = None,
    wanted: Wanted | None = None,
) -> File:
    """The households of a village with their members as a file.

    Args:
        village: 12-digit code.
        by: who exports, by `register.export`; whole numbers need `register.unmask` as well and
            restricted fields `register.restricted`.
        purpose: what the file is for; logged, and named in the workbook.
        format: "xlsx" or "csv".
        which: a filter; everybody who is here without one.
        wanted: fields beyond the usual ones.

    Refuses with `PurposeMissing`, `RegionNotFound` and `NotAllowed`.
    """
    wanted, purpose = wanted or Wanted(), card.require_purpose(purpose)
    region = await regions.find(village, actor=by, permission="register.export")
    if wanted.numbers:
        officials.require(by, "register.unmask", region)
    if wanted.restricted:
        officials.require(by, "register.restricted", region)
    table = await _table(region, by=by, which=which or Filter(), wanted=wanted)
    await _log(by, region, purpose, fields=table.header, lines=len(table.lines))
    return await asyncio.to_thread(_file, table, region.name, format, purpose, by.name)


class _Table(msgspec.Struct):
    header: list[str]
    lines: list[list[Cell]]


@database.transaction
async def _log(by: Actor, region: Region, purpose: str, *, fields: list[str], lines: int) -> None:
    await audit.note(
        by,
        "register.export",
        village=region.code,
        purpose=purpose,
        fields=fields,
        lines=lines,
    )


async def _table(region: Region, *, by: Actor, which: Filter, wanted: Wanted) -> _Table:
    query = listing.matching(
        by,
        village=region.code,
        q=which.q,
        group=which.group,
        grid=which.grid,
        state=which.state,
        permission="register.export",
    )
    keys = await listing.in_order(query, sort="number")
    households = {household.id: household for household in await query}
    people: dict[UUID, list[Resident]] = defaultdict(list)
    members = Resident.filter(household__village=region.code, state=register.ACTIVE)
    for person in await members.order_by("position", "id"):
        people[person.household_id].append(person)  # type: ignore[attr-defined]
    places = await _place_names(region.code)
    with_ids = wanted.numbers and any(p.id_number for each in people.values() for p in each)
    header = [*_OPEN, *([_ID_NUMBER] if with_ids else []), *_PLACES]
    header += _RESTRICTED if wanted.restricted else ()

    def drawn() -> _Table:
        named = [
            (households[key], person)
            for key in keys
            for person in sorted(people[key], key=lambda one: one.relation != HEAD)
        ]
        lines = [
            _line(household, person, places, wanted=wanted, with_ids=with_ids)
            for household, person in named
        ]
        return _with_own(_Table(header, lines), [_own(*pair, wanted=wanted) for pair in named])

    return await asyncio.to_thread(drawn)


async def _place_names(village: str) -> dict[str, str]:
    """Names of groups and grids by code; a code stands for itself where a name is used twice."""
    found = await Region.filter(village=village).values_list("code", "name")
    names = [name for _, name in found]
    return {code: name if names.count(name) == 1 else code for code, name in found}


def _line(
    household: Household,
    person: Resident,
    places: dict[str, str],
    *,
    wanted: Wanted,
    with_ids: bool,
) -> list[Cell]:
    is_head = person.relation == HEAD
    phone = rows.opened("resident", person.id, "phone", person.phone)
    if is_head:
        phone = rows.opened("household", household.id, "phone", household.phone) or phone
    line: list[Cell] = [
        household.number,
        household.head,
        person.name,
        person.relation,
        person.sex,
        person.born_on and person.born_on.isoformat(),
        phone if wanted.numbers else sealing.masked_number(phone),
    ]
    if with_ids:
        line.append(rows.opened("resident", person.id, "id_number", person.id_number))
    address = rows.opened("household", household.id, "address", household.address)
    line += [places.get(household.group, ""), places.get(household.grid, ""), address]
    if wanted.restricted:
        kind, welfare, remarks = (
            rows.opened("household", household.id, column, getattr(household, column))
            for column in ("kind", "welfare", "remarks")
        )
        own = rows.opened("resident", person.id, "remarks", person.remarks)
        line += [kind, welfare, remarks if is_head else own]
    return line


def _own(household: Household, person: Resident, *, wanted: Wanted) -> tuple[str, str]:
    """The head's own phone and remark, as far as the household's columns hide them."""
    if person.relation != HEAD:
        return "", ""
    phone = rows.opened("resident", person.id, "phone", person.phone)
    shown = rows.opened("household", household.id, "phone", household.phone)
    phone = phone if shown and phone != shown else ""
    remark = rows.opened("resident", person.id, "remarks", person.remarks)
    return (
        phone if wanted.numbers else sealing.masked_number(phone),
        remark if wanted.restricted else "",
    )


def _with_own(table: _Table, own: list[tuple[str, str]]) -> _Table:
    """The table with a column for each of the two that anybody has."""
    for place, name in enumerate((_OWN_PHONE, _OWN_REMARK)):
        column = [each[place] for each in own]
        if any(column):
            table.header.append(name)
            for line, value in zip(table.lines, column, strict=True):
                line.append(value)
    return table


def _file(table: _Table, village: str, format: Format, purpose: str, by: str) -> File:
    today = clock.today()
    name = f"{village}农户登记册-{today:%Y%m%d}.{format}"
    if format == "csv":
        content = spreadsheets.csv_file(table.header, table.lines)
        return File(name, spreadsheets.CSV_TYPE, content)
    notes = [
        ("用途", purpose),
        ("导出人", by),
        ("导出日期", today.isoformat()),
        ("字段", "、".join(table.header)),
    ]
    content = spreadsheets.xlsx_file(village, table.header, table.lines, notes=notes)
    return File(name, spreadsheets.XLSX_TYPE, content)
