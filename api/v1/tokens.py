"""Bearer tokens for programs."""

import msgspec
from litestar import Controller, Request, delete, post
from litestar.params import JSONBody

from api import auth, guards
from api.settings import Settings, is_loopback
from households import sessions


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """Login and password of an official."""

    login: str
    password: str


class Renewal(msgspec.Struct, forbid_unknown_fields=True):
    """The refresh token of the answer before; each is used once."""

    refresh_token: str


class Tokens(msgspec.Struct):
    """A bearer token, its life in seconds, and the token to get the next one with."""

    token: str
    expires_in: int
    refresh_token: str


class TokenController(Controller):
    """Log-in, renewal and log-out for programs."""

    path = "/tokens"
    tags = ("tokens",)

    @post("/", status_code=200, opt=guards.PUBLIC, security=[])
    async def open(self, request: Request, data: JSONBody[Credentials]) -> Tokens:
        """Log in. The token goes into the header `Authorization: Bearer ...`."""
        opened = await sessions.open_with_password(
            data.login,
            data.password,
            address=address_of(request),
            device=request.headers.get("user-agent", ""),
        )
        return _tokens(opened)

    @post("/refresh", status_code=200, opt=guards.PUBLIC, security=[])
    async def refresh(self, data: JSONBody[Renewal]) -> Tokens:
        """Exchange a refresh token for a new pair."""
        session, token = sessions.split(data.refresh_token)
        return _tokens(await sessions.refresh(session, token))

    @delete("/", guards=[guards.require_login])
    async def end(self, request: Request) -> None:
        """Log out: this session's tokens end at once."""
        await sessions.end(request.auth.id)


def _tokens(opened: sessions.Opened) -> Tokens:
    return Tokens(
        token=auth.issue(opened.session, actor=opened.actor),
        expires_in=auth.TOKEN_MINUTES * 60,
        refresh_token=f"{opened.session}.{opened.token}" if opened.token else "",
    )


def address_of(request: Request) -> str:
    """The caller's address, by which failed log-ins are slowed.

    Behind the TLS server of docs/operations.md every caller comes from this machine; then, and
    only then, the address that it passes on is believed.
    """
    peer = request.client.host if request.client else ""
    settings: Settings = request.app.state.settings
    if settings.is_https and is_loopback(peer):
        passed_on = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        return passed_on[:45] or peer
    return peer
