"""A village's settings as a screen: scheme, posting, what is kept of ID numbers."""

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from api import errors, guards, locale, render
from foundation import clock
from foundation.errors import Refusal
from households import officials, regions, settings
from households.settings import RegisterSettings
from points import ledger
from points import scheme as scheme_
from points.passbook import PassbookSettings
from points.scheme import Scheme


class SettingForm(msgspec.Struct):
    """All settings of a village, as typed."""

    village: str = ""
    base_points: str = ""
    posted_first_n: str = ""
    posted_period: str = ""
    display_days: str = ""
    point_fen: str = "0"
    stars: str = ""
    objection: str = ""
    contact: str = ""
    publisher: str = ""
    supervisor: str = ""
    keep_id_numbers: str = ""
    id_purpose: str = ""
    show_place: str = ""
    office: str = ""
    office_phone: str = ""


class SettingPages(Controller):
    """Settings of the villages within reach."""

    path = "/settings"

    @get("/", guards=[guards.may("settings.write")])
    async def show(self, request: Request, village: FromQuery[str] = "") -> Response:
        """The settings of one village, the reader's own unless one is named."""
        places = await regions.villages(request.user, "settings.write")
        if not places:
            return Redirect("/regions")
        return await _page(request, village or request.user.village or places[0].code)

    @post("/", guards=[guards.may("settings.write")])
    async def change(self, request: Request, data: URLEncodedBody[SettingForm]) -> Response:
        """Replace the settings; a refused form keeps what was typed."""
        scheme, problems = _scheme(data)
        more, wrong = _passbook(data)
        problems |= wrong
        if scheme is None or more is None:
            return await _page(request, data.village, form=data, problems=problems)
        register = RegisterSettings(
            keep_id_numbers=bool(data.keep_id_numbers), id_purpose=data.id_purpose.strip()
        )
        try:
            await scheme_.change(data.village, scheme, register, more, by=request.user)
        except Refusal as refusal:
            said = {"id_purpose": errors.message(refusal)}
            return await _page(request, data.village, form=data, problems=said)
        return render.go(f"/settings?village={data.village}", done=locale.text("设置已保存。"))

    @post("/base", guards=[guards.may("entries.base")])
    async def grant_base(self, request: Request, data: URLEncodedBody[SettingForm]) -> Response:
        """Grant this year's base points to the households that lack them."""
        granted = await ledger.grant_base(data.village, on=clock.today(), by=request.user)
        said = locale.text("已给 %(n)s 户发放今年的基础分。", n=granted)
        return render.go(f"/settings?village={data.village}", done=said)


def _scheme(form: SettingForm) -> tuple[Scheme | None, dict[str, str]]:
    """The scheme that was typed, or the fields that do not fit."""
    typed = msgspec.structs.asdict(form)
    values: dict[str, object] = {name: typed[name].strip() for name in Scheme.__struct_fields__}
    values["stars"] = form.stars.replace("，", " ").replace(",", " ").split()
    problems = {}
    for name, value in values.items():
        try:
            msgspec.convert({name: value}, Scheme, strict=False)
        except msgspec.ValidationError:
            problems[name] = locale.text("这一项不在允许的范围内。")
    return (None if problems else msgspec.convert(values, Scheme, strict=False)), problems


def _passbook(form: SettingForm) -> tuple[PassbookSettings | None, dict[str, str]]:
    """What residents are shown besides, or the field that does not fit."""
    typed = {"office": form.office.strip(), "office_phone": form.office_phone.strip()}
    problems = {}
    for name, value in typed.items():
        try:
            msgspec.convert({name: value}, PassbookSettings)
        except msgspec.ValidationError:
            problems[name] = locale.text("这一项不在允许的范围内。")
    if problems:
        return None, problems
    return PassbookSettings(show_place=bool(form.show_place), **typed), {}


async def _page(
    request: Request,
    village: str,
    *,
    form: SettingForm | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    region = await regions.find(village, actor=request.user, permission="settings.write")
    kept = await settings.read(village, Scheme)
    kept_register = await settings.read(village, RegisterSettings)
    shown = msgspec.structs.asdict(kept) | msgspec.structs.asdict(kept_register)
    shown |= msgspec.structs.asdict(await settings.read(village, PassbookSettings))
    shown["stars"] = " ".join(str(points) for points in kept.stars)
    places = await regions.villages(request.user, "settings.write")
    return render.page(
        request,
        "settings.html",
        status=400 if problems else 200,
        village={"code": region.code, "name": region.name},
        villages=[{"code": place.code, "name": place.name} for place in places],
        form=msgspec.structs.asdict(form) if form else shown,
        errors=problems or {},
        keeps_store=officials.allowed(request.user, "store.keep")
        and await officials.keeps_the_store(request.user),
        may_grant=officials.allowed(request.user, "entries.base"),
        may_open=officials.allowed(request.user, "entries.open"),
        public_url=render.settings(request).public_url or None,
    )
