"""Batches of single entries, as a program of the county posts them: all of a batch or nothing.

The same entries, one by one or in a batch, in whatever cut, are the same postings: whoever lost
an answer sends what he has again, and what stands already is answered as it stands. Judges
nothing by itself: points/judging.py does, under the village's lock, as for every posting.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from foundation.errors import Refusal
from foundation.models import Attachment
from households import regions
from households.errors import RegionNotFound
from points import ledger, postings
from points.chain import Entry
from points.errors import BatchRefused, EvidenceMissing, IdTaken
from points.ledger import Posting, PostingProblems
from points.models import LedgerEntry
from rules import rulebook
from rules.errors import ItemNotFound
from rules.rulebook import Item

ENTRIES_MAX = 5000


class BatchEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of a batch; `id` is made by the client, once for this entry.

    `item` is the scoring item's id, or its code, which then means the item of that code in the
    rule book in force on the day `on`.
    """

    id: UUID
    household: UUID
    item: str
    points: int
    on: date
    reason: str
    evidence: UUID | None = None


@database.transaction
async def post_batch(
    village: str, entries: Sequence[BatchEntry], *, by: Actor
) -> tuple[list[Entry], int]:
    """Post entries of one village, all or none, in the order given.

    Returns every entry as it stands in the ledger, and how many of them are new. Refuses with
    `RegionNotFound`, `NotAllowed`, `NoRuleBook`, and with `BatchRefused`, whose `errors` are an
    entry's index from 0 and its refusal, as `ledger.award` would refuse it.
    """
    place = await regions.find(village, actor=by, permission="entries.write")
    if place.level != "village":
        raise RegionNotFound(code=village)
    before, _ = await ledger.lock(village)
    items = await _items(village, entries)
    wanted, problems = _wanted(entries, items)
    problems += await _without_evidence(wanted)
    if problems:
        raise BatchRefused(errors=sorted(problems, key=lambda problem: problem[0]))
    indexes = {one.id: index for index, one in enumerate(entries)}
    try:
        posted = await ledger.post(village, [posting for _, posting in wanted], by=by)
    except PostingProblems as stopped:
        named = [(indexes[id], refusal) for id, refusal in stopped.problems]
        raise BatchRefused(errors=named) from None
    except IdTaken as taken:
        if taken.facts.get("id") not in indexes:
            raise
        raise BatchRefused(errors=[(indexes[taken.id], taken)]) from None
    fresh = sum(entry.seq > before for entry in posted)
    if fresh:
        await audit.note(by, "ledger.post_batch", village=village, entries=fresh)
    return posted, fresh


async def _items(village: str, entries: Sequence[BatchEntry]) -> dict[tuple[str, date], Item]:
    """The items that the entries name, by what they are called and the day."""
    by_code = {
        day: {item.code: item for item in (await rulebook.in_force(village, day)).items}
        for day in sorted({one.on for one in entries if not _is_id(one.item)})
    }
    found: dict[tuple[str, date], Item] = {}
    for name, day in {(one.item, one.on) for one in entries}:
        if day in by_code and name in by_code[day]:
            found[name, day] = by_code[day][name]
        elif _is_id(name):
            try:
                found[name, day] = await rulebook.item(UUID(name))
            except ItemNotFound:
                continue
    return found


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name.lower()
    except ValueError:
        return False


def _wanted(
    entries: Sequence[BatchEntry], items: dict[tuple[str, date], Item]
) -> tuple[list[tuple[int, Posting]], list[tuple[int, Refusal]]]:
    """The postings by index, and what is wrong with entries by themselves."""
    wanted: list[tuple[int, Posting]] = []
    problems: list[tuple[int, Refusal]] = []
    seen: set[UUID] = set()
    for index, one in enumerate(entries):
        try:
            if one.id in seen:
                raise IdTaken(id=one.id)
            seen.add(one.id)
            if (one.item, one.on) not in items:
                raise ItemNotFound(id=one.item[:60])
            posting = Posting(
                id=one.id,
                household_id=one.household,
                item=items[one.item, one.on],
                points=one.points,
                deed_on=one.on,
                source="entry",
                reason=postings.reasoned(one.reason),
                evidence_id=one.evidence,
            )
        except Refusal as refusal:
            problems.append((index, refusal))
        else:
            wanted.append((index, posting))
    return wanted, problems


async def _without_evidence(wanted: Sequence[tuple[int, Posting]]) -> list[tuple[int, Refusal]]:
    """Entries whose evidence is not here; one that stands already may have lost it since."""
    asked = [
        (index, posting)
        for index, posting in wanted
        if posting.item.evidence_needed or posting.evidence_id
    ]
    if not asked:
        return []
    ids = [posting.evidence_id for _, posting in asked if posting.evidence_id]
    kept = Attachment.filter(id__in=ids, purpose="evidence")
    here = set(await kept.values_list("id", flat=True))
    entries = LedgerEntry.filter(id__in=[posting.id for _, posting in asked])
    standing = set(await entries.values_list("id", flat=True))
    return [
        (index, EvidenceMissing(item=posting.item.name))
        for index, posting in asked
        if posting.evidence_id not in here and posting.id not in standing
    ]
