"""Transactions: all or nothing, and nothing left behind by whoever goes away."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import factories
import pytest
from cancelling import cancelled_everywhere
from villages import raw
from web import Web

from foundation import audit, database
from foundation.models import StoreFact


@database.transaction
async def write(name: str, value: str = "") -> None:
    await StoreFact.create(name=name, value=value)


@database.transaction
async def write_two(first: str, second: str, *, fail: bool = False) -> None:
    """Reads and writes by the ORM and by raw SQL, and a verb that joins."""
    await database.rows("SELECT name FROM store_fact")
    await write(first)
    await database.execute_many("INSERT INTO store_fact VALUES (?, ?)", [[second, "raw"]])
    await audit.note(factories.OPERATOR, "tests.write")
    if fail:
        raise ZeroDivisionError


async def names(address: str) -> list[str]:
    """What is committed, seen from outside."""
    async with raw(address) as sql:
        return [line["name"] for line in await sql("SELECT name FROM store_fact ORDER BY name")]


async def test_a_verb_called_by_a_verb_joins_its_transaction(opened: str) -> None:
    with pytest.raises(ZeroDivisionError):
        await write_two("a", "b", fail=True)
    assert await names(opened) == []
    await write_two("a", "b")
    assert await names(opened) == ["a", "b"]


async def test_nothing_is_seen_from_outside_before_the_commit(opened: str) -> None:
    @database.transaction
    async def look_out() -> list[str]:
        await write("a")
        return await names(opened)

    assert await look_out() == []
    assert await names(opened) == ["a"]


async def test_a_refused_verb_leaves_the_next_ones_alone(opened: str) -> None:
    await write("a")
    for _ in range(database.POOL_SIZE_MAX + 5):
        with pytest.raises(Exception, match=r"(?i)unique"):
            await write("a")
    await write("b")
    assert await names(opened) == ["a", "b"]


async def test_verbs_at_the_same_time_do_not_mix(opened: str) -> None:
    tasks = [write_two(f"{n:02d}a", f"{n:02d}b", fail=n % 2 == 1) for n in range(30)]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await names(opened) == [f"{n:02d}{c}" for n in range(0, 30, 2) for c in "ab"]


@pytest.mark.usefixtures("opened")
async def test_a_batch_outside_of_a_verb_is_a_programmers_error() -> None:
    with pytest.raises(AssertionError, match="write verb"):
        await database.execute_many("INSERT INTO store_fact VALUES (?, ?)", [["a", "b"]])


async def test_who_leaves_does_not_tear_the_unit_apart_and_close_waits_for_it(store: str) -> None:
    await database.open(store)
    begun = asyncio.Event()

    @database.transaction
    async def slow() -> None:
        await write("a")
        begun.set()
        await asyncio.sleep(0.2)
        await write("b")

    caller = asyncio.create_task(slow())
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await database.close()
    assert await names(store) == ["a", "b"]


# -- S1 -----------------------------------------------------------------------------------


async def left_behind(address: str) -> str:
    """What still holds something in the store, in words; nothing after at most five seconds."""
    found = ""
    for _ in range(50):
        found = await _left_behind(address)
        if not found:
            break
        await asyncio.sleep(0.1)
    return found


async def _left_behind(address: str) -> str:
    client: Any = database.connection()
    if address.startswith("sqlite"):
        holding = client._lock.locked() or client._connection.in_transaction
        return "the lock or a transaction is held" if holding else ""
    pool = client._pool
    if pool.get_idle_size() != pool.get_size():
        return f"{pool.get_size() - pool.get_idle_size()} connections are taken"
    async with raw(address) as sql:
        others = await sql(
            "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
    return "; ".join(f"{line['state']}: {line['query']}" for line in others)


@pytest.mark.faults
async def test_s1_a_verb_cancelled_at_any_await_leaves_nothing_behind(opened: str) -> None:
    count = 0

    async def work() -> None:
        nonlocal count
        count += 1
        await database.rows("SELECT name FROM store_fact")
        await write_two(f"{count}a", f"{count}b")
        await StoreFact.filter(name=f"{count}a").count()

    async def afterwards() -> None:
        await write(f"{count}c")

    places = await cancelled_everywhere(work, afterwards)
    assert places >= 6
    assert await left_behind(opened) == ""
    kept = set(await names(opened))
    for n in range(1, count + 1):  # both lines of each unit, or neither
        assert (f"{n}a" in kept) == (f"{n}b" in kept)


@pytest.mark.faults
@pytest.mark.parametrize("what", ["a write", "a page", "a log-in"])
async def test_s1_a_request_cancelled_at_any_await_leaves_nothing_behind(
    web: Web, store: str, what: str
) -> None:
    await factories.divisions()
    clerk = await web.login("clerk")
    group = {"parent": factories.VILLAGE, "level": "group", "name": "新组"}
    nobody = web.client()
    wrong = {"login": "nobody", "password": "wrong"}
    requests: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "a write": lambda: clerk.post("/api/v1/regions", json=group),
        "a page": lambda: clerk.get("/regions"),
        "a log-in": lambda: nobody.post("/api/v1/tokens", json=wrong),
    }

    async def afterwards() -> None:
        answer = await clerk.post("/api/v1/regions", json=group)
        assert answer.status_code == 201, answer.text

    assert await cancelled_everywhere(requests[what], afterwards) >= 5
    assert await left_behind(store) == ""
