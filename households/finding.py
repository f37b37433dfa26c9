"""Which household a line of a plain table means: by its number, an ID number, or head and group.

The order of decision 8, and as strict: a line that two households fit, or whose number and head do
not belong together, means none. Only compares; opens no seal.
"""

from collections import defaultdict

from foundation import clock
from foundation.marking import mark as _n
from households import identity, places, rows
from households.known import Known, KnownHousehold
from households.parsed import Severity
from households.tables import Column, Notes, Row

COLUMNS = (
    Column("serial", _n("序号"), ("编号", "no")),
    Column("number", _n("户号"), ("户编号", "家庭编号", "农户编号", "户籍号", "户代码")),
    Column(
        "head",
        _n("户主"),
        ("户主姓名", "户主名", "户名", "姓名", "农户姓名", "家长", "户代表", "名字"),
    ),
    Column("id", _n("身份证号"), ("身份证号码", "身份证", "户主身份证号", "证件号码")),
    Column("group", _n("村民小组"), ("组", "组别", "小组", "村小组", "所属小组"), down=True),
)

SENTENCES: dict[str, tuple[Severity, str]] = {
    "who_missing": ("error", _n("没有写户号、户主或身份证号，认不出是哪一户，这一行未采用。")),
    "who_unknown": ("error", _n("农户册里没有这一户，这一行未采用。")),
    "who_head_differs": (
        "error",
        _n("户号 {number} 在农户册里是{head}家，与表里的户主不一致，这一行未采用。"),
    ),
    "who_not_unique": ("error", _n("同名户主不止一户，请补户号或小组，这一行未采用。")),
    "who_bad_id": ("error", _n("身份证号不对，认不出是哪一户，这一行未采用。")),
    "who_left": ("error", _n("这一户已经迁出，这一行未采用。")),
    "who_twice": ("error", _n("这一户在第 {earlier} 行已经写过，这一行未采用。")),
}


class Finder:
    """Finds the households of one village; remembers which line took which."""

    def __init__(self, known: Known, notes: Notes) -> None:
        self.notes = notes
        self.groups = known.groups
        self.by_id = {str(one.id): one for one in known.households}
        self.taken: dict[str, Row] = {}
        self._by_number: dict[str, KnownHousehold] = {}
        self._by_plain: dict[str, list[KnownHousehold]] = defaultdict(list)
        self._by_head: dict[str, list[KnownHousehold]] = defaultdict(list)
        self._by_digest: dict[str, KnownHousehold] = {}
        # Those who are here come last and so take precedence over those who left.
        for one in sorted(known.households, key=lambda one: one.active):
            self._by_head[one.head].append(one)
            if one.number:
                self._by_number[one.number] = one
                self._by_plain[one.number.lstrip("0")].append(one)
            for person in one.residents:
                if person.id_index and person.active:
                    self._by_digest[person.id_index] = one

    def find(self, row: Row) -> KnownHousehold | None:
        """The line's household, present and not yet taken; else None, and the reason is noted."""
        found = self._found(row)
        if found is None:
            return None
        if not found.active:
            self.notes.add("who_left", row, "head")
            return None
        if earlier := self.taken.get(str(found.id)):
            self.notes.add("who_twice", row, "head", earlier=earlier.row)
            return None
        self.taken[str(found.id)] = row
        return found

    def _found(self, row: Row) -> KnownHousehold | None:
        number, head = row.text("number"), row.text("head")
        if key := row.text("household"):
            return self.by_id.get(key) or self._none("who_unknown", row, "number")
        if number:
            return self._numbered(row, number, head)
        if row.text("id"):
            reading = identity.id_number(row.cell("id"), today=clock.today())
            if not reading.value:
                return self._none("who_bad_id", row, "id")
            digest = rows.id_digest(reading.value)
            return self._by_digest.get(digest) or self._none("who_unknown", row, "id")
        if head:
            return self._named(row, head)
        return self._none("who_missing", row)

    def _numbered(self, row: Row, number: str, head: str) -> KnownHousehold | None:
        # Excel makes 1 of 001: the zeros may be missing where the rest is unique.
        alike = self._by_plain.get(number.lstrip("0"), [])
        found = self._by_number.get(number) or (alike[0] if len(alike) == 1 else None)
        if found is None:
            return self._none("who_unknown", row, "number")
        if head and head != found.head.replace(" ", ""):
            facts = {"number": number, "head": found.head}
            return self._none("who_head_differs", row, "head", **facts)
        return found

    def _named(self, row: Row, head: str) -> KnownHousehold | None:
        namesakes = self._by_head.get(head) or self._by_head.get(row.words("head"), [])
        present = [one for one in namesakes if one.active] or namesakes
        if group := places.canonical_group(row.text("group")):
            code = self.groups.get(group)
            present = [one for one in present if one.group == code]
        if len(present) > 1:
            return self._none("who_not_unique", row, "head")
        return present[0] if present else self._none("who_unknown", row, "head")

    def _none(self, code: str, row: Row, key: str = "", **facts: object) -> KnownHousehold | None:
        """Nobody, and the reason is noted."""
        self.notes.add(code, row, key, **facts)
        return None
