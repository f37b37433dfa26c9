"""A month's score sheet filled in Excel: read back, judged cell by cell, put into the draft.

Nothing is posted here. The cells become what the clerk would have typed into the sheet on the
screen; he looks it over there and posts it with one press, so that caps, kin and the rule of
adding only what is missing hold by the one verb that posts sheets. An empty cell is "not scored",
0 is an entry of 0.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import audit
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households import finding, tables, tabling
from households import known as register_known
from households.errors import NotAllowed
from households.finding import Finder
from households.kinds import Job
from households.parsed import Severity
from households.tables import Column, Notes, Row, Table
from households.tabling import Change, Line, Plan
from points import scoring, sheets
from points.errors import CapExceeded, CycleDone, ScorerNotAllowed
from points.sheets import Cell, CellState, SheetRow, SheetView
from rules.rulebook import Item

SENTENCES: dict[str, tuple[Severity, str]] = {
    "sheet_elsewhere": ("error", _n("这一户不在这张评分表上，这一行未采用。")),
    "sheet_own": ("error", _n("不能给自己家评分，这一行未采用。")),
    "sheet_posted": ("error", _n("这一格已经入账 {points} 分，要改请先冲正，表里的未采用。")),
    "sheet_deduction": ("error", _n("现在不能扣分，这一格未采用。")),
    "sheet_fixed": ("error", _n("这一格只能填 {low} 分，未采用。")),
    "sheet_out_of_range": ("error", _n("这一格只能填 {low} 到 {high} 分，未采用。")),
    "sheet_not_yours": ("error", _n("按村规民约，这一项不由您的角色评，这一格未采用。")),
    "sheet_done": ("error", _n("这一项本期已经评过，这一格未采用。")),
    "sheet_cap": ("error", _n("这一户这一项已到上限，这一格未采用。")),
    "sheet_barred": ("error", _n("这一格现在不能评，未采用。")),
}
_BARRED: dict[type[Refusal], str] = {
    ScorerNotAllowed: "sheet_not_yours",
    CycleDone: "sheet_done",
    CapExceeded: "sheet_cap",
}
_ITEM = "item "


class Step(msgspec.Struct, frozen=True):
    """A cell for the draft."""

    cell: Cell


async def plan(table: Table, job: Job) -> Plan[Step]:
    """What the filled cells change in the actor's draft of the sheet; writes nothing."""
    view = await _view(job)
    known = await register_known.load(job.place.code)
    notes = Notes({**finding.SENTENCES, **SENTENCES})
    finder = Finder(known, notes)
    rows = {row.id: row for row in view.rows}
    typed = {(cell.household, cell.item): cell.points for cell in view.draft}
    lines: list[Line] = []
    steps: list[Step] = []
    for row in table.rows:
        found = finder.find(row)
        shown = found.head if found else row.words("head") or row.text("number")
        line = Line(row.sheet, row.row, shown, [], "refused")
        place = rows.get(found.id) if found else None
        if found and place is None:
            notes.add("sheet_elsewhere", row, "head")
        elif place and place.refusal:
            notes.add("sheet_own", row, "head")
        elif place:
            cells = _cells(row, place, view.items, notes)
            line, fresh = _settled(line, place, cells, typed, view.items)
            steps += [Step(cell) for cell in fresh]
        lines.append(line)
    figures = {"cells": len(steps), "points": sum(step.cell.points for step in steps)}
    return Plan(lines=lines, steps=steps, problems=notes.found, figures=figures)


def _cells(row: Row, place: SheetRow, items: Sequence[Item], notes: Notes) -> list[Cell]:
    """The line's cells that may stand in a draft; the others are noted, each by itself."""
    cells = []
    for item in items:
        key = _ITEM + item.code
        points = tables.whole(row, key, notes)
        if points is None:
            continue
        state = place.cells.get(item.code) or CellState()
        if state.entry is not None:
            if state.points != points:
                notes.add("sheet_posted", row, key, points=state.points)
        elif state.refusal is not None:
            notes.add(_BARRED.get(type(state.refusal), "sheet_barred"), row, key)
        elif points < 0:
            notes.add("sheet_deduction", row, key)
        else:
            low = item.points_min
            high = item.points_max if state.limit is None else state.limit
            if low <= points <= high:
                cells.append(Cell(place.id, item.code, points))
            else:
                code = "sheet_fixed" if low == high else "sheet_out_of_range"
                notes.add(code, row, key, low=low, high=high)
    return cells


def _settled(
    line: Line,
    place: SheetRow,
    cells: Sequence[Cell],
    typed: dict[tuple[UUID, str], int],
    items: Sequence[Item],
) -> tuple[Line, list[Cell]]:
    """The line with what it changes, and the cells that are not in the draft like that."""
    names = {item.code: item.name for item in items}
    fresh = [cell for cell in cells if typed.get((cell.household, cell.item)) != cell.points]
    changes = []
    for cell in fresh:
        before = typed.get((cell.household, cell.item))
        shown = "" if before is None else str(before)
        changes.append(Change(names[cell.item], shown, str(cell.points)))
    is_new = all(change.before == "" for change in changes)
    action: tabling.Action = "unchanged" if not fresh else "created" if is_new else "updated"
    details = [place.number] if place.number else []
    line = msgspec.structs.replace(line, action=action, changes=changes, details=details)
    return line, fresh


async def _view(job: Job) -> SheetView:
    return await sheets.view(
        job.place.code,
        group=job.target.get("group", ""),
        month=job.target.get("month", ""),
        actor=job.by,
    )


async def take(planned: Plan[Step], job: Job) -> None:
    """Put the cells into the actor's draft, inside the caller's transaction."""
    view = await _view(job)
    cells = {(cell.household, cell.item): cell for cell in view.draft}
    cells |= {(step.cell.household, step.cell.item): step.cell for step in planned.steps}
    group, month = job.target["group"], job.target["month"]
    await scoring.save_draft(
        job.place.code, group=group, month=month, cells=list(cells.values()), by=job.by
    )
    facts: dict[str, Any] = tabling.counts(planned.result)
    await audit.note(
        job.by, "scoring.import_sheet", village=job.place.code, region=group, month=month, **facts
    )


async def _check(job: Job) -> None:
    """The sheet must be one that the actor may fill in himself."""
    if job.by.is_operator:
        raise NotAllowed(permission="scores.write", region=job.place.code)
    await sheets.place_of(
        job.place.code,
        group=job.target.get("group", ""),
        month=job.target.get("month", ""),
        actor=job.by,
        permission="scores.write",
    )


async def _columns(job: Job) -> Sequence[Column]:
    view = await _view(job)
    own = {"number": "number", "head": "head", "group": "group", "id": "id", "serial": "serial"}
    household = Column("household", _n("户的编号"), ("household",))
    who = [
        msgspec.structs.replace(one, words=(*one.words, own[one.key]), needed=one.key == "head")
        for one in finding.COLUMNS
    ]
    return (household, *who, *(_column(item) for item in view.items))


def _column(item: Item) -> Column:
    return Column(_ITEM + item.code, item.name, (item.code,))


KIND = tabling.kind(
    "scores",
    permission="scores.write",
    levels=("village",),
    columns=_columns,
    plan=plan,
    take=take,
    check=_check,
)
