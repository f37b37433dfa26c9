"""Plain tables as screens: upload, progress, preview, confirmation; the same for every kind.

What differs is where a table belongs, what else is asked for at the upload, the words, and the
blank form that is handed out; each kind's controller says so.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody

from api import errors, locale, render, wording
from api.pages.imports import PROBLEMS_PAGE, STATES, failure, filtered
from api.paging import PageNumber
from api.tick import Background
from foundation import clock
from foundation.errors import Refusal
from foundation.spreadsheets import File
from households import batches, directory
from households.batches import BatchView
from households.errors import BatchNotReady
from households.kinds import Kind
from households.models import Region
from households.tabling import Line, TablePreview

LINES_PAGE = 100
BATCHES_SHOWN = 10
ACTIONS = ("created", "updated", "unchanged", "refused")


class TableForm(msgspec.Struct):
    """A table to be uploaded; each kind asks for its own part of it."""

    village: str = ""
    on: str = ""
    version: str = ""
    group: str = ""
    month: str = ""
    file: UploadFile | None = None


@dataclass(frozen=True)
class Look:
    """What a kind's screens say; texts are marked for the catalogue.

    `home` is the screen it belongs to, `done` what was stored, with a link to it.
    """

    room: str
    home: str
    home_name: str
    title: str
    lead: str
    form_name: str
    done: str
    done_link: str
    figures: tuple[tuple[str, str], ...] = ()


class TablePages(Controller):
    """Nothing of a table is stored before it is confirmed."""

    kind: ClassVar[Kind]
    look: ClassVar[Look]

    async def selects(self, request: Request, form: TableForm) -> list[dict[str, Any]]:
        """What is asked for beside the file: [{name, label, kind, options, hint}]."""
        raise NotImplementedError

    async def target(self, request: Request, form: TableForm) -> tuple[str, dict[str, str]]:
        """The division that the table is for, and what else was chosen."""
        raise NotImplementedError

    async def blank(self, request: Request, form: TableForm) -> File:
        """The form to be filled in."""
        raise NotImplementedError

    def after(self, batch: BatchView) -> str:
        """Where one goes once it is stored."""
        return self.look.home

    @get("/")
    async def choose(
        self,
        request: Request,
        village: FromQuery[str] = "",
        version: FromQuery[str] = "",
        group: FromQuery[str] = "",
        month: FromQuery[str] = "",
    ) -> Response:
        """Choose what it is for and a file; the imports of late."""
        form = TableForm(village=village, version=version, group=group, month=month)
        return await _choose_page(self, request, form, {})

    @post("/")
    async def upload(self, request: Request, data: MultipartBody[TableForm]) -> Response:
        """Take the table in; it is read in the background."""
        content = await data.file.read() if data.file else b""
        if not data.file or not content:
            said = {"file": locale.text("请先选一个文件。")}
            return await _choose_page(self, request, data, said)
        try:
            batch = await _uploaded(self, request, data, content)
        except Refusal as refusal:
            return await _choose_page(self, request, data, {"file": errors.message(refusal)})
        background: Background = request.app.state.background
        background.start("import", partial(batches.read, batch.id))
        return render.go(f"{_root(self)}/{batch.id}")

    @get("/blank")
    async def form(
        self,
        request: Request,
        village: FromQuery[str] = "",
        version: FromQuery[str] = "",
        group: FromQuery[str] = "",
        month: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The form to be filled in, as a workbook."""
        form = TableForm(village=village, version=version, group=group, month=month)
        file = await self.blank(request, form)
        return render.file(file.content, name=file.name)

    @get("/{batch_id:uuid}")
    async def one(
        self,
        request: Request,
        batch_id: FromPath[UUID],
        severity: FromQuery[str] = "",
        sheet: FromQuery[str] = "",
        q: FromQuery[str] = "",
        action: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Response:
        """How far it is, then what it would do."""
        form = {"severity": severity, "sheet": sheet, "q": q, "action": action}
        return await _batch_page(self, request, batch_id, form=form, page=max(1, page))

    @post("/{batch_id:uuid}/confirm")
    async def confirm(self, request: Request, batch_id: FromPath[UUID]) -> Response:
        """Store all that is sound."""
        try:
            await batches.confirm(batch_id, by=request.user, kind=self.kind)
        except BatchNotReady as refusal:
            return render.go(f"{_root(self)}/{batch_id}", problem=errors.message(refusal))
        return render.go(f"{_root(self)}/{batch_id}")

    @post("/{batch_id:uuid}/drop")
    async def drop(self, request: Request, batch_id: FromPath[UUID]) -> Response:
        """Let it go; nothing was stored."""
        await batches.discard(batch_id, by=request.user, kind=self.kind)
        return render.go(f"{_root(self)}/{batch_id}")


def _root(pages: TablePages) -> str:
    return pages.path.rstrip("/")


async def _uploaded(
    pages: TablePages, request: Request, form: TableForm, content: bytes
) -> BatchView:
    assert form.file is not None
    place, target = await pages.target(request, form)
    return await batches.upload(
        place,
        content,
        filename=form.file.filename,
        by=request.user,
        kind=pages.kind,
        target=target,
        batch_id=uuid4(),
    )


# -- the pages ----------------------------------------------------------------------------


async def _choose_page(
    pages: TablePages, request: Request, form: TableForm, problems: dict[str, str]
) -> Response:
    selects = await pages.selects(request, form)
    chosen = {one["name"]: one["value"] for one in selects}
    return render.page(
        request,
        "import_table.html",
        status=400 if problems else 200,
        path=_root(pages),
        look=_look(pages.look),
        selects=selects,
        form=chosen,
        errors=problems,
        batches=await _late(pages, request, msgspec.convert(chosen, TableForm)),
    )


async def _late(pages: TablePages, request: Request, form: TableForm) -> list[dict[str, Any]]:
    """The imports of late for what is chosen, newest first."""
    try:
        place, _ = await pages.target(request, form)
        late = await batches.of_village(place, actor=request.user, kind=pages.kind)
    except Refusal:
        return []
    names = await directory.names(one.created_by for one in late)
    return [
        {
            "id": one.id,
            "file_name": one.file_name,
            "state": STATES.get(one.state, "dropped"),
            "created_at": clock.local(one.created_at),
            "created_by": names.get(one.created_by, ""),
        }
        for one in late[:BATCHES_SHOWN]
    ]


def _look(look: Look) -> dict[str, Any]:
    """The words of a kind in the reader's language."""
    texts = ("home_name", "title", "lead", "form_name", "done", "done_link")
    return {
        "room": look.room,
        "home": look.home,
        **{name: locale.text(getattr(look, name)) for name in texts},
    }


async def _batch_page(
    pages: TablePages, request: Request, batch_id: UUID, *, form: dict[str, str], page: int
) -> Response:
    batch = await batches.find(batch_id, actor=request.user, kind=pages.kind)
    place = await Region.get(code=batch.village)
    seen = await _preview(pages, request, batch)
    problems = filtered(wording.result(seen.result).problems, form) if seen else []
    lines = [one for one in seen.lines if form["action"] in ("", one.action)] if seen else []
    start = (page - 1) * LINES_PAGE
    return render.page(
        request,
        "import_table_batch.html",
        path=_root(pages),
        look=_look(pages.look) | {"after": pages.after(batch)},
        batch={
            "id": batch.id,
            "place": place.name,
            "target": _target(batch),
            "file_name": batch.file_name,
            "state": STATES.get(batch.state, "dropped"),
            "done": batch.done,
            "total": batch.total,
        },
        failure=failure(batch),
        counts=_counts(batch, seen),
        figures=_figures(pages.look, batch, seen),
        sheets=[wording.sheet(one) for one in seen.sheets] if seen else [],
        problems=problems[:PROBLEMS_PAGE],
        problems_more=max(0, len(problems) - PROBLEMS_PAGE),
        lines=[_line(one) for one in lines[start : start + LINES_PAGE]],
        form=form,
        pager=render.pager(request, page=page, total=len(lines), size=LINES_PAGE),
    )


async def _preview(pages: TablePages, request: Request, batch: BatchView) -> TablePreview | None:
    """What was read, as long as it is kept."""
    if batch.state not in ("previewed", "stored"):
        return None
    try:
        found: TablePreview = await batches.preview(batch.id, actor=request.user, kind=pages.kind)
    except BatchNotReady:
        return None
    return found


def _target(batch: BatchView) -> str:
    """What else was chosen, where it says something to a reader: a day, a month."""
    target = batch.target or {}
    return target.get("on") or target.get("month") or ""


def _counts(batch: BatchView, seen: TablePreview | None) -> dict[str, int] | None:
    """The figures; those of a stored import that is over a day old come from its row."""
    if seen is None:
        return batch.result
    result = seen.result
    severe = [problem.severity for problem in result.problems]
    return {
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "errors": severe.count("error"),
        "warnings": severe.count("warning"),
    }


def _figures(look: Look, batch: BatchView, seen: TablePreview | None) -> list[dict[str, Any]]:
    """The sums of a kind with their names."""
    known = seen.result.figures if seen else batch.result or {}
    return [
        {"label": locale.text(label), "value": known[name]}
        for name, label in look.figures
        if name in known
    ]


def _line(one: Line) -> dict[str, Any]:
    return {
        "row": one.row,
        "sheet": one.sheet,
        "what": one.what,
        "details": [locale.text(detail) for detail in one.details],
        "action": one.action,
        "changes": [
            {
                "field": locale.text(change.field),
                "before": locale.text(change.before) if change.before else "",
                "after": locale.text(change.after) if change.after else "",
            }
            for change in one.changes
        ],
    }
