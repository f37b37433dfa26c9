"""Villages side by side for a period: how many took part, what was earned, and under which scheme.

Points are what a village's own rule book makes them. So only villages with the same scheme stand
in one group, in which they may be sorted; between groups nothing is compared, and nowhere is a
village or an official given a place.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import msgspec

from foundation import clock, database
from foundation.actors import Actor
from households import regions, settings
from households.errors import RegionNotFound
from households.models import Region
from points import overview, snapshot
from points.models import Publication
from points.period import Period
from points.scheme import Scheme
from rules import timeline
from rules.timeline import Start

Sort = Literal["", "households", "taking_part", "share", "earned", "per_household"]
_BELOW = "SELECT code FROM region WHERE level = 'village' AND path LIKE ?"
# What an item is worth; its wording counts, as another word may mean another deed.
_ITEM = "block, name, unit, points_min, points_max, cap_points, cap_period, cycle"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One village.

    Attributes:
        households: active households of the register; None where the village keeps it elsewhere.
        taking_part: households with a counted entry in the period.
        earned: points of all that took part.
        point_fen: what a point is worth, in fen; 0 where none is declared or known.
        handed_in: the figures are those of the list that the village handed in.
    """

    village: str
    village_name: str
    township_name: str
    households: int | None
    taking_part: int
    earned: int
    point_fen: int
    handed_in: bool

    @property
    def share(self) -> int | None:
        """Those that took part in a hundred households, rounded half up."""
        if not self.households:
            return None
        return (200 * self.taking_part + self.households) // (2 * self.households)

    @property
    def per_household(self) -> int | None:
        """Points for each that took part, in tenths of a point, rounded half up."""
        if not self.taking_part:
            return None
        return (20 * self.earned + self.taking_part) // (2 * self.taking_part)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Villages with one scheme, or, with `comparable` False, those that nobody shares one with.

    `items` counts the scheme's scoring items, 0 where there are several schemes or none is known.
    """

    comparable: bool
    items: int
    point_fen: int
    lines: tuple[Line, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, the largest first; the villages that stand alone at the end."""

    region: str
    region_name: str
    period: str
    sort: Sort
    groups: tuple[Group, ...]


async def drawn(code: str, *, period: Period, sort: Sort = "", actor: Actor) -> Comparison:
    """The villages below a place that scored in the period or handed in a list of it.

    Args:
        code: a county, township or area.
        period: may still be running.
        sort: by which figure, the largest first, inside of each group; "" in the tree's order.
        actor: needs overview.read there.

    Refuses as `overview.drawn` does.
    """
    place = await regions.find(code, actor=actor, permission="overview.read")
    if place.level not in overview.LEVELS:
        raise RegionNotFound(code=code)
    lines = await _lines(place, period)
    schemes = await _schemes(place, period)
    by_scheme: dict[str, list[Line]] = {}
    alone = []
    for line in lines:
        key, _ = schemes.get(line.village, ("", 0))
        if key and not line.handed_in:
            # A declared worth is part of the scheme: without the rate nothing is compared.
            by_scheme.setdefault(f"{key}:{line.point_fen}", []).append(line)
        else:
            alone.append(line)
    shared = [group for group in by_scheme.values() if len(group) > 1]
    alone += [line for group in by_scheme.values() if len(group) == 1 for line in group]
    order = {line.village: at for at, line in enumerate(lines)}
    groups = [
        Group(
            comparable=True,
            items=schemes[group[0].village][1],
            point_fen=group[0].point_fen,
            lines=sorted_lines(group, sort),
        )
        for group in sorted(shared, key=lambda group: (-len(group), order[group[0].village]))
    ]
    if alone:
        alone.sort(key=lambda line: order[line.village])
        groups.append(Group(comparable=False, items=0, point_fen=0, lines=tuple(alone)))
    return Comparison(
        region=place.code,
        region_name=place.name,
        period=period.text,
        sort=sort,
        groups=tuple(groups),
    )


def sorted_lines(lines: Sequence[Line], sort: Sort) -> tuple[Line, ...]:
    """The lines of one scheme by a figure, the largest first; equal ones stay as they stood."""
    if not sort:
        return tuple(lines)
    return tuple(sorted(lines, key=lambda line: -(getattr(line, sort) or 0)))


# -- figures ----------------------------------------------------------------------------------


