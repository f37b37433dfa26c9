"""Starter rule books: what a village finds on the table before its first meeting, as data.

Each JSON file beside this module is one complete rule book with its scoring items and the village
settings that go with it. A village copies one, changes what it likes and votes on the result.
This room must never hold a rule in code, never name a deduction, and never be read again once a
village has its own version: a later edit of a starter changes no village's points.
"""

from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

Block = Literal["environment", "law", "customs", "public_service"]
CapPeriod = Literal["day", "month", "quarter", "year", "once"]
Cycle = Literal["once", "month", "quarter", "year"]
ScorerRole = Literal["clerk", "scorer", "panel_member", "grid_worker", "group_cadre"]
PostingDays = Literal[3, 5, 7, 10, 15]
StarterNameForm = Literal["masked", "unnamed"]
"""A rule book may set at most the masked form; a full name is the household's own choice."""

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
_Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
_Ordinal = Annotated[int, msgspec.Meta(ge=1, le=99)]
_Points = Annotated[int, msgspec.Meta(ge=0, le=1000)]

# The order in which a village is offered them: the fullest village book first.
_NAMES = ("plain-village", "mountain-village", "community")


class StarLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many stars for a household that earned at least `points_year` in a calendar year."""

    stars: Annotated[int, msgspec.Meta(ge=1, le=10)]
    points_year: _Points


class StarterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Village settings that come with the book; `display_days` are calendar days on the wall."""

    base_points: Literal[0, 100]
    star_levels: tuple[StarLevel, ...]
    name_form_wall: StarterNameForm
    name_form_web: StarterNameForm
    display_days: Annotated[int, msgspec.Meta(ge=10, le=90)]
    posted_first: Annotated[int, msgspec.Meta(ge=1, le=100)]


class StarterClause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence of the rule book, as it is read out at the meeting."""

    number: _Ordinal
    block: Block
    text: _Text


class StarterItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scoring item under a clause.

    `points_min` and `points_max` bound a single entry; `cap_points` bounds what one household may
    earn from the item in one `cap_period` (None: no cap). `posting_days` is how long entries hang
    for objection.
    """

    code: _Slug
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=12)]
    clause: _Ordinal
    block: Block
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=4)]
    points_min: _Points
    points_max: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    cap_points: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None
    cap_period: CapPeriod
    cycle: Cycle
    evidence_needed: bool
    scorers: Annotated[tuple[ScorerRole, ...], msgspec.Meta(min_length=1)]
    self_claim: bool
    posting_days: PostingDays
    on_month_sheet: bool
    order: _Ordinal


class Starter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole starter rule book; `suits` says in one line which kind of village it is for."""

    title: _Text
    suits: _Text
    preamble: _Text
    settings: StarterSettings
    clauses: tuple[StarterClause, ...]
    items: tuple[StarterItem, ...]


def names() -> tuple[str, ...]:
    """Every starter's name, in the order in which a village is offered them."""
    return _NAMES


@cache
def load(name: str) -> Starter:
    """The starter called `name`.

    Raises KeyError for a name that is not in `names()`; msgspec.ValidationError or ValueError for
    a file that is not a sound rule book, which only an edit of the data can cause.
    """
    if name not in _NAMES:
        raise KeyError(name)
    starter = decode((files(__name__) / f"{name}.json").read_bytes())
    problems = faults(starter)
    if problems:
        raise ValueError(f"starter {name}: " + "; ".join(problems))
    return starter


def decode(data: bytes) -> Starter:
    """Read a starter's JSON, refusing unknown fields and values out of bounds."""
    return msgspec.json.decode(data, type=Starter)


def faults(starter: Starter) -> list[str]:
    """What a type cannot say: how clauses, items and settings must fit together."""
    found = [f"{what} {key} occurs twice" for what, key in _repeated(starter)]
    levels = pairwise(starter.settings.star_levels)
    if not all(
        low.stars < high.stars and low.points_year < high.points_year for low, high in levels
    ):
        found.append("star levels do not rise")
    block_of = {clause.number: clause.block for clause in starter.clauses}
    for item in starter.items:
        found += [f"{item.code}: {fault}" for fault in _item_faults(item, block_of=block_of)]
    return found


def _repeated(starter: Starter) -> list[tuple[str, str]]:
    keys = Counter(("clause", str(clause.number)) for clause in starter.clauses)
    keys.update(("item", item.code) for item in starter.items)
    keys.update(("order", str(item.order)) for item in starter.items)
    return [key for key, times in keys.items() if times > 1]


def _item_faults(item: StarterItem, *, block_of: dict[int, Block]) -> list[str]:
    found: list[str] = []
    if item.clause not in block_of:
        found.append(f"clause {item.clause} does not exist")
    elif block_of[item.clause] != item.block:
        found.append(f"clause {item.clause} belongs to another block")
    if item.points_min > item.points_max:
        found.append("points_min is above points_max")
    if item.cap_points is not None and item.cap_points < item.points_max:
        found.append("the cap refuses a full score")
    if (item.cycle == "once") != (item.cap_period == "once"):
        found.append("an item that comes once is capped once, and the other way round")
    if len(frozenset(item.scorers)) != len(item.scorers):
        found.append("a role is named twice")
    return found
