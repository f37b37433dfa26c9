"""Serving, migrating, and looking whether everything is in place."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version

import click
from granian import Granian
from granian.constants import Interfaces

from api import settings as settings_
from api import store
from api.render import TEMPLATES
from api.settings import Settings
from api.terminal import run, say
from foundation import database
from households.models import Region


@click.command()
@click.option("--real", is_flag=True, help="an empty store for a real village, no demonstration")
def serve(real: bool) -> None:
    """Serve the program; without --real a demonstration county is made on the first start."""
    settings = settings_.load(real=real)
    run(lambda s: _prepare(s, real=real), write=True, settings=settings)
    os.environ.update(settings_.export(settings))
    say(f"乡约已就绪，请用浏览器打开 / Open in a browser: http://{settings.host}:{settings.port}")
    Granian(
        "api.app:create",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


async def _prepare(settings: Settings, *, real: bool) -> None:
    """Bring the store up before any request: migrated, and of the kind that was asked for."""
    if real:
        await store.claim("real")


@click.command()
def migrate() -> None:
    """Bring the store's tables up to date."""

    async def work(settings: Settings) -> None:
        await database.migrate(settings.store_url)

    run(work, write=True)
    say("数据表已是最新。 The store is up to date.")


@click.command()
def doctor() -> None:
    """Look whether everything this installation needs is in place; exit 1 if not."""
    findings = [*_missing_assets(), *_missing_fonts()]
    settings = settings_.load()

    async def work(_: Settings) -> None:
        kind = await store.kind()
        villages = await Region.filter(level="village").count()
        where = settings.store_url.rsplit("@")[-1]
        say(f"数据 store: {where} ({kind or 'empty'}), {villages} villages")

    say(f"乡约 xiangyue {version('xiangyue')}, Python {sys.version.split()[0]}")
    run(work, write=False, settings=settings)
    if settings.public_is_loopback:
        say("提示 note: XIANGYUE_PUBLIC_URL 未设置，正式数据不能打印二维码")
    for finding in findings:
        say(f"缺少 missing: {finding}")
    if findings:
        say("请运行 bin/setup。 Run bin/setup.")
        raise SystemExit(1)
    say("一切就绪。 All is well.")


def _missing_assets() -> list[str]:
    vendor = TEMPLATES / "assets" / "vendor"
    names = ("htmx.min.js", "sha256.min.js", "swagger-ui-bundle.js")
    return [f"templates/assets/vendor/{name}" for name in names if not (vendor / name).exists()]


def _missing_fonts() -> list[str]:
    lister = shutil.which("fc-list")
    if lister is None:
        return ["fontconfig (fc-list)"]
    command = [lister, ":lang=zh", "family"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    families = ("Noto Sans CJK SC", "Noto Serif CJK SC")
    return [f"字体 font {family}" for family in families if family not in listed.stdout]
