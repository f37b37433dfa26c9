"""Tables for Excel and WPS: files that open right, and cells that only ever show.

Every text is neutralised, so that nothing which somebody once typed into a form becomes a formula
on an office PC. Long numbers and numbers that begin with zero stay text. Knows nothing of what
the tables are about.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import msgspec
import xlsxwriter

Cell = str | int | date | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_WIDTH_MIN, _WIDTH_MAX = 8, 40
_A4 = 9
_PORTRAIT_COLUMNS_MAX = 95
_SHEET_NAME_LENGTH_MAX = 31
_SHEETS_MAX = 1000
_TITLES = ({"bold": True, "font_size": 16}, {"font_color": "#6b645b"})
# What spreadsheet programs take for the beginning of a formula, with the full-width forms that
# Chinese ones take for the same.
_FORMULA = re.compile(r"[=+\-@\t\r\n\0＝＋－＠]")
# A csv has no types: Excel would cut these digits or show them as 1.99E+10.
_DIGITS_TO_KEEP = re.compile(r"0[0-9]+|[0-9]{11,}")


class File(msgspec.Struct, frozen=True):
    """A file to be downloaded."""

    name: str
    media_type: str
    content: bytes


def neutral(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet program would calculate it."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_file(header: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """A csv in UTF-8 with the mark that Excel needs to see that, and lines ending in CR LF.

    Long numbers end in a tab, which keeps them as text and which nobody sees.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([neutral(text) for text in header])
    writer.writerows([_in_csv(cell) for cell in line] for line in lines)
    return target.getvalue().encode("utf-8-sig")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a workbook.

    Attributes:
        name: the sheet's name; brackets and the like are left out of it.
        header: what stands above the columns.
        lines: cells; whole numbers are numbers, all else is text.
        titles: lines above the table, the first one large.
    """

    name: str
    header: Sequence[str]
    lines: Iterable[Sequence[Cell]]
    titles: Sequence[str] = ()


def xlsx_file(
    name: str,
    header: Sequence[str],
    lines: Iterable[Sequence[Cell]],
    *,
    titles: Sequence[str] = (),
    notes: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A workbook with one table; see `Sheet` and `book`."""
    return book([Sheet(name=name, header=header, lines=lines, titles=titles)], notes=notes)


def book(
    sheets: Sequence[Sheet],
    *,
    notes: Sequence[tuple[str, str]] = (),
    made_on: date | None = None,
) -> bytes:
    """A workbook of tables, each header kept in sight, ready to be filtered and printed.

    Args:
        sheets: at least one; of two with the same name the second gets a number.
        notes: lines of a last sheet 说明, such as who exported what for which purpose.
        made_on: the day that the file says it was made on; the same tables and the same day
            give the same bytes. None is the present moment.
    """
    target = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    taken = {"说明"} if notes else set()
    with xlsxwriter.Workbook(target, settings) as made:
        if made_on is not None:
            made.set_properties({"created": datetime.combine(made_on, time())})
        bold = made.add_format({"bold": True, "bg_color": "#e7e1d8", "num_format": "@"})
        text = made.add_format({"num_format": "@"})
        looks = [made.add_format(look) for look in _TITLES]
        for sheet in sheets:
            page = made.add_worksheet(_free_name(sheet.name, taken))
            _fill(page, sheet, bold=bold, text=text, looks=looks)
        if notes:
            _add_notes(made.add_worksheet("说明"), notes, bold=bold, text=text)
    return target.getvalue()


def _free_name(name: str, taken: set[str]) -> str:
    """A sheet's name that no other sheet of the workbook has, upper and lower case alike."""
    wanted = free = _sheet_name(name)
    for number in range(2, _SHEETS_MAX):
        if free.lower() not in taken:
            break
        free = f"{wanted[: _SHEET_NAME_LENGTH_MAX - 4]}-{number}"
    taken.add(free.lower())
    return free


def _fill(
    page: xlsxwriter.workbook.Worksheet,
    sheet: Sheet,
    *,
    bold: xlsxwriter.workbook.Format,
    text: xlsxwriter.workbook.Format,
    looks: Sequence[xlsxwriter.workbook.Format],
) -> None:
    for row, title in enumerate(sheet.titles):
        page.write_string(row, 0, neutral(title), looks[min(row, 1)])
    top = len(sheet.titles)
    widths = [_width(title) for title in sheet.header]
    for column, title in enumerate(sheet.header):
        page.write_string(top, column, neutral(title), bold)
    last = top
    for last, line in enumerate(sheet.lines, start=top + 1):
        for column, cell in enumerate(line):
            if isinstance(cell, int):
                page.write_number(last, column, cell)
            elif cell not in (None, ""):
                shown = neutral(str(cell))
                page.write_string(last, column, shown, text)
                widths[column] = max(widths[column], _width(shown))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, _WIDTH_MAX))
    page.freeze_panes(top + 1, 0)
    page.autofilter(top, 0, last, max(len(sheet.header) - 1, 0))
    # No green corner in every cell that holds a phone number as text.
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    _set_print(page, header_row=top, wide=sum(widths) > _PORTRAIT_COLUMNS_MAX)


def _set_print(sheet: xlsxwriter.workbook.Worksheet, *, header_row: int, wide: bool) -> None:
    """One A4 page wide, the header on every page and the page's number below."""
    sheet.set_paper(_A4)
    if wide:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.repeat_rows(header_row)
    sheet.set_footer("&L&A&R&P / &N")


def _add_notes(
    sheet: xlsxwriter.workbook.Worksheet,
    notes: Sequence[tuple[str, str]],
    *,
    bold: xlsxwriter.workbook.Format,
    text: xlsxwriter.workbook.Format,
) -> None:
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 80)
    for row, (title, note) in enumerate(notes):
        sheet.write_string(row, 0, neutral(title), bold)
        sheet.write_string(row, 1, neutral(note), text)


def _in_csv(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, str) and _DIGITS_TO_KEEP.fullmatch(text):
        return f"{text}\t"
    # A negative number is a number, a text that begins with a minus may be anything.
    return text if isinstance(cell, int) else neutral(text)


def _width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return max(_WIDTH_MIN, 2 + sum(2 if ord(char) > 0x2E7F else 1 for char in text))


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "", name)[:_SHEET_NAME_LENGTH_MAX] or "Sheet1"
