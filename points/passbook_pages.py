"""Pages of the passbook on paper: each goes on where the one before ended.

A page is a stretch of the household's own entries between two balances. It is noted once, when it
is first printed, and can be printed again for ever, as entries never change. The household prints
on its own page, or the office prints for it: paper is equal.
"""

from uuid import UUID

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import register
from households.errors import HouseholdNotFound
from households.models import Household
from points import history, passbook
from points.errors import IdTaken, NothingToPrint, PassbookPageNotFound
from points.models import PassbookPage
from points.passbook import Entry

# A page on paper is one sheet or a few; what is left goes on the next one.
ENTRIES_MAX = 200


class Printed(msgspec.Struct, frozen=True):
    """A page with everything that stands on it, the oldest entry first."""

    page: PassbookPage
    number: str
    head: str
    village: str
    village_name: str
    entries: list[Entry]


async def listing(household_id: UUID) -> list[PassbookPage]:
    """The pages printed so far, the last one first."""
    return await PassbookPage.filter(household_id=household_id).order_by("-number")


async def waiting(household_id: UUID) -> int:
    """How many entries came since the last page was printed."""
    last = await _last(household_id)
    [found] = await database.rows(
        "SELECT COUNT(*) AS n FROM ledger_entry WHERE household_id = ? AND seq > ?",
        [household_id, last.last_seq if last else 0],
    )
    return int(found["n"])


async def require_own(household_id: UUID, *, by: Actor) -> Household:
    """The household, for itself or for an office that prints its cards.

    Refuses with `HouseholdNotFound` and `NotAllowed`.
    """
    if not by.is_household:
        return await register.household(household_id, actor=by, permission="passbooks.write")
    if by.household_id != household_id:
        raise HouseholdNotFound(id=str(household_id))
    return await Household.get(id=household_id)


@database.transaction
async def add(household_id: UUID, *, id: UUID, by: Actor) -> PassbookPage:
    """Note the next page with all entries since the last one; the same id again is the same page.

    Args:
        household_id: whose.
        id: made by the client, once for this page.
        by: the household itself, or its village's office.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `NothingToPrint`, `IdTaken`.
    """
    household = await require_own(household_id, by=by)
    # Two who print at once: the second finds nothing left, or what came in between.
    await Household.filter(id=household_id).select_for_update().get()
    kept = await PassbookPage.get_or_none(id=id)
    if kept is not None:
        if kept.household_id != household_id:
            raise IdTaken(id=id)
        return kept
    last = await _last(household_id)
    lines = await history.own_lines(household_id, after_seq=last.last_seq if last else 0)
    if not lines:
        raise NothingToPrint()
    lines = lines[:ENTRIES_MAX]
    opening = last.closing if last else 0
    page = await PassbookPage.create(
        id=id,
        household_id=household_id,
        number=last.number + 1 if last else 1,
        after_seq=last.last_seq if last else 0,
        last_seq=lines[-1].entry.seq,
        entries=len(lines),
        opening=opening,
        closing=opening + sum(line.entry.points for line in lines),
        printed_at=clock.now(),
        printed_by=by.label,
    )
    subject = f"household:{household_id}"
    await audit.note(
        by, "passbooks.print_page", village=household.village, subject=subject, page=page.number
    )
    return page


async def _last(household_id: UUID) -> PassbookPage | None:
    return await PassbookPage.filter(household_id=household_id).order_by("-number").first()


async def content(household_id: UUID, number: int, *, by: Actor) -> Printed:
    """What stands on a page. Refuses with `HouseholdNotFound`, `PassbookPageNotFound`."""
    household = await require_own(household_id, by=by)
    page = await PassbookPage.get_or_none(household_id=household_id, number=number)
    if page is None:
        raise PassbookPageNotFound(page=number)
    lines = await history.own_lines(household_id, after_seq=page.after_seq, until_seq=page.last_seq)
    book = await passbook.book(household_id)
    return Printed(
        page=page,
        number=book.number,
        head=book.head,
        village=household.village,
        village_name=book.village_name,
        entries=await passbook.explained(lines, village=household.village),
    )
