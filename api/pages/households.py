"""The register as screens: the list, a household's card, looks behind the seal."""

from typing import Annotated, Any, get_args
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody

from api import errors, guards, locale, render
from api.pages.entries import may_reverse
from api.paging import PageNumber
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refusal
from households import (
    card,
    export,
    lineage,
    listing,
    name_choices,
    officials,
    passbooks,
    regions,
    settings,
)
from households.card import Card, Restricted
from households.errors import DetailRefused, PurposeMissing
from households.models import Region
from households.name_choices import How
from households.names import Form
from households.passbooks import CardRow
from points import draft, history, leaderboard, passbook_pages, publication
from points.history import Line
from points.period import Period
from points.scheme import Scheme

PAGE_SIZE = 50
HISTORY_SIZE = 20
PAGES_SHOWN = 6


class ExportForm(msgspec.Struct):
    """Which list is wanted as a file, with which fields and what for."""

    village: str = ""
    q: str = ""
    group: str = ""
    grid: str = ""
    state: str = ""
    format: str = "xlsx"
    purpose: str = ""
    numbers: str = ""
    restricted: str = ""


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
        sort: FromQuery[str] = "number",
        page: PageNumber = 1,
    ) -> Response:
        """The list, filtered, searched and sorted; `-pinyin` begins with the last."""
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
            sort="pinyin" if sort.endswith("pinyin") else "number",
            down=sort.startswith("-"),
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
            export=await _export_offer(request, code),
            may_write=officials.allowed(request.user, "register.write"),
            everything=await _everything(request, code),
        )

    @post("/export", guards=[guards.may("register.export")])
    async def export(self, request: Request, data: URLEncodedBody[ExportForm]) -> Response:
        """The list as a file; its fields and purpose are logged."""
        try:
            file = await export.export(
                data.village,
                by=request.user,
                purpose=data.purpose,
                format="csv" if data.format == "csv" else "xlsx",
                which=export.Filter(q=data.q, group=data.group, grid=data.grid, state=data.state),
                wanted=export.Wanted(numbers=bool(data.numbers), restricted=bool(data.restricted)),
            )
        except PurposeMissing as refusal:
            return render.go("/households", problem=errors.message(refusal))
        return render.file(file.content, name=file.name)

    @get("/{household_id:uuid}", guards=[guards.may("register.read")])
    async def one(
        self, request: Request, household_id: FromPath[UUID], page: PageNumber = 1
    ) -> Response:
        """A household's card with its points."""
        return await _card_page(request, household_id, page=max(1, page))

    @post("/{household_id:uuid}/look", guards=[guards.may("register.read")])
    async def look(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[LookForm]
    ) -> Response:
        """Show one sealed value in plain; that it was shown is logged."""
        try:
            if data.what == "restricted":
                seen = await card.restricted(household_id, purpose=data.purpose, by=request.user)
                return await _card_page(request, household_id, restricted=seen)
            shown = await _unmasked(request, household_id, data)
        except Refusal as refusal:
            said = {"purpose": errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        return await _card_page(request, household_id, unmasked=shown)

    @post("/{household_id:uuid}/check-id", guards=[guards.may("register.write")])
    async def check(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[CheckForm]
    ) -> Response:
        """Whether an ID number that is presented is the recorded one; logged."""
        try:
            person = await _member(request, household_id, data.resident)
            fits = await card.check_id_number(
                person.id, data.number, purpose=data.check_purpose, by=request.user
            )
        except Refusal as refusal:
            field = "check_purpose" if isinstance(refusal, PurposeMissing) else "number"
            said = {field: errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        checked = {"name": person.name, "fits": fits}
        return await _card_page(request, household_id, checked=checked)

    @post("/{household_id:uuid}/withdraw", guards=[guards.may("publications.write")])
    async def withdraw(self, request: Request, household_id: FromPath[UUID]) -> Response:
        """Take the household's name down from every posted list; the proof stays."""
        count = await publication.withdraw_name(household_id, by=request.user)
        said = locale.text("已从 %(n)s 张榜上隐去这一户；墙上的榜请换下来。", n=count)
        return render.go(f"/households/{household_id}", done=said)

    @post("/{household_id:uuid}/name-choice", guards=[guards.may("register.write")])
    async def choose(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[ChoiceForm]
    ) -> Response:
        """Record how this household's name may be posted."""
        try:
            await name_choices.choose_name(
                household_id,
                wall=form_of(data.wall),
                web=form_of(data.web),
                on=clock.today(),
                how=how_of(data.how),
                by=request.user,
            )
        except Refusal as refusal:
            said = {"wall": errors.message(refusal)}
            return await _card_page(request, household_id, problems=said)
        return render.go(f"/households/{household_id}", done=locale.text("已记下姓名公布方式。"))


def form_of(typed: str) -> Form | None:
    """A name form as the lists offer it; anything else chooses nothing."""
    return next((form for form in get_args(Form) if form == typed), None)


def how_of(typed: str) -> How:
    """How a choice was made. Refuses with `DetailRefused` what is not on the list."""
    for how in get_args(How):
        if how == typed:
            return how
    raise DetailRefused(field="how", code="missing")


async def _parts(request: Request, village: str, level: str) -> list[dict[str, str]]:
    """The groups or grids of a village that lie in the reader's reach."""
    seen = {one.code for one in await regions.visible(request.user, "register.read")}
    found = await regions.parts(village, level=level) if village else []
    return [{"code": one.code, "name": one.name} for one in found if one.code in seen]


def _sorting(form: dict[str, str], asked: str) -> dict[str, Any]:
    """Which column the list is sorted by; the link of that one turns it round."""
    key, down = ("pinyin" if asked.endswith("pinyin") else "number"), asked.startswith("-")
    signs = {name: "-" if name == key and not down else "" for name in ("number", "pinyin")}
    links = {
        name: "/households?" + urlencode({**form, "sort": f"{sign}{name}"})
        for name, sign in signs.items()
    }
    return {"key": key, "down": down, "links": links}


async def _export_offer(request: Request, village: str) -> dict[str, bool] | None:
    """What beyond the usual fields the reader may export of a village; None for nothing."""
    region = await Region.get_or_none(code=village) if village else None
    if region is None or not _may(request, "register.export", region):
        return None
    return {
        "numbers": _may(request, "register.unmask", region),
        "restricted": _may(request, "register.restricted", region),
    }


def _may(request: Request, permission: str, region: Region) -> bool:
    prefixes = officials.scope(request.user, permission)
    return prefixes is None or region.path.startswith(tuple(prefixes))


async def _everything(request: Request, village: str) -> int:
    """How many households there are whatever the filter."""
    return await listing.matching(request.user, village=village or None).count()


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
    return render.page(
        request,
        "household.html",
        status=400 if problems else 200,
        card=shown,
        default_wall=forms["wall"] or "unnamed",
        default_web=forms["web"] or "unnamed",
        points=await _points(request, shown, may_see=may_see_points),
        history=[_line(line, request.user) for line in entries.rows],
        pager=render.pager(request, page=page, total=entries.total, size=HISTORY_SIZE),
        may_score=officials.allowed(request.user, "entries.write")
        and household_id != request.user.household_id,
        unmasked=unmasked,
        restricted=restricted,
        errors=problems or {},
        checked=checked,
        became=await _became(request, household_id),
        passbook=await _passbook(request, household_id),
        page_id=uuid4(),
        pages=(await passbook_pages.listing(household_id))[:PAGES_SHOWN],
    )


async def _passbook(request: Request, household_id: UUID) -> CardRow | None:
    """How the household's card stands, with its times on China's clock."""
    found = await passbooks.of_household(household_id, actor=request.user)
    if found is None:
        return None
    times = ("printed_at", "pin_set_at", "reset_at")
    shown = {name: clock.local(at) for name in times if (at := getattr(found, name))}
    return msgspec.structs.replace(found, **shown)


async def _became(request: Request, household_id: UUID) -> dict[str, Any] | None:
    """Where a closed household lives on, and the step that closed it."""
    closed = (await lineage.closed([household_id])).get(str(household_id))
    if closed is None:
        return None
    story = await lineage.find(closed.id, household_id=household_id, actor=request.user)
    assert story.other is not None, "a closed household lives on in another"
    return {
        "kind": closed.kind,
        "head": story.other.head,
        "village_name": story.other.village_name,
        "href": f"/households/{household_id}/moves/{closed.id}",
    }


async def _member(request: Request, household_id: UUID, typed: str) -> card.ResidentView:
    """A member of this household. Refuses with `DetailRefused` for anybody else."""
    shown = await card.card(household_id, actor=request.user)
    for person in shown.residents:
        if str(person.id) == typed:
            return person
    raise DetailRefused(field="resident", code="not_a_member")


async def _unmasked(request: Request, household_id: UUID, form: LookForm) -> dict[str, str]:
    """What was asked for in plain, with its name; logged."""
    what, _, resident = form.what.partition(":")
    if what == "phone" and not resident:
        value = await card.unmask_phone(household_id, purpose=form.purpose, by=request.user)
        return {"label": locale.text("本户电话"), "value": value}
    if what not in ("phone", "id_number"):
        raise DetailRefused(field="resident", code="missing")
    person = await _member(request, household_id, resident)
    field: card.Number = "phone" if what == "phone" else "id_number"
    value = await card.unmask(person.id, field=field, purpose=form.purpose, by=request.user)
    if field == "phone":
        return {"label": locale.text("%(name)s的电话", name=person.name), "value": value}
    return {"label": locale.text("%(name)s的身份证号", name=person.name), "value": value}


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


def _line(line: Line, actor: Actor) -> dict[str, Any]:
    return {
        "id": line.entry.id,
        "deed_on": line.entry.deed_on,
        "kind": line.entry.kind,
        "name": line.item_name,
        "clause": "",
        "points": line.entry.points,
        "reversed": line.reversed_by is not None,
        "source": line.reason or line.recorder,
        "reversal_id": uuid4() if may_reverse(line, actor) else None,
    }
