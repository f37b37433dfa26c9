import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="RuleBookVersion",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("number", fields.IntField()),
                ("title", fields.CharField(max_length=100)),
                ("preamble", fields.TextField(default="", unique=False)),
                ("state", fields.CharField(default="draft", max_length=12)),
                ("in_force_from", fields.DateField(null=True)),
                ("in_force_until", fields.DateField(null=True)),
                ("name_wall", fields.CharField(default="", max_length=10)),
                ("name_web", fields.CharField(default="", max_length=10)),
                (
                    "adoption",
                    fields.JSONField(
                        null=True,
                        encoder=functools.partial(dumps, separators=(",", ":")),
                        decoder=loads,
                    ),
                ),
                ("text_hash", fields.CharField(default="", max_length=64)),
                (
                    "published_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("published_by", fields.CharField(default="", max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "rule_book_version",
                "app": "rules",
                "unique_together": (("village", "number"),),
                "indexes": [Index(fields=["village", "in_force_from"])],
                "pk_attr": "id",
                "table_description": "One version of a village's rule book.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Clause",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                (
                    "version",
                    fields.ForeignKeyField(
                        "rules.RuleBookVersion",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="clauses",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField()),
                ("number", fields.CharField(max_length=20)),
                ("block", fields.CharField(max_length=20)),
                ("text", fields.TextField(unique=False)),
            ],
            options={
                "table": "clause",
                "app": "rules",
                "unique_together": (("version", "number"),),
                "pk_attr": "id",
                "table_description": "One clause, in one of the four blocks.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScoringItem",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                (
                    "version",
                    fields.ForeignKeyField(
                        "rules.RuleBookVersion",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="items",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "clause",
                    fields.ForeignKeyField(
                        "rules.Clause",
                        source_field="clause_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="items",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField()),
                ("code", fields.CharField(max_length=40)),
                ("name", fields.CharField(max_length=40)),
                ("block", fields.CharField(max_length=20)),
                ("unit", fields.CharField(default="", max_length=20)),
                ("points_min", fields.IntField()),
                ("points_max", fields.IntField()),
                ("cap_points", fields.IntField(null=True)),
                ("cap_period", fields.CharField(default="month", max_length=10)),
                ("cycle", fields.CharField(default="month", max_length=10)),
                ("evidence_needed", fields.BooleanField(default=False)),
                (
                    "scorers",
                    fields.JSONField(
                        default=list,
                        encoder=functools.partial(dumps, separators=(",", ":")),
                        decoder=loads,
                    ),
                ),
                ("self_claim", fields.BooleanField(default=False)),
                ("posting_days", fields.IntField(default=5)),
                ("on_month_sheet", fields.BooleanField(default=True)),
            ],
            options={
                "table": "scoring_item",
                "app": "rules",
                "unique_together": (("version", "code"),),
                "pk_attr": "id",
                "table_description": "What earns points under a clause.",
            },
            bases=["Model"],
        ),
    ]
