"""Officials: who has a login, with which duties."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api import guards
from api.paging import PageNumber, PageSize, linked
from foundation.actors import Duty
from households import directory, duties, first_passwords, officials, passwords, sessions
from households.errors import LoginRefused
from households.sessions import LogIn


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


class OwnHousehold(msgspec.Struct, forbid_unknown_fields=True):
    """The official's own household, which he may then not score; null for none."""

    household: UUID | None


class CreatedOfficial(msgspec.Struct):
    """The new official and the first password, which is shown this once."""

    id: UUID
    password: str


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Officials who are to get a first password, at most fifty at once."""

    officials: Annotated[list[UUID], msgspec.Meta(max_length=50)]


class Me(msgspec.Struct):
    """Who the caller is."""

    login: str
    name: str
    duties: tuple[Duty, ...]


class Ended(msgspec.Struct):
    """How many log-ins were ended."""

    ended: int


class Officials(msgspec.Struct):
    """One page of officials."""

    rows: list[directory.OfficialView]
    total: int
    page: int
    page_size: int


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

    @get("/me/sessions", guards=[guards.require_login])
    async def log_ins(self, request: Request) -> list[LogIn]:
        """One's own open log-ins, this one first."""
        return await sessions.of(request.user, this=request.auth.id)

    @delete("/me/sessions", status_code=200, guards=[guards.require_login])
    async def end_others(self, request: Request) -> Ended:
        """End one's own log-ins except this one."""
        return Ended(await sessions.end_others(request.user, this=request.auth.id))

    @get("/", guards=[guards.may("officials.read")])
    async def listing(
        self,
        request: Request,
        q: FromQuery[str] = "",
        role: FromQuery[str] = "",
        region: FromQuery[str] = "",
        active: FromQuery[bool | None] = None,
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Response[Officials]:
        """The officials whose duties lie in the caller's regions, by login. `q` is a part of the
        login or name, `region` where a duty lies or what lies above it."""
        found = [
            one
            for one in await directory.listing(request.user)
            if (q in one.login or q in one.name)
            and (active is None or one.active == active)
            and any(
                role in ("", duty.role) and f"{region}/" in ("/", *_above(duty))
                for duty in one.duties
            )
        ]
        first = (page - 1) * page_size
        rows = found[first : first + page_size]
        return linked(request, Officials(rows, len(found), page, page_size))

    @get("/{official_id:uuid}", guards=[guards.may("officials.read")])
    async def one(self, request: Request, official_id: FromPath[UUID]) -> directory.OfficialView:
        """One official with the duties that lie in the caller's regions."""
        return await directory.one(official_id, actor=request.user)

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

    @post("/first-passwords", status_code=200, guards=[guards.may("officials.write")])
    async def issue(self, request: Request, data: JSONBody[Wanted]) -> list[first_passwords.Slip]:
        """Make first passwords and return them, this once; older ones stop to work."""
        wanted = list(dict.fromkeys(data.officials))
        slips, hashes = await first_passwords.issued(wanted, by=request.user)
        await first_passwords.store(slips, hashes, by=request.user)
        return slips

    @post("/{official_id:uuid}/duties", status_code=204, guards=[guards.may("officials.write")])
    async def add_duty(
        self, request: Request, official_id: FromPath[UUID], data: JSONBody[NewDuty]
    ) -> None:
        """Add a duty; the official's sessions end."""
        await duties.add(official_id, role=data.role, region=data.region, by=request.user)

    @delete(
        "/{official_id:uuid}/duties/{role:str}/{region:str}",
        guards=[guards.may("officials.write")],
    )
    async def remove_duty(
        self,
        request: Request,
        official_id: FromPath[UUID],
        role: FromPath[str],
        region: FromPath[str],
    ) -> None:
        """Take a duty back, though not the last; the official's sessions end."""
        await duties.remove(official_id, role=role, region=region, by=request.user)

    @post(
        "/{official_id:uuid}/password-reset",
        status_code=200,
        guards=[guards.may("officials.write")],
    )
    async def reset(self, request: Request, official_id: FromPath[UUID]) -> CreatedOfficial:
        """Set a first password anew; it is shown this once, and the sessions end."""
        password = await officials.reset_password(official_id, by=request.user)
        return CreatedOfficial(official_id, password)

    @put("/{official_id:uuid}/household", status_code=204, guards=[guards.may("officials.write")])
    async def link(
        self, request: Request, official_id: FromPath[UUID], data: JSONBody[OwnHousehold]
    ) -> None:
        """Record an official's own household; his sessions end."""
        await officials.link_household(official_id, data.household, by=request.user)

    @post("/{official_id:uuid}/activate", status_code=204, guards=[guards.may("officials.write")])
    async def activate(self, request: Request, official_id: FromPath[UUID]) -> None:
        """Open a closed login again."""
        await officials.set_active(official_id, True, by=request.user)

    @delete("/{official_id:uuid}", guards=[guards.may("officials.write")])
    async def deactivate(self, request: Request, official_id: FromPath[UUID]) -> None:
        """Close a login; what its holder recorded stays."""
        await officials.set_active(official_id, False, by=request.user)


def _above(duty: Duty) -> list[str]:
    """The place of a duty and all places above it, each with a slash behind it."""
    return [f"{code}/" for code in duty.path.strip("/").split("/")]
