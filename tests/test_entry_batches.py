"""Batches of entries: all or none, each error with its index, the same again changes nothing."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from villages import raw
from web import Web

from foundation import attachments
from points import batches
from points.errors import IdTaken

BATCH = "/api/v1/entries/batch"


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    await villages.a_village(households=6)
    return await web.program("clerk")


def entry(number: int, points: int = 5, *, item: str = "courtyard", **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "household": str(villages.household_id(number)),
        "item": item,
        "points": points,
        "on": "2026-10-20",
        "reason": "院子干净",
        **more,
    }


async def post(caller: httpx.AsyncClient, *entries: Any, village: str = VILLAGE) -> httpx.Response:
    return await caller.post(BATCH, json={"village": village, "entries": entries})


async def test_a_batch_is_posted_once_however_often_it_comes(
    clerk: httpx.AsyncClient, store: str
) -> None:
    sent = [entry(n, n) for n in range(1, 7)]
    first, again = await post(clerk, *sent), await post(clerk, *sent)
    assert (first.status_code, first.json()["posted"], again.json()["posted"]) == (200, 6, 0)
    assert first.json()["entries"] == again.json()["entries"]
    assert [e["seq"] for e in first.json()["entries"]] == [1, 2, 3, 4, 5, 6]
    async with raw(store) as sql:
        assert len(await sql("SELECT 1 FROM ledger_entry")) == 6
        lines = await sql("SELECT 1 FROM audit_line WHERE verb = 'ledger.post_batch'")
        assert len(lines) == 1


async def test_l1_a_retry_in_another_cut_is_the_same_posting(clerk: httpx.AsyncClient) -> None:
    sent = [entry(n, n) for n in range(1, 5)]
    await post(clerk, *sent[:2])
    items = await villages.items_of()
    single = {**sent[2], "item": str(items["courtyard"].id)}
    posted = (await clerk.post("/api/v1/entries", json=single)).json()
    answer = (await post(clerk, *reversed(sent))).json()
    assert (answer["posted"], len(answer["entries"])) == (1, 4)
    assert answer["entries"][1]["id"] == posted["id"]


async def test_l10_one_bad_entry_stops_the_batch_and_every_bad_one_is_named(
    clerk: httpx.AsyncClient, store: str
) -> None:
    twice = str(uuid4())
    refused = await post(
        clerk,
        entry(1),
        entry(2, 21),
        entry(3, item="no-such-item"),
        entry(4, reason="  "),
        entry(5, 20, item="dog"),
        entry(6, id=twice),
        entry(6, id=twice, item="waste"),
    )
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:xiangyue:batch-refused"
    # What is wrong in itself is found first; what the ledger says comes when that is mended.
    assert [(e["index"], e["code"]) for e in refused.json()["errors"]] == [
        (2, "item-not-found"), (3, "reason-missing"), (4, "evidence-missing"), (6, "id-taken"),
    ]  # fmt: skip
    judged = await post(clerk, entry(1), entry(2, 21), entry(1), entry(3, household=str(uuid4())))
    assert [(e["index"], e["code"]) for e in judged.json()["errors"]] == [
        (1, "points-out-of-range"), (2, "cycle-done"), (3, "household-not-found"),
    ]  # fmt: skip
    assert all(e["message"] for e in judged.json()["errors"])
    async with raw(store) as sql:
        assert await sql("SELECT 1 FROM ledger_entry") == []


async def test_an_id_that_stands_for_another_entry_is_named(clerk: httpx.AsyncClient) -> None:
    known = entry(1, 5)
    await post(clerk, known)
    refused = await post(clerk, entry(2), {**known, "points": 6})
    assert [(e["index"], e["code"]) for e in refused.json()["errors"]] == [(1, "id-taken")]


async def test_evidence_goes_with_an_entry_of_a_batch(clerk: httpx.AsyncClient) -> None:
    kept = await attachments.keep(
        b"%PDF-1.4 x", purpose="evidence", name="dog.pdf", media_type="application/pdf"
    )
    answer = await post(clerk, entry(1, 20, item="dog", evidence=str(kept)))
    assert answer.status_code == 200, answer.text


@pytest.mark.faults
async def test_l1_the_same_batch_sent_many_times_at_once_is_posted_once(
    clerk: httpx.AsyncClient, store: str
) -> None:
    sent = [entry(n, n) for n in range(1, 7)]
    answers = await asyncio.gather(*(post(clerk, *sent) for _ in range(6)))
    assert sorted(a.json()["posted"] for a in answers) == [0, 0, 0, 0, 0, 6]
    assert len({a.text.partition('"entries"')[2] for a in answers}) == 1
    async with raw(store) as sql:
        assert len(await sql("SELECT 1 FROM ledger_entry")) == 6


async def test_a_batch_reaches_no_other_village(web: Web, clerk: httpx.AsyncClient) -> None:
    await villages.another_village()
    stranger = await web.program("clerk", OTHER_VILLAGE)
    assert (await post(stranger, entry(1))).status_code == 404
    astray = await post(stranger, entry(1), village=OTHER_VILLAGE)
    assert astray.json()["errors"][0]["code"] == "household-not-found"
    # The rule book does not name panel members for this item; an auditor posts nothing at all.
    panel = await post(await web.program("panel_member"), entry(1))
    assert [e["code"] for e in panel.json()["errors"]] == ["scorer-not-allowed"]
    auditor = await web.program("auditor")
    assert (await post(auditor, entry(1))).status_code == 403


async def test_a_batch_is_bounded(clerk: httpx.AsyncClient) -> None:
    assert (await post(clerk)).status_code == 400
    many = [entry(1)] * (batches.ENTRIES_MAX + 1)
    assert (await post(clerk, *many)).status_code == 400


async def test_the_verb_refuses_an_id_of_another_village(opened: str) -> None:
    await villages.a_village()
    items = await villages.another_village()
    there = {"village": OTHER_VILLAGE, "by": villages.OPERATOR}
    taken = await villages.award(1, items["courtyard"], 5, **there)
    wanted = batches.BatchEntry(
        id=taken.id,
        household=villages.household_id(1),
        item="courtyard",
        points=5,
        on=villages.TODAY,
        reason="院子干净",
    )
    with pytest.raises(batches.BatchRefused) as refused:
        await batches.post_batch(VILLAGE, [wanted], by=villages.CLERK)
    [(index, why)] = refused.value.errors
    assert (index, type(why)) == (0, IdTaken)
