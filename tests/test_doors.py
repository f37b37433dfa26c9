"""What stands before every handler: host, origin, headers, cookies, and where one is sent on to."""

from pathlib import Path

import factories
import httpx
import pytest
from web import ON_SQLITE, PASSWORD, Web, running, with_login

from api import guards, locale
from api.pages.entrance import own_path
from api.settings import Settings

PUBLIC_URL = "https://xiangyue.example.cn"
GROUP = {"parent": factories.VILLAGE, "level": "group", "name": "新组"}


# -- Host ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("xiangyue.example.cn", True),
        ("xiangyue.example.cn:443", True),
        ("XIANGYUE.EXAMPLE.CN", True),
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("192.168.1.20:8000", True),
        ("[::1]:8000", True),
        ("[fe80::1]", True),
        ("evil.example", False),
        ("xiangyue.example.cn.evil.example", False),
        ("evil.example:80@127.0.0.1", True),  # what is before an @ is no host
        ("127.0.0.1.evil.example", False),
        ("beef", False),
        ("", False),
        ("[::1", False),
        ("a b", False),
    ],
)
def test_only_our_own_names_and_bare_addresses_are_known(host: str, known: bool) -> None:
    settings = Settings(data=Path("nowhere"), public_url=PUBLIC_URL)
    assert guards.is_known_host(host, settings) is known


@ON_SQLITE
async def test_another_host_is_refused_before_anything_is_looked_up(web: Web) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    for path in ("/regions", "/login", "/assets/css/app.css", "/nowhere", "/api/v1/openapi.json"):
        answer = await clerk.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 421
        assert "evil.example" not in answer.text


# -- Origin -------------------------------------------------------------------------------

ALLOWED: list[dict[str, str]] = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "http://127.0.0.1:8000"},
    {"origin": PUBLIC_URL},
    {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"},
]
REFUSED: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "something new"},
    {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:8001"},
    {"origin": "http://127.0.0.1:8000.evil.example"},
    {"origin": "http://[::1"},
    {"referer": "http://127.0.0.1:8000/regions"},
]


@pytest.fixture
async def public_web(sqlite_store: str, tmp_path: Path) -> Web:  # type: ignore[misc]
    settings = Settings(
        data=tmp_path, database_url=sqlite_store, secret=factories.SECRET, public_url=PUBLIC_URL
    )
    async with running(settings) as at_hand:
        yield at_hand


async def cookie_clerk(web: Web) -> httpx.AsyncClient:
    """A browser with the clerk's cookies, which says nothing of its own about the origin."""
    await factories.divisions()
    await with_login("wangqs", "clerk")
    browser = web.client()
    form = {"login": "wangqs", "password": PASSWORD}
    answer = await browser.post("/login", data=form)
    # As a browser that speaks https to what stands in front would send them back.
    pairs = [c.partition(";")[0] for c in answer.headers.get_list("set-cookie")]
    del browser.headers["sec-fetch-site"]
    browser.headers["cookie"] = "; ".join(pairs)
    return browser


async def test_a_write_by_cookie_comes_from_our_own_pages_or_is_refused(public_web: Web) -> None:
    clerk = await cookie_clerk(public_web)
    for headers in ALLOWED:
        answer = await clerk.post("/api/v1/regions", json=GROUP, headers=headers)
        assert answer.status_code == 201, headers
    for headers in REFUSED:
        for path, sent in (("/api/v1/regions", {"json": GROUP}), ("/regions", {"data": GROUP})):
            answer = await clerk.post(path, headers=headers, **sent)  # type: ignore[arg-type]
            assert answer.status_code == 403, (path, headers)
        answer = await clerk.patch(
            f"/api/v1/regions/{factories.VILLAGE}-G01", json={"name": "被改"}, headers=headers
        )
        assert answer.status_code == 403, headers
    assert (
        await clerk.get("/regions", headers={"sec-fetch-site": "cross-site"})
    ).status_code == 200


async def test_logging_somebody_in_from_another_site_is_refused(public_web: Web) -> None:
    await factories.divisions()
    await with_login("wangqs", "clerk")
    browser = public_web.client()
    form = {"login": "wangqs", "password": PASSWORD}
    for headers in REFUSED[1:]:
        del browser.headers["sec-fetch-site"]
        answer = await browser.post("/login", data=form, headers=headers)
        browser.headers["sec-fetch-site"] = "same-origin"
        assert answer.status_code == 403, headers
        assert "set-cookie" not in answer.headers


@ON_SQLITE
async def test_a_program_with_a_token_is_not_asked_for_its_origin(web: Web) -> None:
    await factories.divisions()
    program = await web.program("clerk")
    assert (await program.post("/api/v1/regions", json=GROUP)).status_code == 201


# -- cookies ------------------------------------------------------------------------------


def attributes(header: str) -> tuple[str, set[str]]:
    """A cookie's name, and everything it says beside name and value."""
    pair, *rest = header.split("; ")
    return pair.partition("=")[0], {word.lower().partition("=")[0] for word in rest}


