"""What a workbook turned out to say: households, residents, and every problem met on the way.

Plain values between reading a workbook and storing it. Problems are values too: each says where
it stands, what stands there and, in one sentence, what became of it. Values of problems are
personal data and are never logged.
"""

from datetime import date
from typing import Literal

import msgspec

from foundation.marking import mark as _n
from households.cells import Cell, letter, seen, tight

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True):
    """Something in one cell or row that somebody should look at.

    `error`: that value or row is not stored. `warning`: stored. `row` is counted from 1 and
    `column` is the letter, both as Excel shows them; `column` is empty if the row is meant.
    """

    severity: Severity
    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str


class ParsedResident(msgspec.Struct):
    """A person in a household. `phone` is only given where it differs from the household's."""

    name: str
    relation: str = ""
    sex: str = ""
    id_number: str = ""
    born_on: date | None = None
    phone: str = ""
    remarks: str = ""
    row: int = 0


class ParsedHousehold(msgspec.Struct):
    """A household with its members, the head among them.

    `number_is_serial`: the sheet has no household number of its own and `number` is the running
    number (序号), which shifts when somebody inserts a line; trust the head's ID before it.
    """

    head_name: str = ""
    number: str = ""
    number_is_serial: bool = False
    group_name: str = ""
    grid_name: str = ""
    phone: str = ""
    household_type: str = ""
    welfare_status: str = ""
    remarks: str = ""
    address: str = ""
    members: list[ParsedResident] = []
    sheet: str = ""
    row: int = 0


class ColumnUnderstood(msgspec.Struct, frozen=True):
    """A column, what is written above it, and what it was taken for."""

    column: str
    label: str
    meaning: str


class SheetUnderstood(msgspec.Struct):
    """How one sheet was read, so that a preview can show it before anything is stored.

    `rows` counts the lines of a sheet that is no list of households.
    """

    name: str
    status: Literal["read", "no_header", "empty", "hidden"]
    header_rows: list[int] = []
    columns: list[ColumnUnderstood] = []
    unused: list[str] = []
    households: int = 0
    residents: int = 0
    rows: int = 0


class Parsed(msgspec.Struct):
    """A whole workbook. `residents` counts the people in `households`, `duplicates` households
    that were entered again and left out."""

    households: list[ParsedHousehold]
    residents: int
    duplicates: int
    problems: list[Problem]
    sheets: list[SheetUnderstood]


