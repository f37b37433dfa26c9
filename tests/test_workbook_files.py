"""Files as they arrive: what is read, what is refused, and that the reading process is limited."""

import asyncio
import io
import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt
from grids import VILLAGE, delimited, id_of, people, xlsx

from foundation.errors import Refusal
from households import errors, intake, workbook
from households.parsed import Parsed
from households.workbook import Sheet

pytestmark = pytest.mark.asyncio

ROWS = [["户号", "户主姓名", "身份证号"], ["001", "张明", id_of(11)], ["002", "王强", id_of(33)]]


async def _read(content: bytes, filename: str = "台账.xlsx") -> list[Sheet]:
    return await workbook.read(content, filename=filename)


async def _parsed(content: bytes) -> Parsed:
    return intake.parse(await _read(content), **VILLAGE)


async def _refusal(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await _read(content)
    return refused.value


def _xls(*rows: list[object]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("台账")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            style = [day] if isinstance(cell, date) else []
            sheet.write(row, column, cell, *style)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _archive(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


async def test_xlsx_and_xls_say_the_same() -> None:
    for content in (xlsx(*ROWS), _xls(*ROWS)):
        result = await _parsed(content)
        assert people(result) == [["张明"], ["王强"]]
        assert [home.number for home in result.households] == ["001", "002"]
        assert result.problems == []


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
async def test_csv_in_every_usual_encoding_and_with_every_usual_mark(
    encoding: str, mark: str
) -> None:
    content = delimited(
        ["槐庄村台账"],
        ["户号", "户主姓名", "住址", "备注"],
        ["001", "张明", "槐庄村,5组", '他说"好"，\r\n下一行'],
        [],
        ["002", "王强", "槐庄村;6组\t1号", ""],
        mark=mark,
        encoding=encoding,
    )
    sheets = await _read(content, "户籍/台账.csv")
    assert sheets[0].name == "台账"
    result = intake.parse(sheets, **VILLAGE)
    assert [(home.number, home.head_name, home.row) for home in result.households] == [
        ("001", "张明", 3),
        ("002", "王强", 5),
    ]
    assert result.households[0].address == "槐庄村,5组"
    assert result.households[0].remarks == '他说"好"， 下一行'
    assert [problem.code for problem in result.problems] == ["blank_row"]


async def test_rare_characters_survive_gb18030_and_equals_quotes_mean_text() -> None:
    content = delimited(
        ["户号", "户主姓名", "身份证号"],
        ['="001"', "𠮷㛃䶮", f'="{id_of(11)}"'],
        encoding="gb18030",
    )
    result = await _parsed(content)
    assert result.households[0].head_name == "𠮷㛃䶮"
    assert result.households[0].number == "001"
    assert result.households[0].members[0].id_number == id_of(11)
    assert result.problems == []


async def test_cells_keep_their_kind() -> None:
    morning = datetime(2026, 1, 5, 8, 30)  # noqa: DTZ001 - a sheet's times have no zone
    sheets = await _read(xlsx(["甲", 1, 1.5, True, date(2026, 1, 5), morning, None], [None]))
    assert sheets[0].rows[0] == ["甲", 1, 1.5, True, date(2026, 1, 5), morning]


async def test_rows_stand_where_excel_shows_them() -> None:
    book = openpyxl.Workbook()
    book.active["C5"] = "张明"
    file = io.BytesIO()
    book.save(file)
    sheets = await _read(file.getvalue())
    assert sheets[0].rows == [[], [], [], [], [None, None, "张明"]]


async def test_formulas_give_their_stored_value_and_are_never_calculated() -> None:
    header = ["户号", "户主姓名", "备注"]
    content = xlsx(header, ["1", "张明", "=1+1"], ["2", '=HYPERLINK("x")', "="])
    result = await _parsed(content)
    assert people(result) == [["张明"]]
    assert result.households[0].remarks == ""
    assert [problem.code for problem in result.problems] == ["formula_ignored", "head_missing"]


async def test_hidden_sheets_say_that_they_are_hidden() -> None:
    book = openpyxl.Workbook()
    book.active.append(["户号", "户主姓名"])
    book.create_sheet("去年").sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    assert [(sheet.hidden) for sheet in await _read(file.getvalue())] == [False, True]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"%PDF-1.7 text only",
        b"<html><table><tr><td>\xe6\x88\xb7\xe4\xb8\xbb</td></tr></table></html>",
        bytes(range(1, 256)) * 4,
        b"   \r\n\r\n",
        _archive(**{"word__document.xml": b"<w/>"}),
    ],
)
async def test_what_is_no_workbook_is_refused_by_its_content(content: bytes) -> None:
    assert type(await _refusal(content)) is errors.NotAWorkbook


async def test_a_password_protected_xlsx_is_refused_as_such() -> None:
    # An encrypted xlsx is an OLE file with a stream of this name and nothing readable.
    name = "EncryptedPackage".encode("utf-16-le")
    content = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048) + name + bytes(2048)
    assert type(await _refusal(content)) is errors.WorkbookProtected


