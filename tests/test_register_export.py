"""The register as a file: its fields, who may have which, and the way back in."""

import csv
import io
from pathlib import Path
from typing import Any

import factories
import openpyxl
import pytest
from factories import OTHER_VILLAGE, TOWNSHIP, VILLAGE, id_number, official, person

from foundation import audit
from foundation.models import AuditLine
from households import export, importing, listing, regions, settings
from households.errors import NotAllowed, PurposeMissing, RegionNotFound
from households.export import Filter, Wanted

DATA = Path(__file__).parent / "data"
CLERK = official("clerk")
ALL = Wanted(numbers=True, restricted=True)
PHONE, NUMBER = "19912340123", id_number(11)


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def a_family() -> None:
    await factories.household(
        "张明",
        "007",
        phone=PHONE,
        address="槐庄村1组7号",
        group=f"{VILLAGE}-G01",
        kind="脱贫户",
        welfare="低保",
        remarks="重病",
        residents=[
            person("王秀英", "配偶", sex="女", phone="19912340199", remarks="残疾"),
            person("张明", "户主", id_number=NUMBER),
        ],
    )


async def exported(**wanted: Any) -> list[list[str]]:
    file = await export.export(VILLAGE, by=CLERK, purpose="入户核对", format="csv", **wanted)
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


async def test_the_usual_export_masks_phones_and_has_nothing_restricted() -> None:
    await a_family()
    header, head, wife = await exported()
    assert header == [
        "户号", "户主", "姓名", "与户主关系", "性别", "出生日期", "联系电话", "村民小组", "网格",
        "家庭住址",
    ]  # fmt: skip
    place = ["第一村民小组", "", "槐庄村1组7号"]
    assert head == ["007\t", "张明", "张明", "户主", "男", "1970-01-01", "199****0123", *place]
    assert wife == ["007\t", "张明", "王秀英", "配偶", "女", "", "199****0199", *place]


async def test_whole_numbers_and_restricted_fields_come_only_when_asked_for() -> None:
    await settings.write(
        VILLAGE, settings.RegisterSettings(keep_id_numbers=True, id_purpose="医保"), by=CLERK
    )
    await a_family()
    header, head, wife = await exported(wanted=ALL)
    assert header[7] == "身份证号"
    assert header[-3:] == ["户类型", "享受政策", "备注"]
    assert (head[6], head[7], head[-3:]) == (
        f"{PHONE}\t",
        f"{NUMBER}\t",
        ["脱贫户", "低保", "重病"],
    )
    assert (wife[6], wife[7], wife[-1]) == ("19912340199\t", "", "残疾")


async def test_a_heads_own_phone_and_remark_are_not_hidden_behind_the_households() -> None:
    head = person("李四", "户主", phone="19900000008", remarks="耳背")
    await factories.household("李四", "8", phone=PHONE, remarks="老屋", residents=[head])
    header, line = await exported(wanted=ALL)
    assert header[-2:] == ["本人另有电话", "本人另有备注"]
    assert line[-2:] == ["19900000008\t", "耳背"]
    assert (await exported())[1][-1] == "199****0008"
    file = await export.export(VILLAGE, by=CLERK, purpose="备份", format="csv", wanted=ALL)
    again = await importing.import_file(VILLAGE, file.content, filename="a.csv", by=CLERK)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


async def test_only_who_may_exports_and_only_for_a_purpose() -> None:
    await a_family()
    for actor, refusal in (
        (official("scorer"), NotAllowed),
        (official("township_official", TOWNSHIP), NotAllowed),
        (official("clerk", OTHER_VILLAGE), RegionNotFound),
    ):
        with pytest.raises(refusal):
            await export.export(VILLAGE, by=actor, purpose="入户核对")
    with pytest.raises(PurposeMissing):
        await export.export(VILLAGE, by=CLERK, purpose=" ")
    assert await AuditLine.filter(verb="register.export").count() == 0


