"""Backups of the whole store, for who looks after all of it."""

from pathlib import Path

import msgspec
from litestar import Controller, Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.response import File

from api import backup_files, guards, recovery_sheet, render
from api.backup_files import Keeper, State
from api.v1.tokens import address_of
from foundation import backup_book
from households import officials, sessions

OPEN = [guards.may("store.keep")]


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """The hour of the daily backup on China's clock, and where copies go; empty for nowhere."""

    hour: int
    folder: str = ""


class Password(msgspec.Struct, forbid_unknown_fields=True):
    """The caller's own password, typed again."""

    password: str


class BackupController(Controller):
    """Made by themselves each day, or now; sealed under the store's key."""

    path = "/backups"
    tags = ("backups",)

    @get("/", guards=OPEN)
    async def state(self, request: Request) -> State:
        """The backups there are, the one being made, the plan, and what there is to warn of."""
        await officials.require_store(request.user)
        return await backup_files.state(keeper(request))

    @post("/", status_code=202, guards=OPEN)
    async def make(self, request: Request) -> State:
        """Make one now, unless one is being made; how far it is says `GET`."""
        await officials.require_store(request.user)
        keeper(request).start(request.app.state.background, by=request.user)
        return await backup_files.state(keeper(request))

    @put("/plan", guards=OPEN)
    async def plan(self, request: Request, data: JSONBody[Plan]) -> State:
        """Set the daily hour and the second folder."""
        await officials.require_store(request.user)
        await keeper(request).plan(hour=data.hour, copies_to=data.folder, by=request.user)
        return await backup_files.state(keeper(request))

    @post("/sheet", status_code=200, guards=OPEN)
    async def sheet(self, request: Request, data: JSONBody[Password]) -> Response[bytes]:
        """The recovery sheet as a PDF: the secret on paper, for the safe."""
        await officials.require_store(request.user)
        await sessions.confirm(request.user, data.password, address=address_of(request))
        content = await recovery_sheet.pdf(render.settings(request), by=request.user)
        return render.file(content, name="recovery-sheet.pdf")

    @get("/{file:str}", guards=OPEN)
    async def download(self, request: Request, file: FromPath[str]) -> File:
        """One backup's file, as `xiangyue restore` takes it."""
        return await taken(request, file)


def keeper(request: Request) -> Keeper:
    """Who looks after this installation's backups."""
    found: Keeper = request.app.state.keeper
    return found


async def taken(request: Request, name: str) -> File:
    """A backup as a download, which is written down first. Refuses with `BackupNotFound`."""
    await officials.require_store(request.user)
    path: Path = await keeper(request).find(name)
    await backup_book.record_download(name, by=request.user)
    return File(path, filename=name, media_type="application/octet-stream")
