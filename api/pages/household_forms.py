"""Writing in the register: new households, changes, members. Steps of households are moves.py."""

from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, guards, locale, render
from foundation.errors import Refusal
from households import card, members, officials, regions, register, settings
from households.card import Card
from households.details import (
    HEAD,
    RESTRICTED,
    HouseholdChanges,
    HouseholdDetails,
    ResidentChanges,
    ResidentDetails,
)
from households.errors import DetailRefused
from households.settings import RegisterSettings

T = TypeVar("T")

# What is sealed comes empty into a form and stays as it is while it is empty there.
SEALED = frozenset(("phone", "id_number")) | RESTRICTED


class HouseholdForm(msgspec.Struct):
    """A household, as typed."""

    village: str = ""
    revision: str = ""
    head: str = ""
    head_id: str = ""
    number: str = ""
    group: str = ""
    grid: str = ""
    phone: str = ""
    address: str = ""
    kind: str = ""
    welfare: str = ""
    remarks: str = ""
    joined_on: str = ""


class MemberForm(msgspec.Struct):
    """A member, as typed."""

    revision: str = ""
    name: str = ""
    relation: str = ""
    sex: str = ""
    born_on: str = ""
    id_number: str = ""
    phone: str = ""
    remarks: str = ""


class SeenForm(msgspec.Struct):
    """The revision that the household was seen at."""

    revision: str = ""


class HouseholdForms(Controller):
    """Every write carries the revision that was seen."""

    path = "/households"

    @get("/new", guards=[guards.may("register.write")])
    async def new(self, request: Request, village: FromQuery[str] = "") -> Response:
        """The form for a new household."""
        form = HouseholdForm(village=village or request.user.village)
        return await _household_page(request, form, {})

    @post("/new", guards=[guards.may("register.write")])
    async def create(self, request: Request, data: URLEncodedBody[HouseholdForm]) -> Response:
        """Add a household; a refused form keeps what was typed."""
        try:
            details = _converted(data, HouseholdDetails, leave_out={"village", "revision"})
            made = await register.create(data.village, details, by=request.user)
        except (Refusal, msgspec.ValidationError) as error:
            return await _household_page(request, data, _told(error, first="head"))
        return render.go(f"/households/{made}", done=locale.text("已新增一户。"))

    @get("/{household_id:uuid}/edit", guards=[guards.may("register.write")])
    async def edit(self, request: Request, household_id: FromPath[UUID]) -> Response:
        """The form for a change."""
        shown = await card.card(household_id, actor=request.user)
        return await _household_page(request, _typed(shown), {}, shown=shown)

    @post("/{household_id:uuid}/edit", guards=[guards.may("register.write")])
    async def change(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[HouseholdForm]
    ) -> Response:
        """Change a household; refused when somebody else changed it meanwhile."""
        try:
            changes = _converted(
                data, HouseholdChanges, leave_out={"village", "revision", "head"}, sealed=SEALED
            )
            await register.change(
                household_id, changes, revision=_revision(data.revision), by=request.user
            )
        except (Refusal, msgspec.ValidationError) as error:
            shown = await card.card(household_id, actor=request.user)
            told = _told(error, first="number")
            return await _household_page(request, data, told, shown=shown)
        return render.go(f"/households/{household_id}", done=locale.text("已保存。"))

    @get("/{household_id:uuid}/members/new", guards=[guards.may("register.write")])
    async def new_member(self, request: Request, household_id: FromPath[UUID]) -> Response:
        """The form for a new member."""
        return await _member_page(request, household_id, None, MemberForm(), {})

    @post("/{household_id:uuid}/members/new", guards=[guards.may("register.write")])
    async def add_member(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[MemberForm]
    ) -> Response:
        """Add a member."""
        try:
            details = _converted(data, ResidentDetails, leave_out={"revision"})
            await members.add(
                household_id, details, revision=_revision(data.revision), by=request.user
            )
        except (Refusal, msgspec.ValidationError) as error:
            told = _told(error, first="name")
            return await _member_page(request, household_id, None, data, told)
        return render.go(f"/households/{household_id}", done=locale.text("已添一人。"))

    @get("/{household_id:uuid}/members/{member_id:uuid}", guards=[guards.may("register.write")])
    async def member(
        self, request: Request, household_id: FromPath[UUID], member_id: FromPath[UUID]
    ) -> Response:
        """The form for a change of a member."""
        return await _member_page(request, household_id, member_id, None, {})

    @post("/{household_id:uuid}/members/{member_id:uuid}", guards=[guards.may("register.write")])
    async def change_member(
        self,
        request: Request,
        household_id: FromPath[UUID],
        member_id: FromPath[UUID],
        data: URLEncodedBody[MemberForm],
    ) -> Response:
        """Change a member."""
        try:
            changes = _converted(data, ResidentChanges, leave_out={"revision"}, sealed=SEALED)
            await members.change(
                member_id, changes, revision=_revision(data.revision), by=request.user
            )
        except (Refusal, msgspec.ValidationError) as error:
            told = _told(error, first="name")
            return await _member_page(request, household_id, member_id, data, told)
        return render.go(f"/households/{household_id}", done=locale.text("已保存。"))

    @post(
        "/{household_id:uuid}/members/{member_id:uuid}/leave",
        guards=[guards.may("register.write")],
    )
    async def member_leaves(
        self,
        request: Request,
        household_id: FromPath[UUID],
        member_id: FromPath[UUID],
        data: URLEncodedBody[SeenForm],
    ) -> Response:
        """Record that a person is no longer a member."""
        return await _of_member(
            request,
            household_id,
            members.leave(member_id, revision=_revision(data.revision), by=request.user),
        )

    @post(
        "/{household_id:uuid}/members/{member_id:uuid}/come-back",
        guards=[guards.may("register.write")],
    )
    async def member_comes_back(
        self,
        request: Request,
        household_id: FromPath[UUID],
        member_id: FromPath[UUID],
        data: URLEncodedBody[SeenForm],
    ) -> Response:
        """Record that a person is a member again."""
        return await _of_member(
            request,
            household_id,
            members.come_back(member_id, revision=_revision(data.revision), by=request.user),
        )


