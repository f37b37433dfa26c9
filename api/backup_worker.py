"""Writes one backup in a process of its own, so that the server goes on answering meanwhile.

On an embedded store it opens the file read-only beside the server. It says on standard output how
far it is, a JSON line each; the last line is the result or the refusal.
"""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from api import settings, store
from foundation import backups
from foundation.backups import Summary
from foundation.errors import Refusal

NICE = 10
EVERY_ROWS = 5_000


class Told(msgspec.Struct):
    """One line: rows done of all, or at the end the summary, or a refusal's name and facts."""

    done: int = 0
    total: int = 0
    summary: Summary | None = None
    refusal: str = ""
    facts: dict[str, str] = {}


def say(told: Told) -> None:
    """Write one line."""
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def _progress(done: int, total: int) -> None:
    if done == total or done % EVERY_ROWS < backups.BATCH_ROWS:
        say(Told(done, total))


async def write(path: Path) -> None:
    """Write the backup of the store that the environment names."""
    try:
        async with store.opened(settings.load(), write=False):
            say(Told(summary=await backups.write(path, progress=_progress)))
    except Refusal as refusal:
        facts = {name: str(value) for name, value in refusal.facts.items()}
        say(Told(refusal=type(refusal).__name__, facts=facts))


if __name__ == "__main__":
    os.nice(NICE)
    asyncio.run(write(Path(sys.argv[1])))
