"""Steps of households: splits, merges, moves, leaving and coming back, with what they rest on."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

_JSON = {"encoder": functools.partial(dumps, separators=(",", ":")), "decoder": loads}


class Migration(migrations.Migration):
    dependencies = [("households", "0003_passbooks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="HouseholdMove",
            fields=[
                (
                    "seq",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("id", fields.UUIDField(unique=True)),
                ("kind", fields.CharField(max_length=12)),
                ("village", fields.CharField(max_length=12)),
                ("household_id", fields.UUIDField()),
                ("other_village", fields.CharField(default="", max_length=12)),
                ("other_id", fields.UUIDField(null=True)),
                ("moved_on", fields.DateField()),
                ("points", fields.IntField(default=0)),
                ("members", fields.JSONField(**_JSON)),
                ("before", fields.JSONField(**_JSON)),
                ("note", fields.TextField(default="", unique=False)),
                ("content_hash", fields.CharField(max_length=64)),
                ("recorded_by", fields.CharField(max_length=80)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("undone_by", fields.UUIDField(null=True)),
            ],
            options={
                "table": "household_move",
                "app": "households",
                "indexes": [
                    Index(fields=["household_id"]),
                    Index(fields=["other_id"]),
                    Index(fields=["village", "kind"]),
                ],
                "pk_attr": "seq",
                "table_description": "One step in the life of households: which became which, "
                "on what day, and by whom.",
            },
            bases=["Model"],
        ),
    ]
