"""Villages side by side as a screen and as a workbook: groups of one scheme, and no places."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api import guards, render, wording
from api.pages import choices
from api.pages.overview import rate_words
from households import officials
from points import comparison, overview, overview_export
from points.comparison import Comparison, Line, Sort
from points.period import Period

SORTS: tuple[Sort, ...] = ("households", "taking_part", "share", "earned", "per_household")


class ComparisonPages(Controller):
    """For those who look after several villages."""

    path = "/comparison"

    @get("/", guards=[guards.may("overview.read")])
    async def show(
        self,
        request: Request,
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        sort: FromQuery[Sort] = "",
    ) -> Response:
        """What villages of one scheme earned, sorted within it; the others as they stand."""
        places = await overview.places(request.user)
        if not places:
            return Redirect("/regions")
        chosen = choices.period(period, kind="quarter")
        found = await comparison.drawn(
            region or places[0].code, period=chosen, sort=sort, actor=request.user
        )
        return render.page(
            request,
            "comparison.html",
            regions=choices.indented(places),
            periods=choices.periods(chosen),
            **_context(request, found, chosen),
        )

    @get("/export.xlsx", guards=[guards.may("overview.read")])
    async def export(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        sort: FromQuery[Sort] = "",
    ) -> Response[bytes]:
        """The same as a workbook, a sheet for each scheme; its export is logged."""
        found = await comparison.drawn(
            region, period=Period.parse(period), sort=sort, actor=request.user
        )
        file = await overview_export.comparison_workbook(found)
        await overview_export.log_comparison(found, by=request.user)
        return render.file(file.content, name=file.name)


def _context(request: Request, found: Comparison, period: Period) -> dict[str, Any]:
    asked = {"region": found.region, "period": period.text}
    return {
        "region": {"code": found.region, "name": found.region_name},
        "period": {"text": period.text, "label": wording.named(period)},
        "sort": {
            "key": found.sort,
            "down": True,
            "links": {name: f"/comparison?{urlencode({**asked, 'sort': name})}" for name in SORTS},
        },
        "groups": [
            {
                "comparable": group.comparable,
                "item_count": group.items,
                "rate": rate_words(group.point_fen),
                "lines": [_line(line, period) for line in group.lines],
            }
            for group in found.groups
        ],
        "may_households": officials.allowed(request.user, "register.read"),
        "may_board": officials.allowed(request.user, "leaderboard.read"),
        "export_href": f"/comparison/export.xlsx?{urlencode({**asked, 'sort': found.sort})}",
        "overview_href": f"/overview?{urlencode(asked)}",
    }


def _line(line: Line, period: Period) -> dict[str, Any]:
    tenths = line.per_household
    return {
        **msgspec.structs.asdict(line),
        "share": line.share,
        "per_household": None if tenths is None else f"{tenths // 10}.{tenths % 10}",
        "rate": "" if line.handed_in else rate_words(line.point_fen),
        "board": f"/leaderboard?{urlencode({'region': line.village, 'period': period.text})}",
    }
