"""The register's screens: what a clerk does in a day, and what each page never shows."""

import asyncio
import re
from pathlib import Path
from typing import Any

import factories
import httpx
import pytest
from factories import VILLAGE, id_number
from web import Web

from foundation import clock
from foundation.models import AuditLine
from households import settings
from households.models import Household

DATA = Path(__file__).parent / "data"
PHONE = "19912340123"


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    await factories.divisions()
    return await web.login("clerk")


async def added(clerk: httpx.AsyncClient, head: str, **fields: Any) -> str:
    """A household typed in by the form; its address."""
    sent = {"village": VILLAGE, "head": head, **fields}
    answer = await clerk.post("/households/new", data=sent)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def page(client: httpx.AsyncClient, path: str, **params: str) -> str:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


def revision(html: str) -> str:
    found = re.search(r'name="revision" value="([0-9]+)"', html)
    assert found
    return found[1]


async def test_an_empty_register_says_how_to_begin(clerk: httpx.AsyncClient) -> None:
    shown = await page(clerk, "/households")
    assert "农户册还是空的" in shown
    assert "/households/import" in shown


async def test_a_household_is_typed_in_found_and_changed(clerk: httpx.AsyncClient) -> None:
    own = await added(
        clerk, "张明", number="7", phone=PHONE, group=f"{VILLAGE}-G01", remarks="重病"
    )
    await added(clerk, "李四", number="8")
    for q in ("张明", "zm", "7", PHONE):
        shown = await page(clerk, "/households", q=q)
        assert ("张明" in shown, "李四" in shown) == (True, False), q
    shown = await page(clerk, own)
    assert "199****0123" in shown
    assert PHONE not in shown
    assert "重病" not in shown

    form = await page(clerk, f"{own}/edit")
    assert PHONE not in form
    assert "重病" not in form
    typed = {
        "revision": revision(form),
        "number": "9",
        "group": f"{VILLAGE}-G02",
        "address": "村东",
    }
    head = re.search(r'<option value="([0-9a-f-]{36})" selected', form)
    assert head
    assert (await clerk.post(f"{own}/edit", data={**typed, "head_id": head[1]})).status_code == 303
    shown = await page(clerk, own)
    assert "9 号户" in shown
    assert "第二村民小组" in shown
    assert "199****0123" in shown, "an empty field leaves the sealed phone"
    late = await clerk.post(f"{own}/edit", data={**typed, "number": "10"})
    assert late.status_code == 400
    assert 'value="10"' in late.text, "what was typed is still there"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"head": "12"}, "户主姓名不像是人的姓名。"),
        ({"head": "张明", "phone": "12"}, "电话不完整或有误。"),
        ({"head": "张明", "joined_on": "昨天"}, "日期写成 2026-10-01 这样"),
        ({"head": "张明", "number": "7"}, "本村已有户号为 7 的一户。"),
    ],
)
async def test_a_refused_form_names_the_field_and_keeps_what_was_typed(
    clerk: httpx.AsyncClient, typed: dict[str, str], sentence: str
) -> None:
    await added(clerk, "李四", number="7")
    sent = {"village": VILLAGE, "address": "村西头", **typed}
    answer = await clerk.post("/households/new", data=sent)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "村西头" in answer.text
    assert await Household.all().count() == 1


async def test_members_join_are_changed_and_leave(clerk: httpx.AsyncClient) -> None:
    own = await added(clerk, "张明")
    sent = {"revision": "1", "name": "王秀英", "relation": "配偶", "id_number": id_number(2)}
    assert (await clerk.post(f"{own}/members/new", data=sent)).status_code == 303
    shown = await page(clerk, own)
    assert "王秀英" in shown
    assert id_number(2) not in shown
    (wife,) = [
        path
        for path in re.findall(rf'href="({own}/members/[0-9a-f-]+)"', shown)
        if "王秀英" in await page(clerk, path)
    ]
    form = await page(clerk, wife)
    assert 'value="1970-01-01"' in form
    wrong = {"revision": revision(form), "name": "王秀英", "id_number": "123", "relation": "配偶"}
    refused = await clerk.post(wife, data=wrong)
    assert (refused.status_code, "身份证号应为 18 位。" in refused.text) == (400, True)
    right = {"revision": revision(form), "name": "王秀兰", "relation": "配偶", "sex": "女",
             "born_on": "1970-01-01"}  # fmt: skip
    assert (await clerk.post(wife, data=right)).status_code == 303
    shown = await page(clerk, own)
    assert "王秀兰" in shown
    left = {"revision": revision(await page(clerk, wife))}
    assert (await clerk.post(f"{wife}/leave", data=left)).status_code == 303
    assert "不在册" in await page(clerk, own)


