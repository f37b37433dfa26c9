"""A stand-alone village's signed file: taken in after one telephone call, refused when altered.

The village is another store with another key, kept beside the township's for the length of a test.
"""

import asyncio
import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import boards
import factories
import msgspec
import pytest
from factories import OTHER_VILLAGE, TOWNSHIP, VILLAGE
from villages import raw

from foundation import clock, database, keys, signing
from foundation.models import AuditLine
from households.errors import NotAllowed, RegionNotFound
from households.models import Household
from points import (
    incoming,
    overview,
    proof,
    publication,
    published,
    signers,
    snapshot,
    verification,
    xyp,
)
from points.errors import (
    FileNotSound,
    NotAPublicationFile,
    SerialTaken,
    SignerForeign,
    SignerMistyped,
    SignerNotFound,
    SignerUnconfirmed,
    VillageKeptHere,
)
from points.models import Publication, PublicationRow, Signer
from points.period import Period

QUARTER = Period.parse("2026Q3")
HEADS = ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")
VILLAGES_SECRET = "the secret of a village that keeps its own books"
ANOTHER_SECRET = "the secret of somebody who is not that village"
OFFICIAL = factories.official("township_official", TOWNSHIP)


def hold(secret: str) -> None:
    keys.hold(keys.Keyring([keys.Keyset(secret)]))


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with clock.stopped_at(boards.NOW):
        yield


class Handed:
    """What the village hands in: its files, made in a store of its own on the same engine."""

    def __init__(self) -> None:
        self.key = ""
        self.files: dict[str, bytes] = {}


@pytest.fixture
async def handed(store: str, tmp_path: Any, migrated_file: Any) -> Handed:
    """Lists of 槐庄 signed there: "first" and, published later, "second"; "less" lacks a name.

    "same serial" is a list of the first one's serial with other content, as a village could
    make that went back to an old backup; "foreign" the first list under somebody else's key.
    """
    found = Handed()
    for name in ("village", "again"):
        copy = tmp_path / f"{name}.sqlite3"
        copy.write_bytes(migrated_file.read_bytes())
        await database.open(f"sqlite://{copy}")
        hold(VILLAGES_SECRET)
        found.key = signers.own_key_id()
        await _village(found, again=name == "again")
        await database.close()
    return found


async def _village(found: Handed, *, again: bool) -> None:
    await boards.village()
    await boards.rule_book()
    homes = [await boards.household(h, name_wall="full", name_web="masked") for h in HEADS]
    for n, home in enumerate(homes):
        await boards.post(home, 100 - n + 7 * again)
    serial = await _publish()
    if again:
        found.files["same serial"] = await xyp.export(serial, actor=boards.OPERATOR)
        return
    found.files["first"] = await xyp.export(serial, actor=boards.OPERATOR)
    await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
    found.files["less"] = await xyp.export(serial, actor=boards.OPERATOR)
    with clock.stopped_at(boards.NOW + timedelta(hours=2)):
        found.files["second"] = await xyp.export(await _publish(), actor=boards.OPERATOR)
    hold(ANOTHER_SECRET)
    file = msgspec.json.decode(found.files["first"], type=xyp.File)
    found.files["foreign"] = msgspec.json.encode(_signed_by_us(file, file.snapshot))
    hold(VILLAGES_SECRET)


async def _publish() -> str:
    id = uuid4()
    kept = await publication.publish(boards.VILLAGE, id=id, period=QUARTER, by=boards.OPERATOR)
    return kept.serial


def _signed_by_us(file: xyp.File, text: str) -> xyp.File:
    """The file with a snapshot that is signed by whatever key is held."""
    return msgspec.structs.replace(
        file,
        snapshot=text,
        signature=base64.b64encode(
            signing.sign(snapshot.signed_message(snapshot.hash_of(text)))
        ).decode(),
        public_key=base64.b64encode(signing.public_key()).decode(),
    )


@pytest.fixture
async def township(handed: Handed, opened: str) -> Handed:
    """The township's store, on either engine, that knows the village by name alone."""
    await factories.divisions()
    return handed


async def take_in(township: Handed, name: str = "first", **more: Any) -> incoming.Received:
    given = {"by": OFFICIAL, "confirm": township.key} | more
    return await incoming.take_in(township.files[name], **given)


