"""Who is asking: a session in cookies for browsers, a bearer token for programs.

A session is a 15-minute signed token and, for browsers, a refresh token of which each is used
once. The session is looked up on every request, so log-out, a reset and a change of role take
hold at once. Tokens never appear in addresses.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import Message, Scope

from api.settings import Settings
from foundation import clock, keys
from foundation.actors import Actor
from households import sessions
from households.errors import SessionEnded

TOKEN_MINUTES = 15
ISSUER = "xiangyue"
AUDIENCE = "xiangyue:officials"
ALGORITHM = "HS256"


class Session(msgspec.Struct, frozen=True):
    """The session behind a request; `by_cookie` requests must prove their origin."""

    id: UUID
    by_cookie: bool
    must_change_password: bool = False


def issue(session: UUID, *, actor: Actor) -> str:
    """A session token for 15 minutes; `typ` keeps other kinds of token from passing as one."""
    now = clock.now()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": "session",
        "sub": str(actor.id),
        "sid": str(session),
        "iat": now,
        "exp": now + timedelta(minutes=TOKEN_MINUTES),
    }
    return jwt.encode(claims, keys.ring().current.tokens, algorithm=ALGORITHM)


def session_of(token: str) -> UUID | None:
    """The session that a token belongs to, or None when it is not a valid session token."""
    try:
        claims = jwt.decode(
            token,
            keys.ring().current.tokens,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "aud", "iss", "sub", "typ", "sid"]},
        )
    except jwt.InvalidTokenError:
        return None
    if claims["typ"] != "session":
        return None
    return UUID(claims["sid"])


def cookie_names(settings: Settings) -> tuple[str, str]:
    """The names of the session and refresh cookies: `__Host-` exactly where it is https."""
    prefix = "__Host-" if settings.is_https else ""
    return f"{prefix}xiangyue", f"{prefix}xiangyue-refresh"


def cookies(settings: Settings, opened: sessions.Opened) -> list[Cookie]:
    """The cookies that carry an open session."""
    session_name, refresh_name = cookie_names(settings)
    made = [
        _cookie(
            settings,
            session_name,
            issue(opened.session, actor=opened.actor),
            seconds=TOKEN_MINUTES * 60,
        )
    ]
    if opened.token:
        value = f"{opened.session}.{opened.token}"
        made.append(_cookie(settings, refresh_name, value, seconds=sessions.SESSION_HOURS * 3600))
    return made


def expired_cookies(settings: Settings) -> list[Cookie]:
    """The cookies that end a session in the browser."""
    return [_cookie(settings, name, "", seconds=0) for name in cookie_names(settings)]


def _cookie(settings: Settings, name: str, value: str, *, seconds: int) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the actor into `request.user`, or None; guards decide whether that is enough."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        header = connection.headers.get("authorization", "")
        if header.lower().startswith("bearer "):
            return await _result(session_of(header[7:].strip()), by_cookie=False)
        settings: Settings = connection.app.state.settings
        session_name, refresh_name = cookie_names(settings)
        session = session_of(connection.cookies.get(session_name, ""))
        if session is not None:
            return await _result(session, by_cookie=True)
        return await _refreshed(connection, settings, connection.cookies.get(refresh_name, ""))


async def _result(session: UUID | None, *, by_cookie: bool) -> AuthenticationResult:
    if session is None:
        return AuthenticationResult(user=None, auth=None)
    try:
        actor, must_change = await sessions.actor_of(session)
    except SessionEnded:
        return AuthenticationResult(user=None, auth=None)
    return AuthenticationResult(user=actor, auth=Session(session, by_cookie, must_change))


async def _refreshed(
    connection: ASGIConnection[Any, Any, Any, Any], settings: Settings, value: str
) -> AuthenticationResult:
    try:
        opened = await sessions.refresh(*sessions.split(value))
    except SessionEnded:
        return AuthenticationResult(user=None, auth=None)
    connection.scope["state"]["renewed_cookies"] = cookies(settings, opened)
    return AuthenticationResult(
        user=opened.actor, auth=Session(opened.session, True, opened.must_change_password)
    )


async def send_renewed_cookies(message: Message, scope: Scope) -> None:
    """Add the cookies of a session that was renewed on this request to its response."""
    if message["type"] != "http.response.start":
        return
    for cookie in scope["state"].get("renewed_cookies", []):
        header = (b"set-cookie", cookie.to_header(header="").encode())
        message["headers"] = [*message.get("headers", []), header]
