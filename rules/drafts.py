"""A rule book as it is written: title, clauses, scoring items, and what is wrong with them.

Pure functions over structs; nothing here reads or stores. The same text is edited as a draft,
read out at the meeting and fixed by its hash at publication, so whatever a village votes on is a
field here. Never lets a deduction through: no path may post one before notice and reply exist.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args
from unicodedata import category, normalize

import msgspec

from rules.starters import Block, CapPeriod, Cycle, PostingDays, ScorerRole, Starter

TITLE_LENGTH_MAX = 100
PREAMBLE_LENGTH_MAX = 3000
CLAUSE_LENGTH_MAX = 1000
CLAUSE_NUMBER_LENGTH_MAX = 20
NAME_LENGTH_MAX = 20
UNIT_LENGTH_MAX = 8
CODE_LENGTH_MAX = 40
CLAUSES_MAX = 100
ITEMS_MAX = 200
POINTS_MAX = 1000
CAP_MAX = 100_000

BLOCKS: tuple[str, ...] = get_args(Block)
CAP_PERIODS: tuple[str, ...] = get_args(CapPeriod)
CYCLES: tuple[str, ...] = get_args(Cycle)
SCORER_ROLES: tuple[str, ...] = get_args(ScorerRole)
POSTING_DAYS: tuple[int, ...] = get_args(PostingDays)
# A rule book may set at most the masked form (contract "Name form"); empty leaves it unset.
NAME_FORMS = ("", "masked", "unnamed")

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ASSIGNED = re.compile(r"item-([0-9]{1,6})")


class DraftItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scoring item as written. An empty `code` means an item that is new to the village.

    `points_min` and `points_max` bound a single entry; `cap_points` bounds what one household
    may earn from the item in one `cap_period`, null for no bound; `posting_days` is how long
    entries hang for objection.
    """

    name: str
    points_max: int
    code: str = ""
    unit: str = ""
    points_min: int = 0
    cap_points: int | None = None
    cap_period: str = "month"
    cycle: str = "month"
    evidence_needed: bool = False
    scorers: tuple[str, ...] = ("clerk", "scorer")
    self_claim: bool = False
    posting_days: int = 5
    on_month_sheet: bool = True


ITEM_FIELDS = DraftItem.__struct_fields__


class DraftClause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One clause as written, with the items under it in the order of the score sheet."""

    number: str
    block: str
    text: str
    items: tuple[DraftItem, ...] = ()


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rule book as written. `name_wall` and `name_web` are how a household without a
    recorded choice is posted: masked, unnamed, or empty for not set."""

    title: str
    clauses: tuple[DraftClause, ...]
    preamble: str = ""
    name_wall: str = ""
    name_web: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One fault and its place: `clause` and `item` count from 0, null above them.

    `code` says what is wrong; `limit` is the bound that was passed, where there is one.
    """

    clause: int | None
    item: int | None
    field: str
    code: Literal[
        "missing", "too_long", "too_many", "control_character", "unknown", "repeated",
        "malformed", "out_of_range", "deduction_not_yet", "below_minimum", "cap_below_maximum",
        "once_both", "not_a_number", "not_a_date", "in_future", "too_early", "before_vote",
        "more_than_roll", "more_than_present",
    ]  # fmt: skip
    limit: int | None = None


def from_starter(starter: Starter) -> Draft:
    """The text that a village begins with when it takes over a starter."""
    return Draft(
        title=starter.title,
        preamble=starter.preamble,
        name_wall=starter.settings.name_form_wall,
        name_web=starter.settings.name_form_web,
        clauses=tuple(
            DraftClause(
                number=str(clause.number),
                block=clause.block,
                text=clause.text,
                items=tuple(
                    DraftItem(**{field: getattr(item, field) for field in ITEM_FIELDS})
                    for item in sorted(starter.items, key=lambda item: item.order)
                    if item.clause == clause.number
                ),
            )
            for clause in starter.clauses
        ),
    )


def tidied(draft: Draft) -> Draft:
    """The same draft with its texts in one Unicode form, without stray spaces around them."""
    return msgspec.convert(_tidied(msgspec.to_builtins(draft)), Draft)


def _tidied(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value.replace("\r\n", "\n")).strip()
    if isinstance(value, dict):
        return {key: _tidied(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_tidied(part) for part in value]
    return value


def text_hash(draft: Draft) -> str:
    """SHA-256 of the text that is voted on: every field of `Draft`, as JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(draft, order="sorted")).hexdigest()


def with_codes(draft: Draft, *, taken: Sequence[str]) -> Draft:
    """Give every item without a code one that no item of the village ever had.

    An old code must not come back for another item: a cap holds for a code across versions.
    """
    known = [*taken, *(item.code for clause in draft.clauses for item in clause.items)]
    numbers = [int(found[1]) for code in known if (found := _ASSIGNED.fullmatch(code))]
    fresh = (f"item-{n}" for n in range(max(numbers, default=0) + 1, 10**9))
    return msgspec.structs.replace(
        draft,
        clauses=tuple(
            msgspec.structs.replace(
                clause,
                items=tuple(
                    item if item.code else msgspec.structs.replace(item, code=next(fresh))
                    for item in clause.items
                ),
            )
            for clause in draft.clauses
        ),
    )


