"""A household's points go where its people go: the register's steps with their two entries.

The register's part is households/moves.py, the entries are the ledger's; here both become one
transaction. Points leave one chain and enter another, nothing is made and nothing is earned:
what a household earned stays its own on every leaderboard, and what it becomes begins at nought.

Nobody takes a step with his own household. The villages are queued for in a fixed order, so two
steps never wait for each other.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from foundation import database
from foundation.actors import Actor
from households import lineage, moves, register, undoing
from households.errors import MoveSettled
from households.lineage import Move
from households.models import Household, Resident
from households.moves import Merge, Relocate, Split
from points import ledger, postings
from points.errors import OwnMove, PointsSpent, SplitNotCovered
from points.postings import Share


@database.transaction
async def split(household_id: UUID, wanted: Split, *, id: UUID, revision: int, by: Actor) -> Move:
    """Some members become a household of their own and take the agreed points along.

    Args:
        household_id: whom they leave.
        wanted: who goes; without `points` the balance is divided by heads, see `by_heads`.
        id: made by the client, once for this step.
        revision: the household's, as the clerk saw it.
        by: who does it, by `register.write`.

    Refuses as `moves.split`, with `SplitNotCovered`, `OwnMove`, `ReasonMissing`,
    `ReasonTooLong`.
    """
    content = lineage.digest("split", household_id, wanted)
    kept, done = await _begin(household_id, id, content, by=by)
    if done:
        return done
    reason = postings.reasoned(wanted.reason)
    balance = await _locked_balance(kept)
    points = wanted.points
    if points is None:
        points = await share_by_heads(household_id, len(set(wanted.members)), balance=balance)
    if not 0 <= points <= max(balance, 0):
        raise SplitNotCovered(points=points, balance=balance)
    move = await moves.split(household_id, wanted, id=id, points=points, revision=revision, by=by)
    await _transfer(move, move.household_id, move.other_id, reason=reason, by=by)
    return move


@database.transaction
async def merge(household_id: UUID, wanted: Merge, *, id: UUID, revision: int, by: Actor) -> Move:
    """A household goes into another one with its whole balance, and is closed.

    Refuses as `moves.merge`, with `OwnMove`, `ReasonMissing`, `ReasonTooLong`.
    """
    content = lineage.digest("merge", household_id, wanted)
    kept, done = await _begin(household_id, id, content, by=by)
    if done:
        return done
    reason = postings.reasoned(wanted.reason)
    _require_other(wanted.into, by=by)
    points = await _locked_balance(kept)
    move = await moves.merge(household_id, wanted, id=id, points=points, revision=revision, by=by)
    await _transfer(move, move.household_id, move.other_id, reason=reason, by=by)
    return move


@database.transaction
async def relocate(
    household_id: UUID, wanted: Relocate, *, id: UUID, revision: int, by: Actor
) -> Move:
    """A household goes to another village with its whole balance, one point for one.

    Refuses as `moves.relocate`, with `OwnMove`, `ReasonMissing`, `ReasonTooLong`.
    """
    content = lineage.digest("relocate", household_id, wanted)
    await register.village_to_move_to(wanted.village, by=by)
    kept, done = await _begin(
        household_id, id, content, by=by, permission="register.move", beside=wanted.village
    )
    if done:
        return done
    reason = postings.reasoned(wanted.reason)
    points = await _locked_balance(kept, beside=wanted.village)
    move = await moves.relocate(
        household_id, wanted, id=id, points=points, revision=revision, by=by
    )
    await _transfer(move, move.household_id, move.other_id, reason=reason, by=by)
    return move


@database.transaction
async def undo(move_id: UUID, *, id: UUID, by: Actor) -> Move:
    """Put a step back with the points that went along.

    Neither the step nor its entries are erased: the way back is a step and two entries of its
    own. Refuses as `undoing.undo`, with `MoveSettled` when the household that the step made has
    entries of its own by now, `PointsSpent` when what would go back is not there any more, and
    `OwnMove`.
    """
    if done := await lineage.known(id, lineage.digest("undo", move_id, None)):
        return done
    kept = await undoing.find_to_undo(move_id, by=by)
    if done := await lineage.known(id, lineage.digest("undo", move_id, None)):
        return done
    for side in (kept.household_id, kept.other_id):
        if side and kept.other_id:
            _require_other(side, by=by)
    points = kept.points
    if kept.other_id:
        await ledger.lock_all({kept.village, kept.other_village})
        standing = await balance_of(kept.other_id)
        if kept.kind != "merge" and await _entries(kept.other_id) > bool(points):
            raise MoveSettled(id=str(move_id), why="entries")
        if points > max(standing, 0):
            raise PointsSpent(points=points, balance=standing)
    move = await undoing.undo(move_id, id=id, points=points, by=by)
    await _transfer(move, move.other_id, move.household_id, reason=UNDONE, by=by)
    return move


UNDONE = "撤销变动，积分退回"
"""The reason that the entries of an undoing carry."""


async def share_by_heads(household_id: UUID, going: int, *, balance: int) -> int:
    """What so many of a household's people take along when nothing else was agreed."""
    people = await Resident.filter(household_id=household_id, state=register.ACTIVE).count()
    return by_heads(balance, going=going, people=people)


