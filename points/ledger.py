"""The ledger: the only module that writes `ledger_entry`, and it only ever adds.

Every posting takes the village's row in `chain_head` as its lock, asks points/limits.py under
that lock, appends to the chain and brings the totals along, in one transaction. A posting whose
id is already there is answered with what is there. Never erases, never corrects in place.

The SQL here is raw because it is the hot path: a month sheet is thousands of entries. SQLite
takes them by `executemany`, PostgreSQL in one statement from arrays.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from tortoise.exceptions import IntegrityError

from foundation import audit, changes, clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from foundation.models import Attachment
from households import lineage, regions, register, settings
from households.errors import HouseholdMoved, HouseholdNotFound, RegionNotFound
from points import chain, judging, limits, postings
from points.chain import Entry
from points.errors import (
    EntryNotFound,
    EvidenceMissing,
    IdTaken,
)
from points.models import LedgerEntry
from points.postings import Posting as Posting
from points.postings import Share, Wanted
from points.scheme import Scheme
from rules import rulebook
from rules.rulebook import Item

EARNING = ("award", "deduction", "reversal")
"""Kinds that count as earned in the month of their deed (contracts.md, Meanings)."""

_UUIDS = ("id", "household_id", "item_id", "reverses_id")
_ENTRY = {
    name: "uuid"
    if name in _UUIDS
    else {"seq": "bigint", "points": "int", "deed_on": "date"}.get(name, "text")
    for name in Entry.__struct_fields__
}
_REASON = {"entry_id": "uuid", "salt": "text", "reason": "text", "evidence_id": "uuid"}
_BALANCE = {"household_id": "uuid", "village": "text", "balance": "bigint"}
_MONTH = {
    "village": "text",
    "month": "text",
    "household_id": "uuid",
    "block": "text",
    "earned": "int",
}


class PostingProblems(Exception):
    """What stands against some postings: pairs of a posting's id and its refusal."""

    def __init__(self, problems: list[tuple[UUID, Refusal]]) -> None:
        self.problems = problems
        super().__init__(problems)


# -- verbs --------------------------------------------------------------------------------


@database.transaction
async def award(
    household_id: UUID,
    *,
    id: UUID,
    item_id: UUID,
    points: int,
    on: date,
    reason: str,
    by: Actor,
    evidence_id: UUID | None = None,
) -> Entry:
    """Post one entry with its reason. The same id with the same content again changes nothing.

    Args:
        household_id: whose points.
        id: made by the client, once for this entry.
        item_id: the scoring item, of the rule book in force on the day of the deed.
        points: between the item's minimum and maximum.
        on: day of the deed, local.
        reason: what was done, in words; at most 500 characters.
        by: who scores.
        evidence_id: an attachment kept for "evidence", where the item asks for one.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `rules.errors.ItemNotFound` and `NoRuleBook`,
    `ItemNotInForce`, `ReasonMissing`, `ReasonTooLong`, `EvidenceMissing`, `IdTaken`, and as
    points/limits.py does.
    """
    household = await register.household(household_id, actor=by, permission="entries.write")
    item = await rulebook.item(item_id)
    if item.evidence_needed or evidence_id:
        await _require_evidence(evidence_id, item=item, entry_id=id)
    posting = Posting(
        id=id,
        household_id=household_id,
        item=item,
        points=points,
        deed_on=on,
        source="entry",
        reason=postings.reasoned(reason),
        evidence_id=evidence_id,
    )
    wanted = postings.wanted(posting, village=household.village, by=by.label)
    return (await _post_one(wanted, by=by))[0]


