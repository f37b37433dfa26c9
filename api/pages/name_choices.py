"""How names may be posted: typed in from the signed sheet, and the sheet to print."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery

from api import errors, guards, locale, posters, printing, render
from api.pages.households import form_of, how_of
from foundation import clock
from households import name_choices, regions
from households.errors import DetailRefused
from households.models import Region
from households.name_choices import ChoiceRow, NameChoice
from points import draft

DEFAULTS = {"masked": "隐名（张＊、王＊明）", "unnamed": "不署名（一户）"}


class NameChoicePages(Controller):
    """One group at a time."""

    path = "/households/name-choices"

    @get("/", guards=[guards.may("register.write")])
    async def sheet(self, request: Request, group: FromQuery[str] = "") -> Response:
        """The households of a group with what they chose."""
        form = {"chosen_on": str(clock.today()), "how": "paper_sheet"}
        return await _page(request, group, form, {})

    @post("/", guards=[guards.may("register.write")])
    async def record(self, request: Request) -> Response:
        """Record what is different from before, all or none."""
        typed = {name: str(value) for name, value in (await request.form()).items()}
        group = typed.get("group", "")
        rows = await _rows(request, await _group(request, group))
        try:
            choices = _choices(typed, rows)
            changed = await name_choices.choose_names(
                choices,
                on=date.fromisoformat(typed.get("chosen_on", "")),
                how=how_of(typed.get("how", "")),
                by=request.user,
            )
        except DetailRefused as refusal:
            field = "how" if refusal.field == "how" else "chosen_on"
            return await _page(request, group, typed, {field: errors.message(refusal)})
        except ValueError:
            said = {"chosen_on": locale.text("日期写成 2026-10-01 这样。")}
            return await _page(request, group, typed, said)
        return render.go(
            f"/households/name-choices?group={group}",
            done=locale.text("已登记 %(n)s 户的姓名公布方式。", n=changed),
        )

    @get("/print", guards=[guards.may("register.write")])
    async def paper(self, request: Request, group: FromQuery[str]) -> Response[bytes]:
        """The sheet that goes round to be ticked and signed."""
        place = await _group(request, group)
        forms = await draft.voted_forms(place.village)
        village = await Region.get(code=place.village)
        sheet = {
            "village_name": village.name,
            "group_name": place.name,
            "households": await _rows(request, place),
            "default_name": DEFAULTS[forms["wall"] or "unnamed"],
            "printed_on": clock.today(),
        }
        demo = request.app.state.kind == "demo"
        with posters.chinese():
            html = render.document("name_choice_sheet.html", demo=demo, sheet=sheet)
        pdf = await printing.pdf(html)
        return render.file(pdf, name=f"{place.name}-姓名公布登记表.pdf", inline=True)


async def _group(request: Request, code: str) -> Region:
    return await regions.find(code, actor=request.user, permission="register.write")


async def _groups(request: Request, group: str) -> list[Region]:
    """The groups to choose from; a village without groups stands for itself."""
    village = group[:12] or request.user.village
    seen = [
        region
        for region in await regions.visible(request.user, "register.write")
        if region.village == village or not village
    ]
    groups = [region for region in seen if region.level == "group"]
    return groups or [region for region in seen if region.level == "village"]


async def _rows(request: Request, place: Region) -> list[ChoiceRow]:
    group = place.code if place.level == "group" else ""
    return await name_choices.sheet(request.user, village=place.village, group=group)


def _choices(typed: dict[str, str], rows: list[ChoiceRow]) -> list[NameChoice]:
    """The households whose choice was changed on the page; an emptied one stays as it was."""
    found = []
    for row in rows:
        wall = form_of(typed.get(f"wall-{row.household}", ""))
        web = form_of(typed.get(f"web-{row.household}", ""))
        if (wall and wall != row.wall) or (web and web != row.web):
            found.append(NameChoice(row.household, wall, web))
    return found


async def _page(
    request: Request, group: str, form: dict[str, str], problems: dict[str, str]
) -> Response:
    groups = await _groups(request, group)
    chosen = next((one for one in groups if one.code == group), groups[0] if groups else None)
    forms = await draft.voted_forms(chosen.village) if chosen else {}
    rows = await _rows(request, chosen) if chosen else []
    return render.page(
        request,
        "name_choices.html",
        status=400 if problems else 200,
        groups=[{"code": one.code, "name": one.name} for one in groups],
        group=chosen.code if chosen else "",
        rows=[_row(row, form) for row in rows],
        form=form,
        errors=problems,
        default_wall=forms.get("wall") or "unnamed",
        default_web=forms.get("web") or "unnamed",
    )


def _row(row: ChoiceRow, form: dict[str, str]) -> dict[str, Any]:
    household: UUID = row.household
    return {
        "id": household,
        "number": row.number,
        "head": row.head,
        "wall": form.get(f"wall-{household}", row.wall),
        "web": form.get(f"web-{household}", row.web),
        "chosen_on": row.chosen_on,
        "chosen_how": row.chosen_how,
        "error": "",
    }
