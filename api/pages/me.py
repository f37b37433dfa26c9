"""One's own page: duties, password, open log-ins, and the log of what one did."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from api import devices, errors, guards, locale, render
from api.pages.audit import shown
from api.v1.audit import DateFrom, day
from foundation import clock, trail
from foundation.errors import Refusal
from foundation.trail import Wanted
from households import duties, officials, sessions
from households.models import Official


class PasswordForm(msgspec.Struct):
    """A change of one's own password."""

    old: str = ""
    new: str = ""
    again: str = ""


class MePages(Controller):
    """For whoever is logged in, about himself alone."""

    path = "/me"

    @get("/", guards=[guards.require_login])
    async def me(self, request: Request) -> Response:
        """One's own duties and the form for another password."""
        return await _me_page(request, {})

    @post("/", guards=[guards.require_login])
    async def change_password(
        self, request: Request, data: URLEncodedBody[PasswordForm]
    ) -> Response:
        """Change one's own password; all sessions end and one logs in anew."""
        if data.new != data.again:
            return await _me_page(request, {"again": locale.text("两次输入的新密码不一样。")})
        try:
            fits = await officials.change_password(request.user, old=data.old, new=data.new)
        except Refusal as refusal:
            return await _me_page(request, {"new": errors.message(refusal)})
        if not fits:
            return await _me_page(request, {"old": locale.text("原密码不对。")})
        return render.go("/login", done=locale.text("密码已改好，请用新密码登录。"))

    @post("/sessions/end", guards=[guards.require_login])
    async def end_others(self, request: Request) -> Response:
        """End one's own log-ins elsewhere."""
        ended = await sessions.end_others(request.user, this=request.auth.id)
        return render.go("/me", done=locale.text("已退出别处的 %(n)s 个登录。", n=ended))

    @get("/log", guards=[guards.require_login])
    async def log(
        self,
        request: Request,
        since: DateFrom = "",
        until: FromQuery[str] = "",
        after: FromQuery[str] = "",
    ) -> Response:
        """What one did, newest first."""
        label = [request.user.label]
        wanted = Wanted(actors=label, first=day(since), last=day(until))
        found = await trail.page(None, wanted, cursor=after)
        query = {"from": since, "until": until, "after": found.next}
        asked = urlencode({name: value for name, value in query.items() if value})
        return render.page(
            request,
            "my_log.html",
            rows=await shown(found.lines, actor=request.user),
            more=f"/me/log?{asked}" if found.next else None,
            form={"from": since, "until": until},
        )


async def _me_page(request: Request, problems: dict[str, str]) -> Response:
    official = await Official.get(id=request.user.id)
    return render.page(
        request,
        "me.html",
        status=400 if problems else 200,
        form={},
        errors=problems,
        must_change=request.auth.must_change_password,
        duties=await duties.shown(official),
        sessions=[_login(one) for one in await sessions.of(request.user, this=request.auth.id)],
    )


def _login(one: sessions.LogIn) -> dict[str, Any]:
    return {
        "device": devices.name(one.device),
        "since": clock.local(one.since),
        "used": clock.local(one.used),
        "is_this": one.is_this,
    }
