"""Tables of the register floor.

Phone and ID numbers, household type, welfare status and remarks are sealed; beside them stand
only a keyed digest for matching. Households and residents are never deleted, they leave.
"""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Region(Model):
    """A division or a part of a village.

    `path` is the codes from the top down, each followed by "/", so that a subtree is a prefix.
    `village` is the village's own code for a village and everything below it, else empty.
    """

    code = fields.CharField(max_length=24, primary_key=True)
    name = fields.CharField(max_length=60)
    level = fields.CharField(max_length=12)
    parent = fields.CharField(max_length=24, default="")
    path = fields.CharField(max_length=160, unique=True)
    village = fields.CharField(max_length=12, default="")

    class Meta:
        table = "region"
        app = "households"
        indexes = (Index(fields=("parent",)), Index(fields=("village", "level")))


class VillageSetting(Model):
    """One section of a village's settings, a typed struct as JSON, see households/settings.py."""

    id = fields.IntField(primary_key=True, generated=True)
    village = fields.CharField(max_length=12)
    section = fields.CharField(max_length=30)
    value: dict = fields.JSONField()  # type: ignore[type-arg]

    class Meta:
        table = "village_setting"
        app = "households"
        unique_together = (("village", "section"),)


class Household(Model):
    """A household. `name_wall` and `name_web` are its recorded choice, empty if none is."""

    id = fields.UUIDField(primary_key=True)
    village = fields.CharField(max_length=12)
    group = fields.CharField(max_length=24, default="")
    grid = fields.CharField(max_length=24, default="")
    number = fields.CharField(max_length=20, null=True)
    head = fields.CharField(max_length=60)
    pinyin = fields.CharField(max_length=200)
    initials = fields.CharField(max_length=40, default="")
    state = fields.CharField(max_length=10, default="active")
    phone = fields.TextField(default="")
    phone_index = fields.CharField(max_length=64, default="")
    address = fields.TextField(default="")
    kind = fields.TextField(default="")
    welfare = fields.TextField(default="")
    remarks = fields.TextField(default="")
    name_wall = fields.CharField(max_length=10, default="")
    name_web = fields.CharField(max_length=10, default="")
    name_chosen_on = fields.DateField(null=True)
    name_chosen_how = fields.CharField(max_length=20, default="")
    revision = fields.IntField(default=1)
    joined_on = fields.DateField(null=True)
    left_on = fields.DateField(null=True)
    created_at = fields.DatetimeField()

    residents: fields.ReverseRelation["Resident"]

    class Meta:
        table = "household"
        app = "households"
        unique_together = (("village", "number"),)
        indexes = (
            Index(fields=("village", "group")),
            Index(fields=("village", "pinyin")),
            Index(fields=("grid",)),
            Index(fields=("phone_index",)),
        )


class Resident(Model):
    """A member of a household. `id_number` is sealed and kept only if the village says so."""

    id = fields.UUIDField(primary_key=True)
    household: fields.ForeignKeyRelation[Household] = fields.ForeignKeyField(
        "households.Household", related_name="residents", on_delete=fields.RESTRICT
    )
    position = fields.IntField(default=0)
    name = fields.CharField(max_length=60)
    relation = fields.CharField(max_length=20, default="")
    sex = fields.CharField(max_length=2, default="")
    born_on = fields.DateField(null=True)
    id_number = fields.TextField(default="")
    id_index = fields.CharField(max_length=64, default="")
    phone = fields.TextField(default="")
    phone_index = fields.CharField(max_length=64, default="")
    remarks = fields.TextField(default="")
    state = fields.CharField(max_length=10, default="active")

    class Meta:
        table = "resident"
        app = "households"
        indexes = (
            Index(fields=("household_id",)),
            Index(fields=("id_index",)),
            Index(fields=("phone_index",)),
            Index(fields=("name",)),
        )


class HouseholdMove(Model):
    """One step in the life of households: which became which, on what day, and by whom.

    `household_id` is whom it was done to, `other_id` the household that it made or went into.
    `before` is what an undoing needs to put back. A step that was undone names the one that did
    it in `undone_by` and counts no more.
    """

    seq = fields.IntField(primary_key=True, generated=True)
    id = fields.UUIDField(unique=True)
    kind = fields.CharField(max_length=12)
    village = fields.CharField(max_length=12)
    household_id = fields.UUIDField()
    other_village = fields.CharField(max_length=12, default="")
    other_id = fields.UUIDField(null=True)
    moved_on = fields.DateField()
    points = fields.IntField(default=0)
    members: list = fields.JSONField()  # type: ignore[type-arg]
    before: dict = fields.JSONField()  # type: ignore[type-arg]
    note = fields.TextField(default="")
    content_hash = fields.CharField(max_length=64)
    recorded_by = fields.CharField(max_length=80)
    recorded_at = fields.DatetimeField()
    undone_by = fields.UUIDField(null=True)

    class Meta:
        table = "household_move"
        app = "households"
        indexes = (
            Index(fields=("household_id",)),
            Index(fields=("other_id",)),
            Index(fields=("village", "kind")),
        )


