"""Steps of households with their points: split, merge, another group or village; and undoing."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import FromPath, JSONBody

from api import guards
from households import lineage, moves
from households.lineage import Move, Story
from points import transfers

Revision = Annotated[int, msgspec.Meta(ge=0)]


class Splitting(msgspec.Struct, forbid_unknown_fields=True):
    """A split of a household as it was at `revision`; the same `id` again takes no second step."""

    id: UUID
    revision: Revision
    step: moves.Split


class Merging(msgspec.Struct, forbid_unknown_fields=True):
    """A household that goes into another one; the same `id` again takes no second step."""

    id: UUID
    revision: Revision
    step: moves.Merge


class Regrouping(msgspec.Struct, forbid_unknown_fields=True):
    """A household's other group or grid; the same `id` again takes no second step."""

    id: UUID
    revision: Revision
    step: moves.Regroup


class Relocating(msgspec.Struct, forbid_unknown_fields=True):
    """A household that goes to another village; the same `id` again takes no second step."""

    id: UUID
    revision: Revision
    step: moves.Relocate


class Undoing(msgspec.Struct, forbid_unknown_fields=True):
    """The id of the step that undoes another one; sent again it undoes nothing more."""

    id: UUID


class MoveController(Controller):
    """Every step is one transaction: people, points in both chains, the line in the log."""

    path = "/households"
    tags = ("households",)

    @get("/{household_id:uuid}/moves", guards=[guards.may("register.read")])
    async def steps(self, request: Request, household_id: FromPath[UUID]) -> list[Story]:
        """The steps that a household took part in, the latest first."""
        return await lineage.listing(household_id, actor=request.user)

    @post("/{household_id:uuid}/split", status_code=200, guards=[guards.may("register.write")])
    async def split(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Splitting]
    ) -> Move:
        """Some members become a household of their own; without `points` divided by heads."""
        return await transfers.split(
            household_id, data.step, id=data.id, revision=data.revision, by=request.user
        )

    @post("/{household_id:uuid}/merge", status_code=200, guards=[guards.may("register.write")])
    async def merge(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Merging]
    ) -> Move:
        """The household goes into another one of the village, with its whole balance."""
        return await transfers.merge(
            household_id, data.step, id=data.id, revision=data.revision, by=request.user
        )

    @post("/{household_id:uuid}/regroup", status_code=200, guards=[guards.may("register.write")])
    async def regroup(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Regrouping]
    ) -> Move:
        """The household belongs to another group or grid; its points stay as they are."""
        return await moves.regroup(
            household_id, data.step, id=data.id, revision=data.revision, by=request.user
        )

    @post("/{household_id:uuid}/relocate", status_code=200, guards=[guards.may("register.move")])
    async def relocate(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Relocating]
    ) -> Move:
        """The household goes to another village, with its whole balance."""
        return await transfers.relocate(
            household_id, data.step, id=data.id, revision=data.revision, by=request.user
        )

    @post(
        "/{household_id:uuid}/moves/{move_id:uuid}/undo",
        status_code=200,
        guards=[guards.may("register.move")],
    )
    async def undo(
        self,
        request: Request,
        household_id: FromPath[UUID],
        move_id: FromPath[UUID],
        data: JSONBody[Undoing],
    ) -> Move:
        """Put a step back with the points that went along, while nothing rests on it."""
        await lineage.find(move_id, household_id=household_id, actor=request.user)
        return await transfers.undo(move_id, id=data.id, by=request.user)
