"""A duty in one group of a village reaches that group, through every door that shows households."""

from uuid import UUID, uuid4

import factories
import pytest
import villages
from factories import COUNTY, VILLAGE
from web import ON_SQLITE, Web

from foundation import clock
from households import directory, officials
from households.errors import HouseholdNotFound, NotAllowed, RegionNotFound
from points import history, ledger, sheets

MINE, OTHER = f"{VILLAGE}-G01", f"{VILLAGE}-G02"


@pytest.fixture
async def homes(opened: str) -> tuple[UUID, UUID]:
    """A household in each of two groups, and a rule book that lets the cadre score."""
    await factories.divisions()
    return await _furnished()


async def _furnished() -> tuple[UUID, UUID]:
    ours = await factories.household("组内户", "1", group=MINE)
    theirs = await factories.household("组外户", "2", group=OTHER)
    item = villages.item("tidy", scorers=("clerk", "group_cadre"))
    await villages.adopt([item], on=clock.today().replace(month=1, day=1))
    return ours, theirs


async def test_a_group_cadre_scores_his_group_and_no_other(homes: tuple[UUID, UUID]) -> None:
    ours, theirs = homes
    cadre = factories.official("group_cadre", MINE)
    month = clock.today().isoformat()[:7]
    sheet = await sheets.view(VILLAGE, group=MINE, month=month, actor=cadre)
    assert [row.head for row in sheet.rows] == ["组内户"]
    assert sheet.may_post
    for group in (OTHER, ""):
        with pytest.raises((RegionNotFound, NotAllowed)):
            await sheets.view(VILLAGE, group=group, month=month, actor=cadre)
    item = sheet.items[0]
    entry = await ledger.award(
        ours, id=uuid4(), item_id=item.id, points=3, on=clock.today(), reason="打扫干净", by=cadre
    )
    with pytest.raises(HouseholdNotFound):
        await ledger.award(
            theirs,
            id=uuid4(),
            item_id=item.id,
            points=3,
            on=clock.today(),
            reason="打扫干净",
            by=cadre,
        )
    with pytest.raises(HouseholdNotFound):
        await history.balance(theirs, actor=cadre)
    assert (await history.story(entry.id, actor=cadre)).line.head == "组内户"


@pytest.mark.usefixtures("homes")
async def test_a_groups_officials_are_seen_and_given_from_above_only() -> None:
    admin = factories.official("admin", COUNTY)
    for login, region in (("ours", MINE), ("theirs", OTHER), ("whole", VILLAGE)):
        await officials.create(
            login, name=login, role="group_cadre" if "-" in region else "clerk", region=region,
            password="a first password 99", by=admin,
        )  # fmt: skip
    chief = factories.official("supervisor", MINE)
    assert [one.login for one in await directory.listing(chief)] == ["ours"]
    with pytest.raises(NotAllowed):
        await officials.create(
            "x1", name="x", role="scorer", region=MINE, password="a first password 99", by=chief
        )


@ON_SQLITE
async def test_the_screens_of_a_group_cadre_show_his_group_alone(web: Web) -> None:
    await factories.divisions()
    _, theirs = await _furnished()
    cadre = await web.login("group_cadre", MINE)
    for path in ("/households", "/scores", "/leaderboard", "/entries/new", "/officials", "/"):
        answer = await cadre.get(path, follow_redirects=True)
        assert "组外户" not in answer.text, path
    assert "组内户" in (await cadre.get("/households")).text
    assert "组内户" in (await cadre.get("/scores")).text
    assert (await cadre.get(f"/households/{theirs}")).status_code == 404
    assert (await cadre.get("/leaderboard", params={"region": MINE})).status_code == 200
    for region in (OTHER, VILLAGE):
        answer = await cadre.get("/leaderboard", params={"region": region})
        assert answer.status_code in (403, 404), region
    assert (await cadre.get("/officials")).status_code == 403
