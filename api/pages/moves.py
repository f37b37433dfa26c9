"""Steps of a household as screens: the menu, a short form, a summary before pressing, the slip."""

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, guards, locale, posters, printing, render, steps
from api.pages import move_typed
from api.pages.move_typed import Typed
from foundation import clock
from foundation.errors import Refusal
from households import card, lineage, listing, moves, officials, regions, register
from households.card import Card
from households.details import HEAD
from households.errors import (
    HouseholdChanged,
    HouseholdNotFound,
)
from households.lineage import Move
from households.models import Household, Region
from points import transfers

Kind = Literal["split", "merge", "regroup", "leave", "return"]
VERBS: dict[str, Callable[..., Any]] = {
    "split": transfers.split,
    "merge": transfers.merge,
    "regroup": moves.regroup,
    "relocate": transfers.relocate,
    "leave": moves.leave,
    "return": moves.come_back,
}
FOUND_MAX = 20


class UndoForm(msgspec.Struct):
    """The id that the undoing gets."""

    id: str = ""


class MovePages(Controller):
    """A step is looked at in full before it is taken, and undone while nothing rests on it."""

    path = "/households/{household_id:uuid}/moves"

    @get("/", guards=[guards.may("register.read")])
    async def menu(self, request: Request, household_id: FromPath[UUID]) -> Response:
        """What can happen to this household, and what has."""
        shown = await card.card(household_id, actor=request.user)
        taken = await lineage.listing(household_id, actor=request.user)
        return render.page(
            request,
            "moves.html",
            household=_head(shown),
            own=household_id == request.user.household_id,
            choices=await _choices(request, shown),
            steps=[await steps.line(story, household_id) for story in taken],
        )

    @get("/new/{kind:str}", guards=[guards.may("register.write")])
    async def form(
        self,
        request: Request,
        household_id: FromPath[UUID],
        kind: FromPath[Kind],
        q: FromQuery[str] = "",
        into: FromQuery[str] = "",
    ) -> Response:
        """The form of one step; for a merge the other household is found first."""
        return await _form_page(request, household_id, kind, _begun({"q": q, "into": into}), {})

    @post("/new/{kind:str}", guards=[guards.may("register.write")])
    async def take(
        self, request: Request, household_id: FromPath[UUID], kind: FromPath[Kind]
    ) -> Response:
        """Show what the step would be, or take it once that has been looked at."""
        return await _taken(request, household_id, kind)

    @get("/relocate", guards=[guards.may("register.move")])
    async def relocate_form(
        self, request: Request, household_id: FromPath[UUID], village: FromQuery[str] = ""
    ) -> Response:
        """The form of a move to another village, which is chosen first."""
        typed = _begun({"village": village})
        return await _form_page(request, household_id, "relocate", typed, {})

    @post("/relocate", guards=[guards.may("register.move")])
    async def relocate(self, request: Request, household_id: FromPath[UUID]) -> Response:
        """The same for a move to another village."""
        return await _taken(request, household_id, "relocate")

    @get("/{move_id:uuid}", guards=[guards.may("register.read")])
    async def one(
        self, request: Request, household_id: FromPath[UUID], move_id: FromPath[UUID]
    ) -> Response:
        """A step that was taken, with both households and their entries."""
        return await _step_page(request, household_id, move_id, {})

    @get("/{move_id:uuid}/print", guards=[guards.may("register.read")])
    async def slip(
        self, request: Request, household_id: FromPath[UUID], move_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The slip that both sides sign."""
        story = await lineage.find(move_id, household_id=household_id, actor=request.user)
        demo = request.app.state.kind == "demo"
        with posters.chinese():
            step = await steps.told(story)
            slip = {**step, "printed_on": clock.today(), "serial": str(story.move.id)[:8].upper()}
            html = render.document("move_slip.html", demo=demo, slip=slip)
        return render.file(
            await printing.pdf(html), name=f"变动单-{slip['serial']}.pdf", inline=True
        )

    @post("/{move_id:uuid}/undo", guards=[guards.may("register.move")])
    async def undo(
        self,
        request: Request,
        household_id: FromPath[UUID],
        move_id: FromPath[UUID],
        data: URLEncodedBody[UndoForm],
    ) -> Response:
        """Put the step back."""
        story = await lineage.find(move_id, household_id=household_id, actor=request.user)
        try:
            await transfers.undo(story.move.id, id=move_typed.uuid(data.id), by=request.user)
        except Refusal as refusal:
            said = {"undo": errors.message(refusal)}
            return await _step_page(request, household_id, move_id, said)
        said_done = locale.text("已撤销，人和积分都回到原来的样子。")
        return render.go(f"/households/{story.move.household_id}/moves", done=said_done)


# -- the menu -------------------------------------------------------------------------------


def _head(shown: Card) -> dict[str, Any]:
    return {
        "id": shown.id,
        "head": shown.head,
        "number": shown.number,
        "group_name": shown.group_name,
        "village_name": shown.village_name,
        "state": shown.state,
    }


async def _choices(request: Request, shown: Card) -> list[str]:
    """The steps that this official may take with the household as it is."""
    if shown.id == request.user.household_id:
        return []
    kinds: list[str] = []
    if shown.may_change and shown.state == register.ACTIVE:
        kinds = ["split", "merge", "regroup", "leave"]
    elif shown.may_change and await lineage.successor(shown.id) is None:
        kinds = ["return"]
    if shown.state == register.ACTIVE and await _villages(request, shown.village):
        kinds.append("relocate")
    return kinds


async def _villages(request: Request, own: str) -> list[Region]:
    """The other villages that this official may move a household of this one to."""
    if not officials.allowed(request.user, "register.move"):
        return []
    reached = await regions.villages(request.user, "register.move")
    return [one for one in reached if one.code != own] if own in {r.code for r in reached} else []


# -- the form, the summary, the press ---------------------------------------------------------


def _begun(typed: Typed) -> Typed:
    return {"id": str(uuid4()), "on": str(clock.today()), **typed}


async def _taken(request: Request, household_id: UUID, kind: str) -> Response:
    """The next page of a step: its form again, its summary, or the step that was taken."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    if typed.get("back"):
        return await _form_page(request, household_id, kind, typed, {})
    try:
        step = move_typed.step(kind, typed)
        if not typed.get("sure"):
            return await _summary(request, household_id, kind, typed, step)
        move = await _take(request, household_id, kind, typed, step)
    except HouseholdChanged as refusal:
        typed.pop("revision", None)
        said = {move_typed.FIRST[kind]: errors.message(refusal)}
        return await _form_page(request, household_id, kind, typed, said)
    except Refusal as refusal:
        said = {move_typed.field(refusal, kind): errors.message(refusal)}
        return await _form_page(request, household_id, kind, typed, said)
    done = locale.text("已办好。可以打印变动单，请双方签字。")
    return render.go(f"/households/{household_id}/moves/{move.id}", done=done)


async def _take(
    request: Request, household_id: UUID, kind: str, typed: Typed, step: msgspec.Struct
) -> Move:
    revision = typed.get("revision", "")
    move: Move = await VERBS[kind](
        household_id,
        step,
        id=move_typed.uuid(typed.get("id", "")),
        revision=int(revision) if revision.isascii() and revision.isdigit() else 0,
        by=request.user,
    )
    return move


async def _summary(
    request: Request, household_id: UUID, kind: str, typed: Typed, step: msgspec.Struct
) -> Response:
    """Everything that would change, by trying it and putting it back."""
    move = await transfers.rehearse(lambda: _take(request, household_id, kind, typed, step))
    permission = "register.move" if kind == "relocate" else "register.write"
    household = await register.household(household_id, actor=request.user, permission=permission)
    may_see = officials.allowed(request.user, "entries.read")
    return render.page(
        request,
        "move_check.html",
        kind=kind,
        household={"id": household.id, "head": household.head},
        action=_address(household_id, kind),
        step=await steps.foreseen(move, step, household),
        agreed=bool(typed.get("points", "").strip()),
        earned=await steps.earned(household, actor=request.user) if may_see else None,
        balance=await transfers.balance_of(household_id),
        typed={name: value for name, value in typed.items() if name not in ("sure", "back")},
    )


def _address(household_id: UUID, kind: str) -> str:
    return f"/households/{household_id}/moves/{'' if kind == 'relocate' else 'new/'}{kind}"


async def _form_page(
    request: Request, household_id: UUID, kind: str, typed: Typed, problems: dict[str, str]
) -> Response:
    permission = "register.move" if kind == "relocate" else "register.write"
    await register.household(household_id, actor=request.user, permission=permission)
    shown = await card.card(household_id, actor=request.user)
    village = typed.get("village", "") if kind == "relocate" else shown.village
    into = await _into(request, shown, typed.get("into", "")) if kind == "merge" else None
    asked = kind == "merge" and into is None and typed.get("q", "")
    return render.page(
        request,
        "move_form.html",
        status=400 if problems else 200,
        kind=kind,
        household={**_head(shown), "left_on": shown.left_on},
        action=_address(household_id, kind),
        members=_members(shown, typed) if kind == "split" else [],
        into=into,
        found=await _found(request, shown, typed["q"]) if asked else [],
        villages=await _village_options(request, shown) if kind == "relocate" else [],
        groups=await _options(village, "group"),
        grids=await _options(village, "grid") + await _options(village, "micro_grid"),
        form=_started(typed, shown, kind),
        errors=problems,
        balance=await transfers.balance_of(household_id),
        today=clock.today(),
    )


def _started(typed: Typed, shown: Card, kind: str) -> Typed:
    """The form's fields: what was typed, else what stands now."""
    stands = {"revision": str(shown.revision)}
    if kind in ("split", "regroup"):
        stands |= {"group": shown.group, "grid": shown.grid}
    return {**stands, **typed}


def _members(shown: Card, typed: Typed) -> list[dict[str, Any]]:
    """Those who may go: everybody who is here but the head."""
    return [
        {
            "id": person.id,
            "name": person.name,
            "relation": person.relation,
            "is_minor": person.is_minor,
            "goes": bool(typed.get(f"{move_typed.MEMBER}{person.id}")),
        }
        for person in shown.residents
        if person.state == register.ACTIVE and person.relation != HEAD
    ]


async def _into(request: Request, shown: Card, typed: str) -> dict[str, Any] | None:
    """The household that takes the other one in, once it has been chosen."""
    if not typed:
        return None
    try:
        other = await card.card(move_typed.uuid(typed), actor=request.user)
    except HouseholdNotFound:
        return None
    if other.village != shown.village or other.id == shown.id or other.state != register.ACTIVE:
        return None
    people = sum(person.state == register.ACTIVE for person in other.residents)
    return {**_head(other), "people": people, "balance": await transfers.balance_of(other.id)}


async def _found(request: Request, shown: Card, q: str) -> list[dict[str, Any]]:
    """Other households of the village that a search finds."""
    found = await listing.listing(request.user, village=shown.village, q=q, page_size=FOUND_MAX + 1)
    return [
        {"id": one.id, "head": one.head, "number": one.number, "group_name": one.group_name}
        for one in found.rows
        if one.id != shown.id
    ][:FOUND_MAX]


async def _village_options(request: Request, shown: Card) -> list[dict[str, str]]:
    return [
        {"value": one.code, "label": one.name} for one in await _villages(request, shown.village)
    ]


async def _options(village: str, level: str) -> list[dict[str, str]]:
    if not village:
        return []
    return [
        {"value": one.code, "label": one.name} for one in await regions.parts(village, level=level)
    ]


# -- a step that was taken ------------------------------------------------------------------


async def _step_page(
    request: Request, household_id: UUID, move_id: UUID, problems: dict[str, str]
) -> Response:
    story = await lineage.find(move_id, household_id=household_id, actor=request.user)
    here = await Household.get(id=household_id)
    permission = "register.move" if story.move.kind == "relocate" else "register.write"
    own = request.user.household_id in (story.move.household_id, story.move.other_id)
    return render.page(
        request,
        "move.html",
        status=409 if problems else 200,
        household={"id": here.id, "head": here.head},
        step=await steps.told(story),
        may_undo=story.is_last
        and officials.allowed(request.user, permission)
        and not (own and request.user.household_id),
        undo_id=uuid4(),
        errors=problems,
    )
