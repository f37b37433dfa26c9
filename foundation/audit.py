"""The audit log: one line for every write and every read of something restricted.

Called inside the verb's own transaction, so the line and the deed stand or fall together.
Facts never hold a personal number, a reason's text or a password.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from foundation import clock
from foundation.actors import Actor
from foundation.models import AuditLine


async def note(by: Actor, verb: str, *, village: str = "", subject: str = "", **facts: Any) -> None:
    """Write one line.

    Args:
        by: who acted.
        verb: what was done, as package.verb, such as "register.unmask".
        village: 12-digit code where the act belongs to a village.
        subject: what it was done to, as kind:id, such as "household:5f0c...".
        facts: counts, codes and dates that explain the act.
    """
    await AuditLine.create(
        at=clock.now(), actor=by.label, verb=verb, village=village, subject=subject, facts=facts
    )


class Line(msgspec.Struct, frozen=True):
    """One line as it is shown: who did what to what, and when."""

    at: datetime
    actor: str
    verb: str
    village: str
    subject: str
    facts: dict[str, Any]


PAGE_SIZE = 50


async def lines(
    villages: Sequence[str] | None,
    *,
    verb: str = "",
    subject: str = "",
    actor: str = "",
    first: date | None = None,
    last: date | None = None,
    page: int = 1,
) -> tuple[list[Line], int]:
    """A page of the log, newest first, and how many lines there are in all.

    Args:
        villages: the villages whose lines may be seen; None for every line of the store.
        verb: the beginning of the verb, such as "register." or "register.unmask".
        subject: exactly this subject.
        actor: exactly this actor's label.
        first: local date of the oldest line wanted.
        last: local date of the newest line wanted.
        page: from 1, of `PAGE_SIZE` lines.
    """
    wanted = AuditLine.all()
    if villages is not None:
        wanted = wanted.filter(village__in=list(villages) or ["-"])
    if verb:
        wanted = wanted.filter(verb__startswith=verb)
    if subject:
        wanted = wanted.filter(subject=subject)
    if actor:
        wanted = wanted.filter(actor=actor)
    if first:
        wanted = wanted.filter(at__gte=clock.midnight(first))
    if last:
        wanted = wanted.filter(at__lt=clock.midnight(clock.after(last, days=1)))
    total = await wanted.count()
    found = await wanted.order_by("-id").offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [
        Line(row.at, row.actor, row.verb, row.village, row.subject, row.facts) for row in found
    ], total
