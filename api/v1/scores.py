"""Month sheets and single entries: scoring as programs and the score sheet's page do it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import errors, guards
from api.paging import PageNumber, PageSize
from points import batches, history, ledger, scoring, sheets
from points.batches import BatchEntry
from points.chain import Entry
from points.period import Period
from points.sheets import Cell, PostedCell

CELLS_MAX = 20_000
# Numbers of entries as a database can count them.
After = Annotated[int, QueryParameter(ge=0, le=2**62)]
ChainLimit = Annotated[int, QueryParameter(ge=1, le=history.CHAIN_MAX)]
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


class EntryIn(msgspec.Struct, forbid_unknown_fields=True):
    """One entry with its reason; `id` is made by the client, once for this entry."""

    id: UUID
    household: UUID
    item: UUID
    points: int
    on: date
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    evidence: UUID | None = None


class BatchIn(msgspec.Struct, forbid_unknown_fields=True):
    """Entries of one village, posted all or none."""

    village: str
    entries: Annotated[list[BatchEntry], msgspec.Meta(min_length=1, max_length=batches.ENTRIES_MAX)]


class BatchOut(msgspec.Struct):
    """How many entries are new, and every one of the batch as it stands in the ledger."""

    posted: int
    entries: list[Entry]


class ChainOut(msgspec.Struct):
    """Entries in the order of a village's chain; `more` says that there are others after them."""

    village: str
    entries: list[Entry]
    more: bool


class ReversalIn(msgspec.Struct, forbid_unknown_fields=True):
    """A reversal with its reason; `id` is made by the client."""

    id: UUID
    reason: Annotated[str, msgspec.Meta(max_length=500)]


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


class EntryController(Controller):
    """Lines of the ledger."""

    path = "/entries"
    tags = ("entries",)

    @get("/", guards=[guards.may("entries.read")])
    async def listing(
        self,
        request: Request,
        region: FromQuery[str] = "",
        household: FromQuery[UUID | None] = None,
        period: FromQuery[str] = "",
        block: FromQuery[str] = "",
        item: FromQuery[str] = "",
        kind: FromQuery[str] = "",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> history.Listing:
        """Entries of a region or of one household, the latest first."""
        return await history.listing(
            request.user,
            region=region,
            household_id=household,
            period=Period.parse(period) if period else None,
            block=block,
            item=item,
            kind=kind,
            page=page,
            page_size=page_size,
        )

    @get("/{entry_id:uuid}", guards=[guards.may("entries.read")])
    async def story(self, request: Request, entry_id: FromPath[UUID]) -> history.Story:
        """One entry with everything that it rests on."""
        return await history.story(entry_id, actor=request.user)

    @post("/", guards=[guards.may("entries.write")])
    async def award(self, request: Request, data: JSONBody[EntryIn]) -> Entry:
        """Post one entry; the same id with the same content again changes nothing."""
        return await ledger.award(
            data.household,
            id=data.id,
            item_id=data.item,
            points=data.points,
            on=data.on,
            reason=data.reason,
            evidence_id=data.evidence,
            by=request.user,
        )

    @post("/batch", status_code=200, guards=[guards.may("entries.write")])
    async def batch(self, request: Request, data: JSONBody[BatchIn]) -> BatchOut:
        """Post up to 5000 entries of one village, all or none; the same again changes nothing."""
        entries, posted = await batches.post_batch(data.village, data.entries, by=request.user)
        return BatchOut(posted, entries)

    @get("/chain", guards=[guards.may("entries.read")])
    async def chain(
        self,
        request: Request,
        village: FromQuery[str],
        after: After = 0,
        limit: ChainLimit = 200,
    ) -> ChainOut:
        """A village's entries by their number, those after `after`; the numbers have no gaps."""
        found = await history.chain_after(village, after=after, limit=limit, actor=request.user)
        return ChainOut(village, found, len(found) == limit)

    @post("/{entry_id:uuid}/reversal", guards=[guards.may("entries.reverse")])
    async def reverse(
        self, request: Request, entry_id: FromPath[UUID], data: JSONBody[ReversalIn]
    ) -> Entry:
        """Take an entry back by a new one on the same day of the deed."""
        return await ledger.reverse(entry_id, id=data.id, reason=data.reason, by=request.user)


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
