"""Versions of a rule book as finished values: their structs, and how rows become them.

Reads only. Everything above the tables sees these structs and never a row.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from foundation import clock
from rules import drafts, timeline, votes
from rules.drafts import ITEM_FIELDS, Draft, DraftClause, DraftItem
from rules.models import Clause as ClauseRow
from rules.models import RuleBookVersion, ScoringItem
from rules.timeline import Start, State
from rules.votes import Adoption


class Clause(msgspec.Struct, frozen=True):
    """One clause of a version, in one of the four blocks."""

    number: str
    block: str
    text: str
    position: int


class Item(msgspec.Struct, frozen=True):
    """One scoring item of a version, with the clause that it rests on.

    `code` names the same item through all versions. `points_min` and `points_max` bound a single
    entry, `cap_points` (None for no bound) what a household earns from it in one `cap_period`.
    `posting_days` are calendar days. `version_number` is 0 in a draft.
    """

    id: UUID
    code: str
    name: str
    clause_number: str
    clause_text: str
    block: str
    unit: str
    points_min: int
    points_max: int
    cap_points: int | None
    cap_period: str
    cycle: str
    evidence_needed: bool
    scorers: tuple[str, ...]
    self_claim: bool
    posting_days: int
    on_month_sheet: bool
    position: int
    version_id: UUID
    version_number: int


class Version(msgspec.Struct, frozen=True):
    """One version of a village's rule book. A draft has number 0 and no days in force.

    `in_force_until` is the day before the next version begins, None while none follows.
    `text_hash` is the SHA-256 of what is voted on, see `drafts.text_hash`; a draft's changes
    with every change of its text.
    """

    id: UUID
    village: str
    number: int
    title: str
    preamble: str
    state: State
    in_force_from: date | None
    in_force_until: date | None
    name_wall: str
    name_web: str
    adoption: Adoption | None
    clauses: tuple[Clause, ...]
    items: tuple[Item, ...]
    text_hash: str
    published_at: datetime | None
    created_at: datetime

    @property
    def adoption_line(self) -> str:
        """What a posted paper says of the vote on this version."""
        return votes.line(self.adoption)


def as_draft(version: Version) -> Draft:
    """The text of a version as it would be written, for editing, copying and comparing."""
    return Draft(
        title=version.title,
        preamble=version.preamble,
        name_wall=version.name_wall,
        name_web=version.name_web,
        clauses=tuple(
            DraftClause(
                number=clause.number,
                block=clause.block,
                text=clause.text,
                items=tuple(
                    DraftItem(**{field: getattr(item, field) for field in ITEM_FIELDS})
                    for item in version.items
                    if item.clause_number == clause.number
                ),
            )
            for clause in version.clauses
        ),
    )


async def published_rows(village: str) -> list[RuleBookVersion]:
    """A village's published versions, in no order."""
    return await RuleBookVersion.filter(village=village, state="published")


def starts(rows: Sequence[RuleBookVersion]) -> list[Start]:
    """When published versions begin."""
    return [
        Start(row.in_force_from, row.number)
        for row in rows
        if row.in_force_from is not None and row.number is not None
    ]


async def _text(row: RuleBookVersion) -> tuple[tuple[Clause, ...], tuple[Item, ...]]:
    clauses = await ClauseRow.filter(version_id=row.id).order_by("position")
    by_id = {clause.id: clause for clause in clauses}
    return (
        tuple(Clause(one.number, one.block, one.text, one.position) for one in clauses),
        tuple(
            item_of(one, by_id[one.clause_id], row)  # type: ignore[attr-defined]
            for one in await ScoringItem.filter(version_id=row.id).order_by("position")
        ),
    )


def item_of(found: ScoringItem, clause: ClauseRow, row: RuleBookVersion) -> Item:
    """A scoring item's row as a finished value."""
    settings = {field: getattr(found, field) for field in ITEM_FIELDS}
    return Item(
        **(settings | {"scorers": tuple(found.scorers)}),
        id=found.id,
        clause_number=clause.number,
        clause_text=clause.text,
        block=found.block,
        position=found.position,
        version_id=row.id,
        version_number=row.number or 0,
    )


async def of_row(row: RuleBookVersion, published: Sequence[RuleBookVersion]) -> Version:
    """A row as a finished value; `published` is what its dates are reckoned from."""
    clauses, items = await _text(row)
    state: State = "draft"
    last = None
    if row.state == "published":
        (start,) = starts([row])
        last = timeline.until(start, starts(published))
        state = timeline.state(start, last, today=clock.today())
    built = Version(
        id=row.id,
        village=row.village,
        number=row.number or 0,
        title=row.title,
        preamble=row.preamble,
        state=state,
        in_force_from=row.in_force_from,
        in_force_until=last,
        name_wall=row.name_wall,
        name_web=row.name_web,
        adoption=_adoption(row),
        clauses=clauses,
        items=items,
        text_hash=row.text_hash,
        published_at=row.published_at,
        created_at=row.created_at,
    )
    if state == "draft":
        return msgspec.structs.replace(built, text_hash=drafts.text_hash(as_draft(built)))
    return built


def _adoption(row: RuleBookVersion) -> Adoption | None:
    if row.adoption is None:
        return None
    return msgspec.convert({**row.adoption, **(row.filing or {})}, Adoption)
