"""The packet as a screen: what it will hold, its posters made ready with progress, the download."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from api import guards, packets, render, wording
from api.pages import choices
from api.v1 import packets as twin
from points import overview, packet, published, snapshot
from points.models import Publication
from points.period import Period


class PrepareForm(msgspec.Struct):
    """Of which place and period."""

    region: str = ""
    period: str = ""


class PacketPages(Controller):
    """All lists of a township for a period, as one file."""

    path = "/packets"

    @get("/", guards=[guards.may("overview.read")])
    async def show(
        self, request: Request, region: FromQuery[str] = "", period: FromQuery[str] = ""
    ) -> Response:
        """What the packet will hold, and how many of its posters are ready."""
        places = await overview.places(request.user)
        if not places:
            return Redirect("/regions")
        return await _page(request, region or places[0].code, period)

    @post("/", guards=[guards.may("overview.read")])
    async def prepare(self, request: Request, data: URLEncodedBody[PrepareForm]) -> Response:
        """Have the posters that are missing rendered; the page shows how far that is."""
        chosen = Period.parse(data.period)
        _, kept = await packet.serials(data.region, period=chosen, actor=request.user)
        shown = _shown(kept)
        missing = sorted(set(shown) - await packets.ready(shown))
        packets.render_soon(request, missing)
        asked = urlencode({"region": data.region, "period": chosen.text})
        return render.go(f"/packets?{asked}&preparing=1")

    @get("/packet.zip", guards=[guards.may("overview.read")])
    async def download(
        self, request: Request, region: FromQuery[str], period: FromQuery[str]
    ) -> Response[bytes]:
        """The packet; its export is logged."""
        return await twin.answer(request, region, period)


def _shown(kept: list[Publication]) -> list[str]:
    return [one.serial for one in kept if published.state_of(one) == "shown"]


async def _page(request: Request, region: str, period: str) -> Response:
    chosen = choices.period(period, kind="quarter")
    place, kept = await packet.serials(region, period=chosen, actor=request.user)
    shown = _shown(kept)
    ready = await packets.ready(shown)
    places = await overview.places(request.user)
    asked = urlencode({"region": place.code, "period": chosen.text})
    return render.page(
        request,
        "packets.html",
        region={"code": place.code, "name": place.name},
        regions=choices.indented(places),
        period={"text": chosen.text, "label": wording.named(chosen)},
        periods=choices.periods(chosen),
        lists=[_line(one, ready) for one in kept],
        villages=len({one.village for one in kept}),
        posters=len(shown),
        ready=len(ready),
        preparing="preparing" in request.query_params,
        download=f"/packets/packet.zip?{asked}",
        here=f"/packets?{asked}",
    )


def _line(kept: Publication, ready: set[str]) -> dict[str, Any]:
    header, _ = snapshot.parse(kept.snapshot)
    state = published.state_of(kept)
    return {
        "serial": kept.serial,
        "region_name": header.region_name,
        "block": kept.block,
        "period_label": wording.named(Period(kept.period)),
        "posted": header.posted,
        "state": state,
        "received": kept.received_at is not None,
        "ready": kept.serial in ready,
    }
