"""What every command shares: the open store, who acts, what is said and what is answered.

Sentences and progress go to standard error; standard output carries the answer alone.
"""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console

from api import errors, logs, store
from api import settings as settings_
from api.settings import Settings
from foundation import actors
from foundation.actors import Actor
from foundation.errors import Refusal
from households import officials

R = TypeVar("R")
screen = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A sentence for the person at the terminal."""
    screen.print(text, markup=False, soft_wrap=True)


def answer(value: Any) -> None:
    """The one JSON document of a command."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def run(
    work: Callable[[Settings], Awaitable[R]], *, write: bool, settings: Settings | None = None
) -> R:
    """Run one command's work on the open store; a refusal is said and ends with exit 1.

    Args:
        work: what to do, given the settings.
        write: whether it writes; on an embedded store this needs the writer's lock.
        settings: where, by default from the environment.
    """
    logs.configure()
    chosen = settings or settings_.load()

    async def opened() -> R:
        async with store.opened(chosen, write=write):
            return await work(chosen)

    try:
        return asyncio.run(opened())
    except Refusal as refusal:
        say(errors.message(refusal))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("已中断，没有做完的一步什么也没有留下。 Interrupted; nothing half done was kept.")
        raise SystemExit(1) from None


async def acting(login: str | None) -> Actor:
    """The official named by `--as`, or the operator at this terminal."""
    if login:
        return await officials.by_login(login)
    return actors.operator(getpass.getuser())


as_option = click.option("--as", "login", metavar="LOGIN", help="the acting official")
json_option = click.option("--json", "as_json", is_flag=True, help="one JSON document")
