"""Households and their people: who may find them, who may change what, what is written down."""

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

import factories
import pytest
from factories import OTHER_VILLAGE, TOWNSHIP, VILLAGE, id_number, official, person

from foundation import clock, database
from foundation.models import AuditLine
from households import card, listing, members, moves, register, settings
from households.details import HouseholdChanges, HouseholdDetails, ResidentChanges
from households.errors import (
    DetailRefused,
    HouseholdChanged,
    HouseholdLeft,
    HouseholdNotFound,
    IdNumberNotKept,
    NotAllowed,
    NumberTaken,
    PurposeMissing,
    RegionNotFound,
)

PHONE = "19912340123"
CLERK = official("clerk")


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def test_a_household_is_found_by_its_own_village_and_by_those_above_it() -> None:
    key = await factories.household("张明", "7", group=f"{VILLAGE}-G02")
    for actor in (
        CLERK,
        official("township_official", TOWNSHIP),
        official("group_cadre", f"{VILLAGE}-G02"),
        factories.OPERATOR,
    ):
        assert (await register.household(key, actor=actor)).head == "张明"
    for actor in (official("clerk", OTHER_VILLAGE), official("group_cadre", f"{VILLAGE}-G03")):
        with pytest.raises(HouseholdNotFound):
            await register.household(key, actor=actor)
        assert (await listing.listing(actor)).total == 0


async def test_a_grid_worker_sees_his_grid_with_its_micro_grids_and_no_other() -> None:
    from households import regions

    for number in (1, 10):
        await regions.create_local(
            VILLAGE, level="grid", name=f"网格{number}", number=number, by=factories.OPERATOR
        )
    await regions.create_local(
        f"{VILLAGE}-W001", level="micro_grid", name="微网格", number=1, by=factories.OPERATOR
    )
    inside = await factories.household("张明", grid=f"{VILLAGE}-W001-01")
    beside = await factories.household("王明", grid=f"{VILLAGE}-W010")
    worker = official("grid_worker", f"{VILLAGE}-W001")
    assert [row.id for row in (await listing.listing(worker)).rows] == [inside]
    with pytest.raises(HouseholdNotFound):
        await card.card(beside, actor=worker)


async def test_who_may_read_but_not_write_is_told_so() -> None:
    key = await factories.household("张明")
    with pytest.raises(NotAllowed):
        await register.change(key, HouseholdChanges(number="8"), revision=1, by=official("scorer"))
    with pytest.raises(NotAllowed):
        await register.household(key, actor=official("county_official", factories.COUNTY))
    with pytest.raises(NotAllowed):
        await register.create(VILLAGE, HouseholdDetails(head="李四"), by=official("scorer"))
    with pytest.raises(RegionNotFound):
        await register.create(OTHER_VILLAGE, HouseholdDetails(head="李四"), by=CLERK)


async def test_a_clerk_who_saw_an_older_household_changes_nothing() -> None:
    key = await factories.household("张明", "7")
    assert await register.change(key, HouseholdChanges(number="8"), revision=1, by=CLERK) == 2
    with pytest.raises(HouseholdChanged) as refusal:
        await register.change(key, HouseholdChanges(number="9"), revision=1, by=CLERK)
    assert refusal.value.revision == 2
    assert (await card.card(key, actor=CLERK)).number == "8"


async def test_of_two_clerks_at_once_one_is_refused() -> None:
    key = await factories.household("张明", "7")
    answers = await asyncio.gather(
        *(
            register.change(key, HouseholdChanges(number=number), revision=1, by=CLERK)
            for number in ("8", "9")
        ),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["HouseholdChanged", "int"]


async def test_a_number_belongs_to_one_household_of_the_village() -> None:
    await factories.household("张明", "7")
    second = await factories.household("李四", "8")
    with pytest.raises(NumberTaken):
        await factories.household("王五", "7")
    with pytest.raises(NumberTaken):
        await register.change(second, HouseholdChanges(number="7"), revision=1, by=CLERK)
    batch = [HouseholdDetails(head=head, number="9") for head in ("赵六", "钱七")]
    with pytest.raises(NumberTaken):
        await register.create_many(VILLAGE, batch, by=CLERK)
    await register.create(
        OTHER_VILLAGE, HouseholdDetails(head="周八", number="7"), by=factories.OPERATOR
    )
    assert (await listing.listing(CLERK)).total == 2


async def test_numbers_of_households_at_once_stay_unique() -> None:
    answers = await asyncio.gather(
        *(factories.household(f"张{name}", "7") for name in "甲乙丙丁"), return_exceptions=True
    )
    assert sum(isinstance(answer, NumberTaken) for answer in answers) == 3
    assert (await listing.listing(CLERK)).total == 1


async def test_creating_again_with_the_same_id_makes_no_second_household() -> None:
    key = uuid4()
    given = HouseholdDetails(head="张明", number="7", id=key)
    assert await register.create(VILLAGE, given, by=CLERK) == key
    assert await register.create(VILLAGE, given, by=CLERK) == key
    assert (await listing.listing(CLERK)).total == 1
    with pytest.raises(HouseholdChanged):
        await register.create(VILLAGE, HouseholdDetails(head="王五", id=key), by=CLERK)


async def test_a_group_of_another_village_is_refused() -> None:
    with pytest.raises(RegionNotFound):
        await factories.household("张明", group=f"{OTHER_VILLAGE}-G01")
    with pytest.raises(RegionNotFound):
        await factories.household("张明", grid=f"{VILLAGE}-G01")
    assert (await listing.listing(CLERK)).total == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "199123401", "phone_invalid"),
        ("head", "12", "name_invalid"),
        ("head", " ", "name_missing"),
        ("number", "9" * 21, "too_long"),
        ("joined_on", date(2999, 1, 1), "in_future"),
    ],
)
async def test_what_cannot_be_written_down_is_named(field: str, value: object, code: str) -> None:
    with pytest.raises(DetailRefused) as refusal:
        await factories.household(**{"head": "张明", field: value})  # type: ignore[arg-type]
    assert (refusal.value.field, refusal.value.code) == (field, code)


