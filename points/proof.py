"""Checks a posted list against itself and against the ledger it was counted from.

Faults are values: every one is a sentence, and an honest list has none. Reads only. A row that
was erased proves nothing and is no fault; its digest stays in what was signed.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from foundation import database, signing
from points import ledger, snapshot
from points.errors import NotAPublicationFile
from points.models import Publication, PublicationRow, Signer
from points.period import Period
from points.scheme import DISPLAY_DAYS_MIN
from points.snapshot import Content, Header, Line
from points.verification import Fault


def signature_faults(hash_hex: str, *, signature: str, public_key: str) -> Iterator[str]:
    """What is wrong with a signature; both texts are base64 without a character to spare."""
    try:
        made, public = _bytes(signature), _bytes(public_key)
    except (binascii.Error, ValueError):
        yield "signature or key is not base64"
        return
    message = snapshot.signed_message(hash_hex)
    if not signing.is_signed(message, signature=made, public=public):
        yield "the signature does not fit the snapshot"


def _bytes(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    # Spare bits at the end could be changed without changing what is decoded.
    if base64.b64encode(raw).decode() != text:
        raise ValueError(text)
    return raw


def snapshot_faults(header: Header, lines: list[Line]) -> Iterator[str]:
    """What is wrong with a snapshot by itself: its counts, its days, the order of its rows."""
    in_order = [
        (medium, position) for medium in snapshot.MEDIA for position in range(1, header.posted + 1)
    ]
    if [(line.medium, line.position) for line in lines] != in_order:
        yield f"the snapshot does not have {header.posted} rows for wall and web each"
    if header.posted * 2 > header.taking_part:
        yield "more than half of those taking part are posted"
    if (header.display_until - header.display_from).days < DISPLAY_DAYS_MIN:
        yield "the list hangs for less than ten days"


def row_faults(header: Header, lines: list[Line], rows: Iterable[Line]) -> Iterator[str]:
    """What is wrong with rows that are still there, held against the snapshot's digests."""
    digests = {(line.medium, line.position): line.digest for line in lines}
    there: dict[tuple[str, int], Content] = {}
    for row in rows:
        if row.salt is None or row.content is None:
            continue
        place, name = (row.medium, row.position), f"{row.medium} row {row.position}"
        if place in there:
            yield f"{name} is there twice"
        elif digests.get(place) != snapshot.digest(row.content, salt=row.salt):
            yield f"{name} does not match its digest"
        else:
            try:
                there[place] = snapshot.read_content(row.content)
            except NotAPublicationFile:
                yield f"{name} cannot be read"
    yield from _content_faults(header, there)


def _content_faults(header: Header, rows: dict[tuple[str, int], Content]) -> Iterator[str]:
    for (medium, position), row in rows.items():
        name = f"{medium} row {position}"
        if row.earned != sum(row.blocks.values()) or row.earned <= 0:
            yield f"{name} does not add up"
        if header.block is not None and set(row.blocks) != {header.block}:
            yield f"{name} counts another block"
        other = rows.get(("web" if medium == "wall" else "wall", position))
        if other and (other.rank, other.blocks) != (row.rank, row.blocks):
            yield f"{name} differs between wall and web"
        above = rows.get((medium, position - 1))
        if above and not _follows(row, above, position=position):
            yield f"{name} has the wrong place"
        if position == 1 and row.rank != 1:
            yield f"{name} has the wrong place"


def _follows(row: Content, above: Content, *, position: int) -> bool:
    """Whether two neighbours are ranked 1-2-2-4 by their points."""
    if row.earned == above.earned:
        return row.rank == above.rank
    return row.earned < above.earned and row.rank == position


# -- against the store ---------------------------------------------------------------------


async def faults(village: str | None = None) -> list[Fault]:
    """What does not hold of a village's publications, or of all; each at its chain head's seq."""
    query = Publication.filter(village=village) if village else Publication.all()
    found = []
    for kept in await query.order_by("village", "published_at", "serial"):
        found += [
            Fault(kept.village, kept.chain_seq, f"publication {kept.serial}: {message}")
            for message in [message async for message in _kept_faults(kept)]
        ]
    return found


async def _kept_faults(kept: Publication) -> Any:
    if snapshot.hash_of(kept.snapshot) != kept.hash:
        yield "the snapshot does not match its hash"
        return
    try:
        header, lines = snapshot.parse(kept.snapshot)
    except NotAPublicationFile:
        yield "the snapshot cannot be read"
        return
    stored = await PublicationRow.filter(publication_id=kept.serial).order_by("position")
    rows = [Line(r.medium, r.position, r.digest, r.salt, r.content) for r in stored]  # type: ignore[arg-type]
    for message in (
        *signature_faults(kept.hash, signature=kept.signature, public_key=kept.public_key),
        *snapshot_faults(header, lines),
        *row_faults(header, lines, rows),
        *_column_faults(kept, header),
    ):
        yield message
    if kept.received_at is None:
        async for message in _ledger_faults(header, stored):
            yield message
    elif not await Signer.exists(village=kept.village, public_key=kept.public_key):
        yield "it was handed in under a key that nobody confirmed"


def _column_faults(kept: Publication, header: Header) -> Iterator[str]:
    """Columns beside the snapshot, by which lists are found and taken down, say the same."""
    columns: dict[str, Any] = {
        "serial": header.serial,
        "village": header.village,
        "region": header.region,
        "period": header.period,
        "block": header.block or "",
        "chain_seq": header.chain_seq,
        "chain_hash": header.chain_head,
        "display_from": header.display_from,
        "display_until": header.display_until,
    }
    for name, value in columns.items():
        if getattr(kept, name) != value:
            yield f"{name} differs from the snapshot"


async def _ledger_faults(header: Header, rows: list[PublicationRow]) -> Any:
    """The chain head still stands in the ledger, and the entries up to it add up to the rows."""
    head = await database.rows(
        "SELECT hash FROM ledger_entry WHERE village = ? AND seq = ?",
        [header.village, header.chain_seq],
    )
    if [line["hash"] for line in head] != [header.chain_head]:
        yield "its chain head is not in the ledger"
        return
    earned = await _earned(header)
    for row in rows:
        if row.household_id is None or row.content is None:
            continue
        content = snapshot.read_content(row.content)
        counted = earned.get(str(row.household_id), Counter())
        if any(counted[block] != points for block, points in content.blocks.items()):
            yield f"{row.medium} row {row.position} differs from the ledger"


async def _earned(header: Header) -> dict[str, Counter[str]]:
    """Points by household and block from the entries themselves, up to the chain head."""
    period = Period.parse(header.period)
    found = await database.rows(
        "SELECT household_id, kind, block, points FROM ledger_entry"
        " WHERE village = ? AND seq <= ? AND deed_on BETWEEN ? AND ?",
        [header.village, header.chain_seq, period.first, period.last],
    )
    earned: dict[str, Counter[str]] = {}
    for line in found:
        if line["kind"] not in ledger.EARNING:
            continue
        blocks = earned.setdefault(str(line["household_id"]), Counter())
        blocks[line["block"]] += line["points"]
    return earned
