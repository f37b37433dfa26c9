"""A village's settings as a screen: scheme, posting, what is kept of ID numbers."""

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from api import errors, guards, locale, render
from foundation.errors import Refusal
from households import regions, settings
from points.scheme import Scheme


class SchemeForm(msgspec.Struct):
    """The scheme, as typed."""

    base_points: str = ""
    posted_first_n: str = ""
    posted_period: str = ""
    display_days: str = ""
    stars: str = ""
    objection: str = ""
    contact: str = ""
    publisher: str = ""
    supervisor: str = ""


class RegisterForm(msgspec.Struct):
    """How ID numbers are treated, as typed."""

    keep_id_numbers: str = ""
    id_purpose: str = ""


class SettingPages(Controller):
    """Settings of the villages within reach."""

    path = "/settings"

    @get("/", guards=[guards.may("settings.write")])
    async def show(self, request: Request, village: FromQuery[str] = "") -> Response:
        """The settings of one village, the reader's own unless one is named."""
        places = await regions.villages(request.user, "settings.write")
        if not places:
            return Redirect("/")
        return await _page(request, village or request.user.village or places[0].code)

    @post("/{village:str}/scheme", guards=[guards.may("settings.write")])
    async def change_scheme(
        self, request: Request, village: FromPath[str], data: URLEncodedBody[SchemeForm]
    ) -> Response:
        """Replace the scheme; a refused form keeps what was typed."""
        typed = msgspec.structs.asdict(data)
        try:
            stars = [int(part) for part in data.stars.replace("，", ",").split(",") if part.strip()]
            scheme = msgspec.convert({**typed, "stars": stars}, Scheme, strict=False)
        except (ValueError, msgspec.ValidationError) as error:
            said = locale.text("有一项超出了范围：%(why)s", why=error)
            return await _page(request, village, scheme=typed, problems={"scheme": said})
        await settings.write(village, scheme, by=request.user)
        return render.go(f"/settings?village={village}", done=locale.text("评分方案已保存。"))

    @post("/{village:str}/register", guards=[guards.may("settings.write")])
    async def change_register(
        self, request: Request, village: FromPath[str], data: URLEncodedBody[RegisterForm]
    ) -> Response:
        """Decide what is kept of ID numbers."""
        wanted = settings.RegisterSettings(
            keep_id_numbers=bool(data.keep_id_numbers), id_purpose=data.id_purpose.strip()
        )
        try:
            await settings.write(village, wanted, by=request.user)
        except Refusal as refusal:
            said = {"id_purpose": errors.message(refusal)}
            typed = msgspec.structs.asdict(data)
            return await _page(request, village, register=typed, problems=said)
        return render.go(f"/settings?village={village}", done=locale.text("农户册设置已保存。"))


async def _page(
    request: Request,
    village: str,
    *,
    scheme: dict[str, str] | None = None,
    register: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    region = await regions.find(village, actor=request.user, permission="settings.write")
    kept = await settings.read(village, Scheme)
    kept_register = await settings.read(village, settings.RegisterSettings)
    stars = ", ".join(str(points) for points in kept.stars)
    places = await regions.villages(request.user, "settings.write")
    return render.page(
        request,
        "settings.html",
        status=400 if problems else 200,
        village={"code": region.code, "name": region.name},
        villages=[{"value": place.code, "label": place.name} for place in places],
        scheme=scheme or {**msgspec.structs.asdict(kept), "stars": stars},
        register=register or msgspec.structs.asdict(kept_register),
        errors=problems or {},
    )
