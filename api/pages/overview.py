"""The villages of a township or county at a glance: lists posted, lists due, rules in force."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api import guards, locale, render, wording
from api.pages import choices
from foundation.marking import mark as _n
from households import duty_table, officials
from households.models import Region
from points import overview, overview_export
from points.overview import Overview, Paper, VillageLine
from points.period import Period
from points.scheme import Scheme

# What can be looked into behind a figure: its words, and which villages it is about.
SHOWS: dict[str, tuple[str, Callable[[VillageLine], bool]]] = {
    "posted": (_n("出榜的村"), lambda village: bool(village.posted)),
    "lacking": (_n("到期没有出榜"), lambda village: bool(village.lacking)),
    "to_hang": (_n("出了榜没有贴"), lambda village: bool(village.to_hang)),
    "too_long": (_n("过期没有撤"), lambda village: bool(village.too_long)),
    "no_book": (_n("没有村规民约"), lambda village: village.households > 0 and not village.book),
}
OVERDUE = {"lacking", "too_long"}


class OverviewPages(Controller):
    """For those who look after several villages."""

    path = "/overview"

    @get("/", guards=[guards.may("overview.read")])
    async def show(
        self,
        request: Request,
        region: FromQuery[str] = "",
        period: FromQuery[str] = "",
        show: FromQuery[str] = "",
    ) -> Response:
        """The place's villages, or with `show` the rows behind one figure."""
        places = await overview.places(request.user)
        if not places:
            return Redirect("/regions")
        chosen = choices.period(period, kind="quarter")
        found = await overview.drawn(region or places[0].code, period=chosen, actor=request.user)
        return render.page(
            request,
            "overview.html",
            vacancies=len(await duty_table.vacancies(request.user)),
            may_receive=officials.allowed(request.user, "publications.receive"),
            **_context(found, places, chosen, show),
        )

    @get("/export.xlsx", guards=[guards.may("overview.read")])
    async def export(
        self,
        request: Request,
        region: FromQuery[str],
        period: FromQuery[str],
    ) -> Response[bytes]:
        """The overview as a workbook: villages, lists, what is due; its export is logged."""
        found = await overview.drawn(region, period=Period.parse(period), actor=request.user)
        file = await overview_export.workbook(found)
        await overview_export.log(found, by=request.user)
        return render.file(file.content, name=file.name)


def _context(found: Overview, places: list[Region], period: Period, show: str) -> dict[str, Any]:
    show = show if show in SHOWS else ""

    def at(**more: str) -> str:
        asked = {"region": found.region, "period": period.text, "show": show} | more
        return "/overview?" + urlencode({name: text for name, text in asked.items() if text})

    villages = [one for one in found.villages if not show or SHOWS[show][1](one)]
    by_township = found.level == "county" and not show
    return {
        "region": {"code": found.region, "name": found.region_name, "level": found.level},
        "regions": choices.indented(places),
        "period": {"text": period.text, "label": wording.named(period)},
        "periods": choices.periods(period),
        "show": show,
        "showing": locale.text(SHOWS[show][0]) if show else "",
        "all_href": at(show=""),
        "export_href": at(show="").replace("/overview?", "/overview/export.xlsx?"),
        "packet_href": at(show="").replace("/overview?", "/packets?"),
        "comparison_href": at(show="").replace("/overview?", "/comparison?"),
        "figures": _figures(found, at),
        "townships": _townships(found, at) if by_township else [],
        "villages": [] if by_township else _villages(one for one in villages if one.works),
        "not_begun": [] if by_township else [one.name for one in villages if not one.works],
        "papers": _papers(villages, show),
        "lacking": _lacking(villages) if show == "lacking" else [],
    }


def _figures(found: Overview, at: Callable[..., str]) -> list[dict[str, Any]]:
    working = sum(village.works for village in found.villages)
    return [
        {
            "show": show,
            "label": locale.text(words),
            "value": sum(map(counts, found.villages)),
            "of": working if show == "posted" else None,
            "href": at(show=show),
            "overdue": show in OVERDUE,
        }
        for show, (words, counts) in SHOWS.items()
    ]


def _townships(found: Overview, at: Callable[..., str]) -> list[dict[str, Any]]:
    """One line a township, its figures each leading to the rows behind them."""
    lines: dict[str, list[VillageLine]] = {}
    for village in found.villages:
        lines.setdefault(village.township, []).append(village)
    return [
        {
            "name": villages[0].township_name,
            "href": at(region=code),
            "villages": len(villages),
            "working": sum(village.works for village in villages),
            "counts": [
                {
                    "show": show,
                    "label": locale.text(words),
                    "value": sum(map(counts, villages)),
                    "href": at(region=code, show=show),
                }
                for show, (words, counts) in SHOWS.items()
            ],
        }
        for code, villages in lines.items()
        if code
    ]


def _villages(villages: Iterable[VillageLine]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "name": one.name,
            "township": one.township_name,
            "hands_in": one.hands_in,
            "book": one.book,
            "scheme": scheme_words(one.scheme) if one.scheme else "",
            "posted": [
                {"serial": paper.serial, "label": _about(paper, alone=True)}
                for paper in one.posted
                if paper.wall != "superseded"
            ],
            "lacking": len(one.lacking),
            "to_hang": len(one.to_hang),
            "too_long": len(one.too_long),
        }
        for one in villages
    ]


def scheme_words(scheme: Scheme) -> str:
    """How a village posts, and what it declares a point to be worth."""
    _ = locale.text
    often = {"month": _("每月"), "quarter": _("每季"), "year": _("每年")}[scheme.posted_period]
    said = _(
        "%(often)s，前 %(n)s 名，贴 %(days)s 天",
        often=often,
        n=scheme.posted_first_n,
        days=scheme.display_days,
    )
    return said + _("；") + rate_words(scheme.point_fen)


def rate_words(point_fen: int) -> str:
    """1 分抵 0.50 元, or that nothing is declared."""
    if not point_fen:
        return locale.text("不定价")
    return locale.text("1 分抵 %(yuan)s 元", yuan=f"{point_fen // 100}.{point_fen % 100:02}")


def _about(paper: Paper, *, alone: bool = False) -> str:
    """What a list is about: the period, and what part of the village or block if not all."""
    said = [wording.named(Period(paper.period))]
    if paper.region != paper.village:
        said.append(paper.region_name)
    if paper.block:
        said.append(wording.block(paper.block))
    return " ".join(said)


def _papers(villages: Iterable[VillageLine], show: str) -> list[dict[str, Any]]:
    if show not in ("posted", "to_hang", "too_long"):
        return []
    return [
        {
            **msgspec.structs.asdict(paper),
            "village_name": village.name,
            "label": _about(paper),
            "days_over": paper.days_over if show == "too_long" else 0,
        }
        for village in villages
        for paper in getattr(village, show)
    ]


def _lacking(villages: Iterable[VillageLine]) -> list[dict[str, Any]]:
    return [
        {**msgspec.structs.asdict(one), "label": wording.named(Period(one.period))}
        for village in villages
        for one in village.lacking
    ]
