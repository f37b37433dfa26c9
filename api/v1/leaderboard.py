"""Leaderboards for programs."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromPath, FromQuery

from api import guards, render
from households import officials, regions
from households.errors import RegionNotFound
from households.models import Region
from points import exports, leaderboard
from points.exports import Format
from points.leaderboard import Board
from points.period import Period


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

    @get(
        "/file/{format:str}",
        guards=[guards.may("leaderboard.read")],
        media_type="application/octet-stream",
    )
    async def file(
        self,
        request: Request,
        format: FromPath[Format],
        region: FromQuery[str],
        period: FromQuery[str],
        block: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The whole board with names, for the village's own desk; its export is logged."""
        place, board = await found(request, region=region, period=period, block=block)
        officials.require(request.user, "register.read", place)
        made = await exports.board_file(place, board, format=format)
        await exports.log_board(place, board, format=format, by=request.user)
        return render.file(made.content, name=made.name)


async def found(request: Request, *, region: str, period: str, block: str) -> tuple[Region, Board]:
    """The place and board that were asked for. Refuses as `leaderboard.rank` does."""
    place = await regions.find(region, actor=request.user, permission="leaderboard.read")
    if place.level not in leaderboard.LEVELS:
        raise RegionNotFound(code=region)
    board = await leaderboard.rank(place, period=Period.parse(period), block=block or None)
    return place, board
