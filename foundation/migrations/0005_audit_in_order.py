"""Ways through the audit log in the order of time, for each of its filters."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("foundation", "0004_change_log")]

    operations = [
        ops.AddIndex("AuditLine", Index(fields=["at", "id"])),
        ops.AddIndex("AuditLine", Index(fields=["actor", "at"])),
        ops.AddIndex("AuditLine", Index(fields=["verb", "at"])),
    ]
