"""Time-out with the work kept: what was typed comes back to who typed it, and to nobody else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import factories
import pytest
import servers
from playwright.async_api import Browser
from web import ON_SQLITE, PASSWORD, Web, with_login

from api import refill
from foundation import clock
from foundation.models import Attachment
from households import kept_forms
from households.models import Household, LoginSession, Official, Region

TYPED = {
    "village": factories.VILLAGE, "head": "罗桂英 <b>&", "number": "77", "address": "东街\n12 号",
}  # fmt: skip
PAGE = f"/households/new?village={factories.VILLAGE}"


async def end_all_sessions() -> None:
    await LoginSession.all().update(ended_at=clock.now())


async def timed_out(web: Web, *, login: str = "wangqs"):  # type: ignore[no-untyped-def]
    """A browser whose form arrives after the session ended, and the answer."""
    if not await Region.all().exists():
        await factories.divisions()
    await with_login(login, "clerk")
    browser = web.client()
    form = {"login": login, "password": PASSWORD}
    assert (await browser.post("/login", data=form)).status_code == 303
    await end_all_sessions()
    referer = f"http://127.0.0.1:{web.settings.port}{PAGE}"
    answer = await browser.post("/households/new", data=TYPED, headers={"referer": referer})
    return browser, answer


@ON_SQLITE
async def test_a_form_sent_too_late_comes_back_as_it_was_typed(web: Web) -> None:
    browser, answer = await timed_out(web)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Fhouseholds%2Fnew")
    assert not await Household.all().exists()  # nothing was posted
    assert "您刚才填的内容还在" in (await browser.get(answer.headers["location"])).text
    form = {"login": "wangqs", "password": PASSWORD, "next": PAGE}
    back = await browser.post("/login", data=form)
    assert back.headers["location"] == PAGE
    assert not await Household.all().exists()  # nor is it when he has logged in
    for _ in range(2):  # to read it twice changes nothing
        page = (await browser.get(PAGE)).text
        assert "还没有提交" in page
        assert 'value="罗桂英 &lt;b&gt;&amp;"' in page
        assert 'value="77"' in page
    seen = (await browser.get("/kept")).text
    assert "东街" in seen
    saved = await browser.post("/households/new", data={**TYPED, "head": "罗桂英"})
    assert saved.status_code == 303, saved.text
    assert await Household.all().count() == 1
    assert "还没有提交" not in (await browser.get(PAGE)).text  # and it is gone
    assert "没有留着的内容" in (await browser.get("/kept")).text


@ON_SQLITE
async def test_another_user_of_the_same_computer_does_not_get_it(web: Web) -> None:
    browser, _ = await timed_out(web)
    await with_login("lixm", "clerk")
    form = {"login": "lixm", "password": PASSWORD, "next": PAGE}
    assert (await browser.post("/login", data=form)).headers["location"] == PAGE
    page = (await browser.get(PAGE)).text
    assert "罗桂英" not in page
    assert "还没有提交" not in page
    assert "没有留着的内容" in (await browser.get("/kept")).text
    await browser.post("/kept/drop")  # nor can he drop it
    await browser.post("/logout")
    form["login"] = "wangqs"
    await browser.post("/login", data=form)
    assert "东街" in (await browser.get("/kept")).text
    assert (await browser.post("/kept/drop")).status_code == 303
    assert "没有留着的内容" in (await browser.get("/kept")).text


@ON_SQLITE
async def test_only_what_an_official_sent_from_our_own_pages_is_kept_and_for_a_day(
    web: Web,
) -> None:
    await factories.divisions()
    stranger = web.client()
    assert (await stranger.post("/households/new", data=TYPED)).headers["location"] == "/login"
    forged = web.client()
    forged.cookies.set("xiangyue-owner", "made.up.token", domain="127.0.0.1")
    await forged.post("/households/new", data=TYPED)
    assert not await Attachment.filter(purpose=kept_forms.PURPOSE).exists()
    browser, _ = await timed_out(web)
    kept = await Attachment.get(purpose=kept_forms.PURPOSE)
    assert "罗桂英".encode() not in bytes(kept.content)  # sealed
    huge = {**TYPED, "remarks": "x" * 300_000}
    assert "next" not in (await browser.post("/households/new", data=huge)).headers["location"]
    secret = {"old": PASSWORD, "new": "a better one 99", "again": "a better one 99"}
    await browser.post("/me", data=secret)
    other = web.client(**{"sec-fetch-site": "cross-site"})
    other.cookies = browser.cookies
    assert (await other.post("/households/new", data={"head": "外站"})).status_code == 403
    official = await Official.get(login="wangqs")
    found = await kept_forms.find(official.id)
    assert found
    assert ("number", "77") in found.fields
    with clock.stopped_at(clock.now() + timedelta(hours=25)):
        assert await kept_forms.find(official.id) is None
        await kept_forms.purge()
    assert not await Attachment.filter(purpose=kept_forms.PURPOSE).exists()


FORMS = """<!doctype html><p>&nbsp;&#20065;<form method="post" action="/x"><input type="hidden"
 name="role" value="a"><input name="q"></form>
