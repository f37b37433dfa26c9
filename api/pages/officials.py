"""Officials as screens: who has a login, new ones, duties, the own household of each."""

from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, guards, locale, render
from foundation.errors import Refusal
from households import directory, duties, officials, passwords, regions
from households.errors import HouseholdNotFound
from households.models import Household, Region
from points import handover


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
        self, request: Request, q: FromQuery[str] = "", role: FromQuery[str] = ""
    ) -> Response:
        """The list, filtered by name or login and role."""
        return await _list_page(request, q=q, role=role)

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


async def _list_page(
    request: Request, *, q: str = "", role: str = "", issued: dict[str, str] | None = None
) -> Response:
    people = await directory.listing(request.user)
    return render.page(
        request,
        "officials.html",
        officials=[
            one
            for one in people
            if (q in one.name or q in one.login)
            and (not role or any(duty.role == role for duty in one.duties))
        ],
        form={"q": q, "role": role},
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
