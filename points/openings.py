"""Opening balances: the points that a household brings along from the village's paper books.

One a household, for ever: entries of kind `opening`, which never count as earned (contracts.md).
A corrected sheet takes the wrong one back by an `opening` entry with its points negated, bound to
it as a reversal is, and posts the right one; so a correction is never earned either, and nothing
is changed in place. Dated the day up to which the old books were added up, which may lie before
the first rule book: what came before it was earned under other rules.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec

from foundation import audit, clock, database
from foundation.marking import mark as _n
from households import finding, tables, tabling
from households import known as register_known
from households.finding import Finder
from households.kinds import Job
from households.parsed import Severity
from households.tables import Column, Notes, Row, Table
from households.tabling import Change, Line, Plan
from points import chain, ledger, limits, postings
from points.errors import OpeningDayUnknown
from points.postings import Wanted

SOURCE = "opening"
NOTE_LENGTH_MAX = 200

COLUMNS = (
    *finding.COLUMNS,
    Column(
        "points",
        _n("期初积分"),
        ("积分", "结转积分", "结余积分", "积分余额", "余额", "结余", "期初余额", "累计积分",
         "现有积分", "剩余积分", "总积分", "分数"),
        needed=True,
    ),
    Column("note", _n("说明"), ("备注", "事由", "情况说明")),
)  # fmt: skip

SENTENCES: dict[str, tuple[Severity, str]] = {
    "opening_negative": ("error", _n("期初积分不能是负数，这一行未采用。")),
    "opening_too_large": ("error", _n("期初积分最多 {limit} 分，这一行未采用。")),
    "opening_own": ("error", _n("不能给自己家录期初积分，请别人来录，这一行未采用。")),
}


class Standing(msgspec.Struct, frozen=True):
    """A household's opening balance that stands, and how many it ever had."""

    id: UUID
    points: int
    deed_on: date
    turn: int


class Step(msgspec.Struct, frozen=True):
    """A household's new opening balance; `before` is taken back, 0 points post nothing anew."""

    household_id: UUID
    points: int
    note: str
    before: Standing | None
    turn: int


async def plan(table: Table, job: Job) -> Plan[Step]:
    """What the lines do to the village's opening balances; writes nothing."""
    known = await register_known.load(job.place.code)
    standing = await _standing(job.place.code)
    notes = Notes({**finding.SENTENCES, **SENTENCES})
    finder = Finder(known, notes)
    names = {code: name for name, code in known.groups.items()}
    lines: list[Line] = []
    steps: list[Step] = []
    for row in table.rows:
        found = finder.find(row)
        shown = found.head if found else row.words("head") or row.text("number")
        # A household that brings nothing along is left as it is; the form names every one.
        action: tabling.Action = "refused" if row.text("points") or not found else "unchanged"
        line = Line(row.sheet, row.row, shown, [], action)
        points = _points(row, notes) if found else None
        if found and found.id == job.by.household_id:
            notes.add("opening_own", row, "head")
        elif found and points is not None:
            details = [text for text in (found.number or "", names.get(found.group, "")) if text]
            before, turn = standing.get(str(found.id), (None, 0))
            step = Step(found.id, points, row.words("note")[:NOTE_LENGTH_MAX], before, turn + 1)
            line = _line(msgspec.structs.replace(line, details=details), step)
            if line.action != "unchanged":
                steps.append(step)
        lines.append(line)
    figures = {"points": sum(step.points for step in steps)}
    return Plan(lines=lines, steps=steps, problems=notes.found, figures=figures)


def _points(row: Row, notes: Notes) -> int | None:
    points = tables.whole(row, "points", notes)
    if points is None:
        return None
    if points < 0:
        notes.add("opening_negative", row, "points")
        return None
    if points > limits.POINTS_MAX:
        notes.add("opening_too_large", row, "points", limit=limits.POINTS_MAX)
        return None
    return points


def _line(line: Line, step: Step) -> Line:
    """The line of a household that was found: new, corrected, or as it is."""
    before = step.before.points if step.before else 0
    if step.points == before:
        return msgspec.structs.replace(line, action="unchanged")
    change = Change(_n("期初积分"), str(before) if step.before else "", str(step.points))
    action: tabling.Action = "updated" if step.before else "created"
    return msgspec.structs.replace(line, action=action, changes=[change])


async def _standing(village: str) -> dict[str, tuple[Standing | None, int]]:
    """By household: its opening balance that was not taken back, and how many it ever had."""
    found = await database.rows(
        "SELECT e.id, e.household_id, e.points, e.deed_on, r.id AS gone FROM ledger_entry e "
        "LEFT JOIN ledger_entry r ON r.reverses_id = e.id "
        "WHERE e.village = ? AND e.kind = ? AND e.reverses_id IS NULL ORDER BY e.seq",
        [village, "opening"],
    )
    standing: dict[str, tuple[Standing | None, int]] = {}
    for row in found:
        key = str(row["household_id"])
        turn = standing.get(key, (None, 0))[1] + 1
        on = date.fromisoformat(str(row["deed_on"]))
        one = Standing(UUID(str(row["id"])), row["points"], on, turn)
        standing[key] = (None if row["gone"] else one, turn)
    return standing


async def take(planned: Plan[Step], job: Job) -> None:
    """Post what was planned with its audit line, inside the caller's transaction."""
    on = day(job)
    village, by = job.place.code, job.by.label
    wanted: list[Wanted] = []
    for step in planned.steps:
        if step.before:
            wanted.append(_taken_back(step, step.before, village=village, by=by))
        if step.points:
            wanted.append(_opening(step, village=village, on=on, by=by))
    await ledger.append(village, wanted, by=job.by)
    facts: dict[str, Any] = tabling.counts(planned.result)
    await audit.note(job.by, "ledger.opening", village=village, on=on.isoformat(), **facts)


def _opening(step: Step, *, village: str, on: date, by: str) -> Wanted:
    draft = postings.draft(
        id=uuid5(step.household_id, f"opening {step.turn}"),
        village=village,
        household_id=step.household_id,
        kind="opening",
        points=step.points,
        deed_on=on,
        source=SOURCE,
        by=by,
    )
    reason = step.note or f"旧账结转，截至 {on}"
    return Wanted(draft, chain.texts(draft), reason=reason)


def _taken_back(step: Step, before: Standing, *, village: str, by: str) -> Wanted:
    """What takes a wrong opening balance back: of its own kind, as a reversal would be earned."""
    draft = postings.draft(
        id=uuid5(before.id, "taken back"),
        village=village,
        household_id=step.household_id,
        kind="opening",
        points=-before.points,
        deed_on=before.deed_on,
        source=SOURCE,
        by=by,
    )
    draft = msgspec.structs.replace(draft, reverses_id=before.id)
    return Wanted(draft, chain.texts(draft), reason=step.note or "期初积分更正")


def day(job: Job) -> date:
    """The day up to which the old books were added up. Refuses with `OpeningDayUnknown`."""
    try:
        return date.fromisoformat(job.target.get("on", ""))
    except ValueError:
        raise OpeningDayUnknown(on=job.target.get("on", "")) from None


async def _check(job: Job) -> None:
    limits.require_deed(day(job), today=clock.today())


async def _columns(_: Job) -> Sequence[Column]:
    return COLUMNS


async def _lock(job: Job) -> None:
    await ledger.lock(job.place.code)


KIND = tabling.kind(
    "openings",
    permission="entries.open",
    levels=("village",),
    columns=_columns,
    plan=plan,
    take=take,
    check=_check,
    lock=_lock,
)
