"""Hand-over in one step: what he has in hand, who takes it, the paper with three signatures."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from api import errors, guards, locale, posters, printing, render, wording
from api.pages.audit import VERBS
from foundation import clock
from foundation.errors import Refusal
from points import handover
from points.handover import DraftOpen, DutyHeld, Handed
from points.period import Period

# What everybody does all day is no work that somebody takes over.
NOT_COUNTED = ("sessions.",)


class HandOverPages(Controller):
    """For one official who leaves."""

    path = "/officials"

    @get("/{official_id:uuid}/hand-over", guards=[guards.may("officials.write")])
    async def form(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """What he has in hand, and the form."""
        typed = {"id": str(uuid4()), "on": str(clock.today()), "pass": "all"}
        return await _form_page(request, official_id, typed, {})

    @post("/{official_id:uuid}/hand-over", guards=[guards.may("officials.write")])
    async def hand_over(self, request: Request, official_id: FromPath[UUID]) -> Response:
        """Hand everything over."""
        form = await request.form()
        typed = {"id": ""} | {name: str(value) for name, value in form.items()}
        drafts = [int(each) for each in form.getall("draft", []) if str(each).isdigit()]
        try:
            made = await handover.hand_over(
                official_id,
                id=UUID(typed.get("id", "")),
                successor=UUID(typed["successor"]) if typed.get("successor") else None,
                on=date.fromisoformat(typed.get("on", "")),
                passed=drafts,
                by=request.user,
            )
        except ValueError:
            said = {"on": locale.text("日期写成 2026-10-01 这样。")}
            return await _form_page(request, official_id, typed, said, drafts=drafts)
        except Refusal as refusal:
            if errors.status_and_text(refusal)[0] in (403, 404):
                raise
            said = {"on": errors.message(refusal)}
            return await _form_page(request, official_id, typed, said, drafts=drafts)
        done = locale.text("已交接。请打印交接单，三方签字。")
        return render.go(f"/officials/hand-overs/{made.id}", done=done)

    @get("/hand-overs/{hand_over_id:uuid}", guards=[guards.may("officials.write")])
    async def one(self, request: Request, hand_over_id: FromPath[UUID]) -> Response:
        """A hand-over as it was made."""
        made = await handover.found(hand_over_id, by=request.user)
        return render.page(request, "hand_over.html", **_shown(made))

    @get("/hand-overs/{hand_over_id:uuid}/print", guards=[guards.may("officials.write")])
    async def paper(self, request: Request, hand_over_id: FromPath[UUID]) -> Response[bytes]:
        """The sheet to be signed by three."""
        made = await handover.found(hand_over_id, by=request.user)
        with posters.chinese():
            html = render.document(
                "hand_over.html", demo=request.app.state.kind == "demo", **_shown(made)
            )
        pdf = await printing.pdf(html)
        return render.file(pdf, name=f"交接单-{made.official.name}.pdf", inline=True)


def _shown(made: Handed) -> dict[str, Any]:
    return {
        "made": made,
        "made_at": clock.local(made.made_at),
        "duties": [_duty(duty) for duty in made.duties],
        "drafts": [{**_draft(one), "passed": one.id in made.passed} for one in made.drafts],
        "did": _did(made.did),
    }


def _draft(one: DraftOpen) -> dict[str, Any]:
    return {**msgspec.structs.asdict(one), "month": wording.named(Period.parse(one.month))}


def _duty(duty: DutyHeld) -> dict[str, str]:
    role = locale.text(render.ROLE_NAMES[duty.role]) if duty.role else ""
    return {"name": locale.text(duty.post) if duty.post else role, "place": duty.place}


def _did(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [
        (locale.text(VERBS.get(verb, verb)), n)
        for verb, n in counts.items()
        if not verb.startswith(NOT_COUNTED)
    ]


async def _form_page(
    request: Request,
    official_id: UUID,
    typed: dict[str, str],
    problems: dict[str, str],
    *,
    drafts: list[int] | None = None,
) -> Response:
    plan = await handover.plan(official_id, by=request.user)
    return render.page(
        request,
        "hand_over_form.html",
        status=400 if problems else 200,
        official=plan.official,
        duties=[_duty(duty) for duty in plan.duties],
        drafts=[_draft(one) for one in plan.drafts],
        ticked=[one.id for one in plan.drafts] if drafts is None else drafts,
        did=_did(plan.did),
        successors=[
            {"value": str(one.id), "label": f"{one.name}（{one.login}）"} for one in plan.successors
        ],
        form=typed,
        errors=problems,
    )