async def test_an_export_names_its_fields_and_purpose_in_the_log_and_in_the_workbook() -> None:
    await a_family()
    file = await export.export(VILLAGE, by=CLERK, purpose="入户核对")
    assert file.name.startswith("槐庄村农户登记册-")
    line = await AuditLine.get(verb="register.export")
    assert (line.facts["purpose"], line.facts["lines"]) == ("入户核对", 2)
    assert line.facts["fields"][:3] == ["户号", "户主", "姓名"]
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert notes["用途"] == "入户核对"
    assert notes["字段"] == "、".join(line.facts["fields"])
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell.value for cell in cells if isinstance(cell.value, (int, float))]


async def test_a_filtered_list_is_exported_filtered() -> None:
    await a_family()
    await factories.household("李四", "8", group=f"{VILLAGE}-G02")
    for which in (Filter(group=f"{VILLAGE}-G02"), Filter(q="李")):
        assert [line[1] for line in await exported(which=which)] == ["户主", "李四"]
    assert len(await exported()) == 4


async def test_what_somebody_typed_as_a_formula_is_only_shown() -> None:
    await factories.household("张明", "7", address="＝cmd|' /C calc'!A0", remarks="@SUM(A1)")
    (line,) = (await exported(wanted=ALL))[1:]
    assert (line[9], line[-1]) == ("'＝cmd|' /C calc'!A0", "'@SUM(A1)")


@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("sample", ["huaizhuang", "flat"])
async def test_an_export_comes_back_in_without_changing_anything(sample: str, format: str) -> None:
    village, by = (VILLAGE, CLERK) if sample == "huaizhuang" else (
        OTHER_VILLAGE, official("clerk", OTHER_VILLAGE)
    )  # fmt: skip
    await settings.write(
        village, settings.RegisterSettings(keep_id_numbers=True, id_purpose="医保"), by=by
    )
    content = (DATA / f"{sample}-households.xlsx").read_bytes()
    stored = await importing.import_file(village, content, filename="a.xlsx", by=by)
    await regions.create_local(village, level="grid", name="第一网格", number=1, by=by)
    for wanted in (None, ALL):
        file = await export.export(village, by=by, purpose="备份", format=format, wanted=wanted)  # type: ignore[arg-type]
        back = await importing.import_file(village, file.content, filename=file.name, by=by)
        assert (back.created, back.updated, back.unchanged) == (0, 0, stored.households)
        assert back.residents == stored.residents
        passed_over = set() if wanted else {"phone_masked"}
        assert {problem.code for problem in back.problems} <= passed_over
    assert (await listing.listing(by)).total == stored.households


async def test_an_export_fills_an_empty_village_like_the_first_time() -> None:
    content = (DATA / "huaizhuang-households.xlsx").read_bytes()
    await importing.import_file(VILLAGE, content, filename="a.xlsx", by=CLERK)
    file = await export.export(VILLAGE, by=CLERK, purpose="备份", wanted=ALL)
    copy = await importing.import_file(
        OTHER_VILLAGE, file.content, filename=file.name, by=factories.OPERATOR
    )
    assert (copy.created, copy.residents) == (300, 1026)
    other = await export.export(OTHER_VILLAGE, by=factories.OPERATOR, purpose="备份", wanted=ALL)
    tables = [
        [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        for book in (openpyxl.load_workbook(io.BytesIO(f.content)) for f in (file, other))
    ]
    assert tables[0] == tables[1]


async def test_lines_written_beside_the_store_come_in_once(opened: str, tmp_path: Path) -> None:
    await a_family()
    beside = tmp_path / "beside.jsonl"
    audit.write_beside(beside)
    try:
        await export.export(VILLAGE, by=CLERK, purpose="入户核对")
    finally:
        audit.write_beside(None)
    assert await AuditLine.filter(verb="register.export").count() == 0
    assert beside.stat().st_mode & 0o777 == 0o600
    written = beside.read_bytes()
    assert await audit.take_in(beside) == 1
    beside.write_bytes(written)  # as if the power had gone before the file was emptied
    await audit.take_in(beside)
    line = await AuditLine.get(verb="register.export")
    assert (line.facts["purpose"], line.actor) == ("入户核对", CLERK.label)
    assert await audit.take_in(beside) == 0
