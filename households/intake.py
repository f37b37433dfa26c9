"""From the sheets of a village's workbook to households, residents and problems.

The pure half of an import: it reads no file and stores nothing. `workbook` gives it raw sheets,
`register` stores what it returns. Never raises on what a cell says: whatever is wrong with a value
becomes a problem beside the result, and only a workbook without any header is refused.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from foundation import clock
from households import headers, lines, places, repeats
from households.cells import is_empty, letter, plain
from households.errors import NoHeaderFound
from households.folding import Folder
from households.headers import Column, Segment, Table
from households.labels import MEANINGS
from households.parsed import (
    ColumnUnderstood,
    Parsed,
    ParsedHousehold,
    ParsedResident,
    Problem,
    Problems,
    SheetUnderstood,
)
from households.places import canonical_group, group_number
from households.reading import Reader, Village
from households.workbook import Sheet

__all__ = [
    "Parsed",
    "ParsedHousehold",
    "ParsedResident",
    "Problem",
    "Sheet",
    "canonical_group",
    "group_number",
    "parse",
]

PROGRESS_ROWS = 500

Progress = Callable[[int, int], None]


def parse(
    sheets: list[Sheet],
    *,
    village_code: str,
    village_name: str,
    progress: Progress | None = None,
    today: date | None = None,
) -> Parsed:
    """What a workbook says about one village.

    `village_code` has 12 digits; a code column that names another village keeps that household
    out, a title or an address elsewhere is only a warning. `progress` is called with rows done
    and rows in all at least every 500 rows. `today` is the date in China unless given.

    Refuses with `NoHeaderFound` if no sheet has a header.
    """
    problems = Problems()
    counter = _Counter(sum(len(sheet.rows) for sheet in sheets), progress)
    village = Village(village_code, village_name, today or clock.today())
    households: list[ParsedHousehold] = []
    understood: list[SheetUnderstood] = []
    for sheet in sheets:
        segments = [] if sheet.hidden else headers.segments(sheet.rows)
        understood.append(_understood(sheet, segments))
        households += _households(
            sheet, segments, village=village, problems=problems, counter=counter
        )
        counter.skip(len(sheet.rows))
    if not any(sheet.status == "read" for sheet in understood):
        raise NoHeaderFound(sheets=[sheet.name for sheet in sheets])
    kept, duplicates = repeats.settled(households, problems=problems)
    _count_by_sheet(understood, kept)
    order = {sheet.name: place for place, sheet in enumerate(sheets)}
    return Parsed(
        households=kept,
        residents=sum(len(household.members) for household in kept),
        duplicates=duplicates,
        problems=sorted(problems.found, key=lambda problem: (order[problem.sheet], problem.row)),
        sheets=understood,
    )


class _Counter:
    """Rows done, told to whoever watches every 500 rows and at the end."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress = total, progress
        self.before = self.told = 0

    def reach(self, row: int) -> None:
        """So many rows of the present sheet are done."""
        done = self.before + row
        due = done - self.told >= PROGRESS_ROWS or self.told < done == self.total
        if self.progress and due:
            self.told = done
            self.progress(done, self.total)

    def skip(self, rows: int) -> None:
        """The present sheet is done and had so many rows."""
        self.reach(rows)
        self.before += rows


def _households(
    sheet: Sheet,
    segments: list[Segment],
    *,
    village: Village,
    problems: Problems,
    counter: _Counter,
) -> Iterator[ParsedHousehold]:
    """The households of one sheet as they stand, repetitions and all."""
    titles = _titles(sheet, segments[0]) if segments else []
    _check_titles(titles, sheet=sheet.name, village=village, problems=problems)
    group = next(filter(None, (places.group_in(title.text) for title in titles)), "")
    reader = Reader(problems, sheet=sheet.name, group=group, village=village)
    for folder in _folders(sheet, segments, titles=titles, problems=problems):
        for draft in folder.drafts:
            household = reader.household(draft)
            if household is not None:
                yield household
            counter.reach(draft.lines[-1].row)


class _Title(NamedTuple):
    """A text above the header, or the sheet's own name (which has no column)."""

    text: str
    row: int
    column: int | None


def _folders(
    sheet: Sheet, segments: list[Segment], *, titles: list[_Title], problems: Problems
) -> list[Folder]:
    """The sheet's lines folded into households, one folder for each layout of columns.

    A header that comes again with the same columns goes on with the household it interrupted.
    """
    layouts: dict[tuple[Column, ...], tuple[Table, list[lines.Line]]] = {}
    for segment in segments:
        for table in segment.tables:
            _, known = layouts.setdefault(table.columns, (table, []))
            known += lines.read(
                sheet.rows,
                table,
                start=segment.start,
                stop=segment.stop,
                titles=frozenset(title.text for title in titles),
                sheet=sheet.name,
                problems=problems,
            )
    folders = []
    for table, found in layouts.values():
        number_role = "number" if table.has("number") else ""
        if not number_role and table.has("serial") and not lines.serials_count_people(found):
            number_role = "serial"
        folder = Folder(table, sheet.name, number_role, problems)
        if not table.has("number", "head", "relation"):
            problems.add("no_relation", sheet=sheet.name, row=table.last_row + 1)
        for line in found:
            folder.take(line)
        folders.append(folder)
    return folders


def _titles(sheet: Sheet, first: Segment) -> list[_Title]:
    above = sheet.rows[: first.tables[0].first_row]
    return [_Title(plain(sheet.name), 1, None)] + [
        _Title(plain(cell), row, column)
        for row, cells in enumerate(above, start=1)
        for column, cell in enumerate(cells)
        if not is_empty(cell)
    ]


def _check_titles(
    titles: list[_Title], *, sheet: str, village: Village, problems: Problems
) -> None:
    for title in titles:
        if named := places.other_village(title.text, village_name=village.name):
            problems.add(
                "title_elsewhere", sheet=sheet, row=title.row, column=title.column,
                cell=title.text, named=named,
            )  # fmt: skip


def _understood(sheet: Sheet, segments: list[Segment]) -> SheetUnderstood:
    """How the sheet was read, its columns in the words of the first header."""
    if not segments:
        empty = not any(not is_empty(cell) for row in sheet.rows for cell in row)
        status: Literal["hidden", "empty", "no_header"] = (
            "hidden" if sheet.hidden else "empty" if empty else "no_header"
        )
        return SheetUnderstood(name=sheet.name, status=status)
    tables = segments[0].tables
    return SheetUnderstood(
        name=sheet.name,
        status="read",
        header_rows=[row + 1 for row in range(tables[0].first_row, tables[0].last_row + 1)],
        columns=[
            ColumnUnderstood(letter(column.place), column.label, _meaning(column))
            for table in tables
            for column in table.columns
        ],
        unused=list(tables[0].unused),
    )


def _meaning(column: Column) -> str:
    """What a column was taken for, in the user's words."""
    meaning = MEANINGS[column.role]
    owner = "户主" if column.owner == "head" else column.owner
    return f"{owner}的{meaning}" if owner else meaning


def _count_by_sheet(understood: list[SheetUnderstood], kept: list[ParsedHousehold]) -> None:
    by_name = {sheet.name: sheet for sheet in understood}
    for household in kept:
        by_name[household.sheet].households += 1
        by_name[household.sheet].residents += len(household.members)
