"""What changed between two versions of a rule book, clause by clause and item by item.

Pure: works on texts, reads and stores nothing. A clause is known again by its wording, else by its
number; an item by its code, wherever it stands now.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from operator import attrgetter
from typing import Literal

import msgspec

from rules.drafts import ITEM_FIELDS, Draft, DraftClause, DraftItem

Kind = Literal["same", "changed", "added", "removed"]


class Part(msgspec.Struct, frozen=True):
    """A stretch of a text that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


class ItemChange(msgspec.Struct, frozen=True):
    """One item before and after; `fields` are the settings that differ, "clause" if it moved."""

    kind: Kind
    before: DraftItem | None
    after: DraftItem | None
    fields: tuple[str, ...] = ()


class ClauseChange(msgspec.Struct, frozen=True):
    """One clause before and after; `wording` tells its text apart, stretch by stretch.

    It is "changed" when its number, block or text differ or any of its items does.
    """

    kind: Kind
    before: DraftClause | None
    after: DraftClause | None
    wording: tuple[Part, ...]
    items: tuple[ItemChange, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Two texts compared. Removed clauses stand where they stood before."""

    title: tuple[Part, ...]
    preamble: tuple[Part, ...]
    name_wall: tuple[str, str]
    name_web: tuple[str, str]
    clauses: tuple[ClauseChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether the two texts say the same."""
        parts = (*self.title, *self.preamble)
        return (
            all(part.kind == "same" for part in parts)
            and self.name_wall[0] == self.name_wall[1]
            and self.name_web[0] == self.name_web[1]
            and all(clause.kind == "same" for clause in self.clauses)
        )


def compare(before: Draft, after: Draft) -> Comparison:
    """Tell two texts apart, from the older to the newer one."""
    pairs = _paired(before.clauses, after.clauses)
    clause_of = {
        item.code: clause for clause in before.clauses for item in clause.items if item.code
    }
    kept = {item.code for clause in after.clauses for item in clause.items}
    return Comparison(
        title=wording(before.title, after.title),
        preamble=wording(before.preamble, after.preamble),
        name_wall=(before.name_wall, after.name_wall),
        name_web=(before.name_web, after.name_web),
        clauses=tuple(_clause(old, new, clause_of=clause_of, kept=kept) for old, new in pairs),
    )


def wording(before: str, after: str) -> tuple[Part, ...]:
    """The stretches of two texts in reading order, what went before what came."""
    parts = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, at, until, new_at, new_until in matcher.get_opcodes():
        if tag == "equal":
            parts.append(Part("same", before[at:until]))
            continue
        if until > at:
            parts.append(Part("removed", before[at:until]))
        if new_until > new_at:
            parts.append(Part("added", after[new_at:new_until]))
    return tuple(parts)


def _paired(
    before: tuple[DraftClause, ...], after: tuple[DraftClause, ...]
) -> Iterator[tuple[DraftClause | None, DraftClause | None]]:
    """Old and new clauses in the order of the new text; each stands in exactly one pair."""
    partner: dict[int, int] = {}
    for mark in (attrgetter("text"), attrgetter("number")):
        free = [at for at in range(len(before)) if at not in partner.values()]
        for new_at, new in enumerate(after):
            match = next((at for at in free if mark(before[at]) == mark(new)), None)
            if new_at not in partner and match is not None:
                partner[new_at] = match
                free.remove(match)
    removed = [at for at in range(len(before)) if at not in partner.values()]
    for new_at, new in enumerate(after):
        old_at = partner.get(new_at)
        while removed and old_at is not None and removed[0] < old_at:
            yield before[removed.pop(0)], None
        yield (before[old_at] if old_at is not None else None), new
    for at in removed:
        yield before[at], None


def _clause(
    old: DraftClause | None,
    new: DraftClause | None,
    *,
    clause_of: dict[str, DraftClause],
    kept: set[str],
) -> ClauseChange:
    items = [
        _item(clause_of.get(item.code), item, home=old) for item in (new.items if new else ())
    ] + [
        ItemChange("removed", item, None)
        for item in (old.items if old else ())
        if item.code not in kept
    ]
    kind: Kind = "same"
    if old is None or new is None:
        kind = "added" if old is None else "removed"
    elif (old.number, old.block, old.text) != (new.number, new.block, new.text) or any(
        item.kind != "same" for item in items
    ):
        kind = "changed"
    return ClauseChange(
        kind, old, new, wording(old.text if old else "", new.text if new else ""), tuple(items)
    )


def _item(source: DraftClause | None, item: DraftItem, *, home: DraftClause | None) -> ItemChange:
    if source is None:
        return ItemChange("added", None, item)
    before = next(one for one in source.items if one.code == item.code)
    fields = tuple(f for f in ITEM_FIELDS if getattr(before, f) != getattr(item, f))
    if source is not home:
        fields = ("clause", *fields)
    return ItemChange("changed" if fields else "same", before, item, fields)
