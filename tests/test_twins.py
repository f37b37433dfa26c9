"""Whatever a screen does a program can do: every page's write has its twin in the JSON API.

A new page that writes is named here together with the operation that does the same, or with the
reason why no program needs it.
"""

from pathlib import Path

import factories
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from web import Web, routes

from api.app import application
from api.settings import Settings

ID = "{%s:uuid}"
HOUSEHOLD = f"/households/{ID % 'household_id'}"
MEMBER = f"{HOUSEHOLD}/members/{ID % 'member_id'}"
MOVE = f"{HOUSEHOLD}/moves/{ID % 'move_id'}"
RESIDENT = f"/residents/{ID % 'resident_id'}"
OFFICIAL = f"/officials/{ID % 'official_id'}"
VERSION = f"/rules/{ID % 'version_id'}"
BOOK = f"/rulebooks/{ID % 'version_id'}"
OF_OPENINGS = f"/imports/openings/{ID % 'batch_id'}"
OF_ITEMS = f"/imports/items/{ID % 'batch_id'}"
OF_SCORES = f"/imports/scores/{ID % 'batch_id'}"
OF_OFFICIALS = f"/imports/officials/{ID % 'batch_id'}"
IMPORT = f"/households/import/{ID % 'batch_id'}"
BATCH = f"/imports/{ID % 'batch_id'}"
CARDS = f"/passbooks/{ID % 'household_id'}"
DOOR = "/h/{card:str}"
TEXT = f"PUT {BOOK}/text"

