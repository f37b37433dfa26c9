"""What each value becomes, and what is said about one that is wrong."""

from datetime import date

import pytest
from grids import faults, id_of, only, parsed, parsed_sheets, people

from households import identity
from households.cells import Cell
from households.parsed import SENTENCES, Parsed
from households.workbook import Sheet

MAN, WOMAN = id_of(11), id_of(22)


def _with_id(cell: Cell) -> Parsed:
    return parsed(["户号", "户主姓名", "身份证号"], ["1", "张明", cell])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (9.904281978122182e17, "excel_float"),
        (990428197812218200, "excel_float"),
        ("9.90428E+17", "excel_float"),
        ("990428197609160000", "excel_float"),
        (MAN[:-1], "id_length"),
        (MAN + "1", "id_length"),
        ("99042819760916**11", "id_characters"),
        ("990428197609160111", "id_check_digit"),
        (id_of(11, born="19761301"), "id_date"),
        (id_of(11, born="19760231"), "id_date"),
        (id_of(11, born="17760916"), "id_date"),
        (id_of(11, born="20260201"), "born_in_future"),
    ],
)
def test_a_wrong_id_number_is_dropped_and_the_household_kept(cell: Cell, code: str) -> None:
    result = _with_id(cell)
    problem = only(result)
    assert (problem.code, problem.severity) == (code, "error")
    assert (problem.sheet, problem.row, problem.column) == ("台账", 2, "C")
    assert problem.value
    assert result.households[0].members[0].id_number == ""
    assert people(result) == [["张明"]]


@pytest.mark.parametrize(
    "cell",
    [f"'{MAN}", f" {MAN} ", f"{MAN[:6]} {MAN[6:14]} {MAN[14:]}", MAN + "\u200b",
     MAN.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})],
)  # fmt: skip
def test_an_id_number_with_an_apostrophe_spaces_or_wide_digits_is_read(cell: str) -> None:
    result = _with_id(cell)
    assert result.households[0].members[0].id_number == MAN
    assert result.problems == []


@pytest.mark.parametrize("last", ["x", "ｘ", "×", "Х"])
def test_a_small_or_look_alike_x_is_made_a_capital_one_with_a_warning(last: str) -> None:
    right = next(number for number in map(id_of, range(1, 200)) if number.endswith("X"))
    result = _with_id(right[:-1] + last)
    assert result.households[0].members[0].id_number == right
    assert (only(result).code, only(result).severity) == ("id_small_x", "warning")


def test_an_id_number_of_the_first_generation_is_converted_with_a_warning() -> None:
    for cell in ("990428760916111", 990428760916111.0):
        result = _with_id(cell)
        assert result.households[0].members[0].id_number == id_of(111, born="19760916")
        assert only(result).code == "id_15_digits"


def test_an_unknown_region_is_no_fault() -> None:
    assert _with_id(MAN).problems == []


def test_sex_and_birth_come_from_the_id_number_and_contradictions_are_warned_of() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系", "性别", "出生日期", "身份证号"],
        ["1", "张明", "户主", "女", "1976-09-17", MAN],
        [None, "李秀", "配偶", "女", "1976年9月16日", WOMAN],
        [None, "张小", "长子", "男", date(2010, 10, 5), None],
        [None, "张二", "次子", "难", "2010.13.5", None],
        [None, "张三", "三子", "男", date(2026, 2, 1), None],
    )
    first, second, third, fourth, fifth = result.households[0].members
    assert (first.sex, first.born_on) == ("男", date(1976, 9, 16))
    assert (second.sex, second.born_on) == ("女", date(1976, 9, 16))
    assert (third.sex, third.born_on) == ("男", date(2010, 10, 5))
    assert (fourth.sex, fourth.born_on, fifth.born_on) == ("", None, None)
    assert sorted(faults(result)) == [
        ("birth_differs", 2, "E"),
        ("birth_unreadable", 5, "E"),
        ("born_in_future", 6, "E"),
        ("sex_differs", 2, "D"),
        ("sex_unknown", 5, "D"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (19912345678.0, "19912345678"),
        (19912345678, "19912345678"),
        ("１９９１２３４５６７８", "19912345678"),
        ("199-1234-5678", "19912345678"),
        ("+86 19912345678", "19912345678"),
        ("'19912345678", "19912345678"),
        ("0914-1234567", "09141234567"),
        ("1234567", "1234567"),
        ("无", ""),
        (None, ""),
    ],
)
def test_a_phone_number_is_read_as_its_digits(cell: Cell, expected: str) -> None:
    result = parsed(["户号", "户主姓名", "联系电话"], ["1", "张明", cell])
    assert result.households[0].phone == expected
    assert result.problems == []


