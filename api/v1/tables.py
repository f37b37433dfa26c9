"""Imports of plain tables: uploaded, read in the background, previewed, confirmed.

The same six steps for every kind; each kind's controller says where its tables belong.
"""

from functools import partial
from typing import ClassVar
from uuid import UUID

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody

from api import guards, wording
from api.tick import Background
from households import batches, staffing
from households.batches import BatchView
from households.kinds import Kind
from households.tabling import TablePreview, TableResult
from points import openings, sheet_tables
from rules import item_tables


class TableUpload(msgspec.Struct):
    """A table for a division; the same `id` again is the same import."""

    village: str
    file: UploadFile
    id: UUID | None = None


class TableImports(Controller):
    """Nothing of a table is stored before it is confirmed."""

    kind: ClassVar[Kind]

    @get("/")
    async def listing(self, request: Request, village: FromQuery[str]) -> list[BatchView]:
        """The latest imports of this kind for a division."""
        return await batches.of_village(village, actor=request.user, kind=self.kind)

    @get("/{batch_id:uuid}")
    async def one(self, request: Request, batch_id: FromPath[UUID]) -> BatchView:
        """How far an import is."""
        return await batches.find(batch_id, actor=request.user, kind=self.kind)

    @get("/{batch_id:uuid}/preview")
    async def preview(self, request: Request, batch_id: FromPath[UUID]) -> TablePreview:
        """What it would do, line by line, with every problem; 409 while it is being read."""
        found = await batches.preview(batch_id, actor=request.user, kind=self.kind)
        return msgspec.structs.replace(found, result=wording.result(found.result))

    @post("/{batch_id:uuid}/confirm", status_code=200)
    async def confirm(self, request: Request, batch_id: FromPath[UUID]) -> TableResult:
        """Store all that is sound, once."""
        stored = await batches.confirm(batch_id, by=request.user, kind=self.kind)
        return wording.result(stored)

    @delete("/{batch_id:uuid}")
    async def discard(self, request: Request, batch_id: FromPath[UUID]) -> None:
        """Drop an import."""
        await batches.discard(batch_id, by=request.user, kind=self.kind)


async def uploaded(
    request: Request, kind: Kind, data: TableUpload, target: dict[str, str]
) -> BatchView:
    """Take a table in; it is read from now on."""
    batch = await batches.upload(
        data.village,
        await data.file.read(),
        filename=data.file.filename,
        by=request.user,
        kind=kind,
        target=target,
        batch_id=data.id,
    )
    background: Background = request.app.state.background
    background.start("import", partial(batches.read, batch.id))
    return batch


class OpeningUpload(TableUpload):
    """Opening balances of a village; `on` is the day up to which its old books were added up."""

    on: str = ""


class OpeningImports(TableImports):
    """Opening balances, which never count as earned."""

    path = "/imports/openings"
    tags = ("entries",)
    guards = (guards.may("entries.open"),)
    kind = openings.KIND

    @post("/", status_code=202)
    async def upload(self, request: Request, data: MultipartBody[OpeningUpload]) -> BatchView:
        """Take opening balances in (xlsx, xls or csv, at most 20 MB)."""
        return await uploaded(request, self.kind, data, {"on": data.on})


class SheetUpload(TableUpload):
    """A filled score sheet of a group for a month such as 2026-10."""

    group: str = ""
    month: str = ""


class SheetImports(TableImports):
    """Filled score sheets, into the caller's draft; posting is a step of its own."""

    path = "/imports/scores"
    tags = ("scores",)
    guards = (guards.may("scores.write"),)
    kind = sheet_tables.KIND

    @post("/", status_code=202)
    async def upload(self, request: Request, data: MultipartBody[SheetUpload]) -> BatchView:
        """Take a filled sheet in (xlsx, xls or csv, at most 20 MB)."""
        target = {"group": data.group, "month": data.month}
        return await uploaded(request, self.kind, data, target)


class ItemUpload(TableUpload):
    """Scoring items for a draft of the village's rule book."""

    version: UUID = UUID(int=0)


class ItemImports(TableImports):
    """Scoring items, into a draft alone."""

    path = "/imports/items"
    tags = ("rules",)
    guards = (guards.may("rules.write"),)
    kind = item_tables.KIND

    @post("/", status_code=202)
    async def upload(self, request: Request, data: MultipartBody[ItemUpload]) -> BatchView:
        """Take scoring items in (xlsx, xls or csv, at most 20 MB)."""
        return await uploaded(request, self.kind, data, {"version": str(data.version)})


class OfficialImports(TableImports):
    """Officials as a list: `village` is the code of the county, township or village."""

    path = "/imports/officials"
    tags = ("officials",)
    guards = (guards.may("officials.write"),)
    kind = staffing.KIND

    @post("/", status_code=202)
    async def upload(self, request: Request, data: MultipartBody[TableUpload]) -> BatchView:
        """Take a list of officials in (xlsx, xls or csv, at most 20 MB)."""
        return await uploaded(request, self.kind, data, {})
