"""What a township or county sees of its villages: lists posted, due, and left hanging; rule books.

A read of a few queries, whether it covers two villages or a hundred and forty. Judges papers, never
people: no village is ranked here, no official is named, no household is looked at.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from tortoise.expressions import Subquery

from foundation import clock, database
from foundation.actors import Actor
from households import regions, settings
from households.errors import RegionNotFound
from households.models import Region
from points import published
from points.models import Publication
from points.period import Kind, Period
from points.published import Wall
from points.scheme import Scheme
from rules import timeline
from rules.models import RuleBookVersion
from rules.timeline import Start

LEVELS = ("county", "township", "area")
# All that a paper's line needs; the frozen text is long and stays where it is.
_COLUMNS = (
    "serial", "village", "region", "period", "block", "display_from", "display_until",
    "hung_on", "taken_down_on", "superseded_by", "received_at", "published_at",
)  # fmt: skip


class Book(msgspec.Struct, frozen=True):
    """The rule book in force today; a filing with the township may have a day and no number."""

    id: str
    number: int
    title: str
    since: date
    voted: bool
    filed_on: date | None
    filing_number: str


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A posted list as one line."""

    serial: str
    village: str
    region: str
    region_name: str
    period: str
    block: str
    display_from: date
    display_until: date
    hung_on: date | None
    taken_down_on: date | None
    wall: Wall
    received: bool

    @property
    def days_over(self) -> int:
        """Days that have passed since it should have come down."""
        return max(0, (clock.today() - self.display_until).days)


class Lacking(msgspec.Struct, frozen=True):
    """A list that a village has scored and not posted, and since when it is due."""

    village: str
    village_name: str
    period: str
    since: date


class VillageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One village. `hands_in` says that it keeps its books elsewhere and hands in signed files.

    `posted` are the lists of the period asked for; `lacking` those of it that are due; `to_hang`
    and `too_long` what waits at its wall today, of whatever period.
    """

    code: str
    name: str
    township: str
    township_name: str
    households: int
    hands_in: bool
    book: Book | None
    scheme: Scheme | None
    posted: tuple[Paper, ...]
    lacking: tuple[Lacking, ...]
    to_hang: tuple[Paper, ...]
    too_long: tuple[Paper, ...]

    @property
    def works(self) -> bool:
        """Whether the village keeps its register here or hands in files: others have not begun."""
        return bool(self.households) or self.hands_in


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The villages below a place, in the order of the tree."""

    region: str
    region_name: str
    level: str
    period: str
    villages: tuple[VillageLine, ...]


async def drawn(code: str, *, period: Period, actor: Actor) -> Overview:
    """The overview of a county, township or area for a period.

    The months and quarters within a year, and the months within a quarter, belong to it. Refuses
    as `regions.find` does (permission overview.read), and with `RegionNotFound` for a village.
    """
    place = await regions.find(code, actor=actor, permission="overview.read")
    if place.level not in LEVELS:
        raise RegionNotFound(code=code)
    tree = await Region.filter(path__startswith=place.path, level__in=[*LEVELS, "village"])
    tree.sort(key=lambda region: region.path)
    villages = [region for region in tree if region.level == "village"]
    townships = {region.code: region for region in tree if region.level == "township"}
    if place.level == "area":
        townships |= {one.code: one for one in await regions.lineage(place)}
    papers = await _papers(place)
    scored = await _scored(place, period)
    lines = []
    books = await _books()
    schemes = await settings.read_all(Scheme)
    counts = await _households(place)
    for village in villages:
        township = next((c for c in village.path.split("/") if c in townships), "")
        own = papers.get(village.code, [])
        scheme = schemes.get(village.code, Scheme())
        lines.append(
            VillageLine(
                code=village.code,
                name=village.name,
                township=township,
                township_name=townships[township].name if township else "",
                households=counts.get(village.code, 0),
                hands_in=any(paper.received for paper in own),
                book=books.get(village.code),
                scheme=scheme if counts.get(village.code) else None,
                posted=tuple(paper for paper in own if is_within(paper.period, period)),
                lacking=_lacking(village, scheme, own, period, scored.get(village.code, set())),
                to_hang=tuple(paper for paper in own if paper.wall == "to_hang"),
                too_long=tuple(paper for paper in own if paper.wall == "to_take_down"),
            )
        )
    return Overview(
        region=place.code,
        region_name=place.name,
        level=place.level,
        period=period.text,
        villages=tuple(lines),
    )


def is_within(text: str, period: Period) -> bool:
    """Whether a list's period is the one asked for or a part of it."""
    return set(Period(text).months) <= set(period.months)


