"""Passbook cards of households, and their pages open on phones."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("households", "0002_import_kinds")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Passbook",
            fields=[
                ("household_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("card", fields.CharField(unique=True, max_length=20)),
                ("first_code", fields.CharField(default="", max_length=64)),
                ("pin", fields.CharField(default="", max_length=200)),
                ("pin_set_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revision", fields.IntField(default=1)),
                ("reset_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("printed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "passbook",
                "app": "households",
                "pk_attr": "household_id",
                "table_description": "A household's card: `card` stands on the paper and in its QR, a name and not a secret.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PassbookSession",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("household_id", fields.UUIDField()),
                ("revision", fields.IntField()),
                ("token", fields.CharField(max_length=64)),
                ("used_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "passbook_session",
                "app": "households",
                "indexes": [Index(fields=["household_id"]), Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "A household's page open on one phone. Only the token's digest is kept.",
            },
            bases=["Model"],
        ),
    ]
