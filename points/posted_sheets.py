"""A month sheet once it is posted: who posted what with it, and taking all of it back.

A sheet is never changed. What was posted wrongly is reversed, the whole sheet in one press with
one reason, and scored again; a cell that somebody reversed by itself before is left as it is.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from households import lineage, officials, regions
from households.errors import NotAllowed, RegionNotFound
from households.models import Official, Region
from points import chain, ledger, postings
from points.chain import Entry
from points.errors import NothingToReverse, SheetNotFound
from points.models import LedgerEntry, ScoreSheet
from points.period import Period
from points.sheets import SOURCE


class PostedRow(msgspec.Struct, frozen=True):
    """One household on a posted sheet. `standing` are the points that nobody has taken back."""

    household: UUID
    number: str
    head: str
    entries: int
    points: int
    standing: int


class PostedSheet(msgspec.Struct, frozen=True):
    """A posted sheet as it stands now.

    `group` is empty for a sheet of the whole village, `place` the name of either.
    `standing_entries` and `standing_points` are what a press of "reverse" would take back;
    `own_entries` are those of the reader's own household, which somebody else has to reverse.
    """

    id: UUID
    village: str
    group: str
    place: str
    month: str
    posted_by: str
    posted_at: datetime
    entries: int
    points: int
    standing_entries: int
    standing_points: int
    own_entries: int
    rows: list[PostedRow]
    may_reverse: bool


class Posted(msgspec.Struct, frozen=True):
    """A posted sheet in a list."""

    id: UUID
    posted_by: str
    posted_at: datetime
    entries: int


class SheetReversal(msgspec.Struct, frozen=True):
    """What a press did: entries taken back, and those of the official's own household left."""

    id: UUID
    reversed: int
    left: int


async def of_month(village: str, *, group: str, month: str) -> list[Posted]:
    """The sheets posted for a group and month, the latest first, by who may see the sheet."""
    found = await ScoreSheet.filter(
        village=village, group=group, month=month, posted__gt=0
    ).order_by("-posted_at")
    names = await _names(found)
    return [
        Posted(one.id, names.get(one.posted_by, one.posted_by), one.posted_at, one.posted)
        for one in found
    ]


async def view(sheet_id: UUID, *, actor: Actor) -> PostedSheet:
    """A posted sheet, household by household. Refuses with `SheetNotFound`, `NotAllowed`."""
    kept, region = await _find(sheet_id, actor=actor, permission="entries.read")
    officials.require(actor, "register.read", region)
    found = await _entries(kept)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        rows.setdefault(str(row["household_id"]), []).append(row)
    standing = [row for row in found if row["reversed_by"] is None]
    own = [row for row in standing if str(row["household_id"]) == str(actor.household_id)]
    free = [row for row in standing if row not in own]
    names = await _names([kept])
    return PostedSheet(
        id=kept.id,
        village=kept.village,
        group=kept.group,
        place=region.name,
        month=kept.month,
        posted_by=names.get(kept.posted_by, kept.posted_by),
        posted_at=kept.posted_at,
        entries=len(found),
        points=sum(row["points"] for row in found),
        standing_entries=len(free),
        standing_points=sum(row["points"] for row in free),
        own_entries=len(own),
        rows=[_row(entries) for entries in rows.values()],
        may_reverse=_may_reverse(actor, region),
    )


