"""The ledger recomputed while one looks on: the proof of `xiangyue verify`, for one village."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import checks, guards, render
from api.checks import Check
from foundation import clock
from households import regions
from households.models import Region


class CheckForm(msgspec.Struct):
    """Which village's books."""

    village: str = ""


class CheckPages(Controller):
    """Begin a check, watch it, read what it found."""

    path = "/ledger/check"
    guards = (guards.may("entries.read"),)

    @get("/")
    async def choose(self, request: Request, village: FromQuery[str] = "") -> Response:
        """Whose books to check."""
        return await _page(request, village, None)

    @post("/")
    async def begin(self, request: Request, data: URLEncodedBody[CheckForm]) -> Response:
        """Begin; the reckoning goes on in the background."""
        village = await _village(request, data.village)
        check = checks.begin(village.code, by=request.user)
        request.app.state.background.start("check", partial(checks.run, check), lane="check")
        return render.go(f"/ledger/check/{check.id}")

    @get("/{check_id:uuid}")
    async def one(self, request: Request, check_id: FromPath[UUID]) -> Response:
        """How far it is, or what it found."""
        check = checks.find(check_id, by=request.user)
        if check is None:
            raise NotFoundException
        return await _page(request, check.village, check)


async def _village(request: Request, code: str) -> Region:
    """A village in reach. Refuses with `RegionNotFound`, `NotAllowed`."""
    region = await regions.find(code, actor=request.user, permission="entries.read")
    return await regions.find(region.village, actor=request.user, permission="entries.read")


async def _page(request: Request, village: str, check: Check | None) -> Response:
    seen = await regions.visible(request.user, "entries.read")
    villages = [{"code": one.code, "name": one.name} for one in seen if one.level == "village"]
    chosen = village or request.user.village or next((v["code"] for v in villages), "")
    return render.page(
        request,
        "ledger_check.html",
        villages=villages,
        village=chosen,
        name=next((v["name"] for v in villages if v["code"] == chosen), ""),
        check=check and _shown(check),
    )


def _shown(check: Check) -> dict[str, Any]:
    return {**msgspec.structs.asdict(check), "begun_at": clock.local(check.begun_at)}
