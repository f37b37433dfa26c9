"""Reversals on the screen: from the entry, from its household's page, of a whole sheet."""

import re
from uuid import UUID, uuid4

import pytest
import villages
from factories import VILLAGE
from httpx import AsyncClient
from villages import CLERK, GROUPS, household_id
from web import ON_SQLITE, Web

from foundation import clock
from points import scoring
from points.sheets import Cell


async def reverse(browser: AsyncClient, entry: UUID, **typed: str) -> str:
    """Where a press on "reverse" leads to."""
    form = {"id": str(uuid4()), "reason": "记错了户", **typed}
    answer = await browser.post(f"/entries/{entry}/reverse", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@ON_SQLITE
async def test_an_entry_is_reversed_from_its_households_page_and_leads_back(web: Web) -> None:
    items = await villages.a_village()
    entry = await villages.award(1, items["courtyard"], 7)
    home = f"/households/{household_id(1)}"
    clerk = await web.login("clerk")
    page = (await clerk.get(home)).text
    assert "冲正：记一笔 −7 分" in page
    back = re.search(rf'/entries/{entry.id}/reverse.*?name="back" value="([^"]+)"', page, re.DOTALL)
    assert back
    assert back[1] == home
    assert await reverse(clerk, entry.id, back=home) == home
    page = (await clerk.get(home)).text
    assert "冲正：记一笔" not in page
    told = (await clerk.get(f"/entries/{entry.id}")).text
    assert "已冲正" in told


@ON_SQLITE
@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_a_reversal_never_leads_to_another_site(web: Web, back: str) -> None:
    items = await villages.a_village()
    entry = await villages.award(1, items["courtyard"], 7)
    assert await reverse(await web.login("clerk"), entry.id, back=back) == "/"


@ON_SQLITE
async def test_what_cannot_be_reversed_says_what_to_do_instead(web: Web) -> None:
    items = await villages.a_village()
    entry = await villages.award(1, items["courtyard"], 7)
    clerk = await web.login("clerk")
    await reverse(clerk, entry.id)
    reversal = (await clerk.get(f"/api/v1/entries/{entry.id}")).json()["reversed_by"]["id"]
    page = (await clerk.get(f"/entries/{reversal}")).text
    assert "冲正不能再冲正" in page
    assert f"/entries/new?household={household_id(1)}" in page
    neighbour = await web.login("clerk", household=household_id(2))
    other = await villages.award(2, items["courtyard"], 3)
    assert "请别人来冲正" in (await neighbour.get(f"/entries/{other.id}")).text


@ON_SQLITE
async def test_a_sheet_is_reversed_on_its_page_and_a_missing_reason_keeps_the_press(
    web: Web,
) -> None:
    await villages.a_village()
    sheet, month = uuid4(), clock.today().isoformat()[:7]
    cells = [Cell(household_id(number), "courtyard", 4) for number in (1, 3)]
    await scoring.post_sheet(
        sheet, village=VILLAGE, group=GROUPS[1], month=month, cells=cells, by=CLERK
    )
    clerk = await web.login("clerk")
    scores = (await clerk.get(f"/scores?group={GROUPS[1]}&month={month}")).text
    assert f"/scores/sheets/{sheet}" in scores
    page = await clerk.get(f"/scores/sheets/{sheet}")
    assert "冲正 2 笔，共 −8 分" in page.text
    id = str(uuid4())
    refused = await clerk.post(f"/scores/sheets/{sheet}/reverse", data={"id": id, "reason": " "})
    assert refused.status_code == 400
    assert f'value="{id}"' in refused.text
    form = {"id": id, "reason": "照着上个月填了"}
    for _ in range(2):
        done = await clerk.post(f"/scores/sheets/{sheet}/reverse", data=form)
        assert done.headers["location"] == f"/scores/sheets/{sheet}"
    assert "已经全部冲正" in (await clerk.get(f"/scores/sheets/{sheet}")).text
    scorer = await web.login("scorer")
    assert "整张冲正" not in (await scorer.get(f"/scores/sheets/{sheet}")).text
