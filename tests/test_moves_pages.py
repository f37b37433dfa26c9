"""Steps of households on the screen: a form, a summary, the press, the slip; and their API twin."""

import re
from typing import Any
from uuid import UUID, uuid4

import factories
import httpx
import moving
import pytest
import villages
from factories import OTHER_VILLAGE
from villages import award, household_id
from web import ON_SQLITE, Web

from foundation import clock, database
from households.models import Household

TOWNSHIP = factories.TOWNSHIP


@pytest.fixture
async def items(web: Web) -> moving.Items:
    return await moving.families()


@pytest.fixture
async def clerk(web: Web, items: moving.Items) -> httpx.AsyncClient:
    return await web.login("clerk")


def hidden(html: str) -> dict[str, str]:
    """What the form in a page sends along unseen."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))


async def page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def looked_at(client: httpx.AsyncClient, path: str, **typed: str) -> dict[str, str]:
    """Type a step in and look at its summary; what the summary sends when it is pressed."""
    form = hidden(await page(client, path + (f"?into={typed['into']}" if "into" in typed else "")))
    answer = await client.post(path.partition("?")[0], data={**form, **typed})
    assert answer.status_code == 200, answer.text
    assert "还没有办" in answer.text
    return hidden(answer.text)


def today() -> str:
    return str(clock.today())


async def test_a_split_is_looked_at_pressed_printed_and_undone(
    clerk: httpx.AsyncClient, items: moving.Items
) -> None:
    await award(1, items["courtyard"], 18, on=clock.today(), by=factories.OPERATOR)
    own = f"/households/{household_id(1)}"
    assert f"{own}/moves" in await page(clerk, own)
    menu = await page(clerk, f"{own}/moves")
    for kind in ("split", "merge", "regroup", "leave"):
        assert f"{own}/moves/new/{kind}" in menu
    assert f"{own}/moves/new/return" not in menu
    couple = (await moving.members(household_id(1)))[2:]
    goes = {f"member-{one.id}": "yes" for one in couple}
    path = f"{own}/moves/new/split"
    typed = {**goes, "head": str(couple[0].id), "number": "101", "reason": "分家", "on": today()}
    sure = await looked_at(clerk, path, **typed)
    assert await Household.filter(number="101").count() == 0, "nothing is done by looking"
    pressed = [await clerk.post(path, data={**sure, "sure": "yes"}) for _ in range(2)]
    assert [answer.status_code for answer in pressed] == [303, 303]
    step = pressed[0].headers["location"]
    assert pressed[1].headers["location"] == step
    shown = await page(clerk, step)
    assert "户主1子" in shown
    assert "9" in shown
    made = await Household.get(number="101")
    assert (await moving.balance(household_id(1)), await moving.balance(made.id)) == (9, 9)
    slip = await clerk.get(f"{step}/print")
    assert slip.content.startswith(b"%PDF")
    assert "从户主1分出" in await page(clerk, f"/households/{made.id}/moves")
    undone = await clerk.post(f"{step}/undo", data=hidden(shown))
    assert undone.status_code == 303
    assert await moving.balance(household_id(1)) == 18
    assert "已撤销" in await page(clerk, f"{own}/moves")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"head": ""}, "要从分出去的人里选"),
        ({"points": "很多"}, "要填整数"),
        ({"points": "300"}, "分给新户的要在 0 和它之间"),
        ({"on": "昨天"}, "写法不对"),
        ({"reason": ""}, "请写明理由"),
        ({"number": "002"}, "本村已有户号为 002 的一户"),
        ({"members": ""}, "分出去的人不能空着"),
    ],
)
@ON_SQLITE
async def test_a_refused_step_says_where_and_keeps_what_was_typed(
    clerk: httpx.AsyncClient, typed: dict[str, str], sentence: str
) -> None:
    path = f"/households/{household_id(1)}/moves/new/split"
    couple = (await moving.members(household_id(1)))[2:]
    given = {
        **hidden(await page(clerk, path)), "head": str(couple[0].id), "number": "101",
        "reason": "两兄弟分家", "on": today(), **typed,
    }  # fmt: skip
    if "members" not in typed:
        given |= {f"member-{one.id}": "yes" for one in couple}
    answer = await clerk.post(path, data=given)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert given["number"] in answer.text
    assert given["reason"] in answer.text
    if "members" not in typed:
        assert answer.text.count(" checked") == 2


@ON_SQLITE
async def test_who_goes_back_from_the_summary_finds_what_he_typed(
    clerk: httpx.AsyncClient,
) -> None:
    path = f"/households/{household_id(1)}/moves/new/regroup"
    typed = {"group": villages.GROUPS[0], "reason": "搬到坡上", "on": today()}
    sure = await looked_at(clerk, path, **typed)
    answer = await clerk.post(path, data={**sure, "back": "yes"})
    assert "搬到坡上" in answer.text
    assert f'value="{villages.GROUPS[0]}" selected' in answer.text


async def test_a_merge_finds_the_other_household_and_a_household_leaves_and_comes_back(
    clerk: httpx.AsyncClient, items: moving.Items
) -> None:
    path = f"/households/{household_id(1)}/moves/new/merge"
    found = await page(clerk, f"{path}?q=户主2")
    assert f"{path}?into={household_id(2)}" in found
    sure = await looked_at(clerk, path, into=str(household_id(2)), reason="合住", on=today())
    done = await clerk.post(path, data={**sure, "sure": "yes"})
    assert done.status_code == 303
    assert "您能办的变动" in await page(clerk, f"/households/{household_id(1)}/moves")
    closed = await page(clerk, f"/households/{household_id(1)}")
    assert "这一户已并入户主2一户" in closed
    assert "添一人" not in closed
    for kind, state in (("leave", "left"), ("return", "active")):
        path = f"/households/{household_id(3)}/moves/new/{kind}"
        sure = await looked_at(clerk, path, on=today())
        assert (await clerk.post(path, data={**sure, "sure": "yes"})).status_code == 303
        assert (await Household.get(id=household_id(3))).state == state


async def test_a_move_to_another_village_is_for_who_reaches_both(
    web: Web, clerk: httpx.AsyncClient, items: moving.Items
) -> None:
    await villages.another_village()
    path = f"/households/{household_id(1)}/moves/relocate"
    assert "/relocate" not in await page(clerk, f"/households/{household_id(1)}/moves")
    township = await web.login("township_official", TOWNSHIP)
    assert path in await page(township, f"/households/{household_id(1)}/moves")
    assert "西关村" in await page(township, path)
    form = hidden(await page(township, f"{path}?village={OTHER_VILLAGE}"))
    typed = {**form, "village": OTHER_VILLAGE, "on": today(), "reason": "搬家"}
    assert (await clerk.post(path, data={**typed, "sure": "yes"})).status_code == 400
    checked = await township.post(path, data=typed)
    done = await township.post(path, data={**hidden(checked.text), "sure": "yes"})
    assert done.status_code == 303, done.text
    assert "西关村" in await page(township, done.headers["location"])
    scorer = await web.login("scorer")
    assert (await scorer.get(done.headers["location"])).status_code == 200
    assert (await scorer.get(path)).status_code == 403


@ON_SQLITE
async def test_nobody_is_offered_a_step_with_his_own_household(
    web: Web, items: moving.Items
) -> None:
    clerk = await web.login("clerk", household=household_id(1))
    own = f"/households/{household_id(1)}/moves"
    assert "自家的变动请另一位经办人来办" in await page(clerk, own)
    assert "/new/" not in await page(clerk, own)
    typed = {**hidden(await page(clerk, f"{own}/new/merge?into={household_id(2)}"))}
    sent = {**typed, "into": str(household_id(2)), "reason": "合住", "on": today(), "sure": "yes"}
    answer = await clerk.post(f"{own}/new/merge", data=sent)
    assert answer.status_code == 400
    assert "自家的变动请另一位经办人来办" in answer.text


# -- the API's twin -------------------------------------------------------------------------


async def sent(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/v1/households/{path}", json=body)


async def test_programs_take_the_same_steps(clerk: httpx.AsyncClient, items: moving.Items) -> None:
    await award(1, items["courtyard"], 18, on=clock.today(), by=factories.OPERATOR)
    couple = (await moving.members(household_id(1)))[2:]
    step = {
        "members": [str(one.id) for one in couple], "head": str(couple[0].id),
        "on": today(), "reason": "分家", "points": 5,
    }  # fmt: skip
    own, key = household_id(1), str(uuid4())
    answers = [await sent(clerk, f"{own}/split", id=key, revision=1, step=step) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    made = UUID(answers[0].json()["other_id"])
    assert await moving.balance(made) == 5
    other = await sent(clerk, f"{own}/split", id=key, revision=1, step={**step, "points": 6})
    assert (other.status_code, other.json()["type"]) == (409, "urn:xiangyue:move-id-taken")
    merge = {"into": str(household_id(2)), "on": today(), "reason": "合住"}
    merged = await sent(clerk, f"{made}/merge", id=str(uuid4()), revision=1, step=merge)
    assert merged.status_code == 200, merged.text
    regroup = {"group": villages.GROUPS[0], "grid": "", "on": today()}
    moved = await sent(clerk, f"{own}/regroup", id=str(uuid4()), revision=2, step=regroup)
    assert moved.status_code == 200, moved.text
    undo = f"{made}/moves/{merged.json()['id']}/undo"
    assert (await sent(clerk, undo, id=str(uuid4()))).status_code == 200
    steps = (await clerk.get(f"/api/v1/households/{made}/moves")).json()
    assert [one["move"]["kind"] for one in steps] == ["undo", "merge", "split"]
    assert await database.rows("SELECT 1 FROM ledger_entry WHERE kind = 'transfer'")


async def test_a_program_moves_a_household_to_another_village(
    web: Web, items: moving.Items
) -> None:
    await villages.another_village()
    township = await web.program("township_official", TOWNSHIP)
    step = {"village": OTHER_VILLAGE, "on": today(), "reason": "搬家"}
    body = {"id": str(uuid4()), "revision": 1, "step": step}
    answer = await sent(township, f"{household_id(1)}/relocate", **body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["other_village"] == OTHER_VILLAGE
