"""Stores where the demo county's people live, who they are, and who serves them.

Divisions, grids and officials are inserted at once, because nobody in the county could have made
them one by one; a village's households are entered by its own clerk through the register. Must
only be called inside the one transaction of build.py.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from api.demo.families import DemoHousehold, DemoMember
from api.demo.officials import DemoOfficial
from api.demo.people import DemoVillage
from api.demo.places import DemoRegion
from foundation import audit
from foundation.actors import Actor
from households import name_choices, register
from households.details import HouseholdDetails, ResidentDetails
from households.models import Official, OfficialDuty, Region
from households.name_choices import NameChoice

# What a household receives is registered beside its type, as villages' workbooks have it.
_WELFARE = {"低保户": "农村低保", "五保户": "特困供养"}
_HOW: dict[str, name_choices.How] = {"paper": "paper_sheet", "in_person": "oral"}
_AT_ONCE = 500


async def regions(places: Sequence[DemoRegion], *, by: Actor) -> None:
    """Store all places; parents stand before what is below them."""
    paths: dict[str, str] = {}
    for place in places:
        paths[place.code] = f"{paths.get(place.parent, '')}{place.code}/"
    below_county = {place.code for place in places if place.level == "village"}
    await Region.bulk_create(
        (
            Region(
                code=place.code,
                name=place.name,
                level=place.level,
                parent=place.parent,
                path=paths[place.code],
                village=place.code[:12] if place.code[:12] in below_county else "",
            )
            for place in places
        ),
        batch_size=_AT_ONCE,
    )
    await audit.note(by, "regions.import", created=len(places), updated=0)


async def officials(
    serving: Sequence[DemoOfficial],
    *,
    hashes: Mapping[str, str],
    locked: str,
    at: datetime,
    by: Actor,
) -> None:
    """Store everybody who serves.

    Args:
        serving: the officials.
        hashes: password hashes by login, of those who can log in.
        locked: the hash that everybody else gets, of a password that nobody knows.
        at: when their logins were made.
        by: who made them.
    """
    await Official.bulk_create(
        (
            Official(
                id=official.id,
                login=official.login,
                name=official.name,
                password=hashes.get(official.login, locked),
                household_id=official.household,
                created_at=at,
            )
            for official in serving
        ),
        batch_size=_AT_ONCE,
    )
    await OfficialDuty.bulk_create(
        (
            OfficialDuty(official_id=official.id, role=duty.role, region=duty.region)
            for official in serving
            for duty in official.duties
        ),
        batch_size=_AT_ONCE,
    )
    await audit.note(by, "officials.import", created=len(serving))


async def households(village: DemoVillage, *, by: Actor, advance: Callable[[int], None]) -> None:
    """Enter a village's households and how they want to be named, as its clerk does.

    `advance` is told how many households were entered since it was called last.
    """
    homes = village.households
    numbers = _numbers(homes)
    for start in range(0, len(homes), _AT_ONCE):
        part = homes[start : start + _AT_ONCE]
        given = [_household(home, number=numbers[home.id]) for home in part]
        await register.create_many(village.code, given, by=by)
        advance(len(part))
    for (how, on), choices in _sheets(homes).items():
        await name_choices.choose_names(choices, on=on, how=how, by=by)


def _numbers(homes: Sequence[DemoHousehold]) -> dict[UUID, str]:
    """Numbers within the group, as 3-012.

    A newcomer imports his own workbook into the demo: its 012 must not become this household.
    """
    counted: Counter[str] = Counter()
    numbers = {}
    for home in homes:
        counted[home.group] += 1
        ordinal = int(home.group.rpartition("-G")[2])
        numbers[home.id] = f"{ordinal}-{counted[home.group]:03d}"
    return numbers


def _household(home: DemoHousehold, *, number: str) -> HouseholdDetails:
    head = home.members[0]
    return HouseholdDetails(
        id=home.id,
        head=head.name,
        number=number,
        group=home.group,
        grid=home.grid,
        phone=head.phone,
        address=home.address,
        kind=home.kind,
        welfare=_WELFARE.get(home.kind, ""),
        remarks=home.remark,
        residents=[_resident(member) for member in home.members],
    )


def _resident(member: DemoMember) -> ResidentDetails:
    # Sex and date of birth follow from the ID number.
    return ResidentDetails(
        id=member.id,
        name=member.name,
        relation=member.relation,
        id_number=member.id_number,
        phone=member.phone,
    )


def _sheets(
    homes: Sequence[DemoHousehold],
) -> dict[tuple[name_choices.How, date], list[NameChoice]]:
    """The choices as a clerk types them in: one stack for each way, dated by its last paper."""
    stacks: defaultdict[name_choices.How, list[DemoHousehold]] = defaultdict(list)
    for home in homes:
        if home.name_choice:
            stacks[_HOW[home.name_choice.how]].append(home)
    return {
        (how, max(c.recorded_on for home in stack if (c := home.name_choice))): [
            NameChoice(home.id, wall=c.wall, web=c.web)  # type: ignore[arg-type]
            for home in stack
            if (c := home.name_choice)
        ]
        for how, stack in stacks.items()
    }
