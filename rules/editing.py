"""Changing one part of a draft: pure functions from a text and a place to the changed text.

Places count from 1, clauses in the order of the text and items through all clauses, as on paper
and on the score sheet. Nothing here checks what is written; `drafts.findings` does.
"""

from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from rules.drafts import Draft, DraftClause, DraftItem
from rules.errors import PlaceNotFound

Way = Literal["up", "down"]
T = TypeVar("T")


def clause(draft: Draft, place: int) -> DraftClause:
    """The clause at a place. Refuses with `PlaceNotFound`, as everything here does."""
    if not 1 <= place <= len(draft.clauses):
        raise PlaceNotFound(place=place)
    return draft.clauses[place - 1]


def item(draft: Draft, place: int) -> tuple[DraftItem, int]:
    """The item at a place, and the place of its clause."""
    at, below = _locate(draft, place)
    return draft.clauses[at].items[below], at + 1


def add_clause(draft: Draft, added: DraftClause) -> tuple[Draft, int]:
    """Put a clause behind the last one of its block; with its place."""
    same = [at for at, one in enumerate(draft.clauses) if one.block == added.block]
    place = same[-1] + 1 if same else len(draft.clauses)
    changed = (*draft.clauses[:place], added, *draft.clauses[place:])
    return msgspec.structs.replace(draft, clauses=changed), place + 1


def change_clause(draft: Draft, place: int, *, number: str, block: str, text: str) -> Draft:
    """Reword a clause; its items stay under it."""
    before = clause(draft, place)
    after = msgspec.structs.replace(before, number=number, block=block, text=text)
    return _with_clause(draft, place - 1, after)


def move_clause(draft: Draft, place: int, way: Way) -> Draft:
    """Swap a clause with the next one of its block above or below it, if there is one."""
    block = clause(draft, place).block
    same = [at for at, one in enumerate(draft.clauses) if one.block == block]
    other = _neighbour(same, same.index(place - 1), way)
    moved = _swapped(draft.clauses, place - 1, other)
    return msgspec.structs.replace(draft, clauses=moved)


def drop_clause(draft: Draft, place: int) -> Draft:
    """Take a clause out, with its items."""
    gone = clause(draft, place)
    kept = tuple(one for one in draft.clauses if one is not gone)
    return msgspec.structs.replace(draft, clauses=kept)


def add_item(draft: Draft, added: DraftItem, *, clause_place: int) -> tuple[Draft, int]:
    """Put an item last under a clause; with its place among that clause's items."""
    home = clause(draft, clause_place)
    after = msgspec.structs.replace(home, items=(*home.items, added))
    return _with_clause(draft, clause_place - 1, after), len(after.items)


def change_item(
    draft: Draft, place: int, changed: DraftItem, *, clause_place: int
) -> tuple[Draft, int]:
    """Replace an item, which keeps its code, and put it under another clause if it moved;
    with its place among that clause's items."""
    at, below = _locate(draft, place)
    home = draft.clauses[at]
    changed = msgspec.structs.replace(changed, code=home.items[below].code)
    if at == clause_place - 1:
        items = (*home.items[:below], changed, *home.items[below + 1 :])
        return _with_clause(draft, at, msgspec.structs.replace(home, items=items)), below + 1
    clause(draft, clause_place)
    return add_item(drop_item(draft, place), changed, clause_place=clause_place)


def move_item(draft: Draft, place: int, way: Way) -> Draft:
    """Swap an item with the one above or below it under its clause, if there is one."""
    at, below = _locate(draft, place)
    home = draft.clauses[at]
    other = _neighbour(range(len(home.items)), below, way)
    items = _swapped(home.items, below, other)
    return _with_clause(draft, at, msgspec.structs.replace(home, items=items))


def drop_item(draft: Draft, place: int) -> Draft:
    """Take an item out."""
    at, below = _locate(draft, place)
    home = draft.clauses[at]
    items = home.items[:below] + home.items[below + 1 :]
    return _with_clause(draft, at, msgspec.structs.replace(home, items=items))


def _locate(draft: Draft, place: int) -> tuple[int, int]:
    left = place - 1
    for at, one in enumerate(draft.clauses):
        if 0 <= left < len(one.items):
            return at, left
        left -= len(one.items)
    raise PlaceNotFound(place=place)


def _with_clause(draft: Draft, at: int, changed: DraftClause) -> Draft:
    clauses = (*draft.clauses[:at], changed, *draft.clauses[at + 1 :])
    return msgspec.structs.replace(draft, clauses=clauses)


def _neighbour(places: Sequence[int], at: int, way: Way) -> int:
    other = at - 1 if way == "up" else at + 1
    return places[other] if 0 <= other < len(places) else places[at]


def _swapped(parts: tuple[T, ...], one: int, other: int) -> tuple[T, ...]:
    swapped = list(parts)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return tuple(swapped)
