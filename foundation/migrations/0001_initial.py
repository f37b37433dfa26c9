import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("purpose", fields.CharField(max_length=20)),
                ("name", fields.CharField(max_length=200)),
                ("media_type", fields.CharField(max_length=100)),
                ("size", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("content", fields.BinaryField()),
                ("sealed", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attachment",
                "app": "foundation",
                "pk_attr": "id",
                "table_description": "A file: rendered poster, scan of an adoption record, or sealed upload awaiting its use.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditLine",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=80)),
                ("verb", fields.CharField(max_length=60)),
                ("village", fields.CharField(default="", max_length=12)),
                ("subject", fields.CharField(default="", max_length=100)),
                (
                    "facts",
                    fields.JSONField(
                        default=dict,
                        encoder=functools.partial(dumps, separators=(",", ":")),
                        decoder=loads,
                    ),
                ),
            ],
            options={
                "table": "audit_line",
                "app": "foundation",
                "indexes": [Index(fields=["village", "at"]), Index(fields=["subject"])],
                "pk_attr": "id",
                "table_description": "Who did what to whom, and when. Grows only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StoreFact",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40),
                ),
                ("value", fields.TextField(unique=False)),
            ],
            options={
                "table": "store_fact",
                "app": "foundation",
                "pk_attr": "name",
                "table_description": "One fact about this store: its kind (demo or real), when and with which key it began.",
            },
            bases=["Model"],
        ),
    ]
