"""A village's ledger and posted lists recomputed from a screen: begun, looked at, forgotten.

The work is that of `xiangyue verify`; what it found waits in this process's memory for a quarter
of an hour. It changes nothing, so it can be begun again at any time.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from foundation import clock
from foundation.actors import Actor
from points import proof, verification
from points.verification import Fault

LIFETIME = timedelta(minutes=15)
JOBS_MAX = 20


class Check(msgspec.Struct):
    """A check on its way. `state` is running, sound, faulty or failed; `owner` alone sees it."""

    id: UUID
    owner: str
    village: str
    begun_at: datetime
    done: int = 0
    total: int = 0
    state: str = "running"
    faults: list[Fault] = msgspec.field(default_factory=list)


_checks: dict[UUID, Check] = {}


def begin(village: str, *, by: Actor) -> Check:
    """Remember a check that is to be made; of one village the reader's running one is answered."""
    _forget_old()
    for one in _checks.values():
        if (one.owner, one.village, one.state) == (by.label, village, "running"):
            return one
    check = Check(uuid4(), by.label, village, clock.now())
    _checks[check.id] = check
    return check


def find(check_id: UUID, *, by: Actor) -> Check | None:
    """A check that this actor began, if it is still remembered."""
    _forget_old()
    check = _checks.get(check_id)
    return check if check and check.owner == by.label else None


async def run(check: Check) -> None:
    """Recompute everything; a background task."""

    def progress(_: str, done: int, total: int) -> None:
        check.done, check.total = done, total

    try:
        check.faults = await faults(check.village, progress=progress)
        check.state = "faulty" if check.faults else "sound"
    except BaseException:
        check.state = "failed"
        raise


async def faults(village: str, *, progress: verification.Progress | None = None) -> list[Fault]:
    """What does not hold of a village's ledger, or else of its posted lists."""
    return await verification.verify(village, progress=progress) or await proof.faults(village)


def _forget_old() -> None:
    kept = sorted(_checks.values(), key=lambda one: one.begun_at, reverse=True)[:JOBS_MAX]
    oldest = clock.now() - LIFETIME
    stay = {one.id for one in kept if one.begun_at > oldest}
    for gone in _checks.keys() - stay:
        del _checks[gone]
