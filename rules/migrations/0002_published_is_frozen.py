"""A draft has no number, a filing may follow the vote, and a published version is frozen.

When a version ends follows from when the next one begins, so no column says it. After it was
published only two things may still be written on a version, each once: its adoption, its filing.
"""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from foundation.schema import EngineSQL, check

VERSION, TEXT = "rule_book_version", ("clause", "scoring_item")
PUBLISHED = "SELECT 1 FROM rule_book_version WHERE state <> 'draft' AND id ="
SENTENCE = "a published rule book is frozen"

FROZEN = (
    "id",
    "village",
    "number",
    "title",
    "preamble",
    "state",
    "in_force_from",
    "name_wall",
    "name_web",
    "text_hash",
    "published_at",
    "published_by",
    "created_at",
)
ONCE = ("adoption", "filing")


def changed(differs: str) -> str:
    """The condition under which an update of a published version is refused."""
    column = f"NEW.{{0}} {differs} OLD.{{0}}"
    any_frozen = [column.format(name) for name in FROZEN]
    again = [f"(OLD.{name} IS NOT NULL AND {column.format(name)})" for name in ONCE]
    return f"OLD.state <> 'draft' AND ({' OR '.join(any_frozen + again)})"


def sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    rows_of = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}
    return [
        f"CREATE TRIGGER {VERSION}_frozen BEFORE UPDATE ON {VERSION} WHEN {changed('IS NOT')} {refuse}",
        f"CREATE TRIGGER {VERSION}_kept BEFORE DELETE ON {VERSION} WHEN OLD.state <> 'draft' {refuse}",
        *(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"WHEN {' OR '.join(f'EXISTS ({PUBLISHED} {row}.version_id)' for row in touched)} {refuse}"
            for table in TEXT
            for verb, touched in rows_of.items()
        ),
    ]


def postgres() -> list[str]:
    refuse = f"RAISE EXCEPTION '{SENTENCE}';"
    return [
        f"CREATE FUNCTION {VERSION}_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$",
        f"CREATE TRIGGER {VERSION}_frozen BEFORE UPDATE ON {VERSION} FOR EACH ROW "
        f"WHEN ({changed('IS DISTINCT FROM')}) EXECUTE FUNCTION {VERSION}_is_frozen()",
        f"CREATE TRIGGER {VERSION}_kept BEFORE DELETE ON {VERSION} FOR EACH ROW "
        f"WHEN (OLD.state <> 'draft') EXECUTE FUNCTION {VERSION}_is_frozen()",
        "CREATE FUNCTION rule_book_text_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' AND EXISTS ({PUBLISHED} OLD.version_id) THEN {refuse} END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF EXISTS ({PUBLISHED} NEW.version_id) THEN {refuse} END IF; "
        "RETURN NEW; END $$",
        *(
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION rule_book_text_is_frozen()"
            for table in TEXT
        ),
        *(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {VERSION}_is_frozen()"
            for table in (VERSION, *TEXT)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]

    operations = [
        ops.AlterField(
            model_name="RuleBookVersion", name="number", field=fields.IntField(null=True)
        ),
        ops.AddField(
            model_name="RuleBookVersion",
            name="filing",
            field=fields.JSONField(
                null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
            ),
        ),
        ops.RemoveField(model_name="RuleBookVersion", name="in_force_until"),
        check(
            VERSION,
            "rule_book_version_state",
            "{state} = 'draft' OR ({state} = 'published' AND {number} > 0 "
            "AND {in_force_from} IS NOT NULL AND {text_hash} <> '')",
        ),
        EngineSQL(sqlite=sqlite(), postgres=postgres()),
    ]
