"""Time-out with the work kept: a form that comes after the session ended is not lost.

The browser holds a signed note of who last worked in it. When a form arrives and nobody is logged
in any more, it is kept for that official, and after he has logged in again it stands in its page
as he typed it, not posted. See households/kept_forms.py.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from api import cookies
from foundation import clock, keys
from households import kept_forms
from households.kept_forms import KeptForm

OWNER_COOKIE = "xiangyue-owner"
KEPT_COOKIE = "xiangyue-kept"
OWNER_DAYS = 7
_ALGORITHM = "HS256"
_ISSUER, _AUDIENCE = "xiangyue", "xiangyue:owner"
# Forms with passwords, and those whose sending again means nothing.
_NEVER = ("/me", "/login", "/logout", "/language", "/setup", "/kept", "/api/")
_SECRET = {"password", "old", "new", "again", "pin", "code"}


def owner_cookie(official_id: UUID) -> Cookie:
    """Says, signed and for a week, who worked in this browser last; it opens nothing."""
    now = clock.now()
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "typ": "owner",
        "sub": str(official_id),
        "iat": now,
        "exp": now + timedelta(days=OWNER_DAYS),
    }
    value = jwt.encode(claims, keys.ring().current.tokens, algorithm=_ALGORITHM)
    return cookies.make(OWNER_COOKIE, value, seconds=OWNER_DAYS * 24 * 3600)


def _owner(connection: ASGIConnection[Any, Any, Any, Any]) -> UUID | None:
    try:
        claims = jwt.decode(
            cookies.read(connection.cookies, OWNER_COOKIE),
            keys.ring().current.tokens,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            # The program has one clock, and it is not PyJWT's.
            options={
                "require": ["exp", "aud", "iss", "sub", "typ"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError:
        return None
    if claims["typ"] != "owner" or claims["exp"] <= clock.now().timestamp():
        return None
    return UUID(claims["sub"])


async def keep(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Keep the form of a request that nobody is logged in for, if it is a form of an official.

    Leaves the page to go back to in the request's state, for the way to the log-in.
    """
    path: str = connection.scope["path"]
    if not isinstance(connection, Request) or connection.method != "POST":
        return
    if path.startswith(_NEVER) or connection.headers.get("accept", "").startswith(
        "application/json"
    ):
        return
    kind, _ = connection.content_type
    length = connection.headers.get("content-length", "")
    fits = length.isdigit() and int(length) <= kept_forms.SIZE_MAX
    owner = _owner(connection)
    if owner is None or kind != "application/x-www-form-urlencoded" or not fits:
        return
    form = await connection.form()
    fields = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in _SECRET
    ]
    page = _page(connection) or path
    if await kept_forms.keep(owner, path=path, page=page, fields=fields):
        connection.scope["state"]["kept_page"] = page


def _page(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The page on which the form stood, as the browser names it; empty for another site's."""
    came = urlsplit(connection.headers.get("referer", ""))
    if not came.path.startswith("/") or came.netloc != connection.headers.get("host"):
        return ""
    return came.path + (f"?{came.query}" if came.query else "")


def kept_cookie(*, gone: bool = False) -> Cookie:
    """Tells us to look whether a form is kept; without it nobody asks the store."""
    return cookies.make(KEPT_COOKIE, "" if gone else "1", seconds=0 if gone else 24 * 3600)


async def find(connection: ASGIConnection[Any, Any, Any, Any], official_id: UUID) -> None:
    """For a page, note in the request the form that belongs into it; forget what is sent."""
    if not cookies.read(connection.cookies, KEPT_COOKIE):
        return
    found = await kept_forms.find(official_id)
    state, scope = connection.scope["state"], connection.scope
    if found is None:
        return
    query = scope["query_string"].decode("latin-1")
    here = scope["path"] + (f"?{query}" if query else "")
    if scope["method"] == "GET" and here == found.page:  # type: ignore[typeddict-item]
        state["kept"] = found
    elif scope["method"] == "POST" and scope["path"] == found.path:  # type: ignore[typeddict-item]
        await kept_forms.forget(official_id)
        state.setdefault("renewed_cookies", []).append(kept_cookie(gone=True))


def of(request: Request) -> KeptForm | None:
    """The form that belongs into the page that is being drawn."""
    kept: KeptForm | None = request.scope["state"].get("kept")
    return kept
