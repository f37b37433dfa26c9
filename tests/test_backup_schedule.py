"""Backups that make themselves: when, which are kept, what is warned of, and the screen."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import factories
import httpx
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from test_backups import furnish, open_store, proved
from web import ON_SQLITE, PASSWORD, Web

from api import backup_files, store
from foundation import backup_book, backups, clock, database
from foundation.backup_book import Book, Failure, Made
from foundation.errors import BackupPlanRefused, DiskFull

BEGUN = datetime(2026, 10, 1, 1, tzinfo=UTC)  # nine in the morning in China
COUNTY_ADMIN = ("admin", factories.COUNTY)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of October 2026 on China's clock."""
    return datetime(2026, 10, day, hour, minute, tzinfo=clock.CHINA).astimezone(UTC)


def book(*made: datetime, **fields: Any) -> Book:
    rows = [Made(f"{n}", clock.stamp(one), 1, 1, "") for n, one in enumerate(made)]
    return Book(made=tuple(rows), **fields)


@pytest.mark.parametrize(
    ("made", "now", "due"),
    [
        ((), at(1, 11, 59), False),
        ((), at(1, 12, 0), True),
        ((at(1, 12, 1),), at(2, 11, 59), False),
        ((at(1, 12, 1),), at(2, 12, 0), True),
        ((at(1, 12, 1),), at(5, 8, 30), True),  # the PC was off over the holidays
        ((at(5, 8, 31),), at(5, 11, 0), False),
        ((at(5, 8, 31),), at(5, 12, 0), True),
    ],
)
def test_a_backup_is_due_once_its_hour_has_struck(
    made: tuple[datetime, ...], now: datetime, due: bool
) -> None:
    assert backup_book.is_due(book(*made), begun=BEGUN, now=now) is due


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    daily = [at(1, 12) + timedelta(days=n) for n in range(500)]
    stay = sorted(backup_book.kept(daily))
    assert stay[-7:] == daily[-7:]
    assert len(stay) <= 7 + 4 + 12
    months = {clock.local(one).strftime("%Y-%m") for one in stay}
    assert len(months) == 12
    twice = [at(3, 8), at(3, 12), at(2, 12)]
    assert backup_book.kept(twice) == {at(3, 12), at(2, 12)}
    # Day after day, with the thinned ones gone, the same history is left.
    there: set[datetime] = set()
    for one in daily:
        there = backup_book.kept({*there, one})
    assert {clock.local(one).strftime("%Y-%m") for one in there} == months


def test_warnings_come_when_something_is_amiss_and_go_again() -> None:
    def of(a_book: Book, *, left: datetime | None, now: datetime) -> list[str]:
        return list(backup_book.warnings(a_book, begun=BEGUN, left=left, now=now))

    assert of(book(), left=None, now=BEGUN + timedelta(days=2)) == []
    assert of(book(), left=None, now=BEGUN + timedelta(days=4)) == ["old", "never_left"]
    made = book(at(8, 12))
    assert of(made, left=at(8, 13), now=at(9, 12)) == []
    assert of(made, left=at(8, 13), now=at(12, 12)) == ["old"]
    failed = book(at(8, 12), failure=Failure(clock.stamp(at(9, 12)), "DiskFull", {}))
    assert of(failed, left=at(8, 13), now=at(9, 13)) == ["failed"]


# -- in the running program ----------------------------------------------------------------------


async def furnished(web: Web) -> None:
    await store.claim("real")
    await furnish()


