"""Hand-over when somebody leaves: duties pass on a day, drafts pass too, the log-in ends.

One verb and one transaction, so that no duty is ever held by two or lost between them by
accident. What was handed over is kept as the printed sheet says it, for good.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from foundation import audit, clock, database, trail
from foundation.actors import Actor
from households import directory, duties, officials, posts
from households.errors import (
    DutyDayRefused,
    HandedOver,
    HandOverNotFound,
    LastAdmin,
    LoginClosed,
    OfficialNotFound,
)
from households.models import HandOver, Official, OfficialDuty, Region
from points.errors import IdTaken
from points.models import ScoreDraft

DAYS_BACK_MAX, DAYS_AHEAD_MAX = 31, 92
COUNTED_DAYS = 31


class DutyHeld(msgspec.Struct, frozen=True):
    """A duty that is to pass: its post's name where it has one, and the place."""

    role: str
    post: str
    region: str
    place: str


class DraftOpen(msgspec.Struct, frozen=True):
    """A score sheet that somebody began and did not post."""

    id: int
    village: str
    group: str
    place: str
    month: str
    cells: int
    saved_at: datetime


class Person(msgspec.Struct, frozen=True):
    """An official as the sheet names him."""

    id: UUID
    login: str
    name: str


class Plan(msgspec.Struct, frozen=True):
    """What somebody who leaves has in hand. `did` counts his deeds of the last month by verb."""

    official: Person
    duties: list[DutyHeld]
    drafts: list[DraftOpen]
    did: dict[str, int]
    did_from: date
    did_until: date
    successors: list[Person]


class Handed(msgspec.Struct, frozen=True):
    """A hand-over as it was made; a draft's id in `passed` says that the successor has it."""

    id: UUID
    official: Person
    successor: Person | None
    on: date
    duties: list[DutyHeld]
    drafts: list[DraftOpen]
    passed: list[int]
    did: dict[str, int]
    did_from: date
    did_until: date
    made_by: str
    made_at: datetime


async def plan(official_id: UUID, *, by: Actor) -> Plan:
    """What would be handed over, and who may take it. Refuses with `OfficialNotFound`."""
    official = await officials.managed(official_id, by=by)
    held = await officials.open_duties(official)
    return await _plan(official, held, successors=await _successors(official, held, by=by))


async def _plan(
    official: Official, held: list[OfficialDuty], *, successors: Sequence[Person] = ()
) -> Plan:
    until = clock.today()
    first = until - timedelta(days=COUNTED_DAYS)
    return Plan(
        official=_person(official),
        duties=await _named(held),
        drafts=await _drafts(official),
        did=await trail.counts(str(official.id), first=first, last=until),
        did_from=first,
        did_until=until,
        successors=list(successors),
    )


async def _successors(official: Official, held: list[OfficialDuty], *, by: Actor) -> list[Person]:
    """Whom the actor decides about and who serves in the same township, or above it."""
    places = await Region.filter(code__in={duty.region for duty in held} or {""})
    townships = tuple({"/".join(place.path.split("/")[:2]) + "/" for place in places})
    return [
        Person(one.id, one.login, one.name)
        for one in await directory.listing(by)
        if one.managed
        and one.active
        and one.id != official.id
        and any(duty.path.startswith(townships) for duty in one.duties)
    ]


async def _decides(official_id: UUID, *, by: Actor) -> bool:
    try:
        await officials.managed(official_id, by=by)
    except OfficialNotFound:
        return False
    return True


@database.transaction
async def hand_over(
    official_id: UUID,
    *,
    id: UUID,
    successor: UUID | None,
    on: date,
    passed: Collection[int] = (),
    by: Actor,
) -> Handed:
    """Pass everything on and end the log-in.

    Args:
        official_id: who leaves, of those about whom the actor decides.
        id: made by the client; pressed twice, it happens once.
        successor: who takes the duties; None leaves them vacant, which the first screen shows.
        on: the successor's first day; who leaves serves until the day before.
        passed: the drafts that go to the successor; the others are dropped.
        by: who sees to it.

    Refuses with `OfficialNotFound`, `DutyDayRefused`, `LoginClosed` for a successor who cannot
    serve, `HandedOver` for somebody without a duty left, `LastAdmin`, and `IdTaken`.
    """
    kept = await HandOver.get_or_none(id=id)
    if kept is not None:
        if kept.official_id != official_id:
            raise IdTaken(id=id)
        return await found(id, by=by)
    ahead = (on - clock.today()).days
    if not -DAYS_BACK_MAX <= ahead <= DAYS_AHEAD_MAX:
        raise DutyDayRefused(on=on)
    official = await officials.managed(official_id, by=by)
    taker = await officials.managed(successor, by=by) if successor else None
    if taker is not None and (not taker.active or taker.id == official.id):
        raise LoginClosed(name=taker.name)
    held = await officials.open_duties(official)
    if not held:
        raise HandedOver(name=official.name)
    if taker is None:
        await _require_other_admin(official, held)
    ready = await _plan(official, held)
    for duty in held:
        await duties.end(duty, on=on, vacant=taker is None)
    if taker is not None:
        await _give(taker, held, on=on)
    moved = await _settle_drafts(ready.drafts, to=taker, passed=set(passed))
    if ahead <= 0:
        official.active = False
        await official.save(update_fields=["active"])
    await officials.end_sessions(official)
    return await _keep(id, ready, taker=taker, on=on, moved=moved, by=by)


