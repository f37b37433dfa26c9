"""What the first screen and a household's card count up: what is due, balances, points by month."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromPath

from api import guards
from points import history, today
from points.history import MonthEarned
from points.published import Listed
from points.today import GroupState


class TodayOut(msgspec.Struct):
    """What a village's office has before it.

    `entries` counts the ledger's lines, `earned` the points of this year. `month` is the month
    whose scoring is due, `to_publish` the period whose list is due, or null.
    """

    code: str
    name: str
    households: int
    entries: int
    earned: int
    has_rules: bool
    month: str
    groups: list[GroupState]
    to_publish: str | None
    on_walls: list[Listed]


class PointsOut(msgspec.Struct):
    """A household's balance, which is all of its entries, and what it earned month by month."""

    household: UUID
    balance: int
    months: list[MonthEarned]


class TodayController(Controller):
    """Figures; each is counted when it is asked for."""

    tags = ("today",)

    @get("/today/{village:str}", guards=[guards.may("regions.read")])
    async def due(self, request: Request, village: FromPath[str]) -> TodayOut:
        """What waits in a village: sheets, lists to publish, to hang and to take down."""
        found = await today.of_village(village, actor=request.user)
        told: dict[str, Any] = msgspec.structs.asdict(found)
        told["to_publish"] = found.to_publish and found.to_publish.text
        return TodayOut(**told)

    @get("/households/{household_id:uuid}/points", guards=[guards.may("entries.read")])
    async def points(self, request: Request, household_id: FromPath[UUID]) -> PointsOut:
        """A household's balance and the points of its months; the latest month comes last."""
        return PointsOut(
            household_id,
            await history.balance(household_id, actor=request.user),
            await history.earned(household_id, actor=request.user),
        )
