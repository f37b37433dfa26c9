"""The demo county as `xiangyue demo` makes it: whole or not at all, the same every time."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import servers
import web as web_

from api.demo import people, places
from api.demo.build import RESIDENT
from api.settings import Settings
from households import officials, passwords

SMALL = ("--households", "60", "--villages", "3", "--months", "4", "--until", "2026-09")
VILLAGES = ("610428106221", "610428001200", "610428106200")
PERIOD = "2026Q3"


@dataclass(frozen=True)
class County:
    """A county that the command made, and the logins that it printed."""

    data: Path
    logins: dict[str, dict[str, str]]
    environment: dict[str, str] = field(default_factory=dict)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Raw rows of its SQLite file."""
        with closing(sqlite3.connect(self.data / "xiangyue.sqlite3")) as file:
            return file.execute(sql).fetchall()

    def boards(self) -> list[str]:
        """All villages' leaderboards, as the command prints them."""
        return [self._board(village) for village in VILLAGES]

    def _board(self, village: str) -> str:
        found = servers.command(
            self.data, "leaderboard", village, "--period", PERIOD, "--format", "json",
            **self.environment,
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        return found.stdout


def make(data: Path, *arguments: str, **environment: str) -> County:
    made = servers.command(data, "demo", *arguments, "--json", **environment)
    assert made.returncode == 0, made.stderr
    return County(data, json.loads(made.stdout), environment)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    return make(tmp_path_factory.mktemp("county"), *SMALL)


@pytest.fixture(scope="module")
def boards(county: County) -> list[str]:
    found = county.boards()
    assert all(len(json.loads(board)["rows"]) > 5 for board in found)
    return found


# -- what is in it ------------------------------------------------------------------------


def test_it_has_all_divisions_249_grids_and_the_households_asked_for(county: County) -> None:
    levels = dict(county.rows("SELECT level, count(*) FROM region GROUP BY level"))
    assert [levels[level] for level in ("county", "township", "village", "grid")] == [
        1, 8, 140, 249,
    ]  # fmt: skip
    assert county.rows(
        "SELECT count(*), count(DISTINCT village) FROM household WHERE state = 'active'"
    ) == [(60, 3)]
    assert county.rows("SELECT value FROM store_fact WHERE name = 'kind'") == [("demo",)]


def test_every_region_lies_below_its_parent(county: County) -> None:
    found = county.rows("SELECT code, parent, path, village, level FROM region")
    paths = {code: path for code, _, path, _, _ in found}
    for code, parent, path, village, level in found:
        assert path == f"{paths.get(parent, '')}{code}/"
        assert village == ("" if level in ("county", "township") else str(code)[:12])


def test_every_household_has_a_group_and_a_micro_grid_of_its_village(county: County) -> None:
    for column, level in (("group", "group"), ("grid", "micro_grid")):
        [(placed,)] = county.rows(
            f'SELECT count(*) FROM household h JOIN region r ON r.code = h."{column}" '
            f"AND r.village = h.village AND r.level = '{level}' WHERE h.state = 'active'"
        )
        assert placed == 60


def test_phone_and_id_numbers_are_not_readable_in_the_file(county: County) -> None:
    county.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (county.data / "xiangyue.sqlite3").read_bytes()
    material = people.county(
        places.divisions(seed=1), households=60, villages=3, seed=1, on=date(2026, 6, 1)
    )
    members = [m for v in material.villages for home in v.households for m in home.members]
    assert len(members) > 100
    for member in members:
        assert member.name.encode() in content
        assert member.id_number.encode() not in content
        assert not member.phone or member.phone.encode() not in content


def test_one_village_has_not_voted_its_rule_book(county: County) -> None:
    voted = county.rows("SELECT adoption IS NOT NULL FROM rule_book_version ORDER BY 1")
    assert voted == [(0,), (1,), (1,)]


def test_its_ledger_and_its_posted_lists_verify(county: County) -> None:
    found = servers.command(county.data, "verify")
    assert found.returncode == 0, found.stdout + found.stderr


def test_it_posts_nothing_but_awards_base_points_reversals_and_what_moved(
    county: County,
) -> None:
    kinds = dict(county.rows("SELECT kind, count(*) FROM ledger_entry GROUP BY kind"))
    assert kinds.keys() - {"transfer"} == {"award", "base", "reversal"}
    [(moved,)] = county.rows(
        "SELECT coalesce(sum(points), 0) FROM ledger_entry WHERE kind = 'transfer'"
    )
    assert moved == 0
    assert county.rows("SELECT count(*) FROM ledger_entry WHERE kind = 'award' AND points < 0") == [
        (0,)
    ]


def test_time_never_runs_backwards_in_a_chain_nor_past_today(county: County) -> None:
    entries = county.rows(
        "SELECT village, recorded_at, deed_on FROM ledger_entry ORDER BY village, seq"
    )
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for (village, before, _), (next_village, after, deed_on) in pairwise(entries):
        assert village != next_village or str(before) <= str(after) <= now
        assert str(deed_on) <= str(after)[:10]
    assert county.rows("SELECT min(deed_on), max(deed_on) FROM ledger_entry") == [
        ("2026-06-01", "2026-09-30")
    ]


def test_every_single_entry_has_its_reason_and_the_evidence_its_item_asks_for(
    county: County,
) -> None:
    [(entries, lacking)] = county.rows(
        "SELECT count(*), sum(r.reason IS NULL OR r.reason = '' OR (i.evidence_needed AND NOT "
        "EXISTS (SELECT 1 FROM attachment a WHERE a.id = r.evidence_id AND a.size > 0))) "
        "FROM ledger_entry e JOIN scoring_item i ON i.id = e.item_id "
        "LEFT JOIN entry_reason r ON r.entry_id = e.id WHERE e.source = 'entry'"
    )
    assert entries > 20
    assert lacking == 0


def test_nobody_scored_his_own_household(county: County) -> None:
    own = county.rows(
        "SELECT e.seq FROM ledger_entry e JOIN official o ON o.id = e.recorded_by "
        "WHERE o.household_id = e.household_id AND e.kind <> 'base'"
    )
    assert own == []


def test_lists_hang_have_come_down_or_should_have(county: County) -> None:
    walls = county.rows(
        "SELECT period, hung_on IS NOT NULL, taken_down_on IS NOT NULL, "
        "display_until < date('now') FROM publication WHERE village = '610428106221' ORDER BY 1"
    )
    assert ("2026Q2", 1, 1, 1) in walls, "taken down on its day"
    assert ("2026Q3", 1, 0, 1) in walls, "forgotten on the wall"
    assert ("2026-09", 1, 0, 0) in walls, "hanging"


# -- logging in ---------------------------------------------------------------------------


async def test_there_is_one_login_a_role_and_each_can_log_in(county: County) -> None:
    assert county.logins.keys() == {*officials.ROLES, RESIDENT}
    async with web_.running(Settings(data=county.data)) as web:
        for role, login in county.logins.items():
            if role == RESIDENT:
                continue
            browser = web.client()
            form = {"login": login["login"], "password": login["password"]}
            assert (await browser.post("/login", data=form)).status_code == 303, role
            me = (await browser.get("/api/v1/officials/me")).json()
            assert me["name"] == login["name"]
            assert [(d["role"], d["region"]) for d in me["duties"]] == [(role, login["region"])]
            assert (await browser.get("/", follow_redirects=True)).status_code == 200, role


async def test_one_household_opens_its_passbook_with_the_pin_that_is_printed(
    county: County,
) -> None:
    resident = county.logins[RESIDENT]
    async with web_.running(Settings(data=county.data)) as web:
        phone = web.client()
        opened = await phone.post(f"{resident['login']}/open", data={"pin": resident["password"]})
        assert opened.headers["location"] == resident["login"]
        book = await phone.get(resident["login"])
    assert resident["name"] in book.text
    assert "全村第" in book.text
    [(cards, pins)] = county.rows("SELECT count(*), sum(pin <> '') FROM passbook")
    assert (cards >= 20, pins) == (True, 1)


async def test_nobody_else_can_log_in_with_anything_printed(county: County) -> None:
    shown = {login["login"] for login in county.logins.values()}
    hashes = county.rows("SELECT login, password FROM official")
    locked = {kept for login, kept in hashes if login not in shown}
    assert len(hashes) > 200
    assert len(locked) == 1
    for login in county.logins.values():
        assert not await passwords.matches(login["password"], str(next(iter(locked))))


# -- the same arguments, the same county --------------------------------------------------


def test_the_same_arguments_give_the_same_leaderboards(boards: list[str], tmp_path: Path) -> None:
    assert make(tmp_path / "again", *SMALL, PYTHONHASHSEED="7").boards() == boards


def test_postgres_gives_the_same_leaderboards_and_verifies(
    boards: list[str], postgres_store: str, tmp_path: Path
) -> None:
    there = make(tmp_path / "data", *SMALL, XIANGYUE_DATABASE_URL=postgres_store)
    assert there.boards() == boards
    found = servers.command(there.data, "verify", **there.environment)
    assert found.returncode == 0, found.stdout + found.stderr


def test_another_seed_gives_another_county(boards: list[str], tmp_path: Path) -> None:
    other = make(tmp_path / "other", *SMALL, "--seed", "2")
    assert not set(other.boards()) & set(boards)


# -- refusals -----------------------------------------------------------------------------


def test_a_store_that_holds_data_is_refused_and_left_alone(county: County) -> None:
    before = county.rows("SELECT count(*), max(at) FROM audit_line")
    refused = servers.command(county.data, "demo", *SMALL)
    assert refused.returncode == 1
    assert "已经有数据" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert county.rows("SELECT count(*), max(at) FROM audit_line") == before


def test_a_real_store_is_refused_even_while_it_is_empty(tmp_path: Path) -> None:
    data = tmp_path / "data"
    divisions = tmp_path / "divisions.csv"
    divisions.write_text("code,name\n610428000000,长武县\n")
    assert servers.command(data, "regions", "import", str(divisions)).returncode == 0
    refused = servers.command(data, "demo", *SMALL)
    assert refused.returncode == 1
    assert "real" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--until", "2126-01"),
        ("--until", "2026Q3"),
        ("--households", "2", "--villages", "3"),
        ("--villages", "141"),
        ("--months", "0"),
    ],
)
def test_arguments_that_make_no_county_are_misuse(wrong: tuple[str, ...], tmp_path: Path) -> None:
    refused = servers.command(tmp_path / "data", "demo", *wrong)
    assert refused.returncode == 2, refused.stderr
    assert not (tmp_path / "data").exists()


# -- whole or not at all ------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_build_leaves_an_empty_store_to_the_next(
    how: signal.Signals, county: County, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    large = ("--households", "3000", "--villages", "10")
    building = subprocess.Popen(
        [sys.executable, "-m", "api", "demo", *large],
        cwd=servers.ROOT,
        env={**os.environ, "XIANGYUE_DATA": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    log = data / "xiangyue.sqlite3-wal"
    while not log.exists() or log.stat().st_size < 2 * 1024 * 1024:
        assert building.poll() is None, "it ended before it could be interrupted"
        time.sleep(0.05)
    building.send_signal(how)
    _, said = building.communicate(timeout=20)
    assert building.returncode != 0
    assert "Traceback" not in said
    interrupted = County(data, {})
    for table in ("store_fact", "region", "household", "ledger_entry"):
        assert interrupted.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert make(data, *SMALL).rows("SELECT count(*) FROM ledger_entry") == county.rows(
        "SELECT count(*) FROM ledger_entry"
    )
