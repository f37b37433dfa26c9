"""Imports on the screen: each step, a restart between steps, what is refused, what is forgotten."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import factories
import pytest
from factories import OTHER_VILLAGE, VILLAGE, id_number, official

from foundation import clock, database
from foundation.models import Attachment, AuditLine
from households import batches, importing, listing, register
from households.details import HouseholdDetails
from households.errors import BatchNotFound, BatchNotReady, NotAllowed, WorkbookTooLarge
from households.models import Household, ImportBatch, Region

DATA = Path(__file__).parent / "data"
HUAIZHUANG = (DATA / "huaizhuang-households.xlsx").read_bytes()
CLERK = official("clerk")


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def previewed(content: bytes = HUAIZHUANG, *, name: str = "台账.xlsx") -> UUID:
    batch = await batches.upload(VILLAGE, content, filename=name, by=CLERK)
    await batches.read(batch.id)
    return batch.id


def csv(*lines: str, header: str = "户号,户主,身份证号,联系电话,村民小组,享受政策") -> bytes:
    return "\r\n".join([header, *lines]).encode("utf-8-sig")


async def test_nothing_is_stored_before_it_is_confirmed_and_then_all_of_it() -> None:
    batch = await batches.upload(VILLAGE, HUAIZHUANG, filename="台账.xlsx", by=CLERK)
    assert (batch.state, await batches.unread()) == ("reading", [batch.id])
    with pytest.raises(BatchNotReady):
        await batches.preview(batch.id, actor=CLERK)
    await batches.read(batch.id)
    found = await batches.find(batch.id, actor=CLERK)
    assert (found.state, await batches.unread()) == ("previewed", [])
    assert found.done == found.total > 2000
    shown = await batches.preview(batch.id, actor=CLERK)
    assert (shown.result.created, len(shown.households), shown.new_groups) == (
        300, 300, ["第六村民小组"],
    )  # fmt: skip
    assert await Household.all().count() == 0
    assert await Region.filter(village=VILLAGE, level="group").count() == 5

    result = await batches.confirm(batch.id, by=CLERK)
    assert result == shown.result
    assert await Household.all().count() == 300
    found = await batches.find(batch.id, actor=CLERK)
    assert found.state == "stored"
    assert found.result is not None
    assert (found.result["created"], found.result["residents"]) == (300, 1026)
    assert [one.id for one in await batches.of_village(VILLAGE, actor=CLERK)] == [batch.id]


async def test_confirming_twice_is_refused_also_at_once() -> None:
    batch = await previewed()
    answers = await asyncio.gather(
        *(batches.confirm(batch, by=CLERK) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(answer, BatchNotReady) for answer in answers) == 2
    with pytest.raises(BatchNotReady):
        await batches.confirm(batch, by=CLERK)
    with pytest.raises(BatchNotReady):
        await batches.discard(batch, by=CLERK)
    assert await Household.all().count() == 300
    assert await AuditLine.filter(verb="register.import").count() == 1


async def test_two_imports_of_one_file_store_it_once() -> None:
    first, second = await previewed(), await previewed()
    results = await asyncio.gather(*(batches.confirm(one, by=CLERK) for one in (first, second)))
    assert sorted((one.created, one.unchanged) for one in results) == [(0, 300), (300, 0)]


async def test_what_changed_since_the_preview_is_taken_into_account() -> None:
    batch = await previewed(csv("7,张明,,19912340001,1组,", "8,李四,,19912340002,1组,"))
    given = HouseholdDetails(head="王五", number="7")
    await register.create(VILLAGE, given, by=CLERK)
    result = await batches.confirm(batch, by=CLERK)
    assert (result.created, [p.code for p in result.problems]) == (1, ["number_taken"])
    assert {row.head for row in (await listing.listing(CLERK)).rows} == {"王五", "李四"}


async def test_another_village_knows_nothing_of_an_import() -> None:
    batch = await previewed()
    for actor in (official("clerk", OTHER_VILLAGE), official("clerk", OTHER_VILLAGE)):
        for act in (
            batches.find(batch, actor=actor),
            batches.preview(batch, actor=actor),
            batches.confirm(batch, by=actor),
            batches.discard(batch, by=actor),
        ):
            with pytest.raises(BatchNotFound):
                await act
    with pytest.raises(NotAllowed):
        await batches.find(batch, actor=official("scorer"))
    with pytest.raises(BatchNotFound):
        await batches.find(uuid4(), actor=CLERK)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a workbook at all \x00\x01\x02", "NotAWorkbook"),
        ("只,是\n几,个,字\n".encode(), "NoHeaderFound"),
        (b"%PDF-1.7 something", "NotAWorkbook"),
    ],
)
async def test_a_file_that_cannot_be_read_ends_as_failed_with_its_reason(
    content: bytes, code: str
) -> None:
    batch = await previewed(content, name="名册.csv")
    found = await batches.find(batch, actor=CLERK)
    assert found.state == "failed"
    assert found.failure is not None
    assert found.failure["code"] == code
    assert await Attachment.all().count() == 0
    with pytest.raises(BatchNotReady):
        await batches.confirm(batch, by=CLERK)


async def test_a_file_that_is_too_large_is_not_even_kept() -> None:
    with pytest.raises(WorkbookTooLarge):
        await batches.upload(VILLAGE, bytes(20 * 1024 * 1024 + 1), filename="a.xlsx", by=CLERK)
    assert await ImportBatch.all().count() == 0


async def test_an_import_survives_a_restart_while_it_was_read(opened: str) -> None:
    batch = await batches.upload(VILLAGE, HUAIZHUANG, filename="台账.xlsx", by=CLERK)
    reading = asyncio.create_task(batches.read(batch.id))
    await asyncio.sleep(0.02)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await database.close()
    await database.open(opened)
    assert await batches.unread() == [batch.id]
    await batches.read(batch.id)
    await batches.read(batch.id)
    assert (await batches.confirm(batch.id, by=CLERK)).created == 300


async def test_uploading_again_with_the_same_id_is_the_same_import() -> None:
    key = uuid4()
    for _ in range(2):
        batch = await batches.upload(
            VILLAGE, HUAIZHUANG, filename="台账.xlsx", by=CLERK, batch_id=key
        )
        assert batch.id == key
    assert await Attachment.all().count() == 1


async def test_the_workbook_is_forgotten_when_its_import_ends() -> None:
    stored, dropped, forgotten = [await previewed() for _ in range(3)]
    assert await Attachment.all().count() == 3
    await batches.confirm(stored, by=CLERK)
    await batches.discard(dropped, by=CLERK)
    assert await batches.purge() == 0
    still = await batches.preview(stored, actor=CLERK)
    assert len(still.result.problems) == 20
    with clock.stopped_at(clock.now() + timedelta(hours=25)):
        assert await batches.purge() == 1
    assert await Attachment.all().count() == 0
    with pytest.raises(BatchNotFound):
        await batches.confirm(forgotten, by=CLERK)
    with pytest.raises(BatchNotReady):
        await batches.preview(stored, actor=CLERK)
    assert (await batches.find(stored, actor=CLERK)).state == "stored"


async def test_the_preview_names_what_changes_and_hides_what_is_private() -> None:
    old, new = "19912340001", "19912340002"
    await importing.import_file(
        VILLAGE, csv(f"7,张明,,{old},1组,低保"), filename="名册.csv", by=CLERK
    )
    await importing.import_file(VILLAGE, csv("8,李四,,,1组,"), filename="名册.csv", by=CLERK)
    batch = await previewed(csv(f"7,张明,{id_number(1)},{new},2组,特困", "9,王五,,,3组,"))
    shown = await batches.preview(batch, actor=CLERK)
    changed, created = shown.households
    assert (changed.action, changed.number, changed.head) == ("updated", "7", "张明")
    assert {(c.who, c.field, c.before, c.after) for c in changed.changes} == {
        ("", "phone", "199****0001", "199****0002"),
        ("", "welfare", "…", "…"),
        ("", "group", "第一村民小组", "第二村民小组"),
        ("张明", "id_number", "", "9904**********0016"),
        ("张明", "sex", "", "男"),
        ("张明", "born_on", "", "1970-01-01"),
    }
    assert (created.action, created.head, created.changes) == ("created", "王五", [])
    assert shown.absent == 1
    for secret in (old, new, "低保", "特困", id_number(1)):
        assert secret not in repr(shown)


async def test_ten_thousand_rows_are_previewed_with_progress_and_stored() -> None:
    lines = []
    for n in range(1, 10_001):
        number = id_number(n % 1000, born=f"19{50 + n // 1000}0203")
        lines.append(f"{n},张{'明强伟'[n % 3]},{number},199{n:08d},{1 + n % 12}组,")
    batch = await batches.upload(VILLAGE, csv(*lines), filename="全镇.csv", by=CLERK)
    reading = asyncio.create_task(batches.read(batch.id))
    seen = set()
    while not reading.done():
        found = await batches.find(batch.id, actor=CLERK)
        seen.add((found.done, found.total))
        await asyncio.sleep(0.1)
    await reading
    assert len([done for done, total in seen if 0 < done < total == 20_002]) >= 2, seen
    assert (await batches.confirm(batch.id, by=CLERK)).created == 10_000
