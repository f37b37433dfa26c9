"""Leaderboards for programs."""

from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromQuery

from api import guards
from api.pages.leaderboard import found


class BoardRow(msgspec.Struct):
    """One household's place; equal points share one and leave the next free."""

    rank: int
    household: str
    earned: int
    blocks: dict[str, int]


class BoardOut(msgspec.Struct):
    """A board without names."""

    region: str
    period: str
    block: str | None
    rows: list[BoardRow]


class LeaderboardController(Controller):
    """Ranking on points earned in a period."""

    path = "/leaderboard"
    tags = ("leaderboard",)

    @get("/", guards=[guards.may("leaderboard.read")])
    async def board(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        block: FromQuery[str] = "",
        top: FromQuery[int | None] = None,
    ) -> BoardOut:
        """The board of a village, group or grid for a month, quarter or year."""
        _, board = await found(request, region=region, period=period, block=block)
        document: dict[str, Any] = board.document(top=top)
        return msgspec.convert(document, BoardOut)
