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

from api import cookies, kept
from foundation import clock, keys
from foundation.actors import Actor
from households import sessions
from households.errors import SessionEnded

TOKEN_MINUTES = 15
ISSUER = "xiangyue"
AUDIENCE = "xiangyue:officials"
ALGORITHM = "HS256"
SESSION_COOKIE = "xiangyue"
REFRESH_COOKIE = "xiangyue-refresh"


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
            # When it ends is asked below: the program has one clock, and it is not PyJWT's.
            options={
                "require": ["exp", "aud", "iss", "sub", "typ", "sid"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError:
        return None
    if claims["typ"] != "session" or claims["exp"] <= clock.now().timestamp():
        return None
    return UUID(claims["sid"])


def session_cookies(opened: sessions.Opened) -> list[Cookie]:
    """The cookies that carry an open session."""
    token = issue(opened.session, actor=opened.actor)
    made = [cookies.make(SESSION_COOKIE, token, seconds=TOKEN_MINUTES * 60)]
    if opened.token:
        value = f"{opened.session}.{opened.token}"
        made.append(cookies.make(REFRESH_COOKIE, value, seconds=sessions.SESSION_HOURS * 3600))
    if opened.actor.id is not None:
        made.append(kept.owner_cookie(opened.actor.id))
    return made


def ended_cookies() -> list[Cookie]:
    """The cookies that end a session in the browser."""
    return [cookies.make(name, "", seconds=0) for name in (SESSION_COOKIE, REFRESH_COOKIE)]


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the actor into `request.user`, or None; guards decide whether that is enough."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        header = connection.headers.get("authorization", "")
        if header.lower().startswith("bearer "):
            return await _result(session_of(header[7:].strip()), by_cookie=False)
        session = session_of(cookies.read(connection.cookies, SESSION_COOKIE))
        if session is not None:
            result = await _result(session, by_cookie=True)
        else:
            token = cookies.read(connection.cookies, REFRESH_COOKIE)
            result = await _refreshed(connection, token)
        if result.user is not None:
            await kept.find(connection, result.user.id)
        return result


async def _result(session: UUID | None, *, by_cookie: bool) -> AuthenticationResult:
    if session is None:
        return AuthenticationResult(user=None, auth=None)
    try:
        actor, must_change = await sessions.actor_of(session)
    except SessionEnded:
        return AuthenticationResult(user=None, auth=None)
    return AuthenticationResult(user=actor, auth=Session(session, by_cookie, must_change))


async def _refreshed(
    connection: ASGIConnection[Any, Any, Any, Any], value: str
) -> AuthenticationResult:
    try:
        opened = await sessions.refresh(*sessions.split(value))
    except SessionEnded:
        return AuthenticationResult(user=None, auth=None)
    connection.scope["state"]["renewed_cookies"] = session_cookies(opened)
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
