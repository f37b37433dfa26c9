"""Nor may a line of the audit log be replaced by another."""

from tortoise import migrations

from foundation.schema import no_replacement


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_audit_only_grows")]
    operations = [no_replacement("audit_line", "id")]