def test_a_wrong_phone_number_is_dropped_and_of_several_the_first_is_taken() -> None:
    result = parsed(
        ["户号", "户主姓名", "联系电话"],
        ["1", "张明", "1991234567"],
        ["2", "王强", "19912345678/19987654321"],
    )
    assert [home.phone for home in result.households] == ["", "19912345678"]
    assert [(problem.code, problem.severity, problem.row) for problem in result.problems] == [
        ("phone_invalid", "error", 2),
        ("phone_several", "warning", 3),
    ]


@pytest.mark.parametrize("name", ["㛃", "𠮷田", "䶮", "欧阳秀", "买买提·吐尔逊", "John Smith"])
def test_rare_and_foreign_names_are_kept(name: str) -> None:
    result = parsed(["户号", "户主姓名"], ["1", name])
    assert result.households[0].head_name == name
    assert result.problems == []


def test_layout_is_taken_out_of_a_name_and_a_note_moved_to_the_remarks() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系"],
        ["1", "张　明", "户主"],
        [None, "李 秀（已故）", "配偶"],
        [None, "阿依夏木•吐尔逊", "儿媳"],
    )
    members = result.households[0].members
    assert [member.name for member in members] == ["张明", "李秀", "阿依夏木·吐尔逊"]
    assert members[1].remarks == "已故"
    assert faults(result) == [("name_note", 3, "B")]


def test_what_is_no_name_is_not_stored_and_what_is_odd_is_stored_with_a_warning() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系", "性别"],
        ["1", "张明", "户主", "男"],
        [None, "=1+1", "长子", "男"],
        [None, "12345", "长子", "男"],
        [None, None, "长女", "女"],
        [None, "王?", "女婿", "男"],
        [None, "李军2", "外甥", "男"],
        [None, "赵一、赵二", "外甥", "男"],
    )
    assert people(result) == [["张明", "王?", "李军2", "赵一、赵二"]]
    assert [(problem.code, problem.severity, problem.row) for problem in result.problems] == [
        ("name_invalid", "error", 3),
        ("name_invalid", "error", 4),
        ("name_missing", "error", 5),
        ("name_unreadable", "warning", 6),
        ("name_odd", "warning", 7),
        ("name_odd", "warning", 8),
    ]


def test_a_household_with_a_number_and_nobody_in_it_is_not_stored() -> None:
    result = parsed(["户号", "户主姓名", "电话"], ["1", "张明", None], ["2", None, "19912345678"])
    assert people(result) == [["张明"]]
    assert faults(result) == [("head_missing", 3, "A")]


def test_benefits_are_read_from_their_columns_and_no_means_nothing() -> None:
    header = ["户号", "户主姓名", "是否低保户", "脱贫户", "享受政策", "户类型"]
    result = parsed(
        header,
        ["1", "张明", "是", "否", "医疗救助", "低保户"],
        ["2", "王强", "√", "√", None, "一般户"],
        ["3", "李秀", "否", None, "无", None],
        ["4", "赵六", "A类", "2016年脱贫", None, None],
    )
    assert [home.welfare_status for home in result.households] == [
        "低保户、医疗救助", "低保户、脱贫户", "", "低保户A类、2016年脱贫",
    ]  # fmt: skip
    assert [home.household_type for home in result.households] == ["低保户", "一般户", "", ""]


