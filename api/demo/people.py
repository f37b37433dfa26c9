"""The whole demo county in one value: regions, villages with their households, officials."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from api.demo import families, officials, places, seeds
from api.demo.families import DemoHousehold
from api.demo.officials import DemoOfficial
from api.demo.places import DemoRegion

# A village on slopes and along gullies starts from the short book for scattered hamlets.
_HILLS = "沟山坡峪岭咀墩垴"
_ADULT_AGE = 18


class DemoAdoption(msgspec.Struct, frozen=True):
    """A vote that took place on paper; those present who voted neither way abstained."""

    voted_on: date
    adults: int
    present: int
    votes_for: int
    votes_against: int
    filing_number: str


class DemoVillage(msgspec.Struct, frozen=True):
    """A village with households; `starter` names its rule book, `adoption` None: not voted yet."""

    code: str
    name: str
    starter: str
    adoption: DemoAdoption | None
    households: tuple[DemoHousehold, ...]


class DemoCounty(msgspec.Struct, frozen=True):
    """Regions stand parents first; `villages` in the order in which they were settled."""

    regions: tuple[DemoRegion, ...]
    villages: tuple[DemoVillage, ...]
    officials: tuple[DemoOfficial, ...]


def county(
    divisions: Sequence[DemoRegion], *, households: int, villages: int, seed: int, on: date
) -> DemoCounty:
    """Invent `households` households in `villages` of the villages of `divisions`.

    `on` is the day on which the books open, the first of the demo's first month: people are born,
    name forms recorded and rule books voted before it. The same arguments give an equal value.
    Raises ValueError when a number is below one, there are fewer households than villages, or
    more villages than the divisions have.
    """
    every_village = places.villages_of(divisions)
    if not 1 <= villages <= len(every_village):
        raise ValueError(f"between 1 and {len(every_village)} villages, not {villages}")
    if households < villages:
        raise ValueError(f"{households} households are too few for {villages} villages")
    grids = places.grids(divisions, seed=seed)
    chosen = places.settled(divisions, count=villages)
    sizes = dict(
        zip(
            (village.code for village in chosen),
            _sizes(chosen, households=households, seed=seed),
            strict=True,
        )
    )
    regions = list(divisions)
    settled: dict[str, tuple[DemoHousehold, ...]] = {}
    serving: list[DemoOfficial] = []
    for ordinal, village in enumerate(every_village):
        below = list(grids[village.code])
        if village.code in sizes:
            extra, placements = places.layout(
                village, grids=grids[village.code], households=sizes[village.code], seed=seed
            )
            below += extra
            settled[village.code] = families.settle(
                village, placements=placements, ordinal=ordinal, on=on, seed=seed
            )
        regions += below
        serving += officials.of_village(
            village,
            below=below,
            ordinal=ordinal,
            on=on,
            seed=seed,
            households=settled.get(village.code, ()),
        )
    return DemoCounty(
        regions=tuple(regions),
        villages=tuple(
            _village(
                village,
                homes=settled[village.code],
                divisions=divisions,
                on=on,
                seed=seed,
                voted=village is not chosen[-1] or villages == 1,
            )
            for village in chosen
        ),
        officials=(*officials.above_villages(divisions, on=on, seed=seed), *serving),
    )


def _sizes(chosen: Sequence[DemoRegion], *, households: int, seed: int) -> list[int]:
    weights = [seeds.stream(seed, village.code, "size").uniform(0.65, 1.5) for village in chosen]
    return seeds.shares(households, weights)


def _village(
    village: DemoRegion,
    *,
    homes: tuple[DemoHousehold, ...],
    divisions: Sequence[DemoRegion],
    on: date,
    seed: int,
    voted: bool,
) -> DemoVillage:
    """One village; the one settled last has not voted, so that 未经表决 is seen somewhere."""
    name = places.short_name(village)
    starter = "mountain-village" if any(sign in name for sign in _HILLS) else "plain-village"
    township = next(region.name for region in divisions if region.code == village.parent)
    return DemoVillage(
        code=village.code,
        name=name,
        households=homes,
        starter="community" if places.is_community(village) else starter,
        adoption=_adoption(village, homes=homes, township=township, on=on, seed=seed)
        if voted
        else None,
    )


def _adoption(
    village: DemoRegion, *, homes: tuple[DemoHousehold, ...], township: str, on: date, seed: int
) -> DemoAdoption:
    """A vote that carried: more than half of the adults came, more than half of them agreed."""
    chance = seeds.stream(seed, village.code, "adoption")
    voted_on = on - timedelta(days=chance.randint(20, 50))
    adults = sum(
        voted_on.year - member.born.year > _ADULT_AGE for home in homes for member in home.members
    )
    present = max(adults // 2 + 1, round(adults * chance.uniform(0.55, 0.8)))
    votes_for = max(present // 2 + 1, round(present * chance.uniform(0.86, 0.98)))
    return DemoAdoption(
        voted_on=voted_on,
        adults=adults,
        present=present,
        votes_for=votes_for,
        votes_against=round((present - votes_for) * chance.uniform(0.3, 0.8)),
        filing_number=f"{township}村约备〔{voted_on.year}〕{int(village.code[9:])}号",
    )
