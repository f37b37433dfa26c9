"""Evidence for entries: photos and papers that an entry's reason rests on.

A file is kept first and named by the entry afterwards; what no entry named within a day is let
go of again. Who may read it is asked of the entry (points/history.py), never of the file.
"""

from datetime import timedelta
from uuid import UUID

from foundation import attachments, audit, clock, database
from foundation.actors import Actor
from foundation.errors import AttachmentRefused
from foundation.models import Attachment
from households import officials
from points.errors import EvidenceMissing, IdTaken
from points.history import Evidence, story

PURPOSE = "evidence"
TYPES = ("image/jpeg", "image/png", "application/pdf")
SIZE_MAX = 10 * 1024 * 1024
NAME_LENGTH_MAX = 100
KEPT_UNNAMED = timedelta(days=1)


@database.transaction
async def keep(content: bytes, *, name: str, by: Actor, id: UUID | None = None) -> UUID:
    """Keep a file until an entry names it; the same id with the same file again is the same.

    Args:
        content: a PDF, JPEG or PNG of at most 10 MB; what it is tells its content.
        name: the file's name.
        by: who scores.
        id: made by the client, once for this file.

    Refuses with `NotAllowed`, `AttachmentRefused`, and `IdTaken` for another file of that id.
    """
    officials.require_anywhere(by, "entries.write")
    media_type = attachments.media_type_of(content)
    if media_type not in TYPES or len(content) > SIZE_MAX:
        raise AttachmentRefused(size=len(content), size_max=SIZE_MAX, media_type=media_type)
    if id is not None and (before := await Attachment.get_or_none(id=id)) is not None:
        if before.purpose != PURPOSE or bytes(before.content) != content:
            raise IdTaken(id=id)
        return id
    kept = await attachments.keep(
        content, purpose=PURPOSE, name=name[-NAME_LENGTH_MAX:], media_type=media_type, id=id
    )
    await audit.note(by, "ledger.keep_evidence", subject=f"evidence:{kept}", size=len(content))
    return kept


async def read(entry_id: UUID, *, actor: Actor) -> tuple[Evidence, bytes]:
    """The file kept with an entry.

    Refuses with `EntryNotFound`, `NotAllowed`, and with `EvidenceMissing` where there is none.
    """
    told = await story(entry_id, actor=actor)
    content = await attachments.read(told.evidence.id) if told.evidence else None
    if told.evidence is None or content is None:
        raise EvidenceMissing(item=told.item.name if told.item else "")
    return told.evidence, content


@database.transaction
async def purge() -> None:
    """Let go of files that no entry named within a day."""
    await database.execute(
        "DELETE FROM attachment WHERE purpose = ? AND created_at < ? AND NOT EXISTS "
        "(SELECT 1 FROM entry_reason WHERE entry_reason.evidence_id = attachment.id)",
        [PURPOSE, clock.now() - KEPT_UNNAMED],
    )
