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
            name="ChainHead",
            fields=[
                (
                    "village",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=12),
                ),
                ("seq", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "chain_head",
                "app": "points",
                "pk_attr": "village",
                "table_description": "Where a village's chain stands. Its row is the lock that orders the village's postings.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryReason",
            fields=[
                (
                    "entry_id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("salt", fields.CharField(max_length=32)),
                ("reason", fields.TextField(unique=False)),
                ("evidence_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "entry_reason",
                "app": "points",
                "pk_attr": "entry_id",
                "table_description": "Why an entry was made, and its evidence: erasable, bound to the chain by a salted digest.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HouseholdBalance",
            fields=[
                (
                    "household_id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("balance", fields.BigIntField()),
            ],
            options={
                "table": "household_balance",
                "app": "points",
                "indexes": [Index(fields=["village"])],
                "pk_attr": "household_id",
                "table_description": "The sum of a household's entries of every kind.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("seq", fields.BigIntField()),
                ("household_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=12)),
                ("item_id", fields.UUIDField(null=True)),
                ("item_code", fields.CharField(default="", max_length=40)),
                ("block", fields.CharField(default="", max_length=20)),
                ("points", fields.IntField()),
                ("deed_on", fields.DateField()),
                ("recorded_at", fields.CharField(max_length=20)),
                ("recorded_by", fields.CharField(max_length=80)),
                ("source", fields.CharField(max_length=60)),
                ("reverses_id", fields.UUIDField(null=True, unique=True)),
                ("reason_digest", fields.CharField(default="", max_length=64)),
                ("prev_hash", fields.CharField(max_length=64)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "ledger_entry",
                "app": "points",
                "unique_together": (("village", "seq"),),
                "indexes": [Index(fields=["household_id", "item_code", "deed_on"])],
                "pk_attr": "id",
                "table_description": "One line of a village's ledger, written by points/ledger.py alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MonthTotal",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("village", fields.CharField(max_length=12)),
                ("month", fields.CharField(max_length=7)),
                ("household_id", fields.UUIDField()),
                ("block", fields.CharField(max_length=20)),
                ("earned", fields.IntField()),
            ],
            options={
                "table": "month_total",
                "app": "points",
                "unique_together": (("village", "month", "household_id", "block"),),
                "indexes": [Index(fields=["household_id"])],
                "pk_attr": "id",
                "table_description": "Points earned by a household in a month and block: what leaderboards add up.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Publication",
            fields=[
                (
                    "serial",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60),
                ),
                ("village", fields.CharField(max_length=12)),
                ("region", fields.CharField(max_length=24)),
                ("period", fields.CharField(max_length=7)),
                ("block", fields.CharField(default="", max_length=20)),
                ("snapshot", fields.TextField(unique=False)),
                ("hash", fields.CharField(max_length=64)),
                ("signature", fields.TextField(unique=False)),
                ("public_key", fields.TextField(unique=False)),
                ("chain_seq", fields.BigIntField()),
                ("chain_hash", fields.CharField(max_length=64)),
                ("display_from", fields.DateField()),
                ("display_until", fields.DateField()),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("published_by", fields.CharField(max_length=80)),
                ("hung_on", fields.DateField(null=True)),
                ("taken_down_on", fields.DateField(null=True)),
                ("superseded_by", fields.CharField(default="", max_length=60)),
            ],
            options={
                "table": "publication",
                "app": "points",
                "indexes": [Index(fields=["village", "period"]), Index(fields=["display_until"])],
                "pk_attr": "serial",
                "table_description": "A posted list, frozen. `snapshot` is the exact text whose SHA-256 is `hash`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PublicationRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "publication",
                    fields.ForeignKeyField(
                        "points.Publication",
                        source_field="publication_id",
                        db_constraint=True,
                        to_field="serial",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("medium", fields.CharField(max_length=4)),
                ("position", fields.IntField()),
                ("household_id", fields.UUIDField(null=True)),
                ("digest", fields.CharField(max_length=64)),
                ("salt", fields.CharField(null=True, max_length=32)),
                ("content", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "publication_row",
                "app": "points",
                "unique_together": (("publication", "medium", "position"),),
                "indexes": [Index(fields=["household_id"])],
                "pk_attr": "id",
                "table_description": "One row of a posted list, for wall or web. Content and salt go when they must, the",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScoreDraft",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("group", fields.CharField(max_length=24)),
                ("month", fields.CharField(max_length=7)),
                ("official_id", fields.UUIDField()),
                (
                    "cells",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "score_draft",
                "app": "points",
                "unique_together": (("village", "group", "month", "official_id"),),
                "pk_attr": "id",
                "table_description": "What somebody has typed into a month sheet and not yet posted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScoreSheet",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("group", fields.CharField(max_length=24)),
                ("month", fields.CharField(max_length=7)),
                ("content_hash", fields.CharField(max_length=64)),
                ("posted", fields.IntField()),
                ("skipped", fields.IntField()),
                ("posted_by", fields.CharField(max_length=80)),
                ("posted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "score_sheet",
                "app": "points",
                "indexes": [Index(fields=["village", "month"])],
                "pk_attr": "id",
                "table_description": "A posted month sheet. `content_hash` tells a repeated press from a different sheet.",
            },
            bases=["Model"],
        ),
    ]
