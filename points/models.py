"""Tables of the points floor. `ledger_entry` only grows: triggers refuse everything else."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class LedgerEntry(Model):
    """One line of a village's ledger, written by points/ledger.py alone.

    Opaque ids only. `recorded_at` is kept as the very text that is hashed, and the reason
    stands in `EntryReason`, where it can be erased while its digest stays in the chain.
    """

    id = fields.UUIDField(primary_key=True)
    village = fields.CharField(max_length=12)
    seq = fields.BigIntField()
    household_id = fields.UUIDField()
    kind = fields.CharField(max_length=12)
    item_id = fields.UUIDField(null=True)
    item_code = fields.CharField(max_length=40, default="")
    block = fields.CharField(max_length=20, default="")
    points = fields.IntField()
    deed_on = fields.DateField()
    recorded_at = fields.CharField(max_length=20)
    recorded_by = fields.CharField(max_length=80)
    source = fields.CharField(max_length=60)
    reverses_id = fields.UUIDField(null=True, unique=True)
    reason_digest = fields.CharField(max_length=64, default="")
    prev_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "ledger_entry"
        app = "points"
        unique_together = (("village", "seq"),)
        indexes = (Index(fields=("household_id", "item_code", "deed_on")),)


class EntryReason(Model):
    """Why an entry was made, and its evidence: erasable, bound to the chain by a salted digest."""

    entry_id = fields.UUIDField(primary_key=True)
    salt = fields.CharField(max_length=32)
    reason = fields.TextField()
    evidence_id = fields.UUIDField(null=True)

    class Meta:
        table = "entry_reason"
        app = "points"


class ChainHead(Model):
    """Where a village's chain stands. Its row is the lock that orders the village's postings."""

    village = fields.CharField(max_length=12, primary_key=True)
    seq = fields.BigIntField()
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "chain_head"
        app = "points"


class HouseholdBalance(Model):
    """The sum of a household's entries of every kind."""

    household_id = fields.UUIDField(primary_key=True)
    village = fields.CharField(max_length=12)
    balance = fields.BigIntField()

    class Meta:
        table = "household_balance"
        app = "points"
        indexes = (Index(fields=("village",)),)


class MonthTotal(Model):
    """Points earned by a household in a month and block: what leaderboards add up."""

    id = fields.BigIntField(primary_key=True, generated=True)
    village = fields.CharField(max_length=12)
    month = fields.CharField(max_length=7)
    household_id = fields.UUIDField()
    block = fields.CharField(max_length=20)
    earned = fields.IntField()

    class Meta:
        table = "month_total"
        app = "points"
        unique_together = (("village", "month", "household_id", "block"),)
        indexes = (Index(fields=("household_id",)),)


class ScoreSheet(Model):
    """A posted month sheet. `content_hash` tells a repeated press from a different sheet."""

    id = fields.UUIDField(primary_key=True)
    village = fields.CharField(max_length=12)
    group = fields.CharField(max_length=24)
    month = fields.CharField(max_length=7)
    content_hash = fields.CharField(max_length=64)
    posted = fields.IntField()
    skipped = fields.IntField()
    posted_by = fields.CharField(max_length=80)
    posted_at = fields.DatetimeField()

    class Meta:
        table = "score_sheet"
        app = "points"
        indexes = (Index(fields=("village", "month")),)


class ScoreDraft(Model):
    """What somebody has typed into a month sheet and not yet posted."""

    id = fields.IntField(primary_key=True, generated=True)
    village = fields.CharField(max_length=12)
    group = fields.CharField(max_length=24)
    month = fields.CharField(max_length=7)
    official_id = fields.UUIDField()
    cells: list = fields.JSONField()  # type: ignore[type-arg]
    saved_at = fields.DatetimeField()

    class Meta:
        table = "score_draft"
        app = "points"
        unique_together = (("village", "group", "month", "official_id"),)


class Publication(Model):
    """A posted list, frozen. `snapshot` is the exact text whose SHA-256 is `hash`.

    `request_id` is made by the client, so that a repeated press does not post again. `received_at`
    is set on a list that a stand-alone village handed in as a signed file: its ledger is elsewhere.
    """

    serial = fields.CharField(max_length=60, primary_key=True)
    village = fields.CharField(max_length=12)
    region = fields.CharField(max_length=24)
    period = fields.CharField(max_length=7)
    block = fields.CharField(max_length=20, default="")
    snapshot = fields.TextField()
    hash = fields.CharField(max_length=64)
    signature = fields.TextField()
    public_key = fields.TextField()
    chain_seq = fields.BigIntField()
    chain_hash = fields.CharField(max_length=64)
    display_from = fields.DateField()
    display_until = fields.DateField()
    published_at = fields.DatetimeField()
    published_by = fields.CharField(max_length=80)
    hung_on = fields.DateField(null=True)
    taken_down_on = fields.DateField(null=True)
    superseded_by = fields.CharField(max_length=60, default="")
    request_id = fields.UUIDField(null=True, unique=True)
    received_at = fields.DatetimeField(null=True)

    lines: fields.ReverseRelation["PublicationRow"]

    class Meta:
        table = "publication"
        app = "points"
        indexes = (Index(fields=("village", "period")), Index(fields=("display_until",)))


class PublicationRow(Model):
    """One row of a posted list, for wall or web. Content and salt go when they must, the
    digest stays."""

    id = fields.BigIntField(primary_key=True, generated=True)
    publication: fields.ForeignKeyRelation[Publication] = fields.ForeignKeyField(
        "points.Publication", related_name="lines", on_delete=fields.RESTRICT
    )
    medium = fields.CharField(max_length=4)
    position = fields.IntField()
    household_id = fields.UUIDField(null=True)
    digest = fields.CharField(max_length=64)
    salt = fields.CharField(max_length=32, null=True)
    content = fields.TextField(null=True)

    class Meta:
        table = "publication_row"
        app = "points"
        unique_together = (("publication", "medium", "position"),)
        indexes = (Index(fields=("household_id",)),)


class Signer(Model):
    """A key by which a stand-alone village signs, confirmed by telephone.

    At most one of a village is not withdrawn.
    """

    id = fields.IntField(primary_key=True, generated=True)
    village = fields.CharField(max_length=12)
    public_key = fields.CharField(max_length=60)
    confirmed_at = fields.DatetimeField()
    confirmed_by = fields.CharField(max_length=80)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signer"
        app = "points"
        indexes = (Index(fields=("village",)),)


class PassbookPage(Model):
    """One printed page of a household's passbook: which entries stand on it, and both balances.

    The entries are found again by their numbers, so a page can be printed a second time.
    """

    id = fields.UUIDField(primary_key=True)
    household_id = fields.UUIDField()
    number = fields.IntField()
    after_seq = fields.BigIntField()
    last_seq = fields.BigIntField()
    entries = fields.IntField()
    opening = fields.BigIntField()
    closing = fields.BigIntField()
    printed_at = fields.DatetimeField()
    printed_by = fields.CharField(max_length=80)

    class Meta:
        table = "passbook_page"
        app = "points"
        unique_together = (("household_id", "number"),)
