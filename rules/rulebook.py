"""A village's rule book: its versions, the one in force on a day, and the drafts of the next.

Everything that earns points is found through here. A published version is never changed or
deleted (the database refuses it too); how a draft becomes one is rules/adoption.py. Must never
know what anybody earned: that is the floor above.
"""

from datetime import date
from uuid import UUID, uuid4

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import officials, regions
from households.errors import RegionNotFound
from households.models import Region
from rules import drafts, starters, timeline
from rules import versions as built
from rules.drafts import Draft
from rules.errors import (
    DraftChanged,
    ItemNotFound,
    NoRuleBook,
    RuleBookInvalid,
    RuleBookNotFound,
    StarterNotFound,
    TooManyDrafts,
    VersionFrozen,
)
from rules.models import Clause as ClauseRow
from rules.models import RuleBookVersion, ScoringItem
from rules.timeline import Start
from rules.versions import Item as Item
from rules.versions import Version as Version

DRAFTS_MAX = 20
ITEMS_KEPT_MAX = 5_000

_items: dict[UUID, Item] = {}


# -- reading ------------------------------------------------------------------------------


async def versions(village: str, *, actor: Actor | None = None) -> list[Version]:
    """All versions of a village: drafts first, then from the latest in force to the first.

    `actor` None reads for the program itself; otherwise refuses with `RegionNotFound` or
    `NotAllowed` as his duty says.
    """
    if actor is not None:
        await require_reading(village, actor=actor)
    rows = await RuleBookVersion.filter(village=village)
    published = [row for row in rows if row.state == "published"]
    found = [await built.of_row(row, published) for row in rows]
    return sorted(
        found,
        key=lambda one: (one.in_force_from or date.max, one.number, one.created_at),
        reverse=True,
    )


async def version(version_id: UUID, *, actor: Actor | None = None) -> Version:
    """One version, as far as the actor's duty reaches. Refuses with `RuleBookNotFound`."""
    row = await RuleBookVersion.get_or_none(id=version_id)
    if row is None:
        raise RuleBookNotFound(id=str(version_id))
    if actor is not None:
        try:
            await require_reading(row.village, actor=actor)
        except RegionNotFound:
            raise RuleBookNotFound(id=str(version_id)) from None
    return await built.of_row(row, await built.published_rows(row.village))


async def in_force(village: str, on: date) -> Version:
    """The version in force in a village on a day. Refuses with `NoRuleBook`.

    Asked on any later day for the same day it gives the same version, see rules/timeline.py.
    """
    rows = await built.published_rows(village)
    start = timeline.current(built.starts(rows), on)
    if start is None:
        raise NoRuleBook(village=village, on=on)
    return await built.of_row(next(row for row in rows if row.number == start.number), rows)


async def id_in_force(village: str, on: date) -> UUID:
    """The id of the version that `in_force` gives, without reading its text. `NoRuleBook`.

    In raw SQL, as every posting asks for it.
    """
    found = await database.rows(
        "SELECT id, number, in_force_from FROM rule_book_version "
        "WHERE village = ? AND state = 'published'",
        [village],
    )
    ids = {
        Start(date.fromisoformat(str(row["in_force_from"])), row["number"]): row["id"]
        for row in found
    }
    start = timeline.current(ids, on)
    if start is None:
        raise NoRuleBook(village=village, on=on)
    return UUID(str(ids[start]))


async def require_reading(village: str, *, actor: Actor) -> None:
    """Whoever serves the village, or a group or grid in it, may read its rule book.

    Refuses everybody else with `RegionNotFound` or `NotAllowed`.
    """
    place = await Region.get_or_none(code=village)
    if place is None:
        raise RegionNotFound(code=village)
    reach = officials.scope(actor, "rules.read") or ()
    if not any(path.startswith(place.path) for path in reach):
        officials.require(actor, "rules.read", place)


async def item(item_id: UUID) -> Item:
    """One scoring item. Refuses with `ItemNotFound`.

    Read once by a process and then kept, as every single posting asks for one: an item that is
    changed in a draft gets another id, and a published one never changes.
    """
    kept = _items.get(item_id)
    if kept is not None:
        return kept
    found = await ScoringItem.get_or_none(id=item_id).select_related("clause", "version")
    if found is None:
        raise ItemNotFound(id=str(item_id))
    item = built.item_of(found, found.clause, found.version)
    if found.version.state == "published":
        if len(_items) >= ITEMS_KEPT_MAX:
            _items.clear()
        _items[item_id] = item
    return item


# -- drafts -------------------------------------------------------------------------------


@database.transaction
async def draft_from_starter(
    village: str, starter: str, *, by: Actor, id: UUID | None = None
) -> Version:
    """Begin a rule book with a copy of a starter.

    `id` is the caller's own, so that a request sent twice makes one draft. Refuses with
    `StarterNotFound`, `RegionNotFound`, `NotAllowed`, `TooManyDrafts`.
    """
    try:
        draft = drafts.from_starter(starters.load(starter))
    except KeyError:
        raise StarterNotFound(name=starter) from None
    return await _begin(village, draft, by=by, key=id, source=starter)


@database.transaction
async def draft_from(version_id: UUID, *, by: Actor, id: UUID | None = None) -> Version:
    """Begin a new version with a copy of another one of the same village; items keep their
    codes. Refuses with `RuleBookNotFound`, `NotAllowed`, `TooManyDrafts`; `id` as above."""
    source = await version(version_id, actor=by)
    draft = built.as_draft(source)
    return await _begin(source.village, draft, by=by, key=id, source=str(version_id))