async def _lines(place: Region, period: Period) -> list[Line]:
    tree = await Region.filter(path__startswith=place.path, level__in=["township", "village"])
    townships = {one.code: one.name for one in [*tree, *await regions.lineage(place)]}
    households = await _counted(
        "SELECT village, COUNT(*) AS n, 0 AS earned FROM household"  # noqa: S608 - our text
        f" WHERE state = 'active' AND village IN ({_BELOW}) GROUP BY village",
        [f"{place.path}%"],
    )
    scored = await _counted(
        "SELECT t.village, COUNT(*) AS n, SUM(t.earned) AS earned FROM"  # noqa: S608 - our text
        " (SELECT village, household_id, SUM(earned) AS earned FROM month_total"
        f" WHERE month BETWEEN ? AND ? AND village IN ({_BELOW}) GROUP BY village, household_id) t"
        " JOIN household h ON h.id = t.household_id AND h.village = t.village"
        " WHERE h.state = 'active' GROUP BY t.village",
        [period.months[0], period.months[-1], f"{place.path}%"],
    )
    rates = {code: one.point_fen for code, one in (await settings.read_all(Scheme)).items()}
    handed = await _handed_in(place, period)
    lines = []
    for village in sorted(tree, key=lambda one: one.path):
        taking_part, earned = scored.get(village.code, handed.get(village.code, (0, 0)))
        if village.level != "village" or not taking_part:
            continue
        here = village.code in scored
        lines.append(
            Line(
                village=village.code,
                village_name=village.name,
                township_name=next(
                    (townships[c] for c in village.path.split("/")[1:-2] if c in townships), ""
                ),
                households=households.get(village.code, (0, 0))[0] if here else None,
                taking_part=taking_part,
                earned=earned,
                point_fen=rates.get(village.code, 0) if here else 0,
                handed_in=not here,
            )
        )
    return lines


async def _counted(sql: str, values: list[Any]) -> dict[str, tuple[int, int]]:
    """A count and a sum by village."""
    return {
        str(row["village"]): (int(row["n"]), int(row["earned"]))
        for row in await database.rows(sql, values)
    }


async def _handed_in(place: Region, period: Period) -> dict[str, tuple[int, int]]:
    """What the lists say that stand-alone villages handed in of just this period."""
    below = await Region.filter(path__startswith=place.path, level="village")
    kept = await Publication.filter(
        village__in=[one.code for one in below],
        period=period.text,
        block="",
        superseded_by="",
        received_at__isnull=False,
    )
    headers = [snapshot.parse(one.snapshot)[0] for one in kept if one.region == one.village]
    return {header.village: (header.taking_part, header.earned_total) for header in headers}


# -- schemes ----------------------------------------------------------------------------------


async def _schemes(place: Region, period: Period) -> dict[str, tuple[str, int]]:
    """By village: a digest of all rules that counted in the period, and how many items it has.

    A village whose rule book changed within the period shares a scheme only with one that
    changed on the same day to the same.
    """
    versions = await database.rows(
        "SELECT id, village, number, in_force_from FROM rule_book_version"  # noqa: S608 - our text
        f" WHERE state = 'published' AND village IN ({_BELOW})",
        [f"{place.path}%"],
    )
    items = await _items(row["id"] for row in versions)
    by_village: dict[str, dict[Start, str]] = {}
    for row in versions:
        on = date.fromisoformat(str(row["in_force_from"]))
        by_village.setdefault(str(row["village"]), {})[Start(on, row["number"])] = str(row["id"])
    result = {}
    for village, starts in by_village.items():
        counted = timeline.within(starts, first=period.first, last=min(period.last, clock.today()))
        texts = [
            f"{max(start.on, period.first)}\n" + "\n".join(items.get(starts[start], []))
            for start in counted
        ]
        if texts:
            digest = hashlib.sha256("\n\n".join(texts).encode()).hexdigest()
            result[village] = (digest, len(items.get(starts[counted[-1]], [])))
    return result


async def _items(versions: Iterable[Any]) -> dict[str, list[str]]:
    """What the items of each version are worth, in an order that does not depend on the clerk's."""
    among, ids = database.among("version_id", versions)
    found = await database.rows(
        f"SELECT version_id, {_ITEM} FROM scoring_item WHERE {among}",  # noqa: S608 - our columns
        [ids],
    )
    items: dict[str, list[str]] = {}
    for row in found:
        worth = [str(row[name.strip()]) for name in _ITEM.split(",")]
        items.setdefault(str(row["version_id"]), []).append("\t".join(worth))
    return {version: sorted(worth) for version, worth in items.items()}
