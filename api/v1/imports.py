"""Imports of a village's workbook: uploaded, read in the background, previewed, confirmed."""

from functools import partial
from uuid import UUID

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody

from api import guards, wording
from api.tick import Background
from households import batches
from households.batches import BatchView
from households.preview import ImportResult, Preview


class Upload(msgspec.Struct):
    """A workbook for a village; the same `id` again is the same import."""

    village: str
    file: UploadFile
    id: UUID | None = None


class ImportController(Controller):
    """Nothing of a workbook is stored before it is confirmed."""

    path = "/imports"
    tags = ("households",)

    @post("/", status_code=202, guards=[guards.may("register.write")])
    async def upload(self, request: Request, data: MultipartBody[Upload]) -> BatchView:
        """Take a workbook in (xlsx, xls or csv, at most 20 MB); it is read from now on."""
        batch = await batches.upload(
            data.village,
            await data.file.read(),
            filename=data.file.filename,
            by=request.user,
            batch_id=data.id,
        )
        background: Background = request.app.state.background
        background.start("import", partial(batches.read, batch.id))
        return batch

    @get("/", guards=[guards.may("register.write")])
    async def listing(self, request: Request, village: FromQuery[str]) -> list[BatchView]:
        """The latest imports of a village."""
        return await batches.of_village(village, actor=request.user)

    @get("/{batch_id:uuid}", guards=[guards.may("register.write")])
    async def one(self, request: Request, batch_id: FromPath[UUID]) -> BatchView:
        """How far an import is."""
        return await batches.find(batch_id, actor=request.user)

    @get("/{batch_id:uuid}/preview", guards=[guards.may("register.write")])
    async def preview(self, request: Request, batch_id: FromPath[UUID]) -> Preview:
        """What it would do, with every problem; 409 while it is being read."""
        preview = await batches.preview(batch_id, actor=request.user)
        return msgspec.structs.replace(preview, result=wording.result(preview.result))

    @post("/{batch_id:uuid}/confirm", status_code=200, guards=[guards.may("register.write")])
    async def confirm(self, request: Request, batch_id: FromPath[UUID]) -> ImportResult:
        """Store all that is sound, once."""
        return wording.result(await batches.confirm(batch_id, by=request.user))

    @delete("/{batch_id:uuid}", guards=[guards.may("register.write")])
    async def discard(self, request: Request, batch_id: FromPath[UUID]) -> None:
        """Drop an import."""
        await batches.discard(batch_id, by=request.user)
