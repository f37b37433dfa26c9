"""The application in this process, in its frame, as browsers and programs reach it.

No socket and no server: requests run in the test's own loop. What only a real server shows is
tested with `servers.program`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid4

import factories
import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from api import guards, holders
from api.app import application
from api.frame import Frame
from api.settings import Settings
from foundation import clock
from households.models import Official, OfficialDuty

PASSWORD = "throw away 99"


# A test that has no business with the other engine runs on this one alone.
ON_SQLITE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


async def with_login(
    login: str,
    role: str,
    region: str = factories.VILLAGE,
    *,
    household: UUID | None = None,
    must_change: bool = False,
) -> Official:
    """An official in the store, with PASSWORD, which is hashed once for all of them."""
    official = await Official.create(
        id=uuid4(),
        login=login,
        name="王秋实",
        password=_hash(),
        household_id=household,
        must_change_password=must_change,
        created_at=clock.now(),
    )
    await OfficialDuty.create(official=official, role=role, region=region)
    return official


@cache
def _hash() -> str:
    return PasswordHasher().hash(PASSWORD)


@dataclass(frozen=True)
class Web:
    """A running application and ways to knock at it."""

    app: Frame
    settings: Settings

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A browser of its own that nobody has logged in with; `headers` go with every request."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=f"http://127.0.0.1:{self.settings.port}",
            headers={"sec-fetch-site": "same-origin", **headers},
        )

    async def login(
        self, role: str, region: str = factories.VILLAGE, *, household: UUID | None = None
    ) -> httpx.AsyncClient:
        """A browser in which a new official with one duty in the region has logged in.

        The region must be in the store, see `factories.divisions`.
        """
        login = f"{role}-{uuid4().hex[:8]}"
        await with_login(login, role, region, household=household)
        browser = self.client()
        answer = await browser.post("/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    async def program(self, role: str, region: str = factories.VILLAGE) -> httpx.AsyncClient:
        """The same for a program, which carries a bearer token and keeps no cookies."""
        browser = await self.login(role, region)
        me = (await browser.get("/api/v1/officials/me")).json()
        answer = await self.client().post(
            "/api/v1/tokens", json={"login": me["login"], "password": PASSWORD}
        )
        caller = self.client(authorization=f"Bearer {answer.json()['token']}")
        del caller.headers["sec-fetch-site"]
        return caller


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Web]:
    """The application with its store open.

    Start-up and end run in a task of their own, as under a server, where what one task sets in
    its context does not reach the others.
    """
    app = application(settings)
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await over.wait()

    life = asyncio.create_task(live())
    ready = asyncio.create_task(started.wait())
    await asyncio.wait({life, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not life.done():
            yield Web(Frame(app, settings=settings), settings)
    finally:
        over.set()
        ready.cancel()
        await life


@dataclass(frozen=True)
class Route:
    """One method at one path, and who may call it."""

    method: str
    path: str
    permission: str
    needs_login: bool
    is_public: bool
    needs_holder: bool = False


def routes(app: Litestar) -> list[Route]:
    """Every route of the application that a handler of ours or the framework's answers."""
    found = []
    for http in (route for route in app.routes if hasattr(route, "route_handlers")):
        for handler in http.route_handlers:
            standing = [guard for layer in handler.ownership_layers for guard in layer.guards or ()]
            permission = next((g.permission for g in standing if hasattr(g, "permission")), "")
            needs_login = bool(permission) or guards.require_login in standing
            is_public = guards.PUBLIC.items() <= handler.opt.items()
            needs_holder = holders.require_holder in standing
            found += [
                Route(method, http.path, permission, needs_login, is_public, needs_holder)
                for method in sorted(handler.http_methods - {"OPTIONS"})
            ]
    return found
