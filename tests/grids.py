"""Small sheets for the tests of workbook import, with invented people only."""

import csv
import io
from datetime import date

import openpyxl

from households import identity, intake
from households.cells import Cell
from households.parsed import Parsed, Problem
from households.workbook import Sheet

VILLAGE = {"village_code": "610428106221", "village_name": "槐庄村委会"}
TODAY = date(2026, 1, 31)


def id_of(number: int, *, born: str = "19760916") -> str:
    """An invented ID number that is right in itself; an odd `number` is a man's."""
    first = f"990428{born}{number:03d}"
    return first + identity.check_digit(first)


def parsed(*rows: list[Cell], name: str = "台账", **village: str) -> Parsed:
    """What one sheet with these rows says."""
    return parsed_sheets(Sheet(name=name, rows=list(rows)), **village)


def parsed_sheets(*sheets: Sheet, **village: str) -> Parsed:
    """What several sheets say, read for 槐庄 unless another village is given."""
    return intake.parse(list(sheets), **{**VILLAGE, **village}, today=TODAY)


def people(result: Parsed) -> list[list[str]]:
    """The names of each household's members, the head's first as they stand."""
    return [[member.name for member in household.members] for household in result.households]


def faults(result: Parsed) -> list[tuple[str, int, str]]:
    """Code, row and column of every problem."""
    return [(problem.code, problem.row, problem.column) for problem in result.problems]


def only(result: Parsed) -> Problem:
    """The one problem of a result."""
    assert len(result.problems) == 1, faults(result)
    return result.problems[0]


def xlsx(*rows: list[Cell], title: str = "台账") -> bytes:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def delimited(*rows: list[str], mark: str = ",", encoding: str = "utf-8") -> bytes:
    """A csv as a spreadsheet program writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=mark).writerows(rows)
    return file.getvalue().encode(encoding)