class ImportBatch(Model):
    """A workbook on its way in: uploaded, read, previewed, then confirmed or dropped.

    The workbook waits sealed in an attachment and is forgotten when the batch ends. `kind` says
    what it brings (households, officials, ...), `village` for which division, `target` whatever
    else was chosen at the upload, such as a day.
    """

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=20, default="households", db_default="households")
    village = fields.CharField(max_length=12)
    target: dict = fields.JSONField(null=True)  # type: ignore[type-arg]
    file_name = fields.CharField(max_length=200)
    file = fields.UUIDField(null=True)
    state = fields.CharField(max_length=12)
    done = fields.IntField(default=0)
    total = fields.IntField(default=0)
    preview = fields.UUIDField(null=True)
    failure: dict = fields.JSONField(null=True)  # type: ignore[type-arg]
    result: dict = fields.JSONField(null=True)  # type: ignore[type-arg]
    created_by = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()

    class Meta:
        table = "import_batch"
        app = "households"
        indexes = (Index(fields=("village", "created_at")),)


class Official(Model):
    """Somebody with a login. `revision` rises when password or duties change: sessions end."""

    id = fields.UUIDField(primary_key=True)
    login = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=60)
    password = fields.CharField(max_length=200)
    must_change_password = fields.BooleanField(default=False)
    household_id = fields.UUIDField(null=True)
    active = fields.BooleanField(default=True)
    revision = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    duties: fields.ReverseRelation["OfficialDuty"]

    class Meta:
        table = "official"
        app = "households"
        indexes = (Index(fields=("household_id",)),)


class OfficialDuty(Model):
    """One role of an official in one region, from one day to another, both included.

    `post` is its name in the duty table, see households/posts.py; where `role` is empty the duty
    names somebody and opens nothing. `vacant`: it was left to nobody and waits for a successor.
    """

    id = fields.IntField(primary_key=True, generated=True)
    official: fields.ForeignKeyRelation[Official] = fields.ForeignKeyField(
        "households.Official", related_name="duties", on_delete=fields.CASCADE
    )
    role = fields.CharField(max_length=20)
    region = fields.CharField(max_length=24)
    post = fields.CharField(max_length=20, default="", db_default="")
    since = fields.DateField(null=True)
    until = fields.DateField(null=True)
    vacant = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "official_duty"
        app = "households"
        unique_together = (("official", "role", "region"),)
        indexes = (Index(fields=("region",)),)


class HandOver(Model):
    """What somebody who left handed over, to whom and on which day.

    `content` is what the printed sheet says: duties, drafts, counts of what he did.
    """

    id = fields.UUIDField(primary_key=True)
    official_id = fields.UUIDField()
    successor_id = fields.UUIDField(null=True)
    on = fields.DateField()
    content: dict = fields.JSONField()  # type: ignore[type-arg]
    made_by = fields.CharField(max_length=80)
    made_at = fields.DatetimeField()

    class Meta:
        table = "hand_over"
        app = "households"
        indexes = (Index(fields=("official_id",)),)


class LoginSession(Model):
    """A family of refresh tokens: one log-in on one device.

    Only digests are kept. The token before the current one is accepted for a short grace,
    because the reply that carried the new one may have been lost on the way.
    """

    id = fields.UUIDField(primary_key=True)
    official: fields.ForeignKeyRelation[Official] = fields.ForeignKeyField(
        "households.Official", on_delete=fields.CASCADE
    )
    revision = fields.IntField()
    token = fields.CharField(max_length=64)
    token_before = fields.CharField(max_length=64, default="")
    rotated_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    device = fields.CharField(max_length=200, default="", db_default="")

    class Meta:
        table = "login_session"
        app = "households"
        indexes = (Index(fields=("official_id",)), Index(fields=("expires_at",)))


class LoginFailure(Model):
    """Failed log-ins of one account or from one address, kept to slow down the next."""

    key = fields.CharField(max_length=120, primary_key=True)
    failures = fields.IntField()
    last_at = fields.DatetimeField()

    class Meta:
        table = "login_failure"
        app = "households"


class Passbook(Model):
    """A household's card: `card` stands on the paper and in its QR, a name and not a secret.

    The one-time first code and the PIN are kept as digests only. `revision` rises when the PIN is
    chosen, changed or reset: sessions end.
    """

    household_id = fields.UUIDField(primary_key=True)
    card = fields.CharField(max_length=20, unique=True)
    first_code = fields.CharField(max_length=64, default="")
    pin = fields.CharField(max_length=200, default="")
    pin_set_at = fields.DatetimeField(null=True)
    revision = fields.IntField(default=1)
    reset_at = fields.DatetimeField(null=True)
    printed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "passbook"
        app = "households"


class PassbookSession(Model):
    """A household's page open on one phone. Only the token's digest is kept."""

    id = fields.UUIDField(primary_key=True)
    household_id = fields.UUIDField()
    revision = fields.IntField()
    token = fields.CharField(max_length=64)
    used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "passbook_session"
        app = "households"
        indexes = (Index(fields=("household_id",)), Index(fields=("expires_at",)))
