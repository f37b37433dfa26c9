"""The audit log for programs: lines within reach, page by page."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromQuery, QueryParameter

from api import guards
from foundation import trail
from foundation.actors import Actor
from foundation.trail import Wanted
from households import oversight
from points import history

DateFrom = Annotated[str, QueryParameter(name="from")]


class AuditFilter(msgspec.Struct):
    """Which lines are wanted, as typed."""

    actor: str = ""
    verb: str = ""
    household: str = ""
    village: str = ""
    since: str = msgspec.field(default="", name="from")
    until: str = ""
    order: str = ""
    format: str = "xlsx"
    purpose: str = ""


class AuditLineOut(msgspec.Struct):
    """One deed: the actor's label, the verb, the village's code, the subject as kind:id."""

    at: datetime
    actor: str
    verb: str
    village: str
    subject: str
    facts: dict[str, Any]


class AuditOut(msgspec.Struct):
    """Some lines; `next` goes into `after` to read on and is empty at the end."""

    lines: list[AuditLineOut]
    next: str


class AuditController(Controller):
    """Who did what to what, and when."""

    path = "/audit"
    tags = ("audit",)

    @get("/", guards=[guards.may("audit.read")])
    async def lines(
        self,
        request: Request,
        actor: FromQuery[str] = "",
        verb: FromQuery[str] = "",
        household: FromQuery[str] = "",
        village: FromQuery[str] = "",
        since: DateFrom = "",
        until: FromQuery[str] = "",
        order: FromQuery[str] = "",
        after: FromQuery[str] = "",
        page_size: Annotated[int, QueryParameter(ge=1, le=1000)] = trail.PAGE_SIZE,
    ) -> AuditOut:
        """The lines of the villages within reach, newest first; `order=oldest` turns them."""
        asked = AuditFilter(actor, verb, household, village, since, until, order)
        reach = await oversight.reach(request.user)
        wanted = await wanted_of(asked, actor=request.user)
        found = await trail.page(reach, wanted, cursor=after, size=page_size)
        return AuditOut(
            [AuditLineOut(**msgspec.structs.asdict(one)) for one in found.lines], found.next
        )


async def wanted_of(asked: AuditFilter, *, actor: Actor) -> Wanted:
    """The filter as the log understands it: people and households by what it keeps of them."""
    subjects = None
    if asked.household.strip():
        subjects = await history.subjects(await oversight.households(asked.household, actor=actor))
    return Wanted(
        verb=asked.verb,
        village=asked.village,
        actors=await oversight.labels(asked.actor),
        subjects=subjects,
        first=day(asked.since),
        last=day(asked.until),
        oldest_first=asked.order == "oldest",
    )


def day(typed: str) -> date | None:
    """A day as a date field sends it; None for anything else."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
