"""Officials: who may make whom, where, and what nobody can give himself."""

import asyncio
from uuid import UUID, uuid4

import factories
import pytest
from factories import COUNTY, OPERATOR, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import ON_SQLITE

from foundation import trail
from foundation.actors import Actor
from foundation.errors import Refusal
from foundation.models import AuditLine
from foundation.trail import Wanted
from households import directory, divisions, duties, duty_export, officials, passwords
from households.errors import (
    HouseholdNotFound,
    LoginTaken,
    NotAllowed,
    OfficialNotFound,
    OfficialRefused,
    RegionNotFound,
    RoleUnknown,
)
from households.models import Official

ALL_ROLES = {
    "clerk",
    "scorer",
    "panel_member",
    "supervisor",
    "grid_worker",
    "group_cadre",
    "township_official",
    "county_official",
    "auditor",
    "admin",
}
VILLAGE_ROLES = {"clerk", "scorer", "panel_member", "supervisor", "grid_worker", "group_cadre"}
# Whom each role may make within its own subtree; the truth that the code is held against.
MAY_MAKE: dict[str, set[str]] = {role: set() for role in ALL_ROLES} | {
    "admin": ALL_ROLES,
    "township_official": VILLAGE_ROLES,
}


@pytest.fixture
async def county(opened: str) -> None:
    """A county with a second one beside it, see `factories.divisions`."""
    await factories.divisions()
    other = [
        divisions.Division("990100000000", "邻县", "", "county"),
        divisions.Division("990100001000", "邻镇", "990100000000", "township"),
        divisions.Division("990100001001", "邻村", "990100001000", "village"),
    ]
    await divisions.store(other, by=OPERATOR)


async def made(login: str, role: str, region: str = VILLAGE, *, by: Actor = OPERATOR) -> Actor:
    """A new official as somebody who acts; hashing is done once, it is not what is tested."""
    official = await officials._create(
        login,
        name="王秋实",
        role=role,
        region=region,
        password_hash="no password fits this",
        by=by,
        household_id=None,
        must_change_password=False,
    )
    return await officials.actor_of(official)


# -- whom one may make --------------------------------------------------------------------


def test_the_roles_are_the_ten_of_the_field() -> None:
    assert set(officials.ROLES) == ALL_ROLES


@ON_SQLITE
@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("role", sorted(ALL_ROLES))
async def test_a_role_makes_those_below_it_and_nobody_else(role: str) -> None:
    maker = await made("maker", role, TOWNSHIP)
    could = set()
    for wanted in sorted(ALL_ROLES):
        try:
            await made(f"new-{wanted}", wanted, by=maker)
            could.add(wanted)
        except NotAllowed:
            assert not await Official.exists(login=f"new-{wanted}")
    assert could == MAY_MAKE[role]
    assert set(officials.grantable(maker)) == MAY_MAKE[role]


@ON_SQLITE
@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("region", [TOWNSHIP, VILLAGE, "990100001001", "nowhere"])
@pytest.mark.parametrize("role", ["admin", "township_official"])
async def test_nobody_is_made_beside_the_makers_own_subtree(role: str, region: str) -> None:
    maker = await made("maker", role, OTHER_VILLAGE)
    with pytest.raises(RegionNotFound):
        await made("new", "scorer", region, by=maker)
    assert await Official.all().count() == 1


@pytest.mark.usefixtures("county")
async def test_two_duties_do_not_add_up_to_more_than_each_allows_in_its_place() -> None:
    """Administrator of one village, cadre of the township: no administrators of the township."""
    maker = await made("maker", "township_official", TOWNSHIP)
    await duties.add(maker.id or uuid4(), role="admin", region=OTHER_VILLAGE, by=OPERATOR)
    maker = await officials.by_login("maker")
    await made("in his village", "admin", OTHER_VILLAGE, by=maker)
    for region in (TOWNSHIP, VILLAGE):
        with pytest.raises(NotAllowed):
            await made("elsewhere", "admin", region, by=maker)


@ON_SQLITE
@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("role", sorted(ALL_ROLES - {"admin"}))
async def test_nobody_gives_himself_more(role: str) -> None:
    me = await made("me", role, TOWNSHIP)
    assert me.id is not None
    for wanted in ALL_ROLES:
        with pytest.raises(Refusal) as refused:
            await duties.add(me.id, role=wanted, region=TOWNSHIP, by=me)
        assert isinstance(refused.value, OfficialNotFound)
    assert (await officials.by_login("me")).duties == me.duties


