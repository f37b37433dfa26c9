"""The register as screens: the list, a household's card, looks behind the seal."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody

from api import errors, guards, locale, render
from api.v1.households import download
from foundation import clock
from foundation.errors import Refusal
from households import card, export, listing, name_choices, officials, regions, settings
from households.card import Card, Restricted
from households.models import Region
from points import draft, history, leaderboard
from points.history import Line
from points.period import Period
from points.scheme import Scheme

PAGE_SIZE = 50
HISTORY_SIZE = 20
EXPORT_PURPOSE = "村内工作"


class LookForm(msgspec.Struct):
    """What somebody wants to see in plain, and what for; `what` is field or field:resident."""

    what: str = ""
    purpose: str = ""


class CheckForm(msgspec.Struct):
    """An ID number that somebody presents."""

    resident: str = ""
    number: str = ""
    check_purpose: str = ""


class ChoiceForm(msgspec.Struct):
    """How the household's name may be posted, as typed."""

    wall: str = ""
    web: str = ""
    how: str = ""


StateAsked = Annotated[listing.State, QueryParameter(name="state")]


class HouseholdPages(Controller):
    """What an official sees here is his own subtrees and nothing beside them."""

    path = "/households"

    @get("/", guards=[guards.may("register.read")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str] = "",
        q: FromQuery[str] = "",
        group: FromQuery[str] = "",
        grid: FromQuery[str] = "",
        standing: StateAsked = "active",
        sort: FromQuery[listing.Sort] = "number",
        page: FromQuery[int] = 1,
    ) -> Response:
        """The list, filtered, searched and sorted."""
        places = await regions.villages(request.user, "register.read")
        code = village or request.user.village or (places[0].code if len(places) == 1 else "")
        page = max(1, page)
        found = await listing.listing(
            request.user,
            village=code or None,
            q=q,
            group=group,
            grid=grid,
            state=standing,
            sort=sort,
            page=page,
            page_size=PAGE_SIZE,
        )
        form = {"village": code, "q": q, "group": group, "grid": grid, "state": standing}
        return render.page(
            request,
            "households.html",
            villages=[{"code": one.code, "name": one.name} for one in places],
            groups=await _parts(request, code, "group"),
            grids=await _parts(request, code, "grid"),
            form=form,
            rows=found.rows,
            sort=_sorting(form, sort),
            pager=render.pager(request, page=page, total=found.total, size=PAGE_SIZE),
            export=_export_links(request, form),
            may_write=officials.allowed(request.user, "register.write"),
            everything=await _everything(request, code),
        )

    @get("/export/{format:str}", guards=[guards.may("register.export")])
    async def export(
        self,
        request: Request,
        format: FromPath[export.Format],
        village: FromQuery[str],
        q: FromQuery[str] = "",
        group: FromQuery[str] = "",
        grid: FromQuery[str] = "",
        standing: StateAsked = "active",
    ) -> Response[bytes]:
        """The rows of the list as a file; fields and purpose are logged."""
        which = export.Filter(q=q, group=group, grid=grid, state=standing)
        file = await export.export(
            village, by=request.user, purpose=EXPORT_PURPOSE, format=format, which=which
        )
        return download(file)

    @get("/{household_id:uuid}", guards=[guards.may("register.read")])
    async def one(
        self, request: Request, household_id: FromPath[UUID], page: FromQuery[int] = 1
    ) -> Response:
        """A household's card with its points."""
        return await _card_page(request, household_id, page=max(1, page))

    @post("/{household_id:uuid}/look", guards=[guards.may("register.read")])
    async def look(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[LookForm]
    ) -> Response:
        """Show one sealed value in plain; that it was shown is logged."""
        what, _, resident = data.what.partition(":")
        try:
            if what == "restricted":
                seen = await card.restricted(household_id, purpose=data.purpose, by=request.user)
                return await _card_page(request, household_id, restricted=seen)
            if resident:
                value = await card.unmask(
                    UUID(resident),
                    field=msgspec.convert(what, card.Number),
                    purpose=data.purpose,
                    by=request.user,
                )
            else:
                value = await card.unmask_phone(household_id, purpose=data.purpose, by=request.user)
        except Refusal as refusal:
            said = {"purpose": errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        label = locale.text("身份证号") if what == "id_number" else locale.text("电话")
        return await _card_page(request, household_id, unmasked={"label": label, "value": value})

    @post("/{household_id:uuid}/check-id", guards=[guards.may("register.write")])
    async def check(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[CheckForm]
    ) -> Response:
        """Whether an ID number that is presented is the recorded one; logged."""
        try:
            fits = await card.check_id_number(
                UUID(data.resident), data.number, purpose=data.check_purpose, by=request.user
            )
        except Refusal as refusal:
            said = {"number": errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        return await _card_page(
            request, household_id, checked={"resident": data.resident, "fits": fits}
        )

    @post("/{household_id:uuid}/name-choice", guards=[guards.may("register.write")])
    async def choose(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[ChoiceForm]
    ) -> Response:
        """Record how this household's name may be posted."""
        try:
            choice = msgspec.convert(
                {"household": household_id, "wall": data.wall or None, "web": data.web or None},
                name_choices.NameChoice,
            )
            how = msgspec.convert(data.how, name_choices.How)
            await name_choices.choose_name(
                household_id,
                wall=choice.wall,
                web=choice.web,
                on=clock.today(),
                how=how,
                by=request.user,
            )
        except Refusal as refusal:
            said = {"wall": errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        return render.go(f"/households/{household_id}", done=locale.text("已记下姓名公布方式。"))


async def _parts(request: Request, village: str, level: str) -> list[dict[str, str]]:
    """The groups or grids of a village that lie in the reader's reach."""
    seen = {one.code for one in await regions.visible(request.user, "register.read")}
    found = await regions.parts(village, level=level) if village else []
    return [{"code": one.code, "name": one.name} for one in found if one.code in seen]


def _sorting(form: dict[str, str], key: str) -> dict[str, Any]:
    links = {
        name: "/households?" + urlencode({**form, "sort": name}) for name in ("number", "pinyin")
    }
    return {"key": key, "down": False, "links": links}


def _export_links(request: Request, form: dict[str, str]) -> dict[str, str] | None:
    if not form["village"] or not officials.allowed(request.user, "register.export"):
        return None
    asked = urlencode(form)
    return {
        "xlsx": f"/households/export/xlsx?{asked}",
        "csv": f"/households/export/csv?{asked}",
    }


async def _everything(request: Request, village: str) -> int:
    """How many households there are whatever the filter."""
    found = await listing.listing(request.user, village=village or None, page_size=1)
    return found.total


async def _card_page(
    request: Request,
    household_id: UUID,
    *,
    page: int = 1,
    unmasked: dict[str, str] | None = None,
    restricted: Restricted | None = None,
    checked: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    shown = await card.card(household_id, actor=request.user)
    forms = await draft.voted_forms(shown.village)
    may_see_points = officials.allowed(request.user, "entries.read")
    entries = (
        await history.listing(
            request.user, household_id=household_id, page=page, page_size=HISTORY_SIZE
        )
        if may_see_points
        else history.Listing([], 0, 1, HISTORY_SIZE)
    )
    if checked:
        names = {str(person.id): person.name for person in shown.residents}
        checked = {"name": names.get(checked["resident"], ""), "fits": checked["fits"]}
    return render.page(
        request,
        "household.html",
        status=400 if problems else 200,
        card=shown,
        default_wall=forms["wall"] or "unnamed",
        default_web=forms["web"] or "unnamed",
        points=await _points(request, shown, may_see=may_see_points),
        history=[_line(line) for line in entries.rows],
        pager=render.pager(request, page=page, total=entries.total, size=HISTORY_SIZE),
        may_score=officials.allowed(request.user, "entries.write")
        and household_id != request.user.household_id,
        unmasked=unmasked,
        restricted=restricted,
        errors=problems or {},
        checked=checked,
    )


async def _points(request: Request, shown: Card, *, may_see: bool) -> dict[str, Any]:
    """Balance, and place in the village's running period."""
    scheme = await settings.read(shown.village, Scheme)
    period = Period.of(clock.today(), kind=scheme.posted_period)
    board = await leaderboard.rank(await Region.get(code=shown.village), period=period)
    row = next((row for row in board.rows if row.household == shown.id), None)
    return {
        "balance": await history.balance(shown.id, actor=request.user) if may_see else 0,
        "earned": row.earned if row else 0,
        "period_label": locale.text(period.word),
        "rank": row.rank if row else None,
        "of": len(board.rows),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.entry.id,
        "deed_on": line.entry.deed_on,
        "kind": line.entry.kind,
        "name": line.item_name,
        "clause": "",
        "points": line.entry.points,
        "reversed": line.reversed_by is not None,
        "source": line.reason or line.recorder,
    }
