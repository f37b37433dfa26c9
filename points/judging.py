"""Asks of every posting whether it may be: gathers the facts, points/limits.py decides.

Called by the ledger alone, under the village's lock, so that what is found standing cannot
change before the postings are stored. Only reads.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households.errors import HouseholdNotFound
from points import limits
from points.chain import Entry
from points.errors import AlreadyReversed, ItemNotInForce
from points.limits import Standing
from rules import rulebook
from rules.rulebook import Item

Draft = tuple[Entry, Item | None]
"""An entry without its place in the chain, and the item that an award is for."""

_Window = tuple[date, date]


class _Facts(msgspec.Struct):
    """What is known under the lock about everything that is to be posted."""

    today: date
    left_on: dict[UUID, date | None]
    roles: dict[UUID, Collection[str]]
    versions: dict[date, UUID]
    standings: dict[tuple[UUID, str], dict[_Window, Standing]]
    reversed_by: dict[UUID, UUID]


async def problems(
    village: str, drafts: Sequence[Draft], *, by: Actor
) -> list[tuple[UUID, Refusal]]:
    """The ids of what cannot be posted, each with its refusal, in order.

    What comes earlier in the batch and may be posted counts against caps and cycles of what
    comes later. Refuses with `rules.errors.NoRuleBook` as a whole.
    """
    if not drafts:
        return []
    facts = await _gathered(village, drafts, by=by)
    found: list[tuple[UUID, Refusal]] = []
    for entry, item in drafts:
        try:
            _require(entry, item, facts=facts, by=by)
        except Refusal as refusal:
            found.append((entry.id, refusal))
    return found


def _require(entry: Entry, item: Item | None, *, facts: _Facts, by: Actor) -> None:
    if entry.household_id not in facts.left_on:
        raise HouseholdNotFound(id=entry.household_id)
    if entry.kind != "base":
        limits.require_other(entry.household_id, by=by)
    if entry.reverses_id in facts.reversed_by:
        raise AlreadyReversed(id=entry.reverses_id, by=facts.reversed_by[entry.reverses_id])
    if item is None:
        return
    limits.require_points(item, entry.points)
    limits.require_deed(entry.deed_on, today=facts.today)
    limits.require_present(
        entry.household_id, left_on=facts.left_on[entry.household_id], on=entry.deed_on
    )
    if item.version_id != facts.versions[entry.deed_on]:
        raise ItemNotInForce(item=item.name, on=entry.deed_on)
    if not by.is_operator:
        limits.require_scorer(item, roles=facts.roles[entry.household_id])
    windows = facts.standings[entry.household_id, item.code]
    limits.require_cycle(item, standing=windows[limits.window(item.cycle, on=entry.deed_on)])
    limits.require_cap(
        item,
        entry.points,
        standing=windows[limits.window(item.cap_period, on=entry.deed_on)],
    )
    for (first, last), standing in windows.items():
        if first <= entry.deed_on <= last:
            standing.points += entry.points
            standing.entries += 1


async def _gathered(village: str, drafts: Sequence[Draft], *, by: Actor) -> _Facts:
    households = {entry.household_id for entry, _ in drafts}
    awards = [(entry, item) for entry, item in drafts if item]
    present = await _present(village, households)
    days = sorted({entry.deed_on for entry, _ in awards})
    return _Facts(
        today=clock.today(),
        left_on={household: _day(row["left_on"]) for household, row in present.items()},
        roles=await _roles(village, present, by=by),
        versions={day: await rulebook.id_in_force(village, day) for day in days},
        standings=await standings(
            (entry.household_id, item, entry.deed_on) for entry, item in awards
        ),
        reversed_by=await _reversals(entry.reverses_id for entry, _ in drafts if entry.reverses_id),
    )


async def standings(
    wanted: Iterable[tuple[UUID, Item, date]],
) -> dict[tuple[UUID, str], dict[_Window, Standing]]:
    """What each household has from each item in the cap period and cycle around each day.

    Keyed by household and the item's code, then by the window's first and last day: a code is
    the same item in every version of the rule book, so caps hold across versions.
    """
    found: dict[tuple[UUID, str], dict[_Window, Standing]] = {}
    by_window: dict[_Window, tuple[set[UUID], set[str]]] = {}
    for household, item, on in wanted:
        windows = found.setdefault((household, item.code), {})
        for period in {item.cap_period, item.cycle}:
            window = limits.window(period, on=on)
            windows.setdefault(window, Standing())
            of_households, of_codes = by_window.setdefault(window, (set(), set()))
            of_households.add(household)
            of_codes.add(item.code)
    for window, (of_households, of_codes) in by_window.items():
        for row in await _sums(of_households, of_codes, window=window):
            windows = found.get((UUID(str(row["household_id"])), row["item_code"]), {})
            if window in windows:
                windows[window] = Standing(points=int(row["points"]), entries=int(row["entries"]))
    return found


async def _sums(
    households: Collection[UUID], codes: Collection[str], *, window: _Window
) -> list[dict[str, Any]]:
    in_households, listed_households = database.among("household_id", households)
    in_codes, listed_codes = database.among("item_code", codes, kind="text")
    return await database.rows(
        "SELECT household_id, item_code, SUM(points) AS points, "  # noqa: S608 - no value in it
        "SUM(CASE kind WHEN 'reversal' THEN -1 ELSE 1 END) AS entries FROM ledger_entry "
        f"WHERE {in_households} AND {in_codes} AND deed_on BETWEEN ? AND ? "
        "GROUP BY household_id, item_code",
        [listed_households, listed_codes, *window],
    )


async def _present(village: str, households: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    condition, listed = database.among("id", households)
    found = await database.rows(
        f'SELECT id, left_on, "group", grid FROM household WHERE village = ? AND {condition}',  # noqa: S608
        [village, listed],
    )
    return {UUID(str(row["id"])): row for row in found}


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


async def roles(
    village: str, households: Iterable[UUID], *, by: Actor
) -> dict[UUID, Collection[str]]:
    """The roles that the actor's duties give him over each household of the village."""
    return await _roles(village, await _present(village, households), by=by)


async def _roles(
    village: str, present: dict[UUID, dict[str, Any]], *, by: Actor
) -> dict[UUID, Collection[str]]:
    """The roles that the actor's duties give him over each household, by group and grid."""
    if by.is_operator:
        return {}
    codes = {village} | {row[part] for row in present.values() for part in ("group", "grid")}
    condition, listed = database.among("code", codes, kind="text")
    found = await database.rows(f"SELECT code, path FROM region WHERE {condition}", [listed])  # noqa: S608 - no value
    paths = {row["code"]: row["path"] for row in found}
    held: dict[tuple[str, str], set[str]] = {}
    for row in present.values():
        place = (row["group"], row["grid"])
        if place not in held:
            above = [paths[code] for code in (village, *place) if code in paths]
            held[place] = {
                duty.role for duty in by.duties if any(p.startswith(duty.path) for p in above)
            }
    return {household: held[row["group"], row["grid"]] for household, row in present.items()}


async def _reversals(entries: Iterable[UUID]) -> dict[UUID, UUID]:
    listed = list(entries)
    if not listed:
        return {}
    condition, bound = database.among("reverses_id", listed)
    found = await database.rows(
        f"SELECT id, reverses_id FROM ledger_entry WHERE {condition}",  # noqa: S608 - no value
        [bound],
    )
    return {UUID(str(row["reverses_id"])): UUID(str(row["id"])) for row in found}
