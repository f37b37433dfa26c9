"""Posts the demo county's lists as its clerks would have, and hangs and takes down the papers.

So that every screen has something true to show, villages differ: some have not hung the newest
list yet, some forgot to take the last one down, some have not posted the quarter. Must only be
called inside the one transaction of build.py.
"""

from datetime import date, timedelta

from api.demo import seeds
from api.demo.plan import Hours
from foundation import clock
from foundation.actors import Actor
from points import publication
from points.models import Publication
from points.period import Period

_LATE = 4  # one village in so many left the last quarter's list on the wall
_BEHIND = 5  # one village in so many has not posted the last quarter
_NOT_HUNG = 3  # one village in so many has yet to hang the newest list


async def quarter(
    village: str, period: Period, *, turn: int, is_last: bool, hours: Hours, seed: int, by: Actor
) -> None:
    """Post a quarter's list a week after its end, hang it, and take it down on its day.

    Args:
        village: 12-digit code.
        period: the quarter.
        turn: the village's place among those of the county, from which follows what it does.
        is_last: whether it is the last quarter that was scored to its end.
        hours: when things happened.
        seed: of the county.
        by: the village's clerk.
    """
    if is_last and turn % _BEHIND == _BEHIND - 1:
        return
    posted_on = period.last + timedelta(days=8)
    with clock.stopped_at(hours.at(posted_on, hour=10)):
        serial = await _post(village, period, seed=seed, by=by)
        await publication.mark_hung(serial, on=clock.today(), by=by)
    if is_last and turn % _LATE == 0:
        return
    kept = await Publication.get(serial=serial)
    await _take_down(serial, on=kept.display_until + timedelta(days=1), hours=hours, by=by)


async def newest(village: str, period: Period, *, turn: int, seed: int, by: Actor) -> None:
    """Post the last month's list today, and hang it in most villages."""
    serial = await _post(village, period, seed=seed, by=by)
    if turn % _NOT_HUNG != _NOT_HUNG - 1:
        await publication.mark_hung(serial, on=clock.today(), by=by)


async def _post(village: str, period: Period, *, seed: int, by: Actor) -> str:
    id = seeds.identity(seed, "publication", village, period.text)
    return (await publication.publish(village, id=id, period=period, by=by)).serial


async def _take_down(serial: str, *, on: date, hours: Hours, by: Actor) -> None:
    if on > hours.today:
        return
    with clock.stopped_at(hours.at(on, hour=9)):
        await publication.mark_taken_down(serial, on=on, by=by)
