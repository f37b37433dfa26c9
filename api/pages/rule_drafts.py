"""A draft as screens: its frame, one clause and one scoring item at a time.

Each form shows one part and sends it with the fingerprint of the text it was made from; the verb
checks and replaces the whole text, so what is wrong anywhere is told here.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import errors, findings, guards, locale, render
from api.pages import rules
from rules import editing, rulebook, versions
from rules.drafts import ITEM_FIELDS, Draft, DraftClause, DraftItem, Finding
from rules.editing import Way
from rules.errors import DraftChanged, RuleBookInvalid, VersionFrozen
from rules.versions import Version

Form = dict[str, Any]
Place = tuple[int | None, int | None]

NUMBERS = ("points_min", "points_max", "cap_points", "posting_days")
TICKS = ("evidence_needed", "self_claim", "on_month_sheet")
TEXTS = ("name", "unit", "cap_period", "cycle")


class FrameForm(msgspec.Struct):
    """Title, preamble and name forms, as typed; `base` is the fingerprint of the text seen."""

    base: str = ""
    title: str = ""
    preamble: str = ""
    name_wall: str = ""
    name_web: str = ""


class ClauseForm(msgspec.Struct):
    """One clause, as typed."""

    base: str = ""
    number: str = ""
    block: str = ""
    text: str = ""


class PartForm(msgspec.Struct):
    """A press that moves a part, or drops it."""

    base: str = ""
    way: Way = "up"


class RuleDraftPages(Controller):
    """What may be changed while a version is a draft."""

    path = "/rules/{version_id:uuid}"
    guards = (guards.may("rules.write"),)

    @get("/edit")
    async def frame(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """Title, preamble and name forms."""
        version = await _draft(request, version_id)
        return await _frame_page(request, version, msgspec.structs.asdict(version), {})

    @post("/edit")
    async def change_frame(
        self, request: Request, version_id: FromPath[UUID], data: URLEncodedBody[FrameForm]
    ) -> Response:
        """Change title, preamble and name forms."""
        version = await _draft(request, version_id)
        form = msgspec.structs.asdict(data)
        base = form.pop("base")
        draft = msgspec.structs.replace(versions.as_draft(version), **form)
        problems = await _save(request, version, draft, base)
        return await _frame_page(request, version, form, problems) if problems else _done(version)

    # -- clauses ------------------------------------------------------------------------

    @get("/clauses/new")
    async def new_clause(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """A form for one more clause."""
        version = await _draft(request, version_id)
        form = {"number": str(len(version.clauses) + 1)}
        return await _clause_page(request, version, None, form, {})

    @post("/clauses/new")
    async def add_clause(
        self, request: Request, version_id: FromPath[UUID], data: URLEncodedBody[ClauseForm]
    ) -> Response:
        """Add a clause behind the last one of its block."""
        version = await _draft(request, version_id)
        added = DraftClause(number=data.number, block=data.block, text=data.text)
        draft, place = editing.add_clause(versions.as_draft(version), added)
        problems = await _save(request, version, draft, data.base, at=(place - 1, None))
        form = msgspec.structs.asdict(data)
        if problems:
            return await _clause_page(request, version, None, form, problems)
        return _done(version)

    @get("/clauses/{place:int}")
    async def clause(
        self, request: Request, version_id: FromPath[UUID], place: FromPath[int]
    ) -> Response:
        """One clause."""
        version = await _draft(request, version_id)
        found = editing.clause(versions.as_draft(version), place)
        return await _clause_page(request, version, place, msgspec.structs.asdict(found), {})

    @post("/clauses/{place:int}")
    async def change_clause(
        self,
        request: Request,
        version_id: FromPath[UUID],
        place: FromPath[int],
        data: URLEncodedBody[ClauseForm],
    ) -> Response:
        """Change a clause; its items stay under it."""
        version = await _draft(request, version_id)
        draft = editing.change_clause(
            versions.as_draft(version), place, number=data.number, block=data.block, text=data.text
        )
        problems = await _save(request, version, draft, data.base, at=(place - 1, None))
        form = msgspec.structs.asdict(data)
        if problems:
            return await _clause_page(request, version, place, form, problems)
        return _done(version)

    @post("/clauses/{place:int}/move")
    async def move_clause(
        self,
        request: Request,
        version_id: FromPath[UUID],
        place: FromPath[int],
        data: URLEncodedBody[PartForm],
    ) -> Response:
        """Put a clause one place up or down among those of its block."""
        return await _edit(request, version_id, data.base, editing.move_clause, place, data.way)

    @post("/clauses/{place:int}/delete")
    async def drop_clause(
        self,
        request: Request,
        version_id: FromPath[UUID],
        place: FromPath[int],
        data: URLEncodedBody[PartForm],
    ) -> Response:
        """Drop a clause that has no items."""
        version = await _draft(request, version_id)
        draft = versions.as_draft(version)
        if editing.clause(draft, place).items:
            said = locale.text("这一条下面还有评分细则，先删细则才能删条款。")
            return _done(version, {"items": said})
        draft = editing.drop_clause(draft, place)
        return _done(version, await _save(request, version, draft, data.base))

    # -- items --------------------------------------------------------------------------

    @get("/items/new")
    async def new_item(
        self, request: Request, version_id: FromPath[UUID], clause: FromQuery[int] = 1
    ) -> Response:
        """A form for one more scoring item."""
        version = await _draft(request, version_id)
        blank = DraftItem(name="", points_max=10, cap_points=10)
        return await _item_page(request, version, None, _typed(blank, clause), {})

    @post("/items/new")
    async def add_item(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """Add a scoring item as the last one of its clause."""
        return await _write_item(request, await _draft(request, version_id), None)

    @get("/items/{place:int}")
    async def item(
        self, request: Request, version_id: FromPath[UUID], place: FromPath[int]
    ) -> Response:
        """One scoring item."""
        version = await _draft(request, version_id)
        found, clause = editing.item(versions.as_draft(version), place)
        return await _item_page(request, version, place, _typed(found, clause), {})

    @post("/items/{place:int}")
    async def change_item(
        self, request: Request, version_id: FromPath[UUID], place: FromPath[int]
    ) -> Response:
        """Change a scoring item, or put it under another clause; its code stays."""
        return await _write_item(request, await _draft(request, version_id), place)

    @post("/items/{place:int}/move")
    async def move_item(
        self,
        request: Request,
        version_id: FromPath[UUID],
        place: FromPath[int],
        data: URLEncodedBody[PartForm],
    ) -> Response:
        """Put an item one place up or down under its clause."""
        return await _edit(request, version_id, data.base, editing.move_item, place, data.way)

    @post("/items/{place:int}/delete")
    async def drop_item(
        self,
        request: Request,
        version_id: FromPath[UUID],
        place: FromPath[int],
        data: URLEncodedBody[PartForm],
    ) -> Response:
        """Drop an item."""
        return await _edit(request, version_id, data.base, editing.drop_item, place)


async def _draft(request: Request, version_id: UUID) -> Version:
    version = await rulebook.version(version_id, actor=request.user)
    if version.state != "draft":
        raise VersionFrozen(id=str(version_id), number=version.number)
    return version


async def _save(
    request: Request, version: Version, draft: Draft, base: str, *, at: Place = (None, None)
) -> dict[str, str]:
    """Store the changed text; what is wrong with it, by the field of the form at `at`."""
    try:
        await rulebook.change_draft(version.id, draft, by=request.user, base_hash=base)
    except RuleBookInvalid as refusal:
        return findings.by_field(refusal.findings, clause=at[0], item=at[1])
    except DraftChanged as refusal:
        return {"base": errors.message(refusal)}
    return {}


async def _edit(
    request: Request, version_id: UUID, base: str, change: Callable[..., Draft], *where: Any
) -> Response:
    """Change the draft at one place without a form to come back to."""
    version = await _draft(request, version_id)
    draft = change(versions.as_draft(version), *where)
    return _done(version, await _save(request, version, draft, base))


def _done(version: Version, problems: dict[str, str] | None = None) -> Response:
    if problems:
        return render.go(f"/rules/{version.id}", problem=" ".join(problems.values()))
    return render.go(f"/rules/{version.id}", done=locale.text("草稿已保存。"))


# -- an item's form -----------------------------------------------------------------------


def _typed(item: DraftItem, clause: int) -> Form:
    """An item as its form shows it."""
    form = msgspec.structs.asdict(item)
    cap = "" if item.cap_points is None else item.cap_points
    return {**form, "clause": clause, "cap_points": cap}


async def _read_item(request: Request) -> Form:
    """What was typed; a role ticked alone is still a list."""
    sent = await request.form()
    form: Form = {field: sent.get(field, "") for field in ("base", "clause", *TEXTS, *NUMBERS)}
    form |= {field: bool(sent.get(field)) for field in TICKS}
    return {**form, "scorers": [str(role) for role in sent.getall("scorers", [])]}


def _written(form: Form) -> DraftItem | list[Finding]:
    """The item that was typed, or which of its figures are none."""
    figures = {field: findings.number(form[field]) for field in NUMBERS}
    wrong = [
        Finding(None, None, field, "not_a_number")
        for field, figure in figures.items()
        if figure is None and (field != "cap_points" or form[field].strip())
    ]
    if wrong:
        return wrong
    settings = {field: form[field] for field in ITEM_FIELDS if field in (*TEXTS, *TICKS)}
    return DraftItem(**settings, **figures, scorers=tuple(form["scorers"]))  # type: ignore[arg-type]


async def _write_item(request: Request, version: Version, place: int | None) -> Response:
    form = await _read_item(request)
    written = _written(form)
    if not isinstance(written, DraftItem):
        problems = findings.by_field(written)
        return await _item_page(request, version, place, form, problems)
    clause = findings.number(form["clause"]) or 0
    draft = versions.as_draft(version)
    if place is None:
        draft, below = editing.add_item(draft, written, clause_place=clause)
    else:
        draft, below = editing.change_item(draft, place, written, clause_place=clause)
    problems = await _save(request, version, draft, form["base"], at=(clause - 1, below - 1))
    if problems:
        return await _item_page(request, version, place, form, problems)
    return _done(version)


# -- the pages ----------------------------------------------------------------------------


async def _frame_page(
    request: Request, version: Version, form: Form, problems: dict[str, str]
) -> Response:
    return await _page(request, "rule_edit.html", version, form, problems)


async def _clause_page(
    request: Request, version: Version, place: int | None, form: Form, problems: dict[str, str]
) -> Response:
    items = editing.clause(versions.as_draft(version), place).items if place else ()
    return await _page(
        request, "rule_clause.html", version, form, problems, position=place, has_items=bool(items)
    )


async def _item_page(
    request: Request, version: Version, place: int | None, form: Form, problems: dict[str, str]
) -> Response:
    clauses = [
        {"value": clause.position, "label": f"{clause.number} {clause.text}"}
        for clause in version.clauses
    ]
    return await _page(
        request, "rule_item.html", version, form, problems, position=place, clauses=clauses
    )


async def _page(
    request: Request,
    template: str,
    version: Version,
    form: Form,
    problems: dict[str, str],
    **context: Any,
) -> Response:
    return render.page(
        request,
        template,
        status=400 if problems else 200,
        version=version,
        village=rules.shown(await rules.village_of(version)),
        form=form,
        errors=problems,
        **context,
    )
