"""Who in a workbook is who in the register. Pure.

A household is recognised by its own number, then by the head's ID number, then by the head's name
and group where that is unique; a person by his ID number, then by his name. Whatever could hit
the wrong family is a fault and not a guess.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from households import rows
from households.details import HEAD
from households.known import Known, KnownHousehold, KnownResident, Parted
from households.parsed import ParsedHousehold, ParsedResident


class Fault(NamedTuple):
    """Why a household of the workbook cannot be told; the code is one of `planning.SENTENCES`."""

    code: str
    facts: dict[str, str]


Found = KnownHousehold | Fault | None


class Recogniser:
    """Recognises the households and people of one workbook.

    `found` has, for each household of the workbook in turn, the one of the register that it is,
    None if it is new, or a fault. `moving` are people of the register whom the workbook puts into
    another household, each with the place of that household in the workbook.
    """

    def __init__(self, parsed: list[ParsedHousehold], known: Known) -> None:
        self.parsed, self.known = parsed, known
        self.digests = {
            member.id_number: rows.id_digest(member.id_number)
            for one in parsed
            for member in one.members
            if member.id_number
        }
        self._index(known.households)
        self._numbers_in_file = {own_number(one) for one in parsed}
        self.taken: dict[UUID, ParsedHousehold] = {}
        self.renumbered = self._renumbered()
        certain = [
            self._taking(one, self.renumbered.get(place) or self._by_number_or_id(one))
            for place, one in enumerate(parsed)
        ]
        # Only then by name, and only among those whom nothing better recognised.
        self.found = [
            found or self._taking(one, self._by_name(one))
            for one, found in zip(parsed, certain, strict=True)
        ]
        self.moving = self._moves()

    def _index(self, households: list[KnownHousehold]) -> None:
        self.by_number = {one.number: one for one in households if one.number}
        self._by_head: dict[str, list[KnownHousehold]] = defaultdict(list)
        self._by_head_id: dict[str, KnownHousehold] = {}
        self.by_id: dict[str, KnownResident] = {}
        # Those who are here come last and so take precedence over those who left.
        for household in sorted(households, key=lambda one: one.active):
            self._by_head[household.head].append(household)
            for person in household.residents:
                if person.id_index and person.active and person.relation == HEAD:
                    self._by_head_id[person.id_index] = household
                if person.id_index and person.active and household.active:
                    self.by_id[person.id_index] = person

    # -- households -------------------------------------------------------------------

    def _by_number_or_id(self, one: ParsedHousehold) -> Found:
        number = own_number(one)
        if number and (owner := self.by_number.get(number)):
            if self._is_family(one, owner):
                return owner
            return Fault("number_taken", {"number": number, "other": owner.head})
        found = self._by_head_id.get(self._head_digest(one))
        if found and number and found.number in self._numbers_in_file:
            return Fault("head_elsewhere", {"other": found.number or ""})
        return found

    def _renumbered(self) -> dict[int, KnownHousehold]:
        """Households that exchange their numbers within the workbook, by their places in it.

        Each line's number belongs to another family, and each of those families stands in another
        such line: only a whole circle is certain. A family is told by its head's ID number, or by
        his name where no other has it.
        """
        circle: dict[int, KnownHousehold] = {}
        for place, one in enumerate(self.parsed):
            owner = self.by_number.get(own_number(one))
            if owner is None or not owner.active or self._is_family(one, owner):
                continue
            same = [other for other in self._by_head[one.head_name] if other.active]
            named = same[0] if len(same) == 1 and self._may_be_head(one, same[0]) else None
            found = self._by_head_id.get(self._head_digest(one)) or named
            if found and found.active and found.number:
                circle[place] = found
        while True:
            moving = [found.id for found in circle.values()]
            whole = {
                place: found
                for place, found in circle.items()
                if moving.count(found.id) == 1
                and self.by_number[own_number(self.parsed[place])].id in moving
            }
            if len(whole) == len(circle):
                return circle
            circle = whole

    def _by_name(self, one: ParsedHousehold) -> Found:
        number = own_number(one)
        namesakes = [
            other
            for other in self._by_head[one.head_name]
            if other.id not in self.taken
            and self._may_be_head(one, other)
            and not (number and other.number)
        ]
        numbered = [other for other in namesakes if one.number and other.number == one.number]
        if numbered:
            return numbered[0]
        code = self.known.groups.get(one.group_name)
        same_group = [other for other in namesakes if other.group and other.group == code]
        # A household without a group, here or there, may be any namesake.
        open_group = [other for other in namesakes if not one.group_name or not other.group]
        fitting = same_group or open_group
        present = [other for other in fitting if other.active] or fitting
        if len(present) > 1:
            return Fault("not_unique", {})
        return present[0] if present else None

    def _taking(self, one: ParsedHousehold, found: Found) -> Found:
        if not isinstance(found, KnownHousehold):
            return found
        if found.became:
            return Fault(found.became[0], {"other": found.became[1]})
        if not found.active:
            return Fault("household_left", {})
        if earlier := self.taken.get(found.id):
            return Fault("matched_twice", {"earlier": str(earlier.row)})
        self.taken[found.id] = one
        return found

    def _is_family(self, one: ParsedHousehold, other: KnownHousehold) -> bool:
        """Whether the head has the same name, or anybody the same ID number."""
        digests = {self._digest(member) for member in one.members} - {""}
        return one.head_name == other.head or any(
            person.id_index in digests for person in other.residents
        )

    def _may_be_head(self, one: ParsedHousehold, other: KnownHousehold) -> bool:
        """Whether no ID number says that two namesakes are different people."""
        digest = self._head_digest(one)
        known = next((p.id_index for p in other.residents if p.relation == HEAD), "")
        return not digest or not known or digest == known

    def _digest(self, member: ParsedResident) -> str:
        return self.digests.get(member.id_number, "")

    def _head_digest(self, one: ParsedHousehold) -> str:
        return next((self._digest(m) for m in one.members if m.relation == HEAD), "")

    # -- people -----------------------------------------------------------------------

    def _moves(self) -> dict[UUID, int]:
        """People with the same name and ID number in another household of the workbook.

        A head does not move: a household cannot lose its head to a sheet.
        """
        moves: dict[UUID, int] = {}
        for place, (one, found) in enumerate(zip(self.parsed, self.found, strict=True)):
            if isinstance(found, Fault):
                continue
            for member in one.members:
                person = self.by_id.get(self._digest(member))
                if person is None or person.relation == HEAD or person.name != member.name:
                    continue
                if found and _parted(member, self._digest(member), found):
                    continue
                if found is None or person.household_id != found.id:
                    moves[person.id] = place
        return moves

    def parted(self, place: int) -> dict[int, Parted]:
        """Members of the workbook's household at `place` who left it by a step, by their row.

        Somebody of that name who is at home is no one who left, unless the ID number says so.
        """
        one, known = self.parsed[place], self.found[place]
        assert not isinstance(known, Fault), "nobody is looked for in a refused household"
        if known is None or not known.parted:
            return {}
        at_home = {person.name for person in known.residents if person.active}
        gone: dict[int, Parted] = {}
        for number, member in enumerate(one.members):
            left = _parted(member, self._digest(member), known)
            if left and (member.name not in at_home or left.id_index == self._digest(member)):
                gone[number] = left
        return gone

    def people(self, place: int) -> tuple[list[KnownResident | None], list[ParsedResident]]:
        """For each member of the workbook's household at `place` the person he is, None if new.

        Also the members whose ID number belongs to somebody else of the register; it is not to
        be used.
        """
        one, known = self.parsed[place], self.found[place]
        assert not isinstance(known, Fault), "nobody is looked for in a refused household"
        at_home = known.residents if known else []
        free = {person.id: person for person in at_home if person.id not in self.moving}
        result: dict[int, KnownResident] = {}
        foreign: list[ParsedResident] = []

        def take(member_place: int, fitting: Iterable[KnownResident]) -> None:
            candidates = list(fitting)
            if member_place not in result and len(candidates) == 1:
                result[member_place] = candidates[0]
                free.pop(candidates[0].id, None)

        for number, member in enumerate(one.members):
            digest = self._digest(member)
            take(number, [p for p in free.values() if digest and p.id_index == digest])
            elsewhere = self.by_id.get(digest)
            if number in result or elsewhere is None:
                continue
            if self.moving.get(elsewhere.id) == place:
                result[number] = elsewhere
            else:
                foreign.append(member)
        for number, member in enumerate(one.members):
            same = [person for person in free.values() if person.name == member.name]
            # Of two with one name and relation it is all the same which is which.
            take(number, [person for person in same if person.relation == member.relation][:1])
        for number, member in enumerate(one.members):
            take(number, [person for person in free.values() if person.name == member.name])
        return [result.get(number) for number in range(len(one.members))], foreign


def _parted(member: ParsedResident, digest: str, known: KnownHousehold) -> Parted | None:
    """The one of those who left that this member is: by ID number, or by name without one."""
    for left in known.parted:
        same_id = digest and left.id_index == digest
        if same_id or (left.name == member.name and not (digest and left.id_index)):
            return left
    return None


def own_number(one: ParsedHousehold) -> str:
    """The number that the village itself gave; a running number of the sheet is none."""
    return "" if one.number_is_serial else one.number
