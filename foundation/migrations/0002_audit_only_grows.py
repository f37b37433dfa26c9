"""The audit log only grows."""

from tortoise import migrations

from foundation.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [append_only("audit_line")]
