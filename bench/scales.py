"""The measurements themselves: what is done how often, and what it is compared with."""

import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import factories
import msgspec
import villages
from factories import OPERATOR, VILLAGE
from villages import household_id

from api import posters, printing
from api.settings import Settings
from bench import workbooks
from bench.driver import Bare, Statement, bare, recorded
from bench.stores import Engine, opened
from foundation import clock
from households import importing
from households.models import Region
from points import leaderboard, ledger, publication, scoring, verification
from points.period import Period
from points.sheets import Cell
from rules import adoption, rulebook
from rules.drafts import Draft, DraftClause

_SPACE = UUID(int=7)
SHEET_CODES = tuple(f"graded-{number}" for number in range(1, 6))
HOUSEHOLDS = 500
Step = Callable[[], Awaitable[Any]]


class Result(msgspec.Struct):
    """One line of the output. `ratio` is our speed over the baseline's, 1 being as fast."""

    name: str
    engine: str
    value: float
    unit: str
    baseline: float
    ratio: float
    aim: float
    met: bool
    what: str


def rate(
    name: str,
    engine: Engine,
    *,
    count: int,
    ours: float,
    theirs: float,
    unit: str,
    what: str,
    aim: float | None = None,
) -> Result:
    """A rate of `count` things in so many seconds; the aim is half the bare driver's, or given."""
    value, baseline = count / ours, count / theirs
    aim = aim or baseline / 2
    return Result(
        name, engine.name, round(value, 1), unit, round(baseline, 1), round(value / baseline, 3),
        round(aim, 1), value >= aim, what,
    )  # fmt: skip


def wait(
    name: str, engine: Engine, *, ours: float, theirs: float, aim: float, unit: str, what: str
) -> Result:
    """A time, as short as possible; `aim` is the longest that is good, all in `unit`."""
    return Result(
        name, engine.name, round(ours, 3), unit, round(theirs, 3), round(theirs / ours, 3), aim,
        ours <= aim, what,
    )  # fmt: skip


