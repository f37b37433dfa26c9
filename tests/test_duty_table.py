"""Who answers for which place: the table, its changes from a day on, and what is missing."""

from datetime import timedelta
from time import perf_counter
from uuid import uuid4

import factories
import pytest
from factories import COUNTY, OPERATOR, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import ON_SQLITE, Web, with_login

from foundation import clock
from foundation.models import AuditLine
from households import directory, duty_table, officials, posts, regions, sessions
from households.errors import (
    DutyDayRefused,
    NotAllowed,
    PostRefused,
    RegionNotFound,
    SessionEnded,
    SeveralOfThatName,
)
from households.models import LoginSession, Official, OfficialDuty, Region
from households.posts import Post


@pytest.fixture
async def grid(opened: str) -> str:
    """The code of a grid of 槐庄."""
    await factories.divisions()
    made = await regions.create_local(VILLAGE, level="grid", name="东街网格", by=OPERATOR)
    return made.code


TOWN = factories.official("township_official", TOWNSHIP)


async def names_in(grid: str, *, on: object = None) -> dict[str, list[str]]:
    found = await duty_table.table(VILLAGE, actor=TOWN, level="grid", on=on)  # type: ignore[arg-type]
    row = next(row for row in found.rows if row.code == grid)
    return {post: [holder.name for holder in cell] for post, cell in row.cells.items()}


async def test_people_are_put_in_and_taken_out_from_a_day_on(grid: str) -> None:
    today = clock.today()
    added = {"grid-leader": "王秋实", "full-time": "李晓梅", "party-home": "赵春生、 罗桂英"}
    assert await duty_table.revise(grid, on=today, added=added, by=TOWN) == (4, 0)
    assert await names_in(grid) == {
        "grid-leader": ["王秋实"],
        "full-time": ["李晓梅"],
        "party-home": ["罗桂英", "赵春生"],
    }
    leader = await Official.get(name="王秋实")
    assert (await officials.actor_of(leader)).duties[0].role == "grid_worker"
    assert (await officials.actor_of(await Official.get(name="罗桂英"))).duties == ()
    held = await OfficialDuty.get(official_id=leader.id)
    in_a_week = today + timedelta(days=7)
    changed = {"grid-leader": "罗桂英"}
    await duty_table.revise(grid, on=in_a_week, ended=[held.id], added=changed, by=TOWN)
    assert (await names_in(grid))["grid-leader"] == ["王秋实"]
    assert (await names_in(grid, on=in_a_week))["grid-leader"] == ["罗桂英"]
    assert await Official.all().count() == 4  # a known name is the same person
    assert await AuditLine.filter(verb="officials.revise_table", village=VILLAGE).count() == 2


async def test_what_is_missing_is_seen(grid: str) -> None:
    found = await duty_table.table(VILLAGE, actor=TOWN)
    assert (found.level, found.levels) == ("grid", ["village", "group", "grid"])
    assert found.rows[0].missing == ["grid-leader", "full-time"]
    await factories.hold_worker("grid_worker", grid)
    found = await duty_table.table(VILLAGE, actor=TOWN)
    assert found.rows[0].missing == ["grid-leader"]  # a duty without a post is a full-time one
    assert (found.people, found.missing) == (1, 1)


async def test_nobody_changes_a_place_that_is_not_his_or_gives_what_he_may_not(grid: str) -> None:
    today = clock.today()
    for actor, refusal in (
        (factories.official("township_official", OTHER_VILLAGE), RegionNotFound),
        (factories.official("clerk"), NotAllowed),
    ):
        with pytest.raises(refusal):
            await duty_table.revise(grid, on=today, added={"full-time": "王伟"}, by=actor)
    with pytest.raises(PostRefused):
        await duty_table.revise(grid, on=today, added={"clerk": "王伟"}, by=TOWN)
    for days in (-40, 100):
        with pytest.raises(DutyDayRefused):
            await duty_table.revise(grid, on=today + timedelta(days=days), by=TOWN)
    assert not await Official.all().exists()


async def test_two_of_a_name_are_told_apart_by_their_logins(grid: str) -> None:
    for login in ("wang-1", "wang-2"):
        await with_login(login, "scorer")
    with pytest.raises(SeveralOfThatName):
        await duty_table.revise(grid, on=clock.today(), added={"full-time": "王秋实"}, by=TOWN)
    await duty_table.revise(grid, on=clock.today(), added={"full-time": "wang-2"}, by=TOWN)
    [duty] = await OfficialDuty.filter(region=grid).prefetch_related("official")
    assert duty.official.login == "wang-2"


