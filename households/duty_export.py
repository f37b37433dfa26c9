"""Duty tables and the list of officials as files for the office. Every file leaves with a line."""

import asyncio
from collections.abc import Mapping
from typing import Literal

from foundation import audit, clock, database, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell, File
from households import directory, duty_table, officials, regions
from households.directory import Filter, OfficialView
from households.duty_table import Table

Format = Literal["xlsx", "csv"]
PURPOSE = "公开责任人"
LIST_PURPOSE = "人员管理"
VACANT = "（空岗）"


async def table_file(region: str, *, by: Actor, level: str = "", format: Format = "xlsx") -> File:
    """A duty table as a file. Refuses with `RegionNotFound`, `NotAllowed`."""
    table = await duty_table.table(region, actor=by, level=level)
    header = ["村", "地方", *(post.name for post in table.posts)]
    lines: list[list[Cell]] = [
        [
            row.village_name,
            row.name,
            *(
                "、".join(holder.name for holder in row.cells.get(post.code, []))
                or (VACANT if post.code in row.missing else "")
                for post in table.posts
            ),
        ]
        for row in table.rows
    ]
    await _log(table, format=format, fields=header, by=by)
    name = f"{table.name}责任表-{clock.today()}"
    if format == "csv":
        content = await asyncio.to_thread(spreadsheets.csv_file, header, lines)
        return File(f"{name}.csv", spreadsheets.CSV_TYPE, content)
    content = await asyncio.to_thread(
        spreadsheets.xlsx_file,
        "责任表",
        header,
        lines,
        titles=[f"{table.name} 责任表", f"{clock.today()}　共 {table.people} 人"],
        notes=[("用途", PURPOSE), ("导出人", by.name)],
    )
    return File(f"{name}.xlsx", spreadsheets.XLSX_TYPE, content)


async def officials_file(
    which: Filter, *, by: Actor, roles: Mapping[str, str], format: Format = "xlsx"
) -> File:
    """The officials in the actor's reach that a filter wants, as a file.

    `roles` are the roles in words. No password, no household. Refuses with `NotAllowed`,
    and with `RegionNotFound` for a region outside of the actor's reach.
    """
    officials.require_anywhere(by, "officials.read")
    if which.region:
        await regions.find(which.region, actor=by, permission="officials.read")
    found = await directory.search(by, which)
    header = ["姓名", "用户名", "角色和范围", "账号"]
    lines: list[list[Cell]] = [
        [
            one.name,
            one.login,
            "、".join(f"{roles.get(duty.role, '责任人')} {duty.name}" for duty in one.duties),
            _account(one),
        ]
        for one in found
    ]
    await _log_officials(header, lines=len(lines), format=format, by=by)
    name = f"人员名册-{clock.today()}"
    if format == "csv":
        content = await asyncio.to_thread(spreadsheets.csv_file, header, lines)
        return File(f"{name}.csv", spreadsheets.CSV_TYPE, content)
    content = await asyncio.to_thread(
        spreadsheets.xlsx_file,
        "人员",
        header,
        lines,
        titles=["人员名册", f"{clock.today()}　共 {len(lines)} 人"],
        notes=[("用途", LIST_PURPOSE), ("导出人", by.name)],
    )
    return File(f"{name}.xlsx", spreadsheets.XLSX_TYPE, content)


def _account(one: OfficialView) -> str:
    if not one.active:
        return "已停用"
    if not one.serves:
        return "已离任"
    return "在用" if one.has_password else "未开通登录"


@database.transaction
async def _log_officials(fields: list[str], *, lines: int, format: str, by: Actor) -> None:
    await audit.note(
        by,
        "officials.export",
        village=by.village,
        purpose=LIST_PURPOSE,
        format=format,
        fields=fields,
        lines=lines,
    )


@database.transaction
async def _log(table: Table, *, format: str, fields: list[str], by: Actor) -> None:
    village = table.region if not table.region.endswith("000") else ""
    await audit.note(
        by,
        "officials.export_table",
        village=village[:12],
        subject=f"region:{table.region}",
        purpose=PURPOSE,
        format=format,
        fields=fields,
        lines=len(table.rows),
    )
