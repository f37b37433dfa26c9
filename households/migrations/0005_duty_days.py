"""Duties have days and posts, log-ins say from which device, hand-overs are kept."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("households", "0004_household_move")]

    initial = False

    operations = [
        ops.AddField(
            "OfficialDuty", "post", fields.CharField(default="", db_default="", max_length=20)
        ),
        ops.AddField("OfficialDuty", "since", fields.DateField(null=True)),
        ops.AddField("OfficialDuty", "until", fields.DateField(null=True)),
        ops.AddField(
            "OfficialDuty", "vacant", fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddField(
            "LoginSession", "device", fields.CharField(default="", db_default="", max_length=200)
        ),
        ops.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("official_id", fields.UUIDField()),
                ("successor_id", fields.UUIDField(null=True)),
                ("on", fields.DateField()),
                (
                    "content",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("made_by", fields.CharField(max_length=80)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hand_over",
                "app": "households",
                "indexes": [Index(fields=["official_id"])],
                "pk_attr": "id",
                "table_description": "What somebody who left handed over, to whom and on which day.",
            },
            bases=["Model"],
        ),
    ]
