"""Which column of a sheet means what: header rows found wherever they stand.

Villages write the same thing in many words, in any order, below titles and notes, in one, two or
three merged rows, with members across, or with two tables side by side. This module only reads
labels; it never looks at a person's data.
"""

from itertools import pairwise
from typing import NamedTuple

from households.cells import Cell, is_empty, plain
from households.labels import LABEL_MAX, PERSONAL, context_owner, understood

_HEADER_DEPTH_MAX = 3
_HEADER_ROW_MAX = 200


class Column(NamedTuple):
    """One understood column, its place counted from 0.

    `owner` says whose it is: empty for the row's own person or its household, `head`, or the key
    of a member who stands across, such as `成员2`.
    """

    place: int
    role: str
    owner: str
    label: str


class Table(NamedTuple):
    """A header and what its columns mean. Rows count from 0; data begins after `last_row`."""

    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    unused: tuple[str, ...]

    def has(self, *roles: str) -> bool:
        """Whether any of these roles belongs to the row's own person or household."""
        return any(column.role in roles and not column.owner for column in self.columns)


class Segment(NamedTuple):
    """The rows below one header up to the next, from 0, `stop` excluded.

    Usually one table; more when tables stand side by side.
    """

    tables: tuple[Table, ...]
    start: int
    stop: int


def segments(rows: list[list[Cell]]) -> list[Segment]:
    """The sheet cut at its headers, which come again on each page or change half way down.

    Empty if no header stands in the first 200 rows. A header has at least two different labels,
    one of them a person's name, and labels are at least half of what stands in its row.
    """
    candidates = range(min(len(rows), _HEADER_ROW_MAX))
    first = next((row for row in candidates if _is_header(rows[row])), -1)
    if first < 0:
        return []
    top = first - 1 if first and _is_context(rows[first - 1]) else first
    found = [_tables(rows, top=top, first=first)]
    header = rows[top : found[0][0].last_row + 1]
    words = {cell for row in header for cell in row if isinstance(cell, str)}
    row = found[0][0].last_row + 1
    while row < len(rows):
        if _comes_again(rows[row], words):
            first = row
            while not _is_header(rows[first]) and first + 1 < len(rows):
                first += 1
            if first - row < _HEADER_DEPTH_MAX and _is_header(rows[first]):
                found.append(_tables(rows, top=row, first=first))
                row = found[-1][0].last_row
        row += 1
    stops = [tables[0].first_row for tables in found[1:]] + [len(rows)]
    return [
        Segment(tables, tables[0].last_row + 1, stop)
        for tables, stop in zip(found, stops, strict=True)
    ]


def _tables(rows: list[list[Cell]], *, top: int, first: int) -> tuple[Table, ...]:
    """The tables below the header that begins at row `top` and has its names at row `first`."""
    last = first
    while last + 1 < len(rows) and last - top + 1 < _HEADER_DEPTH_MAX:
        if not _continues_header(rows[last + 1]):
            break
        last += 1
    columns, unused = _columns(rows[top : last + 1])
    if last + 1 < len(rows) and _is_ruler(rows[last + 1]):
        last += 1
    return tuple(
        Table(top, last, tuple(_groups(block)), tuple(unused)) for block in _blocks(columns)
    )


def _comes_again(row: list[Cell], words: set[str]) -> bool:
    """Whether a row repeats the words of a header, as a page break or a second table does."""
    filled = [cell for cell in row if not is_empty(cell)]
    hits = sum(isinstance(cell, str) and cell in words for cell in filled)
    return hits >= 2 and hits * 3 >= len(filled) * 2


def _is_header(row: list[Cell]) -> bool:
    filled = [cell for cell in row if not is_empty(cell)]
    if len(filled) < 2:
        return False
    found = {understood(plain(cell)) for cell in filled if isinstance(cell, str)} - {("", "")}
    named = any(role in ("head", "name") for role, _ in found)
    return named and _are_labels(len(found), of=len({plain(cell) for cell in filled}))


def _continues_header(row: list[Cell]) -> bool:
    """Whether a row below a header row is its second line: labels and nothing else much."""
    filled = [plain(cell) for cell in row if not is_empty(cell)]
    known = [text for text in filled if any(understood(text))]
    data = any(len(text) > 6 and any(char.isdigit() for char in text) for text in filled)
    return not data and _are_labels(len(known), of=len(filled))


