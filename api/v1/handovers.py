"""Hand-over when an official leaves: what he has in hand, and passing it on in one step."""

from datetime import date
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import FromPath, JSONBody

from api import guards
from points import handover
from points.handover import Handed, Plan


class HandOverIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who takes over, from which day, and which open score sheets pass with it.

    Without a successor the duties stay vacant. The same `id` again hands nothing over again.
    """

    id: UUID
    on: date
    successor: UUID | None = None
    passed: list[int] = msgspec.field(default_factory=list)


class HandOverController(Controller):
    """One verb and one transaction; what was handed over is kept for good."""

    path = "/officials"
    tags = ("officials",)

    @get("/{official_id:uuid}/hand-over", guards=[guards.may("officials.write")])
    async def plan(self, request: Request, official_id: FromPath[UUID]) -> Plan:
        """What an official who leaves has in hand, and who may take it."""
        return await handover.plan(official_id, by=request.user)

    @post("/{official_id:uuid}/hand-over", status_code=200, guards=[guards.may("officials.write")])
    async def hand_over(
        self, request: Request, official_id: FromPath[UUID], data: JSONBody[HandOverIn]
    ) -> Handed:
        """Hand everything over; the log-in ends on that day."""
        return await handover.hand_over(
            official_id,
            id=data.id,
            successor=data.successor,
            on=data.on,
            passed=data.passed,
            by=request.user,
        )

    @get("/hand-overs/{hand_over_id:uuid}", guards=[guards.may("officials.write")])
    async def one(self, request: Request, hand_over_id: FromPath[UUID]) -> Handed:
        """A hand-over as it was made."""
        return await handover.found(hand_over_id, by=request.user)
