"""Plain tables out of a village's workbook: a header, lines, one thing a line.

For imports that are no register of people: officials, opening balances, scoring items, filled
score sheets. Finds the header wherever it stands, under whatever words, and hands on the cells of
each line by the name of their column. Judges no value beyond saying whether it is a whole number
or one of some words; what a line means is the kind's own business. Never raises on what a cell
says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from foundation.marking import mark as _n
from households import labels
from households.cells import Cell, is_empty, letter, meant, plain, seen, tight, written
from households.errors import NoHeaderFound
from households.parsed import ColumnUnderstood, Problem, Severity, SheetUnderstood
from households.workbook import Sheet

HEADER_ROW_MAX = 200
_DEPTH_MAX = 2
_TOTALS = re.compile(r"^(?:合计|总计|小计|共计|累计|本页合计)")
_NOTES = re.compile(r"^(?:填表|制表|审核|复核|负责人|经办|单位|盖章|签字|注[::]|说明[::]|备注[::])")
_EXAMPLE = re.compile(r"^(?:示?例|样例|举例|填写示例|例如)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_DECIMAL = re.compile(r"([+-]?[0-9]{1,9})\.([0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+")

SENTENCES: dict[str, tuple[Severity, str]] = {
    "not_whole": ("error", _n("这里要填整数，这一格未采用。")),
    "decimal": ("error", _n("分数只能是整数，不能有小数，这一格未采用。")),
    "number_is_date": ("error", _n("Excel 把这里的数字当成了日期，请改成数字，这一格未采用。")),
    "formula": ("error", _n("格内是公式文本，未采用。")),
    "missing": ("error", _n("“{column}”不能空着，这一行未采用。")),
    "too_long": ("error", _n("最多 {limit} 个字，这一行未采用。")),
    "not_a_choice": ("error", _n("看不懂这里写的，可以写：{choices}。这一行未采用。")),
    "line_twice": ("error", _n("和第 {earlier} 行重复，这一行未采用。")),
}


class Column(msgspec.Struct, frozen=True):
    """A column that a kind of table may have.

    `words` are what villages write above it, `title` is what our own files write. A column whose
    cells are merged or written once for the lines below goes `down`, until it or one named before
    it is written anew.
    """

    key: str
    title: str
    words: tuple[str, ...] = ()
    needed: bool = False
    down: bool = False


class Row(msgspec.Struct):
    """One line of a table: its cells by the key of their column, empty ones left out.

    A date is kept as a list with its ISO form, as it waits for its confirmation in a text format.
    `columns` has the index of each column that the table has, for naming a cell.
    """

    sheet: str
    row: int
    cells: dict[str, str | int | float | bool | list[str]]
    columns: dict[str, int]

    def cell(self, key: str) -> Cell:
        """What the spreadsheet program kept there."""
        kept = self.cells.get(key)
        return datetime.fromisoformat(kept[0]) if isinstance(kept, list) else kept

    def text(self, key: str) -> str:
        """What a cell says, without spaces; a dash or 无 says nothing."""
        return tight(self.cell(key))

    def words(self, key: str) -> str:
        """Running text, its punctuation left alone."""
        return written(self.cell(key))


class Table(msgspec.Struct):
    """All lines of a workbook, and how its sheets were read."""

    rows: list[Row]
    sheets: list[SheetUnderstood]


class Notes:
    """The problems of a table as they are met; `sentences` are those of its kind."""

    def __init__(self, sentences: Mapping[str, tuple[Severity, str]]) -> None:
        self.sentences = {**SENTENCES, **sentences}
        self.found: list[Problem] = []

    def add(self, code: str, row: Row, key: str = "", **facts: object) -> None:
        """Note a problem of a line, or of the cell in the column of that key."""
        severity, sentence = self.sentences[code]
        column = row.columns.get(key)
        self.found.append(
            Problem(
                severity=severity,
                sheet=row.sheet,
                row=row.row,
                column="" if column is None else letter(column),
                value=seen(row.cell(key)),
                code=code,
                message=sentence.format(**facts),
            )
        )


class _Header(NamedTuple):
    """Which column stands where, and the last row of the header, counted from 0."""

    places: dict[int, str]
    labels: dict[int, str]
    last: int


def read(sheets: Sequence[Sheet], columns: Sequence[Column]) -> Table:
    """The lines below every header of those columns, on all sheets that are not hidden.

    A header that comes again may have its columns in another order. Left out are blank lines,
    totals, signatures, and lines whose first cells say that they are an example. Refuses with
    `NoHeaderFound` if no sheet has all needed columns.
    """
    words = {labels.bare(word): one.key for one in columns for word in (one.title, *one.words)}
    rows: list[Row] = []
    understood: list[SheetUnderstood] = []
    for sheet in sheets:
        header = None if sheet.hidden else _first_header(sheet.rows, words, columns)
        if header is None:
            understood.append(SheetUnderstood(name=sheet.name, status=_why_not(sheet)))
            continue
        found = list(_lines(sheet, header, words, columns))
        rows += found
        understood.append(_understood(sheet, header, columns, rows=len(found)))
    if not any(one.status == "read" for one in understood):
        raise NoHeaderFound(sheets=[sheet.name for sheet in sheets])
    return Table(rows, understood)


def _first_header(
    rows: Sequence[list[Cell]], words: dict[str, str], columns: Sequence[Column]
) -> _Header | None:
    for at in range(min(len(rows), HEADER_ROW_MAX)):
        if header := _header(rows, at, words, columns):
            return header
    return None


def _header(
    rows: Sequence[list[Cell]], at: int, words: dict[str, str], columns: Sequence[Column]
) -> _Header | None:
    """The header whose first row is `at`: one row, or two where cells are merged."""
    needed = {one.key for one in columns if one.needed}
    one = _places(rows[at : at + 1], words)
    if not one.places:
        return None
    if at + 1 < len(rows):
        below = _places(rows[at + 1 : at + 2], words)
        filled = sum(not is_empty(cell) for cell in rows[at + 1])
        if below.places and len(below.places) == filled:
            two = _places(rows[at : at + _DEPTH_MAX], words)
            if needed <= set(two.places.values()) and len(two.places) >= 2:
                return two._replace(last=at + 1)
    if len(one.places) < min(2, len(columns)):
        return None
    return one._replace(last=at) if needed <= set(one.places.values()) else None


def _places(rows: Sequence[list[Cell]], words: dict[str, str]) -> _Header:
    """Each column's key from its labels; the lowest one that is known decides."""
    places: dict[int, str] = {}
    said: dict[int, str] = {}
    for index in range(max((len(row) for row in rows), default=0)):
        stack = [row[index] for row in rows if index < len(row)]
        texts = [plain(cell) for cell in stack if isinstance(cell, str) and plain(cell)]
        if texts:
            said[index] = " ".join(texts)
        for text in reversed(texts):
            key = words.get(labels.bare(text)) or words.get(labels.bare(_without_brackets(text)))
            if key and key not in places.values():
                places[index] = key
                break
    return _Header(places, said, 0)


