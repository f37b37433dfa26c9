"""Cells of a workbook as people see and mean them.

A cell is what the spreadsheet program kept: text, a number, a date, nothing. These functions turn
it into text without judging it; what the text must look like is decided in `identity` and
`places`.
"""

import re
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None

SEEN_MAX = 200

# Full-width forms to half-width, every space to the plain one, invisible marks to nothing.
_FOLD: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD |= dict.fromkeys((0x3000, 0xA0, 0x2002, 0x2003, 0x2009), " ")
_FOLD |= dict.fromkeys((0xFEFF, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060), "")
# In running text Chinese punctuation stays as it was written.
_FOLD_TEXT = {
    code: char for code, char in _FOLD.items() if not char or char.isalnum() or char == " "
}
_SPACES = re.compile(r"\s+")
_APOSTROPHES = "'’‘`′"

# What clerks write into a cell instead of leaving it empty.
_NOTHING = frozenset(
    ("", "无", "暂无", "没有", "不详", "未知", "-", "--", "—", "——", "/", "\\", "#n/a", "n/a")
)


def folded(text: str) -> str:
    """Text with full-width forms made half-width and every run of white space made one space."""
    if text.isascii():
        return _SPACES.sub(" ", text).strip()
    return _SPACES.sub(" ", text.translate(_FOLD)).strip()


def plain(cell: Cell) -> str:
    """What the cell says, folded; whole numbers without a decimal point, no leading apostrophe."""
    if isinstance(cell, str):
        return folded(cell).lstrip(_APOSTROPHES).strip()
    return seen(cell)


def meant(cell: Cell) -> str:
    """Like `plain`, but a dash or 无 says nothing."""
    text = plain(cell)
    return "" if text.lower() in _NOTHING else text


def tight(cell: Cell) -> str:
    """Like `meant`, without any white space: for numbers and for words never written with it."""
    return meant(cell).replace(" ", "")


def written(cell: Cell) -> str:
    """Running text such as a remark: like `meant`, with its punctuation left alone."""
    if not isinstance(cell, str) or not meant(cell):
        return meant(cell)
    return _SPACES.sub(" ", cell.translate(_FOLD_TEXT)).strip()


def seen(cell: Cell) -> str:
    """The cell as it stands in the sheet, at most 200 characters: what a problem quotes.

    A number too long for Excel is written in Excel's own scientific way with its 15 digits.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number_seen(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell[:SEEN_MAX]


def is_empty(cell: Cell) -> bool:
    """Whether nothing at all stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def letter(index: int) -> str:
    """The column's name in Excel: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _number_seen(number: int | float) -> str:
    if abs(number) < 1e15 and number == int(number):
        return str(int(number))
    return f"{number:.15g}".replace("e", "E")
