"""Officials from a workbook: recognised as villages write them, granted as far as one may, once."""

import factories
import grids
import pytest
from factories import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, official

from foundation.models import AuditLine
from households import staffing, tabling
from households.errors import NoHeaderFound, NotAllowed, RegionNotFound
from households.models import Official, OfficialDuty
from households.tabling import TableResult

ADMIN = official("admin", COUNTY)
TOWN = official("township_official", TOWNSHIP)
HEAD = ["姓名", "角色", "管哪里", "自家户号", "用户名"]


@pytest.fixture(autouse=True)
async def _county(opened: str) -> None:
    await factories.divisions()


async def brought(*rows: list, place: str = COUNTY, by=ADMIN, dry_run: bool = False) -> TableResult:
    content = grids.xlsx(*rows, title="干部")
    return await tabling.import_file(
        staffing.KIND, place, content, filename="干部.xlsx", by=by, dry_run=dry_run
    )


async def held() -> set[tuple[str, str, str, str]]:
    people = {one.id: one for one in await Official.all()}
    return {
        (people[duty.official_id].login, people[duty.official_id].name, duty.role, duty.region)
        for duty in await OfficialDuty.all()
    }


def codes(result: TableResult) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.row, problem.column) for problem in result.problems]


async def test_a_list_as_a_county_keeps_it_becomes_logins_with_duties() -> None:
    home = await factories.household("周海勇", "12")
    result = await brought(
        ["2026年全县村干部名册"],
        ["序号", "姓  名", "担任职务", "乡镇", "行政村", "小组", "户号"],
        ["例", "张三", "村文书", "相公镇", "槐庄村", None, "001"],
        ["1", "王秋实", "村文书", "相公镇", "槐庄村", None, "１２"],
        ["2", "欧阳小明", "组长", None, None, "三组", None],
        ["3", "曾国", "评分员、网格员", None, "西关村委会", None, None],
        ["4", "李卫东", "镇干部", "相公镇", None, None, None],
        ["合计", "4 人"],
    )
    assert codes(result) == []
    assert (result.rows, result.created) == (4, 4)
    assert await held() == {
        ("wangqs", "王秋实", "clerk", VILLAGE),
        ("ouyangxm", "欧阳小明", "group_cadre", f"{VILLAGE}-G03"),
        ("zengg", "曾国", "scorer", OTHER_VILLAGE),
        ("zengg", "曾国", "grid_worker", OTHER_VILLAGE),
        ("liwd", "李卫东", "township_official", TOWNSHIP),
    }
    clerk = await Official.get(login="wangqs")
    assert (clerk.household_id, clerk.password, clerk.must_change_password) == (home, "", True)
    line = await AuditLine.filter(verb="officials.import").get()
    assert (line.village, line.facts["created"]) == (COUNTY, 4)


async def test_the_same_list_again_changes_nothing_and_a_corrected_one_updates() -> None:
    rows = [HEAD, ["王秋实", "文书", "槐庄村"], ["李卫东", "评分员", "槐庄村三组"]]
    assert (await brought(*rows)).created == 2
    again = await brought(*rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert await AuditLine.filter(verb="officials.import").count() == 1
    corrected = await brought(
        HEAD, ["王秋石", "文书", "槐庄村", None, "wangqs"], ["李卫东", "网格员", "槐庄村3组"]
    )
    assert (corrected.created, corrected.updated) == (0, 2)
    assert await held() == {
        ("wangqs", "王秋石", "clerk", VILLAGE),
        ("liwd", "李卫东", "scorer", f"{VILLAGE}-G03"),
        ("liwd", "李卫东", "grid_worker", f"{VILLAGE}-G03"),
    }


async def test_a_preview_stores_nothing_and_namesakes_get_logins_of_their_own() -> None:
    rows = [HEAD, ["王秋实", "文书", "槐庄村"], ["王秋实", "文书", "西关村"]]
    assert (await brought(*rows, dry_run=True)).created == 2
    assert await Official.all().count() == 0
    assert (await brought(*rows)).created == 2
    assert {login for login, *_ in await held()} == {"wangqs", "wangqs2"}


async def test_every_problem_is_named_by_row_and_column() -> None:
    await brought(HEAD, ["王秋实", "文书", "槐庄村", None, "wangqs"])
    result = await brought(
        HEAD,
        ["", "文书", "槐庄村"],
        ["张一", "村长", "槐庄村"],
        ["张二", "文书", "不存在村"],
        ["张三", "文书", ""],
        ["张四", "文书", "槐庄村", "999"],
        ["张五", "文书", "槐庄村", None, "a"],
        ["张六", "文书", "槐庄村"],
        ["张六", "文书", "槐庄村"],
        ["张七", "", "槐庄村"],
    )
    assert codes(result) == [
        ("missing", 2, "A"),
        ("not_a_choice", 3, "B"),
        ("region_unknown", 4, "C"),
        ("region_missing", 5, ""),
        ("household_unknown", 6, "D"),
        ("login_malformed", 7, "E"),
        ("line_twice", 9, ""),
        ("missing", 10, "B"),
    ]
    assert (result.created, result.rows) == (2, 9)


async def test_nobody_grants_more_than_his_role_or_beyond_his_place() -> None:
    result = await brought(
        HEAD,
        ["张一", "镇干部", "相公镇"],
        ["张二", "村文书", "槐庄村"],
        place=TOWNSHIP,
        by=TOWN,
    )
    assert codes(result) == [("role_not_yours", 2, "B")]
    assert {name for _, name, *_ in await held()} == {"张二"}
    await brought(HEAD, ["李局", "管理员", "长武县", None, "boss"])
    result = await brought(
        HEAD, ["李局", "村文书", "槐庄村", None, "boss"], place=TOWNSHIP, by=TOWN
    )
    assert codes(result) == [("login_taken", 2, "E")]
    with pytest.raises(RegionNotFound):
        await brought(HEAD, ["张一", "村文书", "槐庄村"], place=COUNTY, by=TOWN)
    with pytest.raises((NotAllowed, RegionNotFound)):
        await brought(HEAD, ["张一", "村文书", "槐庄村"], place=VILLAGE, by=official("clerk"))


async def test_a_sheet_without_the_columns_is_refused() -> None:
    with pytest.raises(NoHeaderFound):
        await brought(["甲", "乙"], ["1", "2"])


async def test_two_thousand_officials_are_read_and_stored() -> None:
    lines = [[f"王秋{chr(0x4E00 + n)}", "网格员", "槐庄村"] for n in range(2000)]
    result = await brought(HEAD, *lines)
    assert (result.created, result.problems) == (2000, [])
    assert await Official.all().count() == 2000
