"""The change feed: what changed since a cursor, so that a county's platform can follow."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromQuery, QueryParameter

from api import guards
from foundation import clock
from foundation.changes import Change
from households import feed

# A server that is told to stop waits for what it was asked, and not for long.
WAIT_SECONDS_MAX = 5
LOOK_EVERY_SECONDS = 0.5
Wait = Annotated[int, QueryParameter(ge=0, le=WAIT_SECONDS_MAX)]
Limit = Annotated[int, QueryParameter(ge=1, le=feed.LIMIT_MAX)]


class ChangeOut(msgspec.Struct):
    """That something changed. `href` is where it is read as it is now; 404 there: it is gone.

    Of kind `entries` the `id` is the first and last number in the village's ledger.
    """

    kind: str
    id: str
    village: str
    at: datetime
    href: str


class ChangesOut(msgspec.Struct):
    """A part of the feed; `more` says that the next part waits already."""

    changes: list[ChangeOut]
    cursor: str
    more: bool


class ChangeController(Controller):
    """Ids and kinds only: what is told is read where it stands."""

    path = "/changes"
    tags = ("changes",)

    @get("/", guards=[guards.require_login])
    async def since(
        self,
        request: Request,
        since: FromQuery[str] = "",
        limit: Limit = 200,
        wait: Wait = 0,
    ) -> ChangesOut:
        """What changed after a cursor; `latest` gives the cursor of now. `wait` holds on until
        something did, at most so many seconds."""
        told = await feed.after(since, actor=request.user, limit=limit)
        for _ in range(int(wait / LOOK_EVERY_SECONDS)):
            if told.changes or told.more or since == "latest":
                break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            told = await feed.after(told.cursor, actor=request.user, limit=limit)
        return ChangesOut([shown(change) for change in told.changes], told.cursor, told.more)


def shown(change: Change) -> ChangeOut:
    """A change as the API gives it, with the address to read it at."""
    moment = clock.moment(clock.stamp(change.at))
    return ChangeOut(change.kind, change.key, change.village, moment, _href(change))


def _href(change: Change) -> str:
    if change.kind == "entries":
        first, _, last = change.key.partition("-")
        count = int(last) - int(first) + 1
        asked = f"village={change.village}&after={int(first) - 1}&limit={min(count, 1000)}"
        return f"/api/v1/entries/chain?{asked}"
    if change.kind == "setting":
        return f"/api/v1/settings/{change.village}"
    folder = {
        "household": "households",
        "publication": "publications",
        "rulebook": "rulebooks",
        "official": "officials",
        "region": "regions",
    }[change.kind]
    return f"/api/v1/{folder}/{change.key}"
