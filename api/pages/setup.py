"""The first run of a real store: divisions, village, scheme, first administrator."""

from datetime import date, timedelta

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from api import errors, guards, locale, render, wording
from api.demo import places
from foundation import clock
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households.models import Region
from points import founding
from points.errors import SetupCodeWrong
from rules import starters


class DivisionsForm(msgspec.Struct):
    """Divisions that come with the program, or a csv file of others."""

    file: UploadFile | None = None
    bundled: str = ""
    code: str = ""


class FoundingForm(msgspec.Struct):
    """The village, its scheme and its first administrator, as typed."""

    code: str = ""
    village: str = ""
    starter: str = ""
    login: str = ""
    name: str = ""
    password: str = ""
    again: str = ""


class SetupController(Controller):
    """Open to everybody who can read the terminal, and only until somebody has a login."""

    path = "/setup"
    opt = guards.PUBLIC

    @get("/")
    async def setup(self, request: Request, code: FromQuery[str] = "") -> Response:
        """First the divisions, then everything else."""
        if not await founding.is_open():
            return Redirect("/login")
        return await _page(request, FoundingForm(code=code), {})

    @post("/divisions")
    async def divisions(self, request: Request, data: MultipartBody[DivisionsForm]) -> Response:
        """Take the divisions in."""
        if not await founding.is_open():
            return Redirect("/login", status_code=303)
        form = FoundingForm(code=data.code)
        try:
            content = await _content(data)
            outcome = await founding.import_divisions(content, code=data.code)
        except Refusal as refusal:
            field = "code" if isinstance(refusal, SetupCodeWrong) else "file"
            return await _page(request, form, {field: errors.message(refusal)})
        if outcome.problems:
            first = outcome.problems[0]
            said = locale.text(
                "已导入 %(n)s 个区划；%(bad)s 行没有导入，第一处在第 %(row)s 行：%(why)s",
                n=outcome.created + outcome.updated,
                bad=len(outcome.problems),
                row=first.row,
                why=locale.text(first.message),
            )
            return await _page(request, form, {"file": said})
        return await _page(request, form, {})

    @post("/")
    async def begin(self, request: Request, data: URLEncodedBody[FoundingForm]) -> Response:
        """Found the village; a refused form keeps everything but the passwords."""
        if not await founding.is_open():
            return Redirect("/login", status_code=303)
        problems = _missing(data)
        if not problems:
            try:
                await founding.begin(_founding(data), code=data.code)
            except Refusal as refusal:
                problems = {_field_of(refusal): errors.message(refusal)}
        if problems:
            return await _page(request, data, problems)
        return render.go("/login", done=locale.text("村已建好，请用刚才的用户名登录。"))


BUNDLED = {"changwu": _n("陕西省长武县")}


async def _content(form: DivisionsForm) -> bytes:
    if form.bundled in BUNDLED:
        return places.content()
    return await form.file.read() if form.file else b""


def _rules_from() -> date:
    """The first day of last month: on the first evening last month's sheet is scored."""
    return (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)


def _missing(form: FoundingForm) -> dict[str, str]:
    problems = {
        name: locale.text("这里要填。")
        for name in ("code", "village", "starter", "login", "name", "password")
        if not getattr(form, name).strip()
    }
    if form.password != form.again:
        problems["again"] = locale.text("两次输入的密码不一样。")
    if form.starter and form.starter not in starters.names():
        problems["starter"] = locale.text("请选一种方案。")
    return problems


def _founding(form: FoundingForm) -> founding.Founding:
    return founding.Founding(
        village=form.village,
        starter=form.starter,
        login=form.login,
        name=form.name,
        password=form.password,
        rules_from=_rules_from(),
    )


def _field_of(refusal: Refusal) -> str:
    return {
        "SetupCodeWrong": "code",
        "RegionNotFound": "village",
        "PasswordWeak": "password",
    }.get(type(refusal).__name__, "village")


async def _page(request: Request, form: FoundingForm, problems: dict[str, str]) -> Response:
    seen = await Region.filter(level__in=("township", "village")).order_by("path")
    return render.page(
        request,
        "setup.html",
        status=400 if problems else 200,
        divisions=await Region.all().count(),
        bundled=[{"value": key, "label": locale.text(name)} for key, name in BUNDLED.items()],
        villages=[
            {"code": r.code, "name": r.name, "depth": int(r.level == "village")} for r in seen
        ],
        starters=[
            {
                "value": name,
                "label": wording.suits(book),
                "hint": locale.text(
                    "%(c)s 条，%(i)s 项评分细则，基础分 %(b)s",
                    c=len(book.clauses),
                    i=len(book.items),
                    b=book.settings.base_points,
                ),
            }
            for name, book in ((name, starters.load(name)) for name in starters.names())
        ],
        code_needed=True,
        form={**msgspec.structs.asdict(form), "password": "", "again": ""},
        errors=problems,
    )