async def made_by(caller: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Ask for a backup and wait until it is there."""
    assert (await caller.post("/api/v1/backups")).status_code == 202
    for _ in range(600):
        state = (await caller.get("/api/v1/backups")).json()
        if state["running"] is None:
            assert state["failure"] is None, state
            return list(state["backups"])
        await asyncio.sleep(0.05)
    raise AssertionError("the backup did not end")


async def test_a_backup_made_in_the_browser_is_downloaded_and_restores(
    web: Web, tmp_path: Path
) -> None:
    await furnished(web)
    caller = await web.login(*COUNTY_ADMIN)
    [made] = await made_by(caller)
    assert made["checked"]
    page = (await caller.get("/settings/backups")).text
    assert made["file"] in page
    assert "还没有拷离过本机" in page
    answer = await caller.get(f"/settings/backups/{made['file']}")
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    assert "还没有拷离过本机" not in (await caller.get("/settings/backups")).text
    file = tmp_path / "taken.xyb"
    write(file, answer.content)
    lines = await logged("backups.")
    assert [verb for verb, _ in lines] == ["backups.write", "backups.download"]
    assert lines[0][1] == lines[1][1] != "operator:schedule"
    summary = backups.check(file)
    assert summary.tables["household"] == 7
    assert mode(web.settings.data / "backups") == 0o700
    assert mode(web.settings.data / "backups" / made["file"]) == 0o600


async def logged(beginning: str) -> list[tuple[str, str]]:
    """Verb and actor of the audit lines whose verb begins so, oldest first."""
    found = await database.rows(
        "SELECT verb, actor FROM audit_line WHERE verb LIKE ? ORDER BY id", [f"{beginning}%"]
    )
    return [(row["verb"], row["actor"]) for row in found]


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


@ON_SQLITE
async def test_two_presses_make_one_backup(web: Web) -> None:
    await furnished(web)
    caller = await web.login(*COUNTY_ADMIN)
    first, second = await asyncio.gather(*(caller.post("/settings/backups") for _ in range(2)))
    assert {first.status_code, second.status_code} == {303}
    assert len(await made_by(caller)) <= 2


@ON_SQLITE
async def test_only_who_looks_after_every_village_reaches_backups_and_keys(web: Web) -> None:
    await furnished(web)
    await villages.another_village()
    part = await web.login("admin", VILLAGE)
    whole = await web.login(*COUNTY_ADMIN)
    clerk = await web.login("clerk")
    asked = [
        ("GET", "/settings/backups", {}),
        ("POST", "/settings/backups", {}),
        ("POST", "/settings/backups/plan", {"data": {"hour": 3}}),
        ("POST", "/settings/backups/sheet", {"data": {"password": PASSWORD}}),
        ("GET", "/api/v1/backups", {}),
        ("POST", "/api/v1/backups", {}),
        ("PUT", "/api/v1/backups/plan", {"json": {"hour": 3}}),
        ("POST", "/api/v1/backups/sheet", {"json": {"password": PASSWORD}}),
    ]
    for method, path, body in asked:
        assert (await part.request(method, path, **body)).status_code == 404, path
        assert (await clerk.request(method, path, **body)).status_code == 403, path
    assert (await whole.get("/settings/backups")).status_code == 200
    assert "/settings/backups" in (await whole.get(f"/settings?village={OTHER_VILLAGE}")).text
    assert "/settings/backups" not in (await part.get("/settings")).text


@ON_SQLITE
async def test_the_recovery_sheet_asks_for_the_password_again(web: Web) -> None:
    await furnished(web)
    caller = await web.login(*COUNTY_ADMIN)
    wrong = await caller.post("/settings/backups/sheet", data={"password": "not it"})
    assert wrong.status_code == 400
    assert "密码不对" in wrong.text
    right = await caller.post("/settings/backups/sheet", data={"password": PASSWORD})
    assert right.content.startswith(b"%PDF"), right.text
    assert right.headers["cache-control"] == "no-store"
    assert factories.SECRET not in right.text
    assert [verb for verb, _ in await logged("keys.")] == ["keys.print_sheet"]


@ON_SQLITE
async def test_no_other_file_can_be_asked_for(web: Web) -> None:
    await furnished(web)
    caller = await web.login(*COUNTY_ADMIN)
    await made_by(caller)
    write(web.settings.data / "backups" / "secret.xyb", b"x")
    for name in ("secret.xyb", "..%2Fsecret", "%2e%2e%2fsecret", "xiangyue-00000000-1-1.xyb"):
        assert (await caller.get(f"/settings/backups/{name}")).status_code in (400, 404)


async def test_copies_go_to_the_second_folder_when_it_is_there(web: Web, tmp_path: Path) -> None:
    await furnished(web)
    keeper = web.app.app.state.keeper  # type: ignore[attr-defined]
    stick = tmp_path / "stick"
    os.makedirs(stick)  # noqa: PTH103 - before the program's eyes
    write(stick / "holiday.jpg", b"mine")
    await keeper.plan(hour=3, copies_to=str(stick), by=factories.OPERATOR)
    caller = await web.login(*COUNTY_ADMIN)
    [made] = await made_by(caller)
    assert made["copied"]
    assert sorted(os.listdir(stick)) == ["holiday.jpg", made["file"]]  # noqa: PTH208
    assert await backup_book.left_at() is None, "a folder on the same disk is no other place"
    os.rename(stick, tmp_path / "pulled out")  # noqa: PTH104
    [later] = await made_by(caller)  # a day keeps its newest one
    assert not later["copied"]
    state = (await caller.get("/api/v1/backups")).json()
    assert not state["folder_there"]
    for wrong in ("relative", str(tmp_path / "absent"), str(web.settings.data)):
        with pytest.raises(BackupPlanRefused):
            await keeper.plan(hour=3, copies_to=wrong, by=factories.OPERATOR)
    refused = await caller.post("/settings/backups/plan", data={"hour": 3, "folder": "relative"})
    assert refused.status_code == 400
    assert 'value="relative"' in refused.text


@ON_SQLITE
async def test_a_failure_is_said_on_the_page_and_on_the_first_screen(web: Web) -> None:
    await furnished(web)
    await backup_book.record_failure(DiskFull(), by=factories.OPERATOR)
    caller = await web.login(*COUNTY_ADMIN)
    page = (await caller.get("/settings/backups")).text
    assert "磁盘已满" in page
    assert "没有做成" in page
    assert "没有做成" in (await caller.get(f"/?village={VILLAGE}")).text
    await made_by(caller)
    assert "磁盘已满" not in (await caller.get("/settings/backups")).text


@ON_SQLITE
async def test_the_hourly_round_makes_the_days_backup_and_thins_out(web: Web) -> None:
    await furnished(web)
    keeper = web.app.app.state.keeper  # type: ignore[attr-defined]
    background = web.app.app.state.background  # type: ignore[attr-defined]
    await keeper.hourly(background)
    assert keeper.running is None, "the store has only just begun"
    os.makedirs(keeper.folder, exist_ok=True)  # noqa: PTH103
    mark = await backup_files._mark()
    for day in range(1, 29):
        write(keeper.folder / f"xiangyue-{mark}-202001{day:02}-040000.xyb", b"old")
    write(keeper.folder / "xiangyue-ffffffff-20200101-040000.xyb", b"another store's")
    write(keeper.folder / f".xiangyue-{mark}-20200101-040000.xyb-part", b"half")
    os.utime(keeper.folder / f".xiangyue-{mark}-20200101-040000.xyb-part", (0, 0))
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        await keeper.hourly(background)
        assert keeper.running is not None
        for _ in range(600):
            if keeper.running is None:
                break
            await asyncio.sleep(0.05)
    names = set(os.listdir(keeper.folder))  # noqa: PTH208
    assert "xiangyue-ffffffff-20200101-040000.xyb" in names
    assert not any(name.endswith("part") for name in names)
    assert len([name for name in names if "-2020" in name]) < 12
    [newest] = (await backup_book.read()).made
    assert await logged("backups.") == [("backups.write", "operator:schedule")]
    assert newest.file in names


@ON_SQLITE
async def test_a_demonstration_makes_no_backup_by_itself(web: Web) -> None:
    await store.claim("demo")
    keeper = web.app.app.state.keeper  # type: ignore[attr-defined]
    with clock.stopped_at(clock.now() + timedelta(days=9)):
        await keeper.hourly(web.app.app.state.background)  # type: ignore[attr-defined]
        assert keeper.running is None
        assert await backup_files.warnings() == []


async def test_the_file_a_server_makes_restores_elsewhere(web: Web, tmp_path: Path) -> None:
    await furnished(web)
    caller = await web.login(*COUNTY_ADMIN)
    [made] = await made_by(caller)
    file = web.settings.data / "backups" / made["file"]
    target = f"sqlite://{tmp_path / 'elsewhere.sqlite3'}"
    await database.close()
    async with open_store(target):
        await backups.restore(file, url=target, finish=proved)
        assert await proved() == []
    await database.open(web.settings.store_url)
