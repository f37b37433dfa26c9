"""The people of households: who joins, what is different, looks behind the seal."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import guards
from api.paging import PageNumber, PageSize, linked
from api.v1.households import At, Plain, Purpose
from households import card, members, people
from households.details import ResidentChanges, ResidentDetails
from households.listing import State


class NewResident(msgspec.Struct, forbid_unknown_fields=True):
    """A person for a household as it was at `revision`."""

    household: UUID
    revision: int
    resident: ResidentDetails


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Changes to a person; `revision` is the household's. What is not named stays."""

    revision: int
    changes: ResidentChanges


class Unmask(msgspec.Struct, forbid_unknown_fields=True):
    """Which number is to be seen, and why."""

    field: card.Number
    purpose: Purpose


class Check(msgspec.Struct, forbid_unknown_fields=True):
    """An ID number that somebody presents, and why it is checked."""

    id_number: str
    purpose: Purpose


class Fits(msgspec.Struct):
    """Whether it is the number that is recorded."""

    fits: bool


class Revised(msgspec.Struct):
    """The household's revision after the change."""

    revision: int


class ResidentController(Controller):
    """Every write carries the household's revision and answers with the next one."""

    path = "/residents"
    tags = ("households",)

    @get("/", guards=[guards.may("register.read")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str] = "",
        group: FromQuery[str] = "",
        household: FromQuery[UUID | None] = None,
        q: FromQuery[str] = "",
        standing: Annotated[State, QueryParameter(name="state")] = "active",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Response[people.People]:
        """One page of the people, household by household; phones are masked."""
        found = await people.listed(
            request.user,
            village=village,
            group=group,
            household=household,
            q=q,
            state=standing,
            page=page,
            page_size=page_size,
        )
        return linked(request, found)

    @post("/", guards=[guards.may("register.write")])
    async def add(self, request: Request, data: JSONBody[NewResident]) -> Revised:
        """Add a person to a household."""
        revision = await members.add(
            data.household, data.resident, revision=data.revision, by=request.user
        )
        return Revised(revision)

    @patch("/{resident_id:uuid}", guards=[guards.may("register.write")])
    async def change(
        self, request: Request, resident_id: FromPath[UUID], data: JSONBody[Change]
    ) -> Revised:
        """Change what is written down about a person."""
        revision = await members.change(
            resident_id, data.changes, revision=data.revision, by=request.user
        )
        return Revised(revision)

    @post("/{resident_id:uuid}/leave", status_code=200, guards=[guards.may("register.write")])
    async def leave(
        self, request: Request, resident_id: FromPath[UUID], data: JSONBody[At]
    ) -> Revised:
        """Record that a person is no longer a member."""
        return Revised(await members.leave(resident_id, revision=data.revision, by=request.user))

    @post("/{resident_id:uuid}/come-back", status_code=200, guards=[guards.may("register.write")])
    async def come_back(
        self, request: Request, resident_id: FromPath[UUID], data: JSONBody[At]
    ) -> Revised:
        """Record that a person is a member again."""
        return Revised(
            await members.come_back(resident_id, revision=data.revision, by=request.user)
        )

    @post("/{resident_id:uuid}/unmask", status_code=200, guards=[guards.may("register.unmask")])
    async def unmask(
        self, request: Request, resident_id: FromPath[UUID], data: JSONBody[Unmask]
    ) -> Plain:
        """A person's phone or ID number in plain; logged with the purpose."""
        value = await card.unmask(
            resident_id, field=data.field, purpose=data.purpose, by=request.user
        )
        return Plain(value)

    @post("/{resident_id:uuid}/check-id", status_code=200, guards=[guards.may("register.write")])
    async def check(
        self, request: Request, resident_id: FromPath[UUID], data: JSONBody[Check]
    ) -> Fits:
        """Whether an ID number is the recorded one; logged with the purpose."""
        fits = await card.check_id_number(
            resident_id, data.id_number, purpose=data.purpose, by=request.user
        )
        return Fits(fits)
