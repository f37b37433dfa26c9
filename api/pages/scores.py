"""The month-end score sheet, on the screen and blank on paper."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody

from api import errors, guards, locale, posters, printing, render, wording
from api.pages.entries import own_uuid
from api.v1 import scores as twin
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refusal
from households import regions
from households.models import Region
from points import posted_sheets, sheets, today
from points.errors import ReasonMissing, ReasonTooLong
from points.period import Period
from points.posted_sheets import Posted
from points.sheets import CellState, SheetRow, SheetView
from rules.errors import NoRuleBook
from rules.rulebook import Item

MONTHS_OPEN = 12
SPARE_ROWS = 3


class SheetReversalForm(msgspec.Struct):
    """A whole sheet's reversal, as typed."""

    id: str = ""
    reason: str = ""


class ScorePages(Controller):
    """One sheet a group and month."""

    path = "/scores"

    @get("/", guards=[guards.may("entries.read")])
    async def sheet(
        self, request: Request, group: FromQuery[str] = "", month: FromQuery[str] = ""
    ) -> Response:
        """The sheet of a group, the first one still to be scored unless one is named."""
        month = month or today.month_due(clock.today())
        groups = await _groups(request.user, near=group or request.user.village)
        if not groups:
            return _nothing(
                request,
                title=locale.text("还没有可以评分的小组"),
                text=locale.text("先把农户册导入进来，小组会跟着建好。"),
                href="/households/import",
                link=locale.text("导入农户册"),
            )
        chosen = next((one for one in groups if one.code == group), groups[0])
        try:
            view = await sheets.view(
                chosen.village, group=chosen.code, month=month, actor=request.user
            )
        except NoRuleBook as refusal:
            return _nothing(
                request,
                title=locale.text("这个月还没有村规"),
                text=errors.message(refusal),
                href="/rules",
                link=locale.text("看村规"),
            )
        posted = await posted_sheets.of_month(
            chosen.village, group=chosen.code, month=view.month.text
        )
        sheet = {**_shown(view, groups=groups), "posted": [_posted(one) for one in posted]}
        return render.page(request, "scores.html", sheet=sheet, missing=None)

    @get("/sheets/{sheet_id:uuid}", guards=[guards.may("entries.read")])
    async def posted(self, request: Request, sheet_id: FromPath[UUID]) -> Response:
        """A posted sheet, household by household, and its reversal."""
        return await _posted_page(request, sheet_id, SheetReversalForm(id=str(uuid4())), {})

    @post("/sheets/{sheet_id:uuid}/reverse", guards=[guards.may("entries.reverse")])
    async def reverse(
        self, request: Request, sheet_id: FromPath[UUID], data: URLEncodedBody[SheetReversalForm]
    ) -> Response:
        """Take the whole sheet back."""
        try:
            done = await posted_sheets.reverse(
                sheet_id, id=own_uuid(data.id), reason=data.reason, by=request.user
            )
        except (ReasonMissing, ReasonTooLong) as refusal:
            said = {"reason": errors.message(refusal)}
            return await _posted_page(request, sheet_id, data, said)
        told = locale.text("已冲正 %(n)s 笔，原来那些还在账上。可以重新评了。", n=done.reversed)
        return render.go(f"/scores/sheets/{sheet_id}", done=told)

    @put("/draft", guards=[guards.may("scores.write")])
    async def save_draft(self, request: Request, data: JSONBody[twin.DraftIn]) -> twin.Saved:
        """Keep what is typed so far."""
        return await twin.save_draft(data, request)

    @post("/", status_code=200, guards=[guards.may("scores.write")])
    async def post_sheet(self, request: Request, data: JSONBody[twin.SheetIn]) -> twin.SheetOut:
        """Post the sheet, all cells or none; a second press posts nothing."""
        return await twin.post_sheet(data, request)

    @get("/print", guards=[guards.may("entries.read")])
    async def blank(
        self, request: Request, group: FromQuery[str], month: FromQuery[str]
    ) -> Response[bytes]:
        """A blank sheet for a group, to be filled in by hand."""
        place = await regions.find(group, actor=request.user, permission="entries.read")
        view = await sheets.view(place.village, group=place.code, month=month, actor=request.user)
        with posters.chinese():
            html = render.document(
                "score_sheet.html", demo=request.app.state.kind == "demo", sheet=_paper(view)
            )
        pdf = await printing.pdf(html)
        return render.file(pdf, name=f"{place.name}-{month}-评分表.pdf", inline=True)