def by_heads(balance: int, *, going: int, people: int) -> int:
    """A balance divided by heads: whole points, the rest stays; a debt stays as well.

    A family earned its points together, so each takes the same part; whoever agrees otherwise
    types in what was agreed.
    """
    return max(balance, 0) * going // max(people, going, 1)


async def balance_of(household_id: UUID) -> int:
    """The sum of a household's entries, whoever asks."""
    found = await database.rows(
        "SELECT balance FROM household_balance WHERE household_id = ?", [household_id]
    )
    return int(found[0]["balance"]) if found else 0


async def _begin(
    household_id: UUID,
    id: UUID,
    content: str,
    *,
    by: Actor,
    permission: str = "register.write",
    beside: str = "",
) -> tuple[Household, Move | None]:
    """Queue up; the household, and the step if it was taken before."""
    kept = await register.household(household_id, actor=by, permission=permission)
    await lineage.lock({kept.village, beside} - {""})
    done = await lineage.known(id, content)
    if done is None:
        _require_other(household_id, by=by)
    return kept, done


def _require_other(household_id: UUID, *, by: Actor) -> None:
    if by.household_id == household_id:
        raise OwnMove(household=str(household_id))


async def _locked_balance(kept: Household, *, beside: str = "") -> int:
    """The balance under the ledger's lock: a posting on its way is counted, or comes after."""
    await ledger.lock_all({kept.village, beside} - {""})
    return await balance_of(kept.id)


async def _entries(household_id: UUID) -> int:
    [row] = await database.rows(
        "SELECT COUNT(*) AS entries FROM ledger_entry WHERE household_id = ?", [household_id]
    )
    return int(row["entries"])


async def _transfer(
    move: Move, out: UUID | None, into: UUID | None, *, reason: str, by: Actor
) -> None:
    if not move.points or out is None or into is None:
        return
    villages = {move.household_id: move.village, move.other_id: move.other_village}
    shares = (
        Share(villages[out], out, -move.points),
        Share(villages[into], into, move.points),
    )
    await ledger.transfer(
        move.id, shares, on=move.on, source=f"{move.kind}:{move.id}", reason=reason, by=by
    )


# -- before and after -----------------------------------------------------------------------


class Account(msgspec.Struct, frozen=True):
    """What a step did to one household's balance, and by which entry of which chain."""

    household_id: UUID
    before: int
    points: int
    after: int
    entry: UUID | None = None
    seq: int | None = None


async def accounts(move: Move) -> list[Account]:
    """The balances on both sides of a step as they were then, from the entries themselves."""
    sides = {move.household_id: move.village}
    if move.other_id:
        sides[move.other_id] = move.other_village
    told = []
    for side, village in sides.items():
        entry = postings.transfer_id(move.id, side)
        found = await database.rows("SELECT seq, points FROM ledger_entry WHERE id = ?", [entry])
        if not found:
            return []
        [sums] = await database.rows(
            "SELECT COALESCE(SUM(points), 0) AS before FROM ledger_entry "
            "WHERE household_id = ? AND village = ? AND seq < ?",
            [side, village, found[0]["seq"]],
        )
        before, points = int(sums["before"]), found[0]["points"]
        told.append(Account(side, before, points, before + points, entry, found[0]["seq"]))
    return told


class _Rehearsed(Exception):
    """Carries out what a step would have been, and takes all of it back."""

    def __init__(self, move: Move) -> None:
        self.move = move


async def rehearse(step: Callable[[], Awaitable[Move]]) -> Move:
    """What a step would be: taken in full and put back at once, so that nothing is guessed.

    Refuses exactly as the step would.
    """

    @database.transaction
    async def tried() -> None:
        raise _Rehearsed(await step())

    try:
        await tried()
    except _Rehearsed as rehearsed:
        return rehearsed.move
    raise AssertionError("a rehearsal always ends early")
