"""Month sheets: scoring as programs and the score sheet's page do it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post, put
from litestar.params import FromQuery, JSONBody

from api import errors, guards
from points import scoring, sheets
from points.sheets import Cell, PostedCell

CELLS_MAX = 20_000
DraftCell = tuple[UUID, Annotated[str, msgspec.Meta(max_length=40)], int]


class SheetIn(msgspec.Struct, forbid_unknown_fields=True):
    """A filled month sheet; `id` is made by the client, once for this press."""

    id: UUID
    village: str
    month: str
    cells: Annotated[list[Cell], msgspec.Meta(max_length=CELLS_MAX)]
    group: str = ""


class DraftIn(msgspec.Struct, forbid_unknown_fields=True):
    """What is typed so far: cells as [household, item code, points]."""

    village: str
    month: str
    cells: Annotated[list[DraftCell], msgspec.Meta(max_length=CELLS_MAX)]
    group: str = ""


class Saved(msgspec.Struct):
    """When the draft was kept."""

    saved_at: datetime


class SheetOut(msgspec.Struct):
    """What a press did: cells posted, cells found posted already, and how they stand now."""

    id: UUID
    posted: int
    skipped: int
    entries: list[PostedCell]


class SheetItemOut(msgspec.Struct):
    """An item of the month sheet with its bounds."""

    code: str
    name: str
    block: str
    points_min: int
    points_max: int


class SheetCellOut(msgspec.Struct):
    """A cell that is not simply free: posted, limited, or refused with a sentence."""

    points: int | None
    entry: UUID | None
    limit: int | None
    refusal: str | None


class SheetRowOut(msgspec.Struct):
    """A household of the sheet; `refusal` says why it may not be scored by the caller."""

    household: UUID
    number: str | None
    earned: int
    refusal: str | None
    cells: dict[str, SheetCellOut]


class SheetViewOut(msgspec.Struct):
    """A month sheet as it stands; names of households come with the register."""

    village: str
    group: str
    month: str
    deed_on: date
    may_post: bool
    items: list[SheetItemOut]
    rows: list[SheetRowOut]


class ScoreController(Controller):
    """The month sheet of a group or of a whole village."""

    path = "/scores"
    tags = ("scores",)

    @get("/", guards=[guards.may("entries.read")])
    async def view(
        self,
        request: Request,
        village: FromQuery[str],
        month: FromQuery[str],
        group: FromQuery[str] = "",
    ) -> SheetViewOut:
        """The sheet as it stands."""
        return shown(await sheets.view(village, group=group, month=month, actor=request.user))

    @post("/", status_code=200, guards=[guards.may("scores.write")])
    async def post(self, request: Request, data: JSONBody[SheetIn]) -> SheetOut:
        """Post a sheet, all cells or none; the same id again posts nothing."""
        return await post_sheet(data, request)

    @put("/draft", guards=[guards.may("scores.write")])
    async def save_draft(self, request: Request, data: JSONBody[DraftIn]) -> Saved:
        """Keep what is typed so far; no cells drops the draft."""
        return await save_draft(data, request)


async def post_sheet(data: SheetIn, request: Request) -> SheetOut:
    """Post a sheet for the API and for the score sheet's page alike."""
    result = await scoring.post_sheet(
        data.id,
        village=data.village,
        group=data.group,
        month=data.month,
        cells=data.cells,
        by=request.user,
    )
    return SheetOut(result.id, result.posted, result.skipped, result.entries)


async def save_draft(data: DraftIn, request: Request) -> Saved:
    """Keep a draft for the API and for the score sheet's page alike."""
    saved_at = await scoring.save_draft(
        data.village,
        group=data.group,
        month=data.month,
        cells=[Cell(*cell) for cell in data.cells],
        by=request.user,
    )
    return Saved(saved_at)


def shown(view: sheets.SheetView) -> SheetViewOut:
    """A sheet as the API gives it."""
    return SheetViewOut(
        village=view.village.code,
        group=view.region.code if view.region.code != view.village.code else "",
        month=view.month.text,
        deed_on=view.deed_on,
        may_post=view.may_post,
        items=[
            SheetItemOut(i.code, i.name, i.block, i.points_min, i.points_max) for i in view.items
        ],
        rows=[
            SheetRowOut(
                row.id,
                row.number,
                row.earned,
                _told(row.refusal),
                {
                    code: SheetCellOut(cell.points, cell.entry, cell.limit, _told(cell.refusal))
                    for code, cell in row.cells.items()
                },
            )
            for row in view.rows
        ],
    )


def _told(refusal: Any) -> str | None:
    return errors.message(refusal) if refusal else None
