"""The tree of places: official divisions come in, groups and grids are made, nothing is moved."""

import asyncio
from pathlib import Path

import factories
import pytest
from factories import COUNTY, OPERATOR, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import ON_SQLITE

from foundation import trail
from foundation.trail import Reach, Wanted
from households import divisions, regions, settings
from households.errors import NotAllowed, PurposeMissing, RegionNotFound, RegionRefused
from households.models import Region
from households.settings import RegisterSettings

CHANGWU = Path(__file__).parents[1] / "api" / "demo" / "changwu-regions.csv"
SMALL = """code,name,parent,level
990100000000,试验县,,county
990100001000,试验镇,990100000000,township
990100001001,试验村,990100001000,village
"""


async def problems(text: str, *, by: object = OPERATOR) -> list[tuple[int, str, str]]:
    outcome = await divisions.import_file(text.encode(), by=by)  # type: ignore[arg-type]
    return [(p.row, p.column, p.code) for p in outcome.problems]


# -- divisions ----------------------------------------------------------------------------


@pytest.mark.usefixtures("opened")
async def test_all_divisions_of_changwu_come_in_once() -> None:
    content = CHANGWU.read_bytes()
    first = await divisions.import_file(content, by=OPERATOR)
    assert (first.regions, first.created, first.problems) == (149, 149, [])
    again = await divisions.import_file(content, by=OPERATOR)
    assert (again.created, again.updated, again.unchanged, again.problems) == (0, 0, 149, [])
    assert await Region.filter(level="village").count() == 140
    county = await Region.get(code=COUNTY)
    assert len(await regions.subtree(county)) == 149
    village = await Region.get(code=VILLAGE)
    assert village.path == f"{COUNTY}/{TOWNSHIP}/{VILLAGE}/"
    assert [place.code for place in await regions.lineage(village)] == [COUNTY, TOWNSHIP, VILLAGE]


@pytest.mark.usefixtures("opened")
async def test_a_new_name_is_taken_over_and_the_tree_stays() -> None:
    await divisions.import_file(SMALL.encode(), by=OPERATOR)
    renamed = await divisions.import_file(SMALL.replace("试验村", "新名村").encode(), by=OPERATOR)
    assert (renamed.created, renamed.updated, renamed.unchanged) == (0, 1, 2)
    assert (await Region.get(code="990100001001")).name == "新名村"


