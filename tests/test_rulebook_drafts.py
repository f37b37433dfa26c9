"""Drafts of a rule book: copied, replaced as a whole, every fault named with its place."""

from dataclasses import dataclass
from uuid import uuid4

import msgspec
import pytest
from factories import OPERATOR, OTHER_VILLAGE, TOWNSHIP, VILLAGE, divisions, official

from foundation.models import AuditLine
from households.errors import NotAllowed, RegionNotFound
from rules import drafts, rulebook, starters, versions
from rules.drafts import Draft, DraftClause, DraftItem, Finding
from rules.errors import (
    DraftChanged,
    RuleBookInvalid,
    RuleBookNotFound,
    StarterNotFound,
    TooManyDrafts,
)
from rules.models import RuleBookVersion, ScoringItem

COURTYARD = DraftItem(name="庭院卫生", unit="月", points_max=20, cap_points=20)
BOOK = Draft(
    title="村规民约",
    clauses=(DraftClause(number="1", block="environment", text="常打扫。", items=(COURTYARD,)),),
)


def book(
    *,
    number: str = "1",
    block: str = "environment",
    text: str = "常打扫。",
    item: DraftItem | None = None,
    **fields: str,
) -> Draft:
    """`BOOK` with some of its fields replaced."""
    clause = DraftClause(number=number, block=block, text=text, items=(item or COURTYARD,))
    return msgspec.structs.replace(BOOK, clauses=(clause,), **fields)


def courtyard(**fields: object) -> Draft:
    return book(item=msgspec.structs.replace(COURTYARD, **fields))


@dataclass
class Case:
    draft: Draft
    finding: Finding


def on_item(field: str, code: str, limit: int | None = None) -> Finding:
    return Finding(0, 0, field, code, limit)


