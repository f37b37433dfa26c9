"""Cancels a coroutine at one of its awaits, as a closed browser tab or a time-out does.

Counting goes by suspensions, not by time: the n-th run cancels at the n-th await, until a run
gets to its end before it is cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any


class CancelledAt:
    """Awaits a coroutine and cancels the task around it at its n-th suspension.

    Args:
        coroutine: what is cancelled.
        at: the suspension, from 1.
        late: cancel only once that await's result is there, but before it is handed over: the
            moment at which a lock or connection is taken and nobody holds it yet.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, object], *, at: int, late: bool) -> None:
        self.coroutine = coroutine
        self.at = at
        self.late = late

    def __await__(self) -> Generator[Any, Any, object]:
        waiting_for = self.coroutine.send(None)
        for count in range(1, 100_000):
            task = asyncio.current_task()
            assert task is not None
            if count == self.at and not self.late:
                task.cancel()
            try:
                value = yield waiting_for
                if count == self.at and self.late:
                    raise asyncio.CancelledError
            except BaseException as error:  # handed on, as the event loop would
                resume: Callable[[], Any] = lambda e=error: self.coroutine.throw(e)  # noqa: E731
            else:
                resume = lambda v=value: self.coroutine.send(v)  # noqa: E731
            try:
                waiting_for = resume()
            except StopIteration as end:
                return end.value
        raise AssertionError("this coroutine never ends")


async def cancelled_everywhere(
    work: Callable[[], Coroutine[Any, Any, object]], afterwards: Callable[[], Awaitable[object]]
) -> int:
    """Run work once for each of its awaits, cancelled there, early and late.

    After each run `afterwards` has ten seconds to do what must be possible again. Returns at
    how many places work was cancelled.
    """
    places = 0
    for late in (False, True):
        for at in range(1, 10_000):
            task = asyncio.create_task(_run(CancelledAt(work(), at=at, late=late)))
            outcome = await asyncio.gather(task, return_exceptions=True)
            if not isinstance(outcome[0], asyncio.CancelledError):
                assert not isinstance(outcome[0], BaseException), outcome[0]
                break
            places += 1
            async with asyncio.timeout(10):
                await afterwards()
    return places


async def _run(cancelled: CancelledAt) -> object:
    return await cancelled