def say(line: str) -> None:
    """Progress, beside the results."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the bench's own terminal


async def seconds(step: Step) -> float:
    """How long a step takes."""
    started = time.perf_counter()
    await step()
    return time.perf_counter() - started


async def taking_turns(
    engine: Engine, prepared: str, steps: list[Step], *, one_transaction: bool, per_turn: int = 1
) -> tuple[float, float]:
    """Seconds for one turn of steps, ours and the bare driver's: the medians of all turns.

    The steps are done three times on copies of one store: once to record what they send, once
    by us and once by the bare driver, the last two by turns.
    """
    for_tape, for_us, for_bare = [await engine.copy(prepared) for _ in range(3)]
    async with opened(for_tape):
        tapes = [await recorded(step) for step in steps]
    # The tapes are not part of what is measured: neither are the collector's rounds over them.
    gc.collect()
    gc.freeze()
    ours, theirs = [], []
    driver = await bare(for_bare)
    try:
        async with opened(for_us):
            for start in range(0, len(steps), per_turn):
                turn = slice(start, start + per_turn)
                ours.append(sum([await seconds(step) for step in steps[turn]]))
                theirs.append(
                    sum([await _sent(driver, tape, one_transaction) for tape in tapes[turn]])
                )
    finally:
        await driver.close()
        gc.unfreeze()
    return statistics.median(ours), statistics.median(theirs)


async def _sent(driver: Bare, tape: list[Statement], one_transaction: bool) -> float:
    return await seconds(lambda: driver.send(tape, one_transaction=one_transaction))


async def _village(engine: Engine) -> tuple[str, dict[str, rulebook.Item]]:
    """A store with 500 households and a rule book of five graded items."""
    address = await engine.empty()
    async with opened(address):
        await villages.settle(households=HOUSEHOLDS)
        await villages.adopt([villages.item(code) for code in SHEET_CODES])
        items = await villages.items_of()
    return address, items


# -- postings -----------------------------------------------------------------------------


async def month_sheet(engine: Engine) -> list[Result]:
    """500 households by 5 items, month after month, each sheet in one transaction."""
    prepared, _ = await _village(engine)
    cells = [
        Cell(household_id(number), code, number % 21)
        for number in range(1, HOUSEHOLDS + 1)
        for code in SHEET_CODES
    ]

    def sheet(month: int) -> Step:
        return lambda: scoring.post_sheet(
            uuid5(_SPACE, f"sheet {month}"),
            village=VILLAGE,
            month=f"2026-{month:02}",
            cells=cells,
            by=villages.CLERK,
        )

    steps = [sheet(month) for month in range(1, 11)]
    ours, theirs = await taking_turns(engine, prepared, steps, one_transaction=True)
    what = "scoring.post_sheet of 2,500 cells, median of 10 months; one SQL transaction each"
    return [
        rate(
            "month_sheet", engine, count=len(cells), ours=ours, theirs=theirs, unit="entries/s",
            what=what,
        )
    ]  # fmt: skip


async def single_postings(engine: Engine) -> list[Result]:
    """Award after award with its reason, each its own transaction and answer."""
    prepared, items = await _village(engine)

    def one(number: int) -> Step:
        return lambda: ledger.award(
            household_id(number),
            id=uuid5(_SPACE, f"entry {number}"),
            item_id=items["graded-1"].id,
            points=number % 21,
            on=villages.TODAY,
            reason="院子干净",
            by=villages.CLERK,
        )

    per_turn = 25
    ours, theirs = await taking_turns(
        engine, prepared, [one(number) for number in range(1, 401)], one_transaction=True,
        per_turn=per_turn,
    )  # fmt: skip
    what = f"ledger.award one after another, median of {400 // per_turn} turns of {per_turn}"
    return [
        rate(
            "single_posting", engine, count=per_turn, ours=ours, theirs=theirs, unit="postings/s",
            what=what,
        )
    ]  # fmt: skip


# -- a large village ----------------------------------------------------------------------


async def large_village(engine: Engine, *, entries: int) -> list[Result]:
    """A village of that many entries: its leaderboard, its stored poster, its verification."""
    address = await engine.empty()
    async with opened(address):
        posting = await _fill(entries)
        region = await Region.get(code=VILLAGE)
        verified = await seconds(lambda: _verified(entries))
    say(f"{engine.name}: {entries:,} entries posted at {entries / posting:,.0f}/s")
    rank: Step = lambda: leaderboard.rank(region, period=Period("2026Q3"))  # noqa: E731
    ours, theirs = await taking_turns(engine, address, [rank] * 40, one_transaction=False)
    return [
        wait(
            "leaderboard", engine, ours=ours * 1e3, theirs=theirs * 1e3, aim=10.0, unit="ms",
            what=f"leaderboard.rank of a village and quarter over {entries:,} entries",
        ),
        *await _poster(engine, address),
        await _verification(engine, address, entries=entries, ours=verified),
    ]  # fmt: skip


async def _fill(entries: int) -> float:
    """Post that many entries of 600 households over 24 months; seconds for the posting alone."""
    households, months = 600, 24
    await villages.settle(households=households)
    blocks = leaderboard.BLOCKS
    clauses = tuple(
        DraftClause(
            number=str(number),
            block=block,
            text="院子常打扫。",
            items=(villages.item(f"often-{number}", points_max=9, cap_points=100_000),),
        )
        for number, block in enumerate(blocks, start=1)
    )
    begun = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
    await rulebook.change_draft(begun.id, Draft(title="村规民约", clauses=clauses), by=OPERATOR)
    await adoption.publish(begun.id, in_force_from=date(2024, 1, 1), by=OPERATOR)
    items = list((await villages.items_of()).values())
    size, spent = 10_000, 0.0
    for first in range(0, entries, size):
        batch = [
            villages.posting(
                1 + at % households,
                items[at // households % len(items)],
                at % 10,
                on=_month_before(at // households // len(items) % months),
            )
            for at in range(first, min(first + size, entries))
        ]
        spent += await seconds(lambda: ledger.post_many(VILLAGE, batch, by=OPERATOR))  # noqa: B023
        if first % 200_000 == 0:
            say(f"posted {first:,} of {entries:,}")
    return spent


def _month_before(back: int) -> date:
    year, month = divmod(2026 * 12 + 8 - back, 12)
    return date(year, month + 1, 15)


async def _verified(entries: int) -> None:
    assert await verification.verify(VILLAGE) == []


async def _verification(engine: Engine, address: str, *, entries: int, ours: float) -> Result:
    """Beside reading the same rows, page by page, and hashing nothing."""
    async with opened(address):
        tape = await recorded(lambda: verification.verify(VILLAGE))
    driver = await bare(address)
    try:
        reads = [one for one in tape if one.sql.startswith("SELECT")]
        theirs = await seconds(lambda: driver.send(reads, one_transaction=True))
    finally:
        await driver.close()
    what = f"verification.verify of {entries:,} entries; the baseline only reads them"
    return rate(
        "verification",
        engine,
        count=entries,
        ours=ours,
        theirs=theirs,
        unit="entries/s",
        what=what,
        aim=100_000,
    )


async def _poster(engine: Engine, address: str) -> list[Result]:
    """A poster that was rendered before, looked up again."""
    settings = Settings(data=Path("/nowhere"))
    async with opened(address):
        receipt = await publication.publish(
            VILLAGE, id=uuid5(_SPACE, "list"), period=Period("2026Q3"), by=OPERATOR
        )
        drawn: Step = lambda: posters.poster(  # noqa: E731
            receipt.serial, paper="A3", actor=OPERATOR, settings=settings, demo=True
        )
        try:
            first = await seconds(drawn)
        finally:
            await printing.close()
    say(f"{engine.name}: the poster's first rendering took {first:.2f} s")
    ours, theirs = await taking_turns(engine, address, [drawn] * 40, one_transaction=False)
    return [
        wait(
            "stored_poster", engine, ours=ours * 1e3, theirs=theirs * 1e3, aim=20.0, unit="ms",
            what="posters.poster of a list that was rendered before",
        )
    ]  # fmt: skip


# -- the register -------------------------------------------------------------------------


async def workbook_import(engine: Engine) -> list[Result]:
    """10,000 people in a workbook, read, understood and stored in an empty register."""
    address = await engine.empty()
    async with opened(address):
        await factories.divisions()
    content = workbooks.register(people=10_000)

    async def store() -> None:
        result = await importing.import_file(
            VILLAGE, content, filename="register.xlsx", by=OPERATOR
        )
        assert (result.residents, result.problems) == (10_000, [])

    ours, theirs = await taking_turns(engine, address, [store], one_transaction=True)
    theirs += await seconds(lambda: workbooks.read_cells(content))
    what = "importing.import_file of 10,000 rows; the baseline reads the cells and stores them"
    return [
        wait("workbook_import", engine, ours=ours, theirs=theirs, aim=10.0, unit="s", what=what)
    ]


MEASUREMENTS: dict[str, Callable[..., Awaitable[list[Result]]]] = {
    "month_sheet": month_sheet,
    "single_postings": single_postings,
    "workbook_import": workbook_import,
    "large_village": large_village,
}


async def measured(name: str, engine: Engine, *, entries: int) -> list[Result]:
    """The results of one measurement on one engine, at the tests' own date."""
    more = {"entries": entries} if name == "large_village" else {}
    with clock.stopped_at(villages.NOON):
        return await MEASUREMENTS[name](engine, **more)