@ON_SQLITE
@pytest.mark.usefixtures("county")
@pytest.mark.parametrize(
    ("manager", "other", "reached"),
    [
        (("township_official", TOWNSHIP), ("clerk", VILLAGE), True),
        (("township_official", TOWNSHIP), ("group_cadre", f"{VILLAGE}-G01"), True),
        (("township_official", TOWNSHIP), ("township_official", TOWNSHIP), False),
        (("township_official", TOWNSHIP), ("admin", VILLAGE), False),
        (("township_official", TOWNSHIP), ("auditor", VILLAGE), False),
        (("township_official", TOWNSHIP), ("clerk", "990100001001"), False),
        (("township_official", TOWNSHIP), ("county_official", COUNTY), False),
        (("admin", COUNTY), ("admin", COUNTY), True),
        (("admin", COUNTY), ("clerk", "990100001001"), False),
        (("admin", VILLAGE), ("admin", COUNTY), False),
        (("clerk", VILLAGE), ("scorer", VILLAGE), False),
        (("county_official", COUNTY), ("clerk", VILLAGE), False),
    ],
)
async def test_a_login_is_changed_only_by_who_decides_about_all_its_duties(
    manager: tuple[str, str], other: tuple[str, str], reached: bool
) -> None:
    by, official = await made("manager", *manager), await made("other", *other)
    assert official.id is not None
    verbs = (
        officials.reset_password(official.id, by=by),
        officials.set_active(official.id, False, by=by),
        officials.link_household(official.id, None, by=by),
    )
    for verb in verbs:
        if reached:
            await verb
            continue
        with pytest.raises(OfficialNotFound):
            await verb
    kept = await Official.get(id=official.id)
    assert (kept.password == "no password fits this") is not reached
    assert kept.active is not reached


@pytest.mark.usefixtures("county")
async def test_who_serves_elsewhere_too_is_not_taken_over_from_one_side() -> None:
    both = await made("both", "clerk", VILLAGE)
    assert both.id is not None
    await duties.add(both.id, role="clerk", region="990100001001", by=OPERATOR)
    township = await made("township", "township_official", TOWNSHIP)
    with pytest.raises(OfficialNotFound):
        await officials.reset_password(both.id, by=township)
    seen = {view.login: view for view in await directory.listing(township)}
    assert [duty.region for duty in seen["both"].duties] == [VILLAGE]  # not the other county
    assert not seen["both"].managed


@pytest.mark.usefixtures("county")
async def test_the_last_duty_stays_and_the_login_is_closed_instead() -> None:
    official = await made("one", "clerk")
    assert official.id is not None
    with pytest.raises(OfficialRefused) as refused:
        await duties.remove(official.id, role="clerk", region=VILLAGE, by=OPERATOR)
    assert refused.value.reason == "last_duty"
    await duties.add(official.id, role="scorer", region=VILLAGE, by=OPERATOR)
    await duties.remove(official.id, role="clerk", region=VILLAGE, by=OPERATOR)
    assert [duty.role for duty in (await officials.by_login("one")).duties] == ["scorer"]
    await officials.set_active(official.id, False, by=OPERATOR)
    with pytest.raises(OfficialNotFound):
        await officials.by_login("one")


# -- what is refused ----------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.usefixtures("county")
@pytest.mark.parametrize(
    "login", ["", " ", "a", "长" * 41, "a b", "a\tb", "operator:root", "<script>", "a\nb"]
)
async def test_a_login_that_cannot_be_typed_or_read_is_refused(login: str) -> None:
    with pytest.raises(OfficialRefused):
        await officials.create(
            login, name="王", role="clerk", region=VILLAGE, password="throw away 99", by=OPERATOR
        )


@pytest.mark.usefixtures("county")
async def test_a_login_is_trimmed_and_there_is_one_of_it_also_when_raced() -> None:
    async def create() -> Official:
        return await made("wangqs", "clerk")  # type: ignore[return-value]

    outcomes = await asyncio.gather(*(create() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, Actor) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LoginTaken) for outcome in outcomes) == 4
    with pytest.raises(LoginTaken):
        await officials.create(
            " wangqs ",
            name="王",
            role="clerk",
            region=VILLAGE,
            password="throw away 99",
            by=OPERATOR,
        )


@pytest.mark.usefixtures("county")
async def test_role_region_name_and_password_are_checked() -> None:
    good = {"name": "王", "role": "clerk", "region": VILLAGE, "password": "throw away 99"}
    for wrong, refusal in (
        ({"role": "emperor"}, RoleUnknown),
        ({"region": "610428106999"}, RegionNotFound),
        ({"name": " "}, OfficialRefused),
        ({"name": "长" * 61}, OfficialRefused),
        ({"household_id": uuid4()}, HouseholdNotFound),
    ):
        with pytest.raises(refusal):
            await officials.create("wangqs", **{**good, **wrong}, by=OPERATOR)  # type: ignore[arg-type]
    assert await Official.all().count() == 0
    official = await officials.create("wangqs", **good, by=OPERATOR)
    assert await passwords.matches("throw away 99", official.password)
    assert official.must_change_password


# -- one's own household ------------------------------------------------------------------


