"""Filled score sheets from a workbook as screens."""

from typing import Any

from litestar import Request

from api import guards, locale
from api.pages.scores import months
from api.pages.tables import Look, TableForm, TablePages
from foundation import clock, spreadsheets
from foundation.marking import mark as _n
from foundation.spreadsheets import File
from households import regions
from households.batches import BatchView
from households.models import Region
from points import sheet_form, sheet_tables, today
from points.period import Period


class SheetTables(TablePages):
    """A month's sheet, filled in where there was no network."""

    path = "/scores/import"
    guards = (guards.may("scores.write"),)
    kind = sheet_tables.KIND
    look = Look(
        room="scores",
        home="/scores",
        home_name=_n("月末评分"),
        title=_n("导入填好的评分表"),
        lead=_n("下载这个小组这个月的表，用 Excel 或 WPS 填好再导入。只进草稿，不入账。"),
        form_name=_n("评分表"),
        done=_n("分数已填进评分表的草稿，还没有入账。请核对一遍，再按“入账”。"),
        done_link=_n("去核对入账"),
        figures=(("cells", _n("填了几格")), ("points", _n("合计积分"))),
    )

    async def selects(self, request: Request, form: TableForm) -> list[dict[str, Any]]:
        """The group and the month."""
        groups = await _groups(request)
        codes = [group.code for group in groups]
        chosen = form.group if form.group in codes else next(iter(codes), "")
        month = form.month or today.month_due(clock.today())
        return [
            {
                "name": "group",
                "label": locale.text("村民小组"),
                "options": [{"value": group.code, "label": group.name} for group in groups],
                "value": chosen,
            },
            {
                "name": "month",
                "label": locale.text("月份"),
                "options": months(Period.parse(month)),
                "value": month,
            },
        ]

    async def target(self, request: Request, form: TableForm) -> tuple[str, dict[str, str]]:
        """The group's village, the group and the month."""
        place = await regions.find(form.group, actor=request.user, permission="scores.write")
        return place.village, {"group": place.code, "month": form.month}

    async def blank(self, request: Request, form: TableForm) -> File:
        """The group's sheet as it stands, with what is typed already."""
        place = await regions.find(form.group, actor=request.user, permission="scores.write")
        content = await sheet_form.sheet(
            place.village, group=place.code, month=form.month, actor=request.user
        )
        await sheet_form.log(place.village, group=place.code, month=form.month, by=request.user)
        name = f"{place.name}-{form.month}-" + locale.text("评分表") + ".xlsx"
        return File(name, spreadsheets.XLSX_TYPE, content)

    def after(self, batch: BatchView) -> str:
        """The sheet on the screen."""
        target = batch.target or {}
        return f"/scores?group={target.get('group', '')}&month={target.get('month', '')}"


async def _groups(request: Request) -> list[Region]:
    """The groups that the actor may score, of his own village first."""
    seen = [
        region
        for region in await regions.visible(request.user, "scores.write")
        if region.level == "group"
    ]
    return sorted(seen, key=lambda one: (one.village != request.user.village, one.path))
