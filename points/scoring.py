"""Month-end scoring: a sheet is typed over hours and posted in one press.

An empty cell is "not scored", 0 is an entry of 0. A later sheet for the same group and month adds
the cells that are still missing and skips the others; a correction is a reversal and a new sheet.
A sheet is posted as a whole or not at all, and one sheet id is posted once. Never scores by
itself and never changes what the ledger holds.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from tortoise.exceptions import IntegrityError

from foundation import audit, clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households import register
from points import ledger, sheets
from points.errors import CellTwice, IdTaken, NotOnSheet, SheetRefused
from points.ledger import Posting, PostingProblems
from points.models import ScoreDraft, ScoreSheet
from points.sheets import SOURCE, Cell, Place, PostedCell
from rules import rulebook
from rules.rulebook import Item

_Keyed = tuple[str, Cell]
"""A cell with what it is found by, see `sheets.key_of`."""


class CellProblem(msgspec.Struct, frozen=True):
    """Why a cell cannot be posted."""

    household: UUID
    item: str
    refusal: Refusal


class SheetResult(msgspec.Struct, frozen=True):
    """What a press did: how many cells it posted, how many it found posted already.

    `entries` are the sheet's cells as they stand now, whoever posted them.
    """

    id: UUID
    posted: int
    skipped: int
    entries: list[PostedCell]


@database.transaction
async def save_draft(
    village: str, *, group: str = "", month: str, cells: Sequence[Cell], by: Actor
) -> datetime:
    """Keep what an official has typed into a sheet so far, right or wrong; none deletes it.

    Returns when it was kept. Refuses as `sheets.view` does.
    """
    place = await sheets.place_of(
        village, group=group, month=month, actor=by, permission="scores.write"
    )
    assert by.id is not None, "the operator types no sheet"
    if not cells:
        await _drop_draft(place, by=by)
        return clock.now()
    draft = ScoreDraft(
        village=village,
        group=group,
        month=place.month.text,
        official_id=by.id,
        cells=msgspec.to_builtins(cells),
        saved_at=clock.now(),
    )
    await ScoreDraft.bulk_create(
        [draft],
        on_conflict=["village", "group", "month", "official_id"],
        update_fields=["cells", "saved_at"],
    )
    return draft.saved_at


async def _drop_draft(place: Place, *, by: Actor) -> None:
    await ScoreDraft.filter(
        village=place.village, group=place.group, month=place.month.text, official_id=by.id
    ).delete()


# -- posting ------------------------------------------------------------------------------


@database.transaction
async def post_sheet(
    id: UUID, *, village: str, group: str = "", month: str, cells: Sequence[Cell], by: Actor
) -> SheetResult:
    """Post a sheet's cells, all or none; a second press with the same id posts nothing.

    Args:
        id: made by the client, once for this press.
        village: 12-digit code.
        group: the group's code; empty for the whole village.
        month: as 2026-10; deeds are dated its last day, or today if that is earlier.
        cells: the filled cells; an empty one is left out.
        by: who scores.

    Refuses as `sheets.view` does, with `IdTaken` when the id stands for another sheet, and with
    `SheetRefused`, whose `errors` are a `CellProblem` for each cell that cannot be.
    """
    place = await sheets.place_of(
        village, group=group, month=month, actor=by, permission="scores.write"
    )
    keyed = [(sheets.key_of(cell.household, cell.item), cell) for cell in cells]
    content = _content_hash(place, keyed, by=by)
    await ledger.lock(village)
    version = await rulebook.in_force(village, place.deed_on)
    items = {item.code: item for item in version.items if item.on_month_sheet}
    roster = await register.roster(village, group=group or None, on=place.deed_on)
    households = {str(household.id) for household in roster}
    posted = await sheets.posted_cells(place, households, [*items.values()])
    before = await ScoreSheet.get_or_none(id=id)
    if before:
        if before.content_hash != content:
            raise IdTaken(id=id)
        return SheetResult(id, before.posted, before.skipped, _standing(keyed, posted))
    astray = _misplaced(keyed, households=households, codes=items.keys())
    missing = [(key, cell) for key, cell in keyed if key not in posted and key not in astray]
    fresh, refused = await _post(id, place, missing, items=items, by=by)
    if astray or refused:
        raise SheetRefused(errors=[*astray.values(), *refused])
    result = SheetResult(
        id=id,
        posted=len(fresh),
        skipped=len(cells) - len(fresh),
        entries=_standing(keyed, posted | fresh),
    )
    await _keep(result, place, content=content, by=by)
    return result


async def _keep(result: SheetResult, place: Place, *, content: str, by: Actor) -> None:
    """Remember the sheet, let go of its draft and write the audit line."""
    facts: dict[str, Any] = {
        "month": place.month.text,
        "posted": result.posted,
        "skipped": result.skipped,
    }
    try:
        await ScoreSheet.create(
            id=result.id,
            village=place.village,
            group=place.group,
            content_hash=content,
            posted_by=by.label,
            posted_at=clock.now(),
            **facts,
        )
    except IntegrityError:
        # Sheets of one village come one after another: another village took the id meanwhile.
        raise IdTaken(id=result.id) from None
    await _drop_draft(place, by=by)
    await audit.note(
        by,
        "scoring.post_sheet",
        village=place.village,
        subject=f"sheet:{result.id}",
        region=place.region.code,
        **facts,
    )


def _standing(keyed: Sequence[_Keyed], posted: dict[str, PostedCell]) -> list[PostedCell]:
    found = (posted.get(key) for key, _ in keyed)
    return [cell for cell in found if cell]


def _content_hash(place: Place, keyed: Sequence[_Keyed], *, by: Actor) -> str:
    """What tells a repeated press from another sheet; the order of cells says nothing."""
    lines = sorted(f"{key} {cell.points}" for key, cell in keyed)
    head = (place.village, place.group, place.month.text, by.label)
    return hashlib.sha256("\n".join((*head, *lines)).encode()).hexdigest()


def _misplaced(
    keyed: Sequence[_Keyed], *, households: Collection[str], codes: Collection[str]
) -> dict[str, CellProblem]:
    """Cells that are not on this sheet, or there twice."""
    seen: set[str] = set()
    problems: dict[str, CellProblem] = {}
    for key, cell in keyed:
        refusal: Refusal | None = None
        if key in seen:
            refusal = CellTwice()
        elif cell.item not in codes or key.removesuffix(f" {cell.item}") not in households:
            refusal = NotOnSheet(household=cell.household, item=cell.item)
        seen.add(key)
        if refusal:
            problems[key] = CellProblem(cell.household, cell.item, refusal)
    return problems


async def _post(
    id: UUID, place: Place, keyed: Sequence[_Keyed], *, items: dict[str, Item], by: Actor
) -> tuple[dict[str, PostedCell], list[CellProblem]]:
    """Post the missing cells; returns what is posted now, or all that stands against it."""
    entries = [uuid5(id, key) for key, _ in keyed]
    wanted = [
        Posting(
            id=entry,
            household_id=cell.household,
            item=items[cell.item],
            points=cell.points,
            deed_on=place.deed_on,
            source=f"{SOURCE}{id}",
        )
        for entry, (_, cell) in zip(entries, keyed, strict=True)
    ]
    try:
        await ledger.post(place.village, wanted, by=by)
    except PostingProblems as stopped:
        cells = dict(zip(entries, (cell for _, cell in keyed), strict=True))
        named = ((cells[entry], refusal) for entry, refusal in stopped.problems)
        return {}, [CellProblem(cell.household, cell.item, why) for cell, why in named]
    return {
        key: PostedCell(cell.household, cell.item, cell.points, entry)
        for entry, (key, cell) in zip(entries, keyed, strict=True)
    }, []
