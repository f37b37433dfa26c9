"""A plain table on its way into the store: what it would do, shown, and done in one step.

The part that all such imports share. A kind brings its columns, a plan from lines to steps, and a
verb that takes the steps; here they become a preview, a result and a `Kind`. The plan is made
again when it is confirmed, against the store of that moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec

from foundation import database
from foundation.actors import Actor
from households import kinds, tables, workbook
from households.kinds import Job, Kind, Progress
from households.parsed import Problem, SheetUnderstood
from households.tables import Column, Table

Action = Literal["created", "updated", "unchanged", "refused"]
Step = TypeVar("Step")


class Change(msgspec.Struct, frozen=True):
    """One value before and after. `field` is a word of the catalogue."""

    field: str
    before: str
    after: str


class Line(msgspec.Struct, frozen=True):
    """What becomes of one line: whom or what it is about, and what changes.

    `details` are words of the catalogue and names, to be shown side by side.
    """

    sheet: str
    row: int
    what: str
    details: list[str]
    action: Action
    changes: list[Change] = []


class TableResult(msgspec.Struct):
    """The counts and problems of one import. `figures` are sums of its kind, such as points."""

    rows: int
    created: int
    updated: int
    unchanged: int
    figures: dict[str, int]
    problems: list[Problem]


class TablePreview(msgspec.Struct):
    """Everything somebody sees before confirming."""

    result: TableResult
    lines: list[Line]
    sheets: list[SheetUnderstood]


class Plan(msgspec.Struct, Generic[Step]):
    """What a table does to the store: a line for each line, and the steps that have to be taken."""

    lines: list[Line]
    steps: list[Step]
    problems: list[Problem]
    figures: dict[str, int] = {}

    @property
    def result(self) -> TableResult:
        """The plan's counts."""
        actions = [line.action for line in self.lines]
        return TableResult(
            rows=len(actions),
            created=actions.count("created"),
            updated=actions.count("updated"),
            unchanged=actions.count("unchanged"),
            figures=self.figures,
            problems=self.problems,
        )


def counts(result: TableResult) -> dict[str, int]:
    """The counts of a result; its problems, which quote cells, only as numbers."""
    severities = [problem.severity for problem in result.problems]
    return {
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        **result.figures,
    }


def kind(
    name: str,
    *,
    permission: str,
    levels: Sequence[str],
    columns: Callable[[Job], Awaitable[Sequence[Column]]],
    plan: Callable[[Table, Job], Awaitable[Plan[Any]]],
    take: Callable[[Plan[Any], Job], Awaitable[None]],
    check: Callable[[Job], Awaitable[None]] | None = None,
    lock: Callable[[Job], Awaitable[None]] | None = None,
) -> Kind:
    """A kind of import that brings a plain table.

    Args:
        name: what a batch's row calls it.
        permission: what it needs.
        levels: the levels of division that it may be for.
        columns: which columns such a table may have.
        plan: compares the table with the store; writes nothing.
        take: takes the steps inside the caller's transaction, with their audit line.
        check: refuses a target that cannot be.
        lock: lets one import of a place wait for another, before the last plan is made.
    """

    async def read(content: bytes, job: Job, progress: Progress) -> tuple[Table, TablePreview]:
        sheets = await workbook.read(content, filename=job.filename, progress=progress)
        table = await asyncio.to_thread(tables.read, sheets, await columns(job))
        planned = await plan(table, job)
        return table, TablePreview(planned.result, planned.lines, table.sheets)

    async def store(table: Table, job: Job) -> TableResult:
        if lock is not None:
            await lock(job)
        planned = await plan(table, job)
        if planned.steps:
            await take(planned, job)
        return planned.result

    rest = {} if check is None else {"check": check}
    return kinds.known(
        Kind(
            name=name,
            permission=permission,
            levels=frozenset(levels),
            waiting=Table,
            preview=TablePreview,
            read=read,
            store=store,
            counts=counts,
            **rest,
        )
    )


async def import_file(
    kind: Kind,
    place: str,
    content: bytes,
    *,
    filename: str,
    by: Actor,
    target: dict[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> TableResult:
    """Read a table and store what is sound at once, for the command line.

    `place` is the code of the division that it is for; the rest as in `batches.upload`. Refuses
    as the kind does, as `workbook.read`, and with `NoHeaderFound`.
    """
    region = await kinds.place(kind, place, by=by)
    job = Job(region, by, filename, target or {})
    await kind.check(job)
    table, preview = await kind.read(content, job, progress or (lambda done, total: None))
    if dry_run:
        result: TableResult = preview.result
        return result
    return await _store_alone(kind, table, job)


@database.transaction
async def _store_alone(kind: Kind, table: Table, job: Job) -> TableResult:
    result: TableResult = await kind.store(table, job)
    return result
