"""Taking in what stand-alone villages hand over: a signed file, and once a call about its key."""

import base64
import binascii
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import MultipartBody, URLEncodedBody

from api import errors, guards, locale, packets, render, wording
from foundation import clock
from foundation.errors import Refusal
from households import directory
from points import incoming, signers
from points.errors import NotAPublicationFile
from points.incoming import Waiting
from points.period import Period


class FileForm(msgspec.Struct):
    """The file that a village handed over."""

    file: UploadFile


class ConfirmForm(msgspec.Struct):
    """The same file once more, and the key that the village read out."""

    file: str = ""
    key: str = ""
    heard: str = ""


class WithdrawForm(msgspec.Struct):
    """The village whose key is no longer to be believed."""

    village: str = ""


class IncomingPages(Controller):
    """Signed files of villages that keep their books elsewhere."""

    path = "/publications/import"

    @get("/", guards=[guards.may("publications.receive")])
    async def show(self, request: Request) -> Response:
        """Where a file is handed in, and whose keys are confirmed."""
        return await _page(request)

    @post("/", guards=[guards.may("publications.receive")])
    async def hand_in(self, request: Request, data: MultipartBody[FileForm]) -> Response:
        """Take a file in, or ask for the call that its village's first file needs."""
        content = await data.file.read()
        try:
            waits = await incoming.waiting(content, by=request.user)
            if waits is not None:
                return await _page(request, content=content, waits=waits)
            return await _taken_in(request, content)
        except Refusal as refusal:
            return await _page(request, problem=errors.message(refusal))

    @post("/confirm", guards=[guards.may("publications.receive")])
    async def confirm(self, request: Request, data: URLEncodedBody[ConfirmForm]) -> Response:
        """Take a village's first file in under the key that was compared by telephone."""
        content = b""
        try:
            content = _decoded(data.file)
            waits = await incoming.waiting(content, by=request.user)
            if waits is not None and not data.heard:
                return await _page(request, content=content, waits=waits, unheard=True)
            return await _taken_in(request, content, confirm=data.key)
        except Refusal as refusal:
            return await _page(request, problem=errors.message(refusal))

    @post("/withdraw", guards=[guards.may("publications.receive")])
    async def withdraw(self, request: Request, data: URLEncodedBody[WithdrawForm]) -> Response:
        """Believe a village's key no longer; its next file asks for a call again."""
        await signers.withdraw(data.village, by=request.user)
        return render.go("/publications/import", done=locale.text("已撤销，下次要重新打电话核实。"))


def _decoded(file: str) -> bytes:
    try:
        return base64.b64decode(file, validate=True)
    except (binascii.Error, ValueError):
        raise NotAPublicationFile(reason="base64") from None


async def _taken_in(request: Request, content: bytes, *, confirm: str = "") -> Response:
    done = await incoming.take_in(content, by=request.user, confirm=confirm)
    packets.render_after(request, done.serial)
    said = (
        locale.text(
            "已收下%(village)s报来的榜，共 %(n)s 户。", village=done.village_name, n=done.rows
        )
        if done.new
        else locale.text("这张榜以前收过，内容一样，没有重复存。")
    )
    return render.go(f"/publications/{done.serial}", done=said)


async def _page(
    request: Request,
    *,
    content: bytes = b"",
    waits: Waiting | None = None,
    unheard: bool = False,
    problem: str = "",
) -> Response:
    known = await signers.confirmed(request.user)
    people = await directory.names([one.confirmed_by for one in known])
    return render.page(
        request,
        "publication_import.html",
        status=400 if problem or unheard else 200,
        problem=problem or None,
        waits=_waits(waits) if waits else None,
        file=base64.b64encode(content).decode() if waits else "",
        errors={"heard": locale.text("请先打电话核对，再打勾。")} if unheard else {},
        signers=[
            {
                "village": one.village,
                "village_name": one.village_name,
                "spoken": one.spoken,
                "confirmed_at": clock.local(one.confirmed_at),
                "confirmed_by": people.get(one.confirmed_by, one.confirmed_by),
            }
            for one in known
        ],
    )


def _waits(waits: Waiting) -> dict[str, Any]:
    period = wording.named(Period(waits.period))
    return {**msgspec.structs.asdict(waits), "period_label": period}
