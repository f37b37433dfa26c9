"""Taking in the signed file of a village that keeps its books elsewhere.

Every file is checked as anybody would check it, then against the key that was confirmed for its
village. What was taken in is never changed: the same file again gives the same answer, and a file
that lacks rows takes those down here, too. Rows only ever go.
"""

import re

import msgspec

from foundation import attachments, audit, clock, database
from foundation.actors import Actor
from households import regions
from households.errors import RegionNotFound
from households.models import Household, Region
from points import leaderboard, published, signers, xyp
from points.errors import (
    FileNotSound,
    NotAPublicationFile,
    PeriodUnknown,
    SerialTaken,
    SignerForeign,
    SignerMistyped,
    SignerUnconfirmed,
    VillageKeptHere,
)
from points.models import ChainHead, Publication, PublicationRow
from points.period import Period
from points.scheme import DISPLAY_DAYS_MAX
from points.snapshot import Header
from points.xyp import Checked

_SERIAL = re.compile(r"[0-9]{2,6}", re.ASCII)
_TEXT_LENGTH_MAX = 100
_SEQ_MAX = 2**62
_PART = re.compile(r"-(G[0-9]{2,3}|W[0-9]{3}(-[0-9]{2})?)", re.ASCII)


class Received(msgspec.Struct, frozen=True):
    """What taking a file in gives back; `new` is False for a file that was here already."""

    serial: str
    hash: str
    rows: int
    village: str
    village_name: str
    key_id: str
    new: bool


class Waiting(msgspec.Struct, frozen=True):
    """A sound file whose village has no confirmed key yet: who is to be rung up about what."""

    serial: str
    village: str
    village_name: str
    region_name: str
    period: str
    posted: int
    key_id: str
    spoken: str


async def take_in(content: bytes, *, by: Actor, confirm: str = "") -> Received:
    """Check a signed file and keep its list like one of our own.

    Args:
        content: the file.
        by: needs publications.receive over the village.
        confirm: the key's id as the village read it out, with the first file of a village.

    Refuses with `NotAPublicationFile`, `FileNotSound`, `RegionNotFound`, `NotAllowed`,
    `VillageKeptHere`, `SignerUnconfirmed` (nothing is stored), `SignerMistyped`,
    `SignerForeign`, `SerialTaken`.
    """
    return await _keep(_checked(content), by=by, confirm=signers.heard(confirm))


async def waiting(content: bytes, *, by: Actor) -> Waiting | None:
    """Whom to ring up before the file can be taken in; None if its key is known.

    Refuses as `take_in` does what could not be taken in anyway.
    """
    checked = _checked(content)
    village = await _village(checked.header, by=by)
    if await signers.of_village(village.code):
        return None
    header = checked.header
    return Waiting(
        serial=header.serial,
        village=village.code,
        village_name=village.name,
        region_name=header.region_name,
        period=header.period,
        posted=header.posted,
        key_id=checked.key_id,
        spoken=signers.spoken(checked.key_id),
    )


def _checked(content: bytes) -> Checked:
    """The file, if nothing in it was changed and it can be one of a village."""
    if b"\0" in content or b"\\u0000" in content:  # PostgreSQL keeps no text with it
        raise NotAPublicationFile(reason="NUL character")
    checked = xyp.check(content)
    if checked.faults:
        raise FileNotSound(serial=checked.header.serial[:60], faults=list(checked.faults))
    if strange := _strange(checked.header):
        raise NotAPublicationFile(reason="header", detail=strange)
    return checked


def _strange(header: Header) -> str:
    """What no village's program would have signed; the header's name for it, or nothing."""
    village, part = header.village, header.region.removeprefix(header.village)
    head, _, number = header.serial.rpartition("-")
    texts = (
        header.region_name, header.township, header.publisher, header.supervisor,
        header.objection, header.contact,
    )  # fmt: skip
    try:
        period = Period.parse(header.period)
        clock.moment(header.published_at)
    except (PeriodUnknown, ValueError):
        return "period or published_at"
    held = {
        "village": re.fullmatch(r"[0-9]{12}", village, re.ASCII),
        "region": header.region.startswith(village) and (not part or _PART.fullmatch(part)),
        "serial": head == f"{village}-{header.period}" and _SERIAL.fullmatch(number),
        "period": period.text == header.period,
        "block": header.block is None or header.block in leaderboard.BLOCKS,
        "chain_seq": 0 < header.chain_seq < _SEQ_MAX,
        "chain_head": re.fullmatch(r"[0-9a-f]{64}", header.chain_head, re.ASCII),
        "display_until": (header.display_until - header.display_from).days <= DISPLAY_DAYS_MAX,
        "texts": all(len(text) <= _TEXT_LENGTH_MAX for text in texts),
    }
    return next((name for name, holds in held.items() if not holds), "")


