"""The first page names what the office owes its people: cards not printed, duties nobody has."""

import factories
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from web import ON_SQLITE, Web, with_login

from foundation import clock
from households import passbooks
from households.errors import NotAllowed, RegionNotFound
from households.models import OfficialDuty


async def test_households_without_a_printed_card_are_counted(opened: str) -> None:
    await villages.settle()
    assert await passbooks.lacking(VILLAGE, actor=villages.CLERK) == 6
    only = [villages.household_id(number) for number in (1, 2)]
    await passbooks.prints(VILLAGE, only=only, by=villages.CLERK)
    assert await passbooks.lacking(VILLAGE, actor=villages.CLERK) == 4
    with pytest.raises(RegionNotFound):
        await passbooks.lacking(VILLAGE, actor=factories.official("clerk", OTHER_VILLAGE))
    with pytest.raises(NotAllowed):
        await passbooks.lacking(VILLAGE, actor=factories.official("auditor"))


@ON_SQLITE
async def test_a_duty_that_nobody_has_stands_on_the_first_page(web: Web) -> None:
    await factories.divisions()
    await with_login("left", "grid_worker", VILLAGE)
    until = clock.today()
    await OfficialDuty.filter(official__login="left").update(vacant=True, until=until)
    admin = await web.login("admin")
    page = (await admin.get("/")).text
    assert "离任以后还没有人接" in page
    assert f'href="/officials/duties?region={VILLAGE}"' in page
    assert "发存折卡" not in page, "no points yet, no cards to hand out"
    assert "离任以后还没有人接" not in (await (await web.login("scorer")).get("/")).text