@pytest.mark.usefixtures("county")
async def test_an_own_household_lies_in_the_reach_of_who_records_it() -> None:
    own = await factories.household("王秋实", "1")
    scorer = await made("scorer", "scorer")
    assert scorer.id is not None
    elsewhere = await made("elsewhere", "admin", OTHER_VILLAGE)
    await duties.add(scorer.id, role="scorer", region=OTHER_VILLAGE, by=OPERATOR)
    with pytest.raises(OfficialNotFound):
        await officials.link_household(scorer.id, own, by=elsewhere)
    admin = await made("admin", "admin", TOWNSHIP)
    with pytest.raises(HouseholdNotFound):
        await officials.link_household(scorer.id, uuid4(), by=admin)
    await officials.link_household(scorer.id, own, by=admin)
    assert (await officials.by_login("scorer")).household_id == own


@pytest.mark.usefixtures("county")
async def test_nobody_frees_himself_to_score_his_own_family() -> None:
    own, other = await factories.household("王秋实", "1"), await factories.household("李", "2")
    admin = await made("admin", "admin")
    assert admin.id is not None
    await officials.link_household(admin.id, own, by=admin)
    wanted: UUID | None
    for wanted in (None, other):
        with pytest.raises(NotAllowed):
            await officials.link_household(admin.id, wanted, by=admin)
    assert (await officials.by_login("admin")).household_id == own
    await officials.link_household(admin.id, other, by=await made("another", "admin"))
    assert (await officials.by_login("admin")).household_id == other


# -- reading ------------------------------------------------------------------------------


@pytest.mark.usefixtures("county")
async def test_the_list_shows_those_in_reach() -> None:
    for login, role, region in (
        ("a-clerk", "clerk", VILLAGE),
        ("b-clerk", "clerk", OTHER_VILLAGE),
        ("c-township", "township_official", TOWNSHIP),
        ("d-other-county", "admin", "990100000000"),
    ):
        await made(login, role, region)

    async def logins(role: str, region: str) -> list[str]:
        actor = factories.official(role, region)
        return [view.login for view in await directory.listing(actor)]

    assert await logins("clerk", VILLAGE) == ["a-clerk"]
    assert await logins("township_official", TOWNSHIP) == ["a-clerk", "b-clerk", "c-township"]
    assert await logins("county_official", COUNTY) == ["a-clerk", "b-clerk", "c-township"]
    assert await logins("scorer", VILLAGE) == []
    township = factories.official("township_official", TOWNSHIP)
    managed = [view.login for view in await directory.listing(township) if view.managed]
    assert managed == ["a-clerk", "b-clerk"]


@pytest.mark.usefixtures("county")
async def test_what_was_done_to_whom_by_whom_is_in_the_log() -> None:
    admin = await made("admin", "admin", TOWNSHIP)
    clerk = await made("clerk", "clerk", by=admin)
    assert clerk.id is not None
    await duties.add(clerk.id, role="scorer", region=VILLAGE, by=admin)
    await duties.remove(clerk.id, role="scorer", region=VILLAGE, by=admin)
    await officials.set_active(clerk.id, False, by=admin)
    await officials.set_active(clerk.id, True, by=admin)
    await officials.reset_password(clerk.id, by=admin)
    wanted = Wanted(subjects=[f"official:{clerk.id}"], actors=[admin.label])
    lines = (await trail.page(None, wanted)).lines
    assert [line.verb.removeprefix("officials.") for line in reversed(lines)] == [
        "create",
        "add_duty",
        "remove_duty",
        "deactivate",
        "activate",
        "reset_password",
    ]


@pytest.mark.usefixtures("county")
async def test_the_list_is_searched_filtered_and_sorted() -> None:
    for login, name, role, region in (
        ("b-clerk", "赵一", "clerk", VILLAGE),
        ("a-scorer", "王二", "scorer", VILLAGE),
        ("c-clerk", "安三", "clerk", OTHER_VILLAGE),
    ):
        made_ = await made(login, role, region)
        await Official.filter(id=made_.id).update(name=name)
    admin = factories.official("admin", COUNTY)

    async def found(**which: object) -> list[str]:
        wanted = directory.Filter(**which)  # type: ignore[arg-type]
        return [one.login for one in await directory.search(admin, wanted)]

    assert await found() == ["a-scorer", "b-clerk", "c-clerk"]
    assert await found(sort="name") == ["c-clerk", "a-scorer", "b-clerk"]
    assert await found(sort="role", down=True) == ["a-scorer", "c-clerk", "b-clerk"]
    assert await found(q="赵") == ["b-clerk"]
    assert await found(role="clerk", region=VILLAGE) == ["b-clerk"]
    await Official.filter(login="b-clerk").update(active=False)
    assert await found(state="closed") == ["b-clerk"]
    assert await found(state="open", region=TOWNSHIP) == ["a-scorer", "c-clerk"]
    roles = {"clerk": "村文书"}
    file = await duty_export.officials_file(
        directory.Filter(role="clerk"), by=admin, roles=roles, format="csv"
    )
    text = file.content.decode("utf-8-sig")
    assert "赵一,b-clerk,村文书 " in text
    assert "已停用" in text
    assert await AuditLine.filter(verb="officials.export").count() == 1
