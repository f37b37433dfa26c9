"""What a workbook does to the register: new, changed, the same, refused, with every doubt named.

Pure: a plan is values, shown before anything is stored and computed again when it is. An empty
cell says nothing, so an import never erases, and nobody leaves because a sheet does not name him.
A running number (序号) never replaces a number that a household has.
"""

from typing import Any, Literal
from uuid import UUID

import msgspec

from foundation.marking import mark as _n
from households import rows
from households.details import HEAD, RESTRICTED
from households.known import Known, KnownHousehold, KnownResident
from households.parsed import ParsedHousehold, ParsedResident, Problem, Severity
from households.recognition import Fault, Recogniser

Action = Literal["created", "updated", "unchanged", "refused"]
Values = dict[str, Any]

SENTENCES: dict[str, tuple[Severity, str]] = {
    "number_taken": (
        "error",
        _n(
            "户号 {number} 在登记簿上是另一户（户主{other}），此户未采用；"
            "若户主已变更，请先在户卡上修改。"
        ),
    ),
    "head_elsewhere": (
        "error",
        _n("户主的身份证号在登记簿上属于户号 {other}，而表中该户号是另一户，此户未采用。"),
    ),
    "matched_twice": ("error", _n("登记簿上的同一户在第 {earlier} 行已经对应，此处未采用。")),
    "not_unique": (
        "error",
        _n("登记簿上同名户主不止一户，无法分辨，此户未采用；请补户号或户主身份证号。"),
    ),
    "household_left": ("error", _n("登记簿上这一户已迁出，未采用；若已迁回，请先在户卡上恢复。")),
    "household_merged": (
        "error",
        _n("登记簿上这一户已并入{other}，此户未采用；请照登记簿改表。"),
    ),
    "household_relocated": (
        "error",
        _n("登记簿上这一户已迁往{other}，此户未采用；请照登记簿改表。"),
    ),
    "member_parted": (
        "error",
        _n("登记簿上此人已从这一户分到或迁到{other}，未采用；请照登记簿改表。"),
    ),
    "head_left": ("error", _n("登记簿上此人已不在这一户，不能再作户主，此户未采用。")),
    "serial_taken": ("warning", _n("序号在登记簿上已是另一户的户号，此户已采用，户号暂空。")),
    "grid_unknown": ("error", _n("本村没有这个网格，此户的网格未采用。")),
    "id_elsewhere": ("error", _n("这个身份证号在登记簿上属于另一个人，此处的号码未采用。")),
    "person_moved": ("warning", _n("此人在登记簿上是另一户的成员，现随本表移入此户。")),
    "member_left": ("warning", _n("登记簿上此人已不在这一户，未改动。")),
    "member_not_in_file": ("warning", _n("登记簿上这一户还有此人，表中没有；未改动，请核对。")),
}


class HouseholdPlan(msgspec.Struct):
    """What becomes of one household of the workbook. All values are plain.

    `new_group` names a group that has to be made first. `added` are new people, `changed` people
    of the register with what is different about them.
    """

    parsed: ParsedHousehold
    action: Action
    known: KnownHousehold | None = None
    values: Values = {}
    new_group: str = ""
    added: list[Values] = []
    changed: list[tuple[KnownResident, Values]] = []


class Plan(msgspec.Struct):
    """What becomes of a workbook.

    `absent` counts the register's households that the workbook does not name, `left_behind` are
    households that somebody moves out of.
    """

    households: list[HouseholdPlan]
    problems: list[Problem]
    absent: int
    left_behind: set[UUID]

    @property
    def restricted(self) -> bool:
        """Whether something would be stored that takes a permission of its own to write."""
        return any(
            RESTRICTED & values.keys()
            for one in self.households
            for values in (one.values, *_filled(one.added), *(new for _, new in one.changed))
        )

    def count(self, action: Action) -> int:
        """How many households are to be handled in that way."""
        return sum(one.action == action for one in self.households)


def plan(parsed: list[ParsedHousehold], *, known: Known) -> Plan:
    """Compare a workbook's households with the register."""
    planner = _Planner(parsed, known)
    plans = [planner.household(place) for place in range(len(parsed))]
    present = sum(one.active for one in known.households)
    return Plan(
        plans,
        planner.problems,
        absent=present - len(planner.recogniser.taken),
        left_behind=planner.left_behind,
    )


