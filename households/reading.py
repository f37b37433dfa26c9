"""What the lines of one household say, with every value judged.

A value that cannot be used is dropped and noted as an error; the person and the household stay. A
value that looks odd is kept and noted as a warning.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from households import cells, identity, places
from households.folding import Draft
from households.lines import Field, Line, Person
from households.parsed import ParsedHousehold, ParsedResident, Problems

NUMBER_MAX = 20
_TEXT_MAX = {"type": 40, "grid": 60, "address": 200, "remarks": 500, "welfare": 200}

_YES = frozenset(("是", "√", "✓", "✔", "有", "1", "y", "yes", "true", "享受", "对"))
_NO = frozenset(("否", "×", "x", "0", "n", "no", "false", "没享受", "未享受", "不是", "非"))
_QUESTION = re.compile(r"^(?:是否|享受|有无)+")
_GENERAL = re.compile(r"政策|救助|保障|困难类型")


class Village(NamedTuple):
    """The village that the workbook is read for, and the day on which it is read."""

    code: str
    name: str
    today: date


class Reader:
    """Reads the households of one sheet.

    `group` is the group that the sheet's name or title gives to households without one.
    """

    def __init__(self, problems: Problems, *, sheet: str, group: str, village: Village) -> None:
        self.problems, self.sheet, self.group = problems, sheet, group
        self.village, self.today = village, village.today

    def household(self, draft: Draft) -> ParsedHousehold | None:
        """The household, or None if nothing of it can be stored."""
        first = draft.lines[0]
        foreign = [line for line in draft.lines if not self._is_ours(line)]
        if foreign:
            return None
        household = ParsedHousehold(sheet=self.sheet, row=first.row)
        household.number = self._number(draft)
        household.number_is_serial = bool(household.number) and draft.number_role == "serial"
        for line in draft.lines:
            self._add_line(household, line, first=line is first)
        household.group_name = household.group_name or first.group or self.group
        if not self._settle_head(household, draft):
            return None
        if draft.line_missing:
            self._note("household_line_missing", first.row, first.people[0].fields.get("name"))
        return household

    def _note(self, code: str, row: int, field: Field | None, **facts: object) -> None:
        self.problems.add(
            code,
            sheet=self.sheet,
            row=row,
            column=field.column if field else None,
            cell=field.cell if field else None,
            **facts,
        )

    def _is_ours(self, line: Line) -> bool:
        """Whether the line's village is this one; a line without any is."""
        for role in ("code", "village"):
            text = line.text(role)
            if text and not self._names_ours(text):
                self._note("other_village", line.row, line.household[role])
                return False
        return True

    def _names_ours(self, text: str) -> bool:
        """Whether a code, or a name such as 槐庄, 槐庄村委会 or 相公镇槐庄村, is this village's."""
        if text[0].isdigit():
            return places.is_code_of(text, village_code=self.village.code)
        return places.stem(self.village.name) in text or places.stem(text) in self.village.name

    def _number(self, draft: Draft) -> str:
        field = draft.lines[0].household.get(draft.number_role)
        if len(draft.number) > NUMBER_MAX:
            self._note("number_too_long", draft.lines[0].row, field)
            return ""
        if field:
            self._stands(draft.number, draft.lines[0].row, field)
        return draft.number

    def _add_line(self, household: ParsedHousehold, line: Line, *, first: bool) -> None:
        """Fill what the household does not know yet, then add the line's people."""
        fields = line.household
        household.grid_name = household.grid_name or self._text("grid", fields, line.row)
        household.household_type = household.household_type or self._text("type", fields, line.row)
        if "address" in fields and not household.address:
            household.address = self._text("address", fields, line.row)
            self._check_place("address_elsewhere", fields["address"], line.row)
        if "group" in fields and not household.group_name:
            household.group_name = self._group(fields["group"], line.row)
        known = household.welfare_status.split("、") if household.welfare_status else []
        found = [status for field in line.welfare if (status := _welfare(field))]
        household.welfare_status = "、".join(dict.fromkeys(known + found))[: _TEXT_MAX["welfare"]]
        remarks = self._text("remarks", fields, line.row)
        people = [self._resident(person, line, first=first) for person in line.people]
        residents = [resident for resident in people if resident]
        if first:
            household.remarks = remarks
            household.phone = self._household_phone(line)
        elif residents and remarks != household.remarks:
            residents[0].remarks = "；".join(filter(None, (residents[0].remarks, remarks)))
        for resident in residents:
            if resident.phone == household.phone:
                resident.phone = ""
        household.members.extend(residents)

    def _household_phone(self, line: Line) -> str:
        """The row's own phone on the household's first line, which is the household's."""
        own = next((person.fields for person in line.people if not person.owner), {})
        return self._value(own.get("phone"), line.row, identity.phone)

    def _text(self, role: str, fields: dict[str, Field], row: int) -> str:
        """A cell that may say anything, cut to what is kept; a formula is not a text."""
        field = fields.get(role)
        text = cells.written(field.cell) if field else ""
        if text.startswith(("=", "＝")):
            self._note("formula_ignored", row, field)
            return ""
        if len(text) > _TEXT_MAX[role]:
            self._note("text_cut", row, field, kept=_TEXT_MAX[role])
        return text[: _TEXT_MAX[role]]

    def _group(self, field: Field, row: int) -> str:
        text = cells.meant(field.cell)
        group = places.canonical_group(text) or places.canonical_group(f"{text}组")
        if text and (not group or len(group) > _TEXT_MAX["grid"]):
            self._note("group_unreadable", row, field)
            return ""
        self._check_place("address_elsewhere", field, row)
        return group

    def _check_place(self, code: str, field: Field, row: int) -> None:
        named = places.other_village(cells.plain(field.cell), village_name=self.village.name)
        if named:
            self._note(code, row, field, named=named)

    def _resident(self, person: Person, line: Line, *, first: bool) -> ParsedResident | None:
        """One person, or None if the line gives no usable name for what it says."""
        fields = dict(person.fields)
        if person.owner == "head":
            return None
        if first and not person.owner:
            fields.pop("phone", None)
        name = fields.get("name")
        if name is None or not cells.meant(name.cell):
            if any(cells.meant(field.cell) for field in fields.values()):
                self._note("name_missing", line.row, next(iter(fields.values())))
            return None
        reading, remark = identity.person_name(name.cell)
        if reading.fault:
            self._note(reading.fault, line.row, name)
        if not reading.value:
            return None
        if remark:
            self._note("name_note", line.row, name)
        self._stands(reading.value, line.row, name)
        resident = ParsedResident(name=reading.value, remarks=remark, row=line.row)
        if "relation" in fields:
            resident.relation = identity.relation(fields["relation"].cell)
        if not resident.relation and not person.owner.startswith("成员"):
            resident.relation = person.owner.rstrip("0123456789")
        self._read_person(resident, fields, row=line.row)
        return resident

    def _read_person(self, resident: ParsedResident, fields: dict[str, Field], *, row: int) -> None:
        """ID number, sex, date of birth and phone, each checked against the ID number."""
        resident.id_number = self._value(
            fields.get("id"), row, lambda cell: identity.id_number(cell, today=self.today)
        )
        resident.phone = self._value(fields.get("phone"), row, identity.phone)
        stated_sex = self._value(fields.get("sex"), row, identity.sex)
        stated_birth = None
        if "birth" in fields:
            stated_birth, fault = identity.birth_date(fields["birth"].cell, today=self.today)
            if fault:
                self._note(fault, row, fields["birth"])
        resident.sex, resident.born_on = stated_sex, stated_birth
        if resident.id_number:
            resident.sex = identity.sex_of(resident.id_number)
            resident.born_on = identity.born_on_of(resident.id_number)
            if stated_sex and stated_sex != resident.sex:
                self._note("sex_differs", row, fields["sex"])
            if stated_birth and stated_birth != resident.born_on:
                self._note("birth_differs", row, fields["birth"])

    def _value(
        self, field: Field | None, row: int, judge: Callable[[cells.Cell], identity.Reading]
    ) -> str:
        """A cell's value by its judge, its fault noted; empty if there is no cell."""
        if field is None:
            return ""
        value, fault = judge(field.cell)
        if fault:
            self._note(fault, row, field)
        self._stands(value, row, field)
        return value

    def _stands(self, value: str, row: int, field: Field) -> None:
        if value:
            self.problems.stands(value, sheet=self.sheet, row=row, column=field.column)

    def _settle_head(self, household: ParsedHousehold, draft: Draft) -> bool:
        """Say who the head is; False if there is nobody at all."""
        members, first = household.members, draft.lines[0]
        line = next((line for line in draft.lines if "head" in line.household), first)
        field = line.household.get("head")
        stated, _ = identity.person_name(field.cell if field else None)
        head = next((member for member in members if member.relation == "户主"), None)
        if head and stated.value and head.name != stated.value:
            self._note("head_differs", line.row, field)
        if head is None:
            head = next((member for member in members if member.name == stated.value), None)
        if head is None and stated.value:
            head = ParsedResident(name=stated.value, row=line.row)
            members.insert(0, head)
        if head is None and members:
            head = members[0]
            if draft.table.has("relation", "head"):
                self._note("head_unknown", first.row, None)
        if head is None:
            self._note("head_missing", first.row, first.household.get(draft.number_role))
            return False
        head.relation, household.head_name = "户主", head.name
        for line in draft.lines:
            for person in line.people:
                if person.owner == "head" and not head.id_number:
                    self._read_person(head, person.fields, row=line.row)
        return True


def _welfare(field: Field) -> str:
    """What one of the columns about benefits says: 是 under 是否低保 is 低保, 否 is nothing."""
    text = cells.meant(field.cell)
    subject = _QUESTION.sub("", cells.folded(field.label).replace(" ", ""))
    if text.lower() in _NO:
        return ""
    if text.lower() in _YES:
        return subject
    if not text or text.startswith("=") or _GENERAL.search(subject):
        return text.lstrip("=")
    return text if subject.removesuffix("户") in text else f"{subject}{text}"