@database.transaction
async def reverse(sheet_id: UUID, *, id: UUID, reason: str, by: Actor) -> SheetReversal:
    """Take back what still stands of a sheet, all in one press; the same id again changes nothing.

    Entries of the official's own household are left for somebody else. Refuses with
    `SheetNotFound`, `NotAllowed`, `ReasonMissing`, `ReasonTooLong`, and with `NothingToReverse`
    when nothing stands any more.
    """
    kept, region = await _find(sheet_id, actor=by, permission="entries.reverse")
    closed = await lineage.closed({row["household_id"] for row in await _entries(kept)})
    await ledger.lock_all({kept.village, *(step.other_village for step in closed.values())})
    found = await _entries(kept)
    standing = [row for row in found if row["reversed_by"] in (None, uuid5(id, str(row["id"])))]
    own = [row for row in standing if str(row["household_id"]) == str(by.household_id)]
    wanted = [chain.entry_of(row) for row in standing if row not in own]
    if not wanted:
        raise NothingToReverse(id=sheet_id, own=len(own))
    postings.reasoned(reason)
    fresh = await _take_back(wanted, id=id, reason=reason, closed=closed, by=by)
    if fresh:
        await audit.note(
            by,
            "scoring.reverse_sheet",
            village=kept.village,
            subject=f"sheet:{kept.id}",
            region=region.code,
            month=kept.month,
            reversed=fresh,
        )
    return SheetReversal(sheet_id, len(wanted), len(own))


async def _take_back(
    wanted: list[Entry], *, id: UUID, reason: str, closed: Collection[str], by: Actor
) -> int:
    """Reverse entries; those of households that live on elsewhere one by one, as their points
    have to be fetched from there. Returns how many reversals are new."""
    fresh = 0
    together = []
    for entry in wanted:
        reversal = uuid5(id, str(entry.id))
        if str(entry.household_id) in closed:
            before = await LedgerEntry.exists(id=reversal)
            await ledger.reverse(entry.id, id=reversal, reason=reason, by=by)
            fresh += not before
        else:
            together.append(postings.reversal(entry, id=reversal, reason=reason, by=by.label))
    if together:
        fresh += (await ledger.append(wanted[0].village, together, by=by))[1]
    return fresh


async def _find(sheet_id: UUID, *, actor: Actor, permission: str) -> tuple[ScoreSheet, Region]:
    kept = await ScoreSheet.get_or_none(id=sheet_id)
    if kept is None:
        raise SheetNotFound(id=sheet_id)
    try:
        region = await regions.find(kept.group or kept.village, actor=actor, permission=permission)
    except RegionNotFound:
        raise SheetNotFound(id=sheet_id) from None
    return kept, region


async def _entries(kept: ScoreSheet) -> list[dict[str, Any]]:
    """The sheet's entries with names and what reversed them, in the order of the chain."""
    month = Period.parse(kept.month)
    columns = ", ".join(f"e.{name}" for name in chain.COLUMNS)
    found = await database.rows(
        f"SELECT {columns}, h.number, h.head, r.id AS reversed_by "  # noqa: S608 - our columns
        "FROM ledger_entry e LEFT JOIN household h ON h.id = e.household_id "
        "LEFT JOIN ledger_entry r ON r.reverses_id = e.id "
        "WHERE e.village = ? AND e.source = ? AND e.deed_on BETWEEN ? AND ? ORDER BY e.seq",
        [kept.village, f"{SOURCE}{kept.id}", month.first, month.last],
    )
    return [{**row, **_ids(row)} for row in found]


def _ids(row: dict[str, Any]) -> dict[str, UUID | None]:
    names = ("id", "reversed_by")
    return {name: UUID(str(row[name])) if row[name] else None for name in names}


def _row(entries: list[dict[str, Any]]) -> PostedRow:
    first = entries[0]
    return PostedRow(
        household=UUID(str(first["household_id"])),
        number=first["number"] or "",
        head=first["head"] or "",
        entries=len(entries),
        points=sum(row["points"] for row in entries),
        standing=sum(row["points"] for row in entries if row["reversed_by"] is None),
    )


def _may_reverse(actor: Actor, region: Region) -> bool:
    try:
        officials.require(actor, "entries.reverse", region)
    except NotAllowed:
        return False
    return True


async def _names(sheets: list[ScoreSheet]) -> dict[str, str]:
    labels = {one.posted_by for one in sheets if not one.posted_by.startswith("operator:")}
    return {str(one.id): one.name for one in await Official.filter(id__in=labels)}