async def _begin(
    village: str, draft: Draft, *, by: Actor, key: UUID | None, source: str
) -> Version:
    place = await regions.find(village, actor=by, permission="rules.write")
    if place.level != "village":
        raise RegionNotFound(code=village)
    await _lock(village)
    if key is not None and (before := await RuleBookVersion.get_or_none(id=key)) is not None:
        if before.village != village:
            raise RuleBookNotFound(id=str(key))
        return await built.of_row(before, await built.published_rows(village))
    if await RuleBookVersion.filter(village=village, state="draft").count() >= DRAFTS_MAX:
        raise TooManyDrafts(village=village, limit=DRAFTS_MAX)
    row = await RuleBookVersion.create(
        id=key or uuid4(), village=village, number=None, title=draft.title, created_at=clock.now()
    )
    await _write(row, draft)
    await audit.note(by, "rules.draft", village=village, subject=subject(row.id), source=source)
    return await built.of_row(row, [])


@database.transaction
async def change_draft(
    version_id: UUID, draft: Draft, *, by: Actor, base_hash: str | None = None
) -> Version:
    """Replace the whole text of a draft; items without a code get one.

    Args:
        version_id: the draft.
        draft: its new text, complete.
        by: who changes it.
        base_hash: the `text_hash` of the text that was edited, so that two people at the same
            draft do not overwrite each other unseen; None to overwrite.

    Refuses with `RuleBookNotFound`, `NotAllowed`, `VersionFrozen`, `DraftChanged`, and with
    `RuleBookInvalid`, whose `findings` name every fault and its place.
    """
    row = await _held_draft(version_id, by=by)
    present = await built.of_row(row, [])
    if base_hash is not None and base_hash != present.text_hash:
        raise DraftChanged(id=str(version_id))
    tidy = drafts.tidied(draft)
    require_sound(tidy)
    taken = await ScoringItem.filter(version__village=row.village).values_list("code", flat=True)
    await _write(row, drafts.with_codes(tidy, taken=[str(code) for code in taken]))
    await audit.note(by, "rules.change_draft", village=row.village, subject=subject(row.id))
    return await built.of_row(row, [])


@database.transaction
async def delete_draft(version_id: UUID, *, by: Actor) -> None:
    """Drop a draft. Refuses with `RuleBookNotFound`, `NotAllowed`, `VersionFrozen`."""
    row = await _held_draft(version_id, by=by)
    await row.delete()
    await audit.note(by, "rules.delete_draft", village=row.village, subject=subject(row.id))


# -- within -------------------------------------------------------------------------------


async def held(version_id: UUID, *, by: Actor) -> RuleBookVersion:
    """A version's row for writing, its village locked until the transaction ends.

    The lock lets one change of a village's rule book wait for another, so that numbers stay
    consecutive and no text changes while it is published. Refuses with `RuleBookNotFound` and
    `NotAllowed`.
    """
    row = await RuleBookVersion.get_or_none(id=version_id)
    if row is None:
        raise RuleBookNotFound(id=str(version_id))
    try:
        await regions.find(row.village, actor=by, permission="rules.write")
    except RegionNotFound:
        raise RuleBookNotFound(id=str(version_id)) from None
    await _lock(row.village)
    # It may have been published, or dropped, by whoever held the lock before.
    row = await RuleBookVersion.get_or_none(id=version_id)
    if row is None:
        raise RuleBookNotFound(id=str(version_id))
    return row


async def _held_draft(version_id: UUID, *, by: Actor) -> RuleBookVersion:
    row = await held(version_id, by=by)
    if row.state != "draft":
        raise VersionFrozen(id=str(version_id), number=row.number)
    return row


async def _lock(village: str) -> None:
    await Region.filter(code=village).select_for_update().get()


def require_sound(draft: Draft) -> None:
    """Refuse with `RuleBookInvalid`, naming every fault and its place."""
    if found := drafts.findings(draft):
        raise RuleBookInvalid(findings=found)


async def _write(row: RuleBookVersion, draft: Draft) -> None:
    """Replace a draft's text. Items stand in the order of the text, through all clauses."""
    row.title, row.preamble = draft.title, draft.preamble
    row.name_wall, row.name_web = draft.name_wall, draft.name_web
    await row.save()
    await ClauseRow.filter(version_id=row.id).delete()
    clauses: list[ClauseRow] = []
    items: list[ScoringItem] = []
    for position, clause in enumerate(draft.clauses, start=1):
        key = uuid4()
        clauses.append(
            ClauseRow(
                id=key, version_id=row.id, position=position, number=clause.number,
                block=clause.block, text=clause.text,
            )
        )  # fmt: skip
        for written in clause.items:
            settings = msgspec.structs.asdict(written) | {"scorers": list(written.scorers)}
            items.append(
                ScoringItem(
                    id=uuid4(), version_id=row.id, clause_id=key, position=len(items) + 1,
                    block=clause.block, **settings,
                )
            )  # fmt: skip
    await ClauseRow.bulk_create(clauses)
    await ScoringItem.bulk_create(items)


def subject(version_id: UUID) -> str:
    """What the audit log calls a version."""
    return f"rulebook:{version_id}"
