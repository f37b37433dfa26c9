"""Officials from a workbook as screens."""

from typing import Any

from litestar import Request

from api import guards, locale
from api.pages.tables import Look, TableForm, TablePages
from foundation import spreadsheets
from foundation.marking import mark as _n
from foundation.spreadsheets import File
from households import regions, staff_form, staffing
from households.batches import BatchView

LEVELS = ("county", "township", "area", "village")


class OfficialTables(TablePages):
    """Who gets a login, as a list."""

    path = "/officials/import"
    guards = (guards.may("officials.write"),)
    kind = staffing.KIND
    look = Look(
        room="officials",
        home="/officials",
        home_name=_n("人员"),
        title=_n("从表格添加人员"),
        lead=_n("全县几千人一张表：姓名、角色、管哪里。没写用户名的，按姓名拼音编一个。"),
        form_name=_n("人员名册空表"),
        done=_n("人员已存好。还没有密码：到“发密码条”里印给本人。"),
        done_link=_n("去发密码条"),
    )

    async def selects(self, request: Request, form: TableForm) -> list[dict[str, Any]]:
        """The division whose officials they are."""
        options = await divisions(request)
        mine = [one["value"] for one in options]
        chosen = form.village if form.village in mine else next(iter(mine), "")
        label = locale.text("哪个地方的人员")
        return [{"name": "village", "label": label, "options": options, "value": chosen}]

    async def target(self, request: Request, form: TableForm) -> tuple[str, dict[str, str]]:
        """The division alone."""
        return form.village, {}

    def after(self, batch: BatchView) -> str:
        """Where their first passwords are printed."""
        return f"/officials/slips?village={batch.village}"

    async def blank(self, request: Request, form: TableForm) -> File:
        """A form with the roles that one may give and the divisions below to choose from."""
        content = await staff_form.blank(form.village, by=request.user)
        return File(locale.text("人员名册") + ".xlsx", spreadsheets.XLSX_TYPE, content)


async def divisions(request: Request) -> list[dict[str, str]]:
    """The divisions whose officials the actor decides about, indented as in a tree."""
    places = [
        place
        for place in await regions.visible(request.user, "officials.write")
        if place.level in LEVELS
    ]
    depth = min((place.path.count("/") for place in places), default=0)
    return [
        {"value": place.code, "label": "　" * (place.path.count("/") - depth) + place.name}
        for place in places
    ]
