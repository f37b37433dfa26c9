"""Scoring items from a workbook: into a draft alone, by code or name, and back out the same."""

from typing import Any
from uuid import UUID

import factories
import grids
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE, official

from households import tabling
from households.tabling import TableResult
from rules import item_form, item_tables, rulebook, versions
from rules.drafts import Draft, DraftClause, DraftItem
from rules.errors import RuleBookNotFound, VersionFrozen

CLERK = official("clerk")
HEAD = ["条款", "条文", "板块", "评分细则", "分值", "每户上限", "评分周期", "上限周期", "谁可以评"]


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def drafted(*items: DraftItem, text: str = "院子常打扫。") -> UUID:
    begun = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
    clause = DraftClause("1", "environment", text, items or (villages.item("yard"),))
    await rulebook.change_draft(begun.id, Draft("村规民约", (clause,)), by=OPERATOR)
    return begun.id


async def brought(version: UUID, *rows: list[Any], content: bytes = b"") -> TableResult:
    return await tabling.import_file(
        item_tables.KIND, VILLAGE, content or grids.xlsx(*rows), filename="细则.xlsx", by=CLERK,
        target={"version": str(version)},
    )  # fmt: skip


def codes(result: TableResult) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.row, problem.column) for problem in result.problems]


async def items(version: UUID) -> dict[str, Any]:
    return {item.name: item for item in (await rulebook.version(version)).items}


async def test_lines_change_add_and_leave_the_rest_alone() -> None:
    draft = await drafted(villages.item("yard", name="庭院"), villages.item("bins", name="垃圾"))
    result = await brought(
        draft,
        ["槐庄村积分细则"],
        HEAD,
        ["第1条", None, None, "庭院", "0-30分", 30, None, None, "村文书、评分员"],
        [None, None, None, "厕所", "５", None, "每季度", None, None],
        ["2", "见义勇为。", "公益服务", "献血", "10", 10, "一次", "只一次", "评议员"],
    )
    assert codes(result) == []
    assert (result.rows, result.created, result.updated) == (3, 2, 1)
    found = await items(draft)
    assert set(found) == {"庭院", "垃圾", "厕所", "献血"}
    yard, toilet, blood = found["庭院"], found["厕所"], found["献血"]
    assert (yard.code, yard.points_max, yard.cap_points) == ("yard", 30, 30)
    assert (toilet.points_min, toilet.points_max, toilet.cycle) == (5, 5, "quarter")
    assert (toilet.cap_points, toilet.cap_period, toilet.clause_number) == (5, "quarter", "1")
    assert (blood.block, blood.cycle, blood.scorers) == (
        "public_service",
        "once",
        ("panel_member",),
    )
    assert blood.clause_text == "见义勇为。"
    assert found["垃圾"].points_max == 20


@pytest.mark.parametrize("starter", ["plain-village"])
async def test_a_version_comes_back_from_its_own_workbook_unchanged(starter: str) -> None:
    first = await rulebook.draft_from_starter(VILLAGE, starter, by=OPERATOR)
    version, content = await item_form.sheet(first.id, actor=CLERK)
    again = await brought(first.id, content=content)
    assert (again.problems, again.created, again.updated) == ([], 0, 0)
    assert again.unchanged == len(version.items) > 5
    bare = await drafted()
    result = await brought(bare, content=content)
    assert result.problems == []
    copied = versions.as_draft(await rulebook.version(bare))
    original = versions.as_draft(version)
    by_number = {clause.number: clause for clause in copied.clauses}
    for clause in original.clauses:
        own = [one for one in by_number[clause.number].items if one.code != "yard"]
        if clause.items:
            assert (own, by_number[clause.number].text) == (list(clause.items), clause.text)


async def test_every_fault_is_named_and_what_is_sound_comes_in() -> None:
    draft = await drafted()
    result = await brought(
        draft,
        HEAD,
        ["1", None, None, "甲", "-5", None, None, None, None],
        ["1", None, None, "乙", "十分", None, None, None, None],
        ["1", None, None, "丙", "0-20", 10, None, None, None],
        ["9", None, None, "丁", "5", None, None, None, None],
        ["1", None, None, "戊" * 21, "5", None, None, None, None],
        ["1", None, None, "己", "5", None, "每旬", None, None],
        ["1", None, None, "庚", "5", None, None, None, "村长"],
        ["1", None, None, "辛", "5000", None, None, None, None],
        ["1", None, None, "壬", "5", None, None, None, None],
        [None, None, None, None, "5", None, None, None, None],
    )
    assert codes(result) == [
        ("item_deduction", 2, "E"),
        ("range_unreadable", 3, "E"),
        ("not_a_choice", 7, "G"),
        ("not_a_choice", 8, "I"),
        ("missing", 11, "D"),
        ("clause_unknown", 5, "A"),
        ("item_cap_low", 4, "F"),
        ("item_too_long", 6, "D"),
        ("item_out_of_range", 9, ""),
    ]
    assert set(await items(draft)) == {"yard", "壬"}


async def test_a_published_version_and_another_villages_draft_take_nothing() -> None:
    published = await villages.adopt([villages.item("yard")])
    with pytest.raises(VersionFrozen):
        await brought(published.id, HEAD, ["1", None, None, "甲", "5"])
    other = await rulebook.draft_from_starter(OTHER_VILLAGE, "plain-village", by=OPERATOR)
    with pytest.raises(RuleBookNotFound):
        await brought(other.id, HEAD, ["1", None, None, "甲", "5"])
    assert [item.code for item in (await rulebook.version(published.id)).items] == ["yard"]
