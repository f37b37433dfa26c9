"""Two versions of a rule book told apart, clause by clause."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import comparison, drafts, starters
from rules.comparison import Part
from rules.drafts import Draft, DraftClause, DraftItem

STARTER = drafts.from_starter(starters.load("plain-village"))


def item(code: str, **fields: object) -> DraftItem:
    return msgspec.structs.replace(
        DraftItem(code=code, name=code, unit="次", points_max=5), **fields
    )


def book(*clauses: tuple[str, str, tuple[DraftItem, ...]]) -> Draft:
    return Draft(
        title="村规民约",
        clauses=tuple(DraftClause(number=n, block="law", text=t, items=i) for n, t, i in clauses),
    )


def kinds(found: comparison.Comparison) -> list[tuple[str, str]]:
    return [
        (change.kind, (change.after or change.before).text)  # type: ignore[union-attr]
        for change in found.clauses
    ]


@pytest.mark.parametrize("name", starters.names())
def test_a_text_compared_with_itself_is_the_same(name: str) -> None:
    draft = drafts.from_starter(starters.load(name))
    found = comparison.compare(draft, draft)
    assert found.is_same
    assert {change.kind for change in found.clauses} == {"same"}


def test_an_inserted_clause_does_not_make_the_following_ones_new() -> None:
    before = book(("1", "甲", ()), ("2", "乙", ()))
    after = book(("1", "甲", ()), ("2", "新来的", ()), ("3", "乙", ()))
    found = comparison.compare(before, after)
    assert kinds(found) == [("same", "甲"), ("added", "新来的"), ("changed", "乙")]
    assert not found.is_same


def test_a_removed_clause_stands_where_it_stood() -> None:
    before = book(("1", "甲", ()), ("2", "去掉的", ()), ("3", "乙", ()))
    after = book(("1", "甲", ()), ("3", "乙", ()))
    assert kinds(comparison.compare(before, after)) == [
        ("same", "甲"),
        ("removed", "去掉的"),
        ("same", "乙"),
    ]


def test_a_reworded_clause_is_known_by_its_number_and_told_apart() -> None:
    (change,) = comparison.compare(
        book(("1", "每月评一次", ())), book(("1", "每季评一次", ()))
    ).clauses
    assert change.kind == "changed"
    assert change.wording == (
        Part("same", "每"),
        Part("removed", "月"),
        Part("added", "季"),
        Part("same", "评一次"),
    )


def test_an_items_settings_that_differ_are_named() -> None:
    before = book(("1", "甲", (item("a"), item("b"))))
    after = book(("1", "甲", (item("a", points_max=8, posting_days=7), item("c"))))
    (clause,) = comparison.compare(before, after).clauses
    assert clause.kind == "changed"
    assert [(change.kind, change.fields) for change in clause.items] == [
        ("changed", ("points_max", "posting_days")),
        ("added", ()),
        ("removed", ()),
    ]


def test_an_item_that_moved_to_another_clause_is_neither_new_nor_gone() -> None:
    before = book(("1", "甲", (item("a"),)), ("2", "乙", ()))
    after = book(("1", "甲", ()), ("2", "乙", (item("a"),)))
    first, second = comparison.compare(before, after).clauses
    assert first.items == ()
    assert [(change.kind, change.fields) for change in second.items] == [("changed", ("clause",))]


@pytest.mark.parametrize("field", ["title", "preamble", "name_wall", "name_web"])
def test_the_frame_of_the_text_counts_too(field: str) -> None:
    after = msgspec.structs.replace(STARTER, **{field: "unnamed改"})
    assert not comparison.compare(STARTER, after).is_same


numbers = st.sampled_from("12345")
clauses = st.lists(
    st.tuples(numbers, st.sampled_from(["甲", "乙", "丙", "丁"]), st.just(())), max_size=6
)


@given(clauses, clauses)
def test_every_clause_of_both_texts_is_told_exactly_once(old: list, new: list) -> None:
    before, after = book(*old), book(*new)
    found = comparison.compare(before, after).clauses
    assert [c.after for c in found if c.after] == list(after.clauses)
    told = [c.before for c in found if c.before]
    assert sorted(told, key=msgspec.json.encode) == sorted(before.clauses, key=msgspec.json.encode)


@given(st.text("甲乙丙", max_size=12), st.text("甲乙丙", max_size=12))
def test_a_wordings_stretches_give_both_texts_back(before: str, after: str) -> None:
    parts = comparison.wording(before, after)
    assert "".join(part.text for part in parts if part.kind != "added") == before
    assert "".join(part.text for part in parts if part.kind != "removed") == after
