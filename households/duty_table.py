"""The duty table: who answers for each grid, group or village, post by post, and who is missing.

Built over the officials' duties, so that nothing is kept twice. Whoever is named in a table
without a log-in of his own is an official without a password: he can be given one later.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import duties, names, officials, posts, regions
from households.errors import (
    DutyDayRefused,
    LoginClosed,
    NotAllowed,
    OfficialRefused,
    PostRefused,
    SeveralOfThatName,
)
from households.models import Official, OfficialDuty, Region
from households.posts import Post

DAYS_BACK_MAX, DAYS_AHEAD_MAX = 31, 92
NAMES_MAX = 40  # in one cell at once
_BETWEEN_NAMES = re.compile(r"[、，,;；\s]+")


class Holder(msgspec.Struct, frozen=True):
    """Somebody in a cell. `duty` is what ends when he is taken out; `until` his last day."""

    duty: int
    official: UUID
    login: str
    name: str
    may_log_in: bool
    since: date | None
    until: date | None


class Row(msgspec.Struct, frozen=True):
    """A place with its holders by post, and the posts for which somebody is missing."""

    code: str
    name: str
    village: str
    village_name: str
    cells: dict[str, list[Holder]]
    missing: list[str]


class Table(msgspec.Struct, frozen=True):
    """The places of one level below a region. `levels` are those that have any place."""

    region: str
    name: str
    level: str
    levels: list[str]
    posts: list[Post]
    rows: list[Row]
    people: int
    missing: int


class Vacancy(msgspec.Struct, frozen=True):
    """A duty that was left to nobody: where, which, since when, and who had it."""

    region: str
    place: str
    village: str
    role: str
    post: str
    post_name: str
    since: date
    before: str


async def table(region: str, *, actor: Actor, level: str = "", on: date | None = None) -> Table:
    """The duty table of a region on a day, today unless it is said.

    `level` is one of `posts.LEVELS`; the grids without one, or what there is instead. Refuses
    with `RegionNotFound` and `NotAllowed`.
    """
    place = await regions.find(region, actor=actor, permission="officials.read")
    on = on or clock.today()
    below = Region.filter(path__startswith=place.path, level__in=posts.LEVELS)
    there = {one["level"] for one in await below.distinct().values("level")}
    levels = [one for one in posts.LEVELS if one in there]
    preferred = [one for one in (level, "grid", "group", "village") if one in there]
    chosen = (preferred or levels or ["village"])[0]
    columns = [post for post in await posts.of(place) if post.level == chosen]
    places = await below.filter(level=chosen).order_by("path")
    villages = await Region.filter(code__in={one.village for one in places} or {""})
    village_names = {one.code: one.name for one in villages}
    cells = await _cells(place, level=chosen, on=on, columns=columns)
    rows = [
        Row(
            one.code,
            one.name,
            one.village,
            village_names.get(one.village, ""),
            held := cells.get(one.code, {}),
            [post.code for post in columns if len(held.get(post.code, ())) < post.needed],
        )
        for one in places
    ]
    people = {h.official for row in rows for cell in row.cells.values() for h in cell}
    lacking = sum(len(row.missing) for row in rows)
    return Table(
        place.code, place.name, chosen, levels, columns, rows, people=len(people), missing=lacking
    )


async def _cells(
    place: Region, *, level: str, on: date, columns: Sequence[Post]
) -> dict[str, dict[str, list[Holder]]]:
    found = await database.rows(
        "SELECT d.id AS duty, d.role, d.post, d.region, d.since, d.until, o.id, o.login, o.name, "
        "CASE WHEN o.password = '' THEN 0 ELSE 1 END AS may_log_in "
        "FROM official_duty d JOIN official o ON o.id = d.official_id "
        "JOIN region r ON r.code = d.region "
        "WHERE substr(r.path, 1, ?) = ? AND r.level = ? AND o.active "
        "AND (d.since IS NULL OR d.since <= ?) AND (d.until IS NULL OR d.until >= ?)",
        [len(place.path), place.path, level, on, on],
    )
    cells: dict[str, dict[str, list[Holder]]] = {}
    for row in sorted(found, key=lambda row: _in_order(row["name"])):
        post = posts.under(columns, post=row["post"], role=row["role"], level=level)
        if post:
            cells.setdefault(row["region"], {}).setdefault(post, []).append(_holder(row))
    return cells


def _holder(row: dict[str, Any]) -> Holder:
    return Holder(
        row["duty"],
        UUID(str(row["id"])),
        row["login"],
        row["name"],
        bool(row["may_log_in"]),
        _day(row["since"]),
        _day(row["until"]),
    )


def _day(kept: Any) -> date | None:
    return date.fromisoformat(kept) if isinstance(kept, str) else kept


@lru_cache(maxsize=8192)
def _in_order(name: str) -> str:
    """Names as a directory sorts them, reckoned once."""
    return names.pinyin_key(name)


async def vacancies(actor: Actor, *, within: str = "") -> list[Vacancy]:
    """The duties in the actor's reach that were left to nobody, the longest vacant first.

    `within` is the path prefix of the part that is asked for. Nobody's without `officials.read`.
    """
    prefixes = officials.scope(actor, "officials.read")
    waiting = await OfficialDuty.filter(vacant=True).prefetch_related("official")
    places = {
        one.code: one for one in await Region.filter(code__in={d.region for d in waiting} or {""})
    }
    found = []
    for duty in waiting:
        place = places[duty.region]
        reached = prefixes is None or place.path.startswith(tuple(prefixes))
        if reached and place.path.startswith(within):
            named = {post.code: post.name for post in await posts.of(place)}
            since = (duty.until or clock.today()) + timedelta(days=1)
            found.append(
                Vacancy(
                    place.code,
                    place.name,
                    place.village,
                    duty.role,
                    duty.post,
                    named.get(duty.post, ""),
                    since,
                    duty.official.name,
                )
            )
    return sorted(found, key=lambda one: (one.since, one.region))


@database.transaction
async def revise(
    region: str,
    *,
    on: date,
    by: Actor,
    ended: Sequence[int] = (),
    added: Mapping[str, str] | None = None,
) -> tuple[int, int]:
    """Change who answers for one place; returns how many came and how many went.

    Args:
        region: code of the place.
        on: the day from which the change holds; those taken out serve until the day before.
        by: who changes it; each post's role must be his to give there.
        ended: the duties that end.
        added: by post, the names or logins of those who begin, as typed; who is not known yet
            comes in without a log-in.

    Refuses with `RegionNotFound`, `NotAllowed`, `OfficialNotFound`, `DutyDayRefused` for a day
    too far away, `SeveralOfThatName`, `LoginClosed`, and `PostRefused` for a post that the place
    has not.
    """
    place = await regions.find(region, actor=by, permission="officials.write")
    ahead = (on - clock.today()).days
    if not -DAYS_BACK_MAX <= ahead <= DAYS_AHEAD_MAX:
        raise DutyDayRefused(on=on)
    columns = {post.code: post for post in await posts.of(place) if post.level == place.level}
    gone = await OfficialDuty.filter(id__in=list(ended), region=region).prefetch_related("official")
    for duty in gone:
        if not officials.may_grant(by, duty.role, path=place.path):
            raise NotAllowed(permission="officials.write", region=region)
        await duties.end(duty, on=on)
        await officials.end_sessions(duty.official)
    come = 0
    for code, typed in (added or {}).items():
        wanted = [name for name in _BETWEEN_NAMES.split(typed) if name]
        if not wanted:
            continue
        if code not in columns or len(wanted) > NAMES_MAX:
            raise PostRefused(name=code)
        for name in wanted:
            await _begin(name, columns[code], place=place, on=on, by=by)
            come += 1
    if come or gone:
        await audit.note(
            by,
            "officials.revise_table",
            village=place.village,
            subject=f"region:{region}",
            on=str(on),
            created=come,
            ended=len(gone),
        )
    return come, len(gone)


async def _begin(name: str, post: Post, *, place: Region, on: date, by: Actor) -> None:
    if not officials.may_grant(by, post.role, path=place.path):
        raise NotAllowed(permission="officials.write", region=place.code)
    known = await _known(name, place=place)
    if known is None:
        await _enlist(name, post, place=place, on=on, by=by)
        return
    if not known.active:
        raise LoginClosed(name=name)
    await duties.add(known.id, role=post.role, region=place.code, post=post.code, since=on, by=by)


async def _known(typed: str, *, place: Region) -> Official | None:
    """The official of that login, or of that name around the place.

    Refuses with `SeveralOfThatName` near it: the login tells them apart.
    """
    by_login = await Official.get_or_none(login=typed)
    if by_login is not None:
        return by_login
    around = place.path.split(place.village)[0] if place.village else place.path
    rows = await database.rows(
        "SELECT DISTINCT o.id FROM official o JOIN official_duty d ON d.official_id = o.id "
        "JOIN region r ON r.code = d.region WHERE o.name = ? AND o.active "
        "AND substr(r.path, 1, ?) = ?",
        [typed, len(around), around],
    )
    if len(rows) > 1:
        raise SeveralOfThatName(name=typed)
    return await Official.get(id=UUID(str(rows[0]["id"]))) if rows else None


async def _enlist(name: str, post: Post, *, place: Region, on: date, by: Actor) -> None:
    """Somebody new in the table, who cannot log in until he is given a password."""
    if len(name) > officials.NAME_LENGTH_MAX:
        raise OfficialRefused(reason="name", name=name)
    login = f"{names.initials(name) or 'person'}-{secrets.token_hex(3)}"
    official = await Official.create(
        id=uuid4(),
        login=login,
        name=name,
        password="",
        must_change_password=True,
        created_at=clock.now(),
    )
    await duties.add_to(official, role=post.role, place=place, post=post.code, since=on)
    await audit.note(
        by,
        "officials.create",
        village=place.village,
        subject=f"official:{official.id}",
        post=post.name,
        region=place.code,
    )