CASES = {
    "no title": Case(book(title=" "), Finding(None, None, "title", "missing")),
    "a title too long": Case(book(title="长" * 101), Finding(None, None, "title", "too_long", 100)),
    "a preamble too long": Case(
        book(preamble="长" * 3001), Finding(None, None, "preamble", "too_long", 3000)
    ),
    "a NUL in the preamble": Case(
        book(preamble="序\x00言"), Finding(None, None, "preamble", "control_character")
    ),
    "full names set for the wall": Case(
        book(name_wall="full"), Finding(None, None, "name_wall", "unknown")
    ),
    "full names set for the web": Case(
        book(name_web="full"), Finding(None, None, "name_web", "unknown")
    ),
    "no clause number": Case(book(number=""), Finding(0, None, "number", "missing")),
    "a fifth block": Case(book(block="politics"), Finding(0, None, "block", "unknown")),
    "an empty clause": Case(book(text="\r\n"), Finding(0, None, "text", "missing")),
    "an item without a name": Case(courtyard(name=""), on_item("name", "missing")),
    "an item's name too long": Case(courtyard(name="长" * 21), on_item("name", "too_long", 20)),
    "an item's unit too long": Case(courtyard(unit="长" * 9), on_item("unit", "too_long", 8)),
    "a code with spaces": Case(courtyard(code="a b"), on_item("code", "malformed")),
    "more than the highest points": Case(
        courtyard(points_max=1001, cap_points=None), on_item("points_max", "out_of_range", 1000)
    ),
    "points beyond a database's integers": Case(
        courtyard(points_max=2**70, cap_points=None), on_item("points_max", "out_of_range", 1000)
    ),
    "nothing to earn": Case(courtyard(points_max=0), on_item("points_max", "out_of_range", 1000)),
    "minimum above maximum": Case(
        courtyard(points_min=21), on_item("points_max", "below_minimum", 21)
    ),
    "a cap that refuses a full score": Case(
        courtyard(cap_points=19), on_item("cap_points", "cap_below_maximum", 20)
    ),
    "a cap of nothing": Case(
        courtyard(cap_points=0), on_item("cap_points", "out_of_range", 100000)
    ),
    "a cap a week": Case(courtyard(cap_period="week"), on_item("cap_period", "unknown")),
    "a cycle of a day": Case(courtyard(cycle="day"), on_item("cycle", "unknown")),
    "once, but capped a month": Case(courtyard(cycle="once"), on_item("cap_period", "once_both")),
    "once without a cap": Case(
        courtyard(cycle="once", cap_period="once", cap_points=None),
        on_item("cap_points", "missing"),
    ),
    "posted four days": Case(courtyard(posting_days=4), on_item("posting_days", "unknown")),
    "nobody scores": Case(courtyard(scorers=()), on_item("scorers", "missing")),
    "an unknown role scores": Case(
        courtyard(scorers=("clerk", "visitor")), on_item("scorers", "unknown")
    ),
    "a role twice": Case(courtyard(scorers=("clerk", "clerk")), on_item("scorers", "repeated")),
    "no clauses": Case(
        Draft(title="村规民约", clauses=()), Finding(None, None, "clauses", "missing")
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_fault_is_named_with_its_place(case: Case) -> None:
    assert case.finding in drafts.findings(drafts.tidied(case.draft))


def test_a_sound_book_and_every_starter_have_no_faults() -> None:
    assert drafts.findings(BOOK) == []
    for name in starters.names():
        assert drafts.findings(drafts.from_starter(starters.load(name))) == []


def test_a_deduction_is_refused_by_name() -> None:
    found = drafts.findings(courtyard(points_min=-5))
    assert found == [on_item("points_min", "deduction_not_yet")]
    found = drafts.findings(courtyard(points_min=-10, points_max=-5))
    assert on_item("points_max", "deduction_not_yet") in found


def test_repeated_numbers_codes_and_names_are_named_where_they_come_again() -> None:
    twice = msgspec.structs.replace(
        BOOK,
        clauses=tuple(
            DraftClause(
                number="1",
                block="law",
                text="一条",
                items=(DraftItem(name="项", unit="次", points_max=1, code="same"),),
            )
            for _ in range(2)
        ),
    )
    assert drafts.findings(twice) == [
        Finding(1, None, "number", "repeated"),
        Finding(1, 0, "code", "repeated"),
        Finding(1, 0, "name", "repeated"),
    ]


def test_too_many_clauses_and_items_are_counted() -> None:
    crowded = msgspec.structs.replace(
        BOOK,
        clauses=tuple(
            DraftClause(
                number=str(n),
                block="law",
                text="一条",
                items=tuple(DraftItem(name=f"{n}.{k}", unit="次", points_max=1) for k in range(2)),
            )
            for n in range(101)
        ),
    )
    assert drafts.findings(crowded) == [
        Finding(None, None, "clauses", "too_many", 100),
        Finding(None, None, "items", "too_many", 200),
    ]


def test_the_same_text_typed_differently_has_the_same_hash() -> None:
    typed = book(title="  村规民约 ", text="常打扫。\r\n")
    assert drafts.text_hash(drafts.tidied(typed)) == drafts.text_hash(BOOK)


@pytest.mark.parametrize("field", ["points_max", "posting_days", "cap_points"])
def test_the_hash_covers_every_setting_of_an_item(field: str) -> None:
    assert drafts.text_hash(courtyard(**{field: 15})) != drafts.text_hash(BOOK)


async def test_a_starter_is_copied_whole(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=official("clerk"))
    starter = starters.load("plain-village")
    assert (draft.state, draft.number, draft.in_force_from) == ("draft", 0, None)
    assert [clause.text for clause in draft.clauses] == [c.text for c in starter.clauses]
    assert {item.code for item in draft.items} == {item.code for item in starter.items}
    assert [item.position for item in draft.items] == list(range(1, len(starter.items) + 1))
    kept = next(item for item in draft.items if item.code == "dog-registered")
    assert (kept.points_min, kept.points_max, kept.cap_points) == (20, 20, 20)
    assert (kept.cycle, kept.cap_period, kept.evidence_needed) == ("once", "once", True)
    assert kept.scorers == ("clerk", "scorer", "grid_worker")
    assert kept.clause_text == starter.clauses[kept.position - 1].text
    assert await rulebook.version(draft.id) == draft
    assert await rulebook.item(kept.id) == kept
    line = await AuditLine.get(verb="rules.draft")
    assert line.village == VILLAGE
    assert line.subject == f"rulebook:{draft.id}"


async def test_the_same_request_twice_makes_one_draft(opened: str) -> None:
    await divisions()
    key = uuid4()
    clerk = official("clerk")
    for _ in range(2):
        await rulebook.draft_from_starter(VILLAGE, "community", by=clerk, id=key)
    assert await RuleBookVersion.all().count() == 1
    with pytest.raises(RuleBookNotFound):
        await rulebook.draft_from_starter(
            OTHER_VILLAGE, "community", by=official("clerk", OTHER_VILLAGE), id=key
        )


async def test_a_village_keeps_a_bounded_number_of_drafts(opened: str) -> None:
    await divisions()
    for _ in range(rulebook.DRAFTS_MAX):
        await RuleBookVersion.create(
            id=uuid4(), village=VILLAGE, title="草稿", created_at="2026-11-22T00:00:00Z"
        )
    with pytest.raises(TooManyDrafts):
        await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)


async def test_an_unknown_starter_is_refused(opened: str) -> None:
    await divisions()
    with pytest.raises(StarterNotFound):
        await rulebook.draft_from_starter(VILLAGE, "../secret", by=OPERATOR)


async def test_only_a_village_has_a_rule_book(opened: str) -> None:
    await divisions()
    for region in (TOWNSHIP, f"{VILLAGE}-G01", "000000000000"):
        with pytest.raises(RegionNotFound):
            await rulebook.draft_from_starter(region, "community", by=OPERATOR)


async def test_a_changed_draft_is_replaced_whole(opened: str) -> None:
    await divisions()
    clerk = official("clerk")
    draft = await rulebook.draft_from_starter(VILLAGE, "mountain-village", by=clerk)
    changed = await rulebook.change_draft(draft.id, BOOK, by=clerk)
    assert changed == await rulebook.version(draft.id)
    assert [(clause.number, clause.text) for clause in changed.clauses] == [("1", "常打扫。")]
    (item,) = changed.items
    assert (item.code, item.name, item.points_max) == ("item-1", "庭院卫生", 20)
    assert await ScoringItem.all().count() == 1
    assert changed.text_hash != draft.text_hash


async def test_items_keep_their_codes_in_a_copy_and_new_ones_never_take_an_old_one(
    opened: str,
) -> None:
    await divisions()
    clerk = official("clerk")
    first = await rulebook.draft_from_starter(VILLAGE, "community", by=clerk)
    first = await rulebook.change_draft(first.id, BOOK, by=clerk)
    copy = await rulebook.draft_from(first.id, by=clerk)
    assert copy.id != first.id
    assert versions.as_draft(copy) == versions.as_draft(first)
    other = msgspec.structs.replace(COURTYARD, name="另一项")
    replaced = await rulebook.change_draft(copy.id, book(item=other), by=clerk)
    assert [item.code for item in replaced.items] == ["item-2"]


async def test_all_faults_come_at_once_and_nothing_is_stored(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    wrong = book(title="", block="x", item=msgspec.structs.replace(COURTYARD, points_max=-1))
    with pytest.raises(RuleBookInvalid) as refusal:
        await rulebook.change_draft(draft.id, wrong, by=OPERATOR)
    assert {(found.field, found.code) for found in refusal.value.findings} == {
        ("title", "missing"),
        ("block", "unknown"),
        ("points_max", "deduction_not_yet"),
    }
    assert await rulebook.version(draft.id) == draft


async def test_two_people_at_one_draft_do_not_overwrite_each_other_unseen(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    await rulebook.change_draft(draft.id, BOOK, by=OPERATOR, base_hash=draft.text_hash)
    with pytest.raises(DraftChanged):
        await rulebook.change_draft(
            draft.id, courtyard(points_max=10), by=OPERATOR, base_hash=draft.text_hash
        )
    assert (await rulebook.version(draft.id)).items[0].points_max == 20


async def test_a_draft_can_be_dropped(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    await rulebook.delete_draft(draft.id, by=OPERATOR)
    with pytest.raises(RuleBookNotFound):
        await rulebook.version(draft.id)
    assert await ScoringItem.all().count() == 0


async def test_another_villages_rule_book_does_not_exist_for_a_clerk(opened: str) -> None:
    await divisions()
    stranger = official("clerk", OTHER_VILLAGE)
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=official("clerk"))
    with pytest.raises(RuleBookNotFound):
        await rulebook.version(draft.id, actor=stranger)
    with pytest.raises(RegionNotFound):
        await rulebook.versions(VILLAGE, actor=stranger)
    for write in (
        rulebook.change_draft(draft.id, BOOK, by=stranger),
        rulebook.delete_draft(draft.id, by=stranger),
        rulebook.draft_from(draft.id, by=stranger),
    ):
        with pytest.raises(RuleBookNotFound):
            await write
    with pytest.raises(RegionNotFound):
        await rulebook.draft_from_starter(VILLAGE, "community", by=stranger)


async def test_a_group_cadre_reads_his_villages_rule_book_and_may_not_change_it(
    opened: str,
) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    cadre = official("group_cadre", f"{VILLAGE}-G01")
    assert (await rulebook.version(draft.id, actor=cadre)).id == draft.id
    assert len(await rulebook.versions(VILLAGE, actor=cadre)) == 1
    with pytest.raises(RuleBookNotFound):
        await rulebook.change_draft(draft.id, BOOK, by=cadre)
    with pytest.raises(NotAllowed):
        await rulebook.change_draft(draft.id, BOOK, by=official("scorer"))
