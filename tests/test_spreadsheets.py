"""Files for Excel and WPS: text stays text, digits stay digits, nothing is ever calculated."""

import csv
import io
import zipfile

import openpyxl
import pytest

from foundation import spreadsheets

DANGEROUS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)",
    '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0",
)  # fmt: skip
HARMLESS = ("张明", "1-1", "a=b", "槐庄村1组", "'已有撇号", "")


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n"), "lines end in CR LF"
    return list(csv.reader(io.StringIO(text, newline="")))


def read_xlsx(content: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_would_be_calculated_is_neutralised_in_both_kinds_of_file(text: str) -> None:
    assert spreadsheets.neutral(text) == f"'{text}"
    shown = spreadsheets.xlsx_file("表", ["a"], [[text]])
    (cell,) = read_xlsx(shown)[1]
    assert str(cell).startswith("'")
    sheet = zipfile.ZipFile(io.BytesIO(shown)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    clean = text.replace("\r", "").replace("\n", "")
    (written,) = read_csv(spreadsheets.csv_file(["a"], [[clean]]))[1]
    assert written == f"'{clean}"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_as_it_is(text: str) -> None:
    assert spreadsheets.neutral(text) == text
    assert read_csv(spreadsheets.csv_file(["a", "b"], [[text, "x"]]))[1] == [text, "x"]


def test_long_numbers_and_leading_zeros_stay_text_and_counts_are_numbers() -> None:
    line: list[spreadsheets.Cell] = ["007", "19912340123", "990428197001010016", 12, -3, "12"]
    (written,) = read_csv(spreadsheets.csv_file(list("abcdef"), [line]))[1:]
    assert written == ["007\t", "19912340123\t", "990428197001010016\t", "12", "-3", "12"]
    (cells,) = read_xlsx(spreadsheets.xlsx_file("表", list("abcdef"), [line]))[1:]
    assert cells == line


def test_a_table_without_lines_and_an_odd_sheet_name_still_open() -> None:
    assert read_xlsx(spreadsheets.xlsx_file("[a]:*?/\\" * 9, ["一", "二"], [])) == [["一", "二"]]


def test_the_notes_stand_on_a_sheet_of_their_own() -> None:
    content = spreadsheets.xlsx_file("表", ["a"], [["x"]], notes=[("用途", "=核对")])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["表", "说明"]
    assert [cell.value for cell in book["说明"][1]] == ["用途", "'=核对"]
