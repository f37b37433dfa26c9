"""A posted list keeps what it is about, and can neither be replaced nor swept away."""

from tortoise import migrations

from foundation.schema import EngineSQL, no_replacement

SENTENCE = "a snapshot is frozen"
FROZEN = (
    "serial",
    "village",
    "region",
    "period",
    "block",
    "snapshot",
    "hash",
    "signature",
    "public_key",
    "chain_seq",
    "chain_hash",
    "published_at",
    "published_by",
)


def changed(differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FROZEN)


class Migration(migrations.Migration):
    dependencies = [("points", "0004_publication_request")]
    operations = [
        EngineSQL(
            sqlite=[
                "DROP TRIGGER publication_frozen",
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication "
                f"WHEN {changed('IS NOT')} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
            ],
            postgres=[
                "DROP TRIGGER publication_frozen ON publication",
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication FOR EACH ROW "
                f"WHEN ({changed('IS DISTINCT FROM')}) EXECUTE FUNCTION publication_is_frozen()",
                "CREATE TRIGGER publication_not_swept BEFORE TRUNCATE ON publication "
                "FOR EACH STATEMENT EXECUTE FUNCTION publication_is_frozen()",
            ],
        ),
        no_replacement("publication", "serial", "request_id", sentence=SENTENCE),
    ]
