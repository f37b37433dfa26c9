"""The log behind the change feed, which foundation/changes.py explains."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_no_replacement")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ChangeLine",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("position", fields.BigIntField(null=True, unique=True)),
                ("kind", fields.CharField(max_length=20)),
                ("key", fields.CharField(max_length=60)),
                ("village", fields.CharField(default="", max_length=12)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "change_log",
                "app": "foundation",
                "pk_attr": "id",
                "table_description": "That something changed, see foundation/changes.py. `position` is null until it is read.",
            },
            bases=["Model"],
        ),
    ]
