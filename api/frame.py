"""What surrounds every request, even one that finds no route: host, language, headers."""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from api import cookies, guards, locale
from api.settings import Settings

LANGUAGE_COOKIE = "xiangyue-lang"

# Our own files and nothing else; pictures may also stand in the page itself.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": CONTENT_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), microphone=()",
}


class Frame:
    """The outermost ASGI layer around the application."""

    def __init__(self, app: Litestar, *, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # type: ignore[comparison-overlap]
            await self.app(scope, receive, send)
            return
        asked: dict[bytes, bytes] = dict(scope["headers"])
        cookies.is_https.set(self.settings.is_https)
        locale.language.set(
            locale.choose(
                cookie=_cookie(asked.get(b"cookie", b"").decode("latin-1")),
                accept=asked.get(b"accept-language", b"").decode("latin-1"),
            )
        )
        if not guards.is_known_host(asked.get(b"host", b"").decode("latin-1"), self.settings):
            await _refuse_host(send)
            return
        await self.app(scope, receive, self._dressed(send, path=scope["path"]))

    def _dressed(self, send: Send, *, path: str) -> Send:
        """Add the headers that every response carries and keep personal pages out of caches."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                names = {name.lower() for name, _ in present}
                added = {k: v for k, v in HEADERS.items() if k not in names}
                if b"cache-control" not in names:
                    added[b"cache-control"] = b"no-store"
                if self.settings.is_https:
                    added[b"strict-transport-security"] = b"max-age=31536000"
                message["headers"] = [*present, *added.items()]
            await send(message)

        return dressed


def _cookie(header: str) -> str | None:
    try:
        kept = SimpleCookie(header).get(cookies.name(LANGUAGE_COOKIE))
    except CookieError:
        return None
    return kept.value if kept else None


async def _refuse_host(send: Send) -> None:
    body = "未知的地址。请用 XIANGYUE_PUBLIC_URL 里的地址访问。 Unknown host.".encode()
    start: Any = {
        "type": "http.response.start",
        "status": 421,
        "headers": [(b"content-type", b"text/plain; charset=utf-8")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
