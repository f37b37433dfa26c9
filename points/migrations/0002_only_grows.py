"""The ledger only grows, points are bounded integers, and a posted snapshot is frozen."""

from tortoise import migrations

from foundation.schema import EngineSQL, append_only, check

FROZEN = ("snapshot", "hash", "signature", "chain_seq", "chain_hash")
CHANGED = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in FROZEN)


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]
    operations = [
        append_only("ledger_entry"),
        check(
            "ledger_entry",
            "ledger_entry_points_bounded",
            "{points} BETWEEN -1000000 AND 1000000 AND {seq} > 0",
        ),
        EngineSQL(
            sqlite=[
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication "
                f"WHEN {CHANGED} BEGIN SELECT RAISE(ABORT, 'a snapshot is frozen'); END",
                "CREATE TRIGGER publication_kept BEFORE DELETE ON publication "
                "BEGIN SELECT RAISE(ABORT, 'a snapshot is frozen'); END",
            ],
            postgres=[
                "CREATE FUNCTION publication_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'a snapshot is frozen'; END $$",
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication FOR EACH ROW "
                f"WHEN ({CHANGED}) EXECUTE FUNCTION publication_is_frozen()",
                "CREATE TRIGGER publication_kept BEFORE DELETE ON publication FOR EACH ROW "
                "EXECUTE FUNCTION publication_is_frozen()",
            ],
        ),
    ]
