"""The overview as a workbook for the office. Holds no household and no official."""

import asyncio

from foundation import audit, clock, database, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell, File, Sheet
from points.comparison import Comparison, Group
from points.leaderboard import BLOCK_NAMES
from points.overview import Book, Overview, Paper, VillageLine
from points.period import Period
from points.scheme import Scheme

PURPOSE = "镇县督办张榜"
_VILLAGE_HEADS = (
    "村 乡镇 村规民约 施行日 表决 备案 怎么出榜 列前几名 张贴天数 1分抵（分钱） "
    "本期出榜 到期没有出榜 出了榜没有贴 过期没有撤"
)
_PAPER_HEADS = "村 乡镇 编号 时段 范围 板块 公示起 公示止 张贴日 撤下日 状态"
COMPARED = "村 乡镇 在册户数 参评户 参评面（%） 新增积分 户均（十分之一分） 1分抵（分钱）"
OFTEN = {"month": "每月", "quarter": "每季", "year": "每年"}
WALLS = {
    "to_hang": "待张贴",
    "hanging": "张贴中",
    "to_take_down": "该撤下",
    "taken_down": "已撤下",
    "superseded": "已更换",
    "elsewhere": "村里报来",
}


async def workbook(found: Overview) -> File:
    """Villages, lists of the period, lists due and papers that wait, a sheet each."""
    period = Period(found.period)
    titles = [f"{found.region_name} {period.label} 各村总览", "各村村规不同，积分不作比较"]
    sheets = [
        Sheet(
            name="各村",
            titles=titles,
            header=_VILLAGE_HEADS.split(),
            lines=[_village(one) for one in found.villages],
        ),
        Sheet(
            name="本期的榜",
            header=_PAPER_HEADS.split(),
            lines=[_paper(one, paper) for one in found.villages for paper in one.posted],
        ),
        Sheet(
            name="要办的",
            header=["村", "乡镇", "什么事", "时段", "从哪天起", "编号"],
            lines=[line for one in found.villages for line in _waiting(one)],
        ),
    ]
    notes = [("用途", PURPOSE), ("导出日", str(clock.today())), ("范围", found.region_name)]
    content = await asyncio.to_thread(spreadsheets.book, sheets, notes=notes)
    name = f"各村总览-{found.region_name}-{found.period}.xlsx"
    return File(name, spreadsheets.XLSX_TYPE, content)


@database.transaction
async def log(found: Overview, *, by: Actor) -> None:
    """Write down that the overview left as a file, and what for."""
    await audit.note(
        by,
        "overview.export",
        subject=f"region:{found.region}",
        purpose=PURPOSE,
        period=found.period,
        lines=len(found.villages),
    )


def _village(one: VillageLine) -> list[Cell]:
    current = [paper for paper in one.posted if paper.wall != "superseded"]
    return [
        one.name,
        one.township_name,
        *_book(one.book),
        *_scheme(one.scheme),
        len(current),
        len(one.lacking),
        len(one.to_hang),
        len(one.too_long),
    ]


def _book(book: Book | None) -> list[Cell]:
    if book is None:
        return [None, None, None, None]
    voted = "已表决" if book.voted else "未经表决"
    return [f"第 {book.number} 版", book.since, voted, book.filing_number or book.filed_on]


def _scheme(scheme: Scheme | None) -> list[Cell]:
    if scheme is None:
        return [None, None, None, None]
    return [
        OFTEN[scheme.posted_period],
        scheme.posted_first_n,
        scheme.display_days,
        scheme.point_fen or "不定价",
    ]


def _paper(one: VillageLine, paper: Paper) -> list[Cell]:
    return [
        one.name,
        one.township_name,
        paper.serial,
        Period(paper.period).label,
        "全村" if paper.region == paper.village else paper.region_name,
        BLOCK_NAMES[paper.block] if paper.block else "全部",
        paper.display_from,
        paper.display_until,
        paper.hung_on,
        paper.taken_down_on,
        WALLS[paper.wall],
    ]


def _waiting(one: VillageLine) -> list[list[Cell]]:
    place: list[Cell] = [one.name, one.township_name]
    return [
        *(
            [*place, "到期没有出榜", Period(due.period).label, due.since, None]
            for due in one.lacking
        ),
        *(
            [*place, "出了榜没有贴", Period(p.period).label, p.display_from, p.serial]
            for p in one.to_hang
        ),
        *(
            [*place, "过期没有撤", Period(p.period).label, p.display_until, p.serial]
            for p in one.too_long
        ),
    ]


# -- villages side by side --------------------------------------------------------------------


async def comparison_workbook(found: Comparison) -> File:
    """A sheet for each scheme, so that nobody sorts villages of different ones together."""
    period = Period(found.period)
    sheets = [_scheme_sheet(found, group, at) for at, group in enumerate(found.groups, start=1)]
    notes = [
        ("用途", PURPOSE),
        ("导出日", str(clock.today())),
        ("范围", found.region_name),
        ("比较", "一页是一种办法；不同办法的村不作比较，也不排名次"),
    ]
    empty = Sheet(name="没有得分", header=COMPARED.split(), lines=[])
    content = await asyncio.to_thread(spreadsheets.book, sheets or [empty], notes=notes)
    name = f"各村积分对照-{found.region_name}-{period.text}.xlsx"
    return File(name, spreadsheets.XLSX_TYPE, content)


def _scheme_sheet(found: Comparison, group: Group, at: int) -> Sheet:
    said = (
        f"同一办法的 {len(group.lines)} 个村：评分细则一样，共 {group.items} 项"
        if group.comparable
        else "办法各不相同，不作比较"
    )
    return Sheet(
        name=f"办法{at}" if group.comparable else "不作比较",
        titles=[f"{found.region_name} {Period(found.period).label} 各村积分对照", said],
        header=COMPARED.split(),
        lines=[
            [
                line.village_name,
                line.township_name,
                line.households,
                line.taking_part,
                line.share,
                line.earned,
                line.per_household,
                line.point_fen or ("不知道" if line.handed_in else "不定价"),
            ]
            for line in group.lines
        ],
    )


@database.transaction
async def log_comparison(found: Comparison, *, by: Actor) -> None:
    """Write down that the table left as a file, and what for."""
    await audit.note(
        by,
        "overview.export",
        subject=f"region:{found.region}",
        purpose=PURPOSE,
        period=found.period,
        table="comparison",
        lines=sum(len(group.lines) for group in found.groups),
    )
