"""Who may do what, where: one table of roles and permissions, and every route held against it.

S3, by asking: each role asks every route for its own village's rows and for its neighbour's.
"""

from typing import Any

import factories
import httpx
import pytest
from aiming import NAME_ENDINGS, Asked, Village, furnished, requests
from factories import OTHER_VILLAGE, VILLAGE
from villages import raw
from web import ON_SQLITE, Web

from households import officials

# The truth that the code is held against: a mark where the role has the permission.
ROLES = (
    "clerk", "scorer", "panel_member", "supervisor", "grid_worker", "group_cadre",
    "township_official", "county_official", "auditor", "admin",
)  # fmt: skip
PERMISSIONS = """
regions.read         x x x x x x x x x x
regions.write        x . . . . . x . . x
register.read        x x x x x x x . . .
register.write       x . . . . . . . . .
register.move        x . . . . . x . . .
register.unmask      x . . . . . . . . .
register.restricted  x . . . . . . . . .
register.export      x . . . . . . . . .
passbooks.write      x . . . . . . . . .
scores.write         x x x . . x . . . .
entries.write        x x x . x x . . . .
entries.base         x x . . . . . . . .
entries.reverse      x . . . . . . . . .
entries.open         x . . . . . . . . .
entries.read         x x x x x x x . x .
rules.read           x x x x x x x x x x
rules.write          x . . . . . . . . .
leaderboard.read     x x x x x x x x . .
publications.read    x x x x x x x x x x
publications.write   x . . . . . . . . .
publications.receive . . . . . . x . . x
overview.read        . . . . . . x x x x
officials.read       x . . x . . x x . x
officials.write      . . . . . . x . . x
settings.write       x . . . . . . . . x
audit.read           . . . x . . . . x x
store.keep           . . . . . . . . . x
"""
TABLE = {
    line.split()[0]: {
        role for role, mark in zip(ROLES, line.split()[1:], strict=True) if mark == "x"
    }
    for line in PERMISSIONS.strip().splitlines()
}
# These show households by name, so the register's permission is asked for as well.
ALSO_NEEDED = {
    ("GET", "/leaderboard/export/{format:str}"): "register.read",
    ("GET", "/api/v1/leaderboard/file/{format:str}"): "register.read",
    ("GET", "/api/v1/scores"): "register.read",
    ("GET", "/scores"): "register.read",
    ("GET", "/scores/print"): "register.read",
    ("GET", "/scores/sheets/{sheet_id:uuid}"): "register.read",
    ("GET", "/api/v1/scores/sheets/{sheet_id:uuid}"): "register.read",
}
# These end the session that asks, or are about nobody's rows; their own tests are elsewhere.
LEFT_OUT = {
    ("POST", "/logout"),
    ("DELETE", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens/refresh"),
    ("POST", "/login"),
    ("POST", "/api/v1/officials/me/password"),
    ("POST", "/language"),
}


def test_roles_have_the_permissions_of_the_table_and_no_others() -> None:
    assert set(officials.ROLES) == set(ROLES)
    assert set(TABLE) == officials.ALL_PERMISSIONS
    assert {
        permission: {role for role in ROLES if permission in officials.PERMISSIONS[role]}
        for permission in TABLE
    } == TABLE


@pytest.fixture
async def neighbours(web: Web) -> tuple[Village, Village]:
    """Two villages of one township that have one of everything each."""
    await factories.divisions()
    own = await furnished(VILLAGE, mark="本地")
    return own, await furnished(OTHER_VILLAGE, mark="暗记")


def asked_of(web: Web, village: Village) -> list[Asked]:
    every = requests(web.app.app, village)  # type: ignore[arg-type]
    return [one for one in every if (one.route.method, one.route.path) not in LEFT_OUT]


def aims_at_a_row(asked: Asked) -> bool:
    """Whether the path names a row, beside which nothing else is asked for."""
    return "{" in asked.route.path and not asked.route.path.startswith("/p/")


async def rows_of(store: str, village: Village) -> dict[str, Any]:
    """Everything that the store keeps of a village, by table."""
    versions = f"SELECT id FROM rule_book_version WHERE village = '{village.code}'"
    conditions = {
        "region": f"village = '{village.code}'",
        "village_setting": f"village = '{village.code}'",
        "household": f"village = '{village.code}'",
        "resident": f"household_id IN (SELECT id FROM household WHERE village = '{village.code}')",
        "import_batch": f"village = '{village.code}'",
        "official": f"id = '{village.rows['official_id']}'",
        "official_duty": f"region LIKE '{village.code}%'",
        "rule_book_version": f"village = '{village.code}'",
        "clause": f"version_id IN ({versions})",
        "ledger_entry": f"village = '{village.code}'",
        "publication": f"village = '{village.code}'",
        "score_draft": f"village = '{village.code}'",
        "score_sheet": f"village = '{village.code}'",
    }
    async with raw(store) as sql:
        return {
            table: sorted(map(repr, await sql(f"SELECT * FROM {table} WHERE {condition}")))
            for table, condition in conditions.items()
        }


@pytest.mark.faults
@pytest.mark.parametrize("role", ROLES)
@ON_SQLITE
async def test_s3_no_role_reaches_the_village_next_door_by_any_route(
    web: Web, store: str, neighbours: tuple[Village, Village], role: str
) -> None:
    _, other = neighbours
    caller = await web.login(role)
    before = await rows_of(store, other)
    wrong = []
    for asked in asked_of(web, other):
        answer = await caller.request(**asked.arguments)
        if answer.status_code >= 500:
            wrong.append((str(asked), answer.status_code))
        if asked.route.needs_login and other.shown_in(answer.text):
            wrong.append((str(asked), "shows", other.shown_in(answer.text)))
        if aims_at_a_row(asked) and 200 <= answer.status_code < 400:
            wrong.append((str(asked), answer.status_code))
    assert wrong == []
    assert await rows_of(store, other) == before
    assert (await caller.get("/api/v1/officials/me")).status_code == 200  # it was asked to the end


@pytest.mark.faults
@pytest.mark.parametrize("role", ROLES)
@ON_SQLITE
async def test_every_route_opens_to_the_roles_of_the_table_and_to_no_other(
    web: Web, neighbours: tuple[Village, Village], role: str
) -> None:
    own, _ = neighbours
    caller = await web.login(role)
    wrong = []
    for asked in asked_of(web, own):
        answer = await caller.request(**asked.arguments)
        status = answer.status_code
        if status >= 500 or status == 401:
            wrong.append((str(asked), status))
        needed = {
            asked.route.permission,
            ALSO_NEEDED.get((asked.route.method, asked.route.path), ""),
        } - {""}
        if needed and (status == 403) == all(role in TABLE[one] for one in needed):
            wrong.append((str(asked), sorted(needed), status))
    assert wrong == []


@ON_SQLITE
async def test_nobody_gets_anything_without_logging_in(
    web: Web, store: str, neighbours: tuple[Village, Village]
) -> None:
    own, _ = neighbours
    nobody, bearer = web.client(), web.client(authorization="Bearer made-up")
    before = await rows_of(store, own)
    wrong = []
    for asked in asked_of(web, own):
        for caller in (nobody, bearer):
            answer = await caller.request(**asked.arguments)
            if asked.route.needs_login and not is_sent_away(asked, answer):
                wrong.append((str(asked), answer.status_code))
            if not asked.route.path.startswith("/p/") and own.shown_in(answer.text):
                wrong.append((str(asked), own.shown_in(answer.text)))
    assert wrong == []
    assert await rows_of(store, own) == before


def is_sent_away(asked: Asked, answer: httpx.Response) -> bool:
    if asked.route.path.startswith("/api/"):
        return answer.status_code == 401
    to_login = answer.headers.get("location", "").startswith("/login")
    return answer.status_code == 401 or (answer.status_code == 302 and to_login)


@ON_SQLITE
async def test_the_requests_do_reach_what_they_aim_at(
    web: Web, neighbours: tuple[Village, Village]
) -> None:
    """The control: a village's own clerk and administrator find by them what others do not."""
    own, _ = neighbours
    callers = [await web.login("clerk"), await web.login("admin"), await web.login("supervisor")]
    found, shown = set(), set()
    reads = [asked for asked in asked_of(web, own) if asked.route.method == "GET"]
    for asked in reads:
        for caller in callers:
            answer = await caller.request(**asked.arguments)
            if answer.status_code == 200:
                found.add(asked.route.path)
                shown.update(own.shown_in(answer.text))
    empty = {asked.route.path for asked in reads if asked.route.needs_login} - found
    # A vote that nobody scanned, evidence that nobody gave, a poster whose code nobody can reach,
    # slips that nobody asked for.
    absent = {"scan", "evidence", "poster.pdf", "new", "{job_id:uuid}"}
    assert {path.rpartition("/")[2] for path in empty} <= absent
    assert len(shown) == len(NAME_ENDINGS)
