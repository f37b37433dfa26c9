"""One part of a draft changed at a time, by its place in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import editing
from rules.drafts import BLOCKS, Draft, DraftClause, DraftItem
from rules.errors import PlaceNotFound


def item(code: str) -> DraftItem:
    return DraftItem(code=code, name=code, unit="次", points_max=5)


def book(*clauses: tuple[str, str, str]) -> Draft:
    """Clauses as (number, block, letters of its items)."""
    return Draft(
        title="村规民约",
        clauses=tuple(
            DraftClause(number=n, block=b, text=n, items=tuple(item(code) for code in codes))
            for n, b, codes in clauses
        ),
    )


BOOK = book(("1", "law", "ab"), ("2", "customs", ""), ("3", "law", "cd"))


def outline(draft: Draft) -> list[tuple[str, str]]:
    return [(c.number, "".join(i.code for i in c.items)) for c in draft.clauses]


def test_places_count_items_through_all_clauses() -> None:
    found = [editing.item(BOOK, place) for place in (1, 2, 3, 4)]
    assert [(one.code, clause) for one, clause in found] == [("a", 1), ("b", 1), ("c", 3), ("d", 3)]


@pytest.mark.parametrize("place", [0, -1, 5, 10**12])
def test_a_place_that_does_not_exist_is_refused(place: int) -> None:
    with pytest.raises(PlaceNotFound):
        editing.item(BOOK, place)
    with pytest.raises(PlaceNotFound):
        editing.clause(BOOK, place)
    with pytest.raises(PlaceNotFound):
        editing.add_item(BOOK, item("x"), clause_place=place)
    with pytest.raises(PlaceNotFound):
        editing.change_item(BOOK, 1, item("x"), clause_place=place)


def test_a_new_clause_stands_behind_the_last_of_its_block() -> None:
    added = DraftClause(number="n", block="law", text="n")
    draft, place = editing.add_clause(BOOK, added)
    assert (outline(draft)[-1], place) == (("n", ""), 4)
    draft, place = editing.add_clause(BOOK, DraftClause(number="n", block="customs", text="n"))
    assert [number for number, _ in outline(draft)] == ["1", "2", "n", "3"]
    assert place == 3
    _, place = editing.add_clause(BOOK, DraftClause(number="n", block="public_service", text="n"))
    assert place == 4


def test_a_reworded_clause_keeps_its_items() -> None:
    draft = editing.change_clause(BOOK, 1, number="1-1", block="customs", text="新")
    assert outline(draft) == [("1-1", "ab"), ("2", ""), ("3", "cd")]
    assert (draft.clauses[0].block, draft.clauses[0].text) == ("customs", "新")


def test_a_clause_moves_among_those_of_its_block() -> None:
    assert [n for n, _ in outline(editing.move_clause(BOOK, 3, "up"))] == ["3", "2", "1"]
    assert editing.move_clause(BOOK, 1, "up") == BOOK
    assert editing.move_clause(BOOK, 2, "down") == BOOK


def test_a_clause_is_dropped() -> None:
    assert outline(editing.drop_clause(BOOK, 2)) == [("1", "ab"), ("3", "cd")]


def test_a_new_item_stands_last_under_its_clause() -> None:
    draft, below = editing.add_item(BOOK, item("x"), clause_place=1)
    assert outline(draft) == [("1", "abx"), ("2", ""), ("3", "cd")]
    assert below == 3


def test_a_changed_item_keeps_code_and_place_unless_its_clause_changes() -> None:
    draft, below = editing.change_item(BOOK, 3, item("x"), clause_place=3)
    assert outline(draft) == outline(BOOK)
    assert (draft.clauses[2].items[0].name, below) == ("x", 1)
    draft, below = editing.change_item(BOOK, 1, item("x"), clause_place=3)
    assert outline(draft) == [("1", "b"), ("2", ""), ("3", "cda")]
    assert below == 3


def test_an_item_moves_under_its_clause_and_no_further() -> None:
    assert outline(editing.move_item(BOOK, 1, "down"))[0] == ("1", "ba")
    assert editing.move_item(BOOK, 2, "down") == BOOK
    assert editing.move_item(BOOK, 3, "up") == BOOK


def test_an_item_is_dropped() -> None:
    assert outline(editing.drop_item(BOOK, 3)) == [("1", "ab"), ("2", ""), ("3", "d")]


steps = st.lists(
    st.tuples(
        st.sampled_from(["move_clause", "move_item", "drop_item", "rehome"]),
        st.integers(1, 6),
        st.sampled_from(["up", "down"]),
        st.integers(1, 4),
    ),
    max_size=12,
)


@given(st.lists(st.tuples(st.sampled_from(BLOCKS), st.integers(0, 3)), max_size=4), steps)
def test_no_walk_of_edits_loses_or_doubles_an_item(
    shape: list[tuple[str, int]], walk: list[tuple[str, int, editing.Way, int]]
) -> None:
    codes = iter("abcdefghijkl")
    draft = book(
        *(
            (str(n), block, "".join(next(codes) for _ in range(many)))
            for n, (block, many) in enumerate(shape)
        )
    )
    expected = sorted(code for _, codes_ in outline(draft) for code in codes_)
    for step, place, way, clause in walk:
        try:
            if step == "move_clause":
                draft = editing.move_clause(draft, place, way)
            elif step == "move_item":
                draft = editing.move_item(draft, place, way)
            elif step == "rehome":
                moved, _ = editing.item(draft, place)
                draft, _ = editing.change_item(draft, place, moved, clause_place=clause)
            else:
                gone, _ = editing.item(draft, place)
                draft = editing.drop_item(draft, place)
                expected.remove(gone.code)
        except PlaceNotFound:
            continue
        assert sorted(code for _, codes_ in outline(draft) for code in codes_) == expected
        assert sorted(n for n, _ in outline(draft)) == [str(n) for n in range(len(shape))]