@pytest.mark.parametrize(
    "content",
    [
        SMALL.encode("gbk"),
        SMALL.encode("utf-8-sig"),
        SMALL.replace("\n", "\r\n").encode(),
        SMALL.replace(",county", "").replace(",township", "").replace(",village", "")
        .replace(",level", "").encode(),
        "名称,统计用区划代码\n试验县,990100000000\n试验镇,990100001000\n试验村,990100001001\n".encode(),
        "备注,区划代码 ,单位名称\nx,990100001001,试验村\n,,\n,990100000000,县\n,990100001000,镇"
        .encode("gbk"),
        b"code,name\n990100000000,\xb3\xa4\xce\xe4\n990100001000,a\n990100001001,\"b\nb\"\n",
    ],
)  # fmt: skip
def test_files_are_read_as_offices_hand_them_around(content: bytes) -> None:
    lines, found = divisions.read(content)
    assert found == []
    assert {(line.code, line.parent, line.level) for line in lines} == {
        ("990100000000", "", "county"),
        ("990100001000", "990100000000", "township"),
        ("990100001001", "990100001000", "village"),
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_header"),
        (b"a,b,c\n1,2,3\n", "no_header"),
        (b"code\n990100000000\n", "no_header"),
        (b"\xff\xfe\x00\x01\xff\xff", "not_text"),
        (b'code,name\n990100000000,"' + b"x" * 200_000 + b'"\n', "not_text"),
        (b"code,name\n" + b"1,2\n" * 50_001, "too_many"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(RegionRefused) as refused:
        divisions.read(content)
    assert refused.value.reason == reason


@pytest.mark.usefixtures("opened")
async def test_every_line_that_is_not_taken_is_named_with_row_column_and_reason() -> None:
    text = SMALL + "\n".join(
        (
            "12345,短,990100001000,village",
            "9901000010O2,字母,990100001000,village",
            "９９０１００００１００３,全角,990100001000,village",
            "990100001004,,990100001000,village",
            f"990100001005,{'长' * 61},990100001000,village",
            "990100009001,无上级,990100009000,village",
            "990100001006,级别,990100001000,hamlet",
            "990100001007,倒挂,990100001001,township",
            "990100001008,村下村,990100001001,village",
        )
    )
    assert await problems(text) == [
        (5, "code", "code_malformed"),
        (6, "code", "code_malformed"),
        (7, "code", "code_malformed"),
        (8, "name", "name_missing"),
        (9, "name", "name_missing"),
        (10, "parent", "parent_unknown"),
        (11, "level", "level_unknown"),
        (12, "parent", "parent_unknown"),
        (13, "parent", "parent_level"),
    ]
    assert await Region.all().count() == 3


@pytest.mark.usefixtures("opened")
async def test_a_code_is_never_moved_below_another_parent() -> None:
    await divisions.import_file(SMALL.encode(), by=OPERATOR)
    moved = SMALL.replace("990100001001,试验村,990100001000", "990100001001,试验村,990100002000")
    moved += "990100002000,另一镇,990100000000,township\n"
    assert await problems(moved) == [(4, "parent", "moved")]
    village = await Region.get(code="990100001001")
    assert village.path == "990100000000/990100001000/990100001001/"


@pytest.mark.usefixtures("opened")
async def test_an_area_may_stand_between_township_and_village() -> None:
    text = SMALL + "990100001900,东片,990100001000,area\n990100001002,东村,990100001900,village\n"
    assert await problems(text) == []
    village = await Region.get(code="990100001002")
    assert village.path == "990100000000/990100001000/990100001900/990100001002/"


@pytest.mark.usefixtures("opened")
async def test_an_official_imports_into_his_own_subtree_only() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    own_and_others = (
        "code,name,parent,level\n"
        f"{VILLAGE},槐庄,{TOWNSHIP},village\n"
        f"{OTHER_VILLAGE},被改名,{TOWNSHIP},village\n"
        f"610428106299,新村,{TOWNSHIP},village\n"
        "990100000000,新县,,county\n"
    )
    assert await problems(own_and_others, by=clerk) == [
        (3, "code", "out_of_reach"),
        (4, "code", "out_of_reach"),
        (5, "code", "out_of_reach"),
    ]
    assert (await Region.get(code=VILLAGE)).name == "槐庄"
    assert (await Region.get(code=OTHER_VILLAGE)).name == "西关村"
    township = factories.official("township_official", TOWNSHIP)
    assert await problems(own_and_others, by=township) == [(5, "code", "out_of_reach")]
    with pytest.raises(NotAllowed):
        await divisions.import_file(own_and_others.encode(), by=factories.official("scorer"))


# -- groups, grids, micro-grids ----------------------------------------------------------


@pytest.mark.usefixtures("opened")
async def test_groups_grids_and_micro_grids_get_local_codes_after_the_villages() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    group = await regions.create_local(VILLAGE, level="group", name=" 第六村民小组 ", by=clerk)
    grid = await regions.create_local(VILLAGE, level="grid", name="东网格", number=12, by=clerk)
    micro = await regions.create_local(grid.code, level="micro_grid", name="一栋", by=clerk)
    assert (group.code, group.name) == (f"{VILLAGE}-G06", "第六村民小组")
    assert (grid.code, micro.code) == (f"{VILLAGE}-W012", f"{VILLAGE}-W012-01")
    assert micro.path == f"{COUNTY}/{TOWNSHIP}/{VILLAGE}/{VILLAGE}-W012/{VILLAGE}-W012-01/"
    assert {group.village, grid.village, micro.village} == {VILLAGE}
    wanted = Wanted(verb="regions.create", actors=[clerk.label])
    lines = (await trail.page(Reach((VILLAGE,)), wanted)).lines
    assert [line.subject for line in lines] == [
        f"region:{code}" for code in (micro.code, grid.code, group.code)
    ]


@ON_SQLITE
@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("parent", "level", "name", "number", "reason"),
    [
        (VILLAGE, "village", "村", None, "level"),
        (VILLAGE, "micro_grid", "微", None, "level"),
        (VILLAGE, "hamlet", "？", None, "level"),
        (TOWNSHIP, "group", "组", None, "level"),
        (f"{VILLAGE}-G01", "group", "组中组", None, "level"),
        (f"{VILLAGE}-G01", "micro_grid", "微", None, "level"),
        (VILLAGE, "group", " ", None, "name"),
        (VILLAGE, "group", "长" * 61, None, "name"),
        (VILLAGE, "group", "一组", 1, "taken"),
        (VILLAGE, "group", "零组", 0, "number"),
        (VILLAGE, "group", "负", -1, "number"),
        (VILLAGE, "group", "千", 1000, "number"),
        (VILLAGE, "group", "大", 2**70, "number"),
    ],
)
async def test_what_does_not_fit_below_its_parent_is_refused(
    parent: str, level: str, name: str, number: int | None, reason: str
) -> None:
    await factories.divisions()
    before = await Region.all().count()
    with pytest.raises(RegionRefused) as refused:
        await regions.create_local(
            parent, level=level, name=name, number=number, by=factories.official("admin", COUNTY)
        )
    assert refused.value.reason == reason
    assert await Region.all().count() == before


@ON_SQLITE
@pytest.mark.usefixtures("opened")
async def test_a_full_row_of_numbers_is_a_refusal() -> None:
    await factories.divisions()
    grid = await regions.create_local(VILLAGE, level="grid", name="格", by=OPERATOR)
    for _ in range(regions.NUMBER_MAX["micro_grid"]):
        await regions.create_local(grid.code, level="micro_grid", name="微", by=OPERATOR)
    with pytest.raises(RegionRefused):
        await regions.create_local(grid.code, level="micro_grid", name="微", by=OPERATOR)


@pytest.mark.usefixtures("opened")
async def test_two_that_take_the_next_number_at_once_get_two() -> None:
    await factories.divisions()
    made = await asyncio.gather(
        *(regions.create_local(VILLAGE, level="grid", name="格", by=OPERATOR) for _ in range(8))
    )
    assert sorted(region.code for region in made) == [f"{VILLAGE}-W{n:03d}" for n in range(1, 9)]


@pytest.mark.usefixtures("opened")
async def test_a_group_is_renamed_and_a_division_is_not() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    assert (await regions.rename(f"{VILLAGE}-G01", name=" 河东组 ", by=clerk)).name == "河东组"
    for code, name in ((VILLAGE, "另一名"), (f"{VILLAGE}-G01", ""), (f"{VILLAGE}-G01", "长" * 61)):
        with pytest.raises(RegionRefused):
            await regions.rename(code, name=name, by=clerk)


# -- scope --------------------------------------------------------------------------------


@pytest.mark.usefixtures("opened")
async def test_an_official_finds_his_own_subtree_and_nothing_beside_or_above_it() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    for code in (VILLAGE, f"{VILLAGE}-G01"):
        assert (await regions.find(code, actor=clerk, permission="regions.read")).code == code
    for code in (OTHER_VILLAGE, TOWNSHIP, COUNTY, "610428106999", "", "%"):
        with pytest.raises(RegionNotFound):
            await regions.find(code, actor=clerk, permission="regions.read")
    with pytest.raises(NotAllowed):  # it is his, but his role may not
        await regions.find(VILLAGE, actor=factories.official("scorer"), permission="regions.write")
    with pytest.raises(RegionNotFound):  # not his: he does not learn that it exists
        await regions.find(
            OTHER_VILLAGE, actor=factories.official("scorer"), permission="regions.write"
        )


@pytest.mark.usefixtures("opened")
async def test_a_village_whose_code_begins_like_another_is_still_another() -> None:
    await factories.divisions()
    longer = divisions.Division("610428106220", "邻村", TOWNSHIP, "village")
    await divisions.store([longer], by=OPERATOR)
    group = await regions.create_local(VILLAGE, level="group", name="十组", number=10, by=OPERATOR)
    cadre = factories.official("group_cadre", f"{VILLAGE}-G01")
    seen = await regions.visible(cadre, "regions.read")
    assert [region.code for region in seen] == [f"{VILLAGE}-G01"]
    with pytest.raises(RegionNotFound):
        await regions.find(group.code, actor=cadre, permission="regions.read")
    # Of the village he sees the name, because his group is part of it.
    assert [v.code for v in await regions.villages(cadre, "regions.read")] == [VILLAGE]


@pytest.mark.usefixtures("opened")
async def test_the_tree_nests_what_is_seen_from_the_top_down() -> None:
    await factories.divisions()
    county = regions.tree(
        await regions.visible(factories.official("admin", COUNTY), "regions.read")
    )
    assert [node.code for node in county] == [COUNTY]
    assert [node.code for node in county[0].children] == [TOWNSHIP]
    villages = county[0].children[0].children
    assert [node.code for node in villages] == [VILLAGE, OTHER_VILLAGE]
    assert [node.name[1] for node in villages[0].children] == list("一二三四五")
    own = regions.tree(await regions.visible(factories.official("clerk"), "regions.read"))
    assert [node.code for node in own] == [VILLAGE]
    assert regions.tree([]) == []


# -- settings -----------------------------------------------------------------------------


@pytest.mark.usefixtures("opened")
async def test_settings_have_defaults_and_are_replaced_as_a_whole() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    assert await settings.read(VILLAGE, RegisterSettings) == RegisterSettings()
    wanted = RegisterSettings(keep_id_numbers=True, id_purpose="医保登记")
    await settings.write(VILLAGE, wanted, by=clerk)
    assert await settings.read(VILLAGE, RegisterSettings) == wanted
    assert await settings.read(OTHER_VILLAGE, RegisterSettings) == RegisterSettings()
    await settings.write(VILLAGE, RegisterSettings(), by=clerk)
    assert await settings.read(VILLAGE, RegisterSettings) == RegisterSettings()


@pytest.mark.usefixtures("opened")
async def test_settings_are_a_villages_and_its_own_officials_decide() -> None:
    await factories.divisions()
    clerk = factories.official("clerk")
    for code in (OTHER_VILLAGE, f"{VILLAGE}-G01", TOWNSHIP):
        with pytest.raises(RegionNotFound):
            await settings.write(code, RegisterSettings(), by=clerk)
    with pytest.raises(NotAllowed):
        await settings.write(VILLAGE, RegisterSettings(), by=factories.official("scorer"))
    with pytest.raises(RegionNotFound):  # a township has none, whoever asks
        await settings.write(TOWNSHIP, RegisterSettings(), by=OPERATOR)
    with pytest.raises(PurposeMissing):
        await settings.write(VILLAGE, RegisterSettings(keep_id_numbers=True), by=clerk)
