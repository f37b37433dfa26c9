"""A village's ledger and posted lists recomputed for a program, which waits for the answer."""

import msgspec
from litestar import Controller, Request, post
from litestar.params import JSONBody

from api import checks, guards
from households import regions
from households.errors import RegionNotFound
from points.verification import Fault


class CheckIn(msgspec.Struct, forbid_unknown_fields=True):
    """Which village's books: its 12-digit code."""

    village: str


class CheckOut(msgspec.Struct):
    """What does not hold, each at the first entry where it shows; [] when everything does."""

    village: str
    faults: list[Fault]


class CheckController(Controller):
    """The same proof as the command `verify`."""

    path = "/verifications"
    tags = ("entries",)

    @post("/", status_code=200, guards=[guards.may("entries.read")])
    async def verify(self, request: Request, data: JSONBody[CheckIn]) -> CheckOut:
        """Recompute chain, totals and lists of a village."""
        region = await regions.find(data.village, actor=request.user, permission="entries.read")
        if region.level != "village":
            raise RegionNotFound(code=data.village)
        return CheckOut(region.code, await checks.faults(region.code))
