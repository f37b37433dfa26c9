"""The entrance: logging in and out, the language."""

import re

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from api import auth, cookies, errors, frame, guards, kept, locale, render
from api.v1.tokens import address_of
from foundation.errors import Refusal
from households import sessions

LANGUAGE_SECONDS = 365 * 24 * 3600


class LoginForm(msgspec.Struct):
    """What the log-in form sends."""

    login: str = ""
    password: str = ""
    next: str = ""


class LanguageForm(msgspec.Struct):
    """The language to read in, and the page to go back to."""

    lang: str = ""
    next: str = ""


class EntranceController(Controller):
    """Doors that everybody may knock at, and one's own page behind them."""

    @get("/login", opt=guards.PUBLIC)
    async def login(self, request: Request, next: FromQuery[str] = "") -> Response:
        """The log-in form; who is logged in already goes on."""
        if request.user is not None:
            return Redirect(own_path(next))
        return _login_page(request, LoginForm(next=next))

    @post("/login", opt=guards.PUBLIC)
    async def log_in(self, request: Request, data: URLEncodedBody[LoginForm]) -> Response:
        """Check the password; a refused form keeps the login that was typed."""
        try:
            opened = await sessions.open_with_password(
                data.login,
                data.password,
                address=address_of(request),
                device=request.headers.get("user-agent", ""),
            )
        except Refusal as refusal:
            return _login_page(request, data, refusal=refusal)
        path = "/me" if opened.must_change_password else own_path(data.next)
        response = Redirect(path, status_code=303)
        response.cookies.extend(auth.session_cookies(opened))
        return response

    @post("/logout", guards=[guards.require_login])
    async def log_out(self, request: Request) -> Response:
        """End this session."""
        await sessions.end(request.auth.id)
        response = render.go("/login", done=locale.text("已退出登录。"))
        response.cookies.extend(auth.ended_cookies())
        return response

    @post("/language", opt=guards.PUBLIC)
    async def language(self, request: Request, data: URLEncodedBody[LanguageForm]) -> Response:
        """Read on in the other language."""
        response = Redirect(own_path(data.next), status_code=303)
        if data.lang in locale.LANGUAGES:
            response.cookies.append(
                cookies.make(frame.LANGUAGE_COOKIE, data.lang, seconds=LANGUAGE_SECONDS)
            )
        return response


def own_path(path: str) -> str:
    """The path if it leads to one of our own pages, else the first page."""
    # Browsers drop tabs and line ends from an address and read a backslash as a slash.
    odd = re.search(r"[\\\x00-\x20\x7f]", path)
    return path if path.startswith("/") and not path.startswith("//") and not odd else "/"


def _login_page(request: Request, form: LoginForm, refusal: Refusal | None = None) -> Response:
    return render.page(
        request,
        "login.html",
        status=errors.status_and_text(refusal)[0] if refusal else 200,
        form={"login": form.login},
        errors={},
        problem=errors.message(refusal) if refusal else None,
        is_kept=bool(cookies.read(request.cookies, kept.KEPT_COOKIE)),
        next=form.next,
    )
