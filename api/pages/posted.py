"""The public page of a posted list: open to everybody, checked in the reader's own browser."""

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from api import guards, render, wording
from points import published
from points.period import Period


class PostedPages(Controller):
    """What the QR on the wall leads to."""

    path = "/p"
    opt = guards.PUBLIC

    @get("/{serial:str}")
    async def posted(self, request: Request, serial: FromPath[str]) -> Response:
        """The frozen snapshot as its exact text, and the rows that may still be shown."""
        page = await published.page(serial)
        over = page.view.state != "shown"
        return render.page(
            request,
            "posted.html",
            posted={
                "header": page.view.header,
                "snapshot": page.snapshot,
                "rows": [] if over else page.lines,
                "is_over": over,
                "superseded_by": page.view.superseded_by,
                "period_label": wording.named(Period(page.view.header.period)),
            },
        )