async def _of_member(request: Request, household_id: UUID, verb: Awaitable[int]) -> Response:
    """Do it and go back to the card; a refusal is told there."""
    try:
        await verb
    except Refusal as refusal:
        if errors.status_and_text(refusal)[0] != 409:
            raise
        return render.go(f"/households/{household_id}", problem=errors.message(refusal))
    return render.go(f"/households/{household_id}", done=locale.text("已保存。"))


def _revision(typed: str) -> int:
    """The revision in a hidden field; a malformed one is none that exists."""
    return int(typed) if typed.isascii() and typed.isdigit() else 0


def _converted(
    form: HouseholdForm | MemberForm,
    kind: type[T],
    *,
    leave_out: set[str],
    sealed: frozenset[str] = frozenset(),
) -> T:
    """What was typed as the register takes it; empty dates are none, empty seals stay closed.

    Raises `msgspec.ValidationError` for a malformed date or an unknown word.
    """
    typed: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(form).items() if name not in leave_out
    }
    for name in ("joined_on", "born_on"):
        if name in typed:
            typed[name] = typed[name] or None
    left_empty = sealed | {"head_id"}
    given = {name: value for name, value in typed.items() if value or name not in left_empty}
    return msgspec.convert(given, kind)


def _told(error: Exception, *, first: str) -> dict[str, str]:
    """The refused field and its sentence; what names no field goes to the first one."""
    if isinstance(error, DetailRefused):
        return {error.field: errors.message(error)}
    if isinstance(error, Refusal):
        return {first: errors.message(error)}
    return {first: locale.text("有一项填得不对：日期写成 2026-10-01 这样，性别选男或女。")}


def _typed(shown: Card) -> HouseholdForm:
    """The form as it starts: what is sealed stays empty."""
    head = next((p for p in shown.residents if p.relation == HEAD), None)
    return HouseholdForm(
        village=shown.village,
        revision=str(shown.revision),
        head_id=str(head.id) if head else "",
        number=shown.number or "",
        group=shown.group,
        grid=shown.grid,
        address=shown.address,
        joined_on=str(shown.joined_on or ""),
    )


async def _household_page(
    request: Request, form: HouseholdForm, problems: dict[str, str], *, shown: Card | None = None
) -> Response:
    places = [
        place
        for place in await regions.visible(request.user, "register.write")
        if place.level == "village"
    ]
    village = await regions.find(
        shown.village if shown else form.village or places[0].code,
        actor=request.user,
        permission="register.write",
    )
    return render.page(
        request,
        "household_form.html",
        status=400 if problems else 200,
        household=shown
        and {
            "id": shown.id,
            "head": shown.head,
            "revision": form.revision or shown.revision,
            "state": shown.state,
        },
        village={"code": village.code, "name": village.name},
        villages=[{"code": place.code, "name": place.name} for place in places],
        groups=await _options(village.code, "group"),
        grids=await _grids(village.code),
        members=[
            {"value": person.id, "label": person.name}
            for person in (shown.residents if shown else [])
            if person.state == "active"
        ],
        may_restricted=officials.allowed(request.user, "register.restricted"),
        form=msgspec.structs.asdict(form),
        errors=problems,
    )


async def _options(village: str, level: str) -> list[dict[str, str]]:
    return [
        {"value": one.code, "label": one.name} for one in await regions.parts(village, level=level)
    ]


async def _grids(village: str) -> list[dict[str, str]]:
    """Grids, each with its micro-grids below it: a household may belong to either."""
    found = await _options(village, "grid") + await _options(village, "micro_grid")
    return sorted(found, key=lambda one: one["value"])


async def _member_page(
    request: Request,
    household_id: UUID,
    member_id: UUID | None,
    form: MemberForm | None,
    problems: dict[str, str],
) -> Response:
    shown = await card.card(household_id, actor=request.user)
    person = next((one for one in shown.residents if one.id == member_id), None)
    if form is None:
        form = MemberForm(
            name=person.name if person else "",
            relation=person.relation if person else "",
            sex=person.sex if person else "",
            born_on=str(person.born_on or "") if person else "",
        )
    kept = await settings.read(shown.village, RegisterSettings)
    return render.page(
        request,
        "member_form.html",
        status=400 if problems else 200,
        household={"id": shown.id, "head": shown.head, "revision": shown.revision},
        member=person
        and {
            "id": person.id,
            "name": person.name,
            "state": person.state,
            "is_head": person.relation == HEAD,
        },
        may_restricted=officials.allowed(request.user, "register.restricted"),
        id_kept=kept.keep_id_numbers,
        form=msgspec.structs.asdict(form),
        errors=problems,
    )
