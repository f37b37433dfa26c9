"""Reading the audit log: who did what to what, newest first, however long it has grown.

Pages go on from the line before (a cursor), because counting and skipping a million lines takes
seconds. Only reads; whoever asks says how far he may see.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from foundation import clock, database
from foundation.audit import Line

PAGE_SIZE = 50


class Reach(msgspec.Struct, frozen=True):
    """Whose lines may be seen: those of these villages, and of no village by these actors."""

    villages: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines.

    `verb` is a whole verb, or its beginning with the dot: "register.". `actors` and `subjects`
    are labels and kind:id, any of them; None for all. `first` and `last` are local dates.
    """

    verb: str = ""
    village: str = ""
    actors: Sequence[str] | None = None
    subjects: Sequence[str] | None = None
    first: date | None = None
    last: date | None = None
    oldest_first: bool = False


class Page(msgspec.Struct, frozen=True):
    """Some lines, and the cursor of those behind them, empty at the end."""

    lines: list[Line]
    next: str


async def page(
    reach: Reach | None, wanted: Wanted | None = None, *, cursor: str = "", size: int = PAGE_SIZE
) -> Page:
    """A page of the log.

    Args:
        reach: what the reader may see; None for every line of the store.
        wanted: the filter and the order; everything, newest first, without one.
        cursor: `next` of the page before; anything else begins anew.
        size: lines a page.
    """
    wanted = wanted or Wanted()
    conditions, values = _conditions(reach, wanted)
    way, than = ("ASC", ">") if wanted.oldest_first else ("DESC", "<")
    if (place := _place(cursor)) is not None:
        conditions.append(f"(at, id) {than} (?, ?)")
        values += place
    found = await database.rows(
        "SELECT id, at, actor, verb, village, subject, facts FROM audit_line "  # noqa: S608
        f"WHERE {' AND '.join(conditions)} ORDER BY at {way}, id {way} LIMIT ?",
        [*values, size + 1],
    )
    shown, more = found[:size], ""
    if len(found) > size:
        more = f"{_moment(shown[-1]['at']).isoformat()}~{shown[-1]['id']}"
    return Page([_line(row) for row in shown], more)


async def count(reach: Reach | None, wanted: Wanted, *, at_most: int) -> int:
    """How many lines there are, or `at_most` + 1 where there are more."""
    conditions, values = _conditions(reach, wanted)
    found = await database.rows(
        "SELECT count(*) AS n FROM (SELECT 1 FROM audit_line "  # noqa: S608 - no value in it
        f"WHERE {' AND '.join(conditions)} LIMIT ?) AS wanted",
        [*values, at_most + 1],
    )
    return int(found[0]["n"])


async def counts(actor: str, *, first: date, last: date) -> dict[str, int]:
    """How often somebody did what, by verb, in the days from `first` to `last`."""
    conditions, values = _conditions(None, Wanted(actors=[actor], first=first, last=last))
    found = await database.rows(
        f"SELECT verb, count(*) AS n FROM audit_line WHERE {' AND '.join(conditions)} "  # noqa: S608
        "GROUP BY verb ORDER BY n DESC, verb",
        values,
    )
    return {row["verb"]: int(row["n"]) for row in found}


def _conditions(reach: Reach | None, wanted: Wanted) -> tuple[list[str], list[Any]]:
    conditions = ["1 = 1"]
    values: list[Any] = []

    def add(condition: str, *bound: Any) -> None:
        conditions.append(condition)
        values.extend(bound)

    if reach is not None:
        _add_reach(reach, add)
    if wanted.village:
        add("village = ?", wanted.village)
    if wanted.verb.endswith("."):
        add("verb LIKE ?", f"{wanted.verb}%")
    elif wanted.verb:
        add("verb = ?", wanted.verb)
    for column, listed in (("actor", wanted.actors), ("subject", wanted.subjects)):
        if listed is not None and len(listed) == 1:
            add(f"{column} = ?", listed[0])
        elif listed is not None:
            within, bound = database.among(column, listed, kind="text")
            add(within, bound)
    if wanted.first:
        add("at >= ?", clock.midnight(wanted.first))
    if wanted.last:
        add("at < ?", clock.midnight(clock.after(wanted.last, days=1)))
    return conditions, values


def _add_reach(reach: Reach, add: Any) -> None:
    """One village is looked up; of many the log is walked and what is not theirs left out.

    The empty text keeps the databases from gathering every line of a hundred villages first,
    only to sort them.
    """
    if len(reach.villages) == 1 and not reach.actors:
        add("village = ?", reach.villages[0])
        return
    in_villages, villages = database.among("village || ''", reach.villages, kind="text")
    by_actors, actors = database.among("actor || ''", reach.actors, kind="text")
    add(f"({in_villages} OR (village = '' AND {by_actors}))", villages, actors)


def _place(cursor: str) -> list[Any] | None:
    at, _, key = cursor.partition("~")
    try:
        moment, number = datetime.fromisoformat(at), int(key)
    except ValueError:
        return None
    if moment.tzinfo is None or not 0 <= number < 2**63:
        return None
    return [moment, number]


def _moment(at: Any) -> datetime:
    found: datetime = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _line(row: dict[str, Any]) -> Line:
    facts = row["facts"]
    return Line(
        _moment(row["at"]),
        row["actor"],
        row["verb"],
        row["village"],
        row["subject"],
        json.loads(facts) if isinstance(facts, str) else facts,
    )
