"""The leaderboard as a screen: for officials; what hangs on the wall is a publication."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get
from litestar.params import FromPath, FromQuery

from api import guards, render, wording
from api.pages import choices
from api.paging import PageNumber
from api.v1 import leaderboard as twin
from households import officials, regions, settings
from households.models import Household, Region
from points import exports, leaderboard
from points.exports import Format
from points.leaderboard import Row
from points.scheme import Scheme

PAGE_SIZE = 50


class LeaderboardPages(Controller):
    """Who earned how much in a period."""

    path = "/leaderboard"

    @get("/", guards=[guards.may("leaderboard.read")])
    async def board(
        self,
        request: Request,
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        block: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Response:
        """A board, of the reader's own village unless another place is named."""
        places = await choices.places(request.user, "leaderboard.read")
        code = region or choices.first(request.user, places)
        place = await regions.find(code, actor=request.user, permission="leaderboard.read")
        scheme = await settings.read(place.village, Scheme)
        chosen = choices.period(period, kind=scheme.posted_period)
        board = await leaderboard.rank(place, period=chosen, block=block or None)
        page = max(1, page)
        rows = board.rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        asked = urlencode({"region": place.code, "period": chosen.text, "block": block})
        return render.page(
            request,
            "leaderboard.html",
            region={"code": place.code, "name": place.name, "level": place.level},
            regions=places,
            period={
                "text": chosen.text,
                "label": wording.named(chosen),
                "previous_label": wording.named(chosen.previous),
            },
            periods=choices.periods(chosen),
            block=block,
            rows=await _named(rows, place),
            taking_part=len(board.rows),
            earned_total=board.earned,
            export={
                "xlsx": f"/leaderboard/export/xlsx?{asked}",
                "csv": f"/leaderboard/export/csv?{asked}",
            },
            pager=render.pager(request, page=page, total=len(board.rows), size=PAGE_SIZE),
            may_publish=officials.allowed(request.user, "publications.write"),
        )

    @get("/export/{format:str}", guards=[guards.may("leaderboard.read")])
    async def export(
        self,
        request: Request,
        format: FromPath[Format],
        region: FromQuery[str],
        period: FromQuery[str],
        block: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The whole board as a file for the office; its export is logged."""
        place, board = await twin.found(request, region=region, period=period, block=block)
        officials.require(request.user, "register.read", place)
        file = await exports.board_file(place, board, format=format)
        await exports.log_board(place, board, format=format, by=request.user)
        return render.file(file.content, name=file.name)


async def _named(rows: tuple[Row, ...], place: Region) -> list[dict[str, Any]]:
    """Rows with the names that officials know households by."""
    homes = {h.id: h for h in await Household.filter(id__in=[row.household for row in rows])}
    groups = {r.code: r.name for r in await regions.parts(place.village, level="group")}
    return [
        {
            "rank": row.rank,
            "household": row.household,
            "number": homes[row.household].number or "",
            "head": homes[row.household].head,
            "group_name": groups.get(homes[row.household].group, ""),
            "earned": row.earned,
            "blocks": row.blocks,
            "change": row.change,
        }
        for row in rows
    ]
