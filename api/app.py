"""The application: its routes, what stands before them, and the store behind them."""

import asyncio
import ctypes
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.status_codes import HTTP_404_NOT_FOUND
from tortoise.exceptions import ValidationError

from api import (
    answers,
    auth,
    backup_files,
    description,
    guards,
    logs,
    pages,
    printing,
    store,
    tick,
    v1,
)
from api import settings as settings_
from api.frame import Frame
from api.render import TEMPLATES
from api.revalidation import Revalidation
from api.settings import Settings
from foundation import audit
from foundation.errors import Refusal
from households import batches, kept_forms
from points import evidence

PR_SET_PDEATHSIG = 1  # prctl(2), Linux: the signal a process gets when its parent ends
BODY_SIZE_MAX = 25 * 1024 * 1024
ASSET_FOLDERS = ("css", "js", "vendor")


class OwnSwagger(OpenAPIRenderPlugin):
    """The API's page with our own copy of Swagger UI: no inline script, no foreign host."""

    def render(self, request: Request, openapi_schema: dict[str, Any]) -> bytes:
        return (TEMPLATES / "pages" / "openapi.html").read_bytes()


def _no_such_page(response: Response) -> Response:
    """Instead of the framework's own page for addresses unknown below /api/v1: problem details."""
    if response.status_code == HTTP_404_NOT_FOUND:
        raise NotFoundException
    return response


def application(settings: Settings, *, warm: bool = False) -> Litestar:
    """The Litestar application for these settings; it opens the store when it starts.

    With `warm` a renderer is made ready meanwhile, so that the first print need not wait.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with store.opened(settings, write=True):
            app.state.kind = await store.kind()
            app.state.keeper = backup_files.Keeper(settings)
            each_hour = partial(_round, app)
            async with _printing(warm=warm), tick.running(each_hour=each_hour) as background:
                app.state.background = background
                for batch in await batches.unread():
                    background.start("import", partial(batches.read, batch))
                yield

    app = Litestar(
        route_handlers=[
            Router("/api/v1", route_handlers=v1.HANDLERS, middleware=[Revalidation()]),
            Router("/", route_handlers=pages.HANDLERS, include_in_schema=False),
            *(_assets(folder) for folder in ASSET_FOLDERS),
        ],
        lifespan=[lifespan],
        state=State({"settings": settings, "kind": None}),
        middleware=[
            DefineMiddleware(auth.Authentication, exclude="^/assets/"),
        ],
        guards=[guards.same_origin],
        before_request=guards.refuse_null,
        exception_handlers={
            Refusal: answers.on_refusal,
            HTTPException: answers.on_http,
            ValidationError: answers.on_unfit,
            Exception: answers.on_bug,
        },
        before_send=[auth.send_renewed_cookies],
        request_max_body_size=BODY_SIZE_MAX,
        openapi_config=OpenAPIConfig(
            title="乡约 Xiangyue",
            version="1",
            description=(
                "How to use it, with exchanges that are run by the tests: docs/api.md. "
                "How it is asked again, paged, followed, and what refusals mean stands there too."
            ),
            use_handler_docstrings=True,
            openapi_router=Router(
                "/api/v1", route_handlers=[], include_in_schema=False, after_request=_no_such_page
            ),
            render_plugins=[OwnSwagger(path="/docs")],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
                }
            ),
            security=[{"bearer": []}],
        ),
        logging_config=None,
    )
    description.complete(app.openapi_schema)
    return app


@asynccontextmanager
async def _printing(*, warm: bool) -> AsyncIterator[None]:
    """The renderers, ended with the block."""
    warming = asyncio.create_task(printing.press().warm()) if warm else None
    try:
        yield
    finally:
        if warming:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
        await printing.close()


async def _round(app: Litestar) -> None:
    """What has to be looked at every hour."""
    await batches.purge()
    await kept_forms.purge()
    await evidence.purge()
    await audit.take_in(app.state.settings.data / store.AUDIT_BESIDE)
    await app.state.keeper.hourly(app.state.background)


def _assets(folder: str) -> Router:
    return create_static_files_router(
        path=f"/assets/{folder}",
        directories=[TEMPLATES / "assets" / folder],
        include_in_schema=False,
        cache_control=CacheControlHeader(max_age=3600, public=True),
        opt=guards.PUBLIC,
    )


def create() -> Frame:
    """What the server runs: the application in its frame, settings from the environment.

    Granian runs it in a worker process. Orphaned, when the parent is killed, that would keep
    the port and the store's lock from the next start: so it asks to end with its parent.
    """
    logs.configure()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    settings = settings_.load()
    frame = Frame(application(settings, warm=True), settings=settings)
    # What is loaded now stays for good. Without this every full round of the collector walks
    # through a quarter of a million objects of the program itself while requests wait.
    gc.collect()
    gc.freeze()
    return frame
