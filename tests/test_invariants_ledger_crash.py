"""L2, L6, L10 across kill -9: what was acknowledged is there, nothing is half there.

A child process posts as fast as it can and is killed at a random moment, again and again on the
same store. What it left is read by plain drivers and judged by the tests' own auditor.
"""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import auditing
import pytest
import villages

from foundation import clock, database

TESTS = Path(__file__).parent


async def killed_child(store: str, *, seed: int, after_seconds: float) -> list[list[str]]:
    """Run the child, kill it that long after its first word; its whole lines, as words."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(TESTS / "posting_child.py"),
        store,
        str(seed),
        stdout=asyncio.subprocess.PIPE,
        cwd=TESTS.parent,
        env=os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}"},
    )
    assert child.stdout is not None
    try:
        first = await child.stdout.readline()
        await asyncio.sleep(after_seconds)
    finally:
        child.send_signal(signal.SIGKILL)
    said = first + await child.stdout.read()
    await child.wait()
    assert first, "the child died by itself"
    return [line.split() for line in said.decode().split("\n")[:-1]]


async def assert_kept(store: str, acknowledged: list[list[str]]) -> None:
    """Everything acknowledged is there, every sheet whole, every chain and total sound."""
    async with villages.raw(store) as raw:
        await auditing.assert_sound(raw)
        rows = await auditing.entries(raw)
        sheets = {row["id"]: row["posted"] for row in await raw("SELECT * FROM score_sheet")}
        audited = await raw("SELECT subject FROM audit_line WHERE verb LIKE 'ledger.%'")
        posted_sheets = await raw("SELECT subject FROM audit_line WHERE verb LIKE 'scoring.%'")
    ids = {row["id"] for row in rows}
    for kind, key, *more in acknowledged:
        if kind == "entry":
            assert key in ids, f"the acknowledged entry {key} is gone"
        else:
            assert sheets[key] == int(more[0])
    by_sheet = [row["source"].removeprefix("sheet:") for row in rows if ":" in row["source"]]
    assert {key: by_sheet.count(key) for key in sheets} == sheets
    assert set(by_sheet) <= set(sheets), "a part of a sheet without its sheet"
    single = {f"entry:{row['id']}" for row in rows if ":" not in row["source"]}
    assert {line["subject"] for line in audited} == single
    assert {line["subject"] for line in posted_sheets} == {f"sheet:{key}" for key in sheets}


async def crash_again_and_again(store: str, *, times: int, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    await database.open(store)
    try:
        with clock.stopped_at(villages.NOON):
            await villages.a_village()
    finally:
        await database.close()
    acknowledged: list[list[str]] = []
    for turn in range(times):
        moment = chance.uniform(0, 0.3)
        acknowledged += await killed_child(store, seed=seed + turn, after_seconds=moment)
        await assert_kept(store, acknowledged)


@pytest.mark.faults
async def test_L2_L6_L10_a_killed_program_loses_nothing_it_acknowledged(store: str) -> None:
    """KILLS in the environment asks for more than the usual five."""
    times = int(os.environ.get("KILLS", "5"))
    await crash_again_and_again(store, times=times, seed=random.randrange(2**32))
