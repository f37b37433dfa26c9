"""Security: what a workbook says of people is nowhere in plain, and a full disk loses nothing."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import factories
import pytest
from factories import VILLAGE, id_number, official, person

from foundation import attachments, database
from foundation.errors import DiskFull
from households import batches, card, listing, members
from households.models import Household

HUAIZHUANG = (Path(__file__).parent / "data" / "huaizhuang-households.xlsx").read_bytes()
CLERK = official("clerk")

KEPT, DAMAGED, ADDED = id_number(77), id_number(79)[:-1], id_number(81)
PHONE, REMARK, BENEFIT = "19977778888", "肝移植术后", "特困供养"
WORKBOOK = f"""户号,户主,身份证号,联系电话,村民小组,享受政策,备注
7,张明,{KEPT},{PHONE},1组,{BENEFIT},{REMARK}
8,李四,{DAMAGED},,1组,,
""".encode()


async def previewed(content: bytes) -> UUID:
    batch = await batches.upload(VILLAGE, content, filename="名册.csv", by=CLERK)
    await batches.read(batch.id)
    return batch.id


async def walk() -> None:
    """Import, look at the preview, store, look behind the seal, add somebody."""
    await factories.divisions()
    batch = await previewed(WORKBOOK)
    shown = await batches.preview(batch, actor=CLERK)
    assert DAMAGED in [problem.value for problem in shown.result.problems]
    await batches.confirm(batch, by=CLERK)
    waiting = await previewed(WORKBOOK.replace("7,张明".encode(), "17,张明".encode()))
    assert (await batches.preview(waiting, actor=CLERK)).result.updated == 1
    (row,) = (await listing.listing(CLERK, q=KEPT)).rows
    found = await card.card(row.id, actor=CLERK)
    (head,) = found.residents
    assert await card.check_id_number(head.id, KEPT, purpose="核对", by=CLERK)
    assert await card.unmask_phone(row.id, purpose="核对", by=CLERK) == PHONE
    assert (await card.restricted(row.id, purpose="核对", by=CLERK)).remarks == REMARK
    await members.add(row.id, person("张强", id_number=ADDED), revision=1, by=CLERK)


async def test_planted_numbers_are_nowhere_in_the_store_or_the_log(
    opened: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    await walk()
    planted = (KEPT, DAMAGED, ADDED, PHONE, REMARK, BENEFIT)
    logged = caplog.text + "".join(capfd.readouterr())
    assert "INSERT INTO household" in logged, "the log was listened to"
    assert not [secret for secret in planted if secret in logged]
    assert "张明" in await _all_rows()
    assert not [secret for secret in planted if secret in await _all_rows()]
    if not opened.startswith("sqlite://"):
        return
    files = sorted(Path(opened.removeprefix("sqlite://")).parent.glob("store.sqlite3*"))
    assert [file.name for file in files] == [
        "store.sqlite3", "store.sqlite3-shm", "store.sqlite3-wal",
    ]  # fmt: skip
    content = b"".join(file.read_bytes() for file in files)
    assert "张明".encode() in content
    assert not [secret for secret in planted if secret.encode() in content]


async def _all_rows() -> str:
    catalog = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.dialect() == "sqlite"
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    tables = [line["name"] for line in await database.rows(catalog)]
    assert "attachment" in tables
    return "".join([repr(await database.rows(f'SELECT * FROM "{name}"')) for name in tables])


@pytest.fixture
async def opened_file(sqlite_store: str) -> AsyncIterator[str]:
    await database.open(sqlite_store)
    yield sqlite_store.removeprefix("sqlite://")
    await database.close()


async def test_a_full_disk_is_named_and_nothing_is_stored(opened_file: str) -> None:
    await factories.divisions()
    batch = await previewed(HUAIZHUANG)
    pages = (await database.rows("PRAGMA page_count"))[0]["page_count"]
    await database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        await batches.confirm(batch, by=CLERK)
    with pytest.raises(DiskFull):
        await batches.upload(VILLAGE, bytes(attachments.SIZE_MAX), filename="台账.xlsx", by=CLERK)
    assert await Household.all().count() == 0
    assert (await batches.find(batch, actor=CLERK)).state == "previewed"
    await database.execute("PRAGMA max_page_count = 1073741823")
    assert (await batches.confirm(batch, by=CLERK)).created == 300
    file = sqlite3.connect(opened_file)
    try:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        file.close()
