"""The entrance: logging in and out, one's own password, the language."""

import re

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect

from api import auth, cookies, errors, frame, guards, kept, locale, render
from api.v1.tokens import address_of
from foundation.errors import Refusal
from households import officials, sessions

LANGUAGE_SECONDS = 365 * 24 * 3600


class LoginForm(msgspec.Struct):
    """What the log-in form sends."""

    login: str = ""
    password: str = ""
    next: str = ""


class PasswordForm(msgspec.Struct):
    """A change of one's own password."""

    old: str = ""
    new: str = ""
    again: str = ""


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

    @get("/me", guards=[guards.require_login])
    async def me(self, request: Request) -> Response:
        """One's own duties and the form for another password."""
        return _me_page(request, {})

    @post("/me", guards=[guards.require_login])
    async def change_password(
        self, request: Request, data: URLEncodedBody[PasswordForm]
    ) -> Response:
        """Change one's own password; all sessions end and one logs in anew."""
        if data.new != data.again:
            return _me_page(request, {"again": locale.text("两次输入的新密码不一样。")})
        try:
            fits = await officials.change_password(request.user, old=data.old, new=data.new)
        except Refusal as refusal:
            return _me_page(request, {"new": errors.message(refusal)})
        if not fits:
            return _me_page(request, {"old": locale.text("原密码不对。")})
        return render.go("/login", done=locale.text("密码已改好，请用新密码登录。"))

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


def _me_page(request: Request, problems: dict[str, str]) -> Response:
    return render.page(
        request,
        "me.html",
        status=400 if problems else 200,
        form={},
        errors=problems,
        must_change=request.auth.must_change_password,
    )
