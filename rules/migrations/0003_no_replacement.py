"""A published rule book cannot be replaced either, neither as a whole nor clause by clause."""

from tortoise import migrations

from foundation.schema import no_replacement

SENTENCE = "a published rule book is frozen"
PUBLISHED = "version_id IN (SELECT id FROM rule_book_version WHERE state <> 'draft')"


class Migration(migrations.Migration):
    dependencies = [("rules", "0002_published_is_frozen")]
    operations = [
        no_replacement(
            "rule_book_version",
            "id",
            "village, number",
            sentence=SENTENCE,
            kept="state <> 'draft'",
        ),
        no_replacement("clause", "id", sentence=SENTENCE, kept=PUBLISHED),
        no_replacement("scoring_item", "id", sentence=SENTENCE, kept=PUBLISHED),
    ]
