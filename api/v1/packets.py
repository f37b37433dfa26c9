"""The packet of a township for programs."""

from litestar import Controller, Request, Response, get
from litestar.params import FromQuery

from api import guards, packets, render
from points import packet
from points.period import Period


class PacketController(Controller):
    """All lists of a place for a period, as one file."""

    path = "/packets"
    tags = ("publications",)

    @get(
        "/packet.zip",
        guards=[guards.may("overview.read")],
        media_type="application/zip",
    )
    async def packet(
        self, request: Request, region: FromQuery[str], period: FromQuery[str]
    ) -> Response[bytes]:
        """Posters, signed files, one workbook, and an index with the hash of each file."""
        return await answer(request, region, period)


async def answer(request: Request, region: str, period: str) -> Response[bytes]:
    """The packet as a file, with its line in the log."""
    held, content = await packets.made(
        region,
        period=Period.parse(period),
        actor=request.user,
        settings=render.settings(request),
        demo=request.app.state.kind == "demo",
    )
    await packet.log(held, by=request.user)
    return render.file(content, name=held.name)
