"""Where the demo county's people live: the official divisions, and groups and grids below them.

The 149 divisions are facts (`changwu-regions.csv`, where each has its statistical code of twelve
digits); groups, grids and micro-grids are invented in the number that the county reports.
"""

import csv
from collections.abc import Iterable, Sequence
from importlib.resources import files
from uuid import UUID

import msgspec

from api.demo import seeds

# The county reports 249 grids over its 140 villages and communities.
_GRIDS, _GRIDS_OVER = 249, 140
_GROUPS_MIN, _GROUPS_MAX = 5, 9
_MICRO_GRID_HOUSEHOLDS = 75
# The two villages whose workbooks a newcomer imports first; their townships fill up before others.
PILOTS = ("610428106221", "610428001200")
_DIGITS = "零一二三四五六七八九"


class DemoRegion(msgspec.Struct, frozen=True):
    """A division, group, grid or micro-grid; `level` in the register's own words."""

    id: UUID
    code: str
    name: str
    level: str
    parent: str


class Placement(msgspec.Struct, frozen=True):
    """Where one household of a village belongs; `place` counts from 1 within the group."""

    group: str
    grid: str
    group_ordinal: int
    place: int


def content() -> bytes:
    """The file of Changwu's official divisions, as an import takes it."""
    return (files("api.demo") / "changwu-regions.csv").read_bytes()


def divisions(*, seed: int) -> tuple[DemoRegion, ...]:
    """The official divisions, parents before children, in the order of the list."""
    text = content().decode("utf-8-sig")
    return tuple(
        _region(row["code"], row["name"], row["level"], row["parent"], seed=seed)
        for row in csv.DictReader(text.splitlines())
    )


def villages_of(regions: Iterable[DemoRegion]) -> tuple[DemoRegion, ...]:
    """The villages and communities among `regions`, by code."""
    found = (region for region in regions if region.level == "village")
    return tuple(sorted(found, key=lambda region: region.code))


def settled(regions: Sequence[DemoRegion], *, count: int) -> tuple[DemoRegion, ...]:
    """The `count` villages that get households: the pilots, then their townships, then the rest.

    So twenty villages fill one township completely, enough for its packet, and begin a second.
    """
    villages = villages_of(regions)
    parent = {village.code: village.parent for village in villages}
    townships = [parent[code] for code in PILOTS if code in parent]

    def turn(village: DemoRegion) -> tuple[int, int, str]:
        pilot = PILOTS.index(village.code) if village.code in PILOTS else len(PILOTS)
        known = village.parent in townships
        return pilot, townships.index(village.parent) if known else len(townships), village.code

    return tuple(sorted(villages, key=turn)[:count])


def short_name(village: DemoRegion) -> str:
    """What people call it: 槐庄村委会 is 槐庄村, 金润社区居民委员会 is 金润社区."""
    return village.name.removesuffix("居民委员会").removesuffix("委会")


def is_community(village: DemoRegion) -> bool:
    """Whether it is an urban community, which has flats and residents' groups."""
    return village.name.endswith("居民委员会")


def grids(regions: Sequence[DemoRegion], *, seed: int) -> dict[str, tuple[DemoRegion, ...]]:
    """The grids of every village, by the village's code; 249 over the county's 140 villages."""
    villages = villages_of(regions)
    total = max(len(villages), round(len(villages) * _GRIDS / _GRIDS_OVER))
    counts = seeds.shares(
        total,
        [
            seeds.stream(seed, village.code, "grids").uniform(1, 3) + is_community(village) * 2
            for village in villages
        ],
    )
    return {
        village.code: tuple(
            _region(
                f"{village.code}-W{n:03d}", f"第{numeral(n)}网格", "grid", village.code, seed=seed
            )
            for n in range(1, count + 1)
        )
        for village, count in zip(villages, counts, strict=True)
    }


def layout(
    village: DemoRegion, *, grids: Sequence[DemoRegion], households: int, seed: int
) -> tuple[tuple[DemoRegion, ...], tuple[Placement, ...]]:
    """The groups and micro-grids of a village, and the place of each of its households.

    Neighbouring groups share a grid, neighbouring households a micro-grid of about 75.
    """
    chance = seeds.stream(seed, village.code, "groups")
    count = max(1, min(chance.randint(_GROUPS_MIN, _GROUPS_MAX), households))
    sizes = seeds.shares(households, [chance.uniform(0.6, 1.4) for _ in range(count)])
    people = "居民" if is_community(village) else "村民"
    regions = [
        _region(
            f"{village.code}-G{n:02d}",
            f"第{numeral(n)}{people}小组",
            "group",
            village.code,
            seed=seed,
        )
        for n in range(1, count + 1)
    ]
    placements: list[Placement] = []
    for g, grid in enumerate(grids):
        inside = [
            (n, place)
            for n, size in enumerate(sizes, 1)
            for place in range(1, size + 1)
            if (n - 1) * len(grids) // count == g
        ]
        micro = max(1, round(len(inside) / _MICRO_GRID_HOUSEHOLDS))
        regions += [
            _region(
                f"{grid.code}-{m:02d}", f"第{numeral(m)}微网格", "micro_grid", grid.code, seed=seed
            )
            for m in range(1, micro + 1)
        ]
        placements += [
            Placement(
                group=f"{village.code}-G{n:02d}",
                grid=f"{grid.code}-{i * micro // len(inside) + 1:02d}",
                group_ordinal=n,
                place=place,
            )
            for i, (n, place) in enumerate(inside)
        ]
    return tuple(regions), tuple(placements)


def numeral(number: int) -> str:
    """A number below a hundred as it is spoken: 3 is 三, 12 is 十二, 40 is 四十."""
    tens, units = divmod(number, 10)
    spoken = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return spoken + (_DIGITS[units] if units or not tens else "")


def _region(code: str, name: str, level: str, parent: str, *, seed: int) -> DemoRegion:
    identity = seeds.identity(seed, "region", code)
    return DemoRegion(id=identity, code=code, name=name, level=level, parent=parent)
