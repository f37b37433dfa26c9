"""What is wanted before it is an entry: the content of a posting, without its place in the chain.

Pure. The ledger turns it into a link of the chain, or finds that it already is one.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec

from points import chain
from points.chain import Entry
from points.errors import CannotReverse, DeductionNotYet, IdTaken, ReasonMissing, ReasonTooLong
from rules.rulebook import Item

REASON_LENGTH_MAX = 500


class Posting(msgspec.Struct, frozen=True, gc=False):
    """An entry that is wanted. `source` says by which paper or screen it came."""

    id: UUID
    household_id: UUID
    item: Item
    points: int
    deed_on: date
    source: str
    kind: str = "award"
    reason: str = ""
    evidence_id: UUID | None = None


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """An entry before it has its place in the chain, with what stands beside the chain.

    `texts` are the draft's values as `chain.texts` has them. Ids are compared by their texts all
    through a posting: a text keeps its hash, a UUID reckons it anew each time.
    """

    draft: Entry
    texts: list[str]
    item: Item | None = None
    reason: str = ""
    evidence_id: UUID | None = None


def reasoned(typed: str) -> str:
    """A reason as it is kept. Refuses with `ReasonMissing` and `ReasonTooLong`."""
    reason = typed.strip()
    if not reason:
        raise ReasonMissing()
    if len(reason) > REASON_LENGTH_MAX:
        raise ReasonTooLong(length=len(reason), length_max=REASON_LENGTH_MAX)
    return reason


def draft(
    *,
    id: UUID,
    village: str,
    household_id: UUID,
    kind: str,
    points: int,
    deed_on: date,
    source: str,
    by: str,
    item: Item | None = None,
) -> Entry:
    """An entry without its place in the chain, its time and its reason's digest."""
    assert type(points) is int, "points are whole numbers"
    return Entry(
        prev_hash="",
        village=village,
        seq=0,
        id=id,
        household_id=household_id,
        kind=kind,
        item_id=item.id if item else None,
        item_code=item.code if item else "",
        block=item.block if item else "",
        points=points,
        deed_on=deed_on,
        recorded_at="",
        recorded_by=by,
        source=source,
        reverses_id=None,
        reason_digest="",
    )


class Share(msgspec.Struct, frozen=True):
    """What one household loses or gets by a transfer."""

    village: str
    household_id: UUID
    points: int


def transfer_id(step: UUID, household_id: UUID) -> UUID:
    """The id of a household's entry of a step, so that the step finds its entries again."""
    return uuid5(step, str(household_id))


def transferred(step: UUID, share: Share, *, on: date, source: str, reason: str, by: str) -> Wanted:
    """One side of a transfer; its id follows from the step and the household."""
    entry = draft(
        id=transfer_id(step, share.household_id),
        village=share.village,
        household_id=share.household_id,
        kind="transfer",
        points=share.points,
        deed_on=on,
        source=source,
        by=by,
    )
    return Wanted(entry, chain.texts(entry), reason=reasoned(reason))


def reversal(original: Entry, *, id: UUID, reason: str, by: str) -> Wanted:
    """What takes an entry back, on its day of the deed. Refuses with `CannotReverse`."""
    if original.kind not in ("award", "deduction"):
        raise CannotReverse(id=original.id, kind=original.kind)
    entry = msgspec.structs.replace(
        original,
        id=id,
        kind="reversal",
        points=-original.points,
        recorded_by=by,
        source="reversal",
        reverses_id=original.id,
    )
    return Wanted(entry, chain.texts(entry), reason=reasoned(reason))


def wanted(posting: Posting, *, village: str, by: str) -> Wanted:
    """The entry that a posting asks for, with its item; a deduction is `DeductionNotYet`."""
    if posting.kind == "deduction":
        raise DeductionNotYet(item=posting.item.name, points=posting.points)
    assert posting.kind == "award", "base points and reversals have verbs of their own"
    entry = draft(
        id=posting.id,
        village=village,
        household_id=posting.household_id,
        kind=posting.kind,
        points=posting.points,
        deed_on=posting.deed_on,
        source=posting.source,
        by=by,
        item=posting.item,
    )
    return Wanted(entry, chain.texts(entry), posting.item, posting.reason, posting.evidence_id)


_CHAINED = ("prev_hash", "seq", "recorded_at", "reason_digest", "hash")


def require_same(want: Wanted, row: Mapping[str, Any]) -> None:
    """Refuses with `IdTaken` unless the row says what is wanted; an erased reason passes."""
    entry = chain.entry_of(row)
    settled = {name: getattr(entry, name) for name in _CHAINED}
    same = msgspec.structs.replace(want.draft, **settled) == entry
    if row["salt"] is None:
        same = same and bool(want.reason) == bool(entry.reason_digest)
    else:
        digest = chain.reason_digest(want.reason, salt=row["salt"])
        evidence = UUID(str(row["evidence_id"])) if row["evidence_id"] else None
        same = same and digest == entry.reason_digest and want.evidence_id == evidence
    if not same:
        raise IdTaken(id=entry.id)