async def test_a_duty_opens_from_its_first_day_to_its_last(grid: str) -> None:
    official = await with_login("lixm", "scorer")
    opened = await sessions.open_with_password("lixm", "throw away 99", address="x")
    tomorrow = clock.now() + timedelta(days=1)
    await OfficialDuty.filter(official_id=official.id).update(until=clock.today())
    assert (await sessions.actor_of(opened.session))[0].login == "lixm"
    await LoginSession.all().update(expires_at=tomorrow + timedelta(days=9))
    with clock.stopped_at(tomorrow), pytest.raises(SessionEnded):
        await sessions.actor_of(opened.session)
    await OfficialDuty.filter(official_id=official.id).update(
        until=None, since=clock.today() + timedelta(days=2)
    )
    with pytest.raises(SessionEnded):
        await sessions.actor_of(opened.session)
    assert grid


async def test_a_township_names_its_posts_as_it_likes(grid: str) -> None:
    admin = factories.official("admin", COUNTY)
    own = (Post("head", "片长", "grid", "grid_worker", 1), Post("help", "楼栋长", "grid"))
    await posts.write(TOWNSHIP, own, by=admin)
    found = await duty_table.table(VILLAGE, actor=TOWN)
    assert [post.name for post in found.posts] == ["片长", "楼栋长"]
    assert found.rows[0].missing == ["head"]
    assert grid
    for wrong in (
        (Post("x", "", "grid"),),
        (Post("x", "长", "county"),),
        (Post("x", "长", "grid", "clerk"), Post("x", "员", "grid")),
    ):
        with pytest.raises(PostRefused):
            await posts.write(TOWNSHIP, wrong, by=admin)
    with pytest.raises(PostRefused):
        await posts.write(TOWNSHIP, (Post("x", "长", "grid", "admin"),), by=TOWN)
    with pytest.raises(RegionNotFound):
        await posts.write(VILLAGE, own, by=admin)


async def test_a_countys_table_of_two_thousand_people_is_fast(opened: str) -> None:
    await factories.divisions()
    assert opened
    village = await Region.get(code=VILLAGE)
    grids = [
        Region(
            code=f"{VILLAGE}-W{n:03d}", name=f"网格{n}", level="grid", parent=VILLAGE,
            path=f"{village.path}{VILLAGE}-W{n:03d}/", village=VILLAGE,
        )
        for n in range(1, 250)
    ]  # fmt: skip
    await Region.bulk_create(grids)
    people = [
        Official(id=uuid4(), login=f"p{n}", name=f"王{n}", password="", created_at=clock.now())
        for n in range(2131)
    ]
    await Official.bulk_create(people, batch_size=500)
    await OfficialDuty.bulk_create(
        [
            OfficialDuty(
                official_id=person.id, role="grid_worker", region=grids[n % 249].code,
                post="full-time" if n < 249 else "part-time",
            )
            for n, person in enumerate(people)
        ],
        batch_size=500,
    )  # fmt: skip
    county = factories.official("county_official", COUNTY)
    began = perf_counter()
    found = await duty_table.table(COUNTY, actor=county, level="grid")
    assert (len(found.rows), found.people) == (249, 2131)
    assert len(await directory.listing(county)) == 2131
    assert perf_counter() - began < 5


@ON_SQLITE
async def test_the_table_on_the_screen_on_paper_and_as_a_file(web: Web) -> None:
    await factories.divisions()
    made = await regions.create_local(VILLAGE, level="grid", name="东街网格", by=OPERATOR)
    town = await web.login("township_official", TOWNSHIP)
    path = f"/officials/duties/{made.code}"
    form = {"on": str(clock.today()), "add-grid-leader": "赵春生"}
    assert (await town.get(path)).status_code == 200
    saved = await town.post(path, data=form)
    assert saved.status_code == 303, saved.text
    page = (await town.get("/officials/duties", params={"level": "grid"})).text
    assert "赵春生" in page
    assert "空岗" in page
    wrong = await town.post(path, data={"on": "2001-01-01", "add-grid-leader": "王五"})
    assert wrong.status_code == 400
    assert "王五" in wrong.text  # nothing typed is lost
    query = {"region": VILLAGE, "level": "grid"}
    paper = await town.get("/officials/duties/print", params=query)
    assert paper.content[:5] == b"%PDF-"
    file = await town.get("/officials/duties/export/csv", params=query)
    assert "赵春生" in file.content.decode("utf-8-sig")
    assert await AuditLine.filter(verb="officials.export_table").count() == 1
    clerk = await web.login("clerk", OTHER_VILLAGE)
    assert (await clerk.get("/officials/duties", params={"region": VILLAGE})).status_code == 404
    assert (await clerk.get(path)).status_code == 403
    program = await web.program("township_official", TOWNSHIP)
    answer = await program.get("/api/v1/duties", params=query)
    assert answer.json()["rows"][0]["cells"]["grid-leader"][0]["name"] == "赵春生"
    body = {"on": str(clock.today()), "added": {"full-time": "李晓梅"}, "ended": []}
    changed = await program.post(f"/api/v1/duties/{made.code}", json=body)
    assert changed.json() == {"come": 1, "gone": 0}
