"""Files in the store: small, typed by content, found by id, sealed when they hold people.

Kept in the database so that a backup is one file and a rollback takes them along.
"""

import hashlib
from uuid import UUID, uuid4

from foundation import clock, sealing
from foundation.errors import AttachmentRefused
from foundation.models import Attachment

SIZE_MAX = 20 * 1024 * 1024

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


def media_type_of(content: bytes) -> str:
    """The type told by the content itself; "application/octet-stream" when unknown."""
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    return "application/octet-stream"


async def keep(
    content: bytes,
    *,
    purpose: str,
    name: str,
    media_type: str,
    sealed: bool = False,
    id: UUID | None = None,
) -> UUID:
    """Store a file and return its id. Refuses with `AttachmentRefused` above 20 MB.

    Args:
        content: the file.
        purpose: what it is kept for ("poster", "adoption", "intake").
        name: the file name to give it back with.
        media_type: its type, as the caller established it.
        sealed: whether it holds personal data and is encrypted at rest.
        id: where the caller finds it again by an id of its own; nothing may be kept there.
    """
    if len(content) > SIZE_MAX:
        raise AttachmentRefused(size=len(content), size_max=SIZE_MAX, media_type=media_type)
    key = id or uuid4()
    body = sealing.seal_bytes(content, place="attachment", row=key) if sealed else content
    await Attachment.create(
        id=key,
        purpose=purpose,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest() if not sealed else "",
        content=body,
        sealed=sealed,
        created_at=clock.now(),
    )
    return key


async def read(attachment_id: UUID) -> bytes | None:
    """A file's content, or None when it is gone."""
    kept = await Attachment.get_or_none(id=attachment_id)
    if kept is None:
        return None
    content = bytes(kept.content)
    if kept.sealed:
        return sealing.unseal_bytes(content, place="attachment", row=attachment_id)
    return content


async def forget(attachment_id: UUID) -> None:
    """Delete a file whose use is over."""
    await Attachment.filter(id=attachment_id).delete()
