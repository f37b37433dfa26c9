"""The villages of a township or county for programs: lists posted, lists due, rules in force."""

from litestar import Controller, Request, get
from litestar.params import FromQuery

from api import guards
from points import overview
from points.overview import Overview
from points.period import Period


class OverviewController(Controller):
    """For those who look after several villages."""

    path = "/overview"
    tags = ("overview",)

    @get("/", guards=[guards.may("overview.read")])
    async def overview(
        self, request: Request, region: FromQuery[str], period: FromQuery[str]
    ) -> Overview:
        """Every village of a county or township, its rule book, lists posted and lists due."""
        return await overview.drawn(region, period=Period.parse(period), actor=request.user)
