"""Single entries and batches of them, a village's chain, evidence, reversal."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from api import guards, render
from api.paging import PageNumber, PageSize, linked
from points import batches, evidence, history, ledger
from points.batches import BatchEntry
from points.chain import Entry
from points.period import Period

# Numbers of entries as a database can count them.
After = Annotated[int, QueryParameter(ge=0, le=2**62)]
ChainLimit = Annotated[int, QueryParameter(ge=1, le=history.CHAIN_MAX)]


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


class EvidenceIn(msgspec.Struct):
    """A PDF, JPEG or PNG of at most 10 MB; the same `id` again is the same file."""

    file: UploadFile
    id: UUID | None = None


class EvidenceOut(msgspec.Struct):
    """What an entry names as its evidence, within a day."""

    id: UUID


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
    ) -> Response[history.Listing]:
        """Entries of a region or of one household, the latest first."""
        found = await history.listing(
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
        return linked(request, found)

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
        found, more = await history.chain_after(
            village, after=after, limit=limit, actor=request.user
        )
        return ChainOut(village, found, more)

    @post("/evidence", guards=[guards.may("entries.write")])
    async def keep(self, request: Request, data: MultipartBody[EvidenceIn]) -> EvidenceOut:
        """Keep a file that an entry then names as its evidence; unnamed it goes after a day."""
        content = await data.file.read()
        kept = await evidence.keep(content, name=data.file.filename, by=request.user, id=data.id)
        return EvidenceOut(kept)

    @get("/{entry_id:uuid}/evidence", guards=[guards.may("entries.read")])
    async def evidence(self, request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
        """The file that an entry rests on."""
        kept, content = await evidence.read(entry_id, actor=request.user)
        return render.file(content, name=kept.name, media_type=kept.media_type)

    @post("/{entry_id:uuid}/reversal", guards=[guards.may("entries.reverse")])
    async def reverse(
        self, request: Request, entry_id: FromPath[UUID], data: JSONBody[ReversalIn]
    ) -> Entry:
        """Take an entry back by a new one on the same day of the deed."""
        return await ledger.reverse(entry_id, id=data.id, reason=data.reason, by=request.user)
