"""What migrations need beyond the tool: SQL for each engine, and tables that only grow."""

from typing import Any

from tortoise.migrations.operations import RunSQL
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class EngineSQL(RunSQL):
    """Statements that differ between SQLite and PostgreSQL."""

    def __init__(self, *, sqlite: list[str], postgres: list[str]) -> None:
        super().__init__([], RunSQL.noop)
        self.sqlite, self.postgres = sqlite, postgres

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        if state_editor is None:
            return
        dialect: Any = state_editor.client.capabilities.dialect
        for statement in self.sqlite if dialect == "sqlite" else self.postgres:
            await state_editor.client.execute_script(statement)


def append_only(table: str) -> EngineSQL:
    """Triggers that refuse every update, deletion and truncation of a table's rows."""
    sentence = f"{table} only grows"
    return EngineSQL(
        sqlite=[
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            for verb in ("UPDATE", "DELETE")
        ],
        postgres=[
            f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{sentence}'; END $$",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()",
        ],
    )


def no_replacement(table: str, *keys: str, sentence: str = "", kept: str = "TRUE") -> EngineSQL:
    """Triggers against SQLite's OR REPLACE, which deletes a row without asking its triggers.

    Args:
        table: the table's name.
        keys: each of its unique keys, as column names joined by ", ".
        sentence: what the refusal says, by default that the table only grows.
        kept: SQL over the row that would go, where not every row has to stay.
    """
    refuse = f"BEGIN SELECT RAISE(ABORT, '{sentence or f'{table} only grows'}'); END"
    equal = [" AND ".join(f"{name} = NEW.{name}" for name in key.split(", ")) for key in keys]
    same = " OR ".join(["rowid = NEW.rowid", *equal])
    there = f"SELECT 1 FROM {table} WHERE ({same}) AND ({kept})"  # noqa: S608 - our names
    return EngineSQL(
        sqlite=[
            f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} "
            f"WHEN EXISTS ({there}) {refuse}",
            f"CREATE TRIGGER {table}_not_overwritten BEFORE UPDATE ON {table} "
            f"WHEN EXISTS ({there} AND rowid <> OLD.rowid) {refuse}",
        ],
        postgres=[],
    )


def check(table: str, name: str, condition: str) -> EngineSQL:
    """A CHECK on an existing table: a constraint, or on SQLite a pair of triggers.

    Args:
        table: the table's name.
        name: the constraint's name.
        condition: SQL in which each column stands in braces, such as "{points} >= 0".
    """
    of_new = condition.replace("{", "NEW.").replace("}", "")
    bare = condition.replace("{", "").replace("}", "")
    return EngineSQL(
        sqlite=[
            f"CREATE TRIGGER {name}_{verb} BEFORE {verb} ON {table} "
            f"WHEN NOT ({of_new}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ],
        postgres=[f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({bare})"],
    )
