"""Asks of every posting whether it may be: gathers the facts, points/limits.py decides.

Called by the ledger alone, under the village's lock, so that what is found standing cannot
change before the postings are stored. Only reads.
"""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households import lineage, register
from households.errors import HouseholdMoved, HouseholdNotFound
from points import chain, limits
from points.chain import Entry
from points.errors import AlreadyReversed, ItemNotInForce
from points.limits import Standing, Window
from points.postings import Wanted
from rules import rulebook
from rules.rulebook import Item


class _Facts(msgspec.Struct):
    """What is known under the lock about everything that is to be posted."""

    today: date
    present: dict[str, tuple[date | None, date | None]]
    closed: Collection[str]
    absences: dict[UUID, list[Window]]
    roles: dict[str, AbstractSet[str]]
    versions: dict[date, UUID]
    standings: dict[tuple[str, str], dict[Window, Standing]]
    reversed_by: dict[str, UUID]


async def problems(
    village: str, wanted: Sequence[Wanted], *, by: Actor
) -> list[tuple[UUID, Refusal]]:
    """The ids of what cannot be posted, each with its refusal, in order.

    What comes earlier in the batch and may be posted counts against caps and cycles of what
    comes later. Refuses with `rules.errors.NoRuleBook` as a whole.
    """
    if not wanted:
        return []
    facts = await _gathered(village, wanted, by=by)
    found: list[tuple[UUID, Refusal]] = []
    for want in wanted:
        try:
            _require(want, facts=facts, by=by)
        except Refusal as refusal:
            found.append((want.draft.id, refusal))
    return found


def _require(want: Wanted, *, facts: _Facts, by: Actor) -> None:
    entry, household = want.draft, want.texts[chain.HOUSEHOLD]
    if household not in facts.present:
        raise HouseholdNotFound(id=entry.household_id)
    if entry.kind != "base":
        limits.require_other(entry.household_id, by=by)
    if (reversal := facts.reversed_by.get(want.texts[chain.REVERSES])) is not None:
        raise AlreadyReversed(id=entry.reverses_id, by=reversal)
    if want.item is not None:
        _require_award(entry, want.item, household=household, facts=facts, by=by)


def _require_award(entry: Entry, item: Item, *, household: str, facts: _Facts, by: Actor) -> None:
    on = entry.deed_on
    limits.require_points(item, entry.points)
    limits.require_deed(on, today=facts.today)
    if household in facts.closed:
        raise HouseholdMoved(id=entry.household_id)
    joined_on, left_on = facts.present[household]
    limits.require_present(
        entry.household_id,
        joined_on=joined_on,
        left_on=left_on,
        on=on,
        absences=facts.absences.get(entry.household_id, ()),
    )
    if item.version_id != facts.versions[on]:
        raise ItemNotInForce(item=item.name, on=on)
    if not by.is_operator:
        limits.require_scorer(item, roles=facts.roles[household])
    windows = facts.standings[household, item.code]
    cycle, cap = limits.windows(item, on=on)
    limits.require_cycle(item, standing=windows[cycle])
    limits.require_cap(item, entry.points, standing=windows[cap])
    for (first, last), standing in windows.items():
        if first <= on <= last:
            standing.points += entry.points
            standing.entries += 1


async def _gathered(village: str, wanted: Sequence[Wanted], *, by: Actor) -> _Facts:
    present = await _present(village, {want.texts[chain.HOUSEHOLD] for want in wanted})
    awards = [
        (want.texts[chain.HOUSEHOLD], want.item, want.draft.deed_on) for want in wanted if want.item
    ]
    return _Facts(
        today=clock.today(),
        present={
            household: (_day(row["joined_on"]), _day(row["left_on"]))
            for household, row in present.items()
        },
        closed=await _closed(present),
        absences=await register.absences(village) if awards else {},
        roles=await _roles(village, present, by=by),
        versions={
            day: await rulebook.id_in_force(village, day)
            for day in sorted({on for _, _, on in awards})
        },
        standings=await standings(awards),
        reversed_by=await _reversals(want.texts[chain.REVERSES] for want in wanted),
    )


async def standings(
    wanted: Iterable[tuple[str, Item, date]],
) -> dict[tuple[str, str], dict[Window, Standing]]:
    """What each household has from each item in the cap period and cycle around each day.

    Keyed by the household's id, as text, and the item's code, then by the window's first and
    last day: a code is the same item in every version of the rule book, so caps hold across
    versions.
    """
    found: dict[tuple[str, str], dict[Window, Standing]] = {}
    by_window: dict[Window, tuple[set[str], set[str]]] = {}
    for household, item, on in wanted:
        windows = found.setdefault((household, item.code), {})
        for window in limits.windows(item, on=on):
            if window not in windows:
                windows[window] = Standing()
                of_households, of_codes = by_window.setdefault(window, (set(), set()))
                of_households.add(household)
                of_codes.add(item.code)
    for window, (of_households, of_codes) in by_window.items():
        for row in await _sums(of_households, of_codes, window=window):
            windows = found.get((str(row["household_id"]), row["item_code"]), {})
            if window in windows:
                windows[window] = Standing(points=int(row["points"]), entries=int(row["entries"]))
    return found


async def _sums(
    households: Collection[str], codes: Collection[str], *, window: Window
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


async def _present(village: str, households: Iterable[str]) -> dict[str, dict[str, Any]]:
    condition, listed = database.among("id", households)
    found = await database.rows(
        f'SELECT id, joined_on, left_on, "group", grid FROM household '  # noqa: S608 - no value
        f"WHERE village = ? AND {condition}",
        [village, listed],
    )
    return {str(row["id"]): row for row in found}


async def _closed(present: dict[str, dict[str, Any]]) -> Collection[str]:
    """Those of the households that live on in another one; few have left, so few are asked for."""
    left = [household for household, row in present.items() if row["left_on"]]
    return (await lineage.closed(left)).keys() if left else ()


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


async def roles(
    village: str, households: Iterable[str], *, by: Actor
) -> dict[str, AbstractSet[str]]:
    """The roles that the actor's duties give him over each household, by its id as text."""
    return await _roles(village, await _present(village, households), by=by)


async def _roles(
    village: str, present: dict[str, dict[str, Any]], *, by: Actor
) -> dict[str, AbstractSet[str]]:
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


async def _reversals(entries: Iterable[str]) -> dict[str, UUID]:
    listed = [entry for entry in entries if entry]
    if not listed:
        return {}
    condition, bound = database.among("reverses_id", listed)
    found = await database.rows(
        f"SELECT id, reverses_id FROM ledger_entry WHERE {condition}",  # noqa: S608 - no value
        [bound],
    )
    return {str(row["reverses_id"]): UUID(str(row["id"])) for row in found}
