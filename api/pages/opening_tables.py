"""Opening balances from a workbook as screens."""

from typing import Any

from litestar import Request

from api import guards, locale
from api.pages.tables import Look, TableForm, TablePages
from foundation import clock, spreadsheets
from foundation.marking import mark as _n
from foundation.spreadsheets import File
from households import regions
from households.batches import BatchView
from points import opening_form, openings


class OpeningTables(TablePages):
    """What households bring along from the paper books."""

    path = "/entries/openings"
    guards = (guards.may("entries.open"),)
    kind = openings.KIND
    look = Look(
        room="settings",
        home="/settings",
        home_name=_n("设置"),
        title=_n("录期初积分"),
        lead=_n("旧账上的积分一次带进来：只进余额，不算得分，不影响排名。每户只有一笔。"),
        form_name=_n("期初积分空表"),
        done=_n("期初积分已入账。"),
        done_link=_n("去看农户册"),
        figures=(("points", _n("合计积分")),),
    )

    async def selects(self, request: Request, form: TableForm) -> list[dict[str, Any]]:
        """The village, and the day up to which its old books were added up."""
        options = await villages(request, "entries.open")
        mine = [one["value"] for one in options]
        chosen = form.village if form.village in mine else next(iter(mine), "")
        return [
            {
                "name": "village",
                "label": locale.text("哪个村"),
                "options": options,
                "value": chosen,
            },
            {
                "name": "on",
                "label": locale.text("旧账结到哪一天"),
                "value": form.on or clock.today().isoformat(),
                "hint": locale.text("期初积分记在这一天。"),
            },
        ]

    async def target(self, request: Request, form: TableForm) -> tuple[str, dict[str, str]]:
        """The village and the day."""
        return form.village, {"on": form.on}

    async def blank(self, request: Request, form: TableForm) -> File:
        """A form with every household of the village."""
        content = await opening_form.blank(form.village, by=request.user)
        await opening_form.log(form.village, by=request.user)
        return File(locale.text("期初积分") + ".xlsx", spreadsheets.XLSX_TYPE, content)

    def after(self, batch: BatchView) -> str:
        """The village's register, whose cards show the balances."""
        return f"/households?village={batch.village}"


async def villages(request: Request, permission: str) -> list[dict[str, str]]:
    """The villages in which the actor may do this."""
    return [
        {"value": place.code, "label": place.name}
        for place in await regions.visible(request.user, permission)
        if place.level == "village"
    ]
