"""The duty table for programs: who answers for each place, and changes of it."""

from datetime import date

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from api import guards
from households import duty_table


class Revision(msgspec.Struct, forbid_unknown_fields=True):
    """A change of one place: the duties that end, and by post who begins, as names or logins."""

    on: date
    ended: list[int] = []
    added: dict[str, str] = {}


class Revised(msgspec.Struct):
    """How many came and how many went."""

    come: int
    gone: int


class DutyController(Controller):
    """Places down, posts across."""

    path = "/duties"
    tags = ("officials",)

    @get("/", guards=[guards.may("officials.read")])
    async def table(
        self, request: Request, region: FromQuery[str], level: FromQuery[str] = ""
    ) -> duty_table.Table:
        """The table of one level below a region."""
        return await duty_table.table(region, actor=request.user, level=level)

    @post("/{code:str}", status_code=200, guards=[guards.may("officials.write")])
    async def revise(
        self, request: Request, code: FromPath[str], data: JSONBody[Revision]
    ) -> Revised:
        """Change who answers for one place, from a day on."""
        come, gone = await duty_table.revise(
            code, on=data.on, ended=data.ended, added=data.added, by=request.user
        )
        return Revised(come, gone)
