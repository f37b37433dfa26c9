"""A draft's text while lines of a workbook are put into it, one after another.

Pure: clauses and items as they become, which line made each of them, and what differs from before.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from foundation.marking import mark as _n
from households.tables import Notes, Row
from households.tabling import Change, Line
from rules import drafts
from rules.drafts import Draft, DraftClause, DraftItem, Finding

NAMES = {
    "number": _n("条款"), "text": _n("条文"), "block": _n("板块"), "name": _n("评分细则"),
    "unit": _n("单位"), "points_min": _n("最低分"), "points_max": _n("最高分"),
    "cap_points": _n("每户上限"), "cap_period": _n("上限周期"), "cycle": _n("评分周期"),
    "evidence_needed": _n("要凭据"), "scorers": _n("谁可以评"), "self_claim": _n("可自己申报"),
    "posting_days": _n("公示天数"), "on_month_sheet": _n("放进月末评分表"), "code": _n("代码"),
    "items": _n("评分细则"), "clauses": _n("条款"),
}  # fmt: skip
_CODES = {
    "too_long": "item_too_long", "out_of_range": "item_out_of_range",
    "deduction_not_yet": "item_deduction", "below_minimum": "item_below_minimum",
    "cap_below_maximum": "item_cap_low", "once_both": "item_once_both",
    "repeated": "item_repeated", "too_many": "item_too_many",
}  # fmt: skip


class Placed(msgspec.Struct):
    """A line that was read: where its item goes, and the values that it states."""

    row: Row
    number: str
    text: str
    block: str
    values: dict[str, Any]


@dataclass
class _Slot:
    """An item as it becomes; `before` is None for a new one, `row` for one that no line names."""

    item: DraftItem
    before: DraftItem | None = None
    row: Row | None = None


@dataclass
class _Home:
    """A clause with its items; `row` is the last line that worded it."""

    clause: DraftClause
    slots: list[_Slot] = field(default_factory=list)
    row: Row | None = None
    changes: dict[int, list[Change]] = field(default_factory=dict)


class Text:
    """A draft that takes lines."""

    def __init__(self, before: Draft, notes: Notes) -> None:
        self.before, self.notes = before, notes
        self.homes = [
            _Home(clause, [_Slot(item, item) for item in clause.items]) for clause in before.clauses
        ]
        self.moved: dict[int, Change] = {}

    def place(self, one: Placed) -> None:
        """Put a line's item under its clause; one that has none is noted and left out."""
        home = self._home(one)
        if home is None:
            return
        found = self._slot(one.values)
        if found is None:
            home.slots.append(_Slot(_new(one.values), None, one.row))
            return
        at, slot = found
        values = {key: value for key, value in one.values.items() if key != "code"}
        slot.item, slot.row = msgspec.structs.replace(slot.item, **values), one.row
        if at is not home and one.number:
            at.slots.remove(slot)
            home.slots.append(slot)
            was, now = at.clause.number, home.clause.number
            self.moved[id(one.row)] = Change(NAMES["number"], was, now)

    def _home(self, one: Placed) -> _Home | None:
        """The clause of a line: by its number, else the item's own, else the last of its block."""
        if one.number:
            return self._numbered(one)
        if found := self._slot(one.values):
            return found[0]
        same = [home for home in self.homes if home.clause.block == one.block]
        if not same:
            self._note("clause_missing", one.row, "clause")
        return same[-1] if same else None

    def _numbered(self, one: Placed) -> _Home | None:
        for home in self.homes:
            if number_of(home.clause.number) == one.number:
                for key, value in (("text", one.text), ("block", one.block)):
                    before = getattr(home.clause, key)
                    if value and value != before:
                        home.clause = msgspec.structs.replace(home.clause, **{key: value})
                        home.row = one.row
                        said = Change(NAMES[key], str(before), value)
                        home.changes.setdefault(id(one.row), []).append(said)
                return home
        if not (one.text and one.block):
            self._note("clause_unknown", one.row, "clause", number=one.number)
            return None
        home = _Home(DraftClause(one.number, one.block, one.text), row=one.row)
        self.homes.append(home)
        return home

    def _slot(self, values: dict[str, Any]) -> tuple[_Home, _Slot] | None:
        for key in ("code", "name"):
            for home in self.homes:
                for slot in home.slots:
                    if values.get(key) and getattr(slot.item, key) == values[key]:
                        return home, slot
        return None

    def draft(self) -> Draft:
        """The whole text as it is now."""
        clauses = tuple(
            msgspec.structs.replace(home.clause, items=tuple(slot.item for slot in home.slots))
            for home in self.homes
        )
        return drafts.tidied(msgspec.structs.replace(self.before, clauses=clauses))

    def faults(self) -> list[Row]:
        """The lines with a fault in what they say, each noted; none when the text is sound."""
        faulty: list[Row] = []
        for finding in drafts.findings(self.draft()):
            row = self._blamed(finding)
            if row is None:
                continue
            name = NAMES.get(finding.field, finding.field)
            code = _CODES.get(finding.code, "item_unfit")
            self._note(code, row, finding.field, field=name, limit=finding.limit)
            faulty.append(row)
        return faulty

    def _blamed(self, finding: Finding) -> Row | None:
        """The line behind a fault; of the text as a whole the last one that brought something."""
        if finding.clause is not None:
            home = self.homes[finding.clause]
            return home.row if finding.item is None else home.slots[finding.item].row
        fresh = [slot.row for home in self.homes for slot in home.slots if slot.before is None]
        return next((row for row in reversed(fresh) if row is not None), None)

    def line(self, row: Row, *, told: Callable[[str, Any], str]) -> Line:
        """What becomes of one line; `told` says a field's value in words."""
        line = Line(row.sheet, row.row, row.words("name"), [], "refused")
        for home in self.homes:
            for slot in home.slots:
                if slot.row is row:
                    details = [told("block", home.clause.block), told("number", home.clause.number)]
                    line = msgspec.structs.replace(line, what=slot.item.name, details=details)
                    return self._settled(line, home, slot, told=told)
        return line

    def _settled(
        self, line: Line, home: _Home, slot: _Slot, *, told: Callable[[str, Any], str]
    ) -> Line:
        if slot.before is None:
            bounds = f"{slot.item.points_min}–{slot.item.points_max}"
            said = [Change(_n("分值"), "", bounds)]
            return msgspec.structs.replace(line, action="created", changes=said)
        changes = [
            Change(NAMES[key], told(key, old), told(key, new))
            for key in drafts.ITEM_FIELDS
            if (old := getattr(slot.before, key)) != (new := getattr(slot.item, key))
        ]
        changes += [
            Change(one.field, told("block", one.before), told("block", one.after))
            for one in home.changes.get(id(slot.row), [])
        ]
        if id(slot.row) in self.moved:
            changes.append(self.moved[id(slot.row)])
        action = "updated" if changes else "unchanged"
        return msgspec.structs.replace(line, action=action, changes=changes)

    def _note(self, code: str, row: Row, key: str, **facts: object) -> None:
        """Note a problem, unless an earlier round has."""
        known = {(one.sheet, one.row, one.code) for one in self.notes.found}
        if (row.sheet, row.row, code) not in known:
            self.notes.add(code, row, key, **facts)


def number_of(text: str) -> str:
    """A clause's number as lines write it: 第3条 and 3 are one."""
    found = re.fullmatch(r"第?(.+?)条?", text)
    return found[1] if found else ""


def _new(values: dict[str, Any]) -> DraftItem:
    """A new item; without a cap of its own it is a grade, given once a cycle."""
    stated = {"points_max": 0, "cycle": "month", **values}
    capped = {"cap_points": stated["points_max"], "cap_period": stated["cycle"]}
    return DraftItem(**(capped | stated))
