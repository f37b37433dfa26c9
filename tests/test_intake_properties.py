"""What holds for any workbook, however odd."""

import time
from datetime import date

import pytest
from grids import TODAY, VILLAGE
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Refusal
from households import identity, intake, places
from households.cells import Cell, letter
from households.labels import MEANINGS, understood
from households.workbook import Sheet

NUMBERS = st.integers(1, 99)
LABELS = ["户号", "序号", "户主", "姓名", "与户主关系", "身份证号", "电话", "组别", "备注", "低保",
          "成员1", "成员1关系", "村代码", "行政村", "住址", "出生日期", "性别", "民族"]  # fmt: skip
WORDS = ["户主", "配偶", "张明", "王强", "合计", "填表人：", "5组", "990428197609160117", "是",
         "=1", "610428001200", "19900000001", "男", " "]  # fmt: skip

cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from(LABELS),
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)
grids = st.lists(st.lists(cells, max_size=8), max_size=12)
headed = st.builds(
    lambda header, rows: [header, *rows],
    st.lists(st.sampled_from(LABELS), min_size=2, max_size=8),
    st.lists(st.lists(cells, max_size=8), max_size=12),
)


@given(NUMBERS)
def test_a_group_s_canonical_name_gives_its_number_back(number: int) -> None:
    for text in (f"{number}组", f"第{number}村民小组", f" 第 {number} 小组", f"{number}"):
        canonical = places.canonical_group(text)
        assert places.group_number(canonical) == number
        assert places.canonical_group(canonical) == canonical
        assert canonical == places.canonical_group(f"{number}组")


@pytest.mark.parametrize(
    "text",
    ["5组", "五组", "第五村民小组", "第5小组", "５组", "五队", "组5", "(五)组", "槐庄村五组",
     "五组（东坡）", "第 五 小 组", "05组"],
)  # fmt: skip
def test_the_spellings_of_one_group_are_one_group(text: str) -> None:
    assert places.canonical_group(text) == "第五村民小组"
    assert places.group_number(text) == 5


@pytest.mark.parametrize("text", ["", "组", "0组", "2023年", "12345", "第组", "?"])
def test_what_is_no_group_has_no_number(text: str) -> None:
    assert places.group_number(text) is None


@given(st.text(max_size=20))
def test_a_canonical_group_stays_as_it_is(text: str) -> None:
    canonical = places.canonical_group(text)
    assert places.canonical_group(canonical) == canonical


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 999_999))
def test_an_id_number_with_its_check_digit_is_read_back(
    born: date, order: int, region: int
) -> None:
    first = f"{region:06d}{born:%Y%m%d}{order:03d}"
    number = first + identity.check_digit(first)
    assert identity.id_number(number, today=TODAY) == identity.Reading(number)
    assert identity.born_on_of(number) == born
    assert identity.sex_of(number) == ("男" if order % 2 else "女")


@given(st.integers(0, 10**17 - 1), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first: int, place: int, shift: int) -> None:
    right = f"{first:017d}"
    wrong = f"{right[:place]}{(int(right[place]) + shift) % 10}{right[place + 1 :]}"
    assert identity.check_digit(right) != identity.check_digit(wrong)


def _parse(rows: list[list[Cell]]) -> None:
    try:
        result = intake.parse([Sheet(name="表", rows=rows)], **VILLAGE, today=TODAY)
    except Refusal:
        return
    numbers = [home.number for home in result.households if home.number]
    assert len(numbers) == len(set(numbers)), "a number names one household"
    members = [member for home in result.households for member in home.members]
    ids = [member.id_number for member in members if member.id_number]
    assert len(ids) == len(set(ids)), "an ID number names one person"
    assert result.residents == len(members)
    for home in result.households:
        heads = [member.name for member in home.members if member.relation == "户主"]
        assert home.head_name in heads
        assert len(home.number) <= 20
    for member in members:
        assert member.name
        assert member.sex in ("", "男", "女")
        assert 1 <= member.row <= len(rows)
    for problem in result.problems:
        assert 1 <= problem.row <= len(rows)


@settings(max_examples=300)
@given(grids)
def test_any_grid_is_parsed_or_refused(rows: list[list[Cell]]) -> None:
    _parse(rows)


@settings(max_examples=500)
@given(headed)
def test_any_grid_under_a_header_is_parsed_or_refused(rows: list[list[Cell]]) -> None:
    _parse(rows)


@given(headed)
def test_a_file_that_is_parsed_twice_says_the_same(rows: list[list[Cell]]) -> None:
    def said() -> object:
        try:
            return intake.parse([Sheet(name="表", rows=rows)], **VILLAGE, today=TODAY)
        except Refusal as refusal:
            return str(refusal)

    assert said() == said()


@pytest.mark.parametrize("evil", ["(", "东", "第", "1/", "村"])
def test_long_hostile_cells_cost_no_more_than_others(evil: str) -> None:
    evil *= 1_000 // len(evil)
    header: list[Cell] = ["户号", "姓名", "与户主关系", "身份证号", "电话", "组别", "住址", "村名"]
    rows = [[str(number), *([evil] * 7)] for number in range(2_000)]
    started = time.process_time()
    _parse([header, *rows])
    assert time.process_time() - started < 10


@given(st.text(max_size=40))
def test_a_label_means_something_known_or_nothing(label: str) -> None:
    role, _ = understood(label)
    assert role == "" or role in MEANINGS


def test_columns_are_named_as_in_excel() -> None:
    assert [letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
