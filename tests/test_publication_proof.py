"""The signed file and the proof against the ledger: whatever is altered is found."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boards
import msgspec
import pytest
import villages

from foundation import clock, database, keys
from households.models import Household, Region
from points import ledger, proof, publication, published, snapshot, xyp
from points.errors import LedgerBusy, NotAPublicationFile, PublicationNotFound
from points.models import Publication, PublicationRow
from points.period import Period
from points.xyp import Checked

QUARTER = Period.parse("2026Q3")


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    """8 October 2026 in the morning, with keys to sign."""
    keys.hold(keys.Keyring([keys.Keyset("a secret of the tests, long enough to be one")]))
    with clock.stopped_at(boards.NOW):
        yield


async def posted_village() -> tuple[str, list[Household]]:
    """A list of three out of six households, with full names; its serial and the households."""
    await boards.village()
    await boards.rule_book()
    homes = [
        await boards.household(head, name_wall="full", name_web="full")
        for head in ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")
    ]
    for n, home in enumerate(homes):
        await boards.post(home, 100 - n)
        await boards.post(home, 1, block="law", on="2026-07-01")
    receipt = await publication.publish(
        boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR
    )
    return receipt.serial, homes


async def exported(**more: Any) -> bytes:
    serial, _ = await posted_village()
    return await xyp.export(serial, actor=boards.OPERATOR, **more)


def verdict(content: bytes) -> Checked | None:
    """The checked file, None when it cannot be read as one."""
    try:
        return xyp.check(content)
    except NotAPublicationFile:
        return None


async def test_an_honest_file_has_no_faults_and_holds_what_was_posted(opened: str) -> None:
    content = await exported()
    checked = xyp.check(content)
    kept = await Publication.get()
    assert checked.faults == ()
    assert (checked.hash, checked.ours) == (kept.hash, True)
    assert checked.fingerprint == snapshot.fingerprint(kept.hash)
    assert [row.name for row in published.shown(checked.lines[:3])] == ["罗桂英", "周小勇", "李四"]
    assert len(checked.lines) == 6
    assert await proof.faults() == []


async def test_a_file_for_the_public_leaves_the_walls_rows_out_and_still_proves_itself(
    opened: str,
) -> None:
    _, homes = await posted_village()
    await Household.filter(id=homes[0].id).update(name_wall="full", name_web="unnamed")
    receipt = await publication.publish(
        boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR
    )
    content = await xyp.export(receipt.serial, actor=boards.OPERATOR, media=("web",))
    assert "罗桂英" not in content.decode()
    checked = xyp.check(content)
    assert checked.faults == ()
    assert [line.content is None for line in checked.lines] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
async def test_a_file_with_any_one_byte_changed_is_never_taken_for_honest(
    sqlite_store: str, flip: int
) -> None:
    await database.open(sqlite_store)
    try:
        content = bytearray(await exported())
    finally:
        await database.close()
    for at in range(len(content)):
        content[at] ^= flip
        checked = verdict(bytes(content))
        assert checked is None or checked.faults, f"byte {at}"
        content[at] ^= flip
    assert xyp.check(bytes(content)).faults == ()


async def test_a_file_cut_anywhere_or_with_something_added_is_refused(opened: str) -> None:
    content = await exported()
    for length in range(0, len(content), 7):
        assert verdict(content[:length]) is None, length
    assert verdict(content + b"x") is None
    assert verdict(b"") is None
    assert verdict(b"\xff\xfe" + content) is None
    assert verdict(b"[" * 100_000) is None
    assert verdict(b" " * (xyp.SIZE_MAX + 1)) is None


def row_of(file: dict[str, Any], medium: str, position: int) -> dict[str, Any]:
    [row] = [r for r in file["rows"] if (r["medium"], r["position"]) == (medium, position)]
    return row


def rename(file: dict[str, Any]) -> None:
    row = row_of(file, "wall", 1)
    row["content"] = row["content"].replace("罗桂英", "王五")


def swap(file: dict[str, Any]) -> None:
    one, two = row_of(file, "wall", 1), row_of(file, "wall", 2)
    one["content"], two["content"] = two["content"], one["content"]
    one["salt"], two["salt"] = two["salt"], one["salt"]


def repeat(file: dict[str, Any]) -> None:
    file["rows"].append(row_of(file, "web", 1))


def resalt(file: dict[str, Any]) -> None:
    row_of(file, "web", 1)["salt"] = "0" * 32


def rewrite_with_digest(file: dict[str, Any]) -> None:
    """A row and its digest changed together: the snapshot's hash no longer fits the signature."""
    row = row_of(file, "wall", 1)
    old = snapshot.digest(row["content"], salt=row["salt"])
    rename(file)
    new = snapshot.digest(row["content"], salt=row["salt"])
    file["snapshot"] = file["snapshot"].replace(old, new)


def lengthen(file: dict[str, Any]) -> None:
    file["snapshot"] = file["snapshot"].replace('"2026-10-18"', '"2026-11-18"')


def drop_line(file: dict[str, Any]) -> None:
    file["snapshot"] = file["snapshot"].rsplit("\n", 2)[0] + "\n"


def other_signature(file: dict[str, Any]) -> None:
    file["signature"] = base64.b64encode(bytes(64)).decode()


def other_format(file: dict[str, Any]) -> None:
    file["format"] = "xiangyue-xyp-2"


def one_more_field(file: dict[str, Any]) -> None:
    file["note"] = ""


