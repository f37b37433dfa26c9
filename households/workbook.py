"""From an uploaded file's bytes to raw sheets of cells, read in a limited process of its own.

A workbook comes from anywhere, so nothing in this process ever unpacks or parses it: a child with
limited memory, time and files and without our environment does (`workbook_reader`), and speaks
plain JSON. What the file is decides its content, never its name. Formulas are never calculated:
only the values that the spreadsheet program stored are read.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path

import msgspec

from foundation.errors import Refusal
from households import errors
from households.cells import Cell

SIZE_MAX = 20 * 1024 * 1024
ROWS_MAX = 50_000
SECONDS_MAX = 60
ANSWER_MAX = 64 * 1024 * 1024  # 50,000 full rows are a fifth of it
_ROOT = Path(__file__).resolve().parent.parent

_REFUSALS: dict[str, type[Refusal]] = {
    "NotAWorkbook": errors.NotAWorkbook,
    "WorkbookProtected": errors.WorkbookProtected,
    "WorkbookBomb": errors.WorkbookBomb,
    "TooManyRows": errors.TooManyRows,
    "WorkbookUnreadable": errors.WorkbookUnreadable,
}


class Sheet(msgspec.Struct):
    """One sheet: its rows from the first on, so that row 1 in Excel is `rows[0]`.

    Cells are what the spreadsheet program stored; empty ones are None, and rows are cut after
    their last filled cell. Merged cells have their value in the upper left one only.
    """

    name: str
    rows: list[list[Cell]]
    hidden: bool = False


class _Message(msgspec.Struct):
    """One frame from the child: it is ready, a new sheet, rows of it, a refusal, the end."""

    sheet: str | None = None
    hidden: bool = False
    rows: list[list[str | int | float | bool | list[str] | None]] = []
    done: int = 0
    total: int = 0
    refusal: str | None = None
    facts: dict[str, str | int] = {}
    ready: bool = False
    end: bool = False


def refuse_oversize(size: int) -> None:
    """Refuse a file of that many bytes before reading it, with `WorkbookTooLarge`."""
    if size > SIZE_MAX:
        raise errors.WorkbookTooLarge(size=size, limit=SIZE_MAX)


async def read(
    content: bytes, *, filename: str, progress: Callable[[int, int], None] | None = None
) -> list[Sheet]:
    """The sheets of an xlsx or xls workbook, or the one sheet of a csv in UTF-8, UTF-16 or GBK.

    `filename` only names the sheet of a csv. `progress` is called with rows read and rows in all.
    The child dies with this call, also when it is cancelled.

    Refuses with `WorkbookTooLarge`, `NotAWorkbook`, `WorkbookProtected`, `WorkbookBomb`,
    `TooManyRows` or `WorkbookUnreadable` (damaged, or it took more than a minute).
    """
    refuse_oversize(len(content))
    sheets: list[Sheet] = []
    started = False
    try:
        async with asyncio.timeout(SECONDS_MAX), _messages(content) as messages:
            async for message in messages:
                started = True
                if message.refusal is not None:
                    raise _REFUSALS[message.refusal](**message.facts)
                if message.sheet is not None:
                    name = message.sheet or Path(filename).stem[:60]
                    sheets.append(Sheet(name=name, rows=[], hidden=message.hidden))
                if message.rows:
                    sheets[-1].rows += [[_cell(value) for value in row] for row in message.rows]
                    if progress:
                        progress(message.done, message.total)
                if message.end:
                    return sheets
    except TimeoutError:
        raise errors.WorkbookUnreadable(reason="slow") from None
    assert started, "the reading process did not start"
    # The child ended without a word: killed for taking more memory than a register can need,
    # which small files only do when a stray cell stretches a sheet to the last row.
    raise errors.TooManyRows(limit=ROWS_MAX)


@asynccontextmanager
async def _messages(content: bytes) -> AsyncIterator[AsyncIterator[_Message]]:
    """A child at work on the content; it is gone when the block ends, however it ends."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "households.workbook_reader",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    feeding = asyncio.create_task(_feed(child.stdin, content))
    try:
        yield _frames(child.stdout)
    finally:
        feeding.cancel()
        if child.returncode is None:
            child.kill()
        # What it had written is read away: a process is only over once its pipes are.
        await asyncio.gather(feeding, _drain(child.stdout), child.wait(), return_exceptions=True)


async def _feed(pipe: asyncio.StreamWriter, content: bytes) -> None:
    """Give the child the file; it may refuse and close the pipe before it has all of it."""
    try:
        pipe.write(content)
        await pipe.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        pipe.close()


async def _drain(pipe: asyncio.StreamReader) -> None:
    while await pipe.read(1 << 16):
        pass


async def _frames(pipe: asyncio.StreamReader) -> AsyncIterator[_Message]:
    """The child's frames: four bytes of length and that much JSON, until it ends."""
    decoder = msgspec.json.Decoder(_Message)
    total = 0
    while True:
        try:
            size = int.from_bytes(await pipe.readexactly(4), "big")
            total += size
            if total > ANSWER_MAX:
                raise errors.WorkbookBomb(unpacked=total, limit=ANSWER_MAX)
            yield decoder.decode(await pipe.readexactly(size))
        except asyncio.IncompleteReadError:
            return


def _cell(value: str | int | float | bool | list[str] | None) -> Cell:
    """A value from the child; a date comes as a list with its ISO form."""
    if not isinstance(value, list):
        return value
    text = value[0]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