def foreign_key(township: Handed) -> str:
    return xyp.check(township.files["foreign"]).key_id


async def counts() -> tuple[int, int, int]:
    lists, rows = await Publication.all().count(), await PublicationRow.all().count()
    return lists, rows, await Signer.all().count()


async def test_a_villages_first_file_waits_for_a_call_and_stores_nothing(township: Handed) -> None:
    with pytest.raises(SignerUnconfirmed) as refused:
        await take_in(township, confirm="")
    assert refused.value.facts["key"] == signers.spoken(township.key)
    assert await counts() == (0, 0, 0)
    waits = await incoming.waiting(township.files["first"], by=OFFICIAL)
    assert waits is not None
    assert (waits.key_id, waits.village_name, waits.posted) == (township.key, "槐庄村", 3)
    with pytest.raises(SignerMistyped):
        await take_in(township, confirm="AAAA-BBBB-CCCC-DDDD")
    assert await counts() == (0, 0, 0)


async def test_the_key_is_confirmed_once_and_later_files_come_in_directly(
    township: Handed,
) -> None:
    first = await take_in(township, confirm=signers.spoken(township.key).lower())
    assert (first.new, first.rows, first.village) == (True, 3, VILLAGE)
    assert await incoming.waiting(township.files["second"], by=OFFICIAL) is None
    second = await take_in(township, "second", confirm="")
    assert await counts() == (2, 12, 1)
    assert [line.verb for line in await AuditLine.filter(village=VILLAGE).order_by("id")][-3:] == [
        "signers.confirm",
        "publications.receive",
        "publications.receive",
    ]
    old = await Publication.get(serial=first.serial)
    assert old.superseded_by == second.serial


async def test_lists_that_arrive_in_the_wrong_order_stand_in_the_right_one(
    township: Handed,
) -> None:
    second = await take_in(township, "second")
    first = await take_in(township, "first")
    assert (await Publication.get(serial=first.serial)).superseded_by == second.serial
    assert (await Publication.get(serial=second.serial)).superseded_by == ""


async def test_the_same_file_again_gives_the_same_answer(township: Handed) -> None:
    first = await take_in(township)
    again = await take_in(township, confirm="")
    assert again == msgspec.structs.replace(first, new=False)
    assert await counts() == (1, 6, 1)
    assert await AuditLine.filter(verb="publications.receive").count() == 1


async def test_any_changed_byte_is_refused(township: Handed) -> None:
    await take_in(township)
    content = township.files["second"]
    taken = 0
    for at in range(0, len(content), 7):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises((FileNotSound, NotAPublicationFile)):
            await incoming.take_in(changed, by=OFFICIAL)
        taken += 1
    assert taken > 300
    assert await counts() == (1, 6, 1)


async def test_a_foreign_key_is_refused_with_both_keys_named(township: Handed) -> None:
    await take_in(township)
    for confirm in ("", foreign_key(township)):
        with pytest.raises(SignerForeign) as refused:
            await take_in(township, "foreign", confirm=confirm)
        assert refused.value.facts["confirmed"] == signers.spoken(township.key)
        assert refused.value.facts["key"] != refused.value.facts["confirmed"]
    assert await counts() == (1, 6, 1)


async def test_a_second_serial_with_other_content_is_refused(township: Handed) -> None:
    first = await take_in(township)
    assert xyp.check(township.files["same serial"]).faults == ()
    with pytest.raises(SerialTaken):
        await take_in(township, "same serial")
    assert (await Publication.get()).hash == first.hash


async def test_a_new_key_needs_the_old_one_withdrawn_and_another_call(township: Handed) -> None:
    await take_in(township, "second")
    await signers.withdraw(VILLAGE, by=OFFICIAL)
    with pytest.raises(SignerUnconfirmed):
        await take_in(township, "foreign", confirm="")
    with pytest.raises(SignerNotFound):
        await signers.withdraw(VILLAGE, by=OFFICIAL)
    assert (await take_in(township, "foreign", confirm=foreign_key(township))).new
    assert await proof.faults(VILLAGE) == []  # what came under the old key still stands


