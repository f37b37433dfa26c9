"""One workbook into the register: read, compared, stored in one transaction.

The command line comes here directly; on the screen `batches` puts a preview and a confirmation in
between. What is stored is planned against the register of that moment, never against an older
one, and what is not sound is left out and named.
"""

import asyncio
from typing import Any

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from households import intake, kinds, officials, planning, storing, workbook
from households import known as register_known
from households.kinds import Job, Kind, Progress
from households.models import Region
from households.parsed import Parsed
from households.preview import ImportResult, Preview, preview_of, result_of


async def import_file(
    village: str,
    content: bytes,
    *,
    filename: str,
    by: Actor,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Read a workbook and store what is sound at once, for the command line.

    Args:
        village: 12-digit code.
        content: the workbook.
        filename: names the sheet of a csv.
        by: who imports.
        dry_run: only say what would happen.
        progress: called with steps done and steps in all, from another thread at times.

    Refuses as the single steps do, and as `workbook.read` and `intake.parse`.
    """
    region = await kinds.place(KIND, village, by=by)
    read = await parsed(
        content, filename=filename, village=region, progress=progress or (lambda done, total: None)
    )
    if dry_run:
        _, plan = await planned(read, region)
        return result_of(read, plan)
    return await _store_alone(village, read, by=by)


async def parsed(content: bytes, *, filename: str, village: Region, progress: Progress) -> Parsed:
    """Read and understand a workbook, which is one half of the steps each.

    Refuses as `workbook.read` and `intake.parse`.
    """
    sheets = await workbook.read(
        content, filename=filename, progress=lambda done, total: progress(done, 2 * total)
    )
    return await asyncio.to_thread(
        intake.parse,
        sheets,
        village_code=village.code,
        village_name=village.name,
        progress=lambda done, total: progress(total + done, 2 * total),
    )


async def planned(read: Parsed, village: Region) -> tuple[register_known.Known, planning.Plan]:
    """The village's register as it is now, and what the workbook would do to it."""
    known = await register_known.load(village.code)
    return known, await asyncio.to_thread(planning.plan, read.households, known=known)


async def store(village: str, read: Parsed, *, by: Actor) -> ImportResult:
    """Plan against the register of this moment and store, inside the caller's transaction."""
    # Creations and imports of one village come one after another, so that numbers stay unique.
    region = await Region.filter(code=village).select_for_update().get()
    known, plan = await planned(read, region)
    result = result_of(read, plan)
    stored = []
    if plan.restricted:
        officials.require(by, "register.restricted", region)
    if result.created or result.updated:
        stored = await storing.store(region, plan, known=known)
    facts: dict[str, Any] = counts(result)
    changed = [f"household:{key}" for key in stored]
    await audit.note(by, "register.import", village=village, changed=changed, **facts)
    return result


def counts(result: ImportResult) -> dict[str, int]:
    """The counts of a result; its problems, which quote cells, only as numbers."""
    facts: dict[str, Any] = msgspec.structs.asdict(result)
    severities = [problem.severity for problem in facts.pop("problems")]
    errors, warnings = severities.count("error"), severities.count("warning")
    return {**facts, "errors": errors, "warnings": warnings}


@database.transaction
async def _store_alone(village: str, read: Parsed, *, by: Actor) -> ImportResult:
    return await store(village, read, by=by)


async def _read(content: bytes, job: Job, progress: Progress) -> tuple[Parsed, Preview]:
    found = await parsed(content, filename=job.filename, village=job.place, progress=progress)
    known, plan = await planned(found, job.place)
    return found, await asyncio.to_thread(preview_of, found, plan, known=known)


async def _store(waiting: Parsed, job: Job) -> ImportResult:
    return await store(job.place.code, waiting, by=job.by)


KIND = kinds.known(
    Kind(
        name="households",
        permission="register.write",
        levels=frozenset(("village",)),
        waiting=Parsed,
        preview=Preview,
        read=_read,
        store=_store,
        counts=counts,
    )
)