TWINS = {
    "POST /login": "POST /tokens",
    "POST /me": "POST /officials/me/password",
    "POST /logout": "DELETE /tokens",
    "POST /me/sessions/end": "DELETE /officials/me/sessions",
    "POST /entries": "POST /entries",
    "POST /entries/{entry_id:uuid}/reverse": "POST /entries/{entry_id:uuid}/reversal",
    "POST /scores": "POST /scores",
    "POST /ledger/check": "POST /verifications",
    "PUT /scores/draft": "PUT /scores/draft",
    "POST /scores/sheets/{sheet_id:uuid}/reverse": "POST /scores/sheets/{sheet_id:uuid}/reversal",
    "POST /households/export": "POST /households/export",
    "POST /households/import": "POST /imports",
    f"POST {IMPORT}/confirm": f"POST {BATCH}/confirm",
    f"POST {IMPORT}/drop": f"DELETE {BATCH}",
    "POST /households/name-choices": "POST /households/name-choices",
    "POST /households/new": "POST /households",
    f"POST {HOUSEHOLD}/edit": f"PATCH {HOUSEHOLD}",
    f"POST {HOUSEHOLD}/look": f"POST {HOUSEHOLD}/restricted",
    f"POST {HOUSEHOLD}/check-id": f"POST {RESIDENT}/check-id",
    f"POST {HOUSEHOLD}/withdraw": "POST /publications/withdrawals",
    f"POST {HOUSEHOLD}/name-choice": f"PUT {HOUSEHOLD}/name-choice",
    f"POST {HOUSEHOLD}/members/new": "POST /residents",
    f"POST {MEMBER}": f"PATCH {RESIDENT}",
    f"POST {MEMBER}/leave": f"POST {RESIDENT}/leave",
    f"POST {MEMBER}/come-back": f"POST {RESIDENT}/come-back",
    "POST /officials/new": "POST /officials",
    "POST /entries/openings": "POST /imports/openings",
    f"POST /entries/openings/{ID % 'batch_id'}/confirm": f"POST {OF_OPENINGS}/confirm",
    f"POST /entries/openings/{ID % 'batch_id'}/drop": f"DELETE {OF_OPENINGS}",
    "POST /officials/import": "POST /imports/officials",
    f"POST /officials/import/{ID % 'batch_id'}/confirm": f"POST {OF_OFFICIALS}/confirm",
    f"POST /officials/import/{ID % 'batch_id'}/drop": f"DELETE {OF_OFFICIALS}",
    f"POST {OFFICIAL}/hand-over": f"POST {OFFICIAL}/hand-over",
    "POST /rules/import": "POST /imports/items",
    f"POST /rules/import/{ID % 'batch_id'}/confirm": f"POST {OF_ITEMS}/confirm",
    f"POST /rules/import/{ID % 'batch_id'}/drop": f"DELETE {OF_ITEMS}",
    "POST /scores/import": "POST /imports/scores",
    f"POST /scores/import/{ID % 'batch_id'}/confirm": f"POST {OF_SCORES}/confirm",
    f"POST /scores/import/{ID % 'batch_id'}/drop": f"DELETE {OF_SCORES}",
    f"POST {OFFICIAL}/reset": f"POST {OFFICIAL}/password-reset",
    f"POST {OFFICIAL}/activate": f"POST {OFFICIAL}/activate",
    f"POST {OFFICIAL}/deactivate": f"DELETE {OFFICIAL}",
    f"POST {OFFICIAL}/duties": f"POST {OFFICIAL}/duties",
    f"POST {OFFICIAL}/duties/remove": f"DELETE {OFFICIAL}/duties/{{role:str}}/{{region:str}}",
    f"POST {OFFICIAL}/household": f"PUT {OFFICIAL}/household",
    "POST /officials/duties/{code:str}": "POST /duties/{code:str}",
    f"POST {HOUSEHOLD}/moves/new/{{kind:str}}": f"POST {HOUSEHOLD}/split",
    f"POST {HOUSEHOLD}/moves/relocate": f"POST {HOUSEHOLD}/relocate",
    f"POST {MOVE}/undo": f"POST {MOVE}/undo",
    "POST /publications/new": "POST /publications",
    "POST /publications/{serial:str}/hung": "POST /publications/{serial:str}/hung",
    "POST /publications/{serial:str}/taken-down": "POST /publications/{serial:str}/taken-down",
    "POST /publications/import": "POST /publications/imports",
    "POST /publications/import/confirm": "POST /publications/imports",
    "POST /publications/import/withdraw": "POST /publications/signers/withdrawals",
    "POST /settings/backups": "POST /backups",
    "POST /settings/backups/plan": "PUT /backups/plan",
    "POST /settings/backups/sheet": "POST /backups/sheet",
    "POST /regions": "POST /regions",
    "POST /regions/import": "POST /regions/import",
    "POST /regions/{code:str}/name": "PATCH /regions/{code:str}",
    "POST /rules/new": "POST /rulebooks",
    f"POST {VERSION}/copy": "POST /rulebooks",
    f"POST {VERSION}/delete": f"DELETE {BOOK}",
    f"POST {VERSION}/adopt": f"POST {BOOK}/publish",
    f"POST {VERSION}/filing": f"POST {BOOK}/filing",
    f"POST {VERSION}/edit": TEXT,
    f"POST {VERSION}/clauses/new": TEXT,
    f"POST {VERSION}/clauses/{{place:int}}": TEXT,
    f"POST {VERSION}/clauses/{{place:int}}/delete": TEXT,
    f"POST {VERSION}/clauses/{{place:int}}/move": TEXT,
    f"POST {VERSION}/items/new": TEXT,
    f"POST {VERSION}/items/{{place:int}}": TEXT,
    f"POST {VERSION}/items/{{place:int}}/delete": TEXT,
    f"POST {VERSION}/items/{{place:int}}/move": TEXT,
    "POST /settings": "PUT /settings/{village:str}",
    "POST /passbooks/print": "POST /passbooks/print",
    f"POST {CARDS}/reset": f"POST {CARDS}/reset",
    f"POST {CARDS}/pages": f"POST {CARDS}/pages",
    f"POST {DOOR}/open": f"POST {DOOR}/open",
    f"POST {DOOR}/first": f"POST {DOOR}/first",
    f"POST {DOOR}/names": f"PUT {DOOR}/names",
    f"POST {DOOR}/pin": f"PUT {DOOR}/pin",
    f"POST {DOOR}/pages": f"POST {DOOR}/pages",
    f"POST {DOOR}/leave": f"DELETE {DOOR}/session",
    "POST /settings/base": "POST /settings/{village:str}/base-points",
}
NO_TWIN = {
    "POST /language": "a program says what it reads in the header Accept-Language",
    "POST /audit/export": "a file of the lines that GET /audit gives page by page",
    "POST /officials/slips": "slips of paper with first passwords; programs reset one by one",
    "POST /officials/slips/{job_id:uuid}/pdf": "the same",
    "POST /passbooks/print": "cards with one-time codes, printed in the village's own office",
    "POST /passbooks/{household_id:uuid}/reset": "the same: a new card has to be printed for it",
    "POST /packets": "has posters rendered before the download of GET /packets/packet.zip",
    "POST /kept/drop": "a form that a browser sent too late; a program sends its own again",
    "POST /setup": "the first run, by whoever reads the code on the terminal",
    "POST /setup/divisions": "the same, before anybody has a login",
}