async def test_nobody_takes_in_a_file_of_a_village_that_is_not_his(township: Handed) -> None:
    elsewhere = factories.official("township_official", "610428106000")
    elsewhere = msgspec.structs.replace(
        elsewhere, duties=tuple(msgspec.structs.replace(d, path="1/2/") for d in elsewhere.duties)
    )
    with pytest.raises(RegionNotFound):
        await take_in(township, by=elsewhere)
    with pytest.raises(NotAllowed):
        await take_in(township, by=factories.official("county_official", TOWNSHIP))
    with pytest.raises(NotAllowed):
        await take_in(township, by=factories.official("clerk"))
    assert await counts() == (0, 0, 0)


async def test_a_village_that_is_unknown_here_or_kept_here_hands_nothing_in(
    township: Handed,
) -> None:
    file = msgspec.json.decode(township.files["first"], type=xyp.File)
    hold(VILLAGES_SECRET)
    moved = _signed_by_us(file, file.snapshot.replace(VILLAGE, "610428106299"))
    with pytest.raises(RegionNotFound):
        await incoming.take_in(msgspec.json.encode(moved), by=OFFICIAL, confirm=township.key)
    hold(factories.SECRET)
    await factories.household("罗桂英")
    with pytest.raises(VillageKeptHere):
        await take_in(township)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"serial":"610428106221-', '"serial":"610428106222-'),
        ('"region":"610428106221"', '"region":"610428106222-G01"'),
        ('"display_until":"2026-10-18"', '"display_until":"2036-10-18"'),
        ('"block":null', '"block":"obedience"'),
        ('"period":"2026Q3"', '"period":"2026q3"'),
        ('"contact":"', '"contact":"' + "长" * 200),
    ],
)
async def test_a_soundly_signed_file_that_no_village_would_write_is_refused(
    township: Handed, said: str, instead: str
) -> None:
    file = msgspec.json.decode(township.files["first"], type=xyp.File)
    assert said in file.snapshot
    hold(VILLAGES_SECRET)
    odd = msgspec.json.encode(_signed_by_us(file, file.snapshot.replace(said, instead)))
    assert [f for f in xyp.check(odd).faults if "signature" in f] == []
    with pytest.raises((NotAPublicationFile, FileNotSound)):
        await incoming.take_in(odd, by=OFFICIAL, confirm=township.key)
    assert await counts() == (0, 0, 0)


async def test_a_name_taken_down_in_the_village_comes_down_here_and_never_returns(
    township: Handed, store: str
) -> None:
    first = await take_in(township)
    await take_in(township, "less")
    await take_in(township)
    view = await published.view(first.serial, actor=OFFICIAL)
    assert [row.name for row in view.rows] == ["罗桂英", "", "李四"]
    async with raw(store) as sql:
        names = [row["content"] or "" for row in await sql("SELECT content FROM publication_row")]
    assert not any("周" in name for name in names)
    assert await proof.faults(VILLAGE) == []


async def test_a_list_handed_in_is_verified_and_shown_like_any_other(township: Handed) -> None:
    first = await take_in(township)
    assert await verification.verify() == []
    assert await proof.faults() == []
    page = await published.page(first.serial)
    assert [line.shown and line.shown.name for line in page.lines] == ["罗＊英", "周＊勇", "李＊"]
    assert (await published.listing(OFFICIAL, village=VILLAGE))[1] == 1
    assert (await published.listing(factories.official("clerk", OTHER_VILLAGE)))[1] == 0
    found = await overview.drawn(TOWNSHIP, period=QUARTER, actor=OFFICIAL)
    [village] = [one for one in found.villages if one.code == VILLAGE]
    assert (village.hands_in, village.works, village.to_hang, village.too_long) == (
        True, True, (), (),
    )  # fmt: skip
    assert [paper.wall for paper in village.posted] == ["elsewhere"]
    assert await xyp.export(first.serial, actor=OFFICIAL) == township.files["first"]
    # Whoever alters what was kept is found out, though its ledger is elsewhere.
    await PublicationRow.filter(medium="web", position=1).update(content="{}")
    assert await proof.faults() != []


async def test_two_presses_at_once_take_a_file_in_once(township: Handed) -> None:
    done = await asyncio.gather(*(take_in(township) for _ in range(4)))
    assert sorted(one.new for one in done) == [False, False, False, True]
    assert await counts() == (1, 6, 1)
    assert await Household.all().count() == 0
