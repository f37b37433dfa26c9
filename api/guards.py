"""May he, here: the check that stands before every handler.

A guard knows the permission only; whether the region is the actor's is in every query, and in
`officials.require`. Handlers without a permission say so with `PUBLIC`.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection, Request
from litestar.exceptions import (
    ClientException,
    NotAuthorizedException,
    PermissionDeniedException,
)
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard

from api import kept
from api.auth import Session
from api.settings import Settings, is_loopback
from households import officials
from households.errors import NotAllowed, PasswordUnchanged

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Where a password is changed, and the ways out.
_WITH_FIRST_PASSWORD = {"/me", "/logout", "/api/v1/officials/me/password", "/api/v1/tokens"}
# Marks a handler that anybody may call; every other one carries a `may(...)` guard.
PUBLIC = {"public": True}


def may(permission: str) -> Guard:
    """Only officials who hold this permission somewhere. `permission` is checked at start."""
    assert permission in officials.ALL_PERMISSIONS, permission

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        await require_login(connection, _)
        if not officials.allowed(connection.user, permission):
            raise NotAllowed(permission=permission, region="")

    guard.permission = permission  # type: ignore[attr-defined]
    return guard


async def require_login(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Any official. A first password must be changed before anything else is done with it."""
    if connection.user is None:
        await kept.keep(connection)
        raise NotAuthorizedException(detail="login required")
    session: Session = connection.auth
    if session.must_change_password and connection.scope["path"] not in _WITH_FIRST_PASSWORD:
        raise PasswordUnchanged()


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse writes that another site makes a browser send.

    Browsers name the origin of every write, in `Sec-Fetch-Site` or at least in `Origin`; a
    write by cookie that names none does not come from one. See docs/decisions.
    """
    if connection.scope["method"] in SAFE_METHODS:  # type: ignore[typeddict-item]
        return
    if connection.auth is None and connection.scope["path"].startswith("/api/"):
        return
    if connection.auth is not None and not connection.auth.by_cookie:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise PermissionDeniedException(detail="cross-origin write")
    settings: Settings = connection.app.state.settings
    origin = connection.headers.get("origin", "").partition("://")[2]
    own = (connection.headers.get("host"), settings.public_url.partition("://")[2])
    if not origin or origin not in own:
        raise PermissionDeniedException(detail="cross-origin write")


async def refuse_null(request: Request[Any, Any, Any]) -> None:
    """Refuse text with the character NUL, which nobody types and PostgreSQL cannot store."""
    scope = request.scope
    found = "\0" in scope["path"] or b"%00" in scope["query_string"]
    kind, _ = request.content_type
    if kind == "application/json":
        found = found or b"\\u0000" in await request.body()
    elif kind == "application/x-www-form-urlencoded":
        found = found or b"%00" in await request.body()
    if found:
        raise ClientException(detail="NUL character")


def is_known_host(host_header: str, settings: Settings) -> bool:
    """Whether a Host header names this installation.

    Addresses in digits are let through: a rebinding attack needs a name.
    """
    try:
        host = urlsplit(f"//{host_header}").hostname or ""
    except ValueError:  # such as an address with half of its brackets
        return False
    if host in (settings.public_host, settings.host) or is_loopback(host):
        return True
    return bool(re.fullmatch(r"[0-9.]+|[0-9a-f:.]+:[0-9a-f:.]*", host))
