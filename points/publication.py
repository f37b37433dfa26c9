"""Posting a list: freeze what a leaderboard says today, sign it, and take names down again.

A publication is never changed and never deleted; a correction is a new one that supersedes it.
Posts the first places only, under the names that the households chose. Never stores a household's
number, id, phone, address, tier or anything else about it in what is posted.
"""

import base64
from datetime import date
from uuid import UUID

import msgspec

from foundation import attachments, audit, clock, database, signing
from foundation.actors import Actor
from households import regions
from households.errors import HouseholdNotFound
from households.models import Household
from points import draft, ledger, published, snapshot
from points.draft import Draft, Request
from points.errors import IdTaken, LedgerBusy, PublicationDateRefused
from points.models import Publication, PublicationRow
from points.period import Period
from points.snapshot import Header, Line

ATTEMPTS_MAX = 5


class Receipt(msgspec.Struct, frozen=True):
    """What publishing gives back; `rows` is the number of households posted."""

    serial: str
    hash: str
    rows: int


class _Signed(msgspec.Struct, frozen=True):
    """A list that is ready to be stored, and the draft that it was made from."""

    drawn: Draft
    header: Header
    rows: list[tuple[UUID, Line]]
    text: str
    hash: str
    signature: bytes


async def preview(
    code: str, *, period: Period, block: str | None = None, days: int | None = None, by: Actor
) -> Draft:
    """What `publish` would post now, with the serial it would get. Refuses as `publish` does."""
    region = await regions.find(code, actor=by, permission="publications.write")
    return await draft.drawn(Request(region, period, block, days))


async def publish(
    code: str,
    *,
    id: UUID,
    period: Period,
    block: str | None = None,
    days: int | None = None,
    by: Actor,
) -> Receipt:
    """Freeze, sign and store the list of a region and period; supersede an earlier one.

    Args:
        code: a village, group or grid.
        id: made by the client; a repeated request with it gives the same receipt.
        period: may still be running; the list then says up to which day it counts.
        block: post the ranking of one block alone.
        days: how many calendar days it hangs; None takes the village's setting.
        by: needs publications.write there.

    Refuses with `NothingToPublish`, `DisplayDaysRefused`, `NoLeaderboardHere`, `BlockUnknown`,
    `IdTaken`, `LedgerBusy`,
    `rules.errors.NoRuleBook`, and as `regions.find` does.
    """
    region = await regions.find(code, actor=by, permission="publications.write")
    request = Request(region, period, block, days)
    for _ in range(ATTEMPTS_MAX):
        if receipt := await _receipt(id, request):
            return receipt
        # Nothing is signed inside a transaction. So the list is drawn and signed first, and is
        # stored only if, with postings locked out, the same list would be drawn again.
        ready = _signed(await draft.drawn(request))
        if await _freeze(id, request, ready, by=by):
            return Receipt(ready.header.serial, ready.hash, ready.header.posted)
    raise LedgerBusy(village=region.village)


def _signed(drawn: Draft) -> _Signed:
    """The list with a time, fresh salts, its snapshot and the installation's signature."""
    rows = [
        (place.household, snapshot.line(medium, position=at, content=getattr(place, medium)))
        for medium in snapshot.MEDIA
        for at, place in enumerate(drawn.places, start=1)
    ]
    header = msgspec.structs.replace(drawn.header, published_at=clock.stamp(clock.now()))
    text = snapshot.text(header, lines=[line for _, line in rows])
    hash_hex = snapshot.hash_of(text)
    signature = signing.sign(snapshot.signed_message(hash_hex))
    return _Signed(drawn, header, rows, text, hash_hex, signature)


async def _receipt(id: UUID, request: Request) -> Receipt | None:
    """What an earlier request with this id was given."""
    kept = await Publication.get_or_none(request_id=id)
    if kept is None:
        return None
    asked = (request.region.code, request.period.text, request.block or "")
    if (kept.region, kept.period, kept.block) != asked:
        raise IdTaken(id=str(id))
    header, _ = snapshot.parse(kept.snapshot)
    return Receipt(kept.serial, kept.hash, header.posted)