def _without_brackets(text: str) -> str:
    return re.sub(r"[(\[【〔].*?[)\]】〕]", "", text)


def _lines(
    sheet: Sheet, header: _Header, words: dict[str, str], columns: Sequence[Column]
) -> Iterator[Row]:
    down = [one.key for one in columns if one.down]
    kept: dict[str, Any] = {}
    row = header.last + 1
    while row < len(sheet.rows):
        cells = sheet.rows[row]
        again = _header(sheet.rows, row, words, columns)
        if again:
            header, kept, row = again, {}, again.last + 1
            continue
        if not _is_aside(cells):
            found = {
                key: _plain(cells[index])
                for index, key in header.places.items()
                if index < len(cells) and not is_empty(cells[index])
            }
            if found:
                for key in down:
                    if key in found:  # a new township: the village above is not its own
                        below = down[down.index(key) :]
                        kept = {k: cell for k, cell in kept.items() if k not in below}
                        kept[key] = found[key]
                columns_at = {key: index for index, key in header.places.items()}
                yield Row(sheet.name, row + 1, {**kept, **found}, columns_at)
        row += 1


def _plain(cell: Cell) -> Any:
    return [cell.isoformat()] if isinstance(cell, date) else cell


def _is_aside(cells: list[Cell]) -> bool:
    """Whether a line says nothing of its own: blank, a total, a signature, the example."""
    filled = [meant(cell) for cell in cells if meant(cell)]
    if not filled:
        return True
    first = filled[0].replace(" ", "")
    if _TOTALS.match(first) or _EXAMPLE.match(first):
        return True
    return bool(_NOTES.match(first)) or (len(filled) == 1 and len(first) > 20)


def _why_not(sheet: Sheet) -> Literal["hidden", "empty", "no_header"]:
    if sheet.hidden:
        return "hidden"
    empty = not any(not is_empty(cell) for row in sheet.rows for cell in row)
    return "empty" if empty else "no_header"


def _understood(
    sheet: Sheet, header: _Header, columns: Sequence[Column], *, rows: int
) -> SheetUnderstood:
    titles = {one.key: one.title for one in columns}
    return SheetUnderstood(
        name=sheet.name,
        status="read",
        header_rows=[header.last + 1],
        columns=[
            ColumnUnderstood(letter(index), header.labels[index], titles[key])
            for index, key in sorted(header.places.items())
        ],
        unused=[said for index, said in header.labels.items() if index not in header.places],
        rows=rows,
    )


def whole(row: Row, key: str, notes: Notes) -> int | None:
    """The whole number in a cell: None where it is empty, or no whole number, which is noted.

    Full-width digits, a thousands comma, a leading plus and a trailing 分 are read; a decimal
    fraction, a date and words are not.
    """
    cell = row.cell(key)
    if isinstance(cell, bool):
        notes.add("not_whole", row, key)
    elif isinstance(cell, int | float):
        if cell == int(cell):
            return int(cell)
        notes.add("decimal", row, key)
    elif isinstance(cell, date):
        notes.add("number_is_date", row, key)
    elif text := tight(cell).removesuffix("分"):
        return _whole_text(text, row, key, notes)
    return None


def _whole_text(text: str, row: Row, key: str, notes: Notes) -> int | None:
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if _WHOLE.fullmatch(text):
        return int(text)
    decimal = _DECIMAL.fullmatch(text)
    if decimal and not decimal[2].strip("0"):
        return int(decimal[1])
    code = "formula" if text.startswith("=") else "decimal" if decimal else "not_whole"
    notes.add(code, row, key)
    return None


def choice(row: Row, key: str, choices: Mapping[str, str], notes: Notes) -> str | None:
    """The code that a cell's word stands for; None where it is empty or unknown, which is noted."""
    text = row.text(key)
    if not text:
        return None
    code = choices.get(text.lower())
    if code is None:
        notes.add("not_a_choice", row, key, choices="、".join(_first_words(choices)))
    return code


def _first_words(choices: Mapping[str, str]) -> list[str]:
    """One word for each code: the first that stands for it."""
    first: dict[str, str] = {}
    for word, code in choices.items():
        first.setdefault(code, word)
    return list(first.values())
