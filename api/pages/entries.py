"""Single entries as screens: one with its reason, why a point is there, its reversal."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody

from api import errors, guards, locale, render, wording
from api.pages.entrance import own_path
from foundation import attachments, clock
from foundation.actors import Actor
from foundation.errors import Refusal
from households import listing, officials, register
from households.models import Household, Region
from points import evidence as evidence_
from points import history, ledger
from points.chain import Entry
from points.history import Line, Story
from points.sheets import SOURCE
from rules import rulebook
from rules.errors import NoRuleBook


class EntryForm(msgspec.Struct):
    """One entry, as typed; `item` is the scoring item's id."""

    id: str = ""
    household: str = ""
    item: str = ""
    points: str = ""
    on: str = ""
    reason: str = ""
    evidence: UploadFile | None = None


class ReversalForm(msgspec.Struct):
    """A reversal, as typed."""

    id: str = ""
    reason: str = ""
    back: str = ""


class EntryPages(Controller):
    """The ledger, one line at a time."""

    path = "/entries"

    @get("/new", guards=[guards.may("entries.write")])
    async def new(
        self,
        request: Request,
        household: FromQuery[UUID | None] = None,
        q: FromQuery[str] = "",
    ) -> Response:
        """Find the household, then the form."""
        if household is None:
            return await _search_page(request, q)
        chosen = await register.household(household, actor=request.user, permission="entries.write")
        form = EntryForm(id=str(uuid4()), on=str(clock.today()))
        return await _form_page(request, chosen, form, {})

    @post("/", guards=[guards.may("entries.write")])
    async def award(self, request: Request, data: MultipartBody[EntryForm]) -> Response:
        """Post the entry; a refused form keeps what was typed."""
        household = await register.household(
            own_uuid(data.household), actor=request.user, permission="entries.write"
        )
        problems = _malformed(data)
        if not problems:
            try:
                entry = await _award(request, household, data)
            except Refusal as refusal:
                problems = {_field_of(refusal): errors.message(refusal)}
        if problems:
            return await _form_page(request, household, data, problems)
        return render.go(f"/entries/{entry.id}", done=locale.text("已入账。"))

    @get("/{entry_id:uuid}", guards=[guards.may("entries.read")])
    async def story(self, request: Request, entry_id: FromPath[UUID]) -> Response:
        """Why these points: everything that the entry rests on."""
        return await _story_page(request, entry_id, ReversalForm(id=str(uuid4())), {})

    @post("/{entry_id:uuid}/reverse", guards=[guards.may("entries.reverse")])
    async def reverse(
        self, request: Request, entry_id: FromPath[UUID], data: URLEncodedBody[ReversalForm]
    ) -> Response:
        """Take the entry back."""
        try:
            await ledger.reverse(
                entry_id, id=own_uuid(data.id), reason=data.reason, by=request.user
            )
        except Refusal as refusal:
            said = {"reason": errors.message(refusal)}
            return await _story_page(request, entry_id, data, said)
        back = own_path(data.back) if data.back else f"/entries/{entry_id}"
        return render.go(back, done=locale.text("已冲正，原来那笔还在账上。"))

    @get("/{entry_id:uuid}/evidence", guards=[guards.may("entries.read")])
    async def evidence(self, request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
        """The file kept with an entry."""
        kept, content = await evidence_.read(entry_id, actor=request.user)
        return render.file(content, name=kept.name)


async def _award(request: Request, household: Household, form: EntryForm) -> Entry:
    """Post what was typed; its evidence is kept first and let go again if that is refused."""
    evidence = await _keep_evidence(form.evidence, by=request.user)
    try:
        return await ledger.award(
            household.id,
            id=own_uuid(form.id),
            item_id=own_uuid(form.item),
            points=int(form.points),
            on=date.fromisoformat(form.on),
            reason=form.reason,
            evidence_id=evidence,
            by=request.user,
        )
    except Refusal:
        if evidence:
            await attachments.forget(evidence)
        raise


async def _keep_evidence(file: UploadFile | None, *, by: Actor) -> UUID | None:
    content = await file.read() if file else b""
    if not file or not content:
        return None
    return await evidence_.keep(content, name=file.filename, by=by)


def _malformed(form: EntryForm) -> dict[str, str]:
    problems = {}
    if not form.item:
        problems["item"] = locale.text("请选一项。")
    if not form.points.strip().isascii() or not form.points.strip().isdigit():
        problems["points"] = locale.text("分数要填整数。")
    try:
        date.fromisoformat(form.on)
    except ValueError:
        problems["on"] = locale.text("日期写成 2026-10-01 这样。")
    return problems


def _field_of(refusal: Refusal) -> str:
    return {
        "ReasonMissing": "reason",
        "ReasonTooLong": "reason",
        "EvidenceMissing": "evidence",
        "AttachmentRefused": "evidence",
        "DeedInFuture": "on",
        "NoRuleBook": "on",
        "ItemNotInForce": "on",
        "HouseholdLeft": "on",
        "PointsOutOfRange": "points",
        "CapExceeded": "points",
    }.get(type(refusal).__name__, "item")


def own_uuid(typed: str) -> UUID:
    """A UUID from a form's hidden field; a malformed one stands for nothing that exists."""
    try:
        return UUID(typed)
    except ValueError:
        return UUID(int=0)


async def _search_page(request: Request, q: str) -> Response:
    found = await listing.listing(request.user, q=q, page_size=20) if q.strip() else None
    return render.page(
        request,
        "entry_form.html",
        household=None,
        found=found.rows if found else [],
        blocks=[],
        id="",
        today=clock.today(),
        form={"q": q},
        errors={},
    )


async def _form_page(
    request: Request, household: Household, form: EntryForm, problems: dict[str, str]
) -> Response:
    return render.page(
        request,
        "entry_form.html",
        status=400 if problems else 200,
        household=await _household(household),
        found=[],
        blocks=await _blocks(request, household),
        id=form.id,
        today=clock.today(),
        form={**msgspec.structs.asdict(form), "evidence": ""},
        errors=problems,
    )


async def _blocks(request: Request, household: Household) -> list[dict[str, Any]]:
    """The items in force today that the actor's roles may score."""
    try:
        version = await rulebook.in_force(household.village, clock.today())
    except NoRuleBook:
        return []
    roles = {duty.role for duty in request.user.duties}
    mine = [item for item in version.items if roles & set(item.scorers)]
    return [
        {
            "name": wording.block(code),
            "items": [
                {
                    "code": item.id,
                    "name": item.name,
                    "range": wording.points_range(item),
                    "cap": wording.cap(item),
                    "evidence_needed": item.evidence_needed,
                }
                for item in items
            ],
        }
        for code, items in wording.by_block(mine)
    ]


async def _household(household: Household) -> dict[str, Any]:
    group = await Region.get_or_none(code=household.group) if household.group else None
    return {
        "id": household.id,
        "number": household.number,
        "head": household.head,
        "group_name": group.name if group else "",
    }


async def _story_page(
    request: Request, entry_id: UUID, form: ReversalForm, problems: dict[str, str]
) -> Response:
    told = await history.story(entry_id, actor=request.user)
    reversal = (
        await history.story(told.reversed_by.id, actor=request.user) if told.reversed_by else None
    )
    entry = told.line.entry
    household = await Household.get(id=entry.household_id)
    return render.page(
        request,
        "entry.html",
        status=400 if problems else 200,
        household={
            **(await _household(household)),
            "number": told.line.number,
            "head": told.line.head,
        },
        **_reasons(told),
        reversed_by=reversal and _reversal(reversal),
        may_reverse=may_reverse(told.line, request.user),
        instead=_instead(told, request.user),
        sheet=entry.source.removeprefix(SOURCE) if entry.source.startswith(SOURCE) else None,
        reversal_id=form.id,
        form={"reason": form.reason},
        errors=problems,
    )


def may_reverse(line: Line, actor: Actor) -> bool:
    """Whether this official may take the entry back: earned points, once, not his own."""
    return (
        officials.allowed(actor, "entries.reverse")
        and line.entry.kind in ("award", "deduction")
        and line.reversed_by is None
        and line.entry.household_id != actor.household_id
    )


def _instead(told: Story, actor: Actor) -> str:
    """What to do about an entry that cannot be reversed, for whom it concerns."""
    _ = locale.text
    entry = told.line.entry
    if not officials.allowed(actor, "entries.reverse") or told.reversed_by:
        return ""
    if entry.kind == "reversal":
        return _("冲正不能再冲正。冲错了，照原来那笔的项目、日期和分数再记一笔。")
    if entry.kind == "opening":
        return _("期初积分录错了，改好表格再导入一次：旧的自动冲掉，两笔都不算当月得分。")
    if entry.kind not in ("award", "deduction"):
        return _("这一笔不是评得的分，不能冲正：冲正会算进当月得分。")
    return _("这是您自己家的分，请别人来冲正。")


def _reasons(told: Story) -> dict[str, Any]:
    """The chain of reasons as the page lays it out."""
    entry, item, version = told.line.entry, told.item, told.version
    return {
        "entry": {
            **msgspec.structs.asdict(entry),
            "recorded_at": clock.local(clock.moment(entry.recorded_at)),
            "recorded_by": told.line.recorder,
            "source": _source(entry.source),
        },
        "item": item
        and {
            "name": item.name,
            "range": wording.points_range(item),
            "cap": wording.cap(item),
        },
        "clause": item and {"number": item.clause_number, "text": item.clause_text},
        "version": version
        and {
            "id": version.id,
            "number": version.number,
            "title": version.title,
            "in_force_from": version.in_force_from,
            "adoption": version.adoption,
        },
        "reason": told.line.reason,
        "evidence": f"/entries/{entry.id}/evidence" if told.evidence else None,
        "reverses": told.reverses and {"id": told.reverses.id, "seq": told.reverses.seq},
        "proof": entry,
    }


def _reversal(told: Story) -> dict[str, Any]:
    entry = told.line.entry
    return {
        "id": entry.id,
        "recorded_at": clock.local(clock.moment(entry.recorded_at)),
        "recorded_by": told.line.recorder,
        "reason": told.line.reason,
    }


def _source(source: str) -> str:
    _ = locale.text
    if source.startswith(SOURCE):
        return _("月末评分表")
    step = source.partition(":")[0]
    steps = {
        "split": _("分户"),
        "merge": _("并户"),
        "relocate": _("迁村"),
        "undo": _("撤销变动"),
        "reversal": _("冲正并户前的记录"),
    }
    if ":" in source and step in steps:
        return steps[step]
    words = {"entry": _("单笔录入"), "reversal": _("冲正")}
    return words.get(source, source)
