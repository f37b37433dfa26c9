"""Workbooks to be filled in: blank tables with lists to choose from and limits, for Excel and WPS.

What a village fills in comes back through an import, so the header's words are those that the
import knows, and whatever must not change is locked. Protection is without a password: it keeps
from slips, not from intent, and the import judges every cell again.
"""

import io
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec
import xlsxwriter
from xlsxwriter.workbook import Format, Worksheet

from foundation.spreadsheets import neutral

_INLINE_CHOICES_MAX = 200  # Excel takes 255 characters in a list of its own
_A4 = 9
_OPTIONS = "选项"
_WIDTH_MIN = 6


class Field(msgspec.Struct, frozen=True):
    """A column of a form.

    Attributes:
        title: what stands above it.
        width: in characters of the usual size.
        choices: the words that may be chosen; anything else is warned of.
        low: the smallest whole number that may be typed, None where no number is asked for.
        high: the largest one.
        hint: what is said beside the cell while one types.
        code: what stands in the hidden line below the header, for the import alone.
        hidden: whether the column is hidden.
        locked: whether its cells cannot be typed into, once the form is locked.
    """

    title: str
    width: int = 12
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    hint: str = ""
    code: str = ""
    hidden: bool = False
    locked: bool = False


class Spot(msgspec.Struct, frozen=True):
    """A cell that differs from its column: what stands in it, whether it may be typed into.

    `high` is its own largest number, None for the column's.
    """

    value: str | int = ""
    locked: bool = False
    high: int | None = None


Line = Sequence[str | int | Spot]


def form_file(
    name: str,
    fields: Sequence[Field],
    lines: Sequence[Line] = (),
    *,
    titles: Sequence[str] = (),
    example: Line = (),
    notes: Sequence[str] = (),
    spare: int = 0,
    locked: bool = False,
) -> bytes:
    """A workbook with one form, ready to be filled in and printed.

    Args:
        name: the sheet's name.
        fields: its columns.
        lines: what is filled in already; a plain value is free to be changed.
        titles: lines above the header, the first one large.
        example: one line that shows how; its first cell says 例, so no import takes it.
        notes: lines of a second sheet 说明.
        spare: empty lines below that have the lists and limits too.
        locked: whether only free cells may be typed into.
    """
    target = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, settings) as book:
        sheet = book.add_worksheet(name[:31])
        writer = _Writer(book, sheet, fields, locked=locked)
        writer.top(titles)
        writer.example(example)
        writer.lines(lines, spare=spare)
        writer.limits()
        writer.frame()
        writer.options()
        _add_notes(book, notes)
        sheet.activate()
    return target.getvalue()


