"""A month's score sheet as a workbook, to be filled in where there is no network.

Households down, items across, as on the screen: what is posted is locked, what may be typed has
its limits, what somebody has typed already stands there. Comes back through `sheet_tables`.
"""

from foundation import audit, database, forms
from foundation.actors import Actor
from foundation.forms import Field, Spot
from households import regions
from points import sheets
from points.sheets import SheetRow, SheetView
from rules.rulebook import Item

PURPOSE = "离线评分"
NOTES = (
    "没有评的格子空着，0 是评了 0 分。只能填整数，不能扣分。",
    "灰格不能填：已经入账，或者这一项现在不能评，或者是您自己家。",
    "填好以后在“月末评分”里选“导入填好的表”，先看预览，再进评分表核对，最后按一下“入账”。",
    "户和细则是锁住的，请不要增删行列；一个小组一个月一张表。",
)


async def sheet(village: str, *, group: str, month: str, actor: Actor) -> bytes:
    """A group's sheet for a month as a workbook. Refuses as `sheets.view` does, for scorers."""
    await regions.find(group, actor=actor, permission="scores.write")
    view = await sheets.view(village, group=group, month=month, actor=actor)
    fields = [
        Field("户的编号", width=8, code="household", hidden=True, locked=True),
        Field("户号", width=8, code="number", locked=True),
        Field("户主", width=12, code="head", locked=True),
        *(_field(item) for item in view.items),
    ]
    typed = {(cell.household, cell.item): cell.points for cell in view.draft}
    lines: list[list[str | int | Spot]] = [
        [
            str(row.id),
            row.number or "",
            row.head,
            *(_spot(row, item, typed.get((row.id, item.code))) for item in view.items),
        ]
        for row in view.rows
    ]
    titles = [f"{view.village.name}{view.region.name} {view.month.label}评分表", _rule(view)]
    return forms.form_file("评分表", fields, lines, titles=titles, notes=NOTES, locked=True)


@database.transaction
async def log(village: str, *, group: str, month: str, by: Actor) -> None:
    """Write down that a sheet left as a file, its fields and what for."""
    await audit.note(
        by,
        "scoring.export_sheet",
        village=village,
        subject=f"region:{group}",
        purpose=PURPOSE,
        month=month,
        fields=["户号", "户主", "评分细则"],
    )


def _rule(view: SheetView) -> str:
    return f"依据《{view.version.title}》第 {view.version.number} 版，记在 {view.deed_on}"


def _field(item: Item) -> Field:
    bounds = (
        str(item.points_max)
        if item.points_min == item.points_max
        else f"{item.points_min}–{item.points_max}"
    )
    return Field(
        f"{item.name}（{bounds}）",
        width=11,
        low=item.points_min,
        high=item.points_max,
        code=item.code,
        hint=f"第{item.clause_number}条 {item.clause_text}",
    )


def _spot(row: SheetRow, item: Item, typed: int | None) -> Spot:
    state = row.cells.get(item.code)
    if state and state.entry:
        return Spot(state.points or 0, locked=True)
    if row.refusal or (state and state.refusal):
        return Spot(locked=True)
    return Spot("" if typed is None else typed, high=state.limit if state else None)
