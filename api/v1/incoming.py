"""Signed files of stand-alone villages for programs, and the keys they are signed with."""

import msgspec
from litestar import Controller, Request, get, post
from litestar.params import JSONBody

from api import guards, packets
from points import incoming, signers
from points.incoming import Received
from points.signers import Signer


class FileIn(msgspec.Struct, forbid_unknown_fields=True):
    """A signed file in base64; `confirm` is its key's id as the village read it out."""

    file: bytes
    confirm: str = ""


class SignerIn(msgspec.Struct, forbid_unknown_fields=True):
    """The village whose key is no longer to be believed."""

    village: str


class IncomingController(Controller):
    """Lists of villages that keep their books elsewhere."""

    path = "/publications"
    tags = ("publications",)

    @post("/imports", status_code=200, guards=[guards.may("publications.receive")])
    async def take_in(self, request: Request, data: JSONBody[FileIn]) -> Received:
        """Take a signed file in; a village's first one needs its key confirmed."""
        done = await incoming.take_in(data.file, by=request.user, confirm=data.confirm)
        packets.render_after(request, done.serial)
        return done

    @get("/signers", guards=[guards.may("publications.receive")])
    async def confirmed(self, request: Request) -> list[Signer]:
        """The confirmed keys of the villages within reach."""
        return await signers.confirmed(request.user)

    @post("/signers/withdrawals", status_code=204, guards=[guards.may("publications.receive")])
    async def withdraw(self, request: Request, data: JSONBody[SignerIn]) -> None:
        """Believe a village's key no longer; its next file needs a confirmation again."""
        await signers.withdraw(data.village, by=request.user)
