"""Which version of a village's rule book is in force on which day.

Pure functions over the days on which versions begin; no job ever changes a state. The rule: on a
day the version with the latest beginning up to that day is in force, and of two that begin on the
same day the one published later. Must never let a new version change what was in force on a day
that has begun: points bind to the version of the day of the deed.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

import msgspec

from rules.errors import InForceOutOfRange, InForceTooEarly

State = Literal["draft", "scheduled", "in_force", "superseded"]

# Ten years: the oldest paper rule book that a village is expected to bring along.
PAST_DAYS_MAX = 3660
AHEAD_DAYS_MAX = 366
_DAY = timedelta(days=1)


class Start(msgspec.Struct, frozen=True, order=True):
    """A published version's first day in force and its number, which orders equal days."""

    on: date
    number: int


def current(starts: Iterable[Start], on: date) -> Start | None:
    """The start of the version in force on a day, or None before there was one."""
    return max((start for start in starts if start.on <= on), default=None)


def until(start: Start, starts: Iterable[Start]) -> date | None:
    """The last day of a version, or None while nothing follows it.

    A version replaced before its first day ends on the day before it: it was never in force.
    """
    following = min((other.on for other in starts if other > start), default=None)
    return following - _DAY if following else None


def within(starts: Iterable[Start], *, first: date, last: date) -> list[Start]:
    """The starts of all versions in force on any day from `first` to `last`, oldest first."""
    known = sorted(starts)
    found = []
    for start in known:
        ended = until(start, known)
        if start.on <= last and (ended is None or ended >= max(first, start.on)):
            found.append(start)
    return found


def state(start: Start, last: date | None, *, today: date) -> State:
    """What a published version is today; `last` is what `until` says."""
    if last is not None and last < max(today, start.on):
        return "superseded"
    return "scheduled" if start.on > today else "in_force"


def earliest(starts: Iterable[Start], *, today: date) -> date:
    """The first day from which a further version may follow those already published.

    A village's first version may begin in the past, so that months before the program came can
    be scored under it. Later ones begin tomorrow at the earliest, as today may already have
    been scored, and not before one that is announced.
    """
    latest = max((start.on for start in starts), default=None)
    if latest is None:
        return today - PAST_DAYS_MAX * _DAY
    return max(today + _DAY, latest)


def require_start(on: date, starts: Iterable[Start], *, today: date) -> None:
    """Refuse with `InForceTooEarly` a first day that would change history, and with
    `InForceOutOfRange` one that must be a mistake.

    Days before the first version of all are free: nothing can have been scored there.
    """
    known = list(starts)
    first = min((start.on for start in known), default=None)
    oldest, newest = today - PAST_DAYS_MAX * _DAY, today + AHEAD_DAYS_MAX * _DAY
    if not oldest <= on <= newest:
        raise InForceOutOfRange(on=on, earliest=oldest, latest=newest)
    if first is not None and first <= on < earliest(known, today=today):
        raise InForceTooEarly(on=on, earliest=earliest(known, today=today))
