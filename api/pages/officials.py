"""Officials as screens: who has a login, new ones, duties, the own household of each."""

from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, guards, locale, render
from api.paging import PageNumber
from foundation.errors import Refusal
from households import directory, duties, duty_export, officials, passwords, regions
from households.directory import Filter
from households.errors import HouseholdNotFound
from households.models import Household, Region
from points import handover

PAGE_SIZE = 50


class OfficialForm(msgspec.Struct):
    """A new official, or one more duty, as typed."""

    login: str = ""
    name: str = ""
    role: str = ""
    region: str = ""


class HouseholdForm(msgspec.Struct):
    """An official's own household, empty for none."""

    household: str = ""


class OfficialPages(Controller):
    """The officials within reach."""

    path = "/officials"

    @get("/", guards=[guards.may("officials.read")])
    async def listing(
        self,
        request: Request,
        q: FromQuery[str] = "",
        role: FromQuery[str] = "",
        region: FromQuery[str] = "",
        account: FromQuery[str] = "",
        sort: FromQuery[str] = "login",
        page: PageNumber = 1,
    ) -> Response:
        """The list, filtered and sorted; `-name` begins with the last."""
        which = _filter(q=q, role=role, region=region, account=account, sort=sort)
        return await _list_page(request, which, page=page)

    @get("/export/{format:str}", guards=[guards.may("officials.read")])
    async def export(
        self,
        request: Request,
        format: FromPath[Literal["xlsx", "csv"]],
        q: FromQuery[str] = "",
        role: FromQuery[str] = "",
        region: FromQuery[str] = "",
        account: FromQuery[str] = "",
        sort: FromQuery[str] = "login",
    ) -> Response[bytes]:
        """The same list as a file; that it left is logged."""
        which = _filter(q=q, role=role, region=region, account=account, sort=sort)
        roles = {role: locale.text(name) for role, name in render.ROLE_NAMES.items()}
        file = await duty_export.officials_file(which, by=request.user, roles=roles, format=format)
        return render.file(file.content, name=file.name)

    @get("/new", guards=[guards.may("officials.write")])
    async def new(self, request: Request) -> Response:
        """The form for a new official."""
        return await _form_page(request, OfficialForm(), {})

    @post("/new", guards=[guards.may("officials.write")])
    async def create(self, request: Request, data: URLEncodedBody[OfficialForm]) -> Response:
        """Give somebody a login; the first password is shown once."""
        password = passwords.random()
        try:
            made = await officials.create(
                data.login,
                name=data.name,
                role=data.role,
                region=data.region,
                password=password,
                by=request.user,
            )
        except Refusal as refusal:
            return await _form_page(request, data, {"login": errors.message(refusal)})
        return await _list_page(request, issued={"login": made.login, "password": password})

    @get("/{official_id:uuid}", guards=[guards.may("officials.write")])
    async def one(
        self, request: Request, official_id: FromPath[UUID], q: FromQuery[str] = ""
    ) -> Response:
        """One official, with the search for his own household."""
        return await _form_page(request, OfficialForm(), {}, official_id=official_id, q=q)

    @post("/{official_id:uuid}/reset", guards=[guards.may("officials.write")])
    async def reset(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Set a first password anew and show it once."""
        password = await officials.reset_password(official_id, by=request.user)
        official = await officials.managed(official_id, by=request.user)
        return await _list_page(request, issued={"login": official.login, "password": password})

    @post("/{official_id:uuid}/deactivate", guards=[guards.may("officials.write")])
    async def deactivate(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Close a login."""
        await officials.set_active(official_id, False, by=request.user)
        return render.go("/officials", done=locale.text("已停用，他登记过的内容都还在。"))

    @post("/{official_id:uuid}/activate", guards=[guards.may("officials.write")])
    async def activate(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Open a closed login again."""
        await officials.set_active(official_id, True, by=request.user)
        return render.go("/officials", done=locale.text("已恢复使用。"))

    @post("/{official_id:uuid}/duties", guards=[guards.may("officials.write")])
    async def add_duty(
        self, request: Request, official_id: FromPath[UUID], data: URLEncodedBody[OfficialForm]
    ) -> Response:
        """Add a duty."""
        try:
            await duties.add(official_id, role=data.role, region=data.region, by=request.user)
        except Refusal as refusal:
            said = {"role": errors.message(refusal)}
            return await _form_page(request, data, said, official_id=official_id)
        return _back(official_id, locale.text("已增加职责，他要重新登录。"))

    @post("/{official_id:uuid}/duties/remove", guards=[guards.may("officials.write")])
    async def remove_duty(
        self, request: Request, official_id: FromPath[UUID], data: URLEncodedBody[OfficialForm]
    ) -> Response:
        """Take a duty back."""
        await duties.remove(official_id, role=data.role, region=data.region, by=request.user)
        return _back(official_id, locale.text("已收回，他要重新登录。"))

    @post("/{official_id:uuid}/household", guards=[guards.may("officials.write")])
    async def link(
        self, request: Request, official_id: FromPath[UUID], data: URLEncodedBody[HouseholdForm]
    ) -> Response:
        """Record the official's own household, which he may then not score."""
        try:
            household = UUID(data.household) if data.household else None
        except ValueError:
            raise HouseholdNotFound(id=data.household) from None
        await officials.link_household(official_id, household, by=request.user)
        return _back(official_id, locale.text("已登记他自己的户。"))


def _back(official_id: UUID, done: str) -> Response:
    return render.go(f"/officials/{official_id}", done=done)


def _filter(*, q: str, role: str, region: str, account: str, sort: str) -> Filter:
    return Filter(
        q=q.strip(),
        role=role,
        region=region,
        state=account if account in ("open", "closed") else "",
        sort=sort.lstrip("-"),
        down=sort.startswith("-"),
    )


def _sorting(which: Filter, asked: dict[str, str]) -> dict[str, Any]:
    """Which column the list is sorted by; the link of that one turns it round."""
    links = {}
    for name in ("name", "login", "role"):
        sign = "-" if name == which.sort and not which.down else ""
        links[name] = "/officials?" + urlencode({**asked, "sort": f"{sign}{name}"})
    return {"key": which.sort, "down": which.down, "links": links}


async def _list_page(
    request: Request,
    which: Filter | None = None,
    *,
    page: int = 1,
    issued: dict[str, str] | None = None,
) -> Response:
    which = which or Filter()
    found = await directory.search(request.user, which)
    form = {"q": which.q, "role": which.role, "region": which.region, "account": which.state}
    asked = {name: value for name, value in form.items() if value}
    sort = ("-" if which.down else "") + which.sort
    seen = await regions.visible(request.user, "officials.read")
    places = [place for place in seen if place.level in regions.DIVISION_LEVELS]
    depth = min((place.path.count("/") for place in places), default=0)
    return render.page(
        request,
        "officials.html",
        officials=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        pager=render.pager(request, page=page, total=len(found), size=PAGE_SIZE),
        sort=_sorting(which, asked),
        export=f"/officials/export/xlsx?{urlencode({**asked, 'sort': sort})}",
        regions=[
            {"code": p.code, "name": p.name, "depth": p.path.count("/") - depth} for p in places
        ],
        form=form,
        issued=issued,
        may_write=officials.allowed(request.user, "officials.write"),
    )


async def _form_page(
    request: Request,
    form: OfficialForm,
    problems: dict[str, str],
    *,
    official_id: UUID | None = None,
    q: str = "",
) -> Response:
    places = await regions.visible(request.user, "officials.write")
    depth = min((place.path.count("/") for place in places), default=0)
    shown = await _shown(request, official_id) if official_id else None
    return render.page(
        request,
        "official_form.html",
        status=400 if problems else 200,
        official=shown,
        regions=[
            {"code": p.code, "name": p.name, "depth": p.path.count("/") - depth} for p in places
        ],
        roles=[
            {"value": role, "label": locale.text(render.ROLE_NAMES[role])}
            for role in officials.grantable(request.user)
        ],
        found=await _candidates(shown, q) if shown and q else [],
        form={**msgspec.structs.asdict(form), "q": q},
        errors=problems,
    )


async def _shown(request: Request, official_id: UUID) -> dict[str, object]:
    official = await officials.managed(official_id, by=request.user)
    own = await Household.get_or_none(id=official.household_id) if official.household_id else None
    return {
        "id": official.id,
        "login": official.login,
        "name": official.name,
        "active": official.active,
        "duties": await duties.shown(official),
        "handed": await handover.of_official(official.id),
        "household": own and {"id": own.id, "head": own.head, "number": own.number},
    }


async def _candidates(official: dict[str, object], q: str) -> list[dict[str, object]]:
    """Households of the villages that he serves, by the head's name or the number."""
    found = await directory.own_household_candidates(official["duties"], q)  # type: ignore[arg-type]
    names = {r.code: r.name for r in await Region.filter(level="group")}
    return [
        {"id": h.id, "head": h.head, "number": h.number, "group_name": names.get(h.group, "")}
        for h in found
    ]
