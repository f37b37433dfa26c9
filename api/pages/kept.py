"""What was typed when the session had ended, to look at, to send as it is, or to drop."""

from litestar import Controller, Request, Response, get, post

from api import guards, kept, locale, render
from foundation import clock
from households import kept_forms


class KeptPages(Controller):
    """One's own kept form, if there is one."""

    path = "/kept"

    @get("/", guards=[guards.require_login])
    async def show(self, request: Request) -> Response:
        """Its fields as they were typed."""
        found = await kept_forms.find(request.user.id)
        return render.page(
            request,
            "kept.html",
            form=found and {"path": found.path, "page": found.page, "fields": found.fields},
            at=found and clock.local(found.at),
        )

    @post("/drop", guards=[guards.require_login])
    async def drop(self, request: Request) -> Response:
        """Drop it."""
        await kept_forms.forget(request.user.id)
        response = render.go("/", done=locale.text("已丢掉，没有提交。"))
        response.cookies.append(kept.kept_cookie(gone=True))
        return response
