"""Who serves in the demo county: the village's own people, the township's, the county's.

Village posts go to residents, one from a household, so that everybody's own household is known
and somebody else can score it; where a village has too few, the post is held by somebody from
outside. Roles are the product's own words.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random
from uuid import UUID

import msgspec

from api.demo import names, seeds
from api.demo.families import DemoHousehold, DemoMember
from api.demo.identity import NumberBook
from api.demo.places import DemoRegion

_SERVING_AGES = range(24, 67)
# Two scorers, because nobody scores his own household.
_VILLAGE_POSTS = (
    "clerk",
    "scorer",
    "supervisor",
    "panel_member",
    "panel_member",
    "panel_member",
    "scorer",
)
_LOGIN = {"clerk": "clerk", "scorer": "scorer", "supervisor": "supervisor", "panel_member": "panel"}
_COUNTY_POSTS = ("county_official", "county_official", "auditor", "admin")
# Numbers of the people who live outside every village of the register, one book a place.
_TOWNSHIP_BOOKS, _GRID_BOOKS, _COUNTY_BOOK = 500, 600, 999


class DemoDuty(msgspec.Struct, frozen=True):
    """A role and the region in which it holds."""

    role: str
    region: str


class DemoOfficial(msgspec.Struct, frozen=True):
    """One official; `household` and `resident` are None for who lives outside the register."""

    id: UUID
    login: str
    name: str
    phone: str
    duties: tuple[DemoDuty, ...]
    household: UUID | None
    resident: UUID | None


class _Post(msgspec.Struct, frozen=True):
    login: str
    role: str
    region: str


def of_village(
    village: DemoRegion,
    *,
    below: Sequence[DemoRegion],
    households: Sequence[DemoHousehold],
    ordinal: int,
    on: date,
    seed: int,
) -> tuple[DemoOfficial, ...]:
    """Clerk, scorers, panel and supervisor of a village, a cadre a group, a worker a grid.

    A village without households in the register has its grid workers only.
    """
    posts = _posts(village, below=below) if households else []
    posts += [
        _Post(_login("grid", region.code), "grid_worker", region.code)
        for region in below
        if region.level == "grid"
    ]
    residents = _willing(village, households=households, on=on, seed=seed)
    numbers = NumberBook(_GRID_BOOKS + ordinal, seed=seed)
    found = []
    for n, post in enumerate(posts):
        if n < len(residents):
            household, member = residents[n]
            found.append(_resident(post, household=household, member=member, seed=seed))
        else:
            found.append(_outsider(post, numbers=numbers, on=on, seed=seed))
    return tuple(found)


def above_villages(
    divisions: Sequence[DemoRegion], *, on: date, seed: int
) -> tuple[DemoOfficial, ...]:
    """Two officials in every township, two for the county, its auditor and its administrator."""
    found = []
    townships = [region for region in divisions if region.level == "township"]
    for ordinal, township in enumerate(townships):
        numbers = NumberBook(_TOWNSHIP_BOOKS + ordinal, seed=seed)
        found += [
            _outsider(
                _Post(f"township-{township.code[6:9]}{suffix}", "township_official", township.code),
                numbers=numbers,
                on=on,
                seed=seed,
            )
            for suffix in ("", "-2")
        ]
    numbers = NumberBook(_COUNTY_BOOK, seed=seed)
    for county in (region for region in divisions if region.level == "county"):
        for i, role in enumerate(_COUNTY_POSTS):
            login = role.removesuffix("_official") + ("-2" if role in _COUNTY_POSTS[:i] else "")
            found.append(
                _outsider(_Post(login, role, county.code), numbers=numbers, on=on, seed=seed)
            )
    return tuple(found)


def _posts(village: DemoRegion, *, below: Sequence[DemoRegion]) -> list[_Post]:
    held: Counter[str] = Counter()
    found = []
    for role in _VILLAGE_POSTS:
        held[role] += 1
        found.append(_Post(_login(_LOGIN[role], village.code, turn=held[role]), role, village.code))
    return found + [
        _Post(_login("cadre", region.code), "group_cadre", region.code)
        for region in below
        if region.level == "group"
    ]


def _login(word: str, code: str, *, turn: int = 1) -> str:
    """clerk-106221, panel-106221-2, cadre-106221-g05: the code without the county's own digits."""
    return f"{word}-{code[6:].lower()}" + (f"-{turn}" if turn > 1 else "")


def _willing(
    village: DemoRegion, *, households: Sequence[DemoHousehold], on: date, seed: int
) -> list[tuple[DemoHousehold, DemoMember]]:
    """One grown person with a phone from each household at home, in a drawn order."""
    chance = seeds.stream(seed, village.code, "officials")
    found = []
    for household in households:
        fit = [
            member
            for member in household.members
            if member.phone and on.year - member.born.year in _SERVING_AGES
        ]
        if fit and not household.away:
            found.append((household, chance.choice(fit)))
    chance.shuffle(found)
    return found


def _resident(
    post: _Post, *, household: DemoHousehold, member: DemoMember, seed: int
) -> DemoOfficial:
    return DemoOfficial(
        id=seeds.identity(seed, "official", post.login),
        login=post.login,
        name=member.name,
        phone=member.phone,
        duties=(DemoDuty(post.role, post.region),),
        household=household.id,
        resident=member.id,
    )


def _outsider(post: _Post, *, numbers: NumberBook, on: date, seed: int) -> DemoOfficial:
    chance = seeds.stream(seed, "official", post.login)
    return DemoOfficial(
        id=seeds.identity(seed, "official", post.login),
        login=post.login,
        name=_stranger(chance, on=on),
        phone=numbers.phone(),
        duties=(DemoDuty(post.role, post.region),),
        household=None,
        resident=None,
    )


def _stranger(chance: Random, *, on: date) -> str:
    sex = chance.choice(("男", "女"))
    year = on.year - chance.choice(_SERVING_AGES)
    return names.surname_of_stranger(chance) + names.given(chance, sex=sex, born_year=year)
