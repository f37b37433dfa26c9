"""The tables as they really are: what models and migrations promise, the databases hold.

The migration tool has dropped constraints without a word before, so nothing here asks the tool.
"""

import re
from collections import defaultdict

import pytest
from tortoise import Tortoise
from tortoise.models import Model
from villages import Raw, raw

from foundation import database
from foundation.errors import SchemaTooNew

# What keeps rows as they are, by table; the databases refuse whoever writes around our verbs.
TRIGGERS = {
    "sqlite": {
        "audit_line": {"no_UPDATE", "no_DELETE", "not_replaced", "not_overwritten"},
        "ledger_entry": {
            "no_UPDATE",
            "no_DELETE",
            "no_replace",
            "points_bounded_INSERT",
            "points_bounded_UPDATE",
            "whole_points",
        },
        "publication": {"frozen", "kept", "not_replaced", "not_overwritten"},
        "rule_book_version": {
            "frozen",
            "kept",
            "not_replaced",
            "not_overwritten",
            "state_INSERT",
            "state_UPDATE",
        },
        "clause": {"no_INSERT", "no_UPDATE", "no_DELETE", "not_replaced", "not_overwritten"},
        "scoring_item": {
            "no_INSERT",
            "no_UPDATE",
            "no_DELETE",
            "not_replaced",
            "not_overwritten",
        },
    },
    "postgres": {
        "audit_line": {"no_change", "no_truncate"},
        "ledger_entry": {"no_change", "no_truncate"},
        "publication": {"frozen", "kept", "not_swept"},
        "rule_book_version": {"frozen", "kept", "no_truncate"},
        "clause": {"frozen", "no_truncate"},
        "scoring_item": {"frozen", "no_truncate"},
    },
}
CHECKS = {"ledger_entry_points_bounded", "rule_book_version_state"}


def models() -> list[type[Model]]:
    return [model for app in database.APPS for model in Tortoise.apps[app].values()]


def columns_of(model: type[Model], names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns behind field names, a foreign key's with its id."""
    meta = model._meta
    return tuple(
        f"{name}_id" if name in meta.fk_fields else meta.fields_map[name].source_field or name
        for name in names
    )


async def indexes(sql: Raw, *, sqlite: bool) -> dict[str, set[tuple[tuple[str | None, ...], bool]]]:
    """The columns of every index of every table, None for an expression, and if it is unique."""
    found = defaultdict(set)
    if sqlite:
        for line in await sql(
            "SELECT m.name AS t, l.name AS i, l.'unique' AS u FROM sqlite_master m, "
            "pragma_index_list(m.name) l WHERE m.type = 'table'"
        ):
            columns = await sql(f"SELECT name FROM pragma_index_info('{line['i']}') ORDER BY seqno")
            found[line["t"]].add((tuple(c["name"] for c in columns), bool(line["u"])))
        # A whole-number key is the row's own number and has no index beside it.
        for line in await sql(
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER'"
        ):
            found[line["t"]].add(((line["c"],), True))
        return found
    for line in await sql(
        "SELECT t.relname AS t, i.indisunique AS u, i.indkey::text AS keys, "
        "array_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))::text[] AS c "
        "FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey) "
        "WHERE t.relnamespace = 'public'::regnamespace GROUP BY 1, 2, 3, i.indexrelid"
    ):
        expressions = (None,) * line["keys"].split().count("0")
        found[line["t"]].add(((*line["c"], *expressions), line["u"]))
    return found


async def test_every_promised_key_and_index_is_there_on_real_columns(opened: str) -> None:
    missing = []
    async with raw(opened) as sql:
        found = await indexes(sql, sqlite=opened.startswith("sqlite"))
    for model in models():
        meta = model._meta
        there = found[meta.db_table]
        unique = [(name,) for name, field in meta.fields_map.items() if field.unique or field.pk]
        promised = [(columns_of(model, names), True) for names in (*unique, *meta.unique_together)]
        promised += [(columns_of(model, tuple(index.fields)), False) for index in meta.indexes]
        missing += [(meta.db_table, *key) for key in promised if key not in there]
    assert missing == []
    assert not [table for table, keys in found.items() if any(None in key for key, _ in keys)]


async def test_every_column_is_there_and_empty_only_where_the_model_says(opened: str) -> None:
    async with raw(opened) as sql:
        if opened.startswith("sqlite"):
            lines = await sql(
                'SELECT m.name AS t, c.name AS c, c."notnull" = 0 AS n FROM sqlite_master m, '
                "pragma_table_info(m.name) c WHERE m.type = 'table'"
            )
        else:
            lines = await sql(
                "SELECT table_name AS t, column_name AS c, is_nullable = 'YES' AS n "
                "FROM information_schema.columns WHERE table_schema = 'public'"
            )
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for line in lines:
        found[line["t"]][line["c"]] = bool(line["n"])
    for model in models():
        meta = model._meta
        promised = {
            meta.fields_map[n].source_field or n: meta.fields_map[n].null for n in meta.db_fields
        }
        assert found[meta.db_table] == promised, meta.db_table


async def test_the_tables_that_stay_are_kept_by_triggers_and_checks(opened: str) -> None:
    found = defaultdict(set)
    async with raw(opened) as sql:
        if opened.startswith("sqlite"):
            lines = await sql(
                "SELECT tbl_name AS t, name FROM sqlite_master WHERE type = 'trigger'"
            )
            checks = {re.sub("_(INSERT|UPDATE)$", "", line["name"]) for line in lines}
        else:
            lines = await sql(
                "SELECT c.relname AS t, g.tgname AS name, g.tgenabled = 'O' AS on "
                "FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal"
            )
            assert all(line["on"] for line in lines)
            checks = {
                line["conname"]
                for line in await sql(
                    "SELECT conname FROM pg_constraint WHERE contype = 'c' AND convalidated "
                    "AND connamespace = 'public'::regnamespace"
                )
            }
    for line in lines:
        found[line["t"]].add(line["name"].removeprefix(f"{line['t']}_"))
    assert found == TRIGGERS[database.dialect()]
    assert checks >= CHECKS


@pytest.mark.parametrize("points", [1_000_001, -1_000_001])
async def test_points_beyond_the_bound_are_refused_by_the_database(
    opened: str, points: int
) -> None:
    with pytest.raises(Exception, match="ledger_entry_points_bounded"):
        await database.execute(
            "INSERT INTO ledger_entry (id, village, seq, household_id, kind, item_code, block, "
            "points, deed_on, recorded_at, recorded_by, source, reason_digest, prev_hash, hash) "
            "VALUES ('00000000-0000-4000-8000-000000000001', 'v', 1, "
            "'00000000-0000-4000-8000-000000000002', 'award', '', '', "
            f"{points}, '2026-10-31', '', '', '', '', '', '')"
        )


async def test_a_store_of_a_newer_program_is_refused_with_the_reason(opened: str) -> None:
    await database.execute(
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        "VALUES ('points', '0999_of_the_future', '2026-01-01 00:00:00+00:00')"
    )
    with pytest.raises(SchemaTooNew) as refused:
        await database.migrate(opened)
    assert refused.value.facts == {"app": "points", "migration": "0999_of_the_future"}


async def test_migrating_again_changes_nothing(opened: str) -> None:
    before = await database.rows("SELECT app, name FROM tortoise_migrations ORDER BY app, name")
    await database.migrate(opened)
    assert before == await database.rows(
        "SELECT app, name FROM tortoise_migrations ORDER BY app, name"
    )
    assert {line["app"] for line in before} == set(database.APPS)
