"""Officials as a screen: who has a login, new ones, resets, the own household of each."""

from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, guards, locale, render
from foundation.errors import Refusal
from households import officials, regions


class OfficialForm(msgspec.Struct):
    """A new official, as typed."""

    login: str = ""
    name: str = ""
    role: str = ""
    region: str = ""


class DutyForm(msgspec.Struct):
    """One more duty."""

    role: str = ""
    region: str = ""


class HouseholdForm(msgspec.Struct):
    """The number of an official's own household, empty for none."""

    number: str = ""


class OfficialPages(Controller):
    """The officials within reach."""

    path = "/officials"

    @get("/", guards=[guards.may("officials.read")])
    async def listing(self, request: Request, q: FromQuery[str] = "") -> Response:
        """The list, and the form for those who may add to it."""
        return await _page(request, OfficialForm(), {}, q=q)

    @post("/", guards=[guards.may("officials.write")])
    async def create(self, request: Request, data: URLEncodedBody[OfficialForm]) -> Response:
        """Give somebody a login; the first password is shown once."""
        password = officials.random_password()
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
            return await _page(request, data, {"login": errors.message(refusal)})
        return await _page(
            request, OfficialForm(), {}, issued={"login": made.login, "password": password}
        )

    @post("/{official_id:uuid}/password", guards=[guards.may("officials.write")])
    async def reset(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Set a first password anew and show it once."""
        password = await officials.reset_password(official_id, by=request.user)
        official = await officials.find(
            official_id, actor=request.user, permission="officials.write"
        )
        issued = {"login": official.login, "password": password}
        return await _page(request, OfficialForm(), {}, issued=issued)

    @post("/{official_id:uuid}/close", guards=[guards.may("officials.write")])
    async def close(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Close a login."""
        await officials.deactivate(official_id, by=request.user)
        return render.go("/officials", done=locale.text("已停用，他登记过的内容都还在。"))

    @post("/{official_id:uuid}/duties", guards=[guards.may("officials.write")])
    async def add_duty(
        self, request: Request, official_id: FromPath[UUID], data: URLEncodedBody[DutyForm]
    ) -> Response:
        """Add a duty."""
        await officials.add_duty(official_id, role=data.role, region=data.region, by=request.user)
        return render.go("/officials", done=locale.text("已增加职责，他要重新登录。"))

    @post("/{official_id:uuid}/household", guards=[guards.may("officials.write")])
    async def link(
        self, request: Request, official_id: FromPath[UUID], data: URLEncodedBody[HouseholdForm]
    ) -> Response:
        """Record the official's own household, which he may then not score."""
        await officials.link_household_number(official_id, data.number.strip(), by=request.user)
        return render.go("/officials", done=locale.text("已登记他自己家，他不能给自己家评分。"))


async def _page(
    request: Request,
    form: OfficialForm,
    problems: dict[str, str],
    *,
    issued: dict[str, str] | None = None,
    q: str = "",
) -> Response:
    may_write = officials.allowed(request.user, "officials.write")
    places = await regions.visible(request.user, "officials.write") if may_write else []
    depth = min((place.path.count("/") for place in places), default=0)
    people = await officials.listing(request.user)
    wanted = [p for p in people if q in p.name or q in p.login or not q]
    return render.page(
        request,
        "officials.html",
        status=400 if problems else 200,
        people=wanted,
        total=len(people),
        q=q,
        role_names={role: locale.text(name) for role, name in render.ROLE_NAMES.items()},
        roles=[
            {"value": role, "label": locale.text(render.ROLE_NAMES[role])}
            for role in officials.grantable(request.user)
        ],
        regions=[
            {"code": p.code, "name": p.name, "depth": p.path.count("/") - depth} for p in places
        ],
        may_write=may_write,
        issued=issued,
        form=msgspec.structs.asdict(form),
        errors=problems,
    )
