"""What is due: the first screen of the day, for one village or for those above it.

Reads only, and promises nothing: each line leads to the screen where the thing is done.
"""

from datetime import date, timedelta

import msgspec

from foundation import clock, database
from foundation.actors import Actor
from households import regions
from households.models import Household, Region
from points import published
from points.models import ChainHead, Publication, ScoreSheet
from points.period import Period
from points.published import Listed
from rules import rulebook

WHOLE_VILLAGE = ""


class GroupState(msgspec.Struct, frozen=True):
    """Whether a group's sheet of the month is posted."""

    code: str
    name: str
    households: int
    is_posted: bool


class VillageToday(msgspec.Struct, frozen=True):
    """What a village's office has before it.

    `entries` counts the ledger's lines, `earned` the points of this year. `month` is the month
    whose scoring is due, as 2026-10; `to_publish` the period whose list is due, or None.
    """

    code: str
    name: str
    households: int
    entries: int
    earned: int
    has_rules: bool
    month: str
    groups: list[GroupState]
    to_publish: Period | None
    on_walls: list[Listed]


class VillageLine(msgspec.Struct, frozen=True):
    """One village in the table of those who look after several."""

    code: str
    name: str
    township: str
    households: int
    earned: int
    last_serial: str
    last_period: str
    hanging: int
    overdue: int


def month_due(today: date) -> str:
    """The month to score now: from its 25th the running one, before that the last one."""
    day = today if today.day >= 25 else today.replace(day=1) - timedelta(days=1)
    return f"{day:%Y-%m}"


async def of_village(code: str, *, actor: Actor) -> VillageToday:
    """What is due in one village. Refuses with `RegionNotFound`."""
    region = await regions.find(code, actor=actor, permission="regions.read")
    today = clock.today()
    month = month_due(today)
    households = await Household.filter(village=code, state="active").count()
    return VillageToday(
        code=code,
        name=region.name,
        households=households,
        entries=head.seq if (head := await ChainHead.get_or_none(village=code)) else 0,
        earned=await _earned(code, year=today.year),
        has_rules=bool(await rulebook.versions(code)),
        month=month,
        groups=await _groups(code, month=month) if households else [],
        to_publish=next(
            (Period(due.period) for due in await published.due(actor) if due.village == code), None
        ),
        on_walls=[one for one in await published.on_walls(actor) if one.region.startswith(code)],
    )


async def _earned(village: str, *, year: int) -> int:
    found = await database.rows(
        "SELECT coalesce(sum(earned), 0) AS n FROM month_total "
        "WHERE village = ? AND month >= ? AND month <= ?",
        [village, f"{year}-01", f"{year}-12"],
    )
    return int(found[0]["n"])


async def _groups(village: str, *, month: str) -> list[GroupState]:
    sheets = await ScoreSheet.filter(village=village, month=month)
    posted = {sheet.group for sheet in sheets}
    counts = await database.rows(
        'SELECT "group" AS code, count(*) AS households FROM household '
        "WHERE village = ? AND state = 'active' GROUP BY \"group\"",
        [village],
    )
    size = {row["code"]: row["households"] for row in counts}
    return [
        GroupState(
            group.code,
            group.name,
            size.get(group.code, 0),
            group.code in posted or WHOLE_VILLAGE in posted,
        )
        for group in await regions.parts(village, level="group")
        if size.get(group.code)
    ]


async def of_villages(actor: Actor) -> list[VillageLine]:
    """One line a village within reach, from the top of the tree down."""
    places = await regions.villages(actor, "regions.read")
    codes = [place.code for place in places]
    year = str(clock.today().year)
    households = await _counted("SELECT village, count(*) AS n FROM household GROUP BY village")
    earned = await _counted(
        "SELECT village, sum(earned) AS n FROM month_total WHERE month >= ? GROUP BY village", year
    )
    posted: dict[str, list[Publication]] = {}
    for row in await Publication.filter(village__in=codes or ["-"]).order_by("published_at"):
        posted.setdefault(row.village, []).append(row)
    townships = {r.code: r.name for r in await Region.filter(level="township")}
    return [
        _line(place, townships, households, earned, posted.get(place.code, [])) for place in places
    ]


def _line(
    place: Region,
    townships: dict[str, str],
    households: dict[str, int],
    earned: dict[str, int],
    posted: list[Publication],
) -> VillageLine:
    today = clock.today()
    up = [row for row in posted if row.hung_on and not row.taken_down_on]
    last = posted[-1] if posted else None
    return VillageLine(
        code=place.code,
        name=place.name,
        township=next((townships[c] for c in place.path.split("/") if c in townships), ""),
        households=households.get(place.code, 0),
        earned=earned.get(place.code, 0),
        last_serial=last.serial if last else "",
        last_period=last.period if last else "",
        hanging=len(up),
        overdue=sum(row.display_until < today for row in up),
    )


async def _counted(sql: str, *values: str) -> dict[str, int]:
    return {row["village"]: int(row["n"]) for row in await database.rows(sql, values)}