@database.transaction
async def reverse(entry_id: UUID, *, id: UUID, reason: str, by: Actor) -> Entry:
    """Take an entry back by a new one with its points negated, on the same day of the deed.

    A household that was merged or moved away has taken its points along: what is taken back from
    it is fetched from where it lives on.

    Refuses with `EntryNotFound`, `NotAllowed`, `ReasonMissing`, `AlreadyReversed`, `OwnHousehold`,
    `IdTaken`, with `CannotReverse` where the entry is itself a reversal or was not earned, and
    with `HouseholdMoved` where it lives on beyond the actor's reach.
    """
    original = await find(entry_id)
    try:
        await register.household(original.household_id, actor=by, permission="entries.reverse")
    except HouseholdNotFound:
        raise EntryNotFound(id=entry_id) from None
    wanted = postings.reversal(original, id=id, reason=reason, by=by.label)
    heir = await _heir(original, by=by)
    if heir is not None:
        await lock_all({original.village, heir.village})
    entry, fresh = await _post_one(wanted, by=by)
    if fresh and heir is not None and entry.points:
        shares = (
            Share(original.village, original.household_id, -entry.points),
            Share(heir.village, heir.household_id, entry.points),
        )
        await transfer(id, shares, on=clock.today(), source=f"reversal:{id}", reason=reason, by=by)
    return entry


async def _heir(entry: Entry, *, by: Actor) -> Share | None:
    """The household in which the entry's lives on, if it is closed."""
    found = await lineage.successor(entry.household_id)
    if found is None:
        return None
    try:
        kept = await register.household(found, actor=by, permission="entries.reverse")
    except Refusal:
        raise HouseholdMoved(id=str(entry.household_id)) from None
    return Share(kept.village, kept.id, 0)


async def transfer(
    step: UUID, shares: Sequence[Share], *, on: date, source: str, reason: str, by: Actor
) -> list[Entry]:
    """Move points between households, in the transaction of the step that moves them.

    Args:
        step: id of the step; each side's entry has its id from it.
        shares: who loses and who gets how much, nothing in all.
        on: day of the step, local.
        source: names the step, so that anybody can follow why.
        reason: why, in words.
        by: who acts; one of the households being his own is `OwnHousehold`.

    Transfers never count as earned (contracts.md). The caller has checked permission and writes
    the audit line. Refuses with `OwnHousehold`, `HouseholdNotFound`, `ReasonMissing`, `IdTaken`.
    """
    assert sum(share.points for share in shares) == 0, "a transfer makes no points"
    posted: list[Entry] = []
    for village in sorted({share.village for share in shares}):
        wanted = [
            postings.transferred(step, share, on=on, source=source, reason=reason, by=by.label)
            for share in shares
            if share.village == village
        ]
        posted += (await append(village, wanted, by=by))[0]
    return posted


@database.transaction
async def post_many(village: str, wanted: Sequence[Posting], *, by: Actor) -> list[Entry]:
    """Post many entries of one village at once, all or none, in the order given.

    Ids that are already there are answered with what is there. The caller writes the audit
    line of the business step. Refuses with `RegionNotFound` and `NotAllowed`, and as `award`
    does, for the first posting that cannot be.
    """
    await _village(village, by=by, permission="scores.write")
    try:
        return await post(village, wanted, by=by)
    except PostingProblems as refused:
        raise refused.problems[0][1] from None


async def post(village: str, wanted: Sequence[Posting], *, by: Actor) -> list[Entry]:
    """As `post_many`, for a verb that has its own transaction and has checked permission.

    Raises `PostingProblems` with all that stands against the postings.
    """
    label = by.label  # reckoned once: a sheet has thousands of postings
    drafted = [postings.wanted(posting, village=village, by=label) for posting in wanted]
    posted, _ = await _post(village, drafted, by=by)
    return posted


