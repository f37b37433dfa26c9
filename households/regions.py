"""The tree of places: county, township, area, village, and the two trees below a village.

Divisions by their 12-digit codes (see divisions.py); below a village stand groups on one side,
grids and micro-grids on the other, with local codes after the village's. A region is never
deleted. Scope lives here: what an official may see is a set of subtrees.
"""

from collections.abc import Iterable

import msgspec
from tortoise.expressions import Q

from foundation import audit, database
from foundation.actors import Actor
from households import officials
from households.errors import RegionNotFound, RegionRefused
from households.models import Region

DIVISION_LEVELS = ("county", "township", "area", "village")
LOCAL_LEVELS = ("group", "grid", "micro_grid")
LEVELS = DIVISION_LEVELS + LOCAL_LEVELS
NAME_LENGTH_MAX = 60
NUMBER_MAX = {"group": 999, "grid": 999, "micro_grid": 99}

_LEVEL_ABOVE = {"group": "village", "grid": "village", "micro_grid": "grid"}


class RegionNode(msgspec.Struct):
    """A region with everything below it, for the tree on the screen and in the API."""

    code: str
    name: str
    level: str
    children: list["RegionNode"] = []


def local_code(parent: Region, *, level: str, number: int) -> str:
    """The code of a group (-G05), grid (-W012) or micro-grid (-W012-03) below its parent."""
    tail = {"group": f"G{number:02d}", "grid": f"W{number:03d}", "micro_grid": f"{number:02d}"}
    return f"{parent.code}-{tail[level]}"


@database.transaction
async def create_local(
    parent_code: str, *, level: str, name: str, by: Actor, number: int | None = None
) -> Region:
    """Make a group or grid below a village, or a micro-grid below a grid.

    Without `number` the next free one is taken. Refuses with `RegionNotFound`, `NotAllowed`,
    or `RegionRefused` when the level does not fit below that parent, the name is empty or too
    long, or the number is taken or beyond what a village has.
    """
    parent = await find(parent_code, actor=by, permission="regions.write")
    if _LEVEL_ABOVE.get(level) != parent.level:
        raise RegionRefused(reason="level", level=level, parent=parent.level)
    name = name.strip()
    if not name or len(name) > NAME_LENGTH_MAX:
        raise RegionRefused(reason="name", name=name)
    # Two that take the next number at once come one after the other here (SQLite: anyway).
    await Region.filter(code=parent.code).select_for_update().first()
    taken = {sibling.code for sibling in await Region.filter(parent=parent.code, level=level)}
    free = (
        n
        for n in range(1, NUMBER_MAX[level] + 1)
        if local_code(parent, level=level, number=n) not in taken
    )
    number = next(free, 0) if number is None else number
    if not 1 <= number <= NUMBER_MAX[level]:
        raise RegionRefused(reason="number", number=number)
    code = local_code(parent, level=level, number=number)
    if code in taken:
        raise RegionRefused(reason="taken", code=code)
    region = await Region.create(
        code=code,
        name=name,
        level=level,
        parent=parent.code,
        path=f"{parent.path}{code}/",
        village=parent.village,
    )
    await audit.note(by, "regions.create", village=parent.village, subject=f"region:{code}")
    return region


@database.transaction
async def rename(code: str, *, name: str, by: Actor) -> Region:
    """Give a group, grid or micro-grid another name. Refuses as `create_local` does."""
    region = await find(code, actor=by, permission="regions.write")
    if region.level not in LOCAL_LEVELS or not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise RegionRefused(reason="name", name=name)
    region.name = name.strip()
    await region.save(update_fields=["name"])
    await audit.note(by, "regions.rename", village=region.village, subject=f"region:{code}")
    return region


async def ensure_local(village: Region, *, level: str, number: int, name: str) -> str:
    """The code of a village's numbered group or grid, made when it does not exist yet."""
    code = local_code(village, level=level, number=number)
    await Region.get_or_create(
        code=code,
        defaults={
            "name": name,
            "level": level,
            "parent": village.code,
            "path": f"{village.path}{code}/",
            "village": village.code,
        },
    )
    return code


async def find(code: str, *, actor: Actor, permission: str) -> Region:
    """The region of that code, as far as the actor's duty reaches.

    Refuses with `RegionNotFound` where there is none in his subtrees, so that nobody learns
    what exists elsewhere, and with `NotAllowed` where it is his but the role may not do this.
    """
    region = await Region.get_or_none(code=code)
    if region is None:
        raise RegionNotFound(code=code)
    officials.require(actor, permission, region)
    return region


async def subtree(region: Region) -> list[Region]:
    """The region itself and everything below it, from the top down."""
    return await Region.filter(path__startswith=region.path).order_by("path")


async def visible(actor: Actor, permission: str) -> list[Region]:
    """Every region that the actor may use a permission in, from the top down."""
    prefixes = officials.scope(actor, permission)
    if prefixes is None:
        return await Region.all().order_by("path")
    if not prefixes:
        return []
    anywhere = Q(*(Q(path__startswith=prefix) for prefix in prefixes), join_type=Q.OR)
    return await Region.filter(anywhere).order_by("path")


async def villages(actor: Actor, permission: str) -> list[Region]:
    """The villages that the actor may use a permission in, his own group's village included.

    A duty below the village (a group, a grid) reaches only that part, but needs the village's
    name and settings to be read.
    """
    seen = await visible(actor, permission)
    codes = {region.village for region in seen if region.village}
    return await Region.filter(code__in=codes).order_by("path") if codes else []


async def parts(village: str, *, level: str) -> list[Region]:
    """The groups, grids or micro-grids of a village, in the order of their codes."""
    return await Region.filter(village=village, level=level).order_by("code")


async def lineage(region: Region) -> list[Region]:
    """The regions from the top down to this one."""
    codes = region.path.strip("/").split("/")
    by_code = {found.code: found for found in await Region.filter(code__in=codes)}
    return [by_code[code] for code in codes]


def tree(regions: Iterable[Region]) -> list[RegionNode]:
    """Nest regions that come from the top down; those without a parent among them are roots."""
    nodes: dict[str, RegionNode] = {}
    roots: list[RegionNode] = []
    for region in regions:
        node = RegionNode(region.code, region.name, region.level)
        nodes[region.code] = node
        above = nodes.get(region.parent)
        (above.children if above else roots).append(node)
    return roots


async def household_counts(seen: Iterable[Region]) -> dict[str, int]:
    """Active households of each given village, group, grid and micro-grid that has any."""
    wanted = {region.code for region in seen}
    counts: dict[str, int] = {}
    for column in ("village", '"group"', "grid"):
        found = await database.rows(
            f"SELECT {column} AS code, count(*) AS n FROM household "  # noqa: S608 - three constants
            f"WHERE state = 'active' GROUP BY {column}"
        )
        counts |= {row["code"]: row["n"] for row in found if row["code"] in wanted}
    return counts