async def test_a_password_protected_xls_is_refused_as_such() -> None:
    content = bytearray(_xls(*ROWS))
    record = content.index(bytes.fromhex("e1000200b004"))
    content[record : record + 2] = bytes.fromhex("2f00")  # this record says: encrypted
    assert type(await _refusal(bytes(content))) is errors.WorkbookProtected


async def test_damaged_files_are_refused_as_unreadable() -> None:
    good = (Path(__file__).parent / "data" / "huaizhuang-households.xlsx").read_bytes()
    for content in (
        good[: len(good) // 2],
        good[:100],
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096),
        _archive(**{"xl__workbook.xml": b"<not xml"}),
        _xls(*ROWS)[:1500],
    ):
        assert type(await _refusal(content)) is errors.WorkbookUnreadable


async def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = _archive(**{"xl__workbook.xml": b"x", "xl__worksheets__sheet1.xml": bytes(50_000_000)})
    refusal = await _refusal(bomb)
    assert type(refusal) is errors.WorkbookBomb
    assert refusal.unpacked > 50_000_000
    many = _archive(**{"xl__workbook.xml": b"x", **{f"part{n}": b"" for n in range(3_000)}})
    assert type(await _refusal(many)) is errors.WorkbookBomb


async def test_a_sheet_that_says_far_more_than_a_register_is_refused() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for _ in range(2_000):
        sheet.append(["x" * 900] * 50)
    file = io.BytesIO()
    book.save(file)
    # As an archive it passes: 90 MB, packed to a hundredth.
    assert len(file.getvalue()) > 500_000
    assert type(await _refusal(file.getvalue())) is errors.WorkbookBomb


async def test_two_hundred_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(errors.WorkbookTooLarge) as refused:
        workbook.refuse_oversize(200 * 1024 * 1024)
    assert refused.value.limit == 20 * 1024 * 1024
    assert type(await _refusal(bytes(20 * 1024 * 1024 + 1))) is errors.WorkbookTooLarge


async def test_too_many_rows_are_refused_with_the_sheet_and_the_number() -> None:
    refusal = await _refusal(delimited(*([["张明", "1"]] * 50_001)))
    assert type(refusal) is errors.TooManyRows
    assert (refusal.rows, refusal.limit) == (50_001, 50_000)


async def test_a_stray_cell_in_the_last_corner_is_refused_and_does_not_eat_the_memory() -> None:
    book = openpyxl.Workbook()
    book.active.append(["户号", "户主姓名"])
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    assert type(await _refusal(file.getvalue())) is errors.TooManyRows


async def test_progress_is_told_while_reading() -> None:
    told: list[tuple[int, int]] = []
    content = delimited(*([["张明", "1"]] * 1_200))
    await workbook.read(
        content, filename="台账.csv", progress=lambda done, total: told.append((done, total))
    )
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def _readers() -> set[int]:
    """Process ids of this process's children that read workbooks."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {
        int(child)
        for child in children
        if b"workbook_reader" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


async def test_a_cancelled_import_kills_the_reading_process() -> None:
    content = xlsx(*ROWS)
    reading = asyncio.create_task(_read(content))
    while not _readers():  # noqa: ASYNC110 - another process gives no event
        await asyncio.sleep(0.001)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not _readers()


async def test_a_reading_process_that_takes_too_long_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SECONDS_MAX", 0.005)
    refusal = await _refusal(xlsx(*ROWS))
    assert type(refusal) is errors.WorkbookUnreadable
    assert refusal.reason == "slow"
    assert not _readers()


async def test_the_reading_process_sees_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XIANGYUE_SECRET", "s" * 40)
    seen: list[bytes] = []

    def look(_done: int, _total: int) -> None:
        seen.extend(Path(f"/proc/{child}/environ").read_bytes() for child in _readers())

    await workbook.read(
        delimited(*([["张明" * 50, "1"]] * 20_000)), filename="台账.csv", progress=look
    )
    assert any(seen)
    assert not any(b"XIANGYUE" in environment for environment in seen)


async def test_ten_thousand_rows_are_read_and_understood_in_seconds() -> None:
    header = ["序号", "户主", "姓名", "与户主关系", "身份证号", "联系电话", "村民小组", "备注"]
    rows = []
    for number in range(2_500):
        head = "张" + chr(0x4E00 + number)
        born = f"19{number % 90 + 10}{number // 250 + 1:02d}01"
        rows.append([number + 1, head, head, "户主", id_of(number % 999, born=born),
                     "19900000001", "5组", "户在人不在"])  # fmt: skip
        rows += [
            [None, None, name + chr(0x5000 + number), "长子", None, None, None, None]
            for name in "李王赵"
        ]
    content = xlsx(header, *rows)
    async with asyncio.timeout(20):
        sheets = await _read(content)
        started = asyncio.get_running_loop().time()
        result = intake.parse(sheets, **VILLAGE)
    assert asyncio.get_running_loop().time() - started < 8, "about 1 s on an old office PC"
    assert (len(result.households), result.residents, result.problems) == (2_500, 10_000, [])
