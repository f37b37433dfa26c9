"""Every way in which villages lay out a household list ends in the same households."""

from itertools import pairwise

import pytest
from grids import faults, id_of, only, parsed, parsed_sheets, people

from households import intake
from households.errors import NoHeaderFound
from households.workbook import Sheet

HUSBAND, WIFE, SON, NEIGHBOUR = id_of(11), id_of(22), id_of(33, born="20101005"), id_of(55)


def test_one_row_a_person_with_the_household_cells_left_blank() -> None:
    result = parsed(
        ["户号", "户主姓名", "姓名", "与户主关系", "身份证号", "联系电话", "组别"],
        ["001", "张明", "张明", "户主", HUSBAND, "19900000001", "5组"],
        [None, None, "李秀", "配偶", WIFE, "19900000002", None],
        ["002", "王强", "王强", "户主", NEIGHBOUR, "19900000003", "6组"],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert [home.number for home in result.households] == ["001", "002"]
    assert result.households[0].phone == "19900000001"
    assert [member.phone for member in result.households[0].members] == ["", "19900000002"]
    assert result.problems == []


def test_one_row_a_person_with_the_household_cells_repeated() -> None:
    result = parsed(
        ["组别", "户主", "姓名", "关系", "身份证", "户编号", "手机"],
        ["五组", "张明", "张明", "本人", HUSBAND, 1.0, 19900000001.0],
        ["五组", "张明", "李秀", "妻", WIFE, 1.0, 19900000001.0],
        ["五组", "王强", "王强", "户主本人", NEIGHBOUR, 2.0, None],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert [home.number for home in result.households] == ["1", "2"]
    assert result.households[0].members[1].phone == "", "the household's own phone again"
    assert result.problems == []


def test_one_row_a_person_without_any_household_column() -> None:
    result = parsed(
        ["姓名", "关系", "公民身份号码(18位)"],
        ["张明", "户主", HUSBAND],
        ["李秀", "配偶", WIFE],
        ["王强", "户主", NEIGHBOUR],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert result.problems == []


def test_rows_of_one_household_number_belong_together_wherever_they_stand() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系"],
        ["1", "张明", "户主"],
        ["2", "王强", "户主"],
        ["1", "李秀", "配偶"],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]


def test_a_running_number_of_people_is_no_household_number() -> None:
    result = parsed(
        ["序号", "姓名", "与户主关系"],
        [1, "张明", "户主"],
        [2, "李秀", "配偶"],
        [3, "王强", "户主"],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert [home.number for home in result.households] == ["", ""]


def test_a_running_number_of_people_beside_repeated_heads_is_none_either() -> None:
    result = parsed(
        ["序号", "户主姓名", "家庭成员姓名"],
        [1, "张明", "张明"],
        [2, "张明", "李秀"],
        [3, "王强", "王强"],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert {home.number for home in result.households} == {""}


def test_a_running_number_of_households_is_their_number_and_says_so() -> None:
    result = parsed(
        ["序号", "姓名", "与户主关系"],
        [1, "张明", "户主"],
        [None, "李秀", "配偶"],
        [2, "王强", "户主"],
    )
    assert [(home.number, home.number_is_serial) for home in result.households] == [
        ("1", True),
        ("2", True),
    ]


def test_a_running_number_gives_way_to_the_village_s_own_number() -> None:
    result = parsed(["序号", "户号", "户主姓名"], [1, "A-07", "张明"], [2, "A-09", "王强"])
    assert [(home.number, home.number_is_serial) for home in result.households] == [
        ("A-07", False),
        ("A-09", False),
    ]


def test_running_numbers_that_restart_with_each_group_are_given_up_with_one_warning() -> None:
    header = ["序号", "户主姓名", "身份证号"]
    result = parsed_sheets(
        Sheet(name="一组", rows=[header, [1, "张明", HUSBAND], [2, "李秀", WIFE]]),
        Sheet(name="2组", rows=[header, [1, "王强", NEIGHBOUR], [2, "赵六", SON]]),
    )
    assert [home.number for home in result.households] == [""] * 4
    assert [home.group_name for home in result.households] == [
        "第一村民小组", "第一村民小组", "第二村民小组", "第二村民小组",
    ]  # fmt: skip
    assert only(result).code == "serial_restarts"


def test_members_stand_across_in_numbered_columns() -> None:
    result = parsed(
        ["户号", "户主姓名", "身份证号", "成员1姓名", "成员1关系", "成员1身份证号", "成员2",
         "成员2身份证", "电话"],
        ["1", "张明", HUSBAND, "李秀", "妻子", WIFE, "张小", SON, "19900000001"],
        ["2", "王强", NEIGHBOUR, None, None, None, None, None, None],
    )  # fmt: skip
    assert people(result) == [["张明", "李秀", "张小"], ["王强"]]
    members = result.households[0].members
    assert [member.id_number for member in members] == [HUSBAND, WIFE, SON]
    assert [member.relation for member in members] == ["户主", "妻子", ""]
    assert result.households[0].phone == "19900000001"
    assert result.problems == []


def test_members_stand_across_under_repeated_labels() -> None:
    result = parsed(
        ["户主", "身份证号", "姓名", "关系", "身份证号", "姓名", "关系", "身份证号"],
        ["张明", HUSBAND, "李秀", "配偶", WIFE, "张小", "长子", SON],
    )
    assert people(result) == [["张明", "李秀", "张小"]]
    assert [member.id_number for member in result.households[0].members] == [HUSBAND, WIFE, SON]


def test_members_stand_across_under_merged_labels() -> None:
    result = parsed(
        ["户主信息", None, None, "成员一", None, "配偶情况", None],
        ["姓名", "身份证号", "手机", "姓名", "身份证号", "姓名", "身份证号"],
        ["张明", HUSBAND, "19900000001", "张小", SON, "李秀", WIFE],
    )
    assert people(result) == [["张明", "张小", "李秀"]]
    members = result.households[0].members
    assert [member.relation for member in members] == ["户主", "", "配偶"]
    assert [member.id_number for member in members] == [HUSBAND, SON, WIFE]


def test_a_head_who_has_columns_of_his_own_is_not_counted_twice() -> None:
    result = parsed(
        ["户主姓名", "户主身份证号", "成员姓名", "与户主关系", "身份证号"],
        ["张明", HUSBAND, "李秀", "配偶", WIFE],
        [None, None, "张小", "长子", SON],
    )
    assert people(result) == [["张明", "李秀", "张小"]]
    head = result.households[0].members[0]
    assert (head.relation, head.id_number, head.sex) == ("户主", HUSBAND, "男")


def test_two_tables_stand_side_by_side() -> None:
    header = ["户号", "户主", "电话"]
    result = parsed(
        header + header,
        ["1", "张明", "19900000001", "3", "李秀", "19900000003"],
        ["2", "王强", "19900000002"],
    )
    assert sorted(home.number for home in result.households) == ["1", "2", "3"]
    assert result.problems == []


def test_a_header_below_titles_and_notes_with_spaces_and_line_breaks() -> None:
    result = parsed(
        ["槐庄村户籍台账"],
        ["说明：一户一行，身份证号按户口簿填写，电话填手机号。"],
        [None],
        ["填报单位：槐庄村", None, "填报日期：2026年1月5日"],
        [None, "户 号", "户主\n姓名", "身份证\n号码（１８位）", "村 民\n小 组", "民族", "文化程度"],
        [None, 1, 2, 3, 4, 5, 6],
        [None, "1", "张明", HUSBAND, "５组", "汉", "初中"],
    )
    assert people(result) == [["张明"]]
    assert result.households[0].group_name == "第五村民小组"
    assert result.sheets[0].header_rows == [5, 6]
    assert result.sheets[0].unused == ["民族", "文化程度"]
    assert result.problems == []


def test_a_header_among_many_columns_of_the_village_s_own() -> None:
    own = [f"指标{letter}" for letter in "甲乙丙丁戊己庚辛"]
    result = parsed(
        [*own, "户号", "户主姓名", "身份证号", "组别"], [*"12345678", "1", "张明", HUSBAND, "5"]
    )
    assert people(result) == [["张明"]]
    assert len(result.sheets[0].unused) == 8


def test_three_hundred_columns_are_no_trouble() -> None:
    header = ["户号", "户主姓名", *(f"列{number}" for number in range(300)), "电话", "组别"]
    row = ["1", "张明", *(["x"] * 300), "19900000001", "5组"]
    result = parsed(header, row)
    assert (result.households[0].phone, result.households[0].group_name) == (
        "19900000001",
        "第五村民小组",
    )
    assert result.sheets[0].columns[-1].column == "KR"


def test_a_header_repeated_on_each_page_does_not_tear_a_household_apart() -> None:
    header = ["序号", "姓名", "与户主关系", "身份证号"]
    result = parsed(
        ["槐庄村户籍台账"],
        header,
        ["1", "张明", "户主", HUSBAND],
        ["槐庄村户籍台账"],
        header,
        [None, "李秀", "配偶", WIFE],
        ["2", "王强", "户主", NEIGHBOUR],
    )
    assert people(result) == [["张明", "李秀"], ["王强"]]
    assert result.problems == []


def test_a_second_table_below_the_first_has_columns_of_its_own() -> None:
    result = parsed(
        ["户号", "户主姓名", "电话"],
        ["1", "张明", "19900000001"],
        ["户号", "电话", "户主姓名"],
        ["2", "19900000002", "王强"],
    )
    assert [(home.head_name, home.phone) for home in result.households] == [
        ("张明", "19900000001"),
        ("王强", "19900000002"),
    ]


def test_sums_signatures_dates_and_prefilled_lines_are_not_people() -> None:
    result = parsed(
        ["序号", "户主姓名", "身份证号"],
        [1, "张明", HUSBAND],
        ["小 计", "1户"],
        [2, "王强", NEIGHBOUR],
        [3],
        [4],
        ["合　计", "2户"],
        ["填表人：李四", None, "审核人：王五"],
        ["2026年1月5日"],
    )
    assert people(result) == [["张明"], ["王强"]]
    assert result.problems == []


def test_a_line_with_a_group_alone_speaks_for_the_households_below_it() -> None:
    result = parsed(["户号", "户主姓名"], ["第三小组"], ["1", "张明"], ["四组"], ["2", "王强"])
    assert [home.group_name for home in result.households] == ["第三村民小组", "第四村民小组"]


def test_the_title_gives_the_group_when_no_column_does() -> None:
    result = parsed(["槐庄村第三小组农户台账"], ["户号", "户主姓名"], ["1", "张明"])
    assert result.households[0].group_name == "第三村民小组"


def test_a_title_of_several_groups_gives_none() -> None:
    result = parsed(["槐庄村1-6组农户台账"], ["户号", "户主姓名"], ["1", "张明"])
    assert result.households[0].group_name == ""


def test_a_household_whose_first_line_is_lost_is_one_of_its_own() -> None:
    result = parsed(
        ["户号", "户主", "姓名", "与户主关系"],
        ["1", "张明", "张明", "户主"],
        [None, None, "王强", "户主"],
        [None, None, "赵兰", "配偶"],
    )
    assert people(result) == [["张明"], ["王强", "赵兰"]]
    problem = only(result)
    assert (problem.code, problem.row, problem.column) == ("household_line_missing", 3, "C")
    assert problem.value == "王强"


def test_a_head_who_is_not_the_first_of_his_household_stays_in_it() -> None:
    result = parsed(
        ["户号", "户主", "姓名", "与户主关系"],
        ["1", "张明", "李秀", "配偶"],
        [None, None, "张明", "户主"],
    )
    assert people(result) == [["李秀", "张明"]]
    assert result.households[0].head_name == "张明"
    assert result.problems == []


def test_a_head_named_in_his_column_only_is_one_of_the_household() -> None:
    result = parsed(
        ["户号", "户主", "姓名", "与户主关系"],
        ["1", "张明", "李秀", "配偶"],
        [None, None, "张小", "长子"],
    )
    assert people(result) == [["张明", "李秀", "张小"]]
    assert result.residents == 3


def test_a_household_without_a_head_takes_the_first_and_says_so() -> None:
    result = parsed(["户号", "姓名", "与户主关系"], ["1", "李秀", "配偶"], ["1", "张小", "长子"])
    assert result.households[0].head_name == "李秀"
    assert faults(result) == [("head_unknown", 2, "")]


def test_a_head_column_that_contradicts_the_relation_is_reported() -> None:
    result = parsed(
        ["户号", "户主", "姓名", "与户主关系"],
        ["1", "张老", "张明", "户主"],
    )
    assert result.households[0].head_name == "张明"
    assert faults(result) == [("head_differs", 2, "B")]


def test_members_after_a_blank_row_are_joined_with_a_warning() -> None:
    result = parsed(
        ["户号", "姓名", "与户主关系"], ["1", "张明", "户主"], [None], [None, "李秀", "配偶"]
    )
    assert people(result) == [["张明", "李秀"]]
    assert faults(result) == [("blank_row", 3, ""), ("after_blank_row", 4, "")]


def test_a_list_of_names_alone_makes_a_household_of_each_and_says_so() -> None:
    result = parsed(["姓名", "联系电话"], ["张明", "19900000001"], ["王强", "19900000002"])
    assert people(result) == [["张明"], ["王强"]]
    assert faults(result) == [("no_relation", 1, "")]


def test_sheets_without_header_and_hidden_sheets_are_mentioned_and_skipped() -> None:
    good = [["户号", "户主姓名"], ["1", "张明"]]
    result = parsed_sheets(
        Sheet(name="说明", rows=[["一、身份证号码必须为18位。"]]),
        Sheet(name="台账", rows=good),
        Sheet(name="去年", rows=[["户号", "户主姓名"], ["1", "李四"]], hidden=True),
        Sheet(name="Sheet3", rows=[]),
    )
    assert people(result) == [["张明"]]
    assert [sheet.status for sheet in result.sheets] == ["no_header", "read", "hidden", "empty"]


def test_a_workbook_without_any_header_is_refused() -> None:
    with pytest.raises(NoHeaderFound) as refused:
        parsed(["张明", HUSBAND], ["王强", NEIGHBOUR])
    assert refused.value.sheets == ["台账"]


def test_a_header_without_people_gives_nothing_and_no_problem() -> None:
    result = parsed(["户号", "户主姓名", "身份证号"])
    assert (result.households, result.residents, result.problems) == ([], 0, [])


def test_progress_is_told_at_least_every_500_rows() -> None:
    rows = [["户号", "户主姓名"], *([str(number), f"张{number}"] for number in range(1, 2001))]
    told: list[tuple[int, int]] = []
    intake.parse(
        [Sheet(name="台账", rows=rows)], village_code="610428106221", village_name="槐庄村",
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (2001, 2001)
    steps = [0, *(done for done, _ in told)]
    assert all(0 < after - before <= 500 for before, after in pairwise(steps))
