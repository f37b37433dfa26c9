"""Plain functions that make what tests begin with. Invented people: IDs start 99, phones 199."""

from uuid import UUID, uuid4

from foundation import clock, keys
from foundation.actors import Actor, Duty, operator
from households import divisions as divisions_
from households import regions, register
from households.details import HouseholdDetails, ResidentDetails
from households.identity import check_digit
from households.models import Official, OfficialDuty

COUNTY, TOWNSHIP = "610428000000", "610428106000"
VILLAGE, OTHER_VILLAGE = "610428106221", "610428106222"
OPERATOR = operator("tests")
SECRET = "only for tests, never anywhere else"

_PARENTS = {COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP, OTHER_VILLAGE: TOWNSHIP}
_NAMES = {COUNTY: "长武县", TOWNSHIP: "相公镇", VILLAGE: "槐庄村", OTHER_VILLAGE: "西关村"}
_LEVELS = {COUNTY: "county", TOWNSHIP: "township"}


def hold_keys() -> None:
    """Give this process a keyring, without which nothing is sealed."""
    keys.hold(keys.Keyring([keys.Keyset(SECRET)]))


async def divisions() -> None:
    """A county with one township and two villages, 槐庄 with the groups 1 to 5; keys as well."""
    hold_keys()
    lines = [
        divisions_.Division(code, _NAMES[code], parent, _LEVELS.get(code, "village"))
        for code, parent in _PARENTS.items()
    ]
    await divisions_.store(lines, by=OPERATOR)
    for number, numeral in enumerate("一二三四五", start=1):
        await regions.create_local(
            VILLAGE, level="group", name=f"第{numeral}村民小组", number=number, by=OPERATOR
        )


def official(role: str, region: str = VILLAGE, *, household: UUID | None = None) -> Actor:
    """Somebody with one role in one region (of `divisions`), who needs no log-in."""
    code, codes = region.partition("-")[0], [region] if "-" in region else []
    while code:
        codes.insert(0, code)
        code = _PARENTS[code]
    duty = Duty(role, region, "".join(f"{each}/" for each in codes), _NAMES.get(region, region))
    return Actor(uuid4(), f"{role}-{region}", "王秋实", household, (duty,))


def id_number(serial: int, *, born: str = "19700101") -> str:
    """An ID number that nobody has, with its check digit; an odd serial is a man's."""
    first = f"990428{born}{serial:03d}"
    return first + check_digit(first)


async def household(head: str, number: str = "", **fields: object) -> UUID:
    """A household in 槐庄 with its head and nobody else, unless `residents` says more."""
    given = HouseholdDetails(head=head, number=number, **fields)  # type: ignore[arg-type]
    return await register.create(VILLAGE, given, by=OPERATOR)


def person(name: str, relation: str = "", **fields: object) -> ResidentDetails:
    """Somebody to be put into a household."""
    return ResidentDetails(name=name, relation=relation, **fields)  # type: ignore[arg-type]


async def hold_worker(role: str, region: str, *, login: str = "worker") -> Official:
    """An official in the store with one duty and no way to log in."""
    official = await Official.create(
        id=uuid4(), login=login, name="李晓梅", password="", created_at=clock.now()
    )
    await OfficialDuty.create(official=official, role=role, region=region)
    return official