async def test_full_width_digits_and_letters_are_the_same_number() -> None:
    key = await factories.household(
        "张明", "７", phone="１９９１２３４０１２３", residents=[
            person("张明", "户主", id_number=id_number(13).lower())
        ],
    )  # fmt: skip
    assert (await card.card(key, actor=CLERK)).number == "7"
    assert (await listing.listing(CLERK, q=PHONE)).total == 1
    assert (await listing.listing(CLERK, q=id_number(13))).total == 1


async def test_the_card_shows_no_whole_number_and_nothing_restricted() -> None:
    number = id_number(11, born="20150203")
    key = await factories.household(
        "张明",
        phone=PHONE,
        welfare="低保",
        kind="脱贫户",
        remarks="重病",
        residents=[person("张小明", "长子", id_number=number, phone="19912340199")],
    )
    shown = await card.card(key, actor=CLERK)
    assert shown.phone == "199****0123"
    head, child = shown.residents
    assert (head.name, head.relation, head.id_state) == ("张明", "户主", "")
    assert (child.id_state, child.id_number, child.phone) == ("digest", "", "199****0199")
    assert (child.sex, child.born_on, child.is_minor) == ("男", date(2015, 2, 3), True)
    for secret in (PHONE, number, "低保", "脱贫", "重病"):
        assert secret not in repr(shown)
        assert secret not in repr(await listing.listing(CLERK))
    for search in ("低保", "脱贫", "重病"):
        assert (await listing.listing(CLERK, q=search)).total == 0


async def test_a_look_behind_the_seal_needs_a_purpose_and_a_permission_and_is_logged() -> None:
    key = await factories.household("张明", phone=PHONE)
    with pytest.raises(PurposeMissing):
        await card.unmask_phone(key, purpose=" ", by=CLERK)
    with pytest.raises(NotAllowed):
        await card.unmask_phone(key, purpose="电话通知", by=official("scorer"))
    with pytest.raises(HouseholdNotFound):
        await card.unmask_phone(key, purpose="电话通知", by=official("clerk", OTHER_VILLAGE))
    assert await AuditLine.filter(verb="register.unmask").count() == 0
    assert await card.unmask_phone(key, purpose="电话通知", by=CLERK) == PHONE
    line = await AuditLine.get(verb="register.unmask")
    assert line.facts == {"purpose": "电话通知", "field": "phone"}
    assert (line.actor, line.village) == (CLERK.label, VILLAGE)


async def test_restricted_fields_are_read_and_written_only_with_their_permission() -> None:
    key = await factories.household("张明", welfare="低保")
    with pytest.raises(NotAllowed):
        await card.restricted(key, purpose="入户核查", by=official("township_official", TOWNSHIP))
    seen = await card.restricted(key, purpose="入户核查", by=CLERK)
    assert (seen.welfare, seen.kind) == ("低保", "")
    assert await AuditLine.filter(verb="register.read_restricted").count() == 1


async def test_an_id_number_is_only_a_digest_unless_the_village_says_what_for() -> None:
    number = id_number(21)
    first = await factories.household("张明", residents=[person("张明", "户主", id_number=number)])
    (resident,) = (await card.card(first, actor=CLERK)).residents
    with pytest.raises(IdNumberNotKept):
        await card.unmask(resident.id, field="id_number", purpose="核对", by=CLERK)
    assert await card.check_id_number(resident.id, number, purpose="核对", by=CLERK)
    assert not await card.check_id_number(resident.id, id_number(23), purpose="核对", by=CLERK)

    wanted = settings.RegisterSettings(keep_id_numbers=True, id_purpose="医保代缴")
    await settings.write(VILLAGE, wanted, by=CLERK)
    second = await factories.household("李四", residents=[person("李四", "户主", id_number=number)])
    (resident,) = (await card.card(second, actor=CLERK)).residents
    assert (resident.id_state, resident.id_number) == ("kept", f"9904**********{number[-4:]}")
    assert await card.unmask(resident.id, field="id_number", purpose="核对", by=CLERK) == number

    await settings.write(VILLAGE, settings.RegisterSettings(), by=CLERK)
    (resident,) = (await card.card(second, actor=CLERK)).residents
    assert (resident.id_state, resident.id_number) == ("digest", "")


