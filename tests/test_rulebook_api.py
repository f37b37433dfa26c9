"""Rule books as programs reach them: JSON, problem details, another village's book a 404."""

import base64
from datetime import date, timedelta
from typing import Any

import factories
import httpx
import pytest
import web as web_
from factories import OTHER_VILLAGE, VILLAGE

from foundation import clock

BOOKS = "/api/v1/rulebooks"
START = "2026-10-01"
VOTE = {
    "held_on": "2026-03-05", "roll": 700, "present": 412, "in_favour": 400, "against": 5,
    "filing_number": "7", "filed_on": "2026-03-20",
}  # fmt: skip
PDF = base64.b64encode(b"%PDF-1.7").decode()


@pytest.fixture
async def clerk(web: web_.Web) -> httpx.AsyncClient:
    """A program of 槐庄's clerk."""
    await factories.divisions()
    return await web.program("clerk")


async def drafted(clerk: httpx.AsyncClient) -> dict[str, Any]:
    answer = await clerk.post(BOOKS, json={"village": VILLAGE, "starter": "plain-village"})
    assert answer.status_code == 201, answer.text
    draft: dict[str, Any] = answer.json()
    return draft


def text_of(version: dict[str, Any]) -> dict[str, Any]:
    """A version's text as `PUT .../text` takes it."""
    settings = (
        "code", "name", "unit", "points_min", "points_max", "cap_points", "cap_period", "cycle",
        "evidence_needed", "scorers", "self_claim", "posting_days", "on_month_sheet",
    )  # fmt: skip
    frame = {field: version[field] for field in ("title", "preamble", "name_wall", "name_web")}
    clauses = [
        {
            "number": clause["number"],
            "block": clause["block"],
            "text": clause["text"],
            "items": [
                {field: item[field] for field in settings}
                for item in version["items"]
                if item["clause_number"] == clause["number"]
            ],
        }
        for clause in version["clauses"]
    ]
    return {**frame, "clauses": clauses}


async def test_a_village_gets_a_rule_book_from_a_starter(clerk: httpx.AsyncClient) -> None:
    starters = (await clerk.get(f"{BOOKS}/starters")).json()
    assert [one["name"] for one in starters] == ["plain-village", "mountain-village", "community"]
    draft = await drafted(clerk)
    text = text_of(draft)
    text["title"] = "槐庄村村规民约"
    answer = await clerk.put(
        f"{BOOKS}/{draft['id']}/text", json={"text": text, "base_hash": draft["text_hash"]}
    )
    assert answer.status_code == 200, answer.text
    answer = await clerk.post(
        f"{BOOKS}/{draft['id']}/publish",
        json={
            "in_force_from": START,
            "vote": {"adoption": VOTE, "scan": {"name": "记录.pdf", "content": PDF}},
        },
    )
    assert answer.status_code == 200, answer.text
    version = answer.json()
    assert (version["number"], version["state"], version["title"]) == (
        1,
        "in_force",
        "槐庄村村规民约",
    )
    assert version["adoption"]["filing_number"] == "7"
    (line,) = (await clerk.get(BOOKS, params={"village": VILLAGE})).json()
    assert (line["id"], line["items"]) == (version["id"], len(version["items"]))
    found = await clerk.get(f"{BOOKS}/in-force", params={"village": VILLAGE, "on": START})
    assert found.json() == version
    scan = await clerk.get(f"{BOOKS}/{version['id']}/scan")
    assert (scan.headers["content-type"], scan.content) == ("application/pdf", b"%PDF-1.7")


async def test_every_fault_of_a_text_comes_back_with_its_place_and_a_sentence(
    clerk: httpx.AsyncClient,
) -> None:
    draft = await drafted(clerk)
    text = text_of(draft)
    text["clauses"][0]["items"][0]["points_min"] = -5
    text["clauses"][1]["block"] = "politics"
    answer = await clerk.put(f"{BOOKS}/{draft['id']}/text", json={"text": text})
    assert answer.status_code == 409
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:xiangyue:rule-book-invalid"
    told = {(f["clause"], f["item"], f["field"], f["code"]) for f in problem["findings"]}
    assert told == {(0, 0, "points_min", "deduction_not_yet"), (1, None, "block", "unknown")}
    messages = [finding["message"] for finding in problem["findings"]]
    assert messages[0].startswith("第 1 条第 1 项细则：最低分不能是负数")
    assert (await clerk.get(f"{BOOKS}/{draft['id']}")).json() == draft


@pytest.mark.parametrize(
    "body",
    [
        {"village": VILLAGE},
        {"village": VILLAGE, "starter": "plain-village", "extra": 1},
        {"village": VILLAGE, "starter": 7},
        {"starter": "plain-village", "source": "7d9f2c9e-0000-4000-8000-000000000000"},
    ],
)
async def test_a_malformed_request_is_400(clerk: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await clerk.post(BOOKS, json=body)).status_code == 400


