"""The duty table as screens: who answers for which grid, who is missing, the paper for the wall."""

from datetime import date
from typing import Any, Literal

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api import errors, guards, locale, posters, printing, render
from foundation import clock
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households import duty_export, duty_table, officials, regions
from households.duty_table import Row, Table
from households.models import Official, Region
from points import draft

LEVEL_NAMES = {
    "village": _n("村干部责任表"),
    "group": _n("村民小组责任表"),
    "grid": _n("网格责任表"),
    "micro_grid": _n("微网格责任表"),
}


class DutyPages(Controller):
    """One table a level: places down, posts across."""

    path = "/officials/duties"

    @get("/", guards=[guards.may("officials.read")])
    async def table(
        self, request: Request, region: FromQuery[str] = "", level: FromQuery[str] = ""
    ) -> Response:
        """The table of a region, the reader's own whole reach unless one is named."""
        code = region or widest(request)
        found = await duty_table.table(code, actor=request.user, level=level)
        places = await regions.visible(request.user, "officials.read")
        shown = [p for p in places if p.level in regions.DIVISION_LEVELS]
        depth = min((p.path.count("/") for p in shown), default=0)
        return render.page(
            request,
            "duties.html",
            table=found,
            several=len({row.village for row in found.rows}) > 1,
            title=await title_of(found),
            regions=[
                {"code": p.code, "name": p.name, "depth": p.path.count("/") - depth} for p in shown
            ],
            may_write=officials.allowed(request.user, "officials.write"),
        )

    @get("/print", guards=[guards.may("officials.read")])
    async def paper(
        self, request: Request, region: FromQuery[str], level: FromQuery[str] = ""
    ) -> Response[bytes]:
        """The table on A4, for the wall of the office."""
        found = await duty_table.table(region, actor=request.user, level=level)
        with posters.chinese():
            title = await title_of(found)
            html = render.document(
                "duty_table.html",
                demo=request.app.state.kind == "demo",
                title=title,
                table=found,
                several=len({row.village for row in found.rows}) > 1,
                printed_on=clock.today(),
            )
        pdf = await printing.pdf(html)
        return render.file(pdf, name=f"{title}.pdf", inline=True)

    @get("/export/{format:str}", guards=[guards.may("officials.read")])
    async def export(
        self,
        request: Request,
        format: FromPath[Literal["xlsx", "csv"]],
        region: FromQuery[str],
        level: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The table as a file; that it left is logged."""
        file = await duty_export.table_file(region, level=level, format=format, by=request.user)
        return render.file(file.content, name=file.name)

    @get("/{code:str}", guards=[guards.may("officials.write")])
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        """One place's row, to be changed."""
        return await _edit_page(request, code, {"on": str(clock.today())}, {})

    @post("/{code:str}", guards=[guards.may("officials.write")])
    async def revise(self, request: Request, code: FromPath[str]) -> Response:
        """Take people out of the row and put others in, from a day on."""
        form = await request.form()
        typed = {name: str(value) for name, value in form.items()}
        ended = [int(each) for each in form.getall("end", []) if str(each).isdigit()]
        added = {n.removeprefix("add-"): v for n, v in typed.items() if n.startswith("add-")}
        try:
            on = date.fromisoformat(typed.get("on", ""))
        except ValueError:
            said = {"on": locale.text("日期写成 2026-10-01 这样。")}
            return await _edit_page(request, code, typed, said, ended=ended)
        try:
            come, gone = await duty_table.revise(
                code, on=on, ended=ended, added=added, by=request.user
            )
        except Refusal as refusal:
            return await _refused(request, code, typed, refusal, ended=ended)
        done = locale.text("已保存：上任 %(come)s 人，卸任 %(gone)s 人。", come=come, gone=gone)
        place = await Region.get(code=code)
        at = f"/officials/duties?region={place.village or code}&level={place.level}#r-{code}"
        return render.go(at, done=done)


def widest(request: Request) -> str:
    """The region of the widest duty that may look at officials."""
    held = [
        duty
        for duty in request.user.duties
        if "officials.read" in officials.PERMISSIONS.get(duty.role, ())
    ]
    code: str = min(held, key=lambda duty: len(duty.path)).region
    return code


async def title_of(table: Table) -> str:
    """What the paper is called: 槐庄村网格责任表."""
    return draft.place_name(table.name) + locale.text(LEVEL_NAMES[table.level])


async def _refused(
    request: Request, code: str, typed: dict[str, str], refusal: Refusal, *, ended: list[int]
) -> Response:
    status, _ = errors.status_and_text(refusal)
    if status in (403, 404):
        raise refusal
    return await _edit_page(request, code, typed, {"on": errors.message(refusal)}, ended=ended)


async def _edit_page(
    request: Request,
    code: str,
    form: dict[str, str],
    problems: dict[str, str],
    *,
    ended: list[int] | None = None,
) -> Response:
    place = await regions.find(code, actor=request.user, permission="officials.write")
    found = await duty_table.table(code, actor=request.user, level=place.level)
    row = next((row for row in found.rows if row.code == code), None)
    return render.page(
        request,
        "duty_edit.html",
        status=400 if problems else 200,
        code=code,
        name=place.name,
        village=(await Region.get(code=place.village)).name if place.village != code else "",
        back=f"/officials/duties?region={place.village}&level={place.level}",
        posts=_posts(request, row or Row(code, place.name, "", "", {}, []), found, place),
        known=await _known(place),
        ended=ended or [],
        form=form,
        errors=problems,
    )


def _posts(request: Request, row: Row, found: Table, place: Region) -> list[dict[str, Any]]:
    return [
        {
            "code": post.code,
            "name": post.name,
            "needed": post.needed,
            "holders": row.cells.get(post.code, []),
            "may": officials.may_grant(request.user, post.role, path=place.path),
        }
        for post in found.posts
    ]


async def _known(place: Region) -> list[dict[str, str]]:
    """The people of the same village, to pick from while typing."""
    near = await Official.filter(active=True, duties__region__startswith=place.code[:12]).distinct()
    return [{"login": one.login, "name": one.name} for one in near]
