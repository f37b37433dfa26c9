"""Officials: who has a login, with which duties."""

from uuid import UUID

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.params import FromPath, JSONBody

from api import guards
from foundation.actors import Duty
from households import directory, officials, passwords
from households.errors import LoginRefused


class NewOfficial(msgspec.Struct, forbid_unknown_fields=True):
    """A login with its first duty; without a password a random one is made and returned."""

    login: str
    name: str
    role: str
    region: str
    household_id: UUID | None = None


class NewDuty(msgspec.Struct, forbid_unknown_fields=True):
    """One more role in a region."""

    role: str
    region: str


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """One's own password, the old and the new one."""

    old: str
    new: str


class CreatedOfficial(msgspec.Struct):
    """The new official and the first password, which is shown this once."""

    id: UUID
    password: str


class Me(msgspec.Struct):
    """Who the caller is."""

    login: str
    name: str
    duties: tuple[Duty, ...]


class OfficialController(Controller):
    """The officials within the caller's reach."""

    path = "/officials"
    tags = ("officials",)

    @get("/me", guards=[guards.require_login])
    async def me(self, request: Request) -> Me:
        """The caller's own login and duties."""
        return Me(request.user.login, request.user.name, request.user.duties)

    @post("/me/password", status_code=204, guards=[guards.require_login])
    async def change_password(self, request: Request, data: JSONBody[NewPassword]) -> None:
        """Change one's own password; all sessions end, and one asks for a token anew."""
        if not await officials.change_password(request.user, old=data.old, new=data.new):
            raise LoginRefused()

    @get("/", guards=[guards.may("officials.read")])
    async def listing(self, request: Request) -> list[directory.OfficialView]:
        """The officials whose duties lie in the caller's regions."""
        return await directory.listing(request.user)

    @post("/", guards=[guards.may("officials.write")])
    async def create(self, request: Request, data: JSONBody[NewOfficial]) -> CreatedOfficial:
        """Give somebody a login; the first log-in asks for another password."""
        password = passwords.random()
        made = await officials.create(
            data.login,
            name=data.name,
            role=data.role,
            region=data.region,
            password=password,
            household_id=data.household_id,
            by=request.user,
        )
        return CreatedOfficial(made.id, password)

    @post("/{official_id:uuid}/duties", status_code=204, guards=[guards.may("officials.write")])
    async def add_duty(
        self, request: Request, official_id: FromPath[UUID], data: JSONBody[NewDuty]
    ) -> None:
        """Add a duty; the official's sessions end."""
        await officials.add_duty(official_id, role=data.role, region=data.region, by=request.user)

    @delete("/{official_id:uuid}", guards=[guards.may("officials.write")])
    async def deactivate(self, request: Request, official_id: FromPath[UUID]) -> None:
        """Close a login; what its holder recorded stays."""
        await officials.set_active(official_id, False, by=request.user)