@database.transaction
async def grant_base(village: str, *, on: date, by: Actor) -> int:
    """Grant the scheme's base points for the year of `on`, to households that lack them.

    Returns how many were granted, 0 when done before. The scorer's own household is not left
    out: all get the same. Refuses with `RegionNotFound`, `NotAllowed`, `DeedInFuture`.
    """
    await _village(village, by=by, permission="entries.base")
    limits.require_deed(on, today=clock.today())
    points = (await settings.read(village, Scheme)).base_points
    if not points:
        return 0
    await lock(village)
    present = await database.rows(
        "SELECT id FROM household WHERE village = ? AND (left_on IS NULL OR left_on > ?)",
        [village, on],
    )
    without = await lineage.without_base(village, year=on.year)
    drafts = [
        postings.draft(
            id=uuid5(household_id, f"base {on.year}"),
            village=village,
            household_id=household_id,
            kind="base",
            points=points,
            deed_on=on,
            source=f"base {on.year}",
            by=by.label,
        )
        for household_id in sorted({UUID(str(row["id"])) for row in present} - without)
    ]
    wanted = [Wanted(draft, chain.texts(draft)) for draft in drafts]
    known = await _known(want.texts[chain.ID] for want in wanted)
    lacking = [want for want in wanted if want.texts[chain.ID] not in known]
    _, granted = await _post(village, lacking, by=by)
    if granted:
        await audit.note(
            by, "ledger.grant_base", village=village, households=granted, points=points
        )
    return granted


async def lock(village: str) -> tuple[int, str]:
    """Take the village's place in the queue of postings, until the transaction ends.

    Returns seq and hash of the chain's last entry. On SQLite there is one writer and its
    transaction is the lock; on PostgreSQL it is the row in `chain_head`.
    """
    select = "SELECT seq, hash FROM chain_head WHERE village = ?"
    if database.dialect() == "postgres":
        select += " FOR UPDATE"
    found = await database.rows(select, [village])
    if not found:
        await database.execute(
            "INSERT INTO chain_head (village, seq, hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [village, 0, chain.GENESIS],
        )
        found = await database.rows(select, [village])
    return found[0]["seq"], found[0]["hash"]


async def lock_all(villages: Iterable[str]) -> None:
    """Take several villages' places in a fixed order, so that two steps never wait for another."""
    for village in sorted(set(villages)):
        await lock(village)


# -- reads that the verbs themselves need ---------------------------------------------------


async def find(entry_id: UUID) -> Entry:
    """The entry of that id, whoever asks. Refuses with `EntryNotFound`."""
    found = await database.rows(
        f"SELECT {', '.join(_ENTRY)} FROM ledger_entry WHERE id = ?",  # noqa: S608 - our columns
        [entry_id],
    )
    if not found:
        raise EntryNotFound(id=entry_id)
    return chain.entry_of(found[0])


async def _village(code: str, *, by: Actor, permission: str) -> None:
    region = await regions.find(code, actor=by, permission=permission)
    if region.level != "village":
        raise RegionNotFound(code=code)


# -- posting ------------------------------------------------------------------------------


async def _require_evidence(evidence_id: UUID | None, *, item: Item, entry_id: UUID) -> None:
    """Refuses with `EvidenceMissing`, but not when the entry stands and its evidence is gone."""
    there = evidence_id and await Attachment.exists(id=evidence_id, purpose="evidence")
    if not there and not await LedgerEntry.exists(id=entry_id):
        raise EvidenceMissing(item=item.name)


async def append(village: str, wanted: list[Wanted], *, by: Actor) -> tuple[list[Entry], int]:
    """Append what a verb has drafted, all or none; returns the entries and how many are new.

    For verbs with a transaction and an audit line of their own. Refuses for the first that cannot
    be posted.
    """
    try:
        return await _post(village, wanted, by=by)
    except PostingProblems as refused:
        raise refused.problems[0][1] from None


async def _post_one(wanted: Wanted, *, by: Actor) -> tuple[Entry, bool]:
    """Post an entry with its audit line, its refusal raised as it is; and whether it is new."""
    village = wanted.draft.village
    [entry], fresh = await append(village, [wanted], by=by)
    if fresh:
        await audit.note(
            by,
            f"ledger.{entry.kind}",
            village=village,
            subject=f"entry:{entry.id}",
            points=entry.points,
            item=entry.item_code,
            on=entry.deed_on.isoformat(),
        )
    return entry, bool(fresh)


