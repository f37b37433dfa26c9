"""The list of households: filtered, searched, sorted, page by page.

Phones are masked here and restricted fields do not appear, not even as something to search by.
"""

import re
from typing import Any, Literal
from uuid import UUID

import msgspec
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from foundation import changes, sealing
from foundation.actors import Actor
from households import officials, register, rows
from households.models import Household, Region, Resident

PAGE_SIZE_MAX = 200
SEARCH_LENGTH_MAX = 58
NUMBER_LENGTH_MAX, INITIALS_LENGTH_MAX = 20, 40
# Numbers of households are looked for with zeros in front as well: 7 finds 007.
_ZEROS_MAX = 6

Sort = Literal["number", "pinyin"]
State = Literal["active", "left", ""]


class ListingRow(msgspec.Struct, frozen=True):
    """One line of the list. `members` counts the people who are here, the head included."""

    id: UUID
    village: str
    number: str | None
    head: str
    group: str
    group_name: str
    grid: str
    grid_name: str
    phone: str
    members: int
    state: str
    name_wall: str
    name_web: str
    revision: int


class Listing(msgspec.Struct, frozen=True):
    """One page of the list and how many lines there are on all pages."""

    rows: list[ListingRow]
    total: int
    page: int
    page_size: int


async def listing(
    actor: Actor,
    *,
    village: str | None = None,
    q: str = "",
    group: str = "",
    grid: str = "",
    state: State = "active",
    since: str = "",
    sort: Sort = "number",
    down: bool = False,
    page: int = 1,
    page_size: int = 50,
) -> Listing:
    """The households in the actor's reach that fit.

    Args:
        actor: who looks.
        village: 12-digit code, or all villages of his reach.
        q: part of a name, the initials of the head's name in pinyin, a household's number, or
            a whole phone or ID number, which is compared by its keyed digest.
        group: code of a group.
        grid: code of a grid with its micro-grids, or of one micro-grid.
        state: "active" or "left"; empty for both.
        since: a cursor of the change feed; only households that changed after it.
        sort: by the household's number or by the head's name.
        down: from the last to the first.
        page: from 1.
        page_size: at most 200.

    Refuses with `NotAllowed` and `CursorUnknown`.
    """
    officials.require_anywhere(actor, "register.read")
    query = matching(actor, village=village, q=q, group=group, grid=grid, state=state)
    if since:
        query = query.filter(id__in=await changes.keys("household", since=since))
    keys = await in_order(query, sort=sort)
    if down:
        keys.reverse()
    size = max(1, min(page_size, PAGE_SIZE_MAX))
    page = max(1, page)
    shown = keys[(page - 1) * size : page * size]
    return Listing(await _rows(shown), len(keys), page, size)


def matching(
    actor: Actor,
    *,
    village: str | None = None,
    q: str = "",
    group: str = "",
    grid: str = "",
    state: str = "",
    permission: str = "register.read",
) -> QuerySet[Household]:
    """The households that fit, as a query in the actor's scope."""
    query = Household.filter(register.scope_query(actor, permission))
    exact = {"village": village, "group": group, "state": state}
    query = query.filter(**{name: value for name, value in exact.items() if value})
    if grid:
        query = query.filter(Q(grid=grid) | Q(grid__startswith=f"{grid}-"))
    if found := _search(q):
        query = query.filter(found)
    return query


async def in_order(query: QuerySet[Household], *, sort: Sort) -> list[UUID]:
    """The ids of the households found, village by village.

    Sorted here and not by the database: numbers count naturally, and both engines agree.
    """
    found = await query.values_list("id", "village", "number", "pinyin")

    def key(line: tuple[Any, ...]) -> tuple[Any, ...]:
        household_id, village, number, pinyin = line
        by_number = register.natural(number)
        first = (by_number, pinyin) if sort == "number" else (pinyin, by_number)
        return (village, *first, str(household_id))

    return [line[0] for line in sorted(found, key=key)]


def _search(text: str) -> Q | None:
    text = text.strip()[:SEARCH_LENGTH_MAX]
    if not text:
        return None
    members = Resident.filter(state=register.ACTIVE)
    number = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return _by_member(members.filter(id_index=rows.id_digest(number.upper())))
    found = Q(number__in=_zero_filled(text))
    if len(text) < NUMBER_LENGTH_MAX:
        found |= Q(number=text) | Q(number__startswith=f"{text}-")
    if re.fullmatch(r"\+?[0-9]{7,14}", number):
        digest = rows.phone_digest(number.removeprefix("+86"))
        found |= Q(phone_index=digest) | _by_member(members.filter(phone_index=digest))
    elif text.isascii():
        initials = text[:INITIALS_LENGTH_MAX].lower()
        found |= Q(initials__startswith=initials) | Q(head__icontains=text)
    else:
        found |= Q(head__contains=text) | _by_member(members.filter(name__contains=text))
    return found


def _by_member(people: QuerySet[Resident]) -> Q:
    return Q(id__in=Subquery(people.values("household_id")))


def _zero_filled(text: str) -> list[str]:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        return []
    bare = text.lstrip("0") or "0"
    return [bare.zfill(width) for width in range(len(bare), _ZEROS_MAX + 1)]


async def _rows(keys: list[UUID]) -> list[ListingRow]:
    found = {kept.id: kept for kept in await Household.filter(id__in=keys)}
    counted = (
        await Resident.filter(household_id__in=keys, state=register.ACTIVE)
        .annotate(members=Count("id"))
        .group_by("household_id")
        .values_list("household_id", "members")
    )
    members = dict(counted)
    codes = {code for kept in found.values() for code in (kept.group, kept.grid)}
    named = await Region.filter(code__in=codes).values_list("code", "name")
    names = dict(named)
    return [_row(found[key], members.get(key, 0), names) for key in keys if key in found]


def _row(kept: Household, members: int, names: dict[str, str]) -> ListingRow:
    return ListingRow(
        id=kept.id,
        village=kept.village,
        number=kept.number,
        head=kept.head,
        group=kept.group,
        group_name=names.get(kept.group, ""),
        grid=kept.grid,
        grid_name=names.get(kept.grid, ""),
        phone=sealing.masked_number(rows.opened("household", kept.id, "phone", kept.phone)),
        members=members,
        state=kept.state,
        name_wall=kept.name_wall,
        name_web=kept.name_web,
        revision=kept.revision,
    )
