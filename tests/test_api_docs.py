"""What docs/api.md promises, done: every exchange, the offline check, the client, the tables."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import api_docs
import factories
import pytest
import servers
from api_docs import Answer, Request
from factories import OPERATOR, VILLAGE
from villages import TODAY
from web import PASSWORD, Web, with_login

from foundation import database
from households import register
from households.details import HouseholdDetails
from households.models import Official
from rules import adoption, rulebook

HEADS = ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")
EXAMPLES = api_docs.ROOT / "docs" / "examples"


async def furnish() -> None:
    """The village that the page speaks of, with a login for the platform."""
    await factories.divisions()
    for number, head in enumerate(HEADS, start=1):
        given = HouseholdDetails(head=head, number=f"{number:03}", phone=f"1990000{number:04}")
        await register.create(VILLAGE, given, by=OPERATOR)
    draft = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
    await adoption.publish(draft.id, in_force_from=TODAY.replace(month=1, day=1), by=OPERATOR)
    made = await with_login("county-platform", "clerk")
    await Official.filter(id=made.id).update(name="县平台")


async def test_every_exchange_of_the_page_goes_as_it_is_written(web: Web, tmp_path: Path) -> None:
    await furnish()
    known = {"village": VILLAGE, "password": PASSWORD}
    caller = web.client()
    del caller.headers["sec-fetch-site"]
    count = 0
    for request, promised in api_docs.exchanges():
        answer = await caller.request(
            request.method,
            api_docs.filled(request.address, known),
            headers={k: api_docs.filled(v, known) for k, v in request.headers.items()},
            content=api_docs.filled(request.body, known),
        )
        at = f"{request.method} {request.address}"
        assert answer.status_code == promised.status, f"{at}\n{answer.text}"
        wrong = headers_of(promised, dict(answer.headers), known)
        if promised.body is not None:
            wrong += api_docs.differences(promised.body, answer.json(), known)
        assert wrong == [], f"{at}: {wrong}\n{answer.text[:2000]}"
        if request.address.endswith("/file.xyp"):
            (tmp_path / "list.xyp").write_bytes(answer.content)
        count += 1
    assert count > 20
    check_offline(tmp_path / "list.xyp", known["published"], folder=tmp_path)


def headers_of(promised: Answer, given: dict[str, str], known: dict[str, str]) -> list[str]:
    return [
        line
        for name, value in promised.headers.items()
        for line in api_docs.differences(value, given.get(name.lower(), ""), known, name)
    ]


def check_offline(file: Path, published: str, *, folder: Path) -> None:
    """The page's own program, on the file that the page fetched, and on a changed one."""
    [program] = api_docs.blocks("python")
    script = folder / "check.py"
    script.write_text(program)
    sound = run(script, str(file))
    assert sound.returncode == 0, sound.stderr
    assert f"hash {published}" in sound.stdout
    for before, after in ((b"posted", b"posteD"), (b"environment", b"environmenT")):
        changed = folder / "changed.xyp"
        changed.write_bytes(file.read_bytes().replace(before, after, 1))
        assert run(script, str(changed)).returncode != 0, before


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "utf8", str(script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_the_client_of_the_page_works_against_a_real_server(
    store: str, tmp_path: Path
) -> None:
    await database.open(store)
    try:
        await furnish()
    finally:
        await database.close()
    environment = {"XIANGYUE_DATABASE_URL": store, "XIANGYUE_SECRET": factories.SECRET}
    with servers.program(tmp_path / "data", "--real", **environment) as running:
        asked = (running.url, "county-platform", VILLAGE)
        done = run(EXAMPLES / "client.py", *asked, XIANGYUE_PASSWORD=PASSWORD)
        refused = run(EXAMPLES / "client.py", *asked, XIANGYUE_PASSWORD="wrong")
    assert done.stdout.splitlines() == ["households 6", "posted 2", "posted 0", "entries 1-2"], (
        done.stdout + done.stderr
    )
    assert refused.returncode != 0
    assert "urn:xiangyue:login-refused" in refused.stderr


def test_the_client_needs_nothing_but_the_standard_library() -> None:
    names = {
        line.split()[1].partition(".")[0]
        for line in (EXAMPLES / "client.py").read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize("name", api_docs.TABLES)
def test_the_tables_of_the_page_say_what_the_code_says(name: str) -> None:
    assert api_docs.held(name) == api_docs.made(name), "write them anew with `make reference`"


def test_the_comparison_finds_what_is_wrong() -> None:
    known = {"id": str(UUID(int=1))}
    assert api_docs.differences({"a": 1, "…": "…"}, {"a": 1, "b": 2}, known) == []
    assert api_docs.differences(["…"], [1, 2], known) == []
    for promised, given in (
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": "$id"}, {"a": "other"}),
        ([1], [1, 2]),
        ([1, 2], [1]),
        ([1, 2, "…"], [1]),
        ("/x/$id", "/x/y"),
    ):
        assert api_docs.differences(promised, given, known), (promised, given)


def test_the_page_is_read_in_pairs() -> None:
    pairs = list(api_docs.exchanges())
    assert all(isinstance(one, Request) for one, _ in pairs)
    assert pairs[0][0].method == "POST"
