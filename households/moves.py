"""Steps in the life of households: split, merge, to another group or village, leave, return.

Nothing is deleted: a household that ends in another one is closed and stays to be read. People
keep their rows and ids, so their seals hold; what is sealed in a household's own row is sealed
anew where a new row is made. Points go along in points/transfers.py, which calls the verbs here.

Each verb takes an id made by its client; the same step again is answered like the first time.
All refuse with `HouseholdNotFound`, `NotAllowed`, `HouseholdChanged`, `HouseholdLeft`,
`MoveIdTaken`, and with `DetailRefused` for what cannot be.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import lineage, register, rows, settings
from households.details import HEAD
from households.errors import DetailRefused, HouseholdLeft, MoveSettled
from households.lineage import Move
from households.models import Household, Official, Resident
from households.register import ACTIVE, LEFT

NOTE_LENGTH_MAX = 500


class Split(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who goes, who of them is the new household's head, and what it is called.

    `points` of the household go along; without it its balance is divided by heads.
    """

    members: list[UUID]
    head: UUID
    on: date
    reason: str
    number: str = ""
    group: str | None = None
    grid: str | None = None
    points: int | None = None


class Merge(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Into which household of the same village all members and points go."""

    into: UUID
    on: date
    reason: str


class Regroup(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The group and grid that a household belongs to from a day on; codes, empty for none."""

    group: str
    grid: str
    on: date
    reason: str = ""


class Relocate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The village that a whole household moves to, and its place there."""

    village: str
    on: date
    reason: str
    group: str = ""
    grid: str = ""
    number: str = ""


class Day(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """On what day a household left or came back."""

    on: date
    reason: str = ""


# -- steps between two households -----------------------------------------------------------


@database.transaction
async def split(
    household_id: UUID, wanted: Split, *, id: UUID, points: int, revision: int, by: Actor
) -> Move:
    """Some members become a household of their own, on the address that they have.

    Its name is posted by nobody's choice yet, and its standing is nobody's yet either: household
    type, welfare and remarks stay behind. The head of the old household stays.
    """
    kept = await _begin(household_id, wanted.on, revision=revision, by=by)
    people = await _people(kept, wanted.members)
    head = next((person for person in people if person.id == wanted.head), None)
    if head is None:
        raise DetailRefused(field="head", code="not_moving")
    number = await _number(kept.village, wanted.number)
    group = kept.group if wanted.group is None else wanted.group
    grid = kept.grid if wanted.grid is None else wanted.grid
    await register.require_places(kept.village, [{"group": group, "grid": grid}])
    made = await _made(
        uuid5(id, "household"),
        kept,
        village=kept.village,
        number=number,
        on=wanted.on,
        head=head.name,
        group=group,
        grid=grid,
        phone=rows.opened("resident", head.id, "phone", head.phone),
        address=rows.opened("household", kept.id, "address", kept.address),
    )
    before: dict[str, Any] = {"relations": {str(person.id): person.relation for person in people}}
    before |= {"to_group": group, "to_grid": grid}
    before["officials"] = await _follow(kept.id, made.id, names=[p.name for p in people])
    await put(people, made.id, {p.id: HEAD if p is head else "" for p in people})
    await register.touch(
        kept,
        "register.split",
        columns={},
        by=by,
        changed=[f"household:{made.id}", *(f"official:{one}" for one in before["officials"])],
        move=str(id),
        points=points,
    )
    return await lineage.record(
        id,
        "split",
        kept,
        on=wanted.on,
        content_hash=lineage.digest("split", household_id, wanted),
        by=by,
        other=made,
        points=points,
        members=[person.id for person in people],
        before=before,
        note=_note(wanted.reason),
    )


@database.transaction
async def merge(
    household_id: UUID, wanted: Merge, *, id: UUID, points: int, revision: int, by: Actor
) -> Move:
    """A whole household goes into another one of its village, and is closed.

    What is written of it stays readable in the closed record; the household that takes it in
    keeps its own number, place, name choice and standing.
    """
    kept = await _begin(household_id, wanted.on, revision=revision, by=by)
    if wanted.into == household_id:
        raise DetailRefused(field="into", code="same_household")
    into = await register.household_of_village(wanted.into, village=kept.village, by=by)
    people = await _people(kept, None)
    before: dict[str, Any] = {
        "relations": {str(person.id): person.relation for person in people},
        "officials": await _follow(kept.id, into.id),
    }
    relations = {
        person.id: f"{kept.head}之{person.relation}"[:20] if person.relation != HEAD else "成员"
        for person in people
    }
    await put(people, into.id, relations, after=await Resident.filter(household_id=into.id).count())
    changed = [f"household:{into.id}", *(f"official:{one}" for one in before["officials"])]
    await _close(
        kept, wanted.on, "register.merge", by=by, changed=changed, move=str(id), points=points
    )
    await raise_revision(into)
    return await lineage.record(
        id,
        "merge",
        kept,
        on=wanted.on,
        content_hash=lineage.digest("merge", household_id, wanted),
        by=by,
        other=into,
        points=points,
        members=[person.id for person in people],
        before=before,
        note=_note(wanted.reason),
    )


@database.transaction
async def relocate(
    household_id: UUID, wanted: Relocate, *, id: UUID, points: int, revision: int, by: Actor
) -> Move:
    """A whole household goes to another village of the installation.

    It is opened there with its people, name choice and what is sealed about it, its address left
    out, and closed here. Whoever does it needs `register.move` in both villages.
    """
    kept = await _begin(
        household_id, wanted.on, revision=revision, by=by, permission="register.move"
    )
    if wanted.village == kept.village:
        raise DetailRefused(field="village", code="same_village")
    await register.village_to_move_to(wanted.village, by=by)
    await register.require_places(wanted.village, [{"group": wanted.group, "grid": wanted.grid}])
    number = await _number(wanted.village, wanted.number)
    people = await _people(kept, None)
    sealed = ("phone", "kind", "welfare", "remarks")
    made = await _made(
        uuid5(id, "household"),
        kept,
        village=wanted.village,
        number=number,
        on=wanted.on,
        head=kept.head,
        group=wanted.group,
        grid=wanted.grid,
        **{name: rows.opened("household", kept.id, name, getattr(kept, name)) for name in sealed},
        name_wall=kept.name_wall,
        name_web=kept.name_web,
        name_chosen_on=kept.name_chosen_on,
        name_chosen_how=kept.name_chosen_how,
    )
    before: dict[str, Any] = {
        "relations": {str(person.id): person.relation for person in people},
        "to_group": wanted.group,
        "to_grid": wanted.grid,
        "officials": await _follow(kept.id, made.id),
    }
    await put(people, made.id, {person.id: person.relation for person in people})
    if not (await settings.read(wanted.village, settings.RegisterSettings)).keep_id_numbers:
        await rows.update("resident", [(p.id, {"id_number": ""}) for p in people if p.id_number])
    changed = [f"official:{one}" for one in before["officials"]]
    await _close(
        kept, wanted.on, "register.relocate", by=by, changed=changed, move=str(id), points=points
    )
    await audit.note(
        by,
        "register.relocate",
        village=made.village,
        subject=f"household:{made.id}",
        move=str(id),
        points=points,
    )
    return await lineage.record(
        id,
        "relocate",
        kept,
        on=wanted.on,
        content_hash=lineage.digest("relocate", household_id, wanted),
        by=by,
        other=made,
        points=points,
        members=[person.id for person in people],
        before=before,
        note=_note(wanted.reason),
    )


# -- steps of one household -----------------------------------------------------------------


@database.transaction
async def regroup(
    household_id: UUID, wanted: Regroup, *, id: UUID, revision: int, by: Actor
) -> Move:
    """A household belongs to another group or grid of its village; its points stay as they are."""
    content = lineage.digest("regroup", household_id, wanted)
    if done := await _again(household_id, id, content, by=by):
        return done
    kept = await _begin(household_id, wanted.on, revision=revision, by=by)
    await register.require_places(kept.village, [{"group": wanted.group, "grid": wanted.grid}])
    if (kept.group, kept.grid) == (wanted.group, wanted.grid):
        raise DetailRefused(field="group", code="same_place")
    columns = {"group": wanted.group, "grid": wanted.grid}
    await register.touch(kept, "register.regroup", columns=columns, by=by, **columns)
    return await lineage.record(
        id,
        "regroup",
        kept,
        on=wanted.on,
        content_hash=content,
        by=by,
        before={
            "group": kept.group,
            "grid": kept.grid,
            **{f"to_{k}": v for k, v in columns.items()},
        },
        note=_note(wanted.reason),
    )


@database.transaction
async def leave(household_id: UUID, wanted: Day, *, id: UUID, revision: int, by: Actor) -> Move:
    """A household leaves the village; number, history and balance stay with it, frozen.

    From that day on nothing is posted to it; deeds before it are still scored, mistakes are
    still reversed.
    """
    content = lineage.digest("leave", household_id, wanted)
    if done := await _again(household_id, id, content, by=by):
        return done
    kept = await _begin(household_id, wanted.on, revision=revision, by=by, day="left_on")
    await _close(kept, wanted.on, "register.leave", by=by, day=wanted.on.isoformat())
    return await lineage.record(
        id, "leave", kept, on=wanted.on, content_hash=content, by=by, note=_note(wanted.reason)
    )


@database.transaction
async def come_back(household_id: UUID, wanted: Day, *, id: UUID, revision: int, by: Actor) -> Move:
    """A household that left is here again, with the balance that it left with.

    Refuses with `MoveSettled` for one that lives on in another household.
    """
    content = lineage.digest("return", household_id, wanted)
    if done := await _again(household_id, id, content, by=by):
        return done
    kept = await register.household_to_change(household_id, revision=revision, by=by)
    if kept.state == ACTIVE:
        raise DetailRefused(field="state", code="still_here")
    if await lineage.successor(household_id):
        raise MoveSettled(id=str(household_id), why="closed")
    if wanted.on > clock.today():
        raise DetailRefused(field="on", code="in_future")
    if kept.left_on and wanted.on < kept.left_on:
        raise DetailRefused(field="on", code="before_leaving")
    before = {"left_on": kept.left_on.isoformat() if kept.left_on else ""}
    columns = {"state": ACTIVE, "left_on": None}
    await register.touch(kept, "register.come_back", columns=columns, by=by)
    return await lineage.record(
        id,
        "return",
        kept,
        on=wanted.on,
        content_hash=content,
        by=by,
        before=before,
        note=_note(wanted.reason),
    )


# -- what the steps have in common ------------------------------------------------------------


async def _again(household_id: UUID, id: UUID, content: str, *, by: Actor) -> Move | None:
    """Queue up, and answer a step that was taken before."""
    kept = await register.household(household_id, actor=by, permission="register.write")
    await lineage.lock([kept.village])
    return await lineage.known(id, content)


async def _begin(
    household_id: UUID,
    on: date,
    *,
    revision: int,
    by: Actor,
    day: str = "on",
    permission: str = "register.write",
) -> Household:
    """A household that is here, locked, on a day that may be."""
    kept = await register.household_to_change(
        household_id, revision=revision, by=by, permission=permission
    )
    if kept.state != ACTIVE:
        raise HouseholdLeft(id=str(household_id))
    if on > clock.today():
        raise DetailRefused(field=day, code="in_future")
    if kept.joined_on and on < kept.joined_on:
        raise DetailRefused(field=day, code="before_joining")
    return kept


async def _people(kept: Household, ids: Sequence[UUID] | None) -> list[Resident]:
    """The members who go; without ids all who are here, else some who leave the head behind."""
    people = await Resident.filter(household_id=kept.id, state=ACTIVE).order_by("position", "id")
    if ids is None:
        return people
    going = [person for person in people if person.id in set(ids)]
    if not ids or len(going) < len(set(ids)):
        raise DetailRefused(field="members", code="not_a_member" if ids else "missing")
    if any(person.relation == HEAD for person in going):
        raise DetailRefused(field="members", code="head_stays")
    return going


async def _number(village: str, typed: str) -> str | None:
    number = typed.strip()
    if len(number) > 20:
        raise DetailRefused(field="number", code="too_long", length_max=20)
    await register.require_free(village, [number] if number else [])
    return number or None


async def _made(key: UUID, like: Household, *, village: str, on: date, **values: Any) -> Household:
    """A household that a step makes; its id follows from the step's."""
    columns = rows.household_columns(key, {**values, "joined_on": on})
    await rows.insert_households(village, [{"id": key, **columns}])
    return await Household.get(id=key)


async def put(
    people: Sequence[Resident], household_id: UUID, relations: dict[UUID, str], *, after: int = 0
) -> None:
    """Move people's rows into a household, each with what he is in it, behind `after` others."""
    await rows.update(
        "resident",
        [
            (
                person.id,
                {
                    "household_id": household_id,
                    "position": after + place,
                    "relation": relations[person.id],
                },
            )
            for place, person in enumerate(people)
        ],
    )


async def _follow(left: UUID, entered: UUID, *, names: Sequence[str] | None = None) -> list[str]:
    """Officials whose own household goes are of the other from now on, so that the kin rule holds.

    Of a household that is split those follow whose name one of the leaving has. Returns their
    ids.
    """
    found = Official.filter(household_id=left)
    if names is not None:
        found = found.filter(name__in=list(names))
    ids = [str(one.id) for one in await found]
    await Official.filter(id__in=ids).update(household_id=entered)
    return ids


async def _close(kept: Household, on: date, verb: str, *, by: Actor, **facts: Any) -> None:
    await register.touch(kept, verb, columns={"state": LEFT, "left_on": on}, by=by, **facts)


async def raise_revision(kept: Household) -> None:
    """Tell whoever has the household on his screen that it is not as he sees it."""
    await database.execute("UPDATE household SET revision = revision + 1 WHERE id = ?", [kept.id])


def _note(typed: str) -> str:
    return typed.strip()[:NOTE_LENGTH_MAX]
