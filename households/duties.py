"""Duties given, ended and looked at: the table of who answers for which place.

A duty has a first and a last day. One that ended stays, so that the log and the table of an
earlier day still say who it was.
"""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import officials, posts
from households.errors import OfficialRefused
from households.models import Official, OfficialDuty, Region


class Held(msgspec.Struct, frozen=True):
    """A duty that has not ended, as an official's page shows it."""

    role: str
    region: str
    name: str
    post: str
    since: date | None
    until: date | None


async def shown(official: Official) -> list[Held]:
    """An official's duties that have not ended, those to come included."""
    held = await officials.open_duties(official)
    places = {p.code: p for p in await Region.filter(code__in={d.region for d in held} or {""})}
    found = []
    for one in held:
        place = places[one.region]
        names = {post.code: post.name for post in await posts.of(place)} if one.post else {}
        post = names.get(one.post, "")
        found.append(Held(one.role, one.region, place.name, post, one.since, one.until))
    return found


@database.transaction
async def add(
    official_id: UUID,
    *,
    role: str,
    region: str,
    by: Actor,
    post: str = "",
    since: date | None = None,
) -> None:
    """Give an official one more role in a region; his sessions end.

    Args:
        official_id: whom, of those about whom the actor decides.
        role: one of `ROLES`, or empty for a `post` that opens nothing.
        region: code of the duty region.
        by: who gives it.
        post: the duty's name in the duty table, if it has one.
        since: the first day, today unless it is said.

    Refuses as `officials.create`.
    """
    official = await officials.managed(official_id, by=by)
    place = await officials.duty_region(role=role, region=region, by=by, post=post)
    await add_to(official, role=role, place=place, post=post, since=since or clock.today())
    await officials.end_sessions(official)
    await audit.note(
        by,
        "officials.add_duty",
        village=place.village,
        subject=f"official:{official_id}",
        role=role,
        region=place.code,
        post=post,
    )


async def add_to(official: Official, *, role: str, place: Region, post: str, since: date) -> None:
    """Give a duty to somebody about whom the caller has asked whether it may be given."""
    held, is_new = await OfficialDuty.get_or_create(
        official=official, role=role, region=place.code, defaults={"post": post, "since": since}
    )
    if not is_new:
        # He had it before: it goes on, or begins anew where it had ended.
        if held.until is not None:
            held.since, held.until = since, None
        held.post, held.vacant = post or held.post, False
        await held.save(update_fields=["post", "since", "until", "vacant"])
    await _fill(role=role, region=place.code, post=post)


@database.transaction
async def remove(official_id: UUID, *, role: str, region: str, by: Actor) -> None:
    """Take one duty back; his sessions end.

    Refuses as `add` does, and with `OfficialRefused` for the last one: without any duty
    nobody would be responsible for the login, which is closed instead.
    """
    official = await officials.managed(official_id, by=by)
    place = await officials.duty_region(role=role, region=region, by=by, post="-")
    held = [
        one
        for one in await officials.open_duties(official)
        if (one.role, one.region) == (role, region)
    ]
    if held and len(await officials.open_duties(official)) == len(held):
        raise OfficialRefused(reason="last_duty", role=role)
    for one in held:
        await end(one, on=clock.today())
    await officials.end_sessions(official)
    await audit.note(
        by,
        "officials.remove_duty",
        village=place.village,
        subject=f"official:{official_id}",
        role=role,
        region=region,
    )


async def _fill(*, role: str, region: str, post: str) -> None:
    """A duty that was left to nobody waits no more once somebody has it."""
    waiting = OfficialDuty.filter(role=role, region=region, vacant=True)
    await (waiting.filter(post__in=("", post)) if post else waiting).update(vacant=False)


async def end(held: OfficialDuty, *, on: date, vacant: bool = False) -> None:
    """End a duty before the day `on`; one that would not have begun by then never was."""
    if held.since is not None and held.since >= on and not vacant:
        await held.delete()
        return
    held.until, held.vacant = on - timedelta(days=1), vacant
    await held.save(update_fields=["until", "vacant"])
