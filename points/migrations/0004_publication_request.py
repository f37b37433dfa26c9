"""A publication keeps the id of the request that made it: a repeated press posts nothing."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("points", "0003_no_replacement")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Publication",
            name="request_id",
            field=fields.UUIDField(null=True, unique=True),
        ),
    ]