async def test_a_look_behind_the_seal_is_asked_for_shown_once_and_logged(
    clerk: httpx.AsyncClient,
) -> None:
    own = await added(clerk, "张明", phone=PHONE, welfare="低保")
    refused = await clerk.post(f"{own}/look", data={"what": "phone", "purpose": ""})
    assert refused.status_code == 400
    assert PHONE not in refused.text
    shown = await clerk.post(f"{own}/look", data={"what": "phone", "purpose": "电话通知"})
    assert PHONE in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert PHONE not in await page(clerk, own)
    seen = await clerk.post(f"{own}/look", data={"what": "restricted", "purpose": "入户核查"})
    assert "低保" in seen.text
    assert await AuditLine.filter(verb="register.unmask").count() == 1
    assert await AuditLine.filter(verb="register.read_restricted").count() == 1
    for what in ("", "phone:nobody", "id_number:", "password"):
        odd = await clerk.post(f"{own}/look", data={"what": what, "purpose": "电话通知"})
        assert odd.status_code == 400, what


async def test_an_id_number_is_checked_and_never_shown(clerk: httpx.AsyncClient) -> None:
    own = await added(clerk, "张明")
    person = {"revision": "1", "name": "王秀英", "id_number": id_number(2)}
    await clerk.post(f"{own}/members/new", data=person)
    shown = await page(clerk, own)
    option = re.search(r'<select id="f-resident".*?<option value="([^"]+)"', shown, re.DOTALL)
    assert option
    for number, said in ((id_number(2), "登记的一致"), (id_number(4), "登记的不一致")):
        sent = {"resident": option[1], "number": number, "check_purpose": "核对本人"}
        answer = await clerk.post(f"{own}/check-id", data=sent)
        assert said in answer.text
        assert number not in answer.text


