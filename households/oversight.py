"""Who may look into the audit log, how far, and what he takes out of it.

A duty opens the lines of the villages in its subtree, and the lines of no village by those who
serve, or served, within it. Only who answers for the whole tree sees what was done at the
machine itself.
"""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import Q

from foundation import audit, database
from foundation.actors import Actor
from foundation.trail import Reach
from households import card, officials, register
from households.models import Household, Official, Region

PERMISSION = "audit.read"


async def reach(actor: Actor) -> Reach | None:
    """What the actor may see of the log; None for all of it. Refuses with `NotAllowed`."""
    officials.require_anywhere(actor, PERMISSION)
    prefixes = officials.scope(actor, PERMISSION)
    if prefixes is None:
        return None
    roots = [root.path for root in await Region.filter(parent="")]
    if roots and all(root.startswith(tuple(prefixes)) for root in roots):
        return None
    villages: set[str] = set()
    people: set[str] = set()
    for prefix in prefixes:
        below = Region.filter(path__startswith=prefix, level="village")
        villages |= {village.code for village in await below}
        found = await database.rows(
            "SELECT DISTINCT d.official_id AS id FROM official_duty d "
            "JOIN region r ON r.code = d.region WHERE substr(r.path, 1, ?) = ?",
            [len(prefix), prefix],
        )
        people |= {str(row["id"]) for row in found}
    return Reach(tuple(sorted(villages)), tuple(sorted(people)))


async def labels(typed: str) -> list[str] | None:
    """What the log keeps for those of that login or name; None where nobody was asked for."""
    if not typed.strip():
        return None
    found = await Official.filter(Q(login=typed.strip()) | Q(name=typed.strip()))
    return [str(official.id) for official in found] or [typed.strip()]


async def households(typed: str, *, actor: Actor) -> list[UUID]:
    """The households of that id, number or head in the actor's reach.

    An id is known to the log's reader already; numbers and names only to who may read them.
    """
    try:
        return [UUID(typed.strip())]
    except ValueError:
        pass
    named = Q(number=typed.strip()) | Q(head=typed.strip())
    if not officials.allowed(actor, "register.read"):
        return []
    found = await Household.filter(register.scope_query(actor, "register.read"), named).limit(50)
    return [household.id for household in found]


@database.transaction
async def log_export(
    *, by: Actor, purpose: str, lines: int, fields: Sequence[str], village: str = ""
) -> None:
    """Write down that lines of the log left as a file. Refuses with `PurposeMissing`."""
    officials.require_anywhere(by, PERMISSION)
    await audit.note(
        by,
        "audit.export",
        village=village,
        purpose=card.require_purpose(purpose),
        fields=list(fields),
        lines=lines,
    )
