"""Villages side by side for programs."""

from litestar import Controller, Request, get
from litestar.params import FromQuery

from api import guards
from points import comparison
from points.comparison import Comparison, Sort
from points.period import Period


class ComparisonController(Controller):
    """For those who look after several villages."""

    path = "/comparison"
    tags = ("overview",)

    @get("/", guards=[guards.may("overview.read")])
    async def comparison(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        sort: FromQuery[Sort] = "",
    ) -> Comparison:
        """Groups of villages with one scheme; those without a like one stand in the last group."""
        return await comparison.drawn(
            region, period=Period.parse(period), sort=sort, actor=request.user
        )
