"""What somebody had typed when his session ended: kept for him alone, sealed, for a day.

One form an official, the last one. It is given back into the page where he typed it and never
posted by itself; nobody else who logs in at the same computer gets it.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from foundation import attachments, clock, database
from foundation.models import Attachment

PURPOSE = "kept_form"
HOURS = 24
SIZE_MAX = 256 * 1024


class KeptForm(msgspec.Struct, frozen=True):
    """A form as it was sent: where to, on which page it stood, and its fields in order."""

    path: str
    page: str
    fields: list[tuple[str, str]]
    at: datetime


@database.transaction
async def keep(official_id: UUID, *, path: str, page: str, fields: list[tuple[str, str]]) -> bool:
    """Keep a form for an official, instead of one kept before. False when it is too large."""
    content = msgspec.json.encode(KeptForm(path, page, fields, clock.now()))
    if len(content) > SIZE_MAX:
        return False
    await forget(official_id)
    await attachments.keep(
        content, purpose=PURPOSE, name=str(official_id), media_type="application/json", sealed=True
    )
    return True


async def find(official_id: UUID) -> KeptForm | None:
    """The form that is kept for an official, None when there is none or its time is over."""
    since = clock.now() - timedelta(hours=HOURS)
    kept = await Attachment.filter(
        purpose=PURPOSE, name=str(official_id), created_at__gte=since
    ).first()
    content = await attachments.read(kept.id) if kept else None
    return msgspec.json.decode(content, type=KeptForm) if content else None


@database.transaction
async def forget(official_id: UUID) -> None:
    """Drop what is kept for an official."""
    await Attachment.filter(purpose=PURPOSE, name=str(official_id)).delete()


@database.transaction
async def purge() -> None:
    """Drop what nobody came back for."""
    before = clock.now() - timedelta(hours=HOURS)
    await Attachment.filter(purpose=PURPOSE, created_at__lt=before).delete()
