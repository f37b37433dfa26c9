"""Pages and print: finished values in, HTML out. Templates never query and never await."""

import base64
import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.response import Redirect

from api import cookies, kept, locale, refill
from api.settings import Settings
from foundation.actors import Actor
from foundation.marking import mark as _n
from households import officials

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
FLASH_COOKIE = "xiangyue-flash"

ROLE_NAMES = {
    "clerk": _n("村文书"),
    "scorer": _n("评分员"),
    "panel_member": _n("评议员"),
    "supervisor": _n("监督委员"),
    "grid_worker": _n("网格员"),
    "group_cadre": _n("组干部"),
    "township_official": _n("镇干部"),
    "county_official": _n("县干部"),
    "auditor": _n("审计员"),
    "admin": _n("管理员"),
}

# The rooms of the menu and the permission that opens each.
ROOMS = {
    "home": "regions.read",
    "overview": "overview.read",
    "scores": "scores.write",
    "leaderboard": "leaderboard.read",
    "households": "register.read",
    "rules": "rules.read",
    "regions": "regions.read",
    "officials": "officials.read",
    "settings": "settings.write",
    "audit": "audit.read",
}

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals["_"] = locale.text


class Flash(msgspec.Struct, frozen=True):
    """What the step before did: kind "done", "error" or "wait", and one sentence."""

    kind: str
    text: str
    href: str | None = None
    link: str | None = None


def page(request: Request, template: str, /, *, status: int = 200, **context: Any) -> Response[str]:
    """A page from templates/pages, with the frame that layout.html documents."""
    around = {
        "demo": request.app.state.kind == "demo",
        "lang": locale.language.get(),
        "who": _who(request.scope.get("user")),
    }
    drawn = environment.get_template(f"pages/{template}")
    text = drawn.render(**around, flash=_flash(request), **context)
    if (typed := kept.of(request)) is not None:
        note, again = _n("这是登录断开前您填的内容，还没有提交。请核对后再提交。"), _n("看原来填的")
        flash = Flash("wait", locale.text(note), "/kept", locale.text(again))
        text = drawn.render(**around, flash=flash, **context)
        text = refill.filled(text, action=typed.path, fields=typed.fields) or text
    response = Response(text, status_code=status, media_type="text/html")
    if cookies.read(request.cookies, FLASH_COOKIE):
        response.cookies.append(cookies.make(FLASH_COOKIE, "", seconds=0))
    return response


def error(
    request: Request, *, status: int, detail: str, number: str | None = None
) -> Response[str]:
    """The page of a refusal that has no form to go back to."""
    titles = {
        403: _n("不能这样做"),
        404: _n("没有找到"),
        413: _n("太大了"),
        429: _n("请稍等"),
        500: _n("出错了"),
    }
    otherwise = _n("没有办成")
    return page(
        request,
        "error.html",
        status=status,
        title=locale.text(titles.get(status, otherwise)),
        detail=detail,
        steps=[],
        back=None,
        number=number,
    )


def document(template: str, /, **context: Any) -> str:
    """The HTML of a printable from templates/print."""
    return environment.get_template(f"print/{template}").render(
        lang=locale.language.get(), **context
    )


def go(path: str, *, done: str = "", problem: str = "") -> Redirect:
    """On to another page after a form, with a sentence about what was done or refused."""
    response = Redirect(path, status_code=303)
    said = Flash("done", done) if done else Flash("error", problem) if problem else None
    if said:
        value = base64.urlsafe_b64encode(msgspec.json.encode(said)).decode()
        response.cookies.append(cookies.make(FLASH_COOKIE, value, seconds=60))
    return response


def plain(facts: Any) -> Any:
    """Facts as JSON can carry them."""
    return msgspec.to_builtins(facts, builtin_types=(), enc_hook=str, str_keys=True)


def settings(request: Request) -> Settings:
    """The settings that this process was started with."""
    found: Settings = request.app.state.settings
    return found


def _flash(request: Request) -> Flash | None:
    kept = cookies.read(request.cookies, FLASH_COOKIE)
    if not kept:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(kept), type=Flash)
    except (ValueError, msgspec.MsgspecError):
        return None


def _who(actor: Actor | None) -> dict[str, Any] | None:
    if actor is None or not actor.duties:
        return None
    duty = max(actor.duties, key=lambda held: len(held.path))
    return {
        "name": actor.name,
        "login": actor.login,
        "role_name": locale.text(ROLE_NAMES[duty.role]),
        "region_name": duty.name,
        "rooms": _rooms(actor),
    }


def _rooms(actor: Actor) -> list[str]:
    """The rooms open to an official; who looks after several villages begins with all of them."""
    rooms = [room for room, needed in ROOMS.items() if officials.allowed(actor, needed)]
    serves_one = all(not duty.region.endswith("000") for duty in actor.duties)
    left_out = "overview" if serves_one else "home" if "overview" in rooms else ""
    return [room for room in rooms if room != left_out]


def pager(request: Request, *, page: int, total: int, size: int) -> dict[str, Any]:
    """Where one is in a list of `total` rows, `size` a page, and the addresses around it."""
    pages = max(1, -(-total // size))

    def at(number: int) -> str:
        asked = {k: v for k, v in request.query_params.items() if k != "page" and v}
        return f"{request.url.path}?{urlencode({**asked, 'page': number})}"

    return {
        "page": page,
        "pages": pages,
        "total": total,
        "prev": at(page - 1) if page > 1 else None,
        "next": at(page + 1) if page < pages else None,
    }


# Named here and not asked of the machine, whose own table may lack them.
MEDIA_TYPES = {
    "csv": "text/csv",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xyp": "application/octet-stream",
    "zip": "application/zip",
}


def file(
    content: bytes, *, name: str, inline: bool = False, media_type: str = ""
) -> Response[bytes]:
    """A file to look at (`inline`) or to keep, under a name that may be Chinese."""
    told = media_type or MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "")
    how = "inline" if inline else "attachment"
    return Response(
        content,
        media_type=told or mimetypes.guess_type(name)[0] or "application/octet-stream",
        headers={"content-disposition": f"{how}; filename*=UTF-8''{quote(name)}"},
    )
