"""Serving, and migrating without serving.

The program is two processes: this one looks that everything is in place, says what there is to
say and watches; its worker opens the store and answers. When the worker fails, both end.
"""

import os
import signal
import socket
from functools import partial

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from api import app, store
from api import settings as settings_
from api.commands import demo
from api.demo.build import Login
from api.demo.plan import Plan
from api.frame import Frame
from api.settings import Settings
from api.terminal import run, say
from foundation import database
from foundation.errors import StoreKindMismatch
from points import founding

# A worker that has not ended its requests by then is killed.
STOP_SECONDS_MAX = 10


@click.command()
@click.option("--real", is_flag=True, help="a store for a real village, no demonstration")
def serve(real: bool) -> None:
    """Serve the program; without --real a demonstration county is made on the first start."""
    settings = settings_.load(real=real)
    logins = run(partial(_prepare, real=real), write=True, settings=settings)
    if logins:
        demo.show(logins)
    os.environ.update(settings_.export(settings))
    server = Granian(
        "api.app:create",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        workers_kill_timeout=STOP_SECONDS_MAX,
        log_level=LogLevels.warning,
    )
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup asks for
        # A closed terminal ends the program; Granian would start a second worker beside the
        # first, which holds the store.
        server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.serve(target_loader=_worker, wrap_loader=False)


def _require_port(settings: Settings) -> None:
    """End with exit 1 where the address cannot be listened at, before anything takes time."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as listener:
            # Connections of a server that has just ended do not stand in the way.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        say(
            f"不能在 {settings.host}:{settings.port} 提供服务（{error.strerror}）。"
            "可能已有程序占用这个端口，请先停掉它，或用 XIANGYUE_PORT 换一个端口。\n"
            f"Cannot listen at {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what listens there, or choose another port with XIANGYUE_PORT."
        )
        raise SystemExit(1) from None


async def _prepare(settings: Settings, *, real: bool) -> dict[str, Login] | None:
    """Bring the store to the kind that was asked for; logins where a demonstration was made."""
    _require_port(settings)
    if real:
        await store.claim("real")
        return None
    kind = await store.kind()
    if kind == "real":
        raise StoreKindMismatch(kind=kind, wanted="demo")
    return None if kind else await demo.make(Plan(until=demo.last_month()))


def _worker() -> Frame:
    """In the worker process: the application, which says so when it is ready."""
    frame = app.create()
    frame.app.on_startup.append(partial(_announce, frame.settings))
    return frame


async def _announce(settings: Settings) -> None:
    address = settings.public_url or _own_address(settings)
    if await store.kind() == "real" and await founding.is_open():
        address += f"/setup?code={founding.setup_code()}"
        say("这里还没有任何人员，请从下面的网址开始设立。 Nobody has a login yet: begin here.")
    say(f"乡约已就绪，请用浏览器打开 Ready, open in a browser: {address}")
    say("按 Ctrl-C 停止。 Ctrl-C stops it.")


def _own_address(settings: Settings) -> str:
    """How a browser on this machine reaches the program."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not listened at
    host = "127.0.0.1" if everywhere else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


@click.command()
def migrate() -> None:
    """Bring the store's tables up to date."""

    async def work(settings: Settings) -> None:
        await database.migrate(settings.store_url)

    run(work, write=True)
    say("数据表已是最新。 The store is up to date.")