<form method="post" action="/x"><input type="hidden" name="role" value="b">
<input name="q" value="old">
<input type="checkbox" name="t" value="1" checked><input type="checkbox" name="t" value="2">
<select name="s"><option value="1" selected>one</option><option value="2">two</option></select>
<textarea name="w">before</textarea><input type="password" name="q2" value=""></form>
<script>if (a < b && c) { d("<form>"); }</script>"""


def test_the_form_that_was_sent_is_filled_and_nothing_else() -> None:
    fields = [
        ("role", "b"),
        ("q", 'new "<>'),
        ("t", "2"),
        ("s", "2"),
        ("w", "<after>"),
        ("q2", "!"),
    ]
    page = refill.filled(FORMS, action="/x", fields=fields)
    assert page
    head, tail = FORMS.split("</form>", 1)
    assert page.startswith(head)
    assert page.endswith(tail[tail.index("<script>") :])
    assert 'value="new &quot;&lt;&gt;"' in page
    assert '<input type="checkbox" name="t" value="1">' in page
    assert '<input type="checkbox" name="t" value="2" checked>' in page
    assert '<option value="1">' in page
    assert '<option value="2" selected>' in page
    assert "&lt;after&gt;</textarea>" in page
    assert "before" not in page
    assert 'name="q2" value=""' in page
    assert refill.filled(FORMS, action="/y", fields=fields) is None
    assert refill.filled(FORMS, action="/x", fields=[("role", "c")]) is None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A served demo village: its address and its clerk's login."""
    data = tmp_path_factory.mktemp("kept") / "data"
    few = ("--households", "30", "--villages", "1", "--months", "1", "--until", "2026-08")
    made = servers.command(data, "demo", *few, "--json")
    assert made.returncode == 0, made.stderr
    with servers.program(data) as running:
        yield running.url, json.loads(made.stdout)["clerk"]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_in_a_browser_the_typed_form_stands_there_again(
    browser: Browser, served: tuple[str, dict[str, str]], script: bool
) -> None:
    url, clerk = served
    context = await browser.new_context(base_url=url, java_script_enabled=script, locale="zh-CN")
    page = await context.new_page()

    async def log_in() -> None:
        await page.fill("#f-login", clerk["login"])
        await page.fill("#f-password", clerk["password"])
        await page.click("button.main")

    await page.goto("/login?next=/households/new")
    await log_in()
    await page.fill("#f-head", "罗桂英")
    await page.fill("#f-number", f"8{script:d}77")
    for name in ("xiangyue", "xiangyue-refresh"):
        await context.clear_cookies(name=name)
    await page.click("main button.main")
    assert "您刚才填的内容还在" in await page.content()
    await log_in()
    assert await page.input_value("#f-head") == "罗桂英"
    assert await page.input_value("#f-number") == f"8{script:d}77"
    assert "还没有提交" in await page.content()
    await page.click("main button.main")
    await page.wait_for_url(re.compile(r"/households/[0-9a-f]{8}-"))
    assert "罗桂英" in await page.content()
