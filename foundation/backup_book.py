"""What the store knows of its own backups: the plan, those that were made, the last failure.

Kept as one fact of the store. When a backup is due, which ones are kept, and what there is to
warn of are pure functions.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from foundation.backups import Summary
from foundation.errors import BackupPlanRefused, Refusal
from foundation.models import StoreFact

FACT = "backup_book"
HOUR = 12
# How many of the newest days, weeks and months keep one backup each.
DAYS, WEEKS, MONTHS = 7, 4, 12
MADE_MAX = 60
LATE = timedelta(days=3)

Warning_ = Literal["failed", "old", "never_left"]


class Made(msgspec.Struct, frozen=True):
    """A backup that was read back and found whole; `copied_at` empty until it was copied."""

    file: str
    made_at: str
    size: int
    rows: int
    sha256: str
    copied_at: str = ""


class Failure(msgspec.Struct, frozen=True):
    """Why the last attempt failed: a refusal's name and facts, to be said in any language."""

    at: str
    kind: str
    facts: dict[str, str]


class Book(msgspec.Struct, frozen=True):
    """Plan and history. `hour` is on China's clock; `folder` is where copies go, or empty."""

    hour: int = HOUR
    folder: str = ""
    made: tuple[Made, ...] = ()
    failure: Failure | None = None

    @property
    def newest(self) -> Made | None:
        return max(self.made, key=lambda one: one.made_at, default=None)


# -- pure rules --------------------------------------------------------------------------------


def is_due(book: Book, *, begun: datetime, now: datetime) -> bool:
    """Whether the set hour has struck since the newest backup, or since the store began.

    An office PC that was off at that hour makes its backup as soon as it is on again.
    """
    last = clock.moment(book.newest.made_at) if book.newest else begun
    struck = clock.local(now).replace(hour=book.hour, minute=0, second=0, microsecond=0)
    if struck > clock.local(now):
        struck -= timedelta(days=1)
    return last < struck


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Which backups stay: the newest of each of 7 days, 4 weeks and 12 months that have one."""
    newest_first = sorted(moments, reverse=True)
    stay: set[datetime] = set()
    for count, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        first: dict[str, datetime] = {}
        for moment in newest_first:
            first.setdefault(clock.local(moment).strftime(period), moment)
        stay.update(list(first.values())[:count])
    return stay


def warnings(
    book: Book, *, begun: datetime, left: datetime | None, now: datetime
) -> list[Warning_]:
    """What to warn of.

    Args:
        book: the store's.
        begun: when the store began.
        left: when a backup last left this machine, as far as is known.
        now: the present.
    """
    found: list[Warning_] = []
    last = clock.moment(book.newest.made_at) if book.newest else begun
    if book.failure and clock.moment(book.failure.at) >= last:
        found.append("failed")
    if now - last > LATE:
        found.append("old")
    if left is None and now - begun > LATE:
        found.append("never_left")
    return found


# -- the fact ----------------------------------------------------------------------------------


async def read() -> Book:
    """The book as it stands."""
    fact = await StoreFact.get_or_none(name=FACT)
    return msgspec.json.decode(fact.value, type=Book) if fact else Book()


async def begun() -> datetime | None:
    """When the store began, or None while nothing was written into it."""
    fact = await StoreFact.get_or_none(name="begun_at")
    return clock.moment(fact.value) if fact else None


async def left_at() -> datetime | None:
    """When a backup last left this machine: downloaded, or written to another disk."""
    found = await database.rows(
        "SELECT MAX(at) AS at FROM audit_line WHERE verb IN ('backups.download', 'backups.copy')"
    )
    at = found[0]["at"]
    return datetime.fromisoformat(at) if isinstance(at, str) else at


async def _change(**fields: Any) -> None:
    fact = await StoreFact.filter(name=FACT).select_for_update().first()
    book = msgspec.json.decode(fact.value, type=Book) if fact else Book()
    changed = msgspec.json.encode(msgspec.structs.replace(book, **fields)).decode()
    await StoreFact.update_or_create({"value": changed}, name=FACT)


@database.transaction
async def plan(*, hour: int, folder: str, by: Actor) -> None:
    """Set the hour of the daily backup and where its copies go.

    Refuses with `BackupPlanRefused`; whether the folder is one is for the caller to look at.
    """
    if not 0 <= hour <= 23:
        raise BackupPlanRefused(reason="hour")
    await _change(hour=hour, folder=folder)
    await audit.note(by, "backups.plan", hour=hour, copies=bool(folder))


@database.transaction
async def record(summary: Summary, *, by: Actor) -> Made:
    """Write down a backup that was made and checked."""
    made = Made(summary.file, summary.made_at, summary.size, summary.rows, summary.sha256)
    book = await read()
    others = [one for one in book.made if one.file != made.file]
    newest = sorted([*others, made], key=lambda one: one.made_at)[-MADE_MAX:]
    await _change(made=tuple(newest), failure=None)
    await audit.note(by, "backups.write", subject=f"backup:{made.file}", rows=made.rows)
    return made


@database.transaction
async def record_failure(refusal: Refusal, *, by: Actor) -> None:
    """Write down why a backup was not made."""
    facts = {name: str(value) for name, value in refusal.facts.items()}
    kind = type(refusal).__name__
    await _change(failure=Failure(clock.stamp(clock.now()), kind, facts))
    await audit.note(by, "backups.fail", kind=kind)


@database.transaction
async def record_copy(file: str, *, left: bool, by: Actor) -> None:
    """Write down that a backup was copied; `left` if onto another disk than the store's."""
    at = clock.stamp(clock.now())
    book = await read()
    copied = (
        msgspec.structs.replace(one, copied_at=at) if one.file == file else one for one in book.made
    )
    await _change(made=tuple(copied))
    verb = "backups.copy" if left else "backups.copy_here"
    await audit.note(by, verb, subject=f"backup:{file}")


@database.transaction
async def record_download(file: str, *, by: Actor) -> None:
    """Write down that somebody takes a backup away."""
    await audit.note(by, "backups.download", subject=f"backup:{file}")
