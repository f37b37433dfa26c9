"""The installation's own backups: made in the data folder, thinned out, copied to another disk.

Files of other names are never touched, neither in the data folder nor on a stick.
"""

import asyncio
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import structlog

from api import errors
from api import settings as settings_
from api.backup_worker import Told
from api.settings import ROOT, Settings
from api.tick import Background
from foundation import actors, backup_book, backups, clock, rotation
from foundation import errors as foundation
from foundation.actors import Actor
from foundation.backup_book import Failure, Warning_
from foundation.backups import Summary
from foundation.errors import BackupPlanRefused, FileUnwritable, Refusal
from foundation.marking import mark as _n
from foundation.models import StoreFact

SCHEDULE = actors.operator("schedule")
_NAME = r"xiangyue-{mark}-([0-9]{{8}}-[0-9]{{6}})\.xyb"
_WHEN = "%Y%m%d-%H%M%S"
# Parts that a crash left behind, after this long.
PART_SECONDS = 24 * 3600

_log = structlog.get_logger()


class Listed(msgspec.Struct, frozen=True):
    """A backup in the folder; `checked` says whether it is the very file that was read back."""

    file: str
    made_at: datetime
    size: int
    checked: bool
    copied: bool


class Running(msgspec.Struct):
    """How far the backup that is being made has come, in rows."""

    done: int = 0
    total: int = 0


def folder(settings: Settings) -> Path:
    """Where the backups that are made by themselves lie."""
    return settings.data / "backups"


class Keeper:
    """Makes this installation's backups, one at a time, and looks after their files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.running: Running | None = None

    @property
    def folder(self) -> Path:
        return folder(self.settings)

    def start(self, background: Background, *, by: Actor) -> None:
        """Have a backup made now, unless one is being made."""
        if self.running is None:
            self.running = Running()
            background.start("backup", partial(self._make, by=by), lane="backup")

    async def hourly(self, background: Background) -> None:
        """Make the day's backup when it is due, and copy out what a plugged-in stick lacks."""
        begun = await _begun()
        if begun is None:
            return
        if backup_book.is_due(await backup_book.read(), begun=begun, now=clock.now()):
            self.start(background, by=SCHEDULE)
        elif self.running is None:
            await self.copy_out(by=SCHEDULE)

    async def _make(self, *, by: Actor) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"xiangyue-{await _mark()}-{clock.now():{_WHEN}}.xyb"
            summary = await self._written(self.folder / name)
            await backup_book.record(summary, by=by)
            await self._thin(self.folder)
            await self.copy_out(by=by)
        except (Refusal, OSError) as error:
            refusal = error if isinstance(error, Refusal) else _refusal(error, self.folder)
            _log.error("backup failed", kind=type(refusal).__name__)
            await backup_book.record_failure(refusal, by=by)
        finally:
            self.running = None

    async def _written(self, path: Path) -> Summary:
        """Have a child write the file. Refuses as the child did."""
        told = Told()
        async with _child(self.settings, path) as lines:
            async for line in lines:
                told = msgspec.json.decode(line, type=Told)
                if self.running is not None:
                    self.running.done, self.running.total = told.done, told.total
        if told.refusal:
            raise revived(told.refusal, told.facts)
        if told.summary is None:
            raise FileUnwritable(file=path.name, why="the writer ended")
        return told.summary

    # -- files -------------------------------------------------------------------------------

    async def listed(self) -> list[Listed]:
        """The backups in the folder, newest first."""
        book = {made.file: made for made in (await backup_book.read()).made}
        found = []
        for moment, path in await _own(self.folder):
            made, size = book.get(path.name), path.stat().st_size
            checked = made is not None and made.size == size
            found.append(Listed(path.name, moment, size, checked, bool(made and made.copied_at)))
        return sorted(found, key=lambda one: one.made_at, reverse=True)

    async def find(self, name: str) -> Path:
        """The file of that name. Refuses with `BackupNotFound`."""
        for _, path in await _own(self.folder):
            if path.name == name:
                return path
        raise foundation.BackupNotFound(file=name)

    async def _thin(self, place: Path) -> None:
        await asyncio.to_thread(thin, place, await _own(place))

    async def copy_out(self, *, by: Actor) -> None:
        """Copy the newest backup into the second folder, if that is there and lacks it."""
        book = await backup_book.read()
        target = Path(book.folder)
        if not book.folder or book.newest is None or not is_there(target):
            return
        source, copy = self.folder / book.newest.file, target / book.newest.file
        if not is_there(self.folder) or not _exists(source) or _exists(copy):
            return
        await asyncio.to_thread(copy_checked, source, copy, sha256=book.newest.sha256)
        left = is_elsewhere(target, self.settings.data)
        await backup_book.record_copy(book.newest.file, left=left, by=by)
        await self._thin(target)

    async def plan(self, *, hour: int, copies_to: str, by: Actor) -> None:
        """Set the daily hour and the second folder. Refuses with `BackupPlanRefused`."""
        if copies_to:
            _require_target(Path(copies_to), self.settings.data)
        await backup_book.plan(hour=hour, folder=copies_to, by=by)