async def test_a_value_copied_into_another_row_does_not_open() -> None:
    from foundation.errors import SealBroken

    one = await factories.household("张明", phone=PHONE)
    other = await factories.household("李四")
    await database.execute(
        "UPDATE household SET phone = (SELECT phone FROM household WHERE id = ?) WHERE id = ?",
        [one, other],
    )
    with pytest.raises(SealBroken):
        await card.card(other, actor=CLERK)


async def test_a_household_that_left_is_off_the_roster_and_cannot_be_changed() -> None:
    key = await factories.household("张明", "7")
    with clock.stopped_at(datetime(2026, 10, 20, tzinfo=UTC)):
        with pytest.raises(DetailRefused):
            await moves.leave(
                key, moves.Day(on=date(2026, 10, 21)), id=uuid4(), revision=1, by=CLERK
            )
        day = moves.Day(on=date(2026, 10, 15))
        await moves.leave(key, day, id=uuid4(), revision=1, by=CLERK)
    revision = 2
    assert await register.roster(VILLAGE) == []
    assert await register.roster(VILLAGE, on=date(2026, 10, 15)) == []
    assert [ref.id for ref in await register.roster(VILLAGE, on=date(2026, 10, 14))] == [key]
    with pytest.raises(HouseholdLeft):
        await register.change(key, HouseholdChanges(number="8"), revision=revision, by=CLERK)
    assert (await listing.listing(CLERK, state="left")).total == 1
    day = moves.Day(on=clock.today())
    await moves.come_back(key, day, id=uuid4(), revision=revision, by=CLERK)
    assert [ref.state for ref in await register.roster(VILLAGE)] == ["active"]


async def test_the_head_is_one_person_and_gives_the_household_its_name() -> None:
    key = await factories.household("张明", residents=[person("王秀英", "配偶")])
    shown = await card.card(key, actor=CLERK)
    head, spouse = shown.residents
    with pytest.raises(DetailRefused):
        await members.leave(head.id, revision=1, by=CLERK)
    with pytest.raises(DetailRefused):
        await members.add(key, person("张强", "户主"), revision=1, by=CLERK)
    revision = await members.change(head.id, ResidentChanges(name="张鸣"), revision=1, by=CLERK)
    assert (await card.card(key, actor=CLERK)).head == "张鸣"
    revision = await register.change(
        key, HouseholdChanges(head_id=spouse.id), revision=revision, by=CLERK
    )
    shown = await card.card(key, actor=CLERK)
    assert (shown.head, shown.residents[0].name) == ("王秀英", "王秀英")
    assert [one.relation for one in shown.residents] == ["户主", ""]
    await members.leave(head.id, revision=revision, by=CLERK)
    assert (await listing.listing(CLERK)).rows[0].members == 1
    assert (await listing.listing(CLERK, q="wxy")).total == 1


async def test_households_whose_head_is_a_minor_are_known() -> None:
    young = await factories.household(
        "张小明", residents=[person("张小明", "户主", born_on=date(2010, 11, 2))]
    )
    await factories.household("张明", residents=[person("张明", "户主", born_on=date(1980, 1, 1))])
    assert await register.minor_heads(VILLAGE, on=date(2028, 11, 1)) == {young}
    assert await register.minor_heads(VILLAGE, on=date(2028, 11, 2)) == set()


async def test_every_write_leaves_one_line_that_holds_no_number() -> None:
    key = await factories.household("张明", phone=PHONE)
    await register.change(key, HouseholdChanges(phone="19912340199"), revision=1, by=CLERK)
    await members.add(key, person("王秀英", "配偶", id_number=id_number(2)), revision=2, by=CLERK)
    lines = await AuditLine.filter(verb__startswith="register.").order_by("id")
    assert [line.verb for line in lines] == [
        "register.create", "register.change", "register.add_member",
    ]  # fmt: skip
    assert lines[1].facts == {"fields": ["phone"]}
    for secret in (PHONE, "19912340199", id_number(2), "秀英"):
        assert secret not in "".join(str(line.facts) for line in lines)


async def test_what_is_typed_again_as_it_is_changes_nothing() -> None:
    key = await factories.household(
        "张明", "7", phone=PHONE, address="村东", residents=[person("张明", "户主", sex="男")]
    )
    (head,) = (await card.card(key, actor=CLERK)).residents
    same = HouseholdChanges(number="7", phone=PHONE, address="村东", head_id=head.id)
    assert await register.change(key, same, revision=1, by=CLERK) == 1
    unchanged = ResidentChanges(name="张明", relation="户主", sex="男")
    assert await members.change(head.id, unchanged, revision=1, by=CLERK) == 1
    assert await AuditLine.filter(verb__startswith="register.change").count() == 0
    other = HouseholdChanges(number="7", phone=PHONE, address="村西", head_id=head.id)
    assert await register.change(key, other, revision=1, by=CLERK) == 2
    line = await AuditLine.get(verb="register.change")
    assert line.facts == {"fields": ["address"]}
