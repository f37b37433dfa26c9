"""Hand-over: duties pass on a day, drafts pass or are dropped, the log-in ends; all or nothing."""

from datetime import timedelta
from uuid import UUID, uuid4

import factories
import pytest
from factories import COUNTY, TOWNSHIP, VILLAGE
from web import ON_SQLITE, PASSWORD, Web, with_login

from foundation import clock
from foundation.models import AuditLine
from households import duty_table, officials, sessions
from households.errors import (
    DutyDayRefused,
    HandedOver,
    HandOverNotFound,
    LastAdmin,
    LoginClosed,
    LoginRefused,
    NoDutyToday,
    OfficialNotFound,
    SessionEnded,
)
from households.models import HandOver, Official, OfficialDuty
from points import handover
from points.errors import IdTaken
from points.models import ScoreDraft

TOWN = factories.official("township_official", TOWNSHIP)


@pytest.fixture
async def clerk(opened: str) -> Official:
    """A clerk who also keeps a grid's duty of a scorer, with two drafts."""
    assert opened
    await factories.divisions()
    return await a_clerk()


async def a_clerk() -> Official:
    official = await with_login("lixm", "clerk")
    await OfficialDuty.create(official=official, role="scorer", region=f"{VILLAGE}-G01")
    for group, cells in (("G01", 2), ("G02", 1)):
        await ScoreDraft.create(
            village=VILLAGE, group=f"{VILLAGE}-{group}", month="2026-10", official_id=official.id,
            cells=[cell(n) for n in range(cells)], saved_at=clock.now(),
        )  # fmt: skip
    return official


def cell(n: int, *, points: int = 5) -> dict[str, object]:
    return {"household": str(UUID(int=n)), "item": "tidy", "points": points}


async def test_duties_and_drafts_pass_and_the_login_ends(clerk: Official) -> None:
    opened = await sessions.open_with_password("lixm", PASSWORD, address="x")
    taker = await with_login("wangqs", "scorer")
    own = await ScoreDraft.create(
        village=VILLAGE, group=f"{VILLAGE}-G01", month="2026-10", official_id=taker.id,
        cells=[cell(0, points=9)], saved_at=clock.now(),
    )  # fmt: skip
    plan = await handover.plan(clerk.id, by=TOWN)
    assert [duty.role for duty in plan.duties] == ["clerk", "scorer"]
    assert [draft.cells for draft in plan.drafts] == [2, 1]
    assert [one.login for one in plan.successors] == ["wangqs"]
    today, id = clock.today(), uuid4()
    handing = {"id": id, "successor": taker.id, "on": today, "passed": [plan.drafts[0].id]}
    made = await handover.hand_over(clerk.id, by=TOWN, **handing)  # type: ignore[arg-type]
    assert await handover.hand_over(clerk.id, by=TOWN, **handing) == made  # type: ignore[arg-type]
    held = {(d.role, d.region) for d in (await officials.actor_of(taker)).duties}
    assert held == {("scorer", VILLAGE), ("clerk", VILLAGE), ("scorer", f"{VILLAGE}-G01")}
    with pytest.raises(SessionEnded):
        await sessions.actor_of(opened.session)
    with pytest.raises((LoginRefused, NoDutyToday)):
        await sessions.open_with_password("lixm", PASSWORD, address="x")
    # The successor's own cell stands, the leaver's other one is added, the unticked sheet is gone.
    [draft] = await ScoreDraft.all()
    assert (draft.id, draft.official_id) == (own.id, taker.id)
    assert draft.cells == [cell(0, points=9), cell(1)]
    [line] = await AuditLine.filter(verb="officials.hand_over")
    assert (line.village, line.facts["successor"]) == (VILLAGE, "wangqs")
    assert (line.facts["drafts_passed"], line.facts["drafts_dropped"]) == (1, 1)
    with pytest.raises(HandedOver):
        await handover.hand_over(clerk.id, id=uuid4(), successor=None, on=today, by=TOWN)
    with pytest.raises(IdTaken):
        await handover.hand_over(taker.id, id=id, successor=None, on=today, by=TOWN)