def test_remarks_belong_to_the_household_on_its_first_line_and_to_the_person_below() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系", "备注"],
        ["1", "张明", "户主", "户在人不在"],
        [None, "李秀", "配偶", "残疾"],
        [None, "张小", "长子", "户在人不在"],
    )
    home = result.households[0]
    assert home.remarks == "户在人不在"
    assert [member.remarks for member in home.members] == ["", "残疾", ""]


def test_formulas_written_as_text_are_ignored_and_long_texts_cut() -> None:
    result = parsed(
        ["户号", "户主姓名", "备注", "住址"],
        ["1", "张明", "=cmd|' /C calc'!A0", "槐庄村" + "东" * 300],
    )
    home = result.households[0]
    assert (home.remarks, len(home.address)) == ("", 200)
    assert {fault[0] for fault in faults(result)} == {"formula_ignored", "text_cut"}


def test_an_unreadable_group_is_dropped_and_a_named_one_kept() -> None:
    result = parsed(
        ["户号", "户主姓名", "组别"], ["1", "张明", "？？"], ["2", "王强", "东坡"], ["3", "李", 7.0]
    )
    assert [home.group_name for home in result.households] == [
        "", "东坡村民小组", "第七村民小组",
    ]  # fmt: skip
    assert faults(result) == [("group_unreadable", 2, "C")]


def test_a_code_column_of_another_village_keeps_that_household_out() -> None:
    result = parsed(
        ["村代码", "户号", "姓名", "与户主关系"],
        [610428106221.0, "1", "张明", "户主"],
        ["610428106221", "1", "李秀", "配偶"],
        ["610428001200", "2", "王强", "户主"],
        [None, None, "赵兰", "配偶"],
        ["6104281062", "3", "李四", "户主"],
        ["610428106000", "4", "周五", "户主"],
    )
    assert people(result) == [["张明", "李秀"], ["周五"]]
    assert [
        (problem.code, problem.severity, problem.row, problem.column, problem.value)
        for problem in result.problems
    ] == [
        ("other_village", "error", 4, "A", "610428001200"),
        ("other_village", "error", 6, "A", "6104281062"),
    ]


def test_a_village_column_that_names_another_village_keeps_that_household_out() -> None:
    result = parsed(
        ["行政村", "户号", "户主姓名"],
        ["槐庄", "1", "张明"], ["槐庄村", "2", "王强"], ["相公镇槐庄村委会", "3", "李秀"],
        ["西关村", "4", "赵六"],
    )  # fmt: skip
    assert people(result) == [["张明"], ["王强"], ["李秀"]]
    assert faults(result) == [("other_village", 5, "A")]


def test_a_title_a_sheet_name_and_an_address_elsewhere_are_warnings() -> None:
    result = parsed(
        ["长武县西关村2026年台账"],
        ["户号", "户主姓名", "住址"],
        ["1", "张明", "西关村5组1号"],
        ["2", "王强", "槐庄村5组"],
        ["3", "李秀", "东坡自然村12号"],
        name="西关村",
    )
    assert people(result) == [["张明"], ["王强"], ["李秀"]]
    assert [
        (problem.code, problem.severity, problem.row, problem.column) for problem in result.problems
    ] == [
        ("title_elsewhere", "warning", 1, ""),
        ("title_elsewhere", "warning", 1, "A"),
        ("address_elsewhere", "warning", 3, "C"),
    ]


HEADER: list[Cell] = ["户号", "姓名", "与户主关系", "身份证号", "组别"]


def test_a_household_entered_twice_counts_once_and_its_row_is_named() -> None:
    result = parsed(
        HEADER,
        ["1", "张明", "户主", MAN, "5组"],
        [None, "李秀", "配偶", WOMAN, None],
        ["9", "张明", "户主", MAN, "五组"],
    )
    assert people(result) == [["张明", "李秀"]]
    assert (result.duplicates, result.residents) == (1, 2)
    assert faults(result) == [("household_twice", 4, "B")]
    assert "第 2 行" in only(result).message


