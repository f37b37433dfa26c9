"""Backups and keys as a screen, for who looks after the whole store."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import File

from api import backup_files, errors, guards, locale, recovery_sheet, render
from api.v1.backups import keeper, taken
from api.v1.tokens import address_of
from foundation import backup_book, clock
from foundation.errors import BackupPlanRefused
from households import officials, sessions
from households.errors import LoginRefused, LoginSlowed

OPEN = [guards.may("store.keep")]
HOME = "/settings/backups"


class PlanForm(msgspec.Struct):
    """When, and where copies go."""

    hour: int = backup_book.HOUR
    folder: str = ""


class SheetForm(msgspec.Struct):
    """The reader's own password, typed again."""

    password: str = ""


class BackupPages(Controller):
    """Backups: made by themselves and by hand, taken away, and the sheet for the safe."""

    path = HOME

    @get("/", guards=OPEN)
    async def show(self, request: Request) -> Response:
        """The backups there are, and what there is to warn of."""
        return await _page(request)

    @post("/", guards=OPEN)
    async def make(self, request: Request) -> Response:
        """Make one now; the page shows how far it is."""
        await officials.require_store(request.user)
        keeper(request).start(request.app.state.background, by=request.user)
        return render.go(HOME)

    @post("/plan", guards=OPEN)
    async def plan(self, request: Request, data: URLEncodedBody[PlanForm]) -> Response:
        """Set the daily hour and the second folder."""
        await officials.require_store(request.user)
        folder = data.folder.strip()
        try:
            await keeper(request).plan(hour=data.hour, copies_to=folder, by=request.user)
        except BackupPlanRefused as refusal:
            field = "hour" if refusal.reason == "hour" else "folder"
            return await _page(request, form=data, problems={field: errors.message(refusal)})
        return render.go(HOME, done=locale.text("备份计划已保存。"))

    @post("/sheet", guards=OPEN)
    async def sheet(self, request: Request, data: URLEncodedBody[SheetForm]) -> Response:
        """The recovery sheet as a PDF, for who types his password again."""
        await officials.require_store(request.user)
        try:
            await sessions.confirm(request.user, data.password, address=address_of(request))
        except (LoginRefused, LoginSlowed) as refusal:
            said = errors.message(refusal)
            if isinstance(refusal, LoginRefused):
                said = locale.text("密码不对，没有打印。")
            return await _page(request, problems={"password": said})
        settings = render.settings(request)
        content = await recovery_sheet.pdf(settings, by=request.user)
        return render.file(content, name=f"{locale.text('密钥恢复单')}.pdf")

    @get("/{file:str}", guards=OPEN)
    async def download(self, request: Request, file: FromPath[str]) -> File:
        """One backup, to be taken away."""
        return await taken(request, file)


async def _page(
    request: Request, *, form: PlanForm | None = None, problems: dict[str, str] | None = None
) -> Response:
    await officials.require_store(request.user)
    state = await backup_files.state(keeper(request))
    shown = msgspec.structs.asdict(form) if form else {"hour": state.hour, "folder": state.folder}
    return render.page(
        request,
        "backups.html",
        status=400 if problems else 200,
        state=state,
        rows=[_shown(one) for one in state.backups],
        warnings=[locale.text(backup_files.WORDS[one]) for one in state.warnings],
        failure=backup_files.sentence(state.failure) if state.failure else "",
        left_at=clock.local(state.left_at) if state.left_at else None,
        form=shown,
        errors=problems or {},
    )


def _shown(one: backup_files.Listed) -> dict[str, Any]:
    return {
        "file": one.file,
        "made_at": clock.local(one.made_at),
        "size": f"{one.size / 1024**2:.1f} MB",
        "checked": one.checked,
        "copied": one.copied,
    }
