"""What has not changed is not sent again: an ETag on whatever the API is asked to read.

The tag is a digest of the very bytes, so that it needs no bookkeeping and is never wrong; what it
saves is the way to the caller, not the look into the store. Answers stay `no-store` for caches in
between: only the caller himself, who keeps his own copy, says which one he has.
"""

import hashlib
from typing import Any

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

TAG_LENGTH = 32
OF_THE_CONTENT = (b"content-length", b"content-type", b"content-disposition")


class Revalidation(ASGIMiddleware):
    """Tags every successful answer to a GET, and answers 304 to who has it already."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        asked: Any = scope
        if asked["method"] != "GET":
            await next_app(scope, receive, send)
            return
        known = dict(asked["headers"]).get(b"if-none-match", b"").decode("latin-1")
        await next_app(scope, receive, _tagging(send, known=known))


def _tagging(send: Send, *, known: str) -> Send:
    held: list[Any] = []

    async def tagged(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            held.append(message)
            return
        if held and message["type"] == "http.response.body" and not message.get("more_body"):
            await send(_revalidated(held.pop(), message, known=known))
        elif held:
            await send(held.pop())  # what comes in pieces is not held back to be digested
        await send(message)

    return tagged


def _revalidated(start: Any, body: Any, *, known: str) -> Any:
    """The start of an answer with its tag; a 304, its body emptied, for who has it already."""
    tag = f'"{hashlib.sha256(body["body"]).hexdigest()[:TAG_LENGTH]}"'
    headers = [*start["headers"], (b"etag", tag.encode())]
    if not is_known(tag, known):
        return {**start, "headers": headers}
    body["body"] = b""
    kept = [(name, value) for name, value in headers if name.lower() not in OF_THE_CONTENT]
    return {**start, "status": 304, "headers": kept}


def is_known(tag: str, header: str) -> bool:
    """Whether a header If-None-Match (RFC 9110) names this tag."""
    named = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in named or tag in named
