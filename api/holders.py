"""Who holds a passbook: a household's own session, in a cookie of its own or as its bearer token.

Kept wholly apart from officials: another cookie, another kind of token, never in `request.user`, so
that no guard of an official's room can take a household for one. Pages go by the cookie alone and
programs by the token alone.
"""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler

from api import cookies
from households import passbook_door
from households.errors import PassbookNotFound, PassbookShut
from households.passbook_door import SESSION_HOURS, Holder

COOKIE = "xiangyue-passbook"


async def require_holder(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Only the household whose card the path names; any other card is not there for it."""
    card: str = connection.path_params["card"]
    found = await present(connection)
    if found is None:
        raise PassbookShut(card=card)
    if found.card != card:
        raise PassbookNotFound(card=card[:20])
    connection.scope["state"]["holder"] = found


async def present(connection: ASGIConnection[Any, Any, Any, Any]) -> Holder | None:
    """The household that comes with the request, if any does."""
    if connection.scope["path"].startswith("/api/"):
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        token = token.strip() if kind.lower() == "bearer" else ""
    else:
        token = cookies.read(connection.cookies, COOKIE)
    try:
        return await passbook_door.holder(token)
    except PassbookShut:
        return None


def of(request: Request[Any, Any, Any]) -> Holder:
    """The household that the guard let in."""
    holder: Holder = request.scope["state"]["holder"]
    return holder


def cookie(token: str) -> Cookie:
    """The cookie that carries an open passbook; with no token it is taken back."""
    return cookies.make(COOKIE, token, seconds=SESSION_HOURS * 3600 if token else 0)
