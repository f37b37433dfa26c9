"""The log as supervisors and auditors read it: only their own reach, filtered, exported, fast."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import factories
import pytest
from factories import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import ON_SQLITE, Web, with_login

from foundation import audit, clock, database, trail
from foundation.actors import Actor
from foundation.models import AuditLine
from foundation.trail import Reach, Wanted
from households import divisions as divisions_
from households import oversight, regions
from households.errors import NotAllowed

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
async def places(opened: str) -> None:
    """Two counties; the second has a township with a village of its own."""
    await factories.divisions()
    lines = [
        divisions_.Division("990100000000", "另一县", "", "county"),
        divisions_.Division("990101000000", "另一镇", "990100000000", "township"),
        divisions_.Division("990101001000", "另一村", "990101000000", "village"),
    ]
    await divisions_.store(lines, by=factories.OPERATOR)


async def seen_by(role: str, region: str) -> set[str]:
    reach = await oversight.reach(factories.official(role, region))
    return {line.verb for line in (await trail.page(reach, size=500)).lines}


@pytest.mark.usefixtures("places")
async def test_a_county_wide_duty_sees_its_villages_and_its_own_level_only() -> None:
    ours = await with_login("ours", "county_official", COUNTY)
    theirs = await with_login("theirs", "county_official", "990100000000")
    for village, verb in (
        (VILLAGE, "a.village"),
        (OTHER_VILLAGE, "a.neighbour"),
        ("990101001000", "b.village"),
    ):
        await audit.note(factories.OPERATOR, verb, village=village)
    for official, verb in ((ours, "a.county"), (theirs, "b.county")):
        actor = Actor(official.id, official.login, official.name)
        await audit.note(actor, verb)
    await audit.note(factories.OPERATOR, "machine.itself")
    auditor = await seen_by("auditor", COUNTY)
    assert {verb for verb in auditor if not verb.startswith("regions.")} == {
        "a.village",
        "a.neighbour",
        "a.county",
    }
    village = await seen_by("supervisor", VILLAGE)
    assert "a.village" in village
    assert village.isdisjoint({"a.neighbour", "a.county", "b.village", "machine.itself"})
    assert "machine.itself" in {one.verb for one in (await trail.page(None, size=500)).lines}


@pytest.mark.usefixtures("opened")
async def test_who_answers_for_the_whole_tree_sees_the_machine_too() -> None:
    await factories.divisions()
    await audit.note(factories.OPERATOR, "machine.itself")
    assert await oversight.reach(factories.official("auditor", COUNTY)) is None
    assert "machine.itself" in await seen_by("auditor", COUNTY)
    assert "machine.itself" not in await seen_by("admin", TOWNSHIP)
    with pytest.raises(NotAllowed):
        await oversight.reach(factories.official("clerk"))


@pytest.mark.usefixtures("opened")
async def test_a_duty_below_the_village_does_not_open_the_villages_log() -> None:
    await factories.divisions()
    await audit.note(factories.OPERATOR, "a.village", village=VILLAGE)
    assert await seen_by("supervisor", f"{VILLAGE}-G01") == set()
    assert await seen_by("supervisor", VILLAGE) >= {"a.village"}


@pytest.mark.usefixtures("opened")
async def test_a_late_line_is_shown_where_it_happened_and_no_cursor_leaves_one_out() -> None:
    for hours in (3, 1, 2, 2, 2):
        with clock.stopped_at(NOW + timedelta(hours=hours)):
            await audit.note(factories.OPERATOR, f"at.{hours}", village=VILLAGE)
    for reach in (None, Reach((VILLAGE,)), Reach((VILLAGE, OTHER_VILLAGE), ("x",))):
        for oldest_first in (False, True):
            found, cursor = [], ""
            while True:
                wanted = Wanted(oldest_first=oldest_first)
                page = await trail.page(reach, wanted, cursor=cursor, size=2)
                found += [line.verb for line in page.lines]
                cursor = page.next
                if not cursor:
                    break
            expected = ["at.1", "at.2", "at.2", "at.2", "at.3"]
            assert found == (expected if oldest_first else expected[::-1])
    assert await trail.count(None, Wanted(verb="at.2"), at_most=10) == 3
    assert await trail.count(None, Wanted(verb="at."), at_most=3) == 4


@pytest.mark.usefixtures("opened")
async def test_every_filter_goes_on_where_its_page_ended() -> None:
    await factories.divisions()
    many = [
        AuditLine(at=NOW + timedelta(seconds=n), actor=f"a{n % 50}", verb=f"v.{n % 40}",
                  village=VILLAGE if n % 2 else OTHER_VILLAGE, subject=f"s:{n}", facts={})
        for n in range(20_000)
    ]  # fmt: skip
    await AuditLine.bulk_create(many, batch_size=2_000)
    reach = Reach((VILLAGE, OTHER_VILLAGE), ("nobody",))
    for wanted in (Wanted(), Wanted(actors=["a3"]), Wanted(verb="v.7"), Wanted(village=VILLAGE)):
        page = await trail.page(reach, wanted)
        again = await trail.page(reach, wanted, cursor=page.next)
        assert len(page.lines) == len(again.lines) == trail.PAGE_SIZE
        assert page.lines[-1].at > again.lines[0].at


@ON_SQLITE
async def test_the_auditor_filters_by_household_and_takes_the_lines_along(web: Web) -> None:
    await factories.divisions()
    home = await factories.household("罗桂英", "042")
    supervisor = await web.login("supervisor")
    page = (await supervisor.get("/audit", params={"household": "042"})).text
    assert "新增农户" in page
    assert "罗桂英 042" in page
    assert "改名" not in page.split("<tbody>")[1]
    auditor = await web.login("auditor", COUNTY)
    page = (await auditor.get("/audit", params={"household": str(home)})).text
    assert "新增农户" in page
    assert "罗桂英" not in page  # the auditor does not read the register
    refused = await supervisor.post("/audit/export", data={"household": "042", "purpose": " "})
    assert refused.status_code == 400
    assert "请写明导出来做什么用" in refused.text
    assert not await AuditLine.filter(verb="audit.export").exists()
    data = {"household": "042", "purpose": "季度检查", "format": "csv"}
    file = await supervisor.post("/audit/export", data=data)
    assert "罗桂英 042" in file.content.decode("utf-8-sig")
    data["format"] = "xlsx"
    assert (await supervisor.post("/audit/export", data=data)).content[:2] == b"PK"
    lines = await AuditLine.filter(verb="audit.export")
    assert [line.facts["purpose"] for line in lines] == ["季度检查"] * 2
    assert lines[0].facts["lines"] == 1


@ON_SQLITE
async def test_the_log_reads_in_words_and_programs_page_through_it(web: Web) -> None:
    await factories.divisions()
    official = await with_login("lixm", "scorer")
    actor = Actor(uuid4(), "x", "x")
    await database.transaction(audit.note)(
        actor, "officials.add_duty", village=VILLAGE, subject=f"official:{official.id}",
        role="scorer", region=f"{VILLAGE}-G01",
    )  # fmt: skip
    assert await regions.parts(VILLAGE, level="group")
    supervisor = await web.login("supervisor")
    page = (await supervisor.get("/audit", params={"verb": "officials.add_duty"})).text
    for words in ("增加职责", "王秋实", "角色 评分员", "地方 第一村民小组", "槐庄村"):
        assert words in page
    program = await web.program("supervisor")
    answer = await program.get("/api/v1/audit", params={"page_size": 2})
    assert len(answer.json()["lines"]) == 2
    more = await program.get("/api/v1/audit", params={"after": answer.json()["next"]})
    assert more.json()["lines"][0] not in answer.json()["lines"]
