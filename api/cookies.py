"""Cookies: every one is for this host alone, out of scripts' reach, and over https where it is.

`__Host-` and Secure exactly when the public address is https: a browser would refuse them on
plain http, and without them another program under the same domain could plant its own.
"""

from collections.abc import Mapping
from contextvars import ContextVar

from litestar.datastructures import Cookie

# Set for each request by the frame, from the settings.
is_https: ContextVar[bool] = ContextVar("the public address is https", default=False)


def name(of: str) -> str:
    """The full name of one of our cookies."""
    return f"__Host-{of}" if is_https.get() else of


def make(of: str, value: str, *, seconds: int) -> Cookie:
    """A cookie that lives for so many seconds; with none of them it is taken back."""
    return Cookie(
        key=name(of),
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https.get(),
    )


def read(cookies: Mapping[str, str], of: str) -> str:
    """The value that came with the request, empty if none did."""
    return cookies.get(name(of), "")
