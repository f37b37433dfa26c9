"""What SQLite would let through: INSERT OR REPLACE, which deletes without asking the deletion's
trigger, and fractions in a column of whole numbers."""

from tortoise import migrations

from foundation.schema import EngineSQL


class Migration(migrations.Migration):
    dependencies = [("points", "0002_only_grows")]
    operations = [
        EngineSQL(
            sqlite=[
                "CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry "
                "WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id OR rowid = NEW.rowid "
                "OR (village = NEW.village AND seq = NEW.seq) OR reverses_id = NEW.reverses_id) "
                "BEGIN SELECT RAISE(ABORT, 'ledger_entry only grows'); END",
                "CREATE TRIGGER ledger_entry_whole_points BEFORE INSERT ON ledger_entry "
                "WHEN typeof(NEW.points) <> 'integer' OR typeof(NEW.seq) <> 'integer' "
                "BEGIN SELECT RAISE(ABORT, 'points are whole numbers'); END",
            ],
            postgres=[],
        ),
    ]
