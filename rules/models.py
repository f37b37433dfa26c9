"""Tables of the rules floor. A version that was in force is never changed or deleted."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RuleBookVersion(Model):
    """One version of a village's rule book.

    `state` is draft or published; whether a published version is in force follows from the dates
    alone, see rules/rulebook.py. `number` counts a village's published versions, a draft has
    none. `adoption` records the villagers' vote on paper and `filing` its filing with the
    township (rules.adoption); each is written once, and null while there is no such record.
    """

    id = fields.UUIDField(primary_key=True)
    village = fields.CharField(max_length=12)
    number = fields.IntField(null=True)
    title = fields.CharField(max_length=100)
    preamble = fields.TextField(default="")
    state = fields.CharField(max_length=12, default="draft")
    in_force_from = fields.DateField(null=True)
    name_wall = fields.CharField(max_length=10, default="")
    name_web = fields.CharField(max_length=10, default="")
    adoption: dict | None = fields.JSONField(null=True)  # type: ignore[type-arg]
    filing: dict | None = fields.JSONField(null=True)  # type: ignore[type-arg]
    text_hash = fields.CharField(max_length=64, default="")
    published_at = fields.DatetimeField(null=True)
    published_by = fields.CharField(max_length=80, default="")
    created_at = fields.DatetimeField()

    clauses: fields.ReverseRelation["Clause"]
    items: fields.ReverseRelation["ScoringItem"]

    class Meta:
        table = "rule_book_version"
        app = "rules"
        unique_together = (("village", "number"),)
        indexes = (Index(fields=("village", "in_force_from")),)


class Clause(Model):
    """One clause, in one of the four blocks."""

    id = fields.UUIDField(primary_key=True)
    version: fields.ForeignKeyRelation[RuleBookVersion] = fields.ForeignKeyField(
        "rules.RuleBookVersion", related_name="clauses", on_delete=fields.CASCADE
    )
    position = fields.IntField()
    number = fields.CharField(max_length=20)
    block = fields.CharField(max_length=20)
    text = fields.TextField()

    class Meta:
        table = "clause"
        app = "rules"
        unique_together = (("version", "number"),)


class ScoringItem(Model):
    """What earns points under a clause.

    `code` names the same item through all versions, so that a cap holds across them. Points
    are integers; `cap_points` is per household and `cap_period`, null for none.
    """

    id = fields.UUIDField(primary_key=True)
    version: fields.ForeignKeyRelation[RuleBookVersion] = fields.ForeignKeyField(
        "rules.RuleBookVersion", related_name="items", on_delete=fields.CASCADE
    )
    clause: fields.ForeignKeyRelation[Clause] = fields.ForeignKeyField(
        "rules.Clause", related_name="items", on_delete=fields.CASCADE
    )
    position = fields.IntField()
    code = fields.CharField(max_length=40)
    name = fields.CharField(max_length=40)
    block = fields.CharField(max_length=20)
    unit = fields.CharField(max_length=20, default="")
    points_min = fields.IntField()
    points_max = fields.IntField()
    cap_points = fields.IntField(null=True)
    cap_period = fields.CharField(max_length=10, default="month")
    cycle = fields.CharField(max_length=10, default="month")
    evidence_needed = fields.BooleanField(default=False)
    scorers: list = fields.JSONField(default=list)  # type: ignore[type-arg]
    self_claim = fields.BooleanField(default=False)
    posting_days = fields.IntField(default=5)
    on_month_sheet = fields.BooleanField(default=True)

    class Meta:
        table = "scoring_item"
        app = "rules"
        unique_together = (("version", "code"),)
