"""Logging in, and what a session is worth: for how long, from where, and how it ends."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import factories
import httpx
import jwt
import pytest
from web import ON_SQLITE, PASSWORD, Web, with_login

from api import auth
from foundation import clock, keys, trail
from households import directory, duties, officials, passwords, sessions
from households.models import LoginFailure, LoginSession, Official

ME = "/api/v1/officials/me"


@pytest.fixture
def now() -> Iterator["Hands"]:
    """A clock that stands until a test moves it."""
    hands = Hands()
    with clock.stopped_at(hands.at):
        clock._source = lambda: hands.at
        yield hands


class Hands:
    """Where the clock stands."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


async def an_official(web: Web, role: str = "clerk", *, must_change: bool = False) -> Official:
    await factories.divisions()
    return await with_login("wangqs", role, must_change=must_change)


async def try_login(caller: httpx.AsyncClient, password: str, login: str = "wangqs") -> int:
    body = {"login": login, "password": password}
    return (await caller.post("/api/v1/tokens", json=body)).status_code


async def tokens(web: Web) -> dict[str, str]:
    body = {"login": "wangqs", "password": PASSWORD}
    answer = await web.client().post("/api/v1/tokens", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def who(web: Web, token: str) -> int:
    return (await web.client(authorization=f"Bearer {token}").get(ME)).status_code


# -- passwords ----------------------------------------------------------------------------


async def test_passwords_are_kept_as_argon2id_with_a_salt_of_their_own() -> None:
    one, two = await passwords.hashed(PASSWORD), await passwords.hashed(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != two
    assert await passwords.matches(PASSWORD, one)
    assert not await passwords.matches(PASSWORD + " ", one)
    assert not await passwords.matches(PASSWORD, "")


@pytest.mark.parametrize("weak", ["", "short 12", "aaaaaaaaaaaa", "abababababab", "x1" * 101])
async def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(Exception, match="PasswordWeak"):
        await passwords.hashed(weak)


def test_first_passwords_are_random_and_can_be_read_aloud() -> None:
    made = {passwords.random() for _ in range(100)}
    assert len(made) == 100
    assert all(len(word) == 14 and not set(word) & set("il1o0") for word in made)


# -- logging in ---------------------------------------------------------------------------


async def test_who_logs_in_is_known_by_cookie_and_by_token(web: Web) -> None:
    await factories.divisions()
    for caller in (await web.login("clerk"), await web.program("clerk")):
        me = (await caller.get(ME)).json()
        assert [duty["role"] for duty in me["duties"]] == ["clerk"]
        assert (await caller.get("/regions")).status_code == 200
    assert (await web.client().get(ME)).status_code == 401


@ON_SQLITE
async def test_wrong_password_unknown_login_and_closed_login_are_told_alike(web: Web) -> None:
    official = await an_official(web)
    nobody = web.client()
    wrong = await nobody.post("/api/v1/tokens", json={"login": "wangqs", "password": "wrong one"})
    unknown = await nobody.post("/api/v1/tokens", json={"login": "nobody", "password": PASSWORD})
    await officials.set_active(official.id, False, by=factories.OPERATOR)
    closed = await nobody.post("/api/v1/tokens", json={"login": "wangqs", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == closed.status_code == 401
    assert wrong.json() == unknown.json() == closed.json()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (3, 0), (4, 1), (5, 2), (8, 16), (12, 256), (13, 300), (999, 300)],
)
def test_the_wait_doubles_and_never_becomes_a_lock(failures: int, seconds: int) -> None:
    assert sessions.delay_seconds(failures, sessions.ACCOUNT) == seconds


@ON_SQLITE
async def test_guessing_is_slowed_for_the_account_and_the_owner_comes_in_after_the_wait(
    web: Web, now: "Hands"
) -> None:
    await an_official(web)
    nobody = web.client()
    assert [await try_login(nobody, "wrong") for _ in range(4)] == [401] * 4
    answer = await nobody.post("/api/v1/tokens", json={"login": "wangqs", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["seconds"] == 1
    assert await try_login(nobody, PASSWORD, login="another") == 401  # another account is not
    now.move(seconds=1)
    assert await try_login(nobody, PASSWORD) == 200
    assert [await try_login(nobody, "wrong") for _ in range(4)] == [401] * 4  # forgiven by it


async def test_many_guesses_at_once_are_not_all_the_first(web: Web) -> None:
    await an_official(web)
    nobody = web.client()
    statuses = await asyncio.gather(*(try_login(nobody, f"wrong {n}") for n in range(20)))
    assert sorted(statuses) == [401] * 4 + [429] * 16


async def test_an_address_is_given_more_room_and_slowed_half_a_minute_at_most(
    web: Web, now: "Hands"
) -> None:
    await an_official(web)
    nobody = web.client()
    await LoginFailure.create(key="address:127.0.0.1", failures=39, last_at=now.at)
    assert await try_login(nobody, PASSWORD) == 200  # who is right does not count
    assert await try_login(nobody, "wrong", login="a stranger's guess") == 401
    assert await try_login(nobody, PASSWORD) == 429
    await LoginFailure.filter(key="address:127.0.0.1").update(failures=10_000)
    now.move(seconds=sessions.ADDRESS.wait_seconds_max)
    assert await try_login(nobody, PASSWORD) == 200


@ON_SQLITE
async def test_failures_are_forgiven_with_time(web: Web, now: "Hands") -> None:
    await an_official(web)
    nobody = web.client()
    for _ in range(4):
        assert await try_login(nobody, "wrong") == 401
    now.move(seconds=4 * sessions.ACCOUNT.forgiven_seconds)
    assert [await try_login(nobody, "wrong") for _ in range(4)] == [401] * 4
    assert await try_login(nobody, "wrong") == 429


# -- tokens -------------------------------------------------------------------------------


@ON_SQLITE
async def test_a_session_token_holds_for_fifteen_minutes(web: Web, now: "Hands") -> None:
    await an_official(web)
    token = (await tokens(web))["token"]
    now.move(minutes=15, seconds=-1)
    assert await who(web, token) == 200
    now.move(seconds=1)
    assert await who(web, token) == 401


@ON_SQLITE
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_no_other_kind_of_token_passes_as_a_session(web: Web) -> None:
    official = await an_official(web)
    sid = UUID((await tokens(web))["refresh_token"].partition(".")[0])
    good = auth.issue(sid, actor=await officials.actor_of(official))
    assert await who(web, good) == 200
    claims = jwt.decode(good, options={"verify_signature": False})
    key, later = keys.ring().current.tokens, {"exp": claims["exp"]}

    def made(using: bytes = key, algorithm: str = "HS256", **changed: object) -> str:
        kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return jwt.encode(kept, using if algorithm != "none" else "", algorithm=algorithm)

    assert await who(web, made()) == 200  # the control: what follows differs in one thing each
    forged = {
        "a refresh, QR or export token": made(typ="refresh"),
        "no kind": made(typ=None),
        "for another audience": made(aud="xiangyue:residents"),
        "no audience": made(aud=None),
        "by another issuer": made(iss="elsewhere"),
        "no end": made(exp=None),
        "ended": made(exp=later["exp"] - 3600),
        "another session": made(sid=str(uuid4())),
        "no algorithm": made(algorithm="none"),
        "another algorithm": made(algorithm="HS512"),
        "another key": made(using=keys.ring().current.signing),
        "not a token": "abc",
        "empty": "",
    }
    assert {what: await who(web, token) for what, token in forged.items()} == dict.fromkeys(
        forged, 401
    )


async def test_a_refresh_token_is_used_once(web: Web, now: "Hands") -> None:
    await an_official(web)
    first = await tokens(web)
    second = await refreshed(web, first)
    third = await refreshed(web, second)
    assert await who(web, third["token"]) == 200
    now.move(minutes=16)
    fourth = await refreshed(web, third)
    assert await who(web, third["token"]) == 401
    assert await who(web, fourth["token"]) == 200


async def refreshed(web: Web, before: dict[str, str]) -> dict[str, str]:
    answer = await refresh(web, before)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def refresh(web: Web, before: dict[str, str]) -> httpx.Response:
    body = {"refresh_token": before["refresh_token"]}
    return await web.client().post("/api/v1/tokens/refresh", json=body)


@ON_SQLITE
async def test_the_token_before_is_honoured_for_a_lost_reply_and_no_longer(
    web: Web, now: "Hands"
) -> None:
    await an_official(web)
    first = await tokens(web)
    second = await refreshed(web, first)
    now.move(seconds=sessions.GRACE_SECONDS - 1)
    again = await refreshed(web, first)
    assert again["refresh_token"] == ""  # no rotation: the newer one may have arrived after all
    assert await who(web, again["token"]) == 200
    third = await refreshed(web, second)
    assert await who(web, third["token"]) == 200


async def test_a_copied_token_ends_the_whole_family(web: Web, now: "Hands") -> None:
    await an_official(web)
    first = await tokens(web)
    second = await refreshed(web, first)
    now.move(seconds=sessions.GRACE_SECONDS)
    assert (await refresh(web, first)).status_code == 401
    assert (await refresh(web, second)).status_code == 401
    assert await who(web, second["token"]) == 401
    ended = await LoginSession.all()
    assert all(session.ended_at for session in ended)


async def test_a_refresh_token_raced_twice_gives_one_new_one(web: Web) -> None:
    await an_official(web)
    first = await tokens(web)
    answers = await asyncio.gather(*(refreshed(web, first) for _ in range(2)))
    assert sorted(bool(answer["refresh_token"]) for answer in answers) == [False, True]


@pytest.mark.parametrize(
    "value", ["", ".", "abc", "abc.def", f"{UUID(int=1)}.", f"{UUID(int=1)}.x"]
)
@ON_SQLITE
async def test_a_made_up_refresh_token_is_refused(web: Web, value: str) -> None:
    assert (await refresh(web, {"refresh_token": value})).status_code == 401


@ON_SQLITE
async def test_a_session_ends_for_good_after_its_hours(web: Web, now: "Hands") -> None:
    await an_official(web)
    first = await tokens(web)
    now.move(hours=sessions.SESSION_HOURS, seconds=1)
    assert (await refresh(web, first)).status_code == 401


@ON_SQLITE
async def test_only_digests_of_refresh_tokens_are_kept(web: Web) -> None:
    await an_official(web)
    first = await tokens(web)
    secret = first["refresh_token"].partition(".")[2]
    kept = await LoginSession.get()
    assert secret not in (kept.token, kept.token_before)
    assert len(kept.token) == 64


# -- the end of a session -----------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    ["log-out", "reset", "new duty", "duty taken back", "closed", "own password", "household"],
)
async def test_what_ends_sessions_ends_them_at_once(web: Web, what: str) -> None:
    official = await an_official(web)
    village, by = factories.VILLAGE, factories.OPERATOR
    await duties.add(official.id, role="scorer", region=village, by=by)
    first, browser = await tokens(web), web.client()
    await browser.post("/login", data={"login": "wangqs", "password": PASSWORD})
    assert (await browser.get(ME)).status_code == 200
    household = await factories.household("王秋实") if what == "household" else None
    match what:
        case "log-out":
            caller = web.client(authorization=f"Bearer {first['token']}")
            assert (await caller.delete("/api/v1/tokens")).status_code == 204
        case "reset":
            await officials.reset_password(official.id, by=by)
        case "new duty":
            await duties.add(official.id, role="supervisor", region=village, by=by)
        case "duty taken back":
            await duties.remove(official.id, role="scorer", region=village, by=by)
        case "closed":
            await officials.set_active(official.id, False, by=by)
        case "own password":
            me = await officials.actor_of(official)
            assert await officials.change_password(me, old=PASSWORD, new="another of mine 99")
        case "household":
            await officials.link_household(official.id, household, by=by)
    assert await who(web, first["token"]) == 401
    assert (await refresh(web, first)).status_code == 401
    # Log-out ends the one session; everything else ends all of them.
    assert (await browser.get(ME)).status_code == (200 if what == "log-out" else 401)


@ON_SQLITE
async def test_logging_out_in_the_browser_takes_the_cookies_and_the_session(web: Web) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    kept = dict(clerk.cookies)
    answer = await clerk.post("/logout")
    assert answer.headers["location"] == "/login"
    assert not {"xiangyue", "xiangyue-refresh"} & set(clerk.cookies)
    clerk.cookies.update(kept)
    assert (await clerk.get(ME)).status_code == 401


@ON_SQLITE
async def test_a_lapsed_session_in_the_browser_is_renewed_on_the_next_page(
    web: Web, now: "Hands"
) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    before = dict(clerk.cookies)
    now.move(minutes=20)
    assert (await clerk.get("/regions")).status_code == 200
    after = dict(clerk.cookies)
    assert before["xiangyue"] != after["xiangyue"]
    assert before["xiangyue-refresh"] != after["xiangyue-refresh"]


# -- the first password -------------------------------------------------------------------


@ON_SQLITE
async def test_a_first_password_is_changed_before_anything_else(web: Web) -> None:
    await an_official(web, must_change=True)
    browser = web.client()
    form = {"login": "wangqs", "password": PASSWORD, "next": "/regions"}
    assert (await browser.post("/login", data=form)).headers["location"] == "/me"
    page = await browser.get("/regions")
    assert (page.status_code, page.headers["location"]) == (302, "/me")
    assert (await browser.get("/api/v1/regions")).status_code == 403
    assert (await browser.get("/me")).status_code == 200
    new = {"old": PASSWORD, "new": "a better one 99", "again": "a better one 99"}
    assert (await browser.post("/me", data={**new, "again": "mistyped 99"})).status_code == 400
    assert (await browser.post("/me", data={**new, "old": "wrong"})).status_code == 400
    weak = {**new, "new": "short", "again": "short"}
    assert (await browser.post("/me", data=weak)).status_code == 400
    assert (await browser.post("/me", data=new)).headers["location"] == "/login"
    assert (await browser.get("/me")).status_code == 302  # that session has ended
    form["password"] = "a better one 99"
    assert (await browser.post("/login", data=form)).headers["location"] == "/regions"
    assert (await browser.get("/regions")).status_code == 200


@ON_SQLITE
async def test_a_program_changes_its_first_password_before_anything_else_too(web: Web) -> None:
    await an_official(web, must_change=True)
    program = web.client()
    form = {"login": "wangqs", "password": PASSWORD}
    token = (await program.post("/api/v1/tokens", json=form)).json()["token"]
    bearer = web.client(authorization=f"Bearer {token}")
    answer = await bearer.get("/api/v1/regions")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:xiangyue:password-unchanged")
    assert "/api/v1/officials/me/password" in answer.json()["detail"]
    assert (await bearer.get("/api/v1/officials/me")).status_code == 403
    own = "/api/v1/officials/me/password"
    wrong = await bearer.post(own, json={"old": "not this one", "new": "a better one 99"})
    assert wrong.status_code == 401
    right = await bearer.post(own, json={"old": PASSWORD, "new": "a better one 99"})
    assert right.status_code == 204, right.text
    assert (await bearer.get("/api/v1/regions")).status_code == 401  # that session has ended
    form["password"] = "a better one 99"
    token = (await program.post("/api/v1/tokens", json=form)).json()["token"]
    bearer = web.client(authorization=f"Bearer {token}")
    assert (await bearer.get("/api/v1/regions")).status_code == 200


@ON_SQLITE
async def test_one_sees_and_ends_ones_own_log_ins_and_what_one_did(web: Web) -> None:
    await an_official(web)
    form = {"login": "wangqs", "password": PASSWORD}
    phone = web.client(**{"user-agent": "Mozilla/5.0 (Linux; Android 9) MicroMessenger/8"})
    office = web.client(**{"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/120 Edg/120"})
    for browser in (phone, office):
        assert (await browser.post("/login", data=form)).status_code == 303
    await with_login("lixm", "scorer")
    other = web.client()
    await other.post("/login", data={"login": "lixm", "password": PASSWORD})
    page = (await office.get("/me")).text
    assert page.index("Windows · Edge") < page.index("安卓手机 · 微信")
    assert page.count("登录</p>") + page.count(" 登录 · ") == 2
    assert "村文书" in page
    assert (await office.post("/me/sessions/end")).headers["location"] == "/me"
    assert (await phone.get("/me")).status_code == 302
    assert (await office.get("/me")).status_code == 200
    assert (await other.get("/me")).status_code == 200  # only one's own
    assert "安卓手机" not in (await office.get("/me")).text
    log = (await office.get("/me/log")).text
    assert log.count('<th scope="row">登录</th>') == 2
    assert "退出别处的登录" in log
    assert "没有符合的记录" in (await office.get("/me/log", params={"until": "2001-01-01"})).text


@ON_SQLITE
async def test_the_audit_log_knows_log_ins_but_no_password(web: Web) -> None:
    await an_official(web)
    await tokens(web)
    await try_login(web.client(), "a wrong password 99")
    lines = (await trail.page(None)).lines
    assert "sessions.open" in [line.verb for line in lines]
    assert PASSWORD not in repr(lines)
    assert "wrong password" not in repr(lines)
    assert await directory.names([lines[0].actor]) == {lines[0].actor: "王秋实"}
