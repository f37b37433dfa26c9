"""What a workbook says twice: households entered again, numbers and ID numbers used again.

The first entry is kept and the later one reported, so that the same file always gives the same
register.
"""

from typing import NamedTuple

from foundation.marking import mark as _n
from households.parsed import ParsedHousehold, ParsedResident, Problems

# Two households with one running number can be a slip of the hand; more of them than one in ten
# means that the numbers start again with every group or sheet and number nothing.
_SLIPS_ONE_IN = 10
_ABOUT_NUMBERS = frozenset(("number_conflict", "serial_restarts"))

# A row of the same sheet, and one of another.
PLACES = (_n("第 {row} 行"), _n("表“{sheet}”第 {row} 行"))


def settled(
    households: list[ParsedHousehold], *, problems: Problems
) -> tuple[list[ParsedHousehold], int]:
    """The households without repetitions, and how many of them had been entered twice."""
    known = _Known({}, {}, {})
    kept: list[tuple[int, ParsedHousehold]] = []
    conflicts: list[tuple[ParsedHousehold, ParsedHousehold]] = []
    duplicates = 0
    # Those that can only be told by their head's name come last: a namesake anywhere in the
    # workbook makes them ambiguous, wherever it stands.
    for place, household in sorted(
        enumerate(households), key=lambda item: (_has_only_a_name(item[1]), item[0])
    ):
        other = known.by_head.get(_head(household).id_number) or known.like(household)
        if other is not None:
            duplicates += 1
            _report_repeat(household, other, problems)
            continue
        namesake = known.by_name.get((household.head_name, household.group_name))
        if namesake is not None and _has_only_a_name(household):
            _note("household_not_unique", household, namesake, problems)
            continue
        if household.number in known.by_number:
            conflicts.append((household, known.by_number[household.number]))
        known.add(household)
        kept.append((place, household))
    result = [household for _, household in sorted(kept, key=lambda item: item[0])]
    _settle_numbers(result, conflicts, problems)
    _settle_id_numbers(result, problems)
    return result, duplicates


class _Known(NamedTuple):
    """The households met so far by each of their keys."""

    by_head: dict[str, ParsedHousehold]
    by_number: dict[str, ParsedHousehold]
    by_name: dict[tuple[str, str], ParsedHousehold]

    def like(self, household: ParsedHousehold) -> ParsedHousehold | None:
        """One that has the same number (or name, if that is all) and all of its people."""
        other = self.by_number.get(household.number)
        if _has_only_a_name(household):
            other = self.by_name.get((household.head_name, household.group_name))
        return other if other is not None and _is_part(household, other) else None

    def add(self, household: ParsedHousehold) -> None:
        """Remember a household by what it has; the first with a key keeps it."""
        if head_id := _head(household).id_number:
            self.by_head.setdefault(head_id, household)
        if household.number:
            self.by_number.setdefault(household.number, household)
        self.by_name.setdefault((household.head_name, household.group_name), household)


def _has_only_a_name(household: ParsedHousehold) -> bool:
    return not household.number and not _head(household).id_number


def _head(household: ParsedHousehold) -> ParsedResident:
    return next(member for member in household.members if member.relation == "户主")


def _place(sheet: str, row: int, *, seen_from: str) -> str:
    here, elsewhere = PLACES
    return here.format(row=row) if sheet == seen_from else elsewhere.format(sheet=sheet, row=row)


def _note(
    code: str, household: ParsedHousehold, other: ParsedHousehold, problems: Problems
) -> None:
    problems.add_at(
        code,
        sheet=household.sheet,
        row=household.row,
        value=household.number if code in _ABOUT_NUMBERS else household.head_name,
        place=_place(other.sheet, other.row, seen_from=household.sheet),
    )


def _is_same(one: ParsedResident, other: ParsedResident) -> bool:
    if one.id_number and other.id_number:
        return one.id_number == other.id_number
    return one.name == other.name


def _is_part(household: ParsedHousehold, other: ParsedHousehold) -> bool:
    """Whether everybody of one household is in the other as well."""
    return all(
        any(_is_same(member, known) for known in other.members) for member in household.members
    )


def _report_repeat(household: ParsedHousehold, known: ParsedHousehold, problems: Problems) -> None:
    _note("household_twice", household, known, problems)
    for member in household.members:
        if not any(_is_same(member, other) for other in known.members):
            problems.add_at(
                "member_only_in_repeat",
                sheet=household.sheet,
                row=member.row,
                value=member.name,
                place=_place(known.sheet, known.row, seen_from=household.sheet),
            )


def _settle_numbers(
    kept: list[ParsedHousehold],
    conflicts: list[tuple[ParsedHousehold, ParsedHousehold]],
    problems: Problems,
) -> None:
    """Take a number away from the later of two different households that both have it."""
    serial = [pair for pair in conflicts if pair[0].number_is_serial]
    numbered = sum(household.number_is_serial for household in kept)
    if len(serial) * _SLIPS_ONE_IN > numbered:
        _note("serial_restarts", *serial[0], problems)
        for household in kept:
            if household.number_is_serial:
                household.number, household.number_is_serial = "", False
    for household, other in conflicts:
        if household.number:
            _note("number_conflict", household, other, problems)
            household.number, household.number_is_serial = "", False


def _settle_id_numbers(kept: list[ParsedHousehold], problems: Problems) -> None:
    """Keep one person for each ID number."""
    owners: dict[str, tuple[ParsedHousehold, ParsedResident]] = {}
    for household in kept:
        members: list[ParsedResident] = []
        for member in household.members:
            owner = owners.get(member.id_number) if member.id_number else None
            if owner is None:
                members.append(member)
                if member.id_number:
                    owners[member.id_number] = household, member
            elif owner[0] is household and owner[1].name == member.name:
                problems.add_at(
                    "person_twice", sheet=household.sheet, row=member.row, value=member.name
                )
            else:
                problems.add_at(
                    "id_twice",
                    sheet=household.sheet,
                    row=member.row,
                    value=member.id_number,
                    place=_place(owner[0].sheet, owner[1].row, seen_from=household.sheet),
                    other=owner[1].name,
                )
                member.id_number = ""
                members.append(member)
        household.members = members