def _are_labels(known: int, *, of: int) -> bool:
    """Whether that many known words in a row make a header. 户主 and 低保户 are values as well, so
    two or three count only where they are most of the row; villages add columns of their own."""
    return known >= 4 or (known >= 2 and known * 2 >= of)


def _is_context(row: list[Cell]) -> bool:
    """Whether a row above a header says whose columns follow (户主信息, 成员1), unlike a title."""
    filled = [plain(cell) for cell in row if not is_empty(cell)]
    return (
        len(filled) >= 2
        and not any(":" in text or len(text) > LABEL_MAX for text in filled)
        and any(any(understood(text)) or context_owner(text) for text in filled)
    )


def _is_ruler(row: list[Cell]) -> bool:
    """Whether a row only counts the columns: 1 2 3 4 or 甲 乙 1 2."""
    filled = [plain(cell) for cell in row if not is_empty(cell)]
    numbers = [text for text in filled if text.isdecimal()]
    counted = [str(number + 1) for number in range(len(numbers))]
    return len(numbers) >= 3 and numbers == counted and len(filled) - len(numbers) <= 4


def _columns(header: list[list[Cell]]) -> tuple[list[Column], list[str]]:
    """Each column's meaning from its labels, upper ones spread to the right over merged cells."""
    width = max(len(row) for row in header)
    lines = [
        [plain(cell) if isinstance(cell, str) else "" for cell in row] + [""] * (width - len(row))
        for row in header
    ]
    for upper, lower in pairwise(lines):
        spread = ""
        for index in range(width):
            spread = upper[index] or (spread if lower[index] else "")
            upper[index] = spread
    columns, unused = [], []
    for index in range(width):
        labels = [line[index] for line in lines if line[index]]
        role, owner = _meaning(labels)
        if role:
            columns.append(Column(index, role, owner, " ".join(dict.fromkeys(labels))))
        elif labels:
            unused.append(" ".join(dict.fromkeys(labels)))
    return columns, unused


def _meaning(labels: list[str]) -> tuple[str, str]:
    """The lowest label decides, the ones above say whose it is."""
    for depth in range(len(labels) - 1, -1, -1):
        role, owner = understood(labels[depth])
        if not role:
            continue
        if role in PERSONAL and not owner:
            for above in reversed(labels[:depth]):
                owner = owner or context_owner(above)
        if owner == "head" and role == "phone":
            return "phone", ""
        return ("head", "") if (role, owner) == ("name", "head") else (role, owner)
    return "", ""


def _blocks(columns: list[Column]) -> list[list[Column]]:
    """Two or more tables side by side, if the same labels come again in the same order."""
    if columns[0].role not in ("number", "serial", "head"):
        return [columns]
    starts = [
        place
        for place, column in enumerate(columns)
        if (column.role, column.label) == (columns[0].role, columns[0].label)
    ]
    blocks = [
        columns[start:stop] for start, stop in zip(starts, [*starts[1:], len(columns)], strict=True)
    ]
    roles = [[(column.role, column.owner) for column in block] for block in blocks]
    if len(blocks) > 1 and all(part == roles[0] for part in roles) and len(roles[0]) > 1:
        return blocks
    return [columns]


def _groups(columns: list[Column]) -> list[Column]:
    """Owners for columns that repeat without a number: 姓名 身份证号 姓名 身份证号 ...

    The first name (or the head) is the row's own person; each further name starts a member.
    """
    phones = sum(column.role == "phone" for column in columns)
    own: set[str] = set()
    result: list[Column] = []
    group, taken = 0, own
    for column in columns:
        role = column.role
        if column.owner or role not in PERSONAL:
            result.append(column)
            own.update({"name"} if role == "head" and "id" not in own and _flat(columns) else ())
            continue
        if role == "name" and "name" in taken:
            group, taken = group + 1, set()
        if role in taken or (role == "phone" and phones == 1):
            result.append(column if role == "phone" else column._replace(owner="again"))
            continue
        taken.add(role)
        result.append(column._replace(owner=f"成员{group}") if group else column)
    result = [column for column in result if column.owner != "again"]
    if any(column.role == "name" and not column.owner for column in result):
        return result
    # Without another name the head is the row's own person, and so are the head's columns.
    own = {column.role for column in result if not column.owner}
    return [
        column._replace(owner="") if column.owner == "head" and column.role not in own else column
        for column in result
    ]


def _flat(columns: list[Column]) -> bool:
    """Whether the names stand across, so that the head is the row's own person."""
    return sum(column.role == "name" and not column.owner for column in columns) > 1
