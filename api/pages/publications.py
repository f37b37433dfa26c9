"""Posted lists as screens: what is due, the preview, the frozen list and its papers."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect

from api import errors, guards, locale, packets, posters, qr, render, wording
from api.errors import QrRefused
from api.pages import choices
from foundation import clock
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households import directory, officials, regions, settings
from households.errors import RegionNotFound
from points import exports, leaderboard, publication, published, signers, xyp
from points.draft import Draft
from points.exports import Format
from points.period import Period
from points.published import Paper, View
from points.scheme import Scheme

PAGE_SIZE = 100
# The framework keeps the name `state` for itself.
StateAsked = Annotated[str, QueryParameter(name="state")]
EDGE = {
    "kept": _n("第末名并列，并列的各户都列上。"),
    "dropped": _n("第末名并列太多，这一名次都不列。"),
}


class PublishForm(msgspec.Struct):
    """What is to be posted, as typed; `id` is made with the page, once for this press."""

    id: str = ""
    region: str = ""
    period: str = ""
    block: str = ""
    days: str = ""


class DayForm(msgspec.Struct):
    """The day a list was hung or taken down."""

    on: str = ""


class PublicationPages(Controller):
    """The posted lists of the villages within reach."""

    path = "/publications"

    @get("/", guards=[guards.may("publications.read")])
    async def listing(
        self, request: Request, village: FromQuery[str] = "", wall: StateAsked = ""
    ) -> Response:
        """What was posted in one village, and what is due there."""
        places = await regions.villages(request.user, "publications.read")
        if not places:
            return Redirect("/")
        code = village or request.user.village or places[0].code
        place = next((one for one in places if one.code == code), None)
        if place is None:
            raise RegionNotFound(code=code)
        kept, _ = await published.listing(request.user, village=code, limit=PAGE_SIZE)
        return render.page(
            request,
            "publications.html",
            village={"code": place.code, "name": place.name},
            villages=[{"code": one.code, "name": one.name} for one in places],
            due=[
                {
                    "period": one.period,
                    "label": wording.named(Period(one.period)),
                    "since": one.since,
                }
                for one in await published.due(request.user)
                if one.village == code
            ],
            rows=[
                {
                    **msgspec.structs.asdict(one),
                    "period_label": wording.named(Period(one.period)),
                    "state": one.wall,
                }
                for one in kept
                if not wall or one.wall == wall
            ],
            form={"village": code, "state": wall},
            may_write=officials.allowed(request.user, "publications.write"),
        )

    @get("/new", guards=[guards.may("publications.write")])
    async def new(
        self,
        request: Request,
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        block: FromQuery[str] = "",
        days: FromQuery[str] = "",
    ) -> Response:
        """Choose, and look at exactly what would be posted."""
        form = PublishForm(str(uuid4()), region, period, block, days)
        return await _new_page(request, form)

    @post("/new", guards=[guards.may("publications.write")])
    async def publish(self, request: Request, data: URLEncodedBody[PublishForm]) -> Response:
        """Freeze and sign the list; a second press leads to the same list."""
        try:
            receipt = await publication.publish(
                data.region,
                id=UUID(data.id),
                period=Period.parse(data.period),
                block=data.block or None,
                days=_days(data.days),
                by=request.user,
            )
        except Refusal as refusal:
            return await _new_page(request, data, problem=errors.message(refusal))
        packets.render_after(request, receipt.serial)
        return render.go(
            f"/publications/{receipt.serial}",
            done=locale.text("已出榜并签名：%(n)s 户。", n=receipt.rows),
        )

    @get("/{serial:str}", guards=[guards.may("publications.read")])
    async def one(self, request: Request, serial: FromPath[str]) -> Response:
        """One list: what hangs, what to print, when it hung."""
        name, dot, format = serial.partition(".")
        if dot:
            return await _file(request, name, format)
        return await _one_page(request, serial, {})

    @get("/{serial:str}/poster.pdf", guards=[guards.may("publications.read")])
    async def poster(
        self, request: Request, serial: FromPath[str], paper: FromQuery[Paper] = "A4"
    ) -> Response[bytes]:
        """The list as a poster to hang."""
        pdf = await posters.poster(
            serial,
            paper=paper,
            actor=request.user,
            settings=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=f"红榜-{serial}-{paper}.pdf", inline=True)

    @post("/{serial:str}/hung", guards=[guards.may("publications.write")])
    async def hung(
        self, request: Request, serial: FromPath[str], data: URLEncodedBody[DayForm]
    ) -> Response:
        """Record the day the list was hung."""
        return await _record(request, serial, data, publication.mark_hung)

    @post("/{serial:str}/taken-down", guards=[guards.may("publications.write")])
    async def taken_down(
        self, request: Request, serial: FromPath[str], data: URLEncodedBody[DayForm]
    ) -> Response:
        """Record the day the list was taken down."""
        return await _record(request, serial, data, publication.mark_taken_down)


def _days(typed: str) -> int | None:
    return int(typed) if typed.strip().isascii() and typed.strip().isdigit() else None


async def _record(request: Request, serial: str, form: DayForm, verb: Any) -> Response:
    try:
        await verb(serial, on=date.fromisoformat(form.on), by=request.user)
    except ValueError:
        said = {"on": locale.text("日期写成 2026-10-01 这样。")}
        return await _one_page(request, serial, said, on=form.on)
    except Refusal as refusal:
        return await _one_page(request, serial, {"on": errors.message(refusal)}, on=form.on)
    return render.go(f"/publications/{serial}", done=locale.text("已登记。"))


async def _file(request: Request, serial: str, format: str) -> Response[bytes]:
    """The list as a file: a table as it hung on the wall, or signed for others to check."""
    if format == "xyp":
        content = await xyp.export(serial, actor=request.user)
        return render.file(content, name=f"{serial}.xyp")
    wanted = msgspec.convert(format, Format)
    file = await exports.publication_file(serial, format=wanted, actor=request.user)
    return render.file(file.content, name=file.name)


async def _new_page(request: Request, form: PublishForm, *, problem: str = "") -> Response:
    places = await choices.places(request.user, "publications.write")
    region = form.region or choices.first(request.user, places)
    place = await regions.find(region, actor=request.user, permission="publications.write")
    scheme = await settings.read(place.village or place.code, Scheme)
    draft = None
    period: Period | None = None
    try:
        period = choices.period(form.period, kind=scheme.posted_period)
        if form.region and not problem:
            draft = await publication.preview(
                region,
                period=period,
                block=form.block or None,
                days=_days(form.days),
                by=request.user,
            )
    except Refusal as refusal:
        problem = errors.message(refusal)
    return render.page(
        request,
        "publication_new.html",
        status=409 if problem else 200,
        regions=places,
        periods=choices.periods(period),
        form={
            "region": region,
            "period": period.text if period else form.period,
            "block": form.block,
            "days": form.days or str(scheme.display_days),
        },
        errors={},
        problem=problem or None,
        id=form.id,
        preview=_preview(draft) if draft else None,
    )


def _preview(draft: Draft) -> dict[str, Any]:
    header = draft.header
    period = Period.parse(header.period)
    return {
        "title": f"{header.region_name} {wording.counted(period, as_of=header.as_of)}",
        "display_from": header.display_from,
        "display_until": header.display_until,
        "taking_part": header.taking_part,
        "posted": header.posted,
        "earned_total": header.earned_total,
        "rule_name": wording.rules(header.rules),
        "adopted": header.adopted,
        "unchosen": draft.unchosen,
        "edge": locale.text(EDGE[draft.edge]) if draft.edge else "",
        "replaces": draft.replaces or None,
        "block_codes": [] if header.block else list(leaderboard.BLOCKS),
        "rows": [
            {
                "rank": place.wall.rank,
                "wall": place.wall.name,
                "web": place.web.name,
                "group": place.wall.group,
                "earned": place.wall.earned,
                "blocks": place.wall.blocks,
            }
            for place in draft.places
        ],
    }


async def _one_page(
    request: Request, serial: str, problems: dict[str, str], *, on: str = ""
) -> Response:
    view = await published.view(serial, actor=request.user)
    kept = await published.find(serial, actor=request.user, permission="publications.read")
    address, refused = _address(request, view)
    names = await directory.names([kept.published_by])
    return render.page(
        request,
        "publication.html",
        status=400 if problems else 200,
        pub={
            **msgspec.structs.asdict(view.header),
            "adopted": view.header.adopted,
            "period_label": wording.named(Period(view.header.period)),
            "fingerprint": view.fingerprint,
            "published_at": clock.local(kept.published_at),
            "published_by": names.get(kept.published_by, kept.published_by),
            "key": signers.spoken(view.key_id),
            "received_at": clock.local(view.received_at) if view.received_at else None,
            "hung_on": view.hung_on,
            "taken_down_on": view.taken_down_on,
            "superseded_by": view.superseded_by,
            "state": published.wall_of(kept),
            "poster_ready": True,
        },
        rows=view.rows,
        public_url=address,
        qr_problem=refused,
        today=clock.today(),
        may_write=officials.allowed(request.user, "publications.write"),
        form={"on": on or str(clock.today())},
        errors=problems,
    )


def _address(request: Request, view: View) -> tuple[str | None, str | None]:
    """The address behind the QR, or the sentence that says why there is none."""
    demo = request.app.state.kind == "demo"
    try:
        base = qr.base_address(render.settings(request), demo=demo)
    except QrRefused as refusal:
        return None, errors.message(refusal)
    return (
        qr.publication_address(base, serial=view.header.serial, fingerprint=view.fingerprint),
        None,
    )