def writes() -> tuple[set[str], set[str]]:
    """What pages and what the API offers beside reading, as "METHOD /path"."""
    app = application(Settings(data=Path("/nowhere")))
    every = [one for one in routes(app) if one.method not in ("GET", "HEAD", "OPTIONS")]
    api = {f"{one.method} {one.path.removeprefix('/api/v1')}" for one in every if _in_api(one.path)}
    return {f"{one.method} {one.path}" for one in every if not _in_api(one.path)}, api


def _in_api(path: str) -> bool:
    return path.startswith("/api/v1/")


def test_every_screen_that_writes_has_a_twin_in_the_api() -> None:
    pages, api = writes()
    forgotten = sorted(pages - TWINS.keys() - NO_TWIN.keys())
    assert not forgotten, (
        f"these pages write and no operation of the API is named for them: {forgotten}. "
        "Add the operation to api/v1/ and both to TWINS in this file, or the reason to NO_TWIN."
    )
    missing = sorted({twin for twin in TWINS.values() if twin not in api})
    assert not missing, f"these operations are named as twins and do not exist: {missing}"
    gone = sorted((TWINS.keys() | NO_TWIN.keys()) - pages)
    assert not gone, f"these pages are named here and exist no more: {gone}"


# -- what was only on the screens before -----------------------------------------------------


@pytest.fixture
async def settled(web: Web) -> Web:
    await villages.a_village(households=4)
    return web


async def test_a_program_manages_logins_from_the_first_to_the_last_day(settled: Web) -> None:
    admin = await settled.program("admin", factories.TOWNSHIP)
    asked = {"login": "shuzhang", "name": "李树章", "role": "scorer", "region": VILLAGE}
    made = (await admin.post("/api/v1/officials", json=asked)).json()
    one = f"/api/v1/officials/{made['id']}"
    assert (await admin.get(one)).json()["login"] == "shuzhang"
    found = (await admin.get("/api/v1/officials", params={"q": "树章", "role": "scorer"})).json()
    assert (found["total"], found["rows"][0]["id"]) == (1, made["id"])
    elsewhere = await admin.get("/api/v1/officials", params={"region": OTHER_VILLAGE})
    assert elsewhere.json()["total"] == 0
    within = await admin.get("/api/v1/officials", params={"region": factories.TOWNSHIP})
    assert within.json()["total"] == 2
    again = (await admin.post(f"{one}/password-reset")).json()
    assert (again["id"], again["password"] != made["password"]) == (made["id"], True)
    own = {"household": str(villages.household_id(1))}
    assert (await admin.put(f"{one}/household", json=own)).status_code == 204
    assert (await admin.get(one)).json()["own_household"] == own["household"]
    more = {"role": "panel_member", "region": VILLAGE}
    assert (await admin.post(f"{one}/duties", json=more)).status_code == 204
    assert (await admin.delete(f"{one}/duties/scorer/{VILLAGE}")).status_code == 204
    last = await admin.delete(f"{one}/duties/panel_member/{VILLAGE}")
    assert (last.status_code, last.json()["type"]) == (409, "urn:xiangyue:official-refused")
    assert (await admin.delete(one)).status_code == 204
    assert (await admin.get("/api/v1/officials", params={"active": False})).json()["total"] == 1
    assert (await admin.post(f"{one}/activate")).status_code == 204
    assert (await admin.get(one)).json()["active"]
    stranger = await settled.program("clerk", OTHER_VILLAGE)
    assert (await stranger.get(one)).status_code == 404


