"""Lists that stand-alone villages hand in, the keys they sign with, and display days that stay."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from foundation.schema import EngineSQL

SENTENCE = "a snapshot is frozen"
FROZEN = (
    "serial", "village", "region", "period", "block", "snapshot", "hash", "signature",
    "public_key", "chain_seq", "chain_hash", "published_at", "published_by",
    "display_from", "display_until", "received_at",
)  # fmt: skip


def changed(differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FROZEN)


class Migration(migrations.Migration):
    dependencies = [("points", "0005_posted_stays")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Publication",
            name="received_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.CreateModel(
            name="Signer",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("public_key", fields.CharField(max_length=60)),
                ("confirmed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_by", fields.CharField(max_length=80)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "signer",
                "app": "points",
                "indexes": [Index(fields=["village"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        EngineSQL(
            sqlite=[
                "DROP TRIGGER publication_frozen",
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication "
                f"WHEN {changed('IS NOT')} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
                "CREATE UNIQUE INDEX signer_one_a_village ON signer (village) "
                "WHERE withdrawn_at IS NULL",
            ],
            postgres=[
                "DROP TRIGGER publication_frozen ON publication",
                "CREATE TRIGGER publication_frozen BEFORE UPDATE ON publication FOR EACH ROW "
                f"WHEN ({changed('IS DISTINCT FROM')}) EXECUTE FUNCTION publication_is_frozen()",
                "CREATE UNIQUE INDEX signer_one_a_village ON signer (village) "
                "WHERE withdrawn_at IS NULL",
            ],
        ),
    ]
