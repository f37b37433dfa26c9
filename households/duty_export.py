"""Duty tables and the list of officials as files for the office. Every file leaves with a line."""

import asyncio
from typing import Literal

from foundation import audit, clock, database, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell, File
from households import duty_table
from households.duty_table import Table

Format = Literal["xlsx", "csv"]
PURPOSE = "公开责任人"
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
