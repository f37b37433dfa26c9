"""On SQLite the table made anew by 0002 had lost its key and its index."""

from tortoise import migrations

from foundation.schema import EngineSQL


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_no_replacement")]
    operations = [
        EngineSQL(
            sqlite=[
                "CREATE UNIQUE INDEX rule_book_version_number ON rule_book_version (village, number)",
                "CREATE INDEX rule_book_version_in_force ON rule_book_version (village, in_force_from)",
            ],
            postgres=[],
        ),
    ]
