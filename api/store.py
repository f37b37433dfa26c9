"""Opening the store for a process: keys, the single writer's lock, migration, its kind.

A store is a demonstration or real for ever; what is neither yet becomes one of them with the
first thing that is written into it.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

from api.settings import Settings
from foundation import audit, clock, database, keys, rotation, tables
from foundation.errors import FolderUnusable, StoreInUse, StoreKindMismatch
from foundation.models import StoreFact

Kind = Literal["demo", "real"]
# Where commands that only read an embedded store leave their audit lines.
AUDIT_BESIDE = "audit-beside.jsonl"


@asynccontextmanager
async def opened(settings: Settings, *, write: bool) -> AsyncIterator[None]:
    """Open the store, migrated, for as long as the block runs.

    With `write` on an embedded store this process becomes its only writer, or the refusal
    `StoreInUse` says that another one is. Without it a store in use is opened read-only.

    Refuses with `UnknownKey` when the store was begun with a secret that is not here.
    """
    _require_folder(settings.data)
    locks = ExitStack()
    read_only = False
    try:
        _hold(settings, locks)
    except StoreInUse:
        locks.close()
        if write:
            raise
        read_only = True
    try:
        await database.open(settings.store_url, read_only=read_only)
        if not read_only:
            await database.migrate(settings.store_url)
        needed = await StoreFact.get_or_none(name="key_id")
        needed_id = needed.value if needed else ""
        keys.hold(keys.load(settings.data, secret=settings.secret, needed=needed_id))
        await rotation.take_up()
        if read_only:
            audit.write_beside(settings.data / AUDIT_BESIDE)
        else:
            await audit.take_in(settings.data / AUDIT_BESIDE)
        yield
    finally:
        audit.write_beside(None)
        await database.close()
        locks.close()


@asynccontextmanager
async def to_fill(settings: Settings, *, needed: Sequence[str]) -> AsyncIterator[None]:
    """Open a store whose tables may still be missing, to restore a backup into it.

    Refuses with `UnknownKey` before anything is made when one of the keys in `needed` is not
    here, and with `StoreInUse`.
    """
    for key_id in needed:
        keys.hold(keys.load(settings.data, secret=settings.secret, needed=key_id))
    _require_folder(settings.data)
    with ExitStack() as locks:
        _hold(settings, locks)
        try:
            await database.open(settings.store_url)
            yield
        finally:
            await database.close()


def needed_key(settings: Settings) -> str:
    """The id of the key that the store needs, empty where there is no store yet."""
    file = Path(settings.store_url.removeprefix("sqlite://"))
    if settings.is_embedded and not file.exists():
        return ""

    async def ask() -> str:
        await database.open(settings.store_url, read_only=True)
        try:
            if not await tables.applied():
                return ""
            fact = await StoreFact.get_or_none(name="key_id")
            return fact.value if fact else ""
        finally:
            await database.close()

    return asyncio.run(ask())


def _hold(settings: Settings, locks: ExitStack) -> None:
    """Become an embedded store's only writer. Refuses with `StoreInUse`."""
    for folder in settings.writers_folders:
        locks.push(database.hold_store(folder))


def _require_folder(folder: Path) -> None:
    """Make the data folder, or refuse with `FolderUnusable`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(folder=str(folder), why=error.strerror) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderUnusable(folder=str(folder), why=os.strerror(errno.EACCES))


async def kind() -> Kind | None:
    """What the open store is, or None while nothing was written into it."""
    fact = await StoreFact.get_or_none(name="kind")
    if fact is None:
        return None
    return "demo" if fact.value == "demo" else "real"


@database.transaction
async def claim(wanted: Kind) -> None:
    """Make an unclaimed store a demonstration or a real one, for ever.

    Refuses with `StoreKindMismatch` when it is the other already.
    """
    current = await kind()
    if current == wanted:
        return
    if current is not None:
        raise StoreKindMismatch(kind=current, wanted=wanted)
    facts = {"kind": wanted, "begun_at": clock.stamp(clock.now()), "key_id": keys.ring().current.id}
    for name, value in facts.items():
        await StoreFact.create(name=name, value=value)