async def test_over_https_every_cookie_is_for_this_host_and_secure(public_web: Web) -> None:
    await cookie_clerk(public_web)
    browser = public_web.client()
    form = {"login": "wangqs", "password": PASSWORD}
    login = await browser.post("/login", data=form)
    language = await browser.post("/language", data={"lang": "en", "next": "/login"})
    browser.headers["cookie"] = "; ".join(
        c.partition(";")[0] for c in login.headers.get_list("set-cookie")
    )
    flash = await browser.post("/regions", data=GROUP)
    shown = await browser.get(
        "/regions", headers={"cookie": flash.headers["set-cookie"].partition(";")[0]}
    )
    logout = await browser.post("/logout")
    found = {}
    for answer in (login, language, flash, shown, logout):
        for header in answer.headers.get_list("set-cookie"):
            name, said = attributes(header)
            found[name] = header
            assert said >= {"httponly", "samesite", "secure", "path", "max-age"}, header
            assert "domain" not in said
            assert "SameSite=lax" in header
            assert "Path=/;" in header or header.endswith("Path=/")
    assert set(found) == {
        "__Host-xiangyue",
        "__Host-xiangyue-refresh",
        "__Host-xiangyue-owner",
        "__Host-xiangyue-lang",
        "__Host-xiangyue-flash",
    }


@ON_SQLITE
async def test_over_plain_http_no_cookie_asks_for_what_a_browser_would_refuse(web: Web) -> None:
    await factories.divisions()
    await with_login("wangqs", "clerk")
    browser = web.client()
    login = await browser.post("/login", data={"login": "wangqs", "password": PASSWORD})
    language = await browser.post("/language", data={"lang": "en"})
    headers = [*login.headers.get_list("set-cookie"), *language.headers.get_list("set-cookie")]
    found = dict(attributes(header) for header in headers)
    assert set(found) == {"xiangyue", "xiangyue-refresh", "xiangyue-owner", "xiangyue-lang"}
    assert all("secure" not in said and "httponly" in said for said in found.values())


# -- headers ------------------------------------------------------------------------------


@ON_SQLITE
async def test_every_answer_says_what_a_browser_may_do_with_it(web: Web) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    pages = ["/regions", "/api/v1/regions", "/login", "/nowhere", "/api/v1/nowhere", "/me"]
    for path in [*pages, "/assets/css/app.css", "/api/v1/docs"]:
        headers = (await clerk.get(path)).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'self'", path
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert "script-src" not in policy  # default-src holds for scripts, inline ones included
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        kept = "no-store" if not path.startswith("/assets/") else "max-age=3600"
        assert kept in headers["cache-control"], path


async def test_over_https_browsers_are_told_to_stay_there(public_web: Web) -> None:
    headers = (await public_web.client().get("/login")).headers
    assert headers["strict-transport-security"] == "max-age=31536000"


@ON_SQLITE
async def test_files_beside_the_assets_are_not_served(web: Web) -> None:
    nobody = web.client()
    for path in (
        "/assets/package.json",
        "/assets/css/../package.json",
        "/assets/css/..%2f..%2flayout.html",
        "/assets/css/%2e%2e/%2e%2e/layout.html",
        "/assets/css//etc/passwd",
        "/assets/css/",
    ):
        assert (await nobody.get(path)).status_code in (400, 404), path


# -- on to where --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/regions", "/households?q=wang&sort=head", "/p/1#row"])
def test_ones_own_pages_may_be_gone_on_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "regions",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n\\evil.example",
        "\t//evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "//[",
        "/ /evil.example",
        "/\x00",
    ],
)
def test_nothing_else_may(path: str) -> None:
    assert own_path(path) == "/"


@ON_SQLITE
async def test_log_in_leads_back_to_where_one_wanted_to_go_and_nowhere_else(web: Web) -> None:
    await factories.divisions()
    await with_login("wangqs", "clerk")
    browser = web.client()
    sent = await browser.get("/households?q=%E7%8E%8B&sort=head")
    assert sent.status_code == 302
    form = await browser.get(sent.headers["location"])
    assert 'value="/households?q=%E7%8E%8B&amp;sort=head"' in form.text
    credentials = {"login": "wangqs", "password": PASSWORD}
    for wanted, led in (
        ("/households?q=%E7%8E%8B&sort=head", "/households?q=%E7%8E%8B&sort=head"),
        ("//evil.example", "/"),
        ("/\t/evil.example", "/"),
    ):
        answer = await browser.post("/login", data={**credentials, "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, led)
        again = await browser.get("/login", params={"next": wanted})
        assert again.headers["location"] == led  # who is logged in already goes on likewise


# -- language -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cookie", "accept", "chosen"),
    [
        ("", "", "zh-CN"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "en-US,en;q=0.9", "en"),
        ("", "en-US,en;q=0.9,zh;q=0.1", "zh-CN"),
        ("", "fr-FR", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("klingon", "en", "en"),
    ],
)
def test_the_readers_choice_comes_before_the_browsers(
    cookie: str, accept: str, chosen: str
) -> None:
    assert locale.choose(cookie=cookie, accept=accept) == chosen


@ON_SQLITE
async def test_the_language_is_kept_and_only_known_ones_are(web: Web) -> None:
    browser = web.client()
    assert 'lang="zh-CN"' in (await browser.get("/login")).text
    answer = await browser.post("/language", data={"lang": "en", "next": "/login"})
    assert answer.headers["location"] == "/login"
    assert 'lang="en"' in (await browser.get("/login")).text
    answer = await browser.post("/language", data={"lang": "xx", "next": "//evil.example"})
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers
    browser.cookies.clear()
    raw = b'a="\x01; =; xiangyue-lang=\xff'
    odd = await browser.get("/login", headers={"cookie": raw})  # type: ignore[dict-item]
    assert odd.status_code == 200
