"""Imports on the screen: uploaded, read, previewed, confirmed or dropped.

One way for every kind of workbook; what differs between them is in `kinds`. Each step leaves the
import in a state that survives a restart, and nothing of a workbook is stored
before it is confirmed. What was read waits sealed and is forgotten when the import ends; the list
of what somebody has to mend stays, sealed as well, until a day has passed.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec

from foundation import attachments, audit, clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households import directory, importing, kinds, officials, workbook
from households.errors import BatchNotFound, BatchNotReady, RegionNotFound
from households.kinds import Job, Kind, Progress
from households.models import ImportBatch, Region

LIFETIME = timedelta(hours=24)
PROGRESS_SECONDS = 0.3
FILE_NAME_LENGTH_MAX = 200

State = Literal["reading", "previewed", "failed", "stored", "discarded", "expired"]


class BatchView(msgspec.Struct, frozen=True):
    """One import. `done` of `total` steps of reading; `failure` names a refusal with its facts.

    `village` is the division that it is for, `target` what else was chosen at the upload.
    `created_by` is the label of who uploaded it. `result` has the counts once it is stored,
    without the problems, which quote cells.
    """

    id: UUID
    kind: str
    village: str
    target: dict[str, str] | None
    file_name: str
    state: State
    done: int
    total: int
    failure: dict[str, Any] | None
    result: dict[str, int] | None
    created_by: str
    created_at: datetime


class _Read(msgspec.Struct):
    """What waits sealed, each part as its kind knows it; `waiting` only until it is stored."""

    waiting: bytes | None
    preview: bytes


# -- the steps ----------------------------------------------------------------------------


@database.transaction
async def upload(
    village: str,
    content: bytes,
    *,
    filename: str,
    by: Actor,
    kind: Kind = importing.KIND,
    target: dict[str, str] | None = None,
    batch_id: UUID | None = None,
) -> BatchView:
    """Take a workbook in; `read` then reads it.

    Args:
        village: code of the division that it is for: a village, unless the kind takes others.
        content: the workbook.
        filename: as it was called.
        by: who uploads.
        kind: what it brings.
        target: what else was chosen, as the kind asks for it.
        batch_id: the caller's own; the same again answers with the import that is there.

    Refuses with `WorkbookTooLarge`, `RegionNotFound` and `NotAllowed`, and as the kind's check.
    """
    workbook.refuse_oversize(len(content))
    place = await kinds.place(kind, village, by=by)
    if batch_id is not None and (present := await ImportBatch.get_or_none(id=batch_id)):
        if present.village != village or present.kind != kind.name:
            raise BatchNotFound(id=str(batch_id))
        return _view(present)
    await kind.check(Job(place, by, filename, target or {}))
    name = filename[-FILE_NAME_LENGTH_MAX:]
    file = await attachments.keep(
        content,
        purpose="intake",
        name=name,
        media_type="application/octet-stream",
        sealed=True,
    )
    batch = await ImportBatch.create(
        id=batch_id or uuid4(),
        kind=kind.name,
        village=village,
        target=target,
        file_name=name,
        file=file,
        state="reading",
        created_by=by.label,
        created_at=clock.now(),
    )
    subject = f"import:{batch.id}"
    await audit.note(by, "register.upload", village=village, subject=subject, kind=kind.name)
    return _view(batch)


async def read(batch_id: UUID) -> None:
    """Read an uploaded workbook and preview what it would do; a background task.

    May be started again at any time: what is not waiting to be read is left alone. A refusal
    ends the import as failed.
    """
    batch = await ImportBatch.get_or_none(id=batch_id, state="reading")
    content = await attachments.read(batch.file) if batch and batch.file else None
    if batch is None or content is None:
        return
    kind = kinds.KINDS[batch.kind]
    try:
        job = await _job(batch, by=await directory.by_label(batch.created_by))
        async with _telling(batch_id) as progress:
            read_ = await kind.read(content, job, progress)
            kept = await asyncio.to_thread(_packed, *read_)
        await _finish_reading(batch_id, kept)
    except Refusal as refusal:
        await _fail(batch_id, {"code": type(refusal).__name__, "facts": refusal.facts})
    except Exception:
        # A fault of ours: it must not be met again at every start.
        await _fail(batch_id, {"code": "Unexpected", "facts": {}})
        raise


@database.transaction
async def confirm(batch_id: UUID, *, by: Actor, kind: Kind = importing.KIND) -> Any:
    """Store all that is sound, in one transaction; compared with the store as it is now.

    Returns the kind's result. Refuses with `BatchNotFound`, `NotAllowed`, as the kind's own
    verb, and with `BatchNotReady` before the preview and a second time.
    """
    batch = await _batch(batch_id, by=by, kind=kind, lock=True)
    if batch.state != "previewed" or batch.preview is None:
        raise BatchNotReady(state=batch.state)
    kept = await _kept(batch.preview)
    assert kept.waiting is not None, "what is previewed was read"
    waiting = msgspec.msgpack.decode(kept.waiting, type=kind.waiting)
    result = await kind.store(waiting, await _job(batch, by=by))
    batch.result = kind.counts(result)
    await _end(batch, "stored")
    shown = msgspec.msgpack.decode(kept.preview, type=kind.preview)
    shown.result = result
    await _keep(batch, _packed(None, shown))
    return result


@database.transaction
async def discard(batch_id: UUID, *, by: Actor, kind: Kind = importing.KIND) -> None:
    """Drop an import that is not wanted. Refuses with `BatchNotReady` once it is stored."""
    batch = await _batch(batch_id, by=by, kind=kind, lock=True)
    if batch.state == "stored":
        raise BatchNotReady(state=batch.state)
    await _end(batch, "discarded")
    subject = f"import:{batch_id}"
    await audit.note(by, "register.discard", village=batch.village, subject=subject, kind=kind.name)


# -- looking ------------------------------------------------------------------------------


async def find(batch_id: UUID, *, actor: Actor, kind: Kind = importing.KIND) -> BatchView:
    """How far an import is. Refuses with `BatchNotFound` and `NotAllowed`."""
    return _view(await _batch(batch_id, by=actor, kind=kind))


async def of_village(village: str, *, actor: Actor, kind: Kind = importing.KIND) -> list[BatchView]:
    """The imports for a village, or whatever the kind is for, the latest first, at most fifty."""
    await kinds.place(kind, village, by=actor)
    imports = ImportBatch.filter(village=village, kind=kind.name)
    return [_view(one) for one in await imports.order_by("-created_at").limit(50)]


async def preview(batch_id: UUID, *, actor: Actor, kind: Kind = importing.KIND) -> Any:
    """What an import would do, or has done, for a day; a time past is `BatchNotReady`.

    Refuses with `BatchNotFound` and `NotAllowed` as well.
    """
    found = await _batch(batch_id, by=actor, kind=kind)
    if found.preview is None:
        raise BatchNotReady(state=found.state)
    return msgspec.msgpack.decode((await _kept(found.preview)).preview, type=kind.preview)


async def unread() -> list[UUID]:
    """Imports that wait to be read: after a restart `read` is started for each."""
    return [one.id for one in await ImportBatch.filter(state="reading").order_by("created_at")]


@database.transaction
async def purge() -> int:
    """Forget what was read more than a day ago; returns how many imports nobody confirmed."""
    old = ImportBatch.filter(created_at__lt=clock.now() - LIFETIME).select_for_update()
    expired = await old.filter(state__in=("reading", "previewed", "failed"))
    for one in expired:
        await _end(one, "expired")
    for one in await old.filter(state="stored", preview__not_isnull=True):
        await _end(one, "stored")
    return len(expired)


@asynccontextmanager
async def _telling(batch_id: UUID) -> AsyncIterator[Progress]:
    """A progress function whose calls reach the batch's row about three times a second."""
    latest = (0, 0)
    ended = asyncio.Event()

    def progress(done: int, total: int) -> None:
        nonlocal latest
        latest = (done, total)

    async def tell() -> None:
        told, last = latest, False
        while not last:
            last = ended.is_set()
            if latest != told:
                told = latest
                waiting = ImportBatch.filter(id=batch_id, state="reading")
                await waiting.update(done=told[0], total=told[1])
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), PROGRESS_SECONDS)

    teller = asyncio.create_task(tell())
    try:
        yield progress
    finally:
        ended.set()
        await teller