async def _groups(actor: Actor, *, near: str) -> list[Region]:
    """The groups of one village that the actor may open, of the village `near` points into."""
    seen = [
        region for region in await regions.visible(actor, "entries.read") if region.level == "group"
    ]
    counts = await regions.household_counts(seen)
    peopled = [region for region in seen if counts.get(region.code)]
    village = near[:12] or (peopled[0].village if peopled else "")
    here = [region for region in peopled if region.village == village]
    return here or (peopled[:1] and [r for r in peopled if r.village == peopled[0].village])


def _nothing(request: Request, **missing: str) -> Response:
    return render.page(request, "scores.html", sheet=None, missing=missing)


def _shown(view: SheetView, *, groups: list[Region]) -> dict[str, Any]:
    return {
        "village": view.village.code,
        "village_name": view.village.name,
        "group": view.region.code,
        "group_name": view.region.name,
        "month": view.month.text,
        "month_name": wording.named(view.month),
        "deed_on": view.deed_on,
        "rule_name": wording.rule(view.version),
        "groups": [{"code": one.code, "name": one.name} for one in groups],
        "months": months(view.month),
        "blocks": [
            {"key": code, "name": wording.block(code), "items": [_item(item) for item in items]}
            for code, items in wording.by_block(view.items)
        ],
        "households": [_row(row) for row in view.rows],
        "period_label": locale.text(view.period.word),
        "village_earned": view.village_earned,
        "may_post": view.may_post,
        "draft": [[str(cell.household), cell.item, cell.points] for cell in view.draft],
        "draft_saved_at": view.draft_saved_at and view.draft_saved_at.isoformat(),
    }


def months(chosen: Period) -> list[dict[str, str]]:
    """The months that are open to scoring: this one and those before it, and the chosen one."""
    month = Period.of(clock.today())
    found = [month]
    while len(found) < MONTHS_OPEN:
        found.append(found[-1].previous)
    if chosen not in found:
        found.append(chosen)
    return [{"value": one.text, "label": wording.named(one)} for one in found]


def _posted(one: Posted) -> dict[str, Any]:
    return {
        "id": one.id,
        "entries": one.entries,
        "posted_by": one.posted_by,
        "posted_at": clock.local(one.posted_at),
    }


async def _posted_page(
    request: Request, sheet_id: UUID, form: SheetReversalForm, problems: dict[str, str]
) -> Response:
    found = await posted_sheets.view(sheet_id, actor=request.user)
    return render.page(
        request,
        "score_sheet_posted.html",
        status=400 if problems else 200,
        sheet={
            **msgspec.structs.asdict(found),
            "month_name": wording.named(Period.parse(found.month)),
            "posted_at": clock.local(found.posted_at),
        },
        form={"id": form.id, "reason": form.reason},
        errors=problems,
    )


def _item(item: Item) -> dict[str, Any]:
    more = [wording.cap(item)]
    if item.evidence_needed:
        more.append(locale.text("要凭据"))
    return {
        "code": item.code,
        "name": item.name,
        "min": item.points_min,
        "max": item.points_max,
        "range": wording.points_range(item),
        "rule": wording.clause(item),
        "more": more,
    }


def _row(row: SheetRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": row.number or "",
        "head": row.head,
        "earned": row.earned,
        "why": _told(row.refusal),
        "cells": {code: _cell(cell) for code, cell in row.cells.items()},
    }


def _cell(cell: CellState) -> dict[str, Any]:
    return {
        "points": cell.points,
        "entry": str(cell.entry) if cell.entry else None,
        "limit": cell.limit,
        "why": _told(cell.refusal),
    }


def _told(refusal: Refusal | None) -> str | None:
    return errors.message(refusal) if refusal else None


def _paper(view: SheetView) -> dict[str, Any]:
    printed_on: date = clock.today()
    return {
        "village_name": view.village.name,
        "group_name": view.region.name,
        "month_name": wording.named(view.month),
        "rule_name": wording.rule(view.version),
        "blocks": [
            {
                "name": wording.block(code),
                "items": [
                    {"name": item.name, "range": wording.points_range(item)} for item in items
                ],
            }
            for code, items in wording.by_block(view.items)
        ],
        "households": [{"number": row.number or "", "head": row.head} for row in view.rows],
        "spare": SPARE_ROWS,
        "printed_on": printed_on,
    }
