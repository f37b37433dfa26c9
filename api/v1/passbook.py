"""A household's own passbook for a program of its own, opened with card and PIN alone.

The token of an open passbook goes into the header `Authorization: Bearer`; it opens this household
and nothing else, and ends half an hour after its last use.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from api import guards, holders, passbook_papers, render, wording
from api.paging import PageNumber, PageSize
from api.v1.passbooks import PageIn, PrintedPage, printed
from api.v1.tokens import address_of
from households import name_choices, passbook_door
from households.names import Form
from households.passbook_door import IDLE_MINUTES
from points import passbook, passbook_pages


class PinIn(msgspec.Struct, forbid_unknown_fields=True):
    """The PIN."""

    pin: str


class FirstIn(msgspec.Struct, forbid_unknown_fields=True):
    """The one-time code from the slip, and the PIN that the household chose."""

    code: str
    pin: str


class NewPinIn(msgspec.Struct, forbid_unknown_fields=True):
    """The present PIN and the next one."""

    old: str
    new: str


class NamesIn(msgspec.Struct, forbid_unknown_fields=True):
    """How the name may be posted from now on."""

    wall: Form
    web: Form


class Opened(msgspec.Struct):
    """The bearer token of an open passbook, and how long it lasts unused."""

    token: str
    idle_seconds: int


class PostedOut(msgspec.Struct):
    """The household's place on the list that hangs, where the village shows places."""

    serial: str
    period: str
    rank: int
    display_from: date
    display_until: date


class BookOut(msgspec.Struct):
    """The first page of a passbook."""

    number: str
    head: str
    village: str
    village_name: str
    balance: int
    earned: int
    period: str
    posted: PostedOut | None
    name_wall: str
    name_web: str
    reset_at: datetime | None


class EntryOut(msgspec.Struct):
    """An entry with what it rests on; `office` is the role of who recorded it, in words."""

    id: UUID
    seq: int
    kind: str
    points: int
    deed_on: date
    item: str
    clause: str
    rulebook_version: int
    office: str
    reason: str | None
    reversed_by: UUID | None


class EntriesOut(msgspec.Struct):
    """A page of entries, the latest first."""

    rows: list[EntryOut]
    total: int
    page: int
    page_size: int


class PassbookController(Controller):
    """One household, whose card the path names; any other one is not there."""

    path = "/h/{card:str}"
    tags = ("passbook",)

    @post("/open", status_code=200, opt=guards.PUBLIC, security=[])
    async def open(self, request: Request, card: FromPath[str], data: JSONBody[PinIn]) -> Opened:
        """Open with the PIN."""
        token = await passbook_door.open_with_pin(card, data.pin, address=address_of(request))
        return Opened(token, IDLE_MINUTES * 60)

    @post("/first", status_code=200, opt=guards.PUBLIC, security=[])
    async def first(self, request: Request, card: FromPath[str], data: JSONBody[FirstIn]) -> Opened:
        """Choose the PIN with the one-time code; the same again is answered the same."""
        token = await passbook_door.choose_pin(
            card, code=data.code, pin=data.pin, address=address_of(request)
        )
        return Opened(token, IDLE_MINUTES * 60)

    @get("/", guards=[holders.require_holder])
    async def book(self, request: Request, card: FromPath[str]) -> BookOut:
        """Balance, points earned in the running period, how the name is posted."""
        found = await passbook.book(holders.of(request).household)
        return BookOut(
            number=found.number,
            head=found.head,
            village=found.village,
            village_name=found.village_name,
            balance=found.balance,
            earned=found.earned,
            period=found.period.text,
            posted=_posted(found.posted),
            name_wall=found.name_wall,
            name_web=found.name_web,
            reset_at=found.reset_at,
        )

    @get("/entries", guards=[holders.require_holder])
    async def entries(
        self,
        request: Request,
        card: FromPath[str],
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> EntriesOut:
        """Every entry with item, clause, version, date and the office that recorded it."""
        holder = holders.of(request)
        rows, total = await passbook.entries(
            holder.household, village=holder.village, page=page, page_size=page_size
        )
        return EntriesOut([_entry(one) for one in rows], total, page, page_size)

    @put("/names", status_code=204, guards=[holders.require_holder])
    async def names(self, request: Request, card: FromPath[str], data: JSONBody[NamesIn]) -> None:
        """Record how this household's name may be posted."""
        holder = holders.of(request)
        await name_choices.choose_own(
            holder.household, wall=data.wall, web=data.web, by=holder.actor
        )

    @put("/pin", guards=[holders.require_holder])
    async def pin(self, request: Request, card: FromPath[str], data: JSONBody[NewPinIn]) -> Opened:
        """Another PIN; every token from before ends."""
        token = await passbook_door.change_pin(
            holders.of(request), old=data.old, new=data.new, address=address_of(request)
        )
        return Opened(token, IDLE_MINUTES * 60)

    @post("/pages", guards=[holders.require_holder])
    async def add_page(
        self, request: Request, card: FromPath[str], data: JSONBody[PageIn]
    ) -> PrintedPage:
        """Note the next page of the paper passbook."""
        holder = holders.of(request)
        return printed(await passbook_pages.add(holder.household, id=data.id, by=holder.actor))

    @get(
        "/pages/{number:int}",
        guards=[holders.require_holder],
        media_type="application/pdf",
    )
    async def page(
        self, request: Request, card: FromPath[str], number: FromPath[int]
    ) -> Response[bytes]:
        """A page of the paper passbook as PDF."""
        holder = holders.of(request)
        pdf, name = await passbook_papers.page(
            holder.household,
            number,
            by=holder.actor,
            given=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=name, inline=True)

    @delete("/session", guards=[holders.require_holder])
    async def leave(self, request: Request, card: FromPath[str]) -> None:
        """Close the passbook: this token ends at once."""
        await passbook_door.leave(holders.of(request))


def _posted(posted: passbook.Posted | None) -> PostedOut | None:
    if posted is None:
        return None
    return PostedOut(
        posted.serial, posted.period.text, posted.rank, posted.display_from, posted.display_until
    )


def _entry(one: passbook.Entry) -> EntryOut:
    entry = one.line.entry
    return EntryOut(
        id=entry.id,
        seq=entry.seq,
        kind=entry.kind,
        points=entry.points,
        deed_on=entry.deed_on,
        item=one.line.item_name,
        clause=one.clause,
        rulebook_version=one.version,
        office=wording.office(one.role),
        reason=one.line.reason,
        reversed_by=one.line.reversed_by,
    )
