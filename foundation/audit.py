"""The audit log: one line for every write and every read of something restricted.

Called inside the verb's own transaction, so the line and the deed stand or fall together.
Facts never hold a personal number, a reason's text or a password. A command that may only read
the store, because a server writes there, leaves its lines in a file beside it, and the next
process that writes takes them in. What a verb changed is told to the change feed by the way.
"""

import fcntl
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from foundation import changes, clock, database
from foundation.actors import Actor
from foundation.models import AuditLine

_beside: Path | None = None

# What a subject may name that the change feed tells of (foundation/changes.py).
CHANGING = ("household", "publication", "rulebook", "official", "region", "setting")
# Beginnings of verbs that only show or hand out what their subject is, or are about the way in:
# that a family opened its passbook is no change of the household.
SHOWING = (
    "leaderboard.export",
    "passbooks.",
    "register.check_id_number",
    "register.export",
    "register.read_restricted",
    "register.unmask",
    "rules.read_scan",
    "sessions.open",
)


def write_beside(file: Path | None) -> None:
    """From now on write lines to this file, or with None into the store again."""
    global _beside
    _beside = file


async def note(
    by: Actor,
    verb: str,
    *,
    village: str = "",
    subject: str = "",
    changed: Iterable[str] = (),
    **facts: Any,
) -> None:
    """Write one line, and into the change feed what the verb changed.

    Args:
        by: who acted.
        verb: what was done, as package.verb, such as "register.unmask".
        village: 12-digit code where the act belongs to a village.
        subject: what it was done to, as kind:id, such as "household:5f0c...".
        changed: what else the verb changed, each written as a subject; they are not in the line.
        facts: counts, codes and dates that explain the act.
    """
    line = Line(clock.now(), by.label, verb, village, subject, facts)
    if _beside is None:
        await AuditLine.create(**msgspec.structs.asdict(line))
        if not verb.startswith(SHOWING):
            await _tell([subject, *changed], village=village)
        return
    with _locked(_beside) as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())


async def _tell(subjects: Iterable[str], *, village: str) -> None:
    keys: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _, key = subject.partition(":")
        if kind in CHANGING:
            keys.setdefault(kind, []).append(key)
    for kind, named in keys.items():
        await changes.note(kind, named, village=village)


@database.transaction
async def take_in(path: Path) -> int:
    """Bring lines that were written beside the store into it; returns how many there were.

    A crash on the way leaves the file as it was, and no line comes in twice.
    """
    with _locked(path) as file:
        file.seek(0)
        waiting = [msgspec.json.decode(line, type=Line) for line in file]
        for line in waiting:
            same = {"at": line.at, "actor": line.actor, "verb": line.verb, "subject": line.subject}
            if not await AuditLine.filter(**same).exists():
                await AuditLine.create(**msgspec.structs.asdict(line))
        file.truncate(0)
    return len(waiting)


def _locked(path: Path) -> IO[bytes]:
    """A file to append to, its owner's alone, and nobody else's as long as it is open."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "a+b")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


class Line(msgspec.Struct, frozen=True):
    """One line as it is shown: who did what to what, and when."""

    at: datetime
    actor: str
    verb: str
    village: str
    subject: str
    facts: dict[str, Any]
