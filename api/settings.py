"""What the environment says: where to listen, where the data is, which address is printed.

The only module that reads `XIANGYUE_*`. Everything else is given a `Settings`.
"""

import os
import re
from collections.abc import Mapping
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

ROOT = Path(__file__).resolve().parents[1]
DEMO_DATA = ROOT / "var" / "demo"
VILLAGE_DATA = ROOT / "var" / "village"
STORE_FILE = "xiangyue.sqlite3"


# What the variables look like that could be written wrongly: patterns, and for the port a range.
FORMS = {
    "XIANGYUE_PORT": "0-65535",
    "XIANGYUE_DATABASE_URL": r"(sqlite|postgres|postgresql)://.+",
    "XIANGYUE_PUBLIC_URL": r"https?://[^/?#]+/?",
}


class Settings(msgspec.Struct, frozen=True, dict=True):
    """One process's settings; see the table in docs/operations.md."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    secret: str | None = None
    public_url: str = ""

    @cached_property
    def store_url(self) -> str:
        """The database's address; a file in the data folder unless another one was given."""
        return self.database_url or f"sqlite://{self.data / STORE_FILE}"

    @property
    def is_embedded(self) -> bool:
        return self.store_url.startswith("sqlite://")

    @property
    def writers_folders(self) -> list[Path]:
        """The folders that an embedded store's one writer locks: the data folder, and that of
        the store's file where it was put elsewhere."""
        if not self.is_embedded:
            return []
        file = Path(self.store_url.removeprefix("sqlite://")).absolute()
        return list(dict.fromkeys((self.data, file.parent)))

    @property
    def is_https(self) -> bool:
        """Whether residents and officials reach this installation over TLS."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def public_is_loopback(self) -> bool:
        """Whether the printed address is missing or means "this very machine"."""
        host = self.public_host
        return not host or is_loopback(host) or is_everywhere(host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address never leaves the machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_everywhere(host: str) -> bool:
    """Whether an address is one to listen at and none to go to, such as 0.0.0.0."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _fits(value: str, form: str) -> bool:
    """Whether a value has this form: a pattern, or whole numbers between two."""
    if between := re.fullmatch(r"([0-9]+)-([0-9]+)", form):
        is_number = re.fullmatch(r"[0-9]{1,9}", value) is not None
        return is_number and int(between[1]) <= int(value) <= int(between[2])
    return re.fullmatch(form, value) is not None


def load(environ: Mapping[str, str] | None = None, *, real: bool | None = None) -> Settings:
    """Settings from the environment.

    Args:
        environ: the variables; the process's own by default.
        real: which default data folder to take; None takes the village's where it holds a
            store and else the demonstration's.
    """
    environ = os.environ if environ is None else environ
    for name, form in FORMS.items():
        if environ.get(name) and not _fits(environ[name], form):
            raise click.UsageError(f"{name} 写得不对，应为 / must look like: {form}")
    if real is None:
        real = (VILLAGE_DATA / STORE_FILE).exists()
    default = VILLAGE_DATA if real else DEMO_DATA
    return Settings(
        data=Path(environ.get("XIANGYUE_DATA") or default).absolute(),
        host=environ.get("XIANGYUE_HOST") or "127.0.0.1",
        port=int(environ.get("XIANGYUE_PORT") or 8000),
        database_url=environ.get("XIANGYUE_DATABASE_URL") or "",
        secret=environ.get("XIANGYUE_SECRET") or None,
        public_url=(environ.get("XIANGYUE_PUBLIC_URL") or "").rstrip("/"),
    )


def export(settings: Settings) -> dict[str, str]:
    """The same settings as variables, for a child process."""
    return {
        "XIANGYUE_DATA": str(settings.data),
        "XIANGYUE_HOST": settings.host,
        "XIANGYUE_PORT": str(settings.port),
        "XIANGYUE_DATABASE_URL": settings.database_url,
        "XIANGYUE_SECRET": settings.secret or "",
        "XIANGYUE_PUBLIC_URL": settings.public_url,
    }
