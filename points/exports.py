"""Boards and posted lists as files for the office, opened with Excel or WPS.

A posted list leaves with the names that hung on the wall and nothing more. A whole board names
every household and is for the village's own desk: it says so, and its export is logged. Neither
ever holds a household's number, phone, address or anything restricted.
"""

import asyncio
from collections.abc import Sequence
from typing import Literal

from foundation import audit, database, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell, File
from households import regions
from households.models import Household, Region
from points import draft, leaderboard, published, snapshot
from points.leaderboard import BLOCK_NAMES, Board
from points.period import Period
from points.published import Shown, View

Format = Literal["xlsx", "csv"]
PURPOSE = "村内核对积分"
NOT_FOR_THE_WALL = "内部核对用，不得张贴；张贴请用公布的红榜"
REMOVED = "已按本人要求隐去"


async def board_file(region: Region, board: Board, *, format: Format = "xlsx") -> File:
    """A whole board as a file. Whoever hands it out calls `log_board` where the store can write.

    `region` and `board` belong together, and the actor may read both.
    """
    homes = await Household.filter(id__in=[row.household for row in board.rows])
    heads = {home.id: home for home in homes}
    groups = {part.code: part.name for part in await regions.parts(region.village, level="group")}
    blocks = [board.block] if board.block else list(leaderboard.BLOCKS)
    lines: list[list[Cell]] = [
        [
            row.rank,
            heads[row.household].head,
            groups.get(heads[row.household].group, ""),
            *(row.blocks[block] for block in blocks),
            *([] if board.block else [row.earned]),
            row.change,
        ]
        for row in board.rows
    ]
    header = [*_header(blocks, alone=board.block is not None), "较上期升降"]
    period = Period.parse(board.period)
    place = draft.full_name(await regions.lineage(region))
    of_block = BLOCK_NAMES[board.block] if board.block else ""
    titles = [f"{place} {period.label} {of_block}积分排行", NOT_FOR_THE_WALL]
    name = f"{place}{of_block}积分排行-{board.period}"
    return await _file(name, header, lines, titles=titles, notes=[], format=format)


@database.transaction
async def log_board(region: Region, board: Board, *, format: Format, by: Actor) -> None:
    """Write down that a whole board left as a file, its fields and what for."""
    await audit.note(
        by,
        "leaderboard.export",
        village=region.village,
        subject=f"region:{region.code}",
        purpose=PURPOSE,
        format=format,
        period=board.period,
        fields=["名次", "户主", "小组", "板块", "合计", "较上期升降"],
        lines=len(board.rows),
    )


async def publication_file(serial: str, *, format: Format = "xlsx", actor: Actor) -> File:
    """A posted list as it hung on the wall. Refuses with `PublicationNotFound`, `NotAllowed`."""
    view = await published.view(serial, medium="wall", actor=actor)
    header, period = view.header, Period.parse(view.header.period)
    blocks = [header.block] if header.block else list(leaderboard.BLOCKS)
    lines = [_line(row, blocks, alone=header.block is not None) for row in view.rows]
    of_block = f" {BLOCK_NAMES[header.block]}" if header.block else ""
    titles = [
        f"{header.region_name}{of_block} 积分红榜",
        f"{snapshot.period_name(period, as_of=header.as_of)}　编号 {header.serial}",
    ]
    return await _file(
        f"红榜-{header.serial}",
        _header(blocks, alone=header.block is not None),
        lines,
        titles=titles,
        notes=_notes(view),
        format=format,
    )


def _header(blocks: Sequence[str], *, alone: bool) -> list[str]:
    return ["名次", "户主", "小组", *(BLOCK_NAMES[block] for block in blocks)] + (
        [] if alone else ["合计"]
    )


def _line(row: Shown, blocks: Sequence[str], *, alone: bool) -> list[Cell]:
    if row.removed:
        return [None, REMOVED]
    points: list[Cell] = [row.blocks.get(block, 0) for block in blocks]
    return [row.rank, row.name, row.group, *points, *([] if alone else [row.earned])]


def _notes(view: View) -> list[tuple[str, str]]:
    """What the poster says around its rows."""
    header = view.header
    return [
        ("依据", snapshot.rule_name(header.rules) + ("" if header.adopted else "（未经表决）")),
        ("参评", f"{header.taking_part} 户，共 {header.earned_total} 分，公布 {header.posted} 户"),
        ("公示期", f"{header.display_from} 至 {header.display_until}"),
        ("有异议", f"{header.objection} {header.contact}".strip()),
        ("公布", header.publisher),
        ("监督", header.supervisor),
        ("编号", header.serial),
        ("指纹", view.fingerprint),
        ("账本", f"第 {header.chain_seq} 条 {header.chain_head}"),
        *([("已更换", view.superseded_by)] if view.superseded_by else []),
    ]


async def _file(
    name: str,
    header: list[str],
    lines: list[list[Cell]],
    *,
    titles: list[str],
    notes: list[tuple[str, str]],
    format: Format,
) -> File:
    if format == "csv":
        content = await asyncio.to_thread(spreadsheets.csv_file, header, lines)
        return File(f"{name}.csv", spreadsheets.CSV_TYPE, content)
    content = await asyncio.to_thread(
        spreadsheets.xlsx_file, "积分", header, lines, titles=titles, notes=notes
    )
    return File(f"{name}.xlsx", spreadsheets.XLSX_TYPE, content)
