"""The application in this process, in its frame, as browsers and programs reach it.

No socket and no server: requests run in the test's own loop. What only a real server shows is
tested with `servers.program`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import factories
import httpx

from api.app import application
from api.frame import Frame
from api.settings import Settings
from households import officials

PASSWORD = "throw away 99"


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
        login = f"{role}-{region}-{uuid4().hex[:4]}"
        await officials.create(
            login,
            name="王秋实",
            role=role,
            region=region,
            password=PASSWORD,
            household_id=household,
            must_change_password=False,
            by=factories.OPERATOR,
        )
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
