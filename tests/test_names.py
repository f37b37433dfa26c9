"""How names are masked, sorted and found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households import names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张明", "张＊"),
        ("王小明", "王＊明"),
        ("欧阳秀", "欧阳＊"),
        ("欧阳文秀", "欧阳＊秀"),
        ("司马相如", "司马＊如"),
        ("东方", "东＊"),
        ("陈方安生", "陈＊生"),
        ("𠮷田明", "𠮷＊明"),
        ("䶮㛃", "䶮＊"),
        ("葛\U000e0100明", "葛＊"),
        ("买买提·吐尔逊", "买＊逊"),
        ("John Smith", "J＊h"),
        ("张", "一户"),
        ("", "一户"),
    ],
)
def test_a_masked_name_keeps_surname_and_last_character(name: str, expected: str) -> None:
    assert names.masked(name) == expected


def test_a_name_is_shown_in_the_form_that_was_chosen() -> None:
    assert names.shown("王小明", form="full") == "王小明"
    assert names.shown("王小明", form="masked") == "王＊明"
    assert names.shown("王小明", form="unnamed") == "一户"


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2))
def test_masking_hides_every_character_between_surname_and_last(name: str) -> None:
    masked = names.masked(name)
    assert len(masked.replace(names.STAR, "")) <= 3
    assert masked.count(names.STAR) == 1
    assert masked != name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("李国玉", "lgy"),
        ("单雄信", "sxx"),
        ("曾国强", "zgq"),
        ("仇小云", "qxy"),
        ("解永强", "xyq"),
        ("尉迟恭", "ycg"),
        ("长孙明", "zsm"),
        ("吕绿", "ll"),
        ("𠮷田明", "tm"),
    ],
)
def test_initials_read_a_surname_as_a_surname(name: str, expected: str) -> None:
    assert names.initials(name) == expected


def test_names_sort_by_pinyin_with_one_surname_together() -> None:
    written = ["张三", "𠮷明", "章一", "曾国强", "张阿四", "解永强", "单雄信", "章二", "仇小云"]
    ordered = sorted(written, key=names.pinyin_key)
    assert ordered[:4] == ["仇小云", "单雄信", "解永强", "曾国强"]
    assert ordered[4:8] == ["张阿四", "张三", "章二", "章一"], "张 and 章 are not mixed"
    assert ordered[8] == "𠮷明", "a character without a reading comes last"


@given(st.text(max_size=60))
def test_any_text_has_a_short_plain_key(name: str) -> None:
    key = names.pinyin_key(name)
    assert len(key) <= 200
    assert all(char in "abcdefghijklmnopqrstuvwxyz0123456789" for char in key)
    assert len(names.initials(name)) <= 40
    assert len(names.masked(name)) <= max(len(name), 4)