def test_a_household_entered_twice_with_one_more_person_names_that_person() -> None:
    result = parsed(
        HEADER,
        ["1", "张明", "户主", MAN, "5组"],
        ["9", "张明", "户主", MAN, "五组"],
        [None, "李秀", "配偶", WOMAN, None],
    )
    assert (result.duplicates, result.residents) == (1, 1)
    assert faults(result) == [("household_twice", 3, "B"), ("member_only_in_repeat", 4, "B")]
    assert result.problems[1].value == "李秀"


def test_the_same_number_and_people_are_a_repetition_without_id_numbers_too() -> None:
    result = parsed(
        HEADER,
        ["1", "张明", "户主", None, "5组"],
        ["2", "王强", "户主", None, "5组"],
        ["1", "张明", "户主", None, "5组"],
    )
    assert (result.duplicates, people(result)) == (1, [["张明"], ["王强"]])


def test_the_same_number_for_other_people_is_an_error_and_the_number_dropped() -> None:
    result = parsed(
        HEADER,
        ["1", "张明", "户主", MAN, "5组"],
        ["1", "王强", "户主", WOMAN, "5组"],
    )
    assert [home.number for home in result.households] == ["1", ""]
    assert (only(result).code, only(result).severity) == ("number_conflict", "error")
    assert (only(result).row, only(result).column, only(result).value) == (3, "A", "1")


def test_one_slip_in_the_running_numbers_does_not_cost_the_others_theirs() -> None:
    rows = [[number, "张" + chr(0x4E00 + number)] for number in range(1, 21)]
    rows[10][0] = 10
    result = parsed(["序号", "户主姓名"], *rows)
    assert sum(home.number == "" for home in result.households) == 1
    assert faults(result) == [("number_conflict", 12, "A")]


def test_one_id_number_in_two_households_is_an_error_at_the_second() -> None:
    result = parsed_sheets(
        Sheet(name="一组", rows=[HEADER, ["1", "张明", "户主", MAN, "1组"]]),
        Sheet(
            name="二组",
            rows=[
                HEADER,
                ["2", "王强", "户主", WOMAN, "2组"],
                [None, "张明", "父亲", MAN, None],
            ],
        ),
    )
    assert people(result) == [["张明"], ["王强", "张明"]]
    assert result.households[1].members[1].id_number == ""
    problem = only(result)
    assert (problem.code, problem.severity) == ("id_twice", "error")
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("二组", 3, "D", MAN)
    assert "表“一组”第 2 行" in problem.message


def test_a_person_entered_twice_in_one_household_counts_once() -> None:
    result = parsed(
        HEADER,
        ["1", "张明", "户主", MAN, "5组"],
        [None, "李秀", "配偶", WOMAN, None],
        [None, "李秀", "配偶", WOMAN, None],
    )
    assert result.residents == 2
    assert faults(result) == [("person_twice", 4, "B")]


def test_namesakes_without_number_and_id_cannot_be_told_apart() -> None:
    header = ["户主姓名", "组别", "家庭成员姓名"]
    result = parsed(
        header,
        ["张明", "5组", "张明"],
        [None, None, "李秀"],
        ["王强", "5组", "王强"],
        ["张明", "5组", "张明"],
        [None, None, "赵兰"],
        ["张明", "6组", "张明"],
    )
    assert people(result) == [["张明", "李秀"], ["王强"], ["张明"]]
    assert [home.group_name for home in result.households][2] == "第六村民小组"
    assert (only(result).code, only(result).severity, only(result).row) == (
        "household_not_unique",
        "error",
        5,
    )


def test_every_problem_has_a_sentence_that_says_what_became_of_it() -> None:
    for code, (severity, sentence) in SENTENCES.items():
        assert code.isascii()
        assert sentence.endswith("。")
        assert (severity == "error") == any(
            words in sentence for words in ("未采用", "无法分辨")
        ) or code in ("formula_ignored", "serial_restarts")


def test_the_check_digit_follows_the_standard() -> None:
    # The worked example of GB 11643-1999, annex A: 11010519491231002X.
    assert identity.check_digit("11010519491231002") == "X"