async def _give(taker: Official, held: list[OfficialDuty], *, on: date) -> None:
    for duty in held:
        place = await Region.get(code=duty.region)
        await duties.add_to(taker, role=duty.role, place=place, post=duty.post, since=on)
    await officials.end_sessions(taker)


async def _require_other_admin(official: Official, held: list[OfficialDuty]) -> None:
    """Somebody must be left who can give the duties to the next one. Refuses with `LastAdmin`."""
    for duty in held:
        if duty.role != "admin":
            continue
        place = await Region.get(code=duty.region)
        above = place.path.strip("/").split("/")
        others = OfficialDuty.filter(
            role="admin", region__in=above, official__active=True, official__password__not=""
        ).exclude(official_id=official.id)
        if not any(officials.in_force(one, on=clock.today()) for one in await others):
            raise LastAdmin(region=duty.region)


async def _settle_drafts(
    drafts: list[DraftOpen], *, to: Official | None, passed: set[int]
) -> list[int]:
    """Give the wanted drafts to the successor, drop the others; the ids of those given.

    Where the successor has begun the same sheet himself, his own cells stand and the others are
    added.
    """
    moved = []
    for one in drafts:
        draft = await ScoreDraft.get(id=one.id)
        if to is None or one.id not in passed:
            await draft.delete()
            continue
        own = await ScoreDraft.get_or_none(
            village=draft.village, group=draft.group, month=draft.month, official_id=to.id
        )
        if own is None:
            draft.official_id = to.id
            await draft.save(update_fields=["official_id"])
        else:
            filled = {(cell["household"], cell["item"]) for cell in own.cells}
            more = [c for c in draft.cells if (c["household"], c["item"]) not in filled]
            own.cells = [*own.cells, *more]
            await own.save(update_fields=["cells"])
            await draft.delete()
        moved.append(one.id)
    return moved


async def _keep(
    id: UUID, ready: Plan, *, taker: Official | None, on: date, moved: list[int], by: Actor
) -> Handed:
    handed = Handed(
        id=id,
        official=ready.official,
        successor=_person(taker) if taker else None,
        on=on,
        duties=ready.duties,
        drafts=ready.drafts,
        passed=moved,
        did=ready.did,
        did_from=ready.did_from,
        did_until=ready.did_until,
        made_by=by.name,
        made_at=clock.now(),
    )
    await HandOver.create(
        id=id,
        official_id=ready.official.id,
        successor_id=taker.id if taker else None,
        on=on,
        content=msgspec.to_builtins(handed, enc_hook=str),
        made_by=by.label,
        made_at=handed.made_at,
    )
    places = {duty.region[:12] for duty in ready.duties}
    village = next((code for code in sorted(places) if not code.endswith("000")), "")
    facts: dict[str, Any] = {
        "on": str(on),
        "duties": len(ready.duties),
        "successor": taker.login if taker else "",
        "drafts_passed": len(moved),
        "drafts_dropped": len(ready.drafts) - len(moved),
    }
    changed = [f"official:{ready.official.id}", *([f"official:{taker.id}"] if taker else [])]
    await audit.note(
        by,
        "officials.hand_over",
        village=village,
        subject=f"hand_over:{id}",
        changed=changed,
        **facts,
    )
    return handed


async def found(id: UUID, *, by: Actor) -> Handed:
    """A hand-over as it was made.

    Refuses with `HandOverNotFound` where the actor does not decide about who left.
    """
    kept = await HandOver.get_or_none(id=id)
    if kept is None or not await _decides(kept.official_id, by=by):
        raise HandOverNotFound(id=id)
    return msgspec.convert(kept.content, Handed)


async def of_official(official_id: UUID) -> list[tuple[UUID, date]]:
    """The hand-overs of somebody whom the caller has found already, the latest first."""
    kept = await HandOver.filter(official_id=official_id).order_by("-on")
    return [(one.id, one.on) for one in kept]


async def _named(held: list[OfficialDuty]) -> list[DutyHeld]:
    places = {p.code: p for p in await Region.filter(code__in={d.region for d in held} or {""})}
    named = []
    for duty in held:
        place = places[duty.region]
        name = {post.code: post.name for post in await posts.of(place)}.get(duty.post, "")
        village = await Region.get_or_none(code=place.village) if place.village else None
        inside = village is not None and village.code != place.code
        full = f"{village.name} {place.name}" if village and inside else place.name
        named.append(DutyHeld(duty.role, name, duty.region, full))
    return named


async def _drafts(official: Official) -> list[DraftOpen]:
    kept = await ScoreDraft.filter(official_id=official.id).order_by("month", "village", "group")
    codes = {code for draft in kept for code in (draft.village, draft.group) if code}
    names = {place.code: place.name for place in await Region.filter(code__in=codes or {""})}
    return [
        DraftOpen(
            draft.id,
            draft.village,
            draft.group,
            f"{names.get(draft.village, '')} {names.get(draft.group, '')}".strip(),
            draft.month,
            len(draft.cells),
            draft.saved_at,
        )
        for draft in kept
        if draft.cells
    ]


def _person(official: Official) -> Person:
    return Person(official.id, official.login, official.name)