CHANGES = [
    rename, swap, repeat, resalt, rewrite_with_digest, lengthen, drop_line, other_signature,
    other_format, one_more_field,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_file_altered_on_purpose_is_found_out(
    opened: str, change: Callable[[dict[str, Any]], None]
) -> None:
    file = msgspec.json.decode(await exported())
    change(file)
    checked = verdict(msgspec.json.encode(file))
    assert checked is None or checked.faults


async def test_a_list_signed_by_somebody_else_is_told_apart_by_its_key(opened: str) -> None:
    keys.hold(keys.Keyring([keys.Keyset("the secret of another installation altogether")]))
    content = await exported()
    theirs = xyp.check(content)
    keys.hold(keys.Keyring([keys.Keyset("a secret of the tests, long enough to be one")]))
    ours = xyp.check(content)
    assert (theirs.ours, ours.ours) == (True, False)
    assert ours.faults == (), "it is sound, only not ours"
    assert theirs.key_id == ours.key_id


async def test_an_erased_row_leaves_the_file_sound(opened: str) -> None:
    serial, homes = await posted_village()
    await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
    content = await xyp.export(serial, actor=boards.OPERATOR)
    assert "周小勇" not in content.decode()
    checked = xyp.check(content)
    assert checked.faults == ()
    assert [row.removed for row in published.shown(checked.lines[:3])] == [False, True, False]
    assert await proof.faults() == []


async def test_another_villages_official_cannot_export(opened: str) -> None:
    serial, _ = await posted_village()
    elsewhere = await boards.village("610428106222", name="邻村村委会")
    with pytest.raises(PublicationNotFound):
        await xyp.export(serial, actor=boards.official("clerk", elsewhere))


FORGERIES = {
    "a row's content": "UPDATE publication_row SET content = replace(content, '罗桂英', '王五')"
    " WHERE position = 1",
    "a row's points": "UPDATE publication_row SET content = replace(content, '101', '102')",
    "a row's salt": "UPDATE publication_row SET salt = 'x' WHERE position = 2",
    "the days on the wall": "UPDATE publication SET display_until = '2026-12-31'",
    "the region": "UPDATE publication SET region = '610428106221-G01'",
    "the key": "UPDATE publication SET public_key = 'AAAA'",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_is_altered_in_the_store_is_found_and_the_list_named(
    opened: str, forgery: str
) -> None:
    serial, _ = await posted_village()
    async with villages.raw(opened) as raw:
        await drop_triggers(raw)
        await raw(FORGERIES[forgery])
    faults = await proof.faults(boards.VILLAGE)
    assert faults
    assert all(serial in fault.message for fault in faults)
    assert {(fault.village, fault.seq) for fault in faults} == {(boards.VILLAGE, 12)}


async def test_a_ledger_that_no_longer_adds_up_to_the_list_is_found(opened: str) -> None:
    serial, homes = await posted_village()
    async with villages.raw(opened) as raw:
        await drop_triggers(raw)
        await raw(
            f"UPDATE ledger_entry SET points = 90 WHERE household_id = '{homes[1].id}'"
            " AND block = 'environment'"
        )
    assert [fault.message for fault in await proof.faults()] == [
        f"publication {serial}: wall row 2 differs from the ledger",
        f"publication {serial}: web row 2 differs from the ledger",
    ]


async def test_a_ledger_cut_off_before_the_list_was_made_is_found(opened: str) -> None:
    serial, _ = await posted_village()
    async with villages.raw(opened) as raw:
        await drop_triggers(raw)
        await raw("DELETE FROM ledger_entry WHERE seq = 12")
    assert [fault.message for fault in await proof.faults()] == [
        f"publication {serial}: its chain head is not in the ledger"
    ]


async def drop_triggers(raw: villages.Raw) -> None:
    """As somebody who owns the database file would."""
    if database.dialect() == "sqlite":
        for trigger in ("ledger_entry_no_UPDATE", "ledger_entry_no_DELETE", "publication_frozen"):
            await raw(f"DROP TRIGGER {trigger}")
    else:
        await raw("DROP TRIGGER ledger_entry_no_change ON ledger_entry")
        await raw("DROP TRIGGER publication_frozen ON publication")


async def test_entries_that_come_later_change_no_list_that_stands(opened: str) -> None:
    _, homes = await posted_village()
    await boards.post(homes[5], 500)
    assert await proof.faults() == []


async def test_L3_lists_made_while_points_are_posted_count_exactly_up_to_their_head(
    opened: str,
) -> None:
    _, homes = await posted_village()
    region = await Region.get(code=boards.VILLAGE)

    @database.transaction
    async def posting(n: int) -> None:
        await ledger.lock(region.code)
        # Tens only: the last digits of the six sums stay apart, and no tie empties the list.
        await boards.post(homes[n % 6], 10 * (n % 4))

    async def posting_a_list() -> bool:
        try:
            await publication.publish(
                boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR
            )
        except LedgerBusy:
            return False
        return True

    work = [posting(n) for n in range(12)]
    lists = [posting_a_list() for _ in range(6)]
    mixed = [one for pair in zip(work[::2], lists, work[1::2], strict=True) for one in pair]
    outcomes = await asyncio.gather(*mixed)
    assert any(outcomes)
    assert await proof.faults() == []
    current = await Publication.filter(superseded_by="")
    assert len(current) == 1, "each list supersedes the one before it"
    assert await PublicationRow.all().count() == 6 * await Publication.all().count()