async def test_who_may_only_read_is_offered_nothing_else(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    own = await added(clerk, "张明", phone=PHONE)
    worker = await web.login("panel_member")
    shown = await page(worker, own)
    assert "张明" in shown
    for action in ("/edit", "/look", "/check-id", "/name-choice", "/entries/new"):
        assert f"{own}{action}" not in shown
    assert "/households/export" not in await page(worker, "/households")
    stranger = await web.login("clerk", factories.OTHER_VILLAGE)
    for path in (own, f"{own}/edit", f"{own}/members/new"):
        assert (await stranger.get(path)).status_code == 404


async def test_the_list_is_exported_as_it_is_filtered(clerk: httpx.AsyncClient) -> None:
    await added(clerk, "张明", number="7", phone=PHONE, remarks="重病")
    await added(clerk, "李四", number="8")
    sent = {"village": VILLAGE, "q": "张", "state": "active", "format": "csv"}
    none = await clerk.post("/households/export", data=sent)
    assert none.status_code == 303, "without a purpose there is no file"
    file = await clerk.post("/households/export", data={**sent, "purpose": "入户核对"})
    text = file.content.decode("utf-8-sig")
    assert ("张明" in text, "李四" in text, "重病" in text, PHONE in text) == (
        True, False, False, False,
    )  # fmt: skip
    whole = {**sent, "purpose": "入户核对", "numbers": "yes", "restricted": "yes"}
    text = (await clerk.post("/households/export", data=whole)).content.decode("utf-8-sig")
    assert "重病" in text
    assert PHONE in text


async def test_choices_are_typed_in_from_the_sheet(clerk: httpx.AsyncClient) -> None:
    own = await added(clerk, "张明", group=f"{VILLAGE}-G01")
    await added(clerk, "李四", group=f"{VILLAGE}-G01")
    path, group, today = "/households/name-choices", f"{VILLAGE}-G01", str(clock.today())
    shown = await page(clerk, path, group=group)
    names = re.findall(r'name="(wall-[^"]+)"', shown)
    assert len(names) == 2
    key = own.rpartition("/")[2]
    sent = {"group": group, "chosen_on": today, "how": "paper_sheet", f"wall-{key}": "full"}
    missing = await clerk.post(path, data={**sent, "how": ""})
    assert missing.status_code == 400
    assert (await clerk.post(path, data=sent)).status_code == 303
    kept = await Household.get(id=key)
    assert (kept.name_wall, kept.name_web, kept.name_chosen_how) == ("full", "", "paper_sheet")
    assert "登记表上签名" in await page(clerk, own)
    one = await clerk.post(f"{own}/name-choice", data={"web": "unnamed", "how": "oral"})
    assert one.status_code == 303
    kept = await Household.get(id=key)
    assert (kept.name_wall, kept.name_web, kept.name_chosen_how) == ("full", "unnamed", "oral")
    printed = await clerk.get(f"{path}/print", params={"group": group})
    assert printed.content.startswith(b"%PDF-")


async def test_a_workbook_is_chosen_read_looked_at_and_confirmed(clerk: httpx.AsyncClient) -> None:
    content = (DATA / "huaizhuang-households.xlsx").read_bytes()
    assert "从表格导入" in await page(clerk, "/households/import")
    sent = await clerk.post(
        "/households/import", data={"village": VILLAGE}, files={"file": ("台账.xlsx", content)}
    )
    assert sent.status_code == 303
    own = sent.headers["location"]
    shown = await read(clerk, own)
    assert "表头在第 3、4 行" in shown
    assert "确认导入 300 户" in shown
    assert "99042819760726256" in shown
    only = await page(clerk, own, severity="error")
    assert ("号码未采用" in only, "表中间有空行" in only) == (True, False)
    assert await Household.all().count() == 0
    assert (await clerk.post(f"{own}/confirm")).status_code == 303
    assert "已存入农户册：新增 300 户" in await page(clerk, own)
    again = await clerk.post(f"{own}/confirm")
    assert again.status_code == 409
    assert await Household.all().count() == 300
    assert "台账.xlsx" in await page(clerk, "/households/import")
    assert "共 300 户" in await page(clerk, "/households")


async def test_a_corrected_file_shows_what_it_changes(clerk: httpx.AsyncClient) -> None:
    own = await added(clerk, "张明", number="7", phone=PHONE, welfare="低保")
    table = "户号,户主,姓名,与户主关系,联系电话,享受政策\n7,张明,张明,户主,19912340199,特困\n"
    table += "7,张明,张强,长子,,\n"
    sent = await clerk.post(
        "/households/import", data={"village": VILLAGE}, files={"file": ("表.csv", table)}
    )
    shown = await read(clerk, sent.headers["location"])
    updates = shown.partition('id="updates"')[2]
    for text in ("199****0123", "199****0199", "享受政策", "张强", "新成员"):
        assert text in updates, text
    for secret in (PHONE, "19912340199", "低保", "特困"):
        assert secret not in shown, secret
    assert "张强" not in await page(clerk, own)


async def read(clerk: httpx.AsyncClient, own: str) -> str:
    """The import's page when it has been read."""
    for _ in range(400):
        shown = await page(clerk, own)
        if "正在读表格" not in shown:
            return shown
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_a_file_that_is_no_workbook_says_so_and_stores_nothing(
    clerk: httpx.AsyncClient,
) -> None:
    nothing = await clerk.post(
        "/households/import", data={"village": VILLAGE}, files={"file": ("", b"")}
    )
    assert (nothing.status_code, "请先选一个文件" in nothing.text) == (400, True)
    sent = await clerk.post(
        "/households/import",
        data={"village": VILLAGE},
        files={"file": ("照片.jpg", b"\xff\xd8\xff\xe0 a picture \x00\x01")},
    )
    own = sent.headers["location"]
    shown = await read(clerk, own)
    assert "换一个文件" in shown
    refused = await clerk.post(f"{own}/confirm")
    assert refused.status_code == 409
    assert (await clerk.post(f"{own}/drop")).status_code == 303
    assert await Household.all().count() == 0


async def test_the_village_that_keeps_numbers_shows_them_masked(clerk: httpx.AsyncClient) -> None:
    kept = settings.RegisterSettings(keep_id_numbers=True, id_purpose="医保代缴")
    await settings.write(VILLAGE, kept, by=factories.OPERATOR)
    own = await added(clerk, "张明")
    sent = {"revision": "1", "name": "王秀英", "id_number": id_number(2)}
    await clerk.post(f"{own}/members/new", data=sent)
    shown = await page(clerk, own)
    assert f"9904**********{id_number(2)[-4:]}" in shown
    option = re.search(r'<option value="(id_number:[^"]+)"', shown)
    assert option
    answer = await clerk.post(f"{own}/look", data={"what": option[1], "purpose": "医保代缴"})
    assert id_number(2) in answer.text


async def test_a_village_without_groups_is_one_sheet(web: Web, clerk: httpx.AsyncClient) -> None:
    other = await web.login("clerk", factories.OTHER_VILLAGE)
    sent = {"village": factories.OTHER_VILLAGE, "head": "周八"}
    key = (await other.post("/households/new", data=sent)).headers["location"].rpartition("/")[2]
    assert f"wall-{key}" in await page(other, "/households/name-choices")
    choice = {"group": factories.OTHER_VILLAGE, "chosen_on": str(clock.today()), "how": "oral"}
    answer = await other.post("/households/name-choices", data={**choice, f"web-{key}": "masked"})
    assert answer.status_code == 303
    assert (await Household.get(id=key)).name_web == "masked"
    group = {**choice, "group": f"{VILLAGE}-G01"}
    assert (await other.post("/households/name-choices", data=group)).status_code == 404
