"""The child that turns HTML into PDF: started by api/printing.py, never imported by the server.

Reads requests from standard input and answers on standard output, both as four bytes of length
and that much content; an answer begins with one byte, P for a PDF or E for an error's text. It
can read our own stylesheets and images and what is written into the HTML itself, nothing else:
no other file, no network, no environment, no database, no key.
"""

import os
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

ASSETS = Path(__file__).resolve().parents[1] / "templates" / "assets"
# An address that can never be resolved; below it stand the assets, as they do on the server.
BASE = "https://printing.invalid/"
ASSETS_URL = BASE + "assets/"
ASSET_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
MEMORY_MAX = 3 * 1024**3
FILES_MAX = 256
NICENESS = 5

WARM_UP = """<meta charset="utf-8"><style>
p { font-family: "Noto Sans CJK SC" } h1 { font-family: "Noto Serif CJK SC"; font-weight: 900 }
</style><h1>乡约</h1><p>乡约 <b>2026</b></p>"""


class OwnAssets(URLFetcher):
    """Fetches our assets and `data:` addresses; anything else ends the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url.startswith("data:"):
            return super().fetch(url, headers)
        file = (ASSETS / url.removeprefix(ASSETS_URL).partition("?")[0]).resolve()
        ours = url.startswith(ASSETS_URL) and file.is_relative_to(ASSETS)
        if not ours or file.suffix not in ASSET_TYPES or not file.is_file():
            raise FatalURLFetchingError(f"not an asset of ours: {url[:200]}")
        kind = {"Content-Type": ASSET_TYPES[file.suffix]}
        return URLFetcherResponse(url, file.read_bytes(), kind)


def limit() -> None:
    """Bound what a runaway document can take; time is the parent's to watch.

    A reader's page goes before a printed one, so the processor does too.
    """
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))


def rendered(html: str, *, fonts: FontConfiguration) -> bytes:
    """The PDF of a document that names its stylesheets as /assets/css/..."""
    document = HTML(string=html, base_url=BASE, url_fetcher=OwnAssets())
    pdf: bytes = document.write_pdf(font_config=fonts)
    return pdf


def answer(out: BinaryIO, kind: bytes, content: bytes) -> None:
    """Write one answer."""
    out.write((len(content) + 1).to_bytes(4, "big") + kind + content)
    out.flush()


def main() -> None:
    """Answer requests until standard input ends."""
    limit()
    requests, out = sys.stdin.buffer, sys.stdout.buffer
    fonts = FontConfiguration()
    rendered(WARM_UP, fonts=fonts)
    answer(out, b"P", b"")
    while size := requests.read(4):
        html = requests.read(int.from_bytes(size, "big")).decode()
        try:
            answer(out, b"P", rendered(html, fonts=fonts))
        except (Exception, FatalURLFetchingError) as error:  # the latter is no Exception
            answer(out, b"E", f"{type(error).__name__}: {error}"[:1000].encode())


if __name__ == "__main__":
    main()