@database.transaction
async def _freeze(id: UUID, request: Request, ready: _Signed, *, by: Actor) -> bool:
    """Store the signed list unless the store moved on since it was drawn."""
    header, village = ready.header, request.region.village
    # The lock of every posting: from here on the village's ledger stands still.
    await ledger.lock(village)
    if await _receipt(id, request) or await draft.drawn(request) != ready.drawn:
        return False
    earlier = Publication.filter(
        region=header.region, period=header.period, block=header.block or "", superseded_by=""
    )
    superseded = await earlier.values_list("serial", flat=True)
    await earlier.update(superseded_by=header.serial)
    await Publication.create(
        serial=header.serial,
        region=header.region,
        period=header.period,
        block=header.block or "",
        request_id=id,
        village=village,
        snapshot=ready.text,
        hash=ready.hash,
        signature=base64.b64encode(ready.signature).decode(),
        public_key=base64.b64encode(signing.public_key()).decode(),
        chain_seq=header.chain_seq,
        chain_hash=header.chain_head,
        display_from=header.display_from,
        display_until=header.display_until,
        published_at=clock.now(),
        published_by=by.label,
    )
    await PublicationRow.bulk_create(
        PublicationRow(
            publication_id=header.serial,
            household_id=household,
            **msgspec.structs.asdict(line),
        )
        for household, line in ready.rows
    )
    await audit.note(
        by,
        "publications.publish",
        village=village,
        subject=f"publication:{header.serial}",
        changed=[f"publication:{serial}" for serial in superseded],
        hash=ready.hash,
        rows=header.posted,
    )
    return True


# -- after posting -------------------------------------------------------------------------


@database.transaction
async def mark_hung(serial: str, *, on: date, by: Actor) -> None:
    """Record the day on which the poster went up.

    Refuses with `PublicationNotFound`, and with `PublicationDateRefused` before the day of
    publication, after today, or after it came down.
    """
    kept = await published.find(serial, actor=by, permission="publications.write")
    first, last = kept.display_from, kept.taken_down_on or clock.today()
    if not first <= on <= last:
        raise PublicationDateRefused(on=on, first=first, last=last)
    await Publication.filter(serial=serial).update(hung_on=on)
    await audit.note(
        by, "publications.hung", village=kept.village, subject=f"publication:{serial}", on=str(on)
    )


@database.transaction
async def mark_taken_down(serial: str, *, on: date, by: Actor) -> None:
    """Record the day on which the poster came down; the web shows no rows from then on.

    Refuses with `PublicationNotFound`, and with `PublicationDateRefused` before the day it was
    hung (or published, if nobody recorded that) or after today.
    """
    kept = await published.find(serial, actor=by, permission="publications.write")
    first, last = kept.hung_on or kept.display_from, clock.today()
    if not first <= on <= last:
        raise PublicationDateRefused(on=on, first=first, last=last)
    await Publication.filter(serial=serial).update(taken_down_on=on)
    await audit.note(
        by,
        "publications.taken_down",
        village=kept.village,
        subject=f"publication:{serial}",
        on=str(on),
    )


@database.transaction
async def withdraw_name(household_id: UUID, *, by: Actor) -> int:
    """Erase a household from every posted list; the digests stay, so the proof stands.

    Rendered posters that show it are forgotten with it. Returns how many lists it was on.
    Refuses with `HouseholdNotFound`, also outside the actor's reach, or `NotAllowed`.
    """
    household = await Household.get_or_none(id=household_id)
    if household is None:
        raise HouseholdNotFound(id=str(household_id))
    await regions.find(household.village, actor=by, permission="publications.write")
    rows = PublicationRow.filter(household_id=household_id)
    serials = set(await rows.values_list("publication_id", flat=True))
    await rows.update(salt=None, content=None, household_id=None)
    for serial in serials:
        for paper in published.PAPERS:
            await attachments.forget(published.poster_id(str(serial), paper=paper))
    await audit.note(
        by,
        "publications.withdraw_name",
        village=household.village,
        subject=f"household:{household_id}",
        changed=[f"publication:{serial}" for serial in serials],
        publications=len(serials),
    )
    return len(serials)
