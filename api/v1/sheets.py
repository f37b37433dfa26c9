"""Month sheets once they are posted: who posted what with one, and taking all of it back."""

from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.params import FromPath, JSONBody

from api import guards
from api.v1.entries import ReversalIn
from points import posted_sheets
from points.posted_sheets import PostedSheet, SheetReversal


class SheetController(Controller):
    """A posted sheet by the id that was made when it was pressed."""

    path = "/scores/sheets"
    tags = ("scores",)

    @get("/{sheet_id:uuid}", guards=[guards.may("entries.read")])
    async def view(self, request: Request, sheet_id: FromPath[UUID]) -> PostedSheet:
        """The sheet as it stands now, household by household."""
        return await posted_sheets.view(sheet_id, actor=request.user)

    @post("/{sheet_id:uuid}/reversal", status_code=200, guards=[guards.may("entries.reverse")])
    async def reverse(
        self, request: Request, sheet_id: FromPath[UUID], data: JSONBody[ReversalIn]
    ) -> SheetReversal:
        """Take back what still stands of it; the same id again changes nothing."""
        return await posted_sheets.reverse(
            sheet_id, id=data.id, reason=data.reason, by=request.user
        )