async def _village(header: Header, *, by: Actor) -> Region:
    """The village of a file within the actor's reach, that keeps its books elsewhere."""
    village = await regions.find(header.village, actor=by, permission=signers.PERMISSION)
    if village.level != "village":
        raise RegionNotFound(code=header.village)
    posts_here = await Publication.filter(village=village.code, received_at=None).exists()
    scores_here = await ChainHead.filter(village=village.code, seq__gt=0).exists()
    if posts_here or scores_here or await Household.filter(village=village.code).exists():
        raise VillageKeptHere(village=village.name)
    return village


@database.transaction
async def _keep(checked: Checked, *, by: Actor, confirm: str) -> Received:
    header = checked.header
    village = await _village(header, by=by)
    # Two files of one village come one after the other here (SQLite: anyway).
    await Region.filter(code=village.code).select_for_update().first()
    await _require_signer(village, checked, confirm=confirm, by=by)
    kept = await Publication.get_or_none(serial=header.serial)
    if kept is not None and kept.hash != checked.hash:
        raise SerialTaken(serial=header.serial)
    if kept is None:
        superseded = await _create(checked, by=by)
        await audit.note(
            by,
            "publications.receive",
            village=village.code,
            subject=f"publication:{header.serial}",
            changed=[f"publication:{serial}" for serial in superseded],
            hash=checked.hash,
            key=checked.key_id,
            rows=header.posted,
        )
    else:
        await _take_down(kept, checked, by=by)
    return Received(
        serial=header.serial,
        hash=checked.hash,
        rows=header.posted,
        village=village.code,
        village_name=village.name,
        key_id=checked.key_id,
        new=kept is None,
    )


async def _require_signer(village: Region, checked: Checked, *, confirm: str, by: Actor) -> None:
    """Refuse unless the key is the village's, or is confirmed with this file as its first."""
    known, public_key = await signers.of_village(village.code), checked.file.public_key
    told = {"village": village.name, "key": signers.spoken(checked.key_id)}
    if known is not None and known.public_key != public_key:
        raise SignerForeign(**told, confirmed=signers.spoken(signers.key_id(known.public_key)))
    if known is None and not confirm:
        raise SignerUnconfirmed(**told, serial=checked.header.serial)
    if confirm and confirm != checked.key_id:
        raise SignerMistyped(**told)
    if known is None:
        await signers.confirm(village, public_key, by=by)


async def _create(checked: Checked, *, by: Actor) -> list[str]:
    """Store a list that is new here; returns the lists that it supersedes."""
    header, file, block = checked.header, checked.file, checked.header.block or ""
    published_at = clock.moment(header.published_at)
    current = await Publication.get_or_none(
        region=header.region, period=header.period, block=block, superseded_by=""
    )
    # Files may arrive in another order than the lists were posted in.
    older = current is not None and current.published_at < published_at
    if current is not None and older:
        await Publication.filter(serial=current.serial).update(superseded_by=header.serial)
    await Publication.create(
        serial=header.serial,
        village=header.village,
        region=header.region,
        period=header.period,
        block=block,
        snapshot=file.snapshot,
        hash=checked.hash,
        signature=file.signature,
        public_key=file.public_key,
        chain_seq=header.chain_seq,
        chain_hash=header.chain_head,
        display_from=header.display_from,
        display_until=header.display_until,
        published_at=published_at,
        published_by=by.label,
        superseded_by=current.serial if current is not None and not older else "",
        received_at=clock.now(),
    )
    await PublicationRow.bulk_create(
        PublicationRow(publication_id=header.serial, **msgspec.structs.asdict(line))
        for line in checked.lines
    )
    return [current.serial] if current is not None and older else []


async def _take_down(kept: Publication, checked: Checked, *, by: Actor) -> None:
    """Erase here what the village has erased since it handed the list in."""
    there = {(line.medium, line.position) for line in checked.lines if line.content is not None}
    shown = await PublicationRow.filter(publication_id=kept.serial, content__isnull=False)
    gone = [row.id for row in shown if (row.medium, row.position) not in there]
    if not gone:
        return
    await PublicationRow.filter(id__in=gone).update(salt=None, content=None)
    await forget_posters(kept.serial)
    await audit.note(
        by,
        "publications.withdraw_name",
        village=kept.village,
        subject=f"publication:{kept.serial}",
        rows=len(gone),
    )


async def forget_posters(serial: str) -> None:
    """Drop rendered posters of a list whose rows have changed."""
    for paper in published.PAPERS:
        await attachments.forget(published.poster_id(serial, paper=paper))
