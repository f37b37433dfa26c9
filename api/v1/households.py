"""Households: the list, the card, changes, looks behind the seal, name choices, export."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import guards, render
from api.paging import PageNumber, PageSize, linked
from foundation import clock
from households import card, export, listing, moves, name_choices, register
from households.details import HouseholdChanges, HouseholdDetails
from households.name_choices import ChoiceRow, How, NameChoice
from households.names import Form

Purpose = Annotated[str, msgspec.Meta(min_length=card.PURPOSE_LENGTH_MIN)]


# By number or by the head's name; with a minus from the last to the first.
Sort = Literal["number", "-number", "pinyin", "-pinyin"]


class NewHousehold(msgspec.Struct, forbid_unknown_fields=True):
    """A household to be added to a village; the same `household.id` again adds no second one."""

    village: str
    household: HouseholdDetails


class Created(msgspec.Struct):
    """What was created."""

    id: UUID


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Changes to a household as it was at `revision`; what is not named stays."""

    revision: int
    changes: HouseholdChanges


class At(msgspec.Struct, forbid_unknown_fields=True):
    """The revision that the caller saw."""

    revision: int


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    """On which day a household left; the same `id` again takes no second step."""

    revision: int
    on: date
    id: UUID = msgspec.field(default_factory=uuid4)


class ComingBack(msgspec.Struct, forbid_unknown_fields=True):
    """On which day a household came back, today if not said; `id` as in a leaving."""

    revision: int
    on: date | None = None
    id: UUID = msgspec.field(default_factory=uuid4)


class Look(msgspec.Struct, forbid_unknown_fields=True):
    """Why somebody looks at what is sealed."""

    purpose: Purpose


class Plain(msgspec.Struct):
    """A value in plain; that it was shown is logged."""

    value: str


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """How a household's name may be posted; what is not named stays."""

    on: date
    how: How
    wall: Form | None = None
    web: Form | None = None


class Choices(msgspec.Struct, forbid_unknown_fields=True):
    """A sheet of choices, recorded together."""

    on: date
    how: How
    choices: Annotated[list[NameChoice], msgspec.Meta(max_length=5000)]


class Changed(msgspec.Struct):
    """How many households are different now."""

    changed: int


class Export(msgspec.Struct, forbid_unknown_fields=True):
    """Which households and fields, for what purpose."""

    village: str
    purpose: Purpose
    format: export.Format = "xlsx"
    which: export.Filter = export.Filter()
    wanted: export.Wanted = export.Wanted()


class HouseholdController(Controller):
    """What an official sees here is his own subtrees and nothing beside them."""

    path = "/households"
    tags = ("households",)

    @get("/", guards=[guards.may("register.read")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str] = "",
        q: FromQuery[str] = "",
        group: FromQuery[str] = "",
        grid: FromQuery[str] = "",
        standing: Annotated[listing.State, QueryParameter(name="state")] = "active",
        since: FromQuery[str] = "",
        sort: FromQuery[Sort] = "number",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Response[listing.Listing]:
        """One page of the list; phones are masked. `q` is part of a name, its initials, a
        household's number, or a whole phone or ID number; `since` a cursor of the change feed."""
        found = await listing.listing(
            request.user,
            village=village or None,
            q=q,
            group=group,
            grid=grid,
            state=standing,
            since=since,
            sort="pinyin" if sort.endswith("pinyin") else "number",
            down=sort.startswith("-"),
            page=page,
            page_size=page_size,
        )
        return linked(request, found)

    @post("/", guards=[guards.may("register.write")])
    async def create(self, request: Request, data: JSONBody[NewHousehold]) -> Created:
        """Add a household with its members."""
        return Created(await register.create(data.village, data.household, by=request.user))

    @get("/{household_id:uuid}", guards=[guards.may("register.read")])
    async def one(self, request: Request, household_id: FromPath[UUID]) -> card.Card:
        """A household's card."""
        return await card.card(household_id, actor=request.user)

    @patch("/{household_id:uuid}", guards=[guards.may("register.write")])
    async def change(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Change]
    ) -> card.Card:
        """Change a household; 409 when somebody else changed it meanwhile."""
        await register.change(household_id, data.changes, revision=data.revision, by=request.user)
        return await card.card(household_id, actor=request.user)

    @post("/{household_id:uuid}/leave", status_code=200, guards=[guards.may("register.write")])
    async def leave(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Leaving]
    ) -> card.Card:
        """Record that a household left the village."""
        await moves.leave(
            household_id,
            moves.Day(on=data.on),
            id=data.id,
            revision=data.revision,
            by=request.user,
        )
        return await card.card(household_id, actor=request.user)

    @post("/{household_id:uuid}/come-back", status_code=200, guards=[guards.may("register.write")])
    async def come_back(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[ComingBack]
    ) -> card.Card:
        """Record that a household is here again."""
        day = moves.Day(on=data.on or clock.today())
        await moves.come_back(
            household_id, day, id=data.id, revision=data.revision, by=request.user
        )
        return await card.card(household_id, actor=request.user)

    @post("/{household_id:uuid}/phone", status_code=200, guards=[guards.may("register.unmask")])
    async def phone(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Look]
    ) -> Plain:
        """The household's phone in plain; logged with the purpose."""
        return Plain(await card.unmask_phone(household_id, purpose=data.purpose, by=request.user))

    @post(
        "/{household_id:uuid}/restricted",
        status_code=200,
        guards=[guards.may("register.restricted")],
    )
    async def restricted(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Look]
    ) -> card.Restricted:
        """Household type, welfare status and remarks; logged with the purpose."""
        return await card.restricted(household_id, purpose=data.purpose, by=request.user)

    @get("/name-choices", guards=[guards.may("register.read")])
    async def choices(
        self, request: Request, village: FromQuery[str], group: FromQuery[str] = ""
    ) -> list[ChoiceRow]:
        """What the households of a village or group chose about their names."""
        return await name_choices.sheet(request.user, village=village, group=group)

    @post("/name-choices", status_code=200, guards=[guards.may("register.write")])
    async def choose_all(self, request: Request, data: JSONBody[Choices]) -> Changed:
        """Record a sheet of choices, all or none."""
        return Changed(
            await name_choices.choose_names(data.choices, on=data.on, how=data.how, by=request.user)
        )

    @put("/{household_id:uuid}/name-choice", guards=[guards.may("register.write")])
    async def choose(
        self, request: Request, household_id: FromPath[UUID], data: JSONBody[Choice]
    ) -> card.Card:
        """Record how one household's name may be posted."""
        await name_choices.choose_name(
            household_id, wall=data.wall, web=data.web, on=data.on, how=data.how, by=request.user
        )
        return await card.card(household_id, actor=request.user)

    @post("/export", status_code=200, guards=[guards.may("register.export")])
    async def export(self, request: Request, data: JSONBody[Export]) -> Response[bytes]:
        """The register as a file; its fields and purpose are logged."""
        file = await export.export(
            data.village,
            by=request.user,
            purpose=data.purpose,
            format=data.format,
            which=data.which,
            wanted=data.wanted,
        )
        return render.file(file.content, name=file.name, media_type=file.media_type)
