"""What the pickers above boards and lists offer: regions in reach, periods that make sense."""

from typing import Any

from api import wording
from foundation import clock
from foundation.actors import Actor
from households import regions
from households.models import Region
from points import leaderboard
from points.period import Kind, Period

KINDS: tuple[Kind, ...] = ("month", "quarter", "year")
# How many periods of each kind a picker reaches back.
BACK = {"month": 12, "quarter": 4, "year": 2}


async def places(actor: Actor, permission: str) -> list[dict[str, Any]]:
    """The regions in reach that have a leaderboard, indented as in the tree.

    Whoever has a village is offered his own alone; the villages of a whole county are too many
    to carry their groups and grids along.
    """
    seen = [
        region
        for region in await regions.visible(actor, permission)
        if region.level in leaderboard.LEVELS
    ]
    if actor.village:
        seen = [region for region in seen if region.village == actor.village]
    elif len({region.village for region in seen}) > 1:
        seen = [region for region in seen if region.level == "village"]
    return indented(seen)


def indented(seen: list[Region]) -> list[dict[str, Any]]:
    """Places of the tree, from the top down, for a picker."""
    depth = min((region.path.count("/") for region in seen), default=0)
    return [
        {"code": one.code, "name": one.name, "depth": one.path.count("/") - depth} for one in seen
    ]


def first(actor: Actor, places: list[dict[str, Any]]) -> str:
    """Where a screen begins: the actor's own village, or the first place that he can choose."""
    codes = [place["code"] for place in places]
    return actor.village if actor.village in codes else next(iter(codes), "")


def periods(chosen: Period | None = None) -> list[dict[str, str]]:
    """Months, quarters and years up to today, the latest of each kind first."""
    found: list[Period] = []
    for kind in KINDS:
        one = Period.of(clock.today(), kind=kind)
        for _ in range(BACK[kind]):
            found.append(one)
            one = one.previous
    if chosen and chosen not in found:
        found.insert(0, chosen)
    return [{"value": one.text, "label": wording.named(one)} for one in found]


def period(text: str, *, kind: Kind) -> Period:
    """The period that was asked for, or the last complete one of that kind.

    Refuses with `PeriodUnknown`.
    """
    return Period.parse(text) if text else Period.of(clock.today(), kind=kind).previous
