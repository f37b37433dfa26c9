"""The change feed as a caller may read it: what is told to whom.

Told are ids and kinds of what lies in villages that are wholly in the caller's reach and that he
may read there; a duty in a group or a grid reads the register itself, and is told nothing of its
households here. Only reads; nothing told here says what a thing holds.
"""

import msgspec

from foundation import changes
from foundation.actors import Actor
from foundation.changes import Change
from households import directory, officials, regions

LIMIT_MAX = 1000

# What the feed tells of, and the permission that it takes to be told.
KINDS = {
    "entries": "entries.read",
    "household": "register.read",
    "publication": "publications.read",
    "rulebook": "rules.read",
    "official": "officials.read",
    "region": "regions.read",
    "setting": "settings.write",
}
# Officials and regions belong to no one village.
ANYWHERE = ("official", "region")


class Told(msgspec.Struct, frozen=True):
    """A part of the feed, the cursor to read on from, and whether more waits there already."""

    changes: list[Change]
    cursor: str
    more: bool


async def after(cursor: str, *, actor: Actor, limit: int = 200) -> Told:
    """What changed after a cursor, oldest first, each thing once in an answer.

    An answer without changes may still say `more`: what was passed over is not the caller's.

    Args:
        cursor: of an earlier answer; empty for the beginning, "latest" for where the feed ends.
        actor: who follows.
        limit: how many lines of the log to look at, at most 1000.

    Refuses with `CursorUnknown` when this store never gave that cursor.
    """
    if cursor == changes.LATEST:
        return Told([], await changes.latest(), False)
    kinds = [kind for kind, needed in KINDS.items() if officials.allowed(actor, needed)]
    limit = max(1, min(limit, LIMIT_MAX))
    looked_at = await changes.after(cursor, kinds=kinds, limit=limit + 1)
    found = looked_at[:limit]
    reach = await _reach(actor, {change.kind for change in found})
    told = [change for change in found if _place_of(change) in reach[change.kind]]
    last = {(change.kind, change.key): change for change in told}
    return Told(
        sorted(last.values(), key=lambda change: change.position),
        found[-1].cursor if found else cursor,
        len(looked_at) > limit,
    )


def _place_of(change: Change) -> str:
    return change.key if change.kind in ANYWHERE else change.village


async def _reach(actor: Actor, kinds: set[str]) -> dict[str, set[str]]:
    """By kind, the villages that are wholly in reach, or the very things that are."""
    reach: dict[str, set[str]] = {}
    for kind in kinds:
        if kind == "official":
            reach[kind] = {str(one.id) for one in await directory.listing(actor)}
            continue
        seen = await regions.visible(actor, KINDS[kind])
        reach[kind] = {one.code for one in seen if kind == "region" or one.level == "village"}
    return reach
