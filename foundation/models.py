"""Tables of the ground floor: facts about the store, attachments, the audit log, changes."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class StoreFact(Model):
    """One fact about this store: its kind (demo or real), when and with which key it began."""

    name = fields.CharField(max_length=40, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "store_fact"
        app = "foundation"


class Attachment(Model):
    """A file: rendered poster, scan of an adoption record, or sealed upload awaiting its use."""

    id = fields.UUIDField(primary_key=True)
    purpose = fields.CharField(max_length=20)
    name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=100)
    size = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    content = fields.BinaryField()
    sealed = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        table = "attachment"
        app = "foundation"


class AuditLine(Model):
    """Who did what to whom, and when. Grows only."""

    id = fields.BigIntField(primary_key=True, generated=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    verb = fields.CharField(max_length=60)
    village = fields.CharField(max_length=12, default="")
    subject = fields.CharField(max_length=100, default="")
    facts: dict = fields.JSONField(default=dict)  # type: ignore[type-arg]

    class Meta:
        table = "audit_line"
        app = "foundation"
        # The log is read from its end: each filter has its way through it in the order of time.
        indexes = (
            Index(fields=("at", "id")),
            Index(fields=("village", "at")),
            Index(fields=("actor", "at")),
            Index(fields=("verb", "at")),
            Index(fields=("subject",)),
        )


class ChangeLine(Model):
    """That something changed, see foundation/changes.py. `position` is null until it is read."""

    id = fields.BigIntField(primary_key=True, generated=True)
    position = fields.BigIntField(null=True, unique=True)
    kind = fields.CharField(max_length=20)
    key = fields.CharField(max_length=60)
    village = fields.CharField(max_length=12, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "change_log"
        app = "foundation"
