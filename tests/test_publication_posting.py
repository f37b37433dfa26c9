"""Posting a list: what is frozen, under which names, and what never gets in."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import boards
import msgspec
import pytest

from foundation import clock, database, keys, sealing, signing
from foundation.models import AuditLine
from households import settings
from households.errors import NotAllowed, RegionNotFound
from households.models import Household, Region
from points import draft, publication, published, snapshot
from points.errors import (
    DisplayDaysRefused,
    IdTaken,
    NothingToPublish,
    PublicationDateRefused,
    PublicationNotFound,
)
from points.models import Publication, PublicationRow
from points.period import Period
from points.publication import Receipt
from points.scheme import Scheme

QUARTER = Period.parse("2026Q3")
SECRET = "a secret of the tests, long enough to be one"


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    """8 October 2026 in the morning, with keys to sign."""
    keys.hold(keys.Keyring([keys.Keyset(SECRET)]))
    with clock.stopped_at(boards.NOW):
        yield


async def scored_village(*heads: str) -> list[Household]:
    """A village with a rule book in which the households earned 100, 99, 98 ... points."""
    await boards.village()
    await boards.rule_book()
    homes = [await boards.household(head, group=n % 2 + 1) for n, head in enumerate(heads)]
    for n, home in enumerate(homes):
        await boards.post(home, 100 - n)
    return homes


async def post(**more: object) -> Receipt:
    wanted = {"id": uuid4(), "period": QUARTER, "by": boards.OPERATOR, **more}
    return await publication.publish(boards.VILLAGE, **wanted)  # type: ignore[arg-type]


async def shown_names(serial: str, medium: snapshot.Medium) -> list[str]:
    view = await published.view(serial, medium=medium, actor=boards.OPERATOR)
    return [row.name for row in view.rows]


FOUR = ("罗桂英", "周小勇", "李四", "王五")


async def test_a_posted_list_says_what_it_counts_and_by_which_rules(opened: str) -> None:
    await scored_village(*FOUR)
    receipt = await post()
    view = await published.view(receipt.serial, actor=boards.OPERATOR)
    header = view.header
    assert receipt == Receipt("610428106221-2026Q3-01", view.hash, 2)
    assert (header.region_name, header.township) == ("槐庄村", "彭公镇")
    assert (header.publisher, header.supervisor) == ("槐庄村民委员会", "村务监督委员会")
    assert header.contact == "槐庄村民委员会", "somebody is always there to be asked"
    assert (header.taking_part, header.posted, header.earned_total) == (4, 2, 394)
    assert header.chain_seq == 4
    assert header.rules == (snapshot.RuleRef(1, "槐庄村村规民约", False),)
    assert not header.adopted, "without a record of a vote every publication says so"
    assert (header.display_from, header.display_until) == (date(2026, 10, 8), date(2026, 10, 18))
    assert header.as_of == date(2026, 9, 30)
    assert [(row.rank, row.earned, row.group) for row in view.rows] == [
        (1, 100, "第一村民小组"),
        (2, 99, "第二村民小组"),
    ]


async def test_hash_digests_and_signature_can_be_checked_by_anybody(opened: str) -> None:
    await scored_village(*FOUR)
    receipt = await post()
    page = await published.page(receipt.serial)
    assert hashlib.sha256(page.snapshot.encode()).hexdigest() == receipt.hash
    assert page.view.fingerprint == base64.b32encode(bytes.fromhex(receipt.hash)[:16])[:26].decode()
    for line in page.lines:
        assert line.digest == hashlib.sha256(f"{line.salt}\n{line.content}".encode()).hexdigest()
        assert f"\nweb {line.position} {line.digest}\n" in page.snapshot
    assert signing.is_signed(
        f"xiangyue-publication-1\n{receipt.hash}".encode(),
        signature=base64.b64decode(page.signature),
        public=base64.b64decode(page.public_key),
    )


async def test_names_follow_the_choice_for_wall_and_web_apart(opened: str) -> None:
    homes = await scored_village("罗桂英", "周小勇", "张三", "赵一", "钱二", "孙三", "李四", "吴九")
    forms = [("full", "masked"), ("masked", "unnamed"), ("unnamed", "full"), ("", "")]
    for home, (wall, web) in zip(homes, forms, strict=False):
        await Household.filter(id=home.id).update(name_wall=wall, name_web=web)
    serial = (await post()).serial
    assert await shown_names(serial, "wall") == ["罗桂英", "周＊勇", "一户", "一户"]
    assert await shown_names(serial, "web") == ["罗＊英", "一户", "张三", "一户"]


@pytest.mark.parametrize(
    ("voted", "wall", "posted"),
    [
        (False, "masked", "一户"),  # a book that nobody voted sets nothing
        (True, "masked", "罗＊英"),
        (True, "unnamed", "一户"),
        (True, "", "一户"),
    ],
)
async def test_where_nothing_is_recorded_the_voted_book_decides(
    opened: str, voted: bool, wall: str, posted: str
) -> None:
    await boards.village()
    await boards.rule_book(voted=voted, wall=wall)
    for head, points in (("罗桂英", 9), ("周小勇", 1)):
        await boards.post(await boards.household(head), points)
    receipt = await post()
    assert await shown_names(receipt.serial, "wall") == [posted]
    header = (await published.view(receipt.serial, actor=boards.OPERATOR)).header
    assert header.adopted == voted


async def test_every_version_that_counted_is_named(opened: str) -> None:
    await boards.village()
    await boards.rule_book(voted=True)
    await boards.rule_book(start="2026-09-01")
    await boards.rule_book(start="2026-10-05", voted=True)
    for head, points in (("罗桂英", 9), ("周小勇", 1)):
        await boards.post(await boards.household(head), points)
    draft = await publication.preview(boards.VILLAGE, period=QUARTER, by=boards.OPERATOR)
    assert [(rule.number, rule.adopted) for rule in draft.header.rules] == [(1, True), (2, False)]


async def test_nothing_about_a_household_but_name_group_and_points_gets_in(opened: str) -> None:
    await boards.village()
    await boards.rule_book()
    key = uuid4()
    secrets = {
        "number": "HZ-0731-X",
        "phone": sealing.seal("19900007731", place="household.phone", row=key),
        "phone_index": sealing.index("19900007731", kind="phone"),
        "address": "槐庄东沟七十三号",
        "kind": "脱贫户",
        "welfare": "低保",
        "remarks": "患病",
    }
    home = await boards.household("罗桂英", id=key, name_wall="full", name_web="full", **secrets)
    await boards.post(home, 9)
    await boards.post(await boards.household("周小勇"), 1)
    receipt = await post()
    kept = await Publication.get(serial=receipt.serial)
    rows = await PublicationRow.filter(publication_id=receipt.serial)
    posted = kept.snapshot + "".join(row.content or "" for row in rows)
    for secret in (*secrets.values(), str(key), key.hex, "19900007731", home.pinyin):
        assert secret not in posted
    assert {tuple(msgspec.json.decode(row.content or "")) for row in rows} == {
        ("rank", "name", "group", "earned", "blocks", "rank_before")
    }


async def test_a_repeated_press_gives_the_same_list_and_a_correction_supersedes_it(
    opened: str,
) -> None:
    homes = await scored_village(*FOUR)
    press = uuid4()
    first = await post(id=press)
    assert await post(id=press) == first
    assert await Publication.all().count() == 1
    await boards.post(homes[2], 50)
    second = await post()
    assert second.serial == "610428106221-2026Q3-02"
    assert second.hash != first.hash
    old = await Publication.get(serial=first.serial)
    assert (old.superseded_by, old.hash) == (second.serial, first.hash)
    assert await post(id=press) == first, "an old receipt stays what it was"
    with pytest.raises(IdTaken):
        await post(id=press, period=Period.parse("2026-09"))


async def test_another_block_or_region_supersedes_nothing_and_serials_stay_unique(
    opened: str,
) -> None:
    await scored_village(*FOUR)
    serials = [(await post()).serial, (await post(block="environment")).serial]
    part = await publication.publish(
        f"{boards.VILLAGE}-G01", id=uuid4(), period=QUARTER, by=boards.OPERATOR
    )
    serials.append(part.serial)
    assert serials == [f"610428106221-2026Q3-0{n}" for n in (1, 2, 3)]
    assert not await Publication.exclude(superseded_by="").exists()
    view = await published.view(part.serial, actor=boards.OPERATOR)
    assert view.header.region_name == "槐庄村第一村民小组"
    assert view.header.taking_part == 2


async def test_a_running_period_says_up_to_which_day_it_counts(opened: str) -> None:
    homes = await scored_village("罗桂英", "周小勇")
    await boards.post(homes[0], 5, on="2026-10-05")
    await boards.post(homes[1], 1, on="2026-10-05")
    receipt = await post(period=Period.parse("2026Q4"))
    header = (await published.view(receipt.serial, actor=boards.OPERATOR)).header
    assert header.as_of == date(2026, 10, 8)


async def test_a_rise_is_posted_only_between_places_that_were_both_posted(opened: str) -> None:
    heads = ["甲一一", "乙二二", "丙三三", "丁四四", "戊五五", "己六六"]
    homes = await scored_village(*heads)
    await Household.filter(village=boards.VILLAGE).update(name_wall="full", name_web="unnamed")
    for n, home in enumerate(homes):  # the quarter before: 乙 first, 甲 second, 丁 third ...
        points = [80, 90, 10, 70, 60, 50][n]
        await boards.post(home, points, on="2026-05-31")

    async def before(medium: snapshot.Medium) -> list[int | None]:
        serial = (await post()).serial
        view = await published.view(serial, medium=medium, actor=boards.OPERATOR)
        return [row.rank_before for row in view.rows]

    assert await before("wall") == [None, None, None], "nothing was posted for that quarter"
    await post(period=Period.parse("2026Q2"))
    assert await before("wall") == [2, 1, None], "丙's last place was never posted"
    assert await before("web") == [None, None, None], "unnamed rows join to no older list"


async def test_a_list_without_anything_to_post_is_refused_and_leaves_nothing(opened: str) -> None:
    await boards.village()
    await boards.rule_book()
    with pytest.raises(NothingToPublish) as refusal:
        await post()
    assert refusal.value.taking_part == 0
    await boards.post(await boards.household("罗桂英"), 9)
    with pytest.raises(NothingToPublish):
        await post()
    assert not await Publication.exists()
    assert not await AuditLine.filter(verb="publications.publish").exists()


@pytest.mark.parametrize("days", [0, 9, 91, -1])
async def test_a_list_hangs_ten_to_ninety_days(opened: str, days: int) -> None:
    await scored_village(*FOUR)
    with pytest.raises(DisplayDaysRefused):
        await post(days=days)
    receipt = await post(days=15)
    assert (await Publication.get(serial=receipt.serial)).display_until == date(2026, 10, 23)


async def test_the_village_sets_how_many_are_posted_and_who_answers(opened: str) -> None:
    await scored_village(*FOUR)
    scheme = Scheme(posted_first_n=1, display_days=30, contact="监督电话 199-0000-0000")
    await settings.write(boards.VILLAGE, scheme, by=boards.OPERATOR)
    receipt = await post()
    header = (await published.view(receipt.serial, actor=boards.OPERATOR)).header
    assert (header.posted, header.contact) == (1, "监督电话 199-0000-0000")
    assert header.display_until == date(2026, 11, 7)


async def test_rows_are_public_while_on_display_and_not_a_day_longer(opened: str) -> None:
    await scored_village(*FOUR)
    serial = (await post()).serial
    last = datetime(2026, 10, 18, 15, 59, tzinfo=UTC)  # a minute to midnight in China
    with clock.stopped_at(last):
        page = await published.page(serial)
        assert len(page.view.rows) == 2
        assert all(line.content for line in page.lines)
    with clock.stopped_at(last + timedelta(minutes=1)):
        page = await published.page(serial)
        assert (page.view.rows, page.view.state) == ((), "ended")
        assert [(line.salt, line.content) for line in page.lines] == [(None, None)] * 2
        assert page.view.header.posted == 2
        assert snapshot.hash_of(page.snapshot) == page.view.hash


async def test_a_superseded_or_taken_down_list_shows_no_rows_either(opened: str) -> None:
    await scored_village(*FOUR)
    first, second = (await post()).serial, (await post()).serial
    page = await published.page(first)
    assert (page.view.state, page.view.superseded_by, page.view.rows) == ("superseded", second, ())
    await publication.mark_taken_down(second, on=date(2026, 10, 8), by=boards.OPERATOR)
    page = await published.page(second)
    assert (page.view.state, page.view.rows) == ("ended", ())
    assert not any(line.content for line in page.lines)


async def test_a_withdrawn_name_is_erased_everywhere_and_the_proof_stands(opened: str) -> None:
    homes = await scored_village("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")
    await Household.filter(village=boards.VILLAGE).update(name_wall="full", name_web="full")
    receipts = [await post(), await post(period=Period.parse("2026-09"))]
    assert await publication.withdraw_name(homes[1].id, by=boards.OPERATOR) == 2
    assert await publication.withdraw_name(homes[1].id, by=boards.OPERATOR) == 0
    for receipt in receipts:
        view = await published.view(receipt.serial, actor=boards.OPERATOR)
        assert [(row.rank, row.name, row.removed) for row in view.rows] == [
            (1, "罗桂英", False), (2, "", True), (3, "李四", False),
        ]  # fmt: skip
        page = await published.page(receipt.serial)
        assert f"\nweb 2 {page.lines[1].digest}\n" in page.snapshot
        assert snapshot.hash_of(page.snapshot) == receipt.hash
    rows = await database.rows("SELECT salt, content, household_id FROM publication_row")
    assert "周小勇" not in str(rows)
    assert str(homes[1].id) not in str(rows)


async def test_hung_and_taken_down_are_recorded_in_order_and_never_ahead(opened: str) -> None:
    await scored_village(*FOUR)
    serial = (await post()).serial

    async def hang(day: int) -> None:
        await publication.mark_hung(serial, on=date(2026, 10, day), by=boards.OPERATOR)

    async def take_down(day: int) -> None:
        await publication.mark_taken_down(serial, on=date(2026, 10, day), by=boards.OPERATOR)

    with clock.stopped_at(boards.NOW + timedelta(days=11)):
        for refused in (hang(7), hang(20), take_down(7), take_down(20)):
            with pytest.raises(PublicationDateRefused):
                await refused
        await hang(9)
        with pytest.raises(PublicationDateRefused):
            await take_down(8)
        await take_down(19)
        with pytest.raises(PublicationDateRefused):
            await publication.mark_hung(serial, on=date(2026, 10, 20), by=boards.OPERATOR)
    kept = await Publication.get(serial=serial)
    assert (kept.hung_on, kept.taken_down_on) == (date(2026, 10, 9), date(2026, 10, 19))


async def test_what_hangs_too_long_comes_first_and_what_came_down_is_gone(opened: str) -> None:
    await scored_village(*FOUR)
    late = (await post(period=Period.parse("2026-09"))).serial
    corrected, waiting, down = [(await post()).serial for _ in range(3)]
    for serial in (late, corrected, down):
        await publication.mark_hung(serial, on=date(2026, 10, 8), by=boards.OPERATOR)
    await publication.mark_taken_down(down, on=date(2026, 10, 8), by=boards.OPERATOR)
    waiting = (await post(days=90)).serial

    async def seen() -> list[tuple[str, str]]:
        return [(x.serial, x.wall) for x in await published.on_walls(boards.OPERATOR)]

    assert await seen() == [(corrected, "to_take_down"), (waiting, "to_hang"), (late, "hanging")]
    with clock.stopped_at(boards.NOW + timedelta(days=11)):
        assert set(await seen()) == {
            (late, "to_take_down"), (corrected, "to_take_down"), (waiting, "to_hang"),
        }  # fmt: skip


async def test_a_village_is_reminded_of_what_it_scored_and_did_not_post(opened: str) -> None:
    await scored_village(*FOUR)
    await boards.village("610428106222", name="邻村村委会")  # scored nothing
    due = await published.due(boards.OPERATOR)
    assert [(each.village, each.period, each.since) for each in due] == [
        (boards.VILLAGE, "2026Q3", date(2026, 10, 1))
    ]
    await post()
    assert await published.due(boards.OPERATOR) == []
    await settings.write(boards.VILLAGE, Scheme(posted_period="month"), by=boards.OPERATOR)
    assert [each.period for each in await published.due(boards.OPERATOR)] == ["2026-09"]


async def test_officials_reach_their_own_publications_and_no_others(opened: str) -> None:
    await scored_village(*FOUR)
    serial = (await post()).serial
    elsewhere = await boards.village("610428106222", name="邻村村委会")
    here = await Region.get(code=boards.VILLAGE)
    stranger, reader = boards.official("clerk", elsewhere), boards.official("scorer", here)
    with pytest.raises(PublicationNotFound):
        await published.view(serial, actor=stranger)
    with pytest.raises(PublicationNotFound):
        await publication.mark_hung(serial, on=date(2026, 10, 8), by=stranger)
    with pytest.raises(RegionNotFound):
        await post(by=stranger)
    with pytest.raises(NotAllowed):
        await post(by=reader)
    assert (await published.listing(stranger)) == ([], 0)
    assert (await published.on_walls(stranger)) == []
    found, total = await published.listing(reader)
    assert [each.serial for each in found] == [serial]
    assert total == 1
    assert (await published.view(serial, actor=reader)).header.serial == serial


async def test_an_unknown_serial_is_not_found(opened: str) -> None:
    with pytest.raises(PublicationNotFound):
        await published.page("610428106221-2026Q3-99")


@pytest.mark.parametrize(
    ("official", "place", "committee"),
    [
        ("槐庄村委会", "槐庄村", "槐庄村民委员会"),
        ("槐庄村民委员会", "槐庄村", "槐庄村民委员会"),
        ("南村村委会", "南村村", "南村村民委员会"),
        ("槐庄村", "槐庄村", "槐庄村民委员会"),
        ("金润社区居民委员会", "金润社区", "金润社区居民委员会"),
        ("金润社区居委会", "金润社区", "金润社区居民委员会"),
    ],
)
def test_a_village_is_called_as_people_call_it(official: str, place: str, committee: str) -> None:
    assert draft.place_name(official) == place
    assert draft.committee(official) == committee
