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

from api import holders
from households import officials, passbook_door, passbooks

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
    # Whoever moves households between villages undoes that; any other step is the register's.
    ("POST", "/api/v1/households/{household_id:uuid}/moves/{move_id:uuid}/undo"): "register.write",
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
    ("POST", "/h/{card:str}/leave"),
    ("DELETE", "/api/v1/h/{card:str}/session"),
}
# Open to everybody by design: what is posted, what the village says of itself, the door of a
# passbook, which names the village alone.
PUBLIC_PAGES = ("/p/", "/v/", "/api/v1/v/")
DOORS = ("/h/", "/api/v1/h/")


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
    return "{" in asked.route.path and not asked.route.path.startswith((*PUBLIC_PAGES, *DOORS))


def shown_beside_the_place(asked: Asked, village: Village, text: str) -> list[str]:
    """What an answer shows of a village, its own name apart where a door may say it."""
    shown = village.shown_in(text)
    if asked.route.path.startswith(DOORS):
        return [name for name in shown if name != f"{village.mark}村"]
    return [] if asked.route.path.startswith(PUBLIC_PAGES) else shown


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
        "passbook_page": f"household_id = '{village.rows['household']}'",
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
        if shown := shown_beside_the_place(asked, other, answer.text):
            wrong.append((str(asked), "shows", shown))
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
        refused_at_a_door = asked.route.path.startswith(DOORS)
        if status >= 500 or (status == 401 and not refused_at_a_door):
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
            is_guarded = asked.route.needs_login or asked.route.needs_holder
            if is_guarded and not is_sent_away(asked, answer):
                wrong.append((str(asked), answer.status_code))
            if shown := shown_beside_the_place(asked, own, answer.text):
                wrong.append((str(asked), shown))
    assert wrong == []
    assert await rows_of(store, own) == before


def is_sent_away(asked: Asked, answer: httpx.Response) -> bool:
    if asked.route.path.startswith("/api/"):
        return answer.status_code == 401
    door = "/h/" if asked.route.needs_holder else "/login"
    to_the_door = answer.headers.get("location", "").startswith(door)
    return answer.status_code == 401 or (answer.status_code in (302, 303) and to_the_door)


class Resident:
    """The household of a furnished village, on its phone and with its own program."""

    def __init__(self, web: Web, token: str) -> None:
        self.phone, self.program = web.client(), web.client(authorization=f"Bearer {token}")
        self.phone.cookies.set(holders.COOKIE, token)

    async def ask(self, asked: Asked) -> httpx.Response:
        """Ask a route: the API as a program, a page on the phone."""
        caller = self.program if asked.route.path.startswith("/api/") else self.phone
        return await caller.request(**asked.arguments)


async def resident_of(web: Web, village: Village) -> Resident:
    """The household with a PIN of its own, its passbook open."""
    [slip] = await passbooks.prints(
        village.code, only=[village.rows["household"]], by=factories.OPERATOR
    )
    given = {"code": slip.first_code, "pin": "806193", "address": "203.0.113.7"}
    return Resident(web, await passbook_door.choose_pin(slip.card, **given))


@ON_SQLITE
async def test_a_resident_enters_his_own_passbook_and_no_officials_room(
    web: Web, store: str, neighbours: tuple[Village, Village]
) -> None:
    own, _ = neighbours
    resident = await resident_of(web, own)
    wrong, entered = [], set()
    for asked in asked_of(web, own):
        answer = await resident.ask(asked)
        status = answer.status_code
        if status >= 500 or (asked.route.needs_login and not is_sent_away(asked, answer)):
            wrong.append((str(asked), status))
        if asked.route.needs_holder and status == 200:
            entered.add(asked.route.path)
    assert wrong == []
    assert {path.rpartition("/")[2] for path in entered} >= {"mine", "entries", "{card:str}"}


@ON_SQLITE
async def test_s3_another_households_passbook_is_not_there_for_a_resident(
    web: Web, store: str, neighbours: tuple[Village, Village]
) -> None:
    own, other = neighbours
    resident, before = await resident_of(web, own), await rows_of(store, other)
    wrong = []
    for asked in asked_of(web, other):
        answer = await resident.ask(asked)
        if asked.route.needs_holder and answer.status_code not in (400, 404):
            wrong.append((str(asked), answer.status_code))
        if shown := shown_beside_the_place(asked, other, answer.text):
            wrong.append((str(asked), shown))
    assert wrong == []
    assert await rows_of(store, other) == before


@ON_SQLITE
async def test_the_requests_do_reach_what_they_aim_at(
    web: Web, neighbours: tuple[Village, Village]
) -> None:
    """The control: a village's own clerk and administrator find by them what others do not."""
    own, _ = neighbours
    roles = ("clerk", "admin", "supervisor", "township_official")
    callers = [await web.login(role) for role in roles]
    callers.append(await web.login("township_official", factories.TOWNSHIP))
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
    # slips that nobody asked for, cards and pages of passbooks that nobody printed, a check of the
    # ledger that nobody began; backups, which belong to who looks after every village.
    absent = {"scan", "evidence", "poster.pdf", "new", "{job_id:uuid}", "backups", "{file:str}"}
    absent |= {"{part:int}", "{number:int}", "{check_id:uuid}"}
    # What is about several villages, and what nobody handed over here.
    elsewhere = ("/overview", "/comparison", "/packets", "/officials/hand-overs")
    assert {
        path
        for path in empty
        if path.rpartition("/")[2] not in absent and not any(one in path for one in elsewhere)
    } == set()
    assert len(shown) == len(NAME_ENDINGS)
