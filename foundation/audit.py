"""The audit log: one line for every write and every read of something restricted.

Called inside the verb's own transaction, so the line and the deed stand or fall together.
Facts never hold a personal number, a reason's text or a password.
"""

from typing import Any

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