async def test_points_that_are_no_integers_are_400(clerk: httpx.AsyncClient) -> None:
    draft = await drafted(clerk)
    for points in (1.5, "many", True, None):
        text = text_of(draft)
        text["clauses"][0]["items"][0]["points_max"] = points
        answer = await clerk.put(f"{BOOKS}/{draft['id']}/text", json={"text": text})
        assert answer.status_code == 400, points


async def test_a_stale_text_is_refused(clerk: httpx.AsyncClient) -> None:
    draft = await drafted(clerk)
    text = text_of(draft)
    text["title"] = "另一个名字"
    await clerk.put(f"{BOOKS}/{draft['id']}/text", json={"text": text})
    answer = await clerk.put(
        f"{BOOKS}/{draft['id']}/text", json={"text": text, "base_hash": draft["text_hash"]}
    )
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:xiangyue:draft-changed"


async def test_a_vote_that_missed_is_told_with_figures_and_law(clerk: httpx.AsyncClient) -> None:
    draft = await drafted(clerk)
    answer = await clerk.post(
        f"{BOOKS}/{draft['id']}/publish",
        json={
            "in_force_from": START,
            "vote": {"adoption": {**VOTE, "present": 350, "in_favour": 345}},
        },
    )
    assert answer.status_code == 409
    assert "实到 350（至少要 351）" in answer.json()["detail"]
    assert "村民委员会组织法" in answer.json()["detail"]


async def test_vote_and_filing_may_follow_the_publication(clerk: httpx.AsyncClient) -> None:
    draft = await drafted(clerk)
    book = f"{BOOKS}/{draft['id']}"
    assert (await clerk.post(f"{book}/adoption", json={"adoption": VOTE})).status_code == 409
    await clerk.post(f"{book}/publish", json={"in_force_from": START})
    unfiled = {**VOTE, "filing_number": "", "filed_on": None}
    answer = await clerk.post(f"{book}/adoption", json={"adoption": unfiled})
    assert answer.json()["adoption"]["filed_on"] is None
    answer = await clerk.post(f"{book}/filing", json={"filed_on": "2026-03-01"})
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["message"] == "备案日期比表决日期还早。"
    answer = await clerk.post(f"{book}/filing", json={"filed_on": "2026-03-20", "number": "7"})
    assert answer.json()["adoption"]["filing_number"] == "7"
    assert (await clerk.post(f"{book}/adoption", json={"adoption": VOTE})).status_code == 409


async def test_a_later_version_cannot_reach_back(clerk: httpx.AsyncClient) -> None:
    first = await drafted(clerk)
    await clerk.post(f"{BOOKS}/{first['id']}/publish", json={"in_force_from": START})
    second = (await clerk.post(BOOKS, json={"source": first["id"]})).json()
    answer = await clerk.post(f"{BOOKS}/{second['id']}/publish", json={"in_force_from": START})
    tomorrow = clock.today() + timedelta(days=1)
    assert answer.status_code == 409
    assert answer.json()["earliest"] == str(tomorrow)
    compared = await clerk.get(f"{BOOKS}/{second['id']}/comparison", params={"before": first["id"]})
    assert {change["kind"] for change in compared.json()["clauses"]} == {"same"}
    assert (await clerk.delete(f"{BOOKS}/{second['id']}")).status_code == 204
    assert (await clerk.delete(f"{BOOKS}/{first['id']}")).status_code == 409


async def test_a_day_before_the_rule_book_is_refused_by_name(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.get(f"{BOOKS}/in-force", params={"village": VILLAGE, "on": START})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:xiangyue:no-rule-book"
    assert answer.json()["on"] == START


async def test_another_village_and_another_role_get_nowhere(
    web: web_.Web, clerk: httpx.AsyncClient
) -> None:
    draft = await drafted(clerk)
    book = f"{BOOKS}/{draft['id']}"
    start = {"in_force_from": str(date(2026, 10, 1))}
    for role, region, status in (("clerk", OTHER_VILLAGE, 404), ("supervisor", VILLAGE, 403)):
        caller = await web.program(role, region)
        text = {"text": text_of(draft)}
        assert (await caller.put(f"{book}/text", json=text)).status_code == status
        assert (await caller.post(f"{book}/publish", json=start)).status_code == status
        assert (await caller.delete(book)).status_code == status
    stranger = await web.program("clerk", OTHER_VILLAGE)
    assert (await stranger.get(book)).status_code == 404
    assert (await stranger.get(BOOKS, params={"village": VILLAGE})).status_code == 404
    assert (await web.client().get(book)).status_code == 401
