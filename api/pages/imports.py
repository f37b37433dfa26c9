"""Importing a village's workbook as screens: upload, progress, preview, confirmation."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody

from api import details, errors, guards, locale, render, wording
from api.paging import PageNumber
from api.tick import Background
from foundation import clock
from foundation.errors import Refusal
from households import batches, officials, regions
from households.batches import BatchView
from households.errors import BatchNotReady, WorkbookUnreadable
from households.models import Region
from households.parsed import Problem
from households.preview import HouseholdPreview, ImportResult, Preview

PROBLEMS_PAGE = 50
SAMPLE = 10
UPDATES = 50
# What the screens call the states of a batch.
STATES = {
    "reading": "reading",
    "previewed": "ready",
    "stored": "done",
    "failed": "failed",
    "discarded": "dropped",
}


class UploadForm(msgspec.Struct):
    """A workbook for a village."""

    village: str = ""
    file: UploadFile | None = None


class ImportPages(Controller):
    """Nothing of a workbook is stored before it is confirmed."""

    path = "/households/import"

    @get("/", guards=[guards.may("register.write")])
    async def choose(self, request: Request, village: FromQuery[str] = "") -> Response:
        """Choose a village and a file; the imports of late."""
        return await _choose_page(request, village or request.user.village, {})

    @post("/", guards=[guards.may("register.write")])
    async def upload(self, request: Request, data: MultipartBody[UploadForm]) -> Response:
        """Take the workbook in; it is read in the background."""
        content = await data.file.read() if data.file else b""
        if not data.file or not content:
            said = {"file": locale.text("请先选一个文件。")}
            return await _choose_page(request, data.village, said)
        try:
            batch = await batches.upload(
                data.village,
                content,
                filename=data.file.filename,
                by=request.user,
                batch_id=uuid4(),
            )
        except Refusal as refusal:
            said = {"file": errors.message(refusal)}
            return await _choose_page(request, data.village, said)
        background: Background = request.app.state.background
        background.start("import", partial(batches.read, batch.id))
        return render.go(f"/households/import/{batch.id}")

    @get("/{batch_id:uuid}", guards=[guards.may("register.write")])
    async def one(
        self,
        request: Request,
        batch_id: FromPath[UUID],
        severity: FromQuery[str] = "",
        sheet: FromQuery[str] = "",
        q: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Response:
        """How far it is, then what it would do."""
        form = {"severity": severity, "sheet": sheet, "q": q}
        return await _batch_page(request, batch_id, form=form, page=max(1, page))

    @post("/{batch_id:uuid}/confirm", guards=[guards.may("register.write")])
    async def confirm(self, request: Request, batch_id: FromPath[UUID]) -> Response:
        """Store all that is sound."""
        await batches.confirm(batch_id, by=request.user)
        return render.go(f"/households/import/{batch_id}")

    @post("/{batch_id:uuid}/drop", guards=[guards.may("register.write")])
    async def drop(self, request: Request, batch_id: FromPath[UUID]) -> Response:
        """Let it go; nothing was stored."""
        await batches.discard(batch_id, by=request.user)
        return render.go(f"/households/import/{batch_id}")


async def _choose_page(request: Request, village: str, problems: dict[str, str]) -> Response:
    places = [
        place
        for place in await regions.visible(request.user, "register.write")
        if place.level == "village"
    ]
    mine = [place.code for place in places]
    chosen = village if village in mine else next(iter(mine), "")
    late = await batches.of_village(chosen, actor=request.user) if chosen else []
    return render.page(
        request,
        "import.html",
        status=400 if problems else 200,
        villages=[{"value": place.code, "label": place.name} for place in places],
        form={"village": chosen},
        errors=problems,
        batches=[
            {
                "id": one.id,
                "file_name": one.file_name,
                "state": STATES.get(one.state, "dropped"),
                "created_at": clock.local(one.created_at),
                "created_by": "",
            }
            for one in late[:10]
        ],
    )


async def _batch_page(
    request: Request, batch_id: UUID, *, form: dict[str, str], page: int
) -> Response:
    batch = await batches.find(batch_id, actor=request.user)
    village = await Region.get(code=batch.village)
    seen = await _preview(request, batch)
    result = wording.result(seen.result) if seen else None
    problems = filtered(result.problems, form) if result else []
    return render.page(
        request,
        "import_batch.html",
        batch={
            "id": batch.id,
            "village_name": village.name,
            "file_name": batch.file_name,
            "state": STATES.get(batch.state, "dropped"),
            "done": batch.done,
            "total": batch.total,
        },
        failure=failure(batch),
        counts=_counts(batch, result),
        sheets=[wording.sheet(one) for one in seen.sheets] if seen else [],
        problems=problems[(page - 1) * PROBLEMS_PAGE : page * PROBLEMS_PAGE],
        form=form,
        pager=render.pager(request, page=page, total=len(problems), size=PROBLEMS_PAGE),
        **_what_happens(seen if batch.state == "previewed" else None),
        may_confirm=officials.allowed(request.user, "register.write"),
    )


async def _preview(request: Request, batch: BatchView) -> Preview | None:
    """What was read, as long as it is kept."""
    if batch.state not in ("previewed", "stored"):
        return None
    try:
        return await batches.preview(batch.id, actor=request.user)
    except BatchNotReady:
        return None


def failure(batch: BatchView) -> str | None:
    """The sentence for why nothing could be read of an import that failed."""
    if batch.failure is None:
        return None
    kinds = {refusal.__name__: refusal for refusal in errors.REFUSALS}
    kind = kinds.get(batch.failure["code"], WorkbookUnreadable)
    return errors.message(kind(**batch.failure["facts"]))


def _counts(batch: BatchView, result: ImportResult | None) -> dict[str, int] | None:
    """The figures; those of a stored import that is over a day old are without its problems."""
    if result is None:
        return {**batch.result, "errors": 0, "warnings": 0} if batch.result else None
    severe = [problem.severity for problem in result.problems]
    return {
        "households": result.households,
        "residents": result.residents,
        "duplicates": result.duplicates,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "errors": severe.count("error"),
        "warnings": severe.count("warning"),
    }


def filtered(problems: list[Problem], form: dict[str, str]) -> list[Problem]:
    """The problems of that severity and sheet that have the text searched for."""
    return [
        problem
        for problem in problems
        if form["severity"] in ("", problem.severity)
        and form["sheet"] in ("", problem.sheet)
        and (form["q"] in problem.value or form["q"] in problem.message)
    ]


def _what_happens(seen: Preview | None) -> dict[str, Any]:
    """What a confirmation would do, as far as a page has room for it."""
    households = seen.households if seen else []
    created = [one for one in households if one.action == "created"]
    updated = [one for one in households if one.action == "updated"]
    return {
        "sample": [_sample(one) for one in created[:SAMPLE]],
        "updates": [_update(one) for one in updated[:UPDATES]],
        "updates_more": max(0, len(updated) - UPDATES),
        "new_groups": seen.new_groups if seen else [],
        "absent": seen.absent if seen else 0,
    }


def _sample(one: HouseholdPreview) -> dict[str, Any]:
    return {
        "number": one.number,
        "head": one.head,
        "group": one.group,
        "members": one.members,
        "change": "new",
    }


def _update(one: HouseholdPreview) -> dict[str, Any]:
    joining = locale.text("新成员")
    changes = [
        {
            "who": change.who,
            "field": details.field_name(change.field),
            "before": change.before,
            "after": change.after,
        }
        for change in one.changes
    ]
    changes += [{"who": name, "field": joining, "before": "", "after": ""} for name in one.added]
    return {"number": one.number, "head": one.head, "changes": changes}
