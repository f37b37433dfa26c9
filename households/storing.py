"""A plan becomes rows: one import, one transaction, whatever its size.

Called by `importing` inside its transaction. Sealing thousands of numbers takes a moment and is
done beside the event loop; nothing is written but what the plan says.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec

from households import known as register_known
from households import places, regions, rows
from households.known import Known
from households.models import Region
from households.planning import Plan

# Groups with a name instead of a number get codes from here on: 东坡组 must not be taken for 1组.
NAMED_GROUP_FROM = 51
NAMED_GROUP_TO = 99


class _Rows(msgspec.Struct):
    households: list[rows.Values] = []
    residents: list[rows.Values] = []
    household_changes: list[tuple[UUID, rows.Values]] = []
    resident_changes: list[tuple[UUID, rows.Values]] = []


async def store(village: Region, plan: Plan, *, known: Known) -> list[UUID]:
    """Write what a plan says, in the transaction of the caller; the households that are different
    now."""
    named = [one.new_group for one in plan.households if one.new_group]
    codes = await ensure_groups(village, named)
    ready = await asyncio.to_thread(_prepared, plan, codes, known)
    await rows.insert_households(village.code, ready.households)
    await rows.insert_residents(ready.residents)
    # First given up, then taken: two households may exchange their numbers.
    given_up = [(key, {"number": None}) for key, new in ready.household_changes if "number" in new]
    await rows.update("household", given_up)
    await rows.update("household", ready.household_changes)
    await rows.update("resident", ready.resident_changes)
    return [
        *(household["id"] for household in ready.households),
        *(key for key, _ in ready.household_changes),
    ]


async def ensure_groups(village: Region, names: Iterable[str]) -> dict[str, str]:
    """The codes of groups by canonical name; those that do not exist yet are made."""
    codes = await register_known.groups(village.code)
    for name in dict.fromkeys(names):
        if name in codes:
            continue
        taken = set(codes.values())
        wanted = [number] if (number := places.group_number(name)) else []
        number = next(
            number
            for number in [*wanted, *range(NAMED_GROUP_FROM, NAMED_GROUP_TO + 1)]
            if regions.local_code(village, level="group", number=number) not in taken
        )
        codes[name] = await regions.ensure_local(village, level="group", number=number, name=name)
    return codes


def _prepared(plan: Plan, codes: dict[str, str], known: Known) -> _Rows:
    ready = _Rows()
    keep = known.keep_id_numbers
    for one in plan.households:
        if one.action not in ("created", "updated"):
            continue
        key = one.known.id if one.known else uuid4()
        values = one.values | ({"group": codes[one.new_group]} if one.new_group else {})
        columns = rows.household_columns(key, values)
        if one.known is None:
            ready.households.append({"id": key, **columns})
        else:
            columns["revision"] = one.known.revision + 1
            ready.household_changes.append((key, columns))
        for person in one.added:
            person_key = uuid4()
            columns = rows.resident_columns(person_key, person, keep_id_numbers=keep)
            ready.residents.append({"id": person_key, "household_id": key, **columns})
        for resident, changes in one.changed:
            columns = rows.resident_columns(resident.id, changes, keep_id_numbers=keep)
            if "household_id" in columns:
                columns["household_id"] = key
            ready.resident_changes.append((resident.id, columns))
    updated = {key for key, _ in ready.household_changes}
    ready.household_changes += [
        (one.id, {"revision": one.revision + 1})
        for one in known.households
        if one.id in plan.left_behind - updated
    ]
    return ready
