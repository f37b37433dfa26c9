"""As villagers reach it: TLS in front, a name that is not localhost, a real browser."""

from pathlib import Path

import servers
from https_front import https_front
from playwright.async_api import Cookie

NAME = "cun.test"
DIVISIONS = """code,name,parent,level
990100000000,试验县,,county
990100001000,试验镇,990100000000,township
990100001001,试验村,990100001000,village
"""


def store_with_an_administrator(data: Path) -> None:
    """A real store with three divisions and the login wangqs, made by commands."""
    file = data.with_name("divisions.csv")
    file.write_text(DIVISIONS)
    imported = servers.command(data, "regions", "import", str(file))
    assert imported.returncode == 0, imported.stderr
    duty = ("--role", "admin", "--region", "990100001001")
    created = servers.command(
        data, "officials", "create", "wangqs", *duty, "--password", "throw away 99"
    )
    assert created.returncode == 0, created.stderr


async def test_logging_in_over_https_keeps_the_session_to_https(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store_with_an_administrator(data)
    port = servers.free_port()
    address = f"https://{NAME}:{port}"
    with servers.program(data, "--real", XIANGYUE_PUBLIC_URL=address) as running:
        front = https_front(running.port, name=NAME, port=port, folder=tmp_path)
        async with front as arguments, servers.chromium(*arguments) as browser:
            context = await browser.new_context()
            page = await context.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(error.message))
            page.on("requestfailed", lambda failed: errors.append(failed.url))
            response = await page.goto(f"{address}/login")
            assert response is not None
            assert "max-age=31536000" in (await response.all_headers())["strict-transport-security"]
            assert await page.evaluate("isSecureContext && Boolean(crypto.subtle)")

            await page.fill("input[name=login]", "wangqs")
            await page.fill("input[name=password]", "throw away 99")
            await page.click("form button.main")
            await page.wait_for_url(f"{address}/me")  # a first password is changed before all else

            kept = {cookie["name"]: cookie for cookie in await context.cookies()}
            assert set(kept) >= {"__Host-xiangyue", "__Host-xiangyue-refresh"}
            assert all(_is_kept_to_https(cookie) for cookie in kept.values())
            assert errors == []


def _is_kept_to_https(cookie: Cookie) -> bool:
    return cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Lax"