class _Writer:
    """Writes one form from the top down and keeps which row is next."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        sheet: Worksheet,
        fields: Sequence[Field],
        *,
        locked: bool,
    ) -> None:
        self.book, self.sheet, self.fields, self.is_locked = book, sheet, fields, locked
        self.row = self.header = self.first = 0
        self.spots: list[dict[int, Spot]] = []
        border = {"border": 1, "border_color": "#b9b1a5", "valign": "vcenter"}
        self.free = book.add_format({**border, "num_format": "@", "locked": False})
        self.number = book.add_format({**border, "align": "right", "locked": False})
        self.fixed = book.add_format({**border, "num_format": "@", "bg_color": "#f3efe9"})
        self.posted = book.add_format({**border, "align": "right", "bg_color": "#f3efe9"})
        self.grey = book.add_format({**border, "italic": True, "font_color": "#8a8378"})
        self.head = book.add_format(
            {**border, "bold": True, "bg_color": "#e7e1d8", "text_wrap": True, "align": "center"}
        )

    def top(self, titles: Sequence[str]) -> None:
        """Titles, the header, and the hidden line of codes where there are any."""
        for place, title in enumerate(titles):
            look = {"bold": True, "font_size": 16} if place == 0 else {"font_color": "#6b645b"}
            self.sheet.write_string(self.row, 0, neutral(title), self.book.add_format(look))
            self.row += 1
        self.header = self.row
        for column, one in enumerate(self.fields):
            self.sheet.write_string(self.row, column, neutral(one.title), self.head)
            options = {"hidden": True} if one.hidden else {}
            self.sheet.set_column(column, column, max(one.width, _WIDTH_MIN), None, options)
        self.sheet.set_row(self.row, 44 if any(len(f.title) > f.width for f in self.fields) else 24)
        self.row += 1
        if any(one.code for one in self.fields):
            for column, one in enumerate(self.fields):
                self.sheet.write_string(self.row, column, one.code, self.fixed)
            self.sheet.set_row(self.row, None, None, {"hidden": True})
            self.row += 1

    def example(self, line: Line) -> None:
        """The line that shows how, in grey."""
        for column, value in enumerate(line):
            self._write(column, value if isinstance(value, Spot) else Spot(value), self.grey)
        self.row += bool(line)
        self.first = self.row

    def lines(self, lines: Sequence[Line], *, spare: int) -> None:
        """What is filled in, and empty lines below it."""
        for line in lines:
            self.spots.append({})
            for column, value in enumerate(line):
                spot = value if isinstance(value, Spot) else Spot(value)
                self.spots[-1][column] = spot
                self._write(column, spot, self._look(column, spot))
            self.row += 1
        for _ in range(spare):
            for column, one in enumerate(self.fields):
                look = self.free if one.low is None else self.number
                self.sheet.write_blank(self.row, column, None, look)
            self.row += 1

    def _look(self, column: int, spot: Spot) -> Format:
        is_number = self.fields[column].low is not None
        if spot.locked or self.fields[column].locked:
            return self.posted if is_number else self.fixed
        return self.number if is_number else self.free

    def _write(self, column: int, spot: Spot, look: Format) -> None:
        if spot.value == "":
            self.sheet.write_blank(self.row, column, None, look)
        elif isinstance(spot.value, int):
            self.sheet.write_number(self.row, column, spot.value, look)
        else:
            self.sheet.write_string(self.row, column, neutral(spot.value), look)

    def limits(self) -> None:
        """Lists and bounds; neighbours with the same bound share one rule."""
        last = max(self.row - 1, self.first)
        for column, one in enumerate(self.fields):
            if one.choices:
                rule = {"validate": "list", "source": self._source(column)}
                self._rule(self.first, last, column, {**rule, "error_type": "warning"})
            elif one.low is not None:
                self._bounds(column, one, last=last)

    def _bounds(self, column: int, one: Field, *, last: int) -> None:
        highs = [
            self.spots[row][column].high if row < len(self.spots) and column in self.spots[row]
            else None
            for row in range(last - self.first + 1)
        ]  # fmt: skip
        row = self.first
        for high, run in groupby(highs):
            length = len(list(run))
            most = one.high if high is None else high
            rule = {
                "validate": "integer",
                "criteria": "between",
                "minimum": one.low,
                "maximum": most,
                "error_title": one.title[:32],
                "error_message": f"只能填 {one.low} 到 {most} 的整数；没有评就空着。",
            }
            self._rule(row, row + length - 1, column, rule)
            row += length

    def _rule(self, first: int, last: int, column: int, rule: Mapping[str, object]) -> None:
        one = self.fields[column]
        said = {"input_title": one.title[:32], "input_message": one.hint[:255]} if one.hint else {}
        rule = {**rule, **said, "ignore_blank": True}
        self.sheet.data_validation(first, column, last, column, rule)

    def _source(self, column: int) -> list[str] | str:
        choices = self.fields[column].choices
        if sum(map(len, choices)) + len(choices) <= _INLINE_CHOICES_MAX:
            return list(choices)
        letters = xlsxwriter.utility.xl_col_to_name(column)
        return f"={_OPTIONS}!${letters}$1:${letters}${len(choices)}"

    def frame(self) -> None:
        """The header in sight and on every page, one page wide, locked where asked for."""
        kept = sum(one.locked for one in self.fields)
        self.sheet.freeze_panes(self.header + 1, kept)
        self.sheet.set_paper(_A4)
        if sum(one.width for one in self.fields if not one.hidden) > 95:
            self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(self.header)
        self.sheet.set_footer("&L&A&R&P / &N")
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self.row + 1}"})
        if self.is_locked:
            self.sheet.protect("", {"format_columns": True, "format_rows": True})

    def options(self) -> None:
        """Long lists stand on a sheet of their own, hidden."""
        long = [
            (column, one.choices)
            for column, one in enumerate(self.fields)
            if sum(map(len, one.choices)) + len(one.choices) > _INLINE_CHOICES_MAX
        ]
        if not long:
            return
        sheet = self.book.add_worksheet(_OPTIONS)
        for column, choices in long:
            for row, choice in enumerate(choices):
                sheet.write_string(row, column, neutral(choice))
        sheet.hide()


def _add_notes(book: xlsxwriter.Workbook, notes: Sequence[str]) -> None:
    if not notes:
        return
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 90)
    look = book.add_format({"text_wrap": True, "valign": "top"})
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, neutral(note), look)
