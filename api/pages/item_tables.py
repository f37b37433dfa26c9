"""Scoring items from a workbook as screens, and any version's items as one."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from api import guards, locale, render
from api.pages.opening_tables import villages
from api.pages.tables import Look, TableForm, TablePages
from foundation import spreadsheets
from foundation.marking import mark as _n
from foundation.spreadsheets import File
from households.batches import BatchView
from rules import item_form, item_tables, rulebook
from rules.errors import RuleBookNotFound
from rules.rulebook import Version


class ItemTables(TablePages):
    """Scoring items of a draft."""

    path = "/rules/import"
    guards = (guards.may("rules.write"),)
    kind = item_tables.KIND
    look = Look(
        room="rules",
        home="/rules",
        home_name=_n("村规民约"),
        title=_n("从表格导入评分细则"),
        lead=_n("只进草稿，已经公布的版本不动。同名或同代码的更新，没有的新增，没写的不动。"),
        form_name=_n("这份草稿的细则表"),
        done=_n("细则已写进草稿，请看一遍再公布。"),
        done_link=_n("去看草稿"),
    )

    async def selects(self, request: Request, form: TableForm) -> list[dict[str, Any]]:
        """The draft."""
        options = [
            {"value": str(draft.id), "label": f"{place['label']} · {draft.title}"}
            for place in await villages(request, "rules.write")
            for draft in await _drafts(place["value"])
        ]
        mine = [one["value"] for one in options]
        chosen = form.version if form.version in mine else next(iter(mine), "")
        hint = "" if options else locale.text("还没有草稿，请先在“村规民约”里起草一版。")
        return [
            {
                "name": "version",
                "label": locale.text("哪份草稿"),
                "options": options,
                "value": chosen,
                "hint": hint,
            }
        ]

    async def target(self, request: Request, form: TableForm) -> tuple[str, dict[str, str]]:
        """The draft's village and the draft."""
        version = await _version(request, form.version)
        return version.village, {"version": str(version.id)}

    async def blank(self, request: Request, form: TableForm) -> File:
        """The draft's items as they are."""
        return await _file(request, (await _version(request, form.version)).id)

    def after(self, batch: BatchView) -> str:
        """The draft."""
        return f"/rules/{(batch.target or {}).get('version', '')}"


class ItemFiles(Controller):
    """A version's items to be taken along."""

    path = "/rules/{version_id:uuid}/items.xlsx"

    @get("/", guards=[guards.may("rules.read")])
    async def items(self, request: Request, version_id: FromPath[UUID]) -> Response[bytes]:
        """The items of any version, in the layout that a draft takes in."""
        file = await _file(request, version_id)
        return render.file(file.content, name=file.name)


async def _drafts(village: str) -> list[Version]:
    return [one for one in await rulebook.versions(village) if one.state == "draft"]


async def _version(request: Request, typed: str) -> Version:
    try:
        key = UUID(typed)
    except ValueError:
        raise RuleBookNotFound(id=typed) from None
    return await rulebook.version(key, actor=request.user)


async def _file(request: Request, version_id: UUID) -> File:
    version, content = await item_form.sheet(version_id, actor=request.user)
    name = f"{version.title}-" + locale.text("评分细则") + ".xlsx"
    return File(name, spreadsheets.XLSX_TYPE, content)
