"""The rule book's screens: a draft changed part by part, published with its vote, compared."""

import re
from datetime import date, timedelta
from uuid import UUID

import factories
import httpx
import pytest
import web as web_
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE

from foundation import clock
from rules import adoption, rulebook
from rules.versions import Version

VOTED = {
    "in_force_from": "2026-10-01", "voted": "yes", "held_on": "2026-03-05", "roll": "700",
    "present": "412", "in_favour": "400", "against": "5", "filing_number": "", "filed_on": "",
}  # fmt: skip


@pytest.fixture
async def clerk(web: web_.Web) -> httpx.AsyncClient:
    """A browser in which 槐庄's clerk is logged in."""
    await factories.divisions()
    return await web.login("clerk")


async def drafted() -> Version:
    return await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)


async def published() -> Version:
    draft = await drafted()
    return await adoption.publish(draft.id, in_force_from=date(2026, 10, 1), by=OPERATOR)


def value(page: str, name: str) -> str:
    """What a field of the page holds."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def item_form(draft: Version, **typed: str | list[str]) -> dict[str, str | list[str]]:
    return {
        "base": draft.text_hash, "clause": "1", "name": "庭院卫生", "unit": "月",
        "points_min": "0", "points_max": "20", "cap_points": "20", "cap_period": "month",
        "cycle": "month", "posting_days": "5", "scorers": ["clerk"], "on_month_sheet": "yes",
        **typed,
    }  # fmt: skip


async def test_a_village_without_a_rule_book_is_offered_the_starters(
    clerk: httpx.AsyncClient,
) -> None:
    assert "/rules/new" in (await clerk.get("/rules")).text
    page = (await clerk.get("/rules/new")).text
    form = {"village": VILLAGE, "id": value(page, "id"), "start": "starter:mountain-village"}
    answers = [await clerk.post("/rules/new", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    (draft,) = await rulebook.versions(VILLAGE)
    page = (await clerk.get(answers[0].headers["location"])).text
    assert draft.clauses[0].text in page
    assert f"/rules/{draft.id}/adopt" in page


async def test_an_unknown_start_keeps_the_form(clerk: httpx.AsyncClient) -> None:
    form = {"village": VILLAGE, "id": "no-uuid", "start": "starter:secret"}
    answer = await clerk.post("/rules/new", data=form)
    assert answer.status_code == 400
    assert "没有叫 secret 的范本" in answer.text


async def test_the_frame_of_a_draft_is_changed(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    page = (await clerk.get(f"/rules/{draft.id}/edit")).text
    assert value(page, "base") == draft.text_hash
    form = {"base": draft.text_hash, "title": "槐庄村村规民约", "preamble": "",
            "name_wall": "unnamed", "name_web": ""}  # fmt: skip
    assert (await clerk.post(f"/rules/{draft.id}/edit", data=form)).status_code == 303
    changed = await rulebook.version(draft.id)
    assert (changed.title, changed.preamble, changed.name_wall) == ("槐庄村村规民约", "", "unnamed")


async def test_a_clause_is_added_changed_moved_and_dropped(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    base, book = draft.text_hash, f"/rules/{draft.id}"

    async def press(path: str, **form: str) -> None:
        nonlocal base
        answer = await clerk.post(f"{book}/{path}", data={"base": base, **form})
        assert answer.status_code == 303, answer.text
        base = (await rulebook.version(draft.id)).text_hash

    await press("clauses/new", number="21", block="environment", text="新的一条")
    law = next(c.position for c in draft.clauses if c.block == "law")
    after = await rulebook.version(draft.id)
    assert (after.clauses[law - 1].number, after.clauses[law - 1].text) == ("21", "新的一条")
    await press(f"clauses/{law}", number="5-2", block="environment", text="改过的一条")
    await press(f"clauses/{law}/move", way="up")
    after = await rulebook.version(draft.id)
    assert [c.number for c in after.clauses[law - 2 : law]] == ["5-2", str(law - 1)]
    await press(f"clauses/{law - 1}/delete")
    assert (await rulebook.version(draft.id)).text_hash == draft.text_hash


async def test_a_clause_with_items_is_not_dropped(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    form = {"base": draft.text_hash}
    answer = await clerk.post(f"/rules/{draft.id}/clauses/1/delete", data=form)
    assert "先删细则才能删条款" in (await clerk.get(answer.headers["location"])).text
    assert await rulebook.version(draft.id) == draft


async def test_a_refused_clause_keeps_what_was_typed(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    form = {"base": draft.text_hash, "number": "2", "block": "environment", "text": "<b>甲</b>"}
    answer = await clerk.post(f"/rules/{draft.id}/clauses/1", data=form)
    assert answer.status_code == 400
    assert "第 2 条：第几条和前面的重复了。" in answer.text
    assert "&lt;b&gt;甲&lt;/b&gt;" in answer.text
    assert await rulebook.version(draft.id) == draft


async def test_an_item_is_added_changed_moved_and_dropped(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    page = (await clerk.get(f"/rules/{draft.id}/items/new", params={"clause": 2})).text
    assert '<option value="2" selected>' in page
    form = item_form(draft, clause="2", name="分得特别好", points_max="３０", cap_points="")
    answer = await clerk.post(f"/rules/{draft.id}/items/new", data=form)
    assert answer.status_code == 303, answer.text
    draft = await rulebook.version(draft.id)
    added = next(item for item in draft.items if item.name == "分得特别好")
    assert (added.clause_number, added.points_max, added.cap_points) == ("2", 30, None)
    assert (added.scorers, added.evidence_needed, added.on_month_sheet) == (("clerk",), False, True)

    form = item_form(draft, name="改了名", clause="3", scorers=["clerk", "scorer"])
    await clerk.post(f"/rules/{draft.id}/items/{added.position}", data=form)
    draft = await rulebook.version(draft.id)
    moved = next(item for item in draft.items if item.name == "改了名")
    assert (moved.code, moved.clause_number) == (added.code, "3")
    assert moved.scorers == ("clerk", "scorer")

    form = {"base": draft.text_hash, "way": "up"}
    await clerk.post(f"/rules/{draft.id}/items/{moved.position}/move", data=form)
    draft = await rulebook.version(draft.id)
    assert draft.items[moved.position - 2].code == moved.code
    form = {"base": draft.text_hash}
    await clerk.post(f"/rules/{draft.id}/items/{moved.position - 1}/delete", data=form)
    assert moved.code not in {item.code for item in (await rulebook.version(draft.id)).items}


REFUSED_ITEMS: list[tuple[dict[str, str | list[str]], str]] = [
    ({"points_max": "二十"}, "最高分要填整数"),
    ({"points_max": ""}, "最高分要填整数"),
    ({"cap_points": "x"}, "每户上限要填整数"),
    ({"points_min": "-5"}, "最低分不能是负数：扣分要先有告知和申辩"),
    ({"cap_points": "19"}, "每户上限比最高分 20 还低"),
    ({"scorers": []}, "谁可以评不能空着"),
    ({"name": "垃圾分类"}, "名称和前面的重复了"),
]


async def test_a_refused_item_keeps_what_was_typed(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    for typed, sentence in REFUSED_ITEMS:
        form = item_form(draft, **{"unit": "一家一次", **typed})
        answer = await clerk.post(f"/rules/{draft.id}/items/1", data=form)
        assert answer.status_code == 400
        assert sentence in answer.text
        assert value(answer.text, "unit") == "一家一次"
    assert await rulebook.version(draft.id) == draft


async def test_somebody_elses_change_in_between_is_told_and_nothing_overwritten(
    clerk: httpx.AsyncClient,
) -> None:
    seen = await drafted()
    form = {"base": seen.text_hash, "number": "1", "block": "environment", "text": "先改的"}
    await clerk.post(f"/rules/{seen.id}/clauses/1", data=form)
    answer = await clerk.post(f"/rules/{seen.id}/clauses/1", data={**form, "text": "后改的"})
    assert "这份草稿刚被别人改过" in answer.text
    assert "后改的" in answer.text
    now = await rulebook.version(seen.id)
    assert now.clauses[0].text == "先改的"
    assert value(answer.text, "base") == now.text_hash


async def test_places_that_do_not_exist_are_404(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    for path in ("clauses/0", "clauses/99", "items/0", "items/99"):
        assert (await clerk.get(f"/rules/{draft.id}/{path}")).status_code == 404, path


async def test_a_draft_is_published_with_its_vote_and_scan(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    answer = await clerk.post(
        f"/rules/{draft.id}/adopt",
        data=VOTED,
        files={"scan": ("会议记录.pdf", b"%PDF-1.7 signed", "application/pdf")},
    )
    assert answer.status_code == 303, answer.text
    version = await rulebook.in_force(VILLAGE, date(2026, 10, 1))
    assert version.id == draft.id
    page = (await clerk.get(f"/rules/{draft.id}")).text
    assert "经2026年3月5日村民会议表决通过" in page
    assert "/clauses/" not in page, "a published version is only read"
    scan = await clerk.get(f"/rules/{draft.id}/scan")
    assert scan.content == b"%PDF-1.7 signed"
    answer = await clerk.post(
        f"/rules/{draft.id}/filing", data={"filed_on": "2026-03-20", "filing_number": "7"}
    )
    assert answer.status_code == 303
    assert "登记乡镇备案" not in (await clerk.get(f"/rules/{draft.id}")).text


async def test_a_draft_is_published_without_a_vote_and_says_so(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    page = (await clerk.get(f"/rules/{draft.id}/adopt")).text
    begin = date.fromisoformat(value(page, "in_force_from"))
    assert begin.day == 1
    assert begin < clock.today(), "the first version lets last month be scored"
    # A browser does not send what is switched off: here the whole record of the vote.
    sent = {"in_force_from": (None, str(begin)), "voted": (None, "no")}
    answer = await clerk.post(f"/rules/{draft.id}/adopt", files=sent)
    assert answer.status_code == 303, answer.text
    assert "未经表决" in (await clerk.get(f"/rules/{draft.id}")).text
    answer = await clerk.post(f"/rules/{draft.id}/adopt", data=VOTED, files={"scan": ("", b"")})
    assert answer.status_code == 303, answer.text
    version = await rulebook.version(draft.id)
    assert version.adoption is not None
    assert version.adoption.scan is None


REFUSED_PUBLICATIONS = [
    ({"in_force_from": ""}, "施行日期要填日期"),
    ({"in_force_from": "1926-10-01"}, "请核对年份"),
    ({"voted": ""}, "请选择有没有表决"),
    ({"held_on": "三月五日"}, "表决日期要填日期"),
    ({"present": "很多"}, "实到要填整数"),
    ({"present": "701"}, "实到比应到 700 还多"),
    ({"present": "350", "in_favour": "340"}, "实到 350（至少要 351）"),
    ({"filing_number": "7"}, "备案日期不能空着"),
]


async def test_a_refused_publication_keeps_what_was_typed(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    for typed, sentence in REFUSED_PUBLICATIONS:
        form = {**VOTED, **typed}
        answer = await clerk.post(f"/rules/{draft.id}/adopt", data=form, files={"scan": ("", b"")})
        assert answer.status_code == 400
        assert sentence in answer.text
        assert value(answer.text, "roll") == "700"
    assert (await rulebook.version(draft.id)).state == "draft"


async def test_a_scan_that_is_none_is_refused(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    files = {"scan": ("记录.pdf", b"MZ not a pdf")}
    answer = await clerk.post(f"/rules/{draft.id}/adopt", data=VOTED, files=files)
    assert answer.status_code == 400
    assert "扫描件要是 PDF、PNG 或 JPEG" in answer.text


async def test_a_refused_filing_keeps_what_was_typed(clerk: httpx.AsyncClient) -> None:
    draft = await drafted()
    await clerk.post(f"/rules/{draft.id}/adopt", data=VOTED, files={"scan": ("", b"")})
    for typed in ("2026-03-01", "三月"):
        form = {"filed_on": typed, "filing_number": "七号"}
        answer = await clerk.post(f"/rules/{draft.id}/filing", data=form)
        assert answer.status_code == 400
        assert value(answer.text, "filing_number") == "七号"


async def test_the_next_version_begins_as_a_copy_and_is_compared(clerk: httpx.AsyncClient) -> None:
    first = await published()
    answer = await clerk.post(f"/rules/{first.id}/copy")
    copy = UUID(answer.headers["location"].removeprefix("/rules/"))
    page = (await clerk.get(f"/rules/{copy}/adopt")).text
    assert date.fromisoformat(value(page, "in_force_from")) > clock.today()
    comparison = f"/rules/{copy}/compare?before={first.id}"
    assert comparison in (await clerk.get(f"/rules/{copy}")).text
    assert "两版一字不差" in (await clerk.get(comparison)).text
    draft = await rulebook.version(copy)
    form = item_form(draft, points_max="15", cap_points="15")
    await clerk.post(f"/rules/{copy}/items/1", data=form)
    page = (await clerk.get(comparison)).text
    assert "最高分、每户上限" in page
    tomorrow = str(clock.today() + timedelta(days=1))
    form = {"in_force_from": tomorrow, "voted": "no"}
    await clerk.post(f"/rules/{copy}/adopt", data=form, files={"scan": ("", b"")})
    page = (await clerk.get("/rules")).text
    assert "现行" in page
    assert "待生效" in page


async def test_a_published_version_has_no_forms_behind_its_address(
    clerk: httpx.AsyncClient,
) -> None:
    version = await published()
    for path in ("edit", "clauses/new", "clauses/1", "items/new", "items/1"):
        assert (await clerk.get(f"/rules/{version.id}/{path}")).status_code == 409, path


async def test_readers_see_no_buttons_and_strangers_nothing(
    web: web_.Web, clerk: httpx.AsyncClient
) -> None:
    draft = await drafted()
    reader = await web.login("group_cadre", f"{VILLAGE}-G01")
    page = (await reader.get(f"/rules/{draft.id}")).text
    assert draft.clauses[0].text in page
    assert "<form" not in page.split("<main")[1]
    assert (await reader.get("/rules")).status_code == 200
    assert (await reader.get(f"/rules/{draft.id}/edit")).status_code == 403
    stranger = await web.login("clerk", OTHER_VILLAGE)
    for path in ("", "/edit", "/adopt", "/scan", "/clauses/1", "/items/1"):
        assert (await stranger.get(f"/rules/{draft.id}{path}")).status_code == 404, path
    assert (await stranger.get("/rules", params={"village": VILLAGE})).status_code == 404
