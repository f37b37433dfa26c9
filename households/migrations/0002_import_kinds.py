import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """An import has a kind, and what else was chosen at the upload."""

    dependencies = [("households", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ImportBatch",
            name="kind",
            field=fields.CharField(default="households", db_default="households", max_length=20),
        ),
        ops.AddField(
            model_name="ImportBatch",
            name="target",
            field=fields.JSONField(
                null=True,
                encoder=functools.partial(dumps, separators=(",", ":")),
                decoder=loads,
            ),
        ),
    ]
