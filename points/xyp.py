"""The signed file of a publication (.xyp): what a village hands over and anybody can check.

One JSON object: format, snapshot, signature, public key and the rows with their salts. The hash
is not in it, as everybody computes it. docs/formats.md is its contract. A checked file says that
the holder of the key signed this list; whose key that is has to be known from elsewhere.
"""

import base64
from collections.abc import Sequence

import msgspec

from foundation import signing
from foundation.actors import Actor
from points import proof, published, snapshot
from points.errors import NotAPublicationFile
from points.snapshot import Header, Line, Medium

FORMAT = "xiangyue-xyp-1"
SIZE_MAX = 8 * 1024 * 1024


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row that is still there."""

    medium: Medium
    position: int
    salt: str
    content: str


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: str
    snapshot: str
    signature: str
    public_key: str
    rows: tuple[Row, ...]


class Checked(msgspec.Struct, frozen=True):
    """A file that was read, and what is wrong with it: nothing, if `faults` is empty.

    `ours` says whether this installation signed it, with its key of today or of before; `lines`
    are the snapshot's rows with those contents that the file holds and that fit.
    """

    header: Header
    hash: str
    fingerprint: str
    key_id: str
    ours: bool
    lines: tuple[Line, ...]
    faults: tuple[str, ...]
    file: File


async def export(serial: str, *, actor: Actor, media: Sequence[Medium] = snapshot.MEDIA) -> bytes:
    """The file of a publication, with the rows of these media as far as they are still there.

    Refuses with `PublicationNotFound` or `NotAllowed`.
    """
    kept = await published.find(serial, actor=actor, permission="publications.read")
    lines = [line for medium in media for line in await published.lines(kept, medium=medium)]
    rows = tuple(
        Row(line.medium, line.position, line.salt, line.content)
        for line in lines
        if line.salt is not None and line.content is not None
    )
    return msgspec.json.encode(File(FORMAT, kept.snapshot, kept.signature, kept.public_key, rows))


def check(content: bytes) -> Checked:
    """Read a file and look for everything that could be wrong with it.

    Refuses with `NotAPublicationFile` what cannot be read as one at all.
    """
    if len(content) > SIZE_MAX:
        raise NotAPublicationFile(reason="size", detail=str(len(content)))
    try:
        file = msgspec.json.decode(content, type=File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAPublicationFile(reason="json", detail=str(error)) from None
    if file.format != FORMAT:
        raise NotAPublicationFile(reason="format", detail=file.format[:40])
    header, lines = snapshot.parse(file.snapshot)
    hash_hex = snapshot.hash_of(file.snapshot)
    rows = [Line(row.medium, row.position, "", row.salt, row.content) for row in file.rows]
    faults = (
        *proof.signature_faults(hash_hex, signature=file.signature, public_key=file.public_key),
        *proof.snapshot_faults(header, lines),
        *proof.row_faults(header, lines, rows),
    )
    return Checked(
        header=header,
        hash=hash_hex,
        fingerprint=snapshot.fingerprint(hash_hex),
        key_id=_key_id(file.public_key),
        ours=_is_ours(file.public_key),
        lines=_filled(lines, rows),
        faults=faults,
        file=file,
    )


def _is_ours(public_key: str) -> bool:
    try:
        return signing.is_own(base64.b64decode(public_key, validate=True))
    except ValueError:
        return False


def _key_id(public_key: str) -> str:
    try:
        return signing.key_id(base64.b64decode(public_key, validate=True))
    except ValueError:
        return ""


def _filled(lines: list[Line], rows: list[Line]) -> tuple[Line, ...]:
    """The snapshot's rows, with the contents that match their digests."""
    there = {
        snapshot.digest(row.content, salt=row.salt): row
        for row in rows
        if row.salt is not None and row.content is not None
    }
    return tuple(
        msgspec.structs.replace(line, salt=row.salt, content=row.content)
        if (row := there.get(line.digest))
        else line
        for line in lines
    )