# -- the batch's row ----------------------------------------------------------------------


async def _job(batch: ImportBatch, *, by: Actor) -> Job:
    place = await Region.get(code=batch.village)
    return Job(place, by, batch.file_name, batch.target or {})


async def _batch(batch_id: UUID, *, by: Actor, kind: Kind, lock: bool = False) -> ImportBatch:
    officials.require_anywhere(by, kind.permission)
    query = ImportBatch.filter(id=batch_id, kind=kind.name)
    found = await (query.select_for_update() if lock else query).first()
    if found is None or found.state == "expired":
        raise BatchNotFound(id=str(batch_id))
    try:
        await kinds.place(kind, found.village, by=by)
    except RegionNotFound:
        raise BatchNotFound(id=str(batch_id)) from None
    return found


@database.transaction
async def _finish_reading(batch_id: UUID, kept: bytes) -> None:
    found = await ImportBatch.filter(id=batch_id, state="reading").select_for_update().first()
    if found is None:  # discarded meanwhile, or read by another process as well
        return
    await _end(found, "previewed")  # all that matters of the workbook was read from it
    await _keep(found, kept)


@database.transaction
async def _fail(batch_id: UUID, failure: dict[str, Any]) -> None:
    found = await ImportBatch.filter(id=batch_id, state="reading").select_for_update().first()
    if found is not None:
        found.failure = failure
        await found.save(update_fields=["failure"])
        await _end(found, "failed")


async def _keep(found: ImportBatch, kept: bytes) -> None:
    found.preview = await attachments.keep(
        kept, purpose="intake", name="", media_type="application/octet-stream", sealed=True
    )
    await found.save(update_fields=["preview"])


async def _end(found: ImportBatch, state: State) -> None:
    """Bring an import to a state in which neither workbook nor what was read is needed."""
    for file in (found.file, found.preview):
        if file is not None:
            await attachments.forget(file)
    found.file = found.preview = None
    found.state, found.done = state, found.total
    await found.save(update_fields=["file", "preview", "state", "done", "result"])


def _packed(waiting: Any, preview: Any) -> bytes:
    encode = msgspec.msgpack.encode
    read = _Read(None if waiting is None else encode(waiting), encode(preview))
    return zlib.compress(encode(read), level=1)


async def _kept(attachment_id: UUID) -> _Read:
    content = await attachments.read(attachment_id)
    assert content is not None, "a previewed import has its preview"
    return msgspec.msgpack.decode(zlib.decompress(content), type=_Read)


def _view(found: ImportBatch) -> BatchView:
    return msgspec.convert(found, BatchView, from_attributes=True)
