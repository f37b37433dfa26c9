"""Households of the demo county that split, joined and left, so that every screen has some.

In each of the first villages two split, one joins another and one leaves: there are as many at
the end as were asked for. It happens on the last day of the story, after the month's sheets, so
that nobody is scored for days on which he was gone. Must only be called inside the one
transaction of build.py.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from uuid import UUID

from api.demo import seeds
from api.demo.families import DemoHousehold, DemoMember
from foundation import clock
from foundation.actors import Actor
from households import moves
from households.models import Household, Official
from households.moves import Day, Merge, Split
from points import transfers

VILLAGES = 3
"""In so many of the first villages something happens."""

_GROWN_UP = 20
_OLD = 60
_COUPLES = {"长子": "儿媳", "次子": "儿媳"}


async def households(homes: Sequence[DemoHousehold], *, on: date, seed: int, by: Actor) -> None:
    """Two splits, a merge and a leaving, or none of it in a village too small for all."""
    serving = await Official.filter(household_id__in=[home.id for home in homes])
    busy = {one.household_id for one in serving}
    free = [home for home in homes if home.id not in busy]
    splits = list(islice(_with_a_grown_up(free, on=on), 2))
    used = {home.id for home, _ in splits}
    joining = next(_joining([home for home in free if home.id not in used], on=on), None)
    used |= {home.id for home in joining or ()}
    leaving = next((home for home in free if home.away and home.id not in used), None)
    if len(splits) < 2 or joining is None or leaving is None:
        return
    for home, goes in splits:
        await _split(home, goes, seed=seed, by=by)
    await _merge(*joining, seed=seed, by=by)
    await moves.leave(
        leaving.id,
        Day(on=clock.today(), reason="全家外出务工，房子已托人照看"),
        id=seeds.identity(seed, "leave", leaving.id),
        revision=await _revision(leaving.id),
        by=by,
    )


def _with_a_grown_up(
    homes: Sequence[DemoHousehold], *, on: date
) -> Iterator[tuple[DemoHousehold, list[DemoMember]]]:
    """Households with a grown-up child, and who goes with him: his wife, if he has one."""
    for home in homes:
        for person in home.members[1:]:
            if person.relation[-1:] in "子女" and on.year - person.born.year > _GROWN_UP:
                wife = _COUPLES.get(person.relation)
                yield home, [person, *(one for one in home.members if one.relation == wife)]
                break


def _joining(
    homes: Sequence[DemoHousehold], *, on: date
) -> Iterator[tuple[DemoHousehold, DemoHousehold]]:
    """An old person who lives alone, and a household of the same name in the same group."""
    for home in homes:
        head = home.members[0]
        if len(home.members) > 1 or on.year - head.born.year < _OLD:
            continue
        for other in homes:
            same = other.group == home.group and other.members[0].name[0] == head.name[0]
            if same and other.id != home.id and len(other.members) > 1 and not other.away:
                yield home, other


async def _split(home: DemoHousehold, goes: Sequence[DemoMember], *, seed: int, by: Actor) -> None:
    kept = await Household.get(id=home.id)
    wanted = Split(
        members=[person.id for person in goes],
        head=goes[0].id,
        number=f"{kept.number}-1",
        on=clock.today(),
        reason="成家立户，两边当面商定，积分按人头分",
    )
    await transfers.split(
        home.id, wanted, id=seeds.identity(seed, "split", home.id), revision=kept.revision, by=by
    )


async def _merge(home: DemoHousehold, into: DemoHousehold, *, seed: int, by: Actor) -> None:
    wanted = Merge(into=into.id, on=clock.today(), reason="老人年事已高，随本家一起生活")
    await transfers.merge(
        home.id,
        wanted,
        id=seeds.identity(seed, "merge", home.id),
        revision=await _revision(home.id),
        by=by,
    )


async def _revision(household: UUID) -> int:
    return (await Household.get(id=household)).revision
