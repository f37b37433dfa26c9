"""Rows of a table as lines about people, everything else left out.

Blank rows, sums, signatures, dates, footnotes and titles that come again on each page are not
people. Cells stay raw here: which household a line belongs to is decided in `folding`, and what a
cell is worth in `reading`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from households import places
from households.cells import Cell, is_empty, plain, tight
from households.headers import Table
from households.identity import HEAD_WORDS
from households.labels import PERSONAL
from households.parsed import Problems

_NOT_PEOPLE = re.compile(
    r"合计|总计|小计|共计|累计|本页|注[:.]|填表人|填报人|制表人|审核人|经办人|签字|盖章"
    r"|[^:\d]{2,12}:|\d{4}年\d{1,2}月"
)
# Columns that are often filled in ahead, down to the last line of the form.
_FILLED_AHEAD = frozenset(("serial", "count", "group", "grid", "code", "village"))


class Field(NamedTuple):
    """One filled cell, its column counted from 0 and the label above it."""

    cell: Cell
    column: int
    label: str


class Person(NamedTuple):
    """What a line says of one person; `owner` as in `headers.Column`, empty for the row's own."""

    owner: str
    fields: dict[str, Field]

    def text(self, role: str) -> str:
        """One of the person's cells as plain text, empty if it has none."""
        field = self.fields.get(role)
        return tight(field.cell) if field else ""

    @property
    def is_head(self) -> bool:
        """Whether the line itself says that this is the head."""
        return self.text("relation") in HEAD_WORDS


class Line(NamedTuple):
    """One row. `row` counts from 1, as Excel does; `group` is a divider that stood above it."""

    row: int
    household: dict[str, Field]
    welfare: list[Field]
    people: list[Person]
    group: str
    after_blank: bool

    def text(self, role: str) -> str:
        """One of the household's cells as plain text, empty if the line has none."""
        field = self.household.get(role)
        return tight(field.cell) if field else ""

    @property
    def names_head(self) -> bool:
        """Whether somebody on the line is called the head in the relation column."""
        return any(person.is_head for person in self.people)


def read(
    rows: list[list[Cell]],
    table: Table,
    *,
    start: int,
    stop: int,
    titles: frozenset[str],
    sheet: str,
    problems: Problems,
) -> Iterator[Line]:
    """The lines between two rows (from 0, `stop` excluded).

    Notes as problems each blank row that stands between people and each row that says something
    but names neither a person nor a household.
    """
    first = table.columns[0].place
    last = table.columns[-1].place + 1
    prefilled = {column.place for column in table.columns if column.role in _FILLED_AHEAD}
    blank: list[int] = []
    begun, group = False, ""
    for index in range(start, stop):
        cells = rows[index]
        filled = [
            place for place in range(first, min(last, len(cells))) if not is_empty(cells[place])
        ]
        if not filled:
            blank.append(index + 1)
            continue
        if _is_about_the_table([plain(cells[place]) for place in filled], titles=titles):
            continue
        if len(filled) == 1 and (divider := _divider(plain(cells[filled[0]]))):
            group = divider
            continue
        line = _line(cells, table, row=index + 1, group=group, after_blank=begun and bool(blank))
        if line is not None:
            for row in blank if begun else ():
                problems.add("blank_row", sheet=sheet, row=row)
            blank.clear()
            begun = True
            yield line
        elif not prefilled.issuperset(filled):
            place = next(place for place in filled if place not in prefilled)
            problems.add(
                "row_not_understood", sheet=sheet, row=index + 1, column=place, cell=cells[place]
            )


def serials_count_people(lines: list[Line]) -> bool:
    """Whether the running number (序号) counts rows of people instead of households.

    It does if it moves on although the household stays: at somebody who is not the head, or
    below a head who is named again.
    """
    serial = head = ""
    for line in lines:
        before, head_before = serial, head
        serial, head = line.text("serial"), line.text("head")
        if not serial or serial == before:
            continue
        related = line.people[0].text("relation") if line.people else ""
        if (related and related not in HEAD_WORDS and not head) or (head and head == head_before):
            return True
    return False


def _line(
    cells: list[Cell], table: Table, *, row: int, group: str, after_blank: bool
) -> Line | None:
    """The line of one row; None if it names neither a person nor a household."""
    household: dict[str, Field] = {}
    welfare: list[Field] = []
    people: dict[str, dict[str, Field]] = {}
    for column in table.columns:
        if column.place >= len(cells) or is_empty(cells[column.place]):
            continue
        field = Field(cells[column.place], column.place, column.label)
        if column.role == "welfare":
            welfare.append(field)
        elif column.role in PERSONAL:
            people.setdefault(column.owner, {})[column.role] = field
        else:
            household.setdefault(column.role, field)
    if not people and not household.keys() & {"number", "head"}:
        return None
    if "head" in household and not table.has("name"):
        people.setdefault("", {})["name"] = household["head"]
    in_order = sorted(people.items(), key=lambda item: item[0] != "")
    return Line(row, household, welfare, [Person(*item) for item in in_order], group, after_blank)


def _is_about_the_table(texts: list[str], *, titles: frozenset[str]) -> bool:
    if titles.issuperset(texts):
        return True
    # A row with something as long as an ID number is about people whatever else it says.
    if any(len(text) >= 15 and text[:14].isdecimal() for text in texts):
        return False
    return _NOT_PEOPLE.match(texts[0].replace(" ", "")) is not None


def _divider(text: str) -> str:
    """The group that a row with a single cell announces for the rows below it."""
    return "" if text.replace(" ", "").isdecimal() else places.canonical_group(text)
