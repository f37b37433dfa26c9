"""Looking whether everything that this installation needs is in place."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from api import backup_files, store
from api import settings as settings_
from api.render import TEMPLATES
from api.settings import Settings
from api.terminal import run, say
from foundation import clock, keys, rotation
from foundation.models import StoreFact
from households.models import Region

DISK_FREE_MIN = 512 * 1024 * 1024
FONTS = ("Noto Sans CJK SC", "Noto Serif CJK SC")
SCRIPTS = ("htmx.min.js", "sha256.min.js", "swagger-ui-bundle.js")
# The program was written in this year: a clock that says less was never set.
YEAR_MIN = 2026


@click.command()
def doctor() -> None:
    """Look whether everything this installation needs is in place; exit 1 if not."""
    settings = settings_.load()
    say(f"乡约 xiangyue {_version()}, Python {sys.version.split()[0]}")
    faults = [*_missing(), *_clock()]
    faults += run(_store, write=False, settings=settings)
    if not settings.public_url:
        say("提示 note: XIANGYUE_PUBLIC_URL 未设置，正式数据不能打印二维码 not set, no QR codes")
    elif settings.public_is_loopback:
        say(f"提示 note: {settings.public_url} 只有本机能打开，不能印成二维码 no QR codes")
    for fault in faults:
        say(f"问题 fault: {fault}")
    if faults:
        raise SystemExit(1)
    say("一切就绪。 All is well.")


def _version() -> str:
    try:
        return version("xiangyue")
    except PackageNotFoundError:
        return "(未安装 not installed)"


def _missing() -> Iterator[str]:
    """What bin/setup brings: the pages' scripts, fonts, and the libraries that draw text."""
    vendor = TEMPLATES / "assets" / "vendor"
    absent = [f"templates/assets/vendor/{name}" for name in SCRIPTS if not (vendor / name).exists()]
    lister = shutil.which("fc-list")
    if lister is None:
        absent.append("fontconfig (fc-list)")
    else:
        command = [lister, ":lang=zh", "family"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        absent += [f"字体 font {family}" for family in FONTS if family not in listed.stdout]
    try:
        import_module("weasyprint")
    except OSError:  # it loads Pango when it is imported
        absent.append("libpango-1.0-0, libpangoft2-1.0-0")
    for name in absent:
        yield f"缺少 {name}，请运行 bin/setup。 missing, run bin/setup"


def _clock() -> Iterator[str]:
    today = clock.today()
    if today.year < YEAR_MIN:
        yield f"本机时间是 {today}，不对。 the clock of this machine is wrong"
    elif not clock.holidays_known(today.year):
        say(f"提示 note: {today.year} 年放假安排未知，按周一至周五算 holidays not known")


async def _store(settings: Settings) -> list[str]:
    """What is in the store, and what stands against it."""
    kind = {"demo": "演示 demo", "real": "正式 real", None: "空 empty"}[await store.kind()]
    villages = await Region.filter(level="village").count()
    say(f"数据 store: {settings.store_url.rsplit('@')[-1]}，{kind}，{villages} 个村 villages")
    say(f"密钥 key: {keys.ring().current.id}，数据目录 data folder: {settings.data}")
    faults = [*_disk(settings), *_secret(settings), *await _keys_missing()]
    for warning in await backup_files.warnings():
        say(f"提示 note: {backup_files.WORDS[warning]} see xiangyue backup")
    begun = await StoreFact.get_or_none(name="begun_at")
    now = clock.stamp(clock.now())
    if begun is not None and begun.value > now:
        faults.append(f"数据始于 {begun.value}，本机时间却是 {now}。 the clock is behind the store")
    return faults


async def _keys_missing() -> list[str]:
    """Keys that something is sealed under and that are not here."""
    missing = await rotation.sealed_values(unknown=True)
    return [
        f"缺少密钥 {key_id}，{count} 处内容打不开，请用 keys recover 找回。 key missing"
        for key_id, count in sorted(missing.items())
    ]


def _disk(settings: Settings) -> Iterator[str]:
    free = shutil.disk_usage(settings.data).free
    say(f"磁盘可用 disk free: {free // 1024**2:,} MB")
    if free < DISK_FREE_MIN:
        yield "磁盘快满了，请清出空间。 the disk is almost full"


def _secret(settings: Settings) -> Iterator[str]:
    file = settings.data / "secret"
    if file.exists() and file.stat().st_mode & 0o077:
        yield f"{file} 别人也能读，请执行 chmod 600。 others can read the secret"