async def _post(village: str, wanted: list[Wanted], *, by: Actor) -> tuple[list[Entry], int]:
    """Lock, answer known ids, judge the rest, append; returns the entries and how many are new."""
    ids = [want.texts[chain.ID] for want in wanted]
    if len(set(ids)) < len(ids):
        raise IdTaken(reason="the same id twice in one posting")
    seq, last_hash = await lock(village)
    known = await _known(ids)
    for id, want in zip(ids, wanted, strict=True):
        if id in known:
            postings.require_same(want, known[id])
    fresh = [want for id, want in zip(ids, wanted, strict=True) if id not in known]
    problems = await judging.problems(village, fresh, by=by)
    if problems:
        raise PostingProblems(problems)
    entries = await _append(village, fresh, seq=seq, last_hash=last_hash)
    if not known:
        return entries, len(entries)
    new = iter(entries)
    answered = [chain.entry_of(known[id]) if id in known else next(new) for id in ids]
    return answered, len(entries)


async def _known(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Rows that already have one of these ids, in any village, with salt and evidence."""
    condition, bound = database.among("e.id", ids)
    columns = ", ".join(f"e.{name}" for name in _ENTRY)
    found = await database.rows(
        f"SELECT {columns}, r.salt, r.evidence_id FROM ledger_entry e "  # noqa: S608 - our columns
        f"LEFT JOIN entry_reason r ON r.entry_id = e.id WHERE {condition}",
        [bound],
    )
    return {str(row["id"]): row for row in found}


async def _append(village: str, fresh: list[Wanted], *, seq: int, last_hash: str) -> list[Entry]:
    """Chain and store entries and reasons, bring the totals and the head along."""
    if not fresh:
        return []
    recorded_at = clock.stamp(clock.now())
    entries, reasons = [], []
    for want in fresh:
        seq += 1
        salt = secrets.token_hex(16) if want.reason or want.evidence_id else ""
        digest = chain.reason_digest(want.reason, salt=salt)
        entry = chain.chained(
            want.draft,
            want.texts,
            after=last_hash,
            seq=seq,
            recorded_at=recorded_at,
            digest=digest,
        )
        last_hash = entry.hash
        entries.append(entry)
        if salt:
            reasons.append((entry.id, salt, want.reason, want.evidence_id))
    try:
        rows = [_row(entry, want.texts) for entry, want in zip(entries, fresh, strict=True)]
        await database.insert("ledger_entry", _ENTRY, rows)
    except IntegrityError as error:
        # Another village took this id while we waited for nobody: only there can it happen.
        if "ledger_entry_pkey" in str(error):
            raise IdTaken() from None
        raise
    await database.insert("entry_reason", _REASON, reasons)
    await _add_up(village, fresh)
    await changes.note("entries", [f"{entries[0].seq}-{seq}"], village=village)
    await database.execute(
        "UPDATE chain_head SET seq = ?, hash = ? WHERE village = ?", [seq, last_hash, village]
    )
    return entries


def _row(entry: Entry, texts: list[str]) -> list[Any]:
    """An entry as both drivers take it: ids as texts, days and whole numbers as themselves."""
    row: list[Any] = [*texts, entry.hash]
    row[chain.SEQ], row[chain.POINTS], row[chain.DEED_ON] = entry.seq, entry.points, entry.deed_on
    row[chain.ITEM], row[chain.REVERSES] = row[chain.ITEM] or None, row[chain.REVERSES] or None
    return row


async def _add_up(village: str, posted: list[Wanted]) -> None:
    balances: Counter[str] = Counter()
    months: Counter[tuple[str, str, str]] = Counter()
    for want in posted:
        entry, household = want.draft, want.texts[chain.HOUSEHOLD]
        balances[household] += entry.points
        if entry.kind in EARNING:
            months[want.texts[chain.DEED_ON][:7], household, entry.block] += entry.points
    await database.insert(
        "household_balance",
        _BALANCE,
        [(household, village, points) for household, points in balances.items()],
        on_conflict="(household_id) DO UPDATE SET balance = "
        "household_balance.balance + excluded.balance",
    )
    await database.insert(
        "month_total",
        _MONTH,
        [(village, *key, points) for key, points in months.items()],
        on_conflict="(village, month, household_id, block) DO UPDATE SET earned = "
        "month_total.earned + excluded.earned",
    )
