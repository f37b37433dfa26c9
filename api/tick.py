"""Work that goes on when its request is answered: one thing after another, and an hourly round.

Each piece of work runs in a task of its own. What it says in the log is never a value from a
village's papers: a failure is named by its kind alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

ROUND_SECONDS = 3600
END_SECONDS_MAX = 8

Work = Callable[[], Awaitable[object]]

_log = structlog.get_logger()


class Background:
    """The background work of one process; workbooks are read one at a time on an old PC."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def start(self, name: str, work: Work, *, lane: str = "") -> None:
        """Have a piece of work done soon, after those of its lane that were started before.

        A lane of their own is for many small pieces that nobody waits for.
        """
        task = asyncio.create_task(self._in_turn(name, work, lane), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, name: str, work: Work, lane: str) -> None:
        async with self._turns[lane]:
            try:
                await work()
            except Exception as error:
                _log.error("background work failed", work=name, kind=type(error).__name__)

    async def end(self) -> None:
        """Let what has begun come to its end for some seconds, then drop it.

        Every piece of work can be begun again: it is found at the next start.
        """
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=END_SECONDS_MAX)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


@asynccontextmanager
async def running(*, each_hour: Work) -> AsyncIterator[Background]:
    """Background work for as long as the block runs.

    `each_hour` is the round of what has to be looked at now and then; the first is at once.
    """
    background = Background()
    rounds = asyncio.create_task(_rounds(background, each_hour), name="rounds")
    try:
        yield background
    finally:
        rounds.cancel()
        with suppress(asyncio.CancelledError):
            await rounds
        await background.end()


async def _rounds(background: Background, each_hour: Work) -> None:
    while True:
        background.start("round", each_hour)
        await asyncio.sleep(ROUND_SECONDS)
