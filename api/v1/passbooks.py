"""Passbook cards for programs of the office: who has a PIN, printing, resetting, paper pages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import guards, passbook_papers, render
from api.paging import PageNumber, PageSize
from households import passbooks
from households.passbooks import CardRow
from points import passbook_pages
from points.models import PassbookPage as PageRow

StateAsked = Annotated[Literal["", "none", "printed", "open"], QueryParameter(name="state")]


class PrintIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which cards: a village, one of its groups, or single households of it."""

    village: str
    group: str = ""
    households: Annotated[list[UUID], msgspec.Meta(max_length=passbooks.CARDS_MAX)] = []


class ResetIn(msgspec.Struct, forbid_unknown_fields=True):
    """`new_card`: the card was lost, so its QR opens nothing any more."""

    new_card: bool = False


class PageIn(msgspec.Struct, forbid_unknown_fields=True):
    """A page of the paper passbook; `id` is made by the client."""

    id: UUID


class PrintedPage(msgspec.Struct):
    """A page of the paper passbook: its entries lie between two balances."""

    number: int
    entries: int
    opening: int
    closing: int
    printed_at: datetime


class Cards(msgspec.Struct):
    """One page of households with their cards."""

    rows: list[CardRow]
    total: int
    page: int
    page_size: int


class PassbookCardController(Controller):
    """The cards of a village; only its own office prints and resets them."""

    path = "/passbooks"
    tags = ("passbooks",)

    @get("/", guards=[guards.may("passbooks.write")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str],
        group: FromQuery[str] = "",
        standing: StateAsked = "",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Cards:
        """Households with their cards: "none" printed, "printed" without a PIN, "open"."""
        rows = await passbooks.listing(request.user, village=village, group=group, state=standing)
        start = (page - 1) * page_size
        return Cards(rows[start : start + page_size], len(rows), page, page_size)

    @post(
        "/print",
        status_code=200,
        guards=[guards.may("passbooks.write")],
        media_type="application/pdf",
    )
    async def print(self, request: Request, data: JSONBody[PrintIn]) -> Response[bytes]:
        """The cards as one PDF, eight to an A4 sheet; where no PIN is chosen with a new code."""
        pdf, _ = await passbook_papers.pdf(
            data.village,
            group=data.group,
            only=data.households or None,
            by=request.user,
            given=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=f"passbooks-{data.village}.pdf")

    @post("/{household_id:uuid}/reset", status_code=204, guards=[guards.may("passbooks.write")])
    async def reset(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[ResetIn]
    ) -> None:
        """Take a household's PIN back; its page opens again with a newly printed code."""
        await passbooks.reset(household_id, new_card=data.new_card, by=request.user)

    @post("/{household_id:uuid}/pages", guards=[guards.may("passbooks.write")])
    async def add_page(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[PageIn]
    ) -> PrintedPage:
        """Note the next page of the paper passbook, with all entries since the last one."""
        return printed(await passbook_pages.add(household_id, id=data.id, by=request.user))

    @get(
        "/{household_id:uuid}/pages/{number:int}",
        guards=[guards.may("passbooks.write")],
        media_type="application/pdf",
    )
    async def page(
        self, request: Request, household_id: FromPath[UUID], number: FromPath[int]
    ) -> Response[bytes]:
        """A page of the paper passbook as PDF, now or again."""
        pdf, name = await passbook_papers.page(
            household_id,
            number,
            by=request.user,
            given=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=name, inline=True)


def printed(page: PageRow) -> PrintedPage:
    """A printed page as the API tells of it."""
    return PrintedPage(page.number, page.entries, page.opening, page.closing, page.printed_at)
