"""A signed file through each door: the screen with its telephone call, the API, commands."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import boards
import factories
import httpx
import pytest
import servers
from factories import TOWNSHIP, VILLAGE
from test_incoming_files import Handed, handed  # noqa: F401 - a fixture
from web import ON_SQLITE, Web

from foundation import clock
from points import signers
from points.models import Publication

PAGE = "/publications/import"


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with clock.stopped_at(boards.NOW):
        yield


@pytest.fixture
async def official(handed: Handed, web: Web) -> httpx.AsyncClient:  # noqa: F811
    """A township official's browser."""
    await factories.divisions()
    return await web.login("township_official", TOWNSHIP)


async def upload(browser: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await browser.post(PAGE, files={"file": ("list.xyp", content)})


async def confirm(browser: httpx.AsyncClient, content: bytes, **more: str) -> httpx.Response:
    form = {"file": base64.b64encode(content).decode(), **more}
    return await browser.post(f"{PAGE}/confirm", data=form)


async def test_the_screen_asks_for_a_call_and_then_takes_the_file_in(
    official: httpx.AsyncClient,
    handed: Handed,  # noqa: F811
) -> None:
    first = handed.files["first"]
    asked = await upload(official, first)
    assert asked.status_code == 200
    assert signers.spoken(handed.key) in asked.text
    assert base64.b64encode(first).decode() in asked.text
    unheard = await confirm(official, first, key=handed.key)
    assert (unheard.status_code, await Publication.all().count()) == (400, 0)
    done = await confirm(official, first, key=handed.key, heard="yes")
    assert done.status_code == 303
    page = await official.get(done.headers["location"])
    assert "村里报来" in page.text
    assert "罗桂英" in page.text
    again = await upload(official, handed.files["second"])
    assert again.status_code == 303
    assert signers.spoken(handed.key) in (await official.get(PAGE)).text


async def test_a_refused_file_is_answered_on_the_page_with_a_sentence(
    official: httpx.AsyncClient,
    handed: Handed,  # noqa: F811
) -> None:
    await confirm(official, handed.files["first"], key=handed.key, heard="yes")
    first = handed.files["second"]
    sentences = {
        "改动过": first.replace(b'"posted":3', b'"posted":2', 1).replace(
            b'\\"posted\\":3', b'\\"posted\\":2', 1
        ),
        "核实过的": handed.files["foreign"],
        "内容不同": handed.files["same serial"],
        "不是乡约的公布文件": b"PK not a list",
    }
    for words, content in sentences.items():
        answer = await upload(official, content)
        assert (answer.status_code, words in answer.text) == (400, True), words
    assert await Publication.all().count() == 1
    rubbish = await official.post(f"{PAGE}/confirm", data={"file": "字", "heard": "yes"})
    assert rubbish.status_code == 400


@ON_SQLITE
async def test_a_program_hands_in_confirms_and_withdraws(
    handed: Handed,  # noqa: F811 - before the township's own store is opened
    web: Web,
) -> None:
    await factories.divisions()
    caller = await web.program("admin", TOWNSHIP)
    body = {"file": base64.b64encode(handed.files["first"]).decode()}
    path = "/api/v1/publications"
    waits = await caller.post(f"{path}/imports", json=body)
    assert (waits.status_code, waits.json()["key"]) == (409, signers.spoken(handed.key))
    done = await caller.post(f"{path}/imports", json={**body, "confirm": waits.json()["key"]})
    assert (done.status_code, done.json()["new"]) == (200, True)
    [known] = (await caller.get(f"{path}/signers")).json()
    assert (known["village"], known["key_id"]) == (VILLAGE, handed.key)
    body = {"village": VILLAGE}
    gone = [(await caller.post(f"{path}/signers/withdrawals", json=body)).status_code for _ in "12"]
    assert gone == [204, 404]


@ON_SQLITE
async def test_the_public_page_shows_a_list_that_was_handed_in(
    official: httpx.AsyncClient,
    handed: Handed,  # noqa: F811
    web: Web,
) -> None:
    done = await confirm(official, handed.files["first"], key=handed.key, heard="yes")
    serial = done.headers["location"].rpartition("/")[2]
    page = (await web.client().get(f"/p/{serial}")).text
    assert "罗＊英" in page
    assert "罗桂英" not in page


def test_the_commands_take_a_file_in_once_its_key_was_read_out(tmp_path: Path) -> None:
    """Two real stores: a village's that posts, and a township's that has only divisions."""
    village, township = tmp_path / "village", tmp_path / "township"
    small = ("demo", "--households", "24", "--villages", "1", "--months", "4", "--json")
    servers.command(village, *small)
    file = tmp_path / "list.xyp"
    posted = servers.command(
        village, "publish", VILLAGE, "--period", "2026", "-o", str(file), "--json"
    )
    assert posted.returncode == 0, posted.stderr
    serial = json.loads(posted.stdout)["serial"]
    key = servers.command(village, "publications", "key").stdout.strip()
    regions = Path(factories.__file__).parent.parent / "api" / "demo" / "changwu-regions.csv"
    assert servers.command(township, "regions", "import", str(regions)).returncode == 0
    take_in = ("publications", "import", str(file))
    waits = servers.command(township, *take_in)
    assert (waits.returncode, key in waits.stderr.replace("\n", "")) == (1, True)
    done = servers.command(township, *take_in, "--confirm", key, "--json")
    assert (done.returncode, json.loads(done.stdout)["serial"]) == (0, serial)
    again = servers.command(township, *take_in, "--json")
    assert json.loads(again.stdout)["new"] is False
    content = file.read_bytes()
    changed = tmp_path / "changed.xyp"
    changed.write_bytes(content.replace(b'\\"taking_part\\":', b'\\"taking_part\\":1', 1))
    refused = servers.command(township, "publications", "import", str(changed))
    assert (refused.returncode, "改动过" in refused.stderr) == (1, True)
    assert servers.command(township, "verify").returncode == 0
    listed = servers.command(township, "publications", "signers").stdout
    assert listed.split() == [VILLAGE, listed.split()[1], key]