async def places(actor: Actor) -> list[Region]:
    """The counties, townships and areas that the actor may look over, from the top down."""
    seen = await regions.visible(actor, "overview.read")
    return [region for region in seen if region.level in LEVELS]


# -- the few queries --------------------------------------------------------------------------


_BELOW = "SELECT code FROM region WHERE level = 'village' AND path LIKE ?"


async def _papers(place: Region) -> dict[str, list[Paper]]:
    """Every list of the villages, the oldest first, by village."""
    below = Region.filter(path__startswith=place.path, level="village")
    kept = await (
        Publication.filter(village__in=Subquery(below.values_list("code", flat=True)))
        .only(*_COLUMNS)
        .order_by("published_at", "serial")
    )
    parts = {one.region for one in kept}
    named = {region.code: region.name for region in await Region.filter(code__in=list(parts))}
    result: dict[str, list[Paper]] = {}
    for one in kept:
        result.setdefault(one.village, []).append(_paper(one, named))
    return result


def _paper(kept: Publication, named: Mapping[str, str]) -> Paper:
    return Paper(
        serial=kept.serial,
        village=kept.village,
        region=kept.region,
        region_name=named.get(kept.region, kept.region),
        period=kept.period,
        block=kept.block,
        display_from=kept.display_from,
        display_until=kept.display_until,
        hung_on=kept.hung_on,
        taken_down_on=kept.taken_down_on,
        wall=published.wall_of(kept),
        received=kept.received_at is not None,
    )


async def _scored(place: Region, period: Period) -> dict[str, set[str]]:
    """The months of the period in which each village scored: one look into the index for each."""
    months = " UNION ALL ".join(["SELECT CAST(? AS VARCHAR(7)) AS month"] * len(period.months))
    found = await database.rows(
        f"SELECT r.code, p.month FROM region r CROSS JOIN ({months}) p"  # noqa: S608 - our text
        " WHERE r.level = 'village' AND r.path LIKE ? AND EXISTS"
        " (SELECT 1 FROM month_total m WHERE m.village = r.code AND m.month = p.month)",
        [*period.months, f"{place.path}%"],
    )
    result: dict[str, set[str]] = {}
    for line in found:
        result.setdefault(str(line["code"]), set()).add(str(line["month"]))
    return result


async def _households(place: Region) -> dict[str, int]:
    found = await database.rows(
        "SELECT village, COUNT(*) AS n FROM household"  # noqa: S608 - our text
        f" WHERE state = 'active' AND village IN ({_BELOW}) GROUP BY village",
        [f"{place.path}%"],
    )
    return {str(line["village"]): int(line["n"]) for line in found}


async def _books() -> dict[str, Book]:
    """The rule book in force today in each village that has one."""
    found = await RuleBookVersion.filter(state="published").values(
        "id", "village", "number", "title", "in_force_from", "adoption", "filing"
    )
    by_village: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_village.setdefault(row["village"], []).append(row)
    books = {}
    for village, rows in by_village.items():
        starts = {Start(row["in_force_from"], row["number"]): row for row in rows}
        start = timeline.current(starts, clock.today())
        if start is not None:
            row = starts[start]
            books[village] = Book(
                id=str(row["id"]),
                number=start.number,
                title=row["title"],
                since=start.on,
                voted=row["adoption"] is not None,
                **_filing(row["filing"] or {}),
            )
    return books


def _filing(kept: Mapping[str, Any]) -> dict[str, Any]:
    day = kept.get("filed_on")
    return {
        "filed_on": date.fromisoformat(str(day)) if day else None,
        "filing_number": str(kept.get("filing_number", "")),
    }


# -- what is due ------------------------------------------------------------------------------


def _lacking(
    village: Region, scheme: Scheme, own: Iterable[Paper], period: Period, scored: set[str]
) -> tuple[Lacking, ...]:
    """The village's own periods within this one that are over, were scored and have no list."""
    posted = {paper.period for paper in own if not paper.block and paper.region == village.code}
    today = clock.today()
    return tuple(
        Lacking(village.code, village.name, part.text, clock.after(part.last, days=1))
        for part in parts(period, kind=scheme.posted_period)
        if part.last < today and part.text not in posted and scored.intersection(part.months)
    )


def parts(period: Period, *, kind: Kind) -> tuple[Period, ...]:
    """The months, quarters or years that a period is made of; () where it is shorter than one."""
    found = {Period.of(date.fromisoformat(f"{month}-01"), kind=kind) for month in period.months}
    return tuple(
        sorted((one for one in found if is_within(one.text, period)), key=lambda one: one.months[0])
    )