def thin(place: Path, own: list[tuple[datetime, Path]]) -> None:
    """Delete a store's backups that are not to be kept, and old parts that a crash left."""
    stay = backup_book.kept(moment for moment, _ in own)
    for moment, path in own:
        if moment not in stay:
            path.unlink(missing_ok=True)
    for part in place.glob(".xiangyue-*.xyb-*"):
        if clock.now().timestamp() - part.stat().st_mtime > PART_SECONDS:
            part.unlink(missing_ok=True)


def _require_target(target: Path, data: Path) -> None:
    if not target.is_absolute() or not target.is_dir():
        raise BackupPlanRefused(reason="folder")
    if target.resolve().is_relative_to(data.resolve()):
        raise BackupPlanRefused(reason="inside")
    if not os.access(target, os.W_OK | os.X_OK):
        raise BackupPlanRefused(reason="unwritable")


@asynccontextmanager
async def _child(settings: Settings, path: Path) -> AsyncIterator[asyncio.StreamReader]:
    """The writer's lines; it is ended with the block, whole or not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.backup_worker", str(path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **settings_.export(settings)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process.stdout
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _begun() -> datetime | None:
    """When a real store began; a demonstration's backups are made by hand."""
    kind = await StoreFact.get_or_none(name="kind")
    return await backup_book.begun() if kind and kind.value == "real" else None


async def _mark() -> str:
    """Eight letters that are this store's own, for the life of the store and of its copies."""
    fact = await StoreFact.get_or_none(name="begun_at")
    return hashlib.sha256((fact.value if fact else "").encode()).hexdigest()[:8]


async def _own(place: Path) -> list[tuple[datetime, Path]]:
    """This store's backups in a folder, and when each was made."""
    form = re.compile(_NAME.format(mark=await _mark()))
    names = os.listdir(place) if is_there(place) else []  # noqa: PTH208 - names are all it takes
    found = [(match, name) for name in names if (match := form.fullmatch(name))]
    return [
        (datetime.strptime(match[1], _WHEN).replace(tzinfo=UTC), place / name)
        for match, name in found
    ]


def is_there(place: Path) -> bool:
    """Whether a folder is there: a stick may have been taken out."""
    return place.is_dir()


def _exists(file: Path) -> bool:
    return file.exists()


def is_elsewhere(place: Path, data: Path) -> bool:
    """Whether a folder lies on another disk than the data does."""
    return place.stat().st_dev != data.stat().st_dev


def copy_checked(source: Path, copy: Path, *, sha256: str) -> None:
    """Copy a file so that it appears whole, or not at all. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=copy.parent, prefix=f".{copy.name}-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as file:
            shutil.copyfileobj(file, out)
            out.flush()
            os.fsync(out.fileno())
        if backups.sha256(part) != sha256:
            raise OSError(5, "the copy differs")
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)


def _refusal(error: OSError, place: Path) -> Refusal:
    return backups.refusal_for(error, place)


def revived(kind: str, facts: dict[str, str]) -> Refusal:
    """The refusal of that name, as a child or the book told it."""
    known = {refusal.__name__: refusal for refusal in errors.REFUSALS}
    return known.get(kind, FileUnwritable)(**facts)


class State(msgspec.Struct, frozen=True):
    """Everything about this installation's backups. `running` is None while none is made.

    `same_disk`: whether the second folder lies on the disk that the data is on, or None.
    """

    backups: list[Listed]
    running: Running | None
    warnings: list[Warning_]
    failure: Failure | None
    hour: int
    folder: str
    folder_there: bool
    same_disk: bool | None
    left_at: datetime | None
    needed_keys: list[str]


async def state(keeper: Keeper) -> State:
    """How it stands with this installation's backups and keys."""
    book, left = await backup_book.read(), await backup_book.left_at()
    target = Path(book.folder)
    there = bool(book.folder) and is_there(target)
    return State(
        backups=await keeper.listed(),
        running=keeper.running,
        warnings=await warnings(),
        failure=book.failure,
        hour=book.hour,
        folder=book.folder,
        folder_there=there,
        same_disk=not is_elsewhere(target, keeper.settings.data) if there else None,
        left_at=left,
        needed_keys=sorted(await rotation.used()),
    )


async def warnings() -> list[Warning_]:
    """What there is to warn of about the store's backups; nothing for a demonstration."""
    begun = await _begun()
    if begun is None:
        return []
    book, left = await backup_book.read(), await backup_book.left_at()
    return backup_book.warnings(book, begun=begun, left=left, now=clock.now())


WORDS: dict[Warning_, str] = {
    "failed": _n("上一次自动备份没有做成。"),
    "old": _n("已经三天没有备份了。"),
    "never_left": _n("还没有一份备份离开过这台电脑：电脑坏了，备份也跟着没了。请下载一份到 U 盘。"),
}


def sentence(failure: Failure) -> str:
    """Why a backup failed, in the reader's language."""
    return errors.message(revived(failure.kind, failure.facts))
