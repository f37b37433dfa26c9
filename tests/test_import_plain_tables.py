"""Plain tables as villages send them: wherever the header stands, whatever is merged or missing."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from api import wording
from households import tables, workbook
from households.errors import NoHeaderFound
from households.tables import Column, Notes, Row, Table
from households.workbook import Sheet

COLUMNS = (
    Column("serial", "序号"),
    Column("village", "村", ("村名",), down=True),
    Column("group", "组", ("小组",), down=True),
    Column("head", "户主", ("户主姓名",), needed=True),
    Column("points", "积分", ("分数",), needed=True),
)


def read(*rows: list[Any], name: str = "表") -> Table:
    return tables.read([Sheet(name=name, rows=list(rows))], COLUMNS)


def points(table: Table) -> tuple[list[int | None], list[str]]:
    notes = Notes({})
    found = [tables.whole(row, "points", notes) for row in table.rows]
    return found, [problem.code for problem in notes.found]


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def from_file(content: bytes) -> Table:
    return tables.read(await workbook.read(content, filename="表.xlsx"), COLUMNS)


def test_titles_totals_signatures_blank_lines_and_the_example_are_no_lines() -> None:
    table = read(
        ["槐庄村 2026 年积分结转表"],
        ["填表人：王秋实", None, None, "2026-06-30"],
        [],
        ["序号", "村名", "小组", "户 主 姓 名", "积分（分）", "签名"],
        ["例", "某村", "一组", "张三", 100],
        [1, None, None, "李四", 5],
        [None, None, None, None, None],
        [2, None, None, "王五", 6],
        ["合计", None, None, "2 户", 11],
        ["审核：", None, None, "周海勇"],
    )
    assert [(row.row, row.text("head")) for row in table.rows] == [(6, "李四"), (8, "王五")]
    [sheet] = table.sheets
    assert (sheet.header_rows, sheet.rows, sheet.unused) == ([4], 2, ["签名"])


def test_a_header_of_two_merged_rows_and_one_that_comes_again_in_another_order() -> None:
    table = read(
        ["户主", "上半年", None],
        [None, "积分", "村"],
        ["张一", 5, "槐庄"],
        ["张二", 6, None],
        ["积分", "户主", "备注"],
        [7, "张三", "补"],
    )
    said = [(row.text("head"), row.cell("points"), row.text("village")) for row in table.rows]
    assert said == [("张一", 5, "槐庄"), ("张二", 6, "槐庄"), ("张三", 7, "")]


def test_a_merged_cell_speaks_for_the_lines_below_until_a_wider_one_changes() -> None:
    table = read(
        ["村", "组", "户主", "积分"],
        ["槐庄", "一组", "张一", 1],
        [None, None, "张二", 2],
        [None, "二组", "张三", 3],
        ["西关", None, "张四", 4],
    )
    assert [(row.text("village"), row.text("group")) for row in table.rows] == [
        ("槐庄", "一组"), ("槐庄", "一组"), ("槐庄", "二组"), ("西关", ""),
    ]  # fmt: skip


def test_whole_numbers_as_people_write_them_and_nothing_else() -> None:
    typed: list[Any] = [
        12, 12.0, "１２", " 12 ", "12分", "+12", "1,200", "12.0", "-3", None, "—", "无",
        12.5, "12.5", "十二", date(2026, 1, 12), True, "=6*2", "1e3", "1,2", "9999999999",
    ]  # fmt: skip
    found, codes = points(read(["户主", "积分"], *[["张", each] for each in typed]))
    assert found[:12] == [12, 12, 12, 12, 12, 12, 1200, 12, -3, None, None, None]
    assert found[12:] == [None] * 9
    assert codes == [
        "decimal", "decimal", "not_whole", "number_is_date", "not_whole", "formula", "not_whole",
        "not_whole", "not_whole",
    ]  # fmt: skip


async def test_hidden_sheets_are_not_read_and_formulas_count_as_what_was_stored() -> None:
    book = openpyxl.Workbook()
    shown, hidden = book.active, book.create_sheet("底稿")
    hidden.sheet_state = "hidden"
    for sheet in (shown, hidden):
        sheet.append(["户主", "积分"])
        sheet.append(["张一", 5])
    shown.append(["张二", "=1+1"])  # written by a program that stored no value beside it
    table = await from_file(saved(book))
    assert [(row.sheet, row.text("head"), row.cell("points")) for row in table.rows] == [
        ("Sheet", "张一", 5), ("Sheet", "张二", None),
    ]  # fmt: skip
    assert [sheet.status for sheet in table.sheets] == ["read", "hidden"]


async def test_a_hundred_thousand_formatted_blank_rows_are_no_lines() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["户主", "积分"])
    sheet.append(["张一", 5])
    thick = openpyxl.styles.Font(bold=True)
    for row in range(3, 100_003, 50):
        sheet.cell(row, 1).font = thick
    sheet.row_dimensions[100_002].height = 30
    assert len((await from_file(saved(book))).rows) == 1


async def test_merged_cells_of_a_real_workbook_are_read_from_their_upper_left() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["村", "户主", "积分"], ["槐庄", "张一", 5], [None, "张二", 6]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    table = await from_file(saved(book))
    assert [row.text("village") for row in table.rows] == ["槐庄", "槐庄"]


@pytest.mark.parametrize("rows", [[], [["甲", "乙"]], [["户主", "电话"], ["张一", "199"]]])
def test_a_sheet_without_the_needed_columns_is_refused(rows: list[list[Any]]) -> None:
    with pytest.raises(NoHeaderFound):
        read(*rows)


def test_a_line_waits_in_a_text_format_and_comes_back_as_it_was() -> None:
    row = Row("表", 2, {"points": ["2026-01-12"]}, {"points": 0})
    assert str(row.cell("points")).startswith("2026-01-12")


def test_every_problem_of_a_workbook_has_one_sentence() -> None:
    known = [code for each in wording.SENTENCES for code in each]
    assert len(known) == len(set(known)), (
        "a code that two kinds share would speak for the wrong one"
    )