async def test_a_duty_left_to_nobody_waits_until_somebody_has_it(clerk: Official) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    await handover.hand_over(clerk.id, id=uuid4(), successor=None, on=tomorrow, by=TOWN)
    # He serves until today is over, and nobody after him.
    assert len((await officials.actor_of(clerk)).duties) == 2
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        assert (await officials.actor_of(clerk)).duties == ()
        with pytest.raises(NoDutyToday):
            await sessions.open_with_password("lixm", PASSWORD, address="x")
    waiting = await duty_table.vacancies(TOWN)
    assert [one.role for one in waiting] == ["clerk", "scorer"]
    assert {one.before for one in waiting} == {"王秋实"}
    assert await duty_table.vacancies(factories.official("scorer")) == []
    added = {"clerk": "李新文"}
    await duty_table.revise(VILLAGE, on=tomorrow, added=added, by=TOWN)
    assert [one.role for one in await duty_table.vacancies(TOWN)] == ["scorer"]
    assert await ScoreDraft.all().count() == 0


async def test_nobody_hands_over_whom_or_to_whom_he_does_not_decide_about(clerk: Official) -> None:
    today = clock.today()
    county = await with_login("county", "county_official", COUNTY)
    closed = await with_login("closed", "scorer")
    await officials.set_active(closed.id, False, by=TOWN)
    before = await everything()
    for leaver, taker, by, refusal in (
        (clerk.id, county.id, TOWN, OfficialNotFound),
        (county.id, clerk.id, TOWN, OfficialNotFound),
        (clerk.id, None, factories.official("clerk"), OfficialNotFound),
        (clerk.id, closed.id, TOWN, LoginClosed),
        (clerk.id, clerk.id, TOWN, LoginClosed),
    ):
        with pytest.raises(refusal):
            await handover.hand_over(leaver, id=uuid4(), successor=taker, on=today, by=by)
    for days in (-40, 100):
        on = today + timedelta(days=days)
        with pytest.raises(DutyDayRefused):
            await handover.hand_over(clerk.id, id=uuid4(), successor=None, on=on, by=TOWN)
    assert await everything() == before


async def everything() -> list[object]:
    return [
        await OfficialDuty.all().order_by("id").values(),
        await Official.all().order_by("id").values(),
        await ScoreDraft.all().order_by("id").values("id", "official_id"),
        await HandOver.all().count(),
    ]


async def test_a_hand_over_that_fails_half_way_leaves_everything(
    clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = await with_login("wangqs", "scorer")
    before = await everything()

    async def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(handover, "_keep", fails)
    with pytest.raises(ZeroDivisionError):
        await handover.hand_over(
            clerk.id, id=uuid4(), successor=taker.id, on=clock.today(), by=TOWN
        )
    assert await everything() == before


async def test_the_last_administrator_is_not_left_to_nobody(clerk: Official) -> None:
    admin = await with_login("admin", "admin", COUNTY)
    by = await officials.actor_of(admin)
    today = clock.today()
    with pytest.raises(LastAdmin):
        await handover.hand_over(admin.id, id=uuid4(), successor=None, on=today, by=by)
    await with_login("another", "admin", COUNTY)
    await handover.hand_over(admin.id, id=uuid4(), successor=None, on=today, by=by)
    assert clerk.active


@ON_SQLITE
async def test_the_guided_step_from_the_list_to_the_signed_paper(web: Web) -> None:
    await factories.divisions()
    leaver = await a_clerk()
    town = await web.login("township_official", TOWNSHIP)
    assert "离任交接" in (await town.get(f"/officials/{leaver.id}")).text
    form = (await town.get(f"/officials/{leaver.id}/hand-over")).text
    assert "第一村民小组" in form
    id, on = str(uuid4()), str(clock.today())
    data = {"id": id, "successor": "", "on": "2001-01-01"}
    wrong = await town.post(f"/officials/{leaver.id}/hand-over", data=data)
    assert wrong.status_code == 400
    data["on"] = on
    done = await town.post(f"/officials/{leaver.id}/hand-over", data=data)
    assert done.headers["location"] == f"/officials/hand-overs/{id}"
    again = await town.post(f"/officials/{leaver.id}/hand-over", data=data)
    assert again.headers["location"] == f"/officials/hand-overs/{id}"
    page = (await town.get(f"/officials/hand-overs/{id}")).text
    assert "空岗" in page
    paper = await town.get(f"/officials/hand-overs/{id}/print")
    assert paper.content[:5] == b"%PDF-"
    supervisor = await web.login("supervisor")
    assert "离任以后还没有人接" in (await supervisor.get("/")).text
    with pytest.raises(HandOverNotFound):
        await handover.found(UUID(id), by=factories.official("clerk"))
