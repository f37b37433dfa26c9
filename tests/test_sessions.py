"""Logging in and what a session is worth."""

import factories
from web import Web


async def test_who_logs_in_is_known_by_cookie_and_by_token(web: Web) -> None:
    await factories.divisions()
    for caller in (await web.login("clerk"), await web.program("clerk")):
        me = (await caller.get("/api/v1/officials/me")).json()
        assert [duty["role"] for duty in me["duties"]] == ["clerk"]
        assert (await caller.get("/regions")).status_code == 200
    assert (await web.client().get("/api/v1/officials/me")).status_code == 401
