"""Posted lists for programs: what is posted, publishing, the signed files."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import guards, packets, posters, render
from api.paging import PageNumber, PageSize, linked
from points import exports, publication, published, xyp
from points.draft import Draft
from points.exports import Format
from points.period import Period
from points.publication import Receipt
from points.published import Listed, Paper, View

Days = Annotated[int | None, QueryParameter(ge=1, le=1000)]


class PublishIn(msgspec.Struct, forbid_unknown_fields=True):
    """What to post; `id` is made by the client, a repeated request gives the same receipt."""

    id: UUID
    region: str
    period: str
    block: str | None = None
    days: int | None = None


class DayIn(msgspec.Struct, forbid_unknown_fields=True):
    """The day a list was hung or taken down."""

    on: date


class WithdrawalIn(msgspec.Struct, forbid_unknown_fields=True):
    """The household that wants to be on no list any more."""

    household: UUID


class WithdrawalOut(msgspec.Struct):
    """On how many lists it was."""

    publications: int


class Publications(msgspec.Struct):
    """One page of posted lists, the newest first."""

    rows: list[Listed]
    total: int
    page: int
    page_size: int


class PublicationController(Controller):
    """The posted lists within the caller's reach."""

    path = "/publications"
    tags = ("publications",)

    @get("/", guards=[guards.may("publications.read")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str] = "",
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        standing: Annotated[published.State | Literal[""], QueryParameter(name="state")] = "",
        since: FromQuery[str] = "",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Response[Publications]:
        """Posted lists, the newest first; `since` is a cursor of the change feed."""
        rows, total = await published.listing(
            request.user,
            village=village or None,
            region=region,
            period=Period.parse(period) if period else None,
            state=standing,
            since=since,
            limit=page_size,
            offset=(page - 1) * page_size,
        )
        return linked(request, Publications(rows, total, page, page_size))

    @post("/", guards=[guards.may("publications.write")])
    async def publish(self, request: Request, data: JSONBody[PublishIn]) -> Receipt:
        """Freeze, sign and store a list; supersede an earlier one of the same kind."""
        receipt = await publication.publish(
            data.region,
            id=data.id,
            period=Period.parse(data.period),
            block=data.block,
            days=data.days,
            by=request.user,
        )
        packets.render_after(request, receipt.serial)
        return receipt

    @post("/withdrawals", status_code=200, guards=[guards.may("publications.write")])
    async def withdraw(self, request: Request, data: JSONBody[WithdrawalIn]) -> WithdrawalOut:
        """Take a household's name down from every posted list; the proofs stand."""
        count = await publication.withdraw_name(data.household, by=request.user)
        return WithdrawalOut(count)

    @get("/due", guards=[guards.may("publications.write")])
    async def due(self, request: Request) -> list[published.Due]:
        """Villages that scored in a period that is over, and did not post it yet."""
        return await published.due(request.user)

    @get("/preview", guards=[guards.may("publications.write")])
    async def preview(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        block: FromQuery[str] = "",
        days: Days = None,
    ) -> Draft:
        """Exactly what would be posted now; nothing is stored."""
        return await publication.preview(
            region, period=Period.parse(period), block=block or None, days=days, by=request.user
        )

    @get(
        "/notice.pdf",
        guards=[guards.may("publications.write")],
        media_type="application/pdf",
    )
    async def notice(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        days: Days = None,
    ) -> Response[bytes]:
        """The list for objection, by household and without rank, to be printed and hung."""
        pdf = await posters.notice(
            region,
            period=Period.parse(period),
            days=days,
            actor=request.user,
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=f"公示表-{region}-{period}.pdf", inline=True)

    @get("/{serial:str}", guards=[guards.may("publications.read")])
    async def one(
        self,
        request: Request,
        serial: FromPath[str],
        medium: FromQuery[Literal["wall", "web"]] = "wall",
    ) -> View:
        """One list with its rows on the wall or on the web."""
        return await published.view(serial, medium=medium, actor=request.user)

    @get(
        "/{serial:str}/file.xyp",
        guards=[guards.may("publications.read")],
        media_type="application/octet-stream",
    )
    async def signed(self, request: Request, serial: FromPath[str]) -> Response[bytes]:
        """The signed file that anybody can check offline."""
        content = await xyp.export(serial, actor=request.user)
        return render.file(content, name=f"{serial}.xyp")

    @get(
        "/{serial:str}/table/{format:str}",
        guards=[guards.may("publications.read")],
        media_type="application/octet-stream",
    )
    async def table(
        self, request: Request, serial: FromPath[str], format: FromPath[Format]
    ) -> Response[bytes]:
        """The list as it hung on the wall, as xlsx or csv."""
        file = await exports.publication_file(serial, format=format, actor=request.user)
        return render.file(file.content, name=file.name)

    @get(
        "/{serial:str}/poster.pdf",
        guards=[guards.may("publications.read")],
        media_type="application/pdf",
    )
    async def poster(
        self, request: Request, serial: FromPath[str], paper: FromQuery[Paper] = "A4"
    ) -> Response[bytes]:
        """The list as a poster, A4 or A3."""
        pdf = await posters.poster(
            serial,
            paper=paper,
            actor=request.user,
            settings=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=f"{serial}-{paper}.pdf", inline=True)

    @post("/{serial:str}/hung", status_code=204, guards=[guards.may("publications.write")])
    async def hung(self, request: Request, serial: FromPath[str], data: JSONBody[DayIn]) -> None:
        """Record the day the list was hung."""
        await publication.mark_hung(serial, on=data.on, by=request.user)

    @post("/{serial:str}/taken-down", status_code=204, guards=[guards.may("publications.write")])
    async def taken_down(
        self, request: Request, serial: FromPath[str], data: JSONBody[DayIn]
    ) -> None:
        """Record the day the list was taken down."""
        await publication.mark_taken_down(serial, on=data.on, by=request.user)
