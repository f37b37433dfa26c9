"""Boards and posted lists as files: they open right, and hold nothing that may not leave."""

import csv
import io
from collections.abc import Iterator
from uuid import uuid4

import boards
import openpyxl
import pytest

from foundation import clock, keys
from foundation.models import AuditLine
from foundation.spreadsheets import File
from households.models import Household
from points import exports, leaderboard, publication
from points.errors import PublicationNotFound
from points.exports import Format
from points.period import Period

QUARTER = Period.parse("2026Q3")
FORMATS: tuple[Format, ...] = ("xlsx", "csv")
HEADS = ("罗桂英", "周小勇", "=1+1", "李四", "王五", "赵六")


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    keys.hold(keys.Keyring([keys.Keyset("a secret of the tests, long enough to be one")]))
    with clock.stopped_at(boards.NOW):
        yield


async def scored() -> list[Household]:
    await boards.village()
    await boards.rule_book()
    homes = [
        await boards.household(head, name_wall="full", name_web="unnamed", number=f"PLANTED-{n}")
        for n, head in enumerate(HEADS)
    ]
    for n, home in enumerate(homes):
        await boards.post(home, 100 - n)
        await boards.post(home, 3, block="law")
    return homes


async def posted() -> str:
    receipt = await publication.publish(
        boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR
    )
    return receipt.serial


def cells(file: File) -> list[list[object]]:
    """All cells of the first sheet or of the csv."""
    if file.name.endswith(".csv"):
        return [list(line) for line in csv.reader(io.StringIO(file.content.decode("utf-8-sig")))]
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[0]
    return [list(line) for line in sheet.iter_rows(values_only=True)]


async def test_a_posted_list_opens_with_its_titles_table_and_notes(opened: str) -> None:
    await scored()
    serial = await posted()
    file = await exports.publication_file(serial, actor=boards.OPERATOR)
    assert file.name == f"红榜-{serial}.xlsx"
    rows = cells(file)
    assert [row[0] for row in rows[:2]] == [
        "槐庄村 积分红榜",
        f"二〇二六年第三季度　编号 {serial}",
    ]
    assert rows[2] == [
        "名次",
        "户主",
        "小组",
        "环境卫生",
        "遵纪守法",
        "移风易俗",
        "公益服务",
        "合计",
    ]
    assert rows[3:] == [
        [1, "罗桂英", "第一村民小组", 100, 3, 0, 0, 103],
        [2, "周小勇", "第一村民小组", 99, 3, 0, 0, 102],
        [3, "'=1+1", "第一村民小组", 98, 3, 0, 0, 101],
    ]
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    notes = dict(book["说明"].iter_rows(values_only=True))
    assert notes["依据"] == "《槐庄村村规民约》第 1 版（未经表决）"
    assert notes["公示期"] == "2026-10-08 至 2026-10-18"
    assert notes["参评"] == "6 户，共 603 分，公布 3 户"
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A4"
    assert (sheet.page_setup.paperSize, sheet.print_title_rows) == (9, "$3:$3")


async def test_a_csv_opens_in_excel_with_a_mark_and_its_line_ends(opened: str) -> None:
    await scored()
    file = await exports.publication_file(await posted(), format="csv", actor=boards.OPERATOR)
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert file.content.count(b"\r\n") == file.content.count(b"\n") == 4
    assert cells(file)[3][:3] == ["3", "'=1+1", "第一村民小组"]


@pytest.mark.parametrize("format", FORMATS)
async def test_only_the_walls_names_leave_and_an_erased_row_says_so(
    opened: str, format: Format
) -> None:
    homes = await scored()
    await Household.filter(id=homes[0].id).update(name_wall="masked", name_web="full")
    serial = await posted()
    await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
    file = await exports.publication_file(serial, format=format, actor=boards.OPERATOR)
    shown = [row[1] for row in cells(file)[-3:]]
    assert shown == ["罗＊英", "已按本人要求隐去", "'=1+1"]
    assert "周小勇" not in str(cells(file))


@pytest.mark.parametrize("format", FORMATS)
async def test_a_board_is_for_the_desk_and_its_export_is_logged(
    opened: str, format: Format
) -> None:
    homes = await scored()
    await boards.post(homes[5], 1, on="2026-05-01")
    region = await boards.Region.get(code=f"{boards.VILLAGE}")
    board = await leaderboard.rank(region, period=QUARTER)
    file = await exports.board_file(region, board, format=format)
    await exports.log_board(region, board, format=format, by=boards.OPERATOR)
    assert file.name == f"槐庄村积分排行-2026Q3.{format}"
    text = str(cells(file))
    if format == "xlsx":
        assert "不得张贴" in text
    assert [str(row[1]) for row in cells(file)[-6:]] == [
        "罗桂英", "周小勇", "'=1+1", "李四", "王五", "赵六",
    ]  # fmt: skip
    assert str(cells(file)[-1][-1]) == "-5", "the last was the only one before, and fell"
    assert "PLANTED" not in text
    assert not any(str(home.id) in text for home in homes)
    line = await AuditLine.get(verb="leaderboard.export")
    assert line.facts["purpose"] == exports.PURPOSE
    assert "户主" in line.facts["fields"]


async def test_a_board_of_one_block_has_one_column_of_points(opened: str) -> None:
    await scored()
    region = await boards.Region.get(code=f"{boards.VILLAGE}-G01")
    board = await leaderboard.rank(region, period=QUARTER, block="law")
    file = await exports.board_file(region, board)
    rows = cells(file)
    assert rows[0][0] == "槐庄村第一村民小组 2026年第3季度 遵纪守法积分排行"
    assert rows[2] == ["名次", "户主", "小组", "遵纪守法", "较上期升降"]


async def test_another_villages_official_gets_no_file(opened: str) -> None:
    await scored()
    serial = await posted()
    elsewhere = await boards.village("610428106222", name="邻村村委会")
    with pytest.raises(PublicationNotFound):
        await exports.publication_file(serial, actor=boards.official("clerk", elsewhere))
