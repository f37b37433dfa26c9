"""Printed pages of passbooks: what stands on each, so that the next goes on behind it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("points", "0006_received_lists")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PassbookPage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("household_id", fields.UUIDField()),
                ("number", fields.IntField()),
                ("after_seq", fields.BigIntField()),
                ("last_seq", fields.BigIntField()),
                ("entries", fields.IntField()),
                ("opening", fields.BigIntField()),
                ("closing", fields.BigIntField()),
                ("printed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("printed_by", fields.CharField(max_length=80)),
            ],
            options={
                "table": "passbook_page",
                "app": "points",
                "unique_together": (("household_id", "number"),),
                "pk_attr": "id",
                "table_description": "One printed page of a household's passbook: which entries stand on it, and both balances.",
            },
            bases=["Model"],
        ),
    ]
