"""First passwords for many officials at once: made, hashed, stored, and given back for their slips.

A plain password exists in memory only, from here until the slip is printed. Whoever lost his slip
gets another one, which makes the first one void. Hashing two thousand takes minutes: it runs
beside the event loop, and nothing is stored before all are hashed.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec

from foundation import audit, database
from foundation.actors import Actor, Duty
from households import directory, officials, passwords, regions
from households.errors import OfficialNotFound
from households.kinds import Progress
from households.models import Official

AT_ONCE = 2
MANY_MAX = 3_000


class Slip(msgspec.Struct, frozen=True):
    """What an official is handed once: his login and his first password."""

    id: UUID
    name: str
    login: str
    password: str
    duties: tuple[Duty, ...]


class Waiting(msgspec.Struct, frozen=True):
    """Officials below a division who may get a slip.

    `without` have no password yet; `unused` have one that they never changed, so that a new slip
    makes an old one void.
    """

    without: list[UUID]
    unused: list[UUID]


async def waiting(place: str, *, by: Actor) -> Waiting:
    """Who of the officials managed by the actor still waits for a password of his own.

    Refuses with `RegionNotFound`, `NotAllowed`.
    """
    region = await regions.find(place, actor=by, permission="officials.write")
    mine = [
        one
        for one in await directory.listing(by)
        if one.managed
        and one.active
        and one.must_change_password
        and any(duty.path.startswith(region.path) for duty in one.duties)
    ]
    mine.sort(key=lambda one: (one.duties[0].path, one.login))
    return Waiting(
        without=[one.id for one in mine if not one.has_password][:MANY_MAX],
        unused=[one.id for one in mine if one.has_password][:MANY_MAX],
    )


async def issued(
    wanted: Sequence[UUID], *, by: Actor, progress: Progress | None = None
) -> tuple[list[Slip], list[str]]:
    """Make a password for each of these officials; returns slips and hashes, stores nothing.

    Refuses with `OfficialNotFound` when the actor does not manage one of them.
    """
    chosen = await _managed(wanted, by=by)
    turn = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def one(official: Official, duties: tuple[Duty, ...]) -> tuple[Slip, str]:
        nonlocal done
        password = passwords.random()
        async with turn:
            hashed = await passwords.hashed(password)
        done += 1
        if progress:
            progress(done, len(chosen))
        return Slip(official.id, official.name, official.login, password, duties), hashed

    made = await asyncio.gather(*(one(official, duties) for official, duties in chosen))
    return [slip for slip, _ in made], [hashed for _, hashed in made]


@database.transaction
async def store(slips: Sequence[Slip], hashes: Sequence[str], *, by: Actor) -> None:
    """Make the passwords of these slips count, all or none; sessions of their holders end.

    Refuses with `OfficialNotFound` when one is not the actor's to decide about any more.
    """
    await _managed([slip.id for slip in slips], by=by)
    await database.execute_many(
        "UPDATE official SET password = ?, must_change_password = ?, revision = revision + 1 "
        "WHERE id = ?",
        [[hashed, True, slip.id] for slip, hashed in zip(slips, hashes, strict=True)],
    )
    await audit.note(by, "officials.issue_passwords", officials=len(slips))


async def _managed(wanted: Sequence[UUID], *, by: Actor) -> list[tuple[Official, tuple[Duty, ...]]]:
    """The officials of these ids with their duties, in that order."""
    assert len(wanted) <= MANY_MAX, "asked for in pages"
    if len(wanted) == 1:
        alone = await officials.managed(wanted[0], by=by)
        return [(alone, tuple(await officials.duties_of(alone)))]
    views = {one.id: one for one in await directory.listing(by) if one.managed and one.active}
    rows = {one.id: one for one in await Official.filter(id__in=list(wanted))}
    for key in wanted:
        if key not in views or key not in rows:
            raise OfficialNotFound(id=str(key))
    return [(rows[key], tuple(views[key].duties)) for key in wanted]