def findings(draft: Draft) -> list[Finding]:
    """Everything that is wrong with a tidied draft, in the order of the text."""
    return [
        *_of_text(draft.title, "title", longest=TITLE_LENGTH_MAX),
        *_of_text(draft.preamble, "preamble", longest=PREAMBLE_LENGTH_MAX, may_be_empty=True),
        *_of_choice(draft.name_wall, "name_wall", NAME_FORMS),
        *_of_choice(draft.name_web, "name_web", NAME_FORMS),
        *_of_counts(draft),
        *_of_repetition(draft),
        *(found for at, clause in enumerate(draft.clauses) for found in _of_clause(clause, at)),
    ]


def _of_counts(draft: Draft) -> Iterator[Finding]:
    items = sum(len(clause.items) for clause in draft.clauses)
    for field, count, most in (
        ("clauses", len(draft.clauses), CLAUSES_MAX),
        ("items", items, ITEMS_MAX),
    ):
        if not count:
            yield Finding(None, None, field, "missing")
        if count > most:
            yield Finding(None, None, field, "too_many", most)


def _of_repetition(draft: Draft) -> Iterator[Finding]:
    """Clause numbers, item codes and item names that stand twice, wherever they come again."""
    seen: Counter[tuple[str, str]] = Counter()
    for at, clause in enumerate(draft.clauses):
        places: list[tuple[int, int | None, str, str]] = [(at, None, "number", clause.number)]
        for below, item in enumerate(clause.items):
            places += [(at, below, "code", item.code), (at, below, "name", item.name)]
        for clause_at, item_at, field, value in places:
            seen[field, value] += 1
            if value and seen[field, value] > 1:
                yield Finding(clause_at, item_at, field, "repeated")


def _of_clause(clause: DraftClause, at: int) -> Iterator[Finding]:
    yield from _of_text(clause.number, "number", longest=CLAUSE_NUMBER_LENGTH_MAX, clause=at)
    yield from _of_choice(clause.block, "block", BLOCKS, clause=at)
    yield from _of_text(clause.text, "text", longest=CLAUSE_LENGTH_MAX, clause=at)
    for below, item in enumerate(clause.items):
        for found in (*_of_item_texts(item), *_of_points(item), *_of_settings(item)):
            yield msgspec.structs.replace(found, clause=at, item=below)


def _of_item_texts(item: DraftItem) -> Iterator[Finding]:
    yield from _of_text(item.name, "name", longest=NAME_LENGTH_MAX)
    yield from _of_text(item.unit, "unit", longest=UNIT_LENGTH_MAX, may_be_empty=True)
    if item.code and (len(item.code) > CODE_LENGTH_MAX or not _CODE.fullmatch(item.code)):
        yield Finding(None, None, "code", "malformed")


def _of_points(item: DraftItem) -> Iterator[Finding]:
    for field, points, least in (
        ("points_min", item.points_min, 0),
        ("points_max", item.points_max, 1),
    ):
        if points < 0:
            yield Finding(None, None, field, "deduction_not_yet")
        elif not least <= points <= POINTS_MAX:
            yield Finding(None, None, field, "out_of_range", POINTS_MAX)
    if 0 <= item.points_max < item.points_min:
        yield Finding(None, None, "points_max", "below_minimum", item.points_min)
    if item.cap_points is not None:
        if not 1 <= item.cap_points <= CAP_MAX:
            yield Finding(None, None, "cap_points", "out_of_range", CAP_MAX)
        elif item.cap_points < item.points_max:
            yield Finding(None, None, "cap_points", "cap_below_maximum", item.points_max)


def _of_settings(item: DraftItem) -> Iterator[Finding]:
    yield from _of_choice(item.cap_period, "cap_period", CAP_PERIODS)
    yield from _of_choice(item.cycle, "cycle", CYCLES)
    if (item.cycle == "once") != (item.cap_period == "once"):
        yield Finding(None, None, "cap_period", "once_both")
    elif item.cycle == "once" and item.cap_points is None:
        yield Finding(None, None, "cap_points", "missing")
    if item.posting_days not in POSTING_DAYS:
        yield Finding(None, None, "posting_days", "unknown")
    if not item.scorers:
        yield Finding(None, None, "scorers", "missing")
    for role in item.scorers:
        yield from _of_choice(role, "scorers", SCORER_ROLES)
    if len(frozenset(item.scorers)) != len(item.scorers):
        yield Finding(None, None, "scorers", "repeated")


def _of_text(
    text: str, field: str, *, longest: int, clause: int | None = None, may_be_empty: bool = False
) -> Iterator[Finding]:
    if not text and not may_be_empty:
        yield Finding(clause, None, field, "missing")
    if len(text) > longest:
        yield Finding(clause, None, field, "too_long", longest)
    # PostgreSQL takes no NUL in a text, and nothing else of that kind prints.
    if any(category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        yield Finding(clause, None, field, "control_character")


def _of_choice(
    value: str, field: str, choices: Sequence[str], *, clause: int | None = None
) -> Iterator[Finding]:
    if value not in choices:
        yield Finding(clause, None, field, "unknown")
