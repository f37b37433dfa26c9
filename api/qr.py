"""The address on paper: what a QR code leads to, and its picture.

A code that leads nowhere is worse than none: while the installation has no address that others
can reach, nothing is encoded, and what is printed goes without.
"""

import base64
import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from api.errors import QrRefused
from api.settings import Settings

# Trying all eight masks for the least ugly picture takes six times as long; any one is readable.
MASK_PATTERN = 2
# Paper leaves white around it, so half of the standard's quiet zone comes with the picture.
BORDER_MODULES = 2
MODULE_PIXELS = 8


def base_address(settings: Settings, *, demo: bool) -> str:
    """The address that codes begin with. Only a demonstration may print its own machine's.

    Refuses with `QrRefused`; `reason` is "unset" or "loopback".
    """
    if demo:
        return settings.public_url or f"http://{settings.host}:{settings.port}"
    if settings.public_is_loopback:
        reason = "loopback" if settings.public_url else "unset"
        raise QrRefused(reason=reason, public_url=settings.public_url)
    return settings.public_url


def publication_address(base: str, *, serial: str, fingerprint: str) -> str:
    """What the code on a poster says. The fragment stays on the phone: no server is told what
    the paper says, so none can match its answer to it."""
    return f"{base}/p/{serial}#{fingerprint}"


def passbook_address(base: str, *, card: str) -> str:
    """What the code on a passbook card says: the card's name, which opens nothing by itself."""
    return f"{base}/h/{card}"


def picture(text: str) -> bytes:
    """A QR code as PNG, black on white, readable with 15 % of it damaged."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M,
        box_size=MODULE_PIXELS,
        border=BORDER_MODULES,
        mask_pattern=MASK_PATTERN,
    )
    code.add_data(text)
    out = io.BytesIO()
    code.make_image().save(out, "PNG")
    return out.getvalue()


def data_address(text: str) -> str:
    """The same as a `data:` address for an image in a printed page."""
    return "data:image/png;base64," + base64.b64encode(picture(text)).decode()