SENTENCES: dict[str, tuple[Severity, str]] = {
    "excel_float": (
        "error",
        _n("身份证号被 Excel 改成数字，后几位已丢失，号码未采用，请改为文本。"),
    ),
    "id_length": ("error", _n("身份证号应为 18 位，这里是 {length} 位，号码未采用。")),
    "id_characters": ("error", _n("身份证号里有数字和 X 以外的字符，号码未采用。")),
    "id_check_digit": ("error", _n("身份证号的校验码不对，至少有一位填错，号码未采用。")),
    "id_date": ("error", _n("身份证号里的出生日期不存在，号码未采用。")),
    "id_small_x": ("warning", _n("身份证号末位是小写 x 或形似字符，已改为大写 X。")),
    "id_15_digits": ("warning", _n("这是 15 位的旧身份证号，已换算为 18 位，请核对。")),
    "id_twice": ("error", _n("这个身份证号在{place}已属于{other}，此处的号码未采用。")),
    "born_in_future": ("error", _n("出生日期在今天之后，未采用。")),
    "birth_unreadable": ("error", _n("看不懂这个出生日期，未采用。")),
    "birth_differs": ("warning", _n("出生日期与身份证号不一致，以身份证号为准。")),
    "sex_differs": ("warning", _n("性别与身份证号不一致，以身份证号为准。")),
    "sex_unknown": ("error", _n("性别应填男或女，未采用。")),
    "phone_invalid": ("error", _n("电话号码不完整或有误，未采用。")),
    "phone_masked": ("warning", _n("电话中间已打码，登记簿上的电话不变。")),
    "phone_several": ("warning", _n("一格里有多个电话，采用了第一个。")),
    "name_missing": ("error", _n("这一行没有姓名，整行未采用。")),
    "name_invalid": ("error", _n("这不像是人的姓名，此人未采用。")),
    "name_unreadable": ("warning", _n("姓名里有无法显示的字，请改为正确的生僻字。")),
    "name_odd": ("warning", _n("姓名里有数字或标点，请核对。")),
    "name_note": ("warning", _n("姓名后括号里的字已移到备注。")),
    "head_unknown": ("warning", _n("这一户没有写明户主，暂以第一人为户主。")),
    "head_differs": ("warning", _n("户主一栏与“与户主关系”为户主的人不一致，以后者为准。")),
    "head_missing": ("error", _n("这一户没有户主也没有成员，未采用。")),
    "household_line_missing": (
        "warning",
        _n("从这一行开始是另一户，但户号、户主等栏是空的，已按成员行单独成户，请补全。"),
    ),
    "household_twice": ("warning", _n("这一户在{place}已录入，属重复录入，此处未再计入。")),
    "member_only_in_repeat": ("error", _n("{place}已有这一户但没有此人，重复录入处的此人未采用。")),
    "person_twice": ("warning", _n("同一户里此人录入了两次，只计一次。")),
    "number_conflict": ("error", _n("户号在{place}已用于另一户，此处的户号未采用。")),
    "number_too_long": ("error", _n("户号超过 20 个字符，未采用。")),
    "serial_restarts": ("warning", _n("序号在表内重新开始计数，不能当作户号，全部未采用。")),
    "household_not_unique": (
        "error",
        _n("没有户号和户主身份证号，而同组已有同名户主（{place}），无法分辨，此户未采用。"),
    ),
    "no_relation": ("warning", _n("表中没有户主、户号或与户主关系，每一行当作一户。")),
    "other_village": ("error", _n("这一栏写的是别的村，此户未采用。")),
    "title_elsewhere": ("warning", _n("这里写的是“{named}”，不是本村，请确认没有选错文件。")),
    "address_elsewhere": ("warning", _n("住址写的是“{named}”，不是本村，请核对。")),
    "group_unreadable": ("error", _n("看不懂这个组别，未采用。")),
    "formula_ignored": ("warning", _n("格内是公式文本，未采用。")),
    "text_cut": ("warning", _n("内容太长，只保留前 {kept} 个字。")),
    "blank_row": ("warning", _n("表中间有空行，已跳过。")),
    "after_blank_row": ("warning", _n("空行之后没有户主的成员，已归入上一户，请核对。")),
    "row_not_understood": ("warning", _n("看不懂这一行，已跳过。")),
}  # fmt: skip


class Problems:
    """The problems of a workbook as they are met."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._columns: dict[tuple[str, int, str], int] = {}

    def stands(self, value: str, *, sheet: str, row: int, column: int) -> None:
        """Remember the column of a value that was read, for a problem found later."""
        self._columns[sheet, row, value] = column

    def add_at(self, code: str, *, sheet: str, row: int, value: str, **facts: object) -> None:
        """Note a problem of a value that was read before, in the column where it stands."""
        column = self._columns.get((sheet, row, value))
        self.add(code, sheet=sheet, row=row, column=column, cell=value, **facts)

    def add(
        self, code: str, *, sheet: str, row: int, column: int | None = None, cell: Cell = None,
        **facts: object,
    ) -> None:  # fmt: skip
        """Note one problem. `row` counts from 1, `column` is the column's index from 0."""
        severity, sentence = SENTENCES[code]
        value = seen(cell)
        self.found.append(
            Problem(
                severity=severity,
                sheet=sheet,
                row=row,
                column="" if column is None else letter(column),
                value=value,
                code=code,
                message=sentence.format(length=len(tight(cell)), **facts),
            )
        )