class _Planner:
    def __init__(self, parsed: list[ParsedHousehold], known: Known) -> None:
        self.parsed, self.known = parsed, known
        self.recogniser = Recogniser(parsed, known)
        self.problems: list[Problem] = []
        self.numbers_taken = set(self.recogniser.by_number)
        self.left_behind: set[UUID] = set()
        # Only sheets that list members at all can miss one.
        self.sheets_with_members = {one.sheet for one in parsed if len(one.members) > 1}

    def household(self, place: int) -> HouseholdPlan:
        """What becomes of the household at that place of the workbook."""
        one, found = self.parsed[place], self.recogniser.found[place]
        if isinstance(found, Fault):
            return self._refused(one, found.code, found.facts)
        people, foreign = self.recogniser.people(place)
        parted = self.recogniser.parted(place)
        for number, left in parted.items():
            member = one.members[number]
            self._note("member_parted", one, row=member.row, value=member.name, other=left.other)
        pairs = [
            pair
            for number, pair in enumerate(zip(one.members, people, strict=True))
            if number not in parted
        ]
        if any(m.relation == HEAD and person and not person.active for m, person in pairs):
            return self._refused(one, "head_left", {})
        result = HouseholdPlan(one, "created" if found is None else "unchanged", found)
        result.values = self._values(one, found)
        code = self.known.groups.get(one.group_name)
        if one.group_name and code is None:
            result.new_group = one.group_name
        elif code and (found is None or found.group != code):
            result.values["group"] = code
        gone = {id(one.members[number]) for number in parted}
        for member in [each for each in foreign if id(each) not in gone]:
            self._note("id_elsewhere", one, row=member.row, value=member.id_number)
        base = len(found.residents) if found else 0
        for position, (member, person) in enumerate(pairs, start=base):
            usable_id = member.id_number if member not in foreign else ""
            if person is None:
                result.added.append({"position": position, **_new_person(member, usable_id)})
            else:
                self._compare(result, member, person, usable_id=usable_id)
        if found:
            self._note_missing(result, found, seen={p.id for p in people if p})
        if found and (result.values or result.new_group or result.added or result.changed):
            result.action = "updated"
        return result

    def _refused(self, one: ParsedHousehold, code: str, facts: dict[str, str]) -> HouseholdPlan:
        self._note(code, one, row=one.row, value=one.head_name, **facts)
        return HouseholdPlan(one, "refused")

    def _values(self, one: ParsedHousehold, known: KnownHousehold | None) -> Values:
        """What is new about the household itself, its group left out."""
        values: Values = {}
        if number := self._number(one, known):
            values["number"] = number
            self.numbers_taken.add(number)
        if known is None or known.head != one.head_name:
            values["head"] = one.head_name
        if (grid := self._grid(one)) and (known is None or known.grid != grid):
            values["grid"] = grid
        if one.phone and rows.phone_digest(one.phone) not in _phones(known):
            values["phone"] = one.phone
        texts = {
            "address": one.address,
            "kind": one.household_type,
            "welfare": one.welfare_status,
            "remarks": one.remarks,
        }
        for column, text in texts.items():
            before = known and rows.opened("household", known.id, column, known.sealed[column])
            if text and text != before:
                values[column] = text
        return values

    def _number(self, one: ParsedHousehold, known: KnownHousehold | None) -> str:
        """The number that the household is to get, empty if it stays as it is."""
        if not one.number or (known and known.number == one.number):
            return ""
        if known and known.number and one.number_is_serial:
            return ""
        exchanged = known and known.id in {one.id for one in self.recogniser.renumbered.values()}
        if exchanged or one.number not in self.numbers_taken:
            return one.number
        self._note("serial_taken", one, row=one.row, value=one.number)
        return ""

    def _grid(self, one: ParsedHousehold) -> str:
        if one.grid_name and one.grid_name not in self.known.grids:
            self._note("grid_unknown", one, row=one.row, value=one.grid_name)
        return self.known.grids.get(one.grid_name, "")

    def _compare(
        self,
        result: HouseholdPlan,
        member: ParsedResident,
        person: KnownResident,
        *,
        usable_id: str,
    ) -> None:
        if not person.active:
            self._note("member_left", result.parsed, row=member.row, value=member.name)
            return
        values = self._person_values(member, person, usable_id=usable_id)
        if result.known is None or person.household_id != result.known.id:
            self._note("person_moved", result.parsed, row=member.row, value=member.name)
            self.left_behind.add(person.household_id)
            values["household_id"] = None  # the household's own id, which a new one gets later
        if values:
            result.changed.append((person, values))

    def _person_values(
        self, member: ParsedResident, person: KnownResident, *, usable_id: str
    ) -> Values:
        """What is new about a person of the register."""
        given = {"name": member.name, "sex": member.sex, "born_on": member.born_on}
        values: Values = {
            field: value
            for field, value in given.items()
            if value not in ("", None, getattr(person, field))
        }
        # A sheet without relations says nothing, except that a former head is one no more.
        if member.relation != person.relation and (member.relation or person.relation == HEAD):
            values["relation"] = member.relation
        changed = usable_id and self.recogniser.digests[usable_id] != person.id_index
        to_keep = usable_id and self.known.keep_id_numbers and not person.id_kept
        if changed or to_keep:
            values["id_number"] = usable_id
        if member.phone and rows.phone_digest(member.phone) != person.phone_index:
            values["phone"] = member.phone
        before = rows.opened("resident", person.id, "remarks", person.remarks)
        if member.remarks and member.remarks != before:
            values["remarks"] = member.remarks
        return values

    def _note_missing(
        self, result: HouseholdPlan, known: KnownHousehold, *, seen: set[UUID]
    ) -> None:
        one = result.parsed
        for person in known.residents:
            gone = person.id in seen or person.id in self.recogniser.moving
            if gone or not person.active:
                continue
            if one.sheet in self.sheets_with_members:
                self._note("member_not_in_file", one, row=one.row, value=person.name)
            if person.relation == HEAD:  # there is one head, and the sheet names another
                result.changed.append((person, {"relation": ""}))

    def _note(self, code: str, one: ParsedHousehold, *, row: int, value: str, **facts: str) -> None:
        severity, sentence = SENTENCES[code]
        message = sentence.format(**facts)
        self.problems.append(Problem(severity, one.sheet, row, "", value, code, message))


def _filled(added: list[Values]) -> list[Values]:
    """New people with what is written about them, empty cells left out."""
    return [{name: value for name, value in one.items() if value} for one in added]


def _phones(known: KnownHousehold | None) -> set[str]:
    """The digests of what is known as the household's phone: its own and the head's."""
    if known is None:
        return set()
    return {known.phone_index, *(p.phone_index for p in known.residents if p.relation == HEAD)}


def _new_person(member: ParsedResident, usable_id: str) -> Values:
    return {
        "name": member.name,
        "relation": member.relation,
        "sex": member.sex,
        "born_on": member.born_on,
        "id_number": usable_id,
        "phone": member.phone,
        "remarks": member.remarks,
    }