async def test_a_program_sets_a_village_up_and_grants_its_base_points(settled: Web) -> None:
    clerk = await settled.program("clerk")
    at = f"/api/v1/settings/{VILLAGE}"
    kept = (await clerk.get(at)).json()
    assert (kept["scheme"]["base_points"], kept["register"]["keep_id_numbers"]) == (0, False)
    kept["scheme"] |= {"base_points": 100, "posted_first_n": 3}
    assert (await clerk.put(at, json=kept)).json() == kept
    assert (await clerk.post(f"{at}/base-points")).json() == {"households": 4}
    assert (await clerk.post(f"{at}/base-points")).json() == {"households": 0}
    kept["scheme"]["display_days"] = 3
    assert (await clerk.put(at, json=kept)).status_code == 400
    kept["scheme"]["display_days"], kept["register"]["keep_id_numbers"] = 10, True
    refused = await clerk.put(at, json=kept)
    assert refused.json()["type"] == "urn:xiangyue:purpose-missing"
    stranger = await settled.program("clerk", OTHER_VILLAGE)
    assert (await stranger.get(at)).status_code == 404
    assert (await stranger.put(at, json=kept)).status_code == 404
    assert (await stranger.post(f"{at}/base-points")).status_code == 404
    place = await clerk.get(f"/api/v1/settings/{VILLAGE}-G01")
    assert place.status_code == 404


async def test_a_program_brings_evidence_and_reads_it_back(settled: Web) -> None:
    clerk = await settled.program("clerk")
    file, key = b"%PDF-1.4 a dog's licence", "0e9a3c1e-0000-4000-8000-000000000001"
    sent = {"files": {"file": ("狗证.pdf", file)}, "data": {"id": key}}
    for _ in range(2):
        answer = await clerk.post("/api/v1/entries/evidence", **sent)
        assert (answer.status_code, answer.json()) == (201, {"id": key})
    other = {"files": {"file": ("狗证.pdf", file + b"!")}, "data": {"id": key}}
    assert (await clerk.post("/api/v1/entries/evidence", **other)).status_code == 409
    text = {"files": {"file": ("狗证.txt", b"no picture")}}
    assert (await clerk.post("/api/v1/entries/evidence", **text)).status_code == 413
    entry = {
        "id": "0e9a3c1e-0000-4000-8000-000000000002",
        "household": str(villages.household_id(1)),
        "item": str((await villages.items_of())["dog"].id),
        "points": 20,
        "on": str(villages.TODAY),
        "reason": "给狗上了证",
        "evidence": key,
    }
    posted = await clerk.post("/api/v1/entries", json=entry)
    assert posted.status_code == 201, posted.text
    back = await clerk.get(f"/api/v1/entries/{entry['id']}/evidence")
    assert (back.content, back.headers["content-type"]) == (file, "application/pdf")
    assert "filename*=UTF-8''%E7%8B%97%E8%AF%81.pdf" in back.headers["content-disposition"]
    stranger = await settled.program("clerk", OTHER_VILLAGE)
    assert (await stranger.get(f"/api/v1/entries/{entry['id']}/evidence")).status_code == 404


async def test_a_program_sees_its_log_ins_and_ends_the_others(settled: Web) -> None:
    clerk = await settled.program("clerk")
    mine = (await clerk.get("/api/v1/officials/me/sessions")).json()
    assert [one["is_this"] for one in mine] == [True, False]  # the other is the browser's
    assert (await clerk.delete("/api/v1/officials/me/sessions")).json() == {"ended": 1}
    assert len((await clerk.get("/api/v1/officials/me/sessions")).json()) == 1
