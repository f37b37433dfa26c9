"""The notice list: everybody who takes part, by household, without rank, to be printed."""

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromQuery

from api import errors, guards, posters, render
from api.pages import choices
from foundation.errors import Refusal
from points import notice_list
from points.period import Period

DAYS_DEFAULT = 10


class NoticePages(Controller):
    """Choose a place and a period, look how many it is, print."""

    path = "/notices"

    @get("/", guards=[guards.may("publications.write")])
    async def choose(
        self,
        request: Request,
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        days: FromQuery[str] = "",
    ) -> Response:
        """What would be printed."""
        places = await choices.places(request.user, "publications.write")
        form = {
            "region": region or choices.first(request.user, places),
            "period": period or choices.period("", kind="month").text,
            "days": days or str(DAYS_DEFAULT),
        }
        problem, summary = None, None
        if region:
            try:
                drawn = await notice_list.drawn(
                    region,
                    period=Period.parse(form["period"]),
                    days=msgspec.convert(form["days"], int, strict=False),
                    actor=request.user,
                )
                summary = {
                    "households": drawn.households,
                    "groups": len(drawn.groups),
                    "display_from": drawn.frame.display_from,
                    "display_until": drawn.frame.display_until,
                }
            except Refusal as refusal:
                problem = errors.message(refusal)
        return render.page(
            request,
            "notices.html",
            status=409 if problem else 200,
            regions=places,
            periods=choices.periods(),
            form=form,
            errors={},
            problem=problem,
            summary=summary,
        )

    @get("/print", guards=[guards.may("publications.write")])
    async def paper(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
        days: FromQuery[int | None] = None,
    ) -> Response[bytes]:
        """The list as a PDF."""
        pdf = await posters.notice(
            region,
            period=Period.parse(period),
            days=days,
            actor=request.user,
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=f"公示表-{region}-{period}.pdf", inline=True)
