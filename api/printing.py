"""HTML to PDF in warm child processes, so that one big document never stops the server.

A child is limited in memory and reads our own assets only (api/printing_worker.py); it gets no
environment of ours and so knows neither database nor secret. One that takes too long is ended
and replaced. Never renders inside this process, and must never be called inside a transaction.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from api.errors import PrintingFailed

_ROOT = Path(__file__).resolve().parents[1]
WORKERS_MAX = 2
SECONDS_MAX = 120
START_SECONDS_MAX = 60
# Rendering leaks a little: a child is replaced before that adds up.
DOCUMENTS_MAX = 200
HTML_SIZE_MAX = 32 * 1024 * 1024
PDF_SIZE_MAX = 256 * 1024 * 1024


class _Worker:
    """One child; `documents` counts what it has made."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.documents = 0

    @classmethod
    async def start(cls) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "api.printing_worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        )  # fmt: skip
        worker = cls(process)
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await worker._answer()
        except BaseException:
            await worker.end()
            raise
        return worker

    async def render(self, html: bytes) -> bytes:
        assert self.process.stdin is not None
        self.documents += 1
        self.process.stdin.write(len(html).to_bytes(4, "big") + html)
        await self.process.stdin.drain()
        return await self._answer()

    async def _answer(self) -> bytes:
        assert self.process.stdout is not None
        size = int.from_bytes(await self.process.stdout.readexactly(4), "big")
        if size > PDF_SIZE_MAX:
            raise PrintingFailed(reason="size", detail=str(size))
        answer = await self.process.stdout.readexactly(size)
        if answer[:1] != b"P":
            raise PrintingFailed(reason="document", detail=answer[1:].decode())
        return answer[1:]

    async def end(self) -> None:
        """Kill the child and wait until it and its pipes are gone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        # One that closed its output is ending by itself; asyncio would lose track of it.
        if self.process.returncode is None and not self.process.stdout.at_eof():
            self.process.kill()
        self.process.stdin.close()
        while await self.process.stdout.read(1 << 16):
            pass
        await self.process.wait()


class Press:
    """A few warm workers, at most one document each at a time."""

    def __init__(self, *, workers: int = WORKERS_MAX) -> None:
        self._idle: list[_Worker] = []
        self._room = asyncio.Semaphore(workers)
        self._loop = asyncio.get_running_loop()

    @property
    def is_here(self) -> bool:
        """Whether the running loop is the one that the workers' pipes belong to."""
        return self._loop is asyncio.get_running_loop()

    async def warm(self) -> None:
        """Have one worker ready, its fonts loaded, before the first document is asked for."""
        async with self._worker(SECONDS_MAX):
            pass

    async def pdf(self, html: str, *, seconds: float = SECONDS_MAX) -> bytes:
        """See the module's own `pdf`."""
        content = html.encode()
        if len(content) > HTML_SIZE_MAX:
            raise PrintingFailed(reason="size", detail=str(len(content)))
        async with self._worker(seconds) as worker:
            return await worker.render(content)

    @asynccontextmanager
    async def _worker(self, seconds: float) -> AsyncIterator[_Worker]:
        """A worker for one document; given back when it answered, ended in every other case."""
        worker: _Worker | None = None
        answered = False
        try:
            async with asyncio.timeout(seconds), self._room:
                worker = self._idle.pop() if self._idle else await _Worker.start()
                try:
                    yield worker
                    answered = True
                except PrintingFailed as refusal:
                    answered = refusal.reason == "document"
                    raise
                finally:
                    if answered and worker.documents < DOCUMENTS_MAX:
                        self._idle.append(worker)
                        worker = None
        except TimeoutError:
            raise PrintingFailed(reason="slow", detail=f"{seconds:g} s") from None
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError):
            raise PrintingFailed(reason="memory", detail="the renderer ended") from None
        finally:
            if worker is not None:
                await worker.end()

    async def close(self) -> None:
        """End all idle workers."""
        while self._idle:
            await self._idle.pop().end()


_press: Press | None = None


def press() -> Press:
    """This process's press, made when it is first needed."""
    global _press
    if _press is None or not _press.is_here:
        _press = Press()
    return _press


async def pdf(html: str) -> bytes:
    """The PDF of an HTML document that names its stylesheets as /assets/css/...

    Refuses with `PrintingFailed`: `reason` is "document" (it names something that is not an
    asset of ours), "slow", "memory" or "size".
    """
    return await press().pdf(html)


async def close() -> None:
    """End the workers; at shutdown, or at the end of a command that printed."""
    global _press
    if _press is not None and _press.is_here:
        await _press.close()
    _press = None
