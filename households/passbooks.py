"""Passbook cards as the office keeps them: made, printed, reset, counted.

A card's name stands in its QR and is no secret; what opens the household's page is the PIN that the
household chose. Until it has, a print makes a new one-time code, of which only a keyed digest stays
here; once it has, no print changes anything. Never shows or keeps a PIN, and never opens a page:
that is `passbook_door`.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from foundation import audit, clock, database, sealing
from foundation.actors import Actor
from households import officials, regions, register
from households.errors import HouseholdLeft, HouseholdNotFound, NoCardsToPrint, TooManyCards
from households.listing import in_order, matching
from households.models import Household, Passbook, Region

# Letters and figures that nobody takes for one another; 16 of 30 are 78 bits, not to be met by
# chance, and a QR of 29 modules.
_CARD_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_CARD_LENGTH = 16
CODE_LENGTH = 8
CARDS_MAX = 2_000
_PASSBOOK = {
    "household_id": "uuid",
    "card": "text",
    "first_code": "text",
    "printed_at": "timestamptz",
    "created_at": "timestamptz",
}


class Slip(msgspec.Struct, frozen=True):
    """What one card's print says. `first_code` is empty where a PIN has been chosen."""

    household: UUID
    card: str
    number: str
    head: str
    group_name: str
    first_code: str


class CardRow(msgspec.Struct, frozen=True):
    """A household in the office's list of cards. `state`: "none", "printed", "open"."""

    household: UUID
    number: str | None
    head: str
    group_name: str
    state: str
    printed_at: datetime | None
    pin_set_at: datetime | None
    reset_at: datetime | None


def state_of(kept: Passbook | None) -> str:
    """Where a household's card stands: not printed, waiting for its PIN, in use."""
    if kept is None or kept.printed_at is None:
        return "none"
    return "open" if kept.pin else "printed"


async def listing(actor: Actor, *, village: str, group: str = "", state: str = "") -> list[CardRow]:
    """The households of a village or group with their cards, in the order of their numbers.

    Args:
        actor: needs passbooks.write there.
        village: 12-digit code.
        group: a group's code, if only its households are meant.
        state: "none", "printed" or "open"; empty for all.

    Refuses with `RegionNotFound`, `NotAllowed`.
    """
    place = await regions.find(village, actor=actor, permission="passbooks.write")
    found, names = await _households(actor, village=place.code, group=group)
    kept = {one.household_id: one for one in await _kept([each.id for each in found])}
    rows = [_row(each, kept.get(each.id), names) for each in found]
    return [row for row in rows if state in ("", row.state)]


async def lacking(village: str, *, actor: Actor) -> int:
    """How many households of a village have no printed card yet.

    Refuses with `RegionNotFound`, `NotAllowed`.
    """
    await regions.find(village, actor=actor, permission="passbooks.write")
    [row] = await database.rows(
        "SELECT count(*) AS n FROM household h LEFT JOIN passbook p ON p.household_id = h.id "
        "WHERE h.village = ? AND h.state = ? AND p.printed_at IS NULL",
        [village, register.ACTIVE],
    )
    return int(row["n"])


async def _households(
    actor: Actor, *, village: str, group: str = "", only: Sequence[UUID] | None = None
) -> tuple[list[Household], dict[str, str]]:
    """Households that are here, in order, and the names of their groups."""
    query = matching(
        actor, village=village, group=group, state=register.ACTIVE, permission="passbooks.write"
    )
    if only is not None:
        query = query.filter(id__in=list(only))
    keys = await in_order(query, sort="number")
    by_id = {one.id: one for one in await Household.filter(id__in=keys)}
    codes = {one.group for one in by_id.values()}
    names = dict(await Region.filter(code__in=codes).values_list("code", "name"))
    found = sorted((by_id[key] for key in keys), key=lambda one: one.group)
    return found, names


async def _kept(keys: Sequence[UUID]) -> list[Passbook]:
    return await Passbook.filter(household_id__in=list(keys)) if keys else []


def _row(household: Household, kept: Passbook | None, names: dict[str, str]) -> CardRow:
    return CardRow(
        household=household.id,
        number=household.number,
        head=household.head,
        group_name=names.get(household.group, ""),
        state=state_of(kept),
        printed_at=kept.printed_at if kept else None,
        pin_set_at=kept.pin_set_at if kept else None,
        reset_at=kept.reset_at if kept else None,
    )


@database.transaction
async def prints(
    village: str, *, group: str = "", only: Sequence[UUID] | None = None, by: Actor
) -> list[Slip]:
    """Make ready what a print of cards says, group by group; the codes are known this once.

    A card keeps its name for ever, a PIN that was chosen stays. Where none is, the print makes a
    new one-time code, and the one printed before opens nothing any more.

    Args:
        village: 12-digit code.
        group: a group's code, if only its households are meant.
        only: these households alone.
        by: who prints.

    Refuses with `RegionNotFound`, `NotAllowed`, `NoCardsToPrint`, `TooManyCards`, and with
    `HouseholdNotFound` for one of `only` that is not here.
    """
    place = await regions.find(village, actor=by, permission="passbooks.write")
    # Two who print the same village come one after the other.
    await Region.filter(code=place.code).select_for_update().get()
    found, names = await _households(by, village=place.code, group=group, only=only)
    for key in set(only or ()) - {one.id for one in found}:
        raise HouseholdNotFound(id=str(key))
    if not found:
        raise NoCardsToPrint()
    if len(found) > CARDS_MAX:
        raise TooManyCards(cards=len(found), cards_max=CARDS_MAX)
    kept = {one.household_id: one for one in await _kept([each.id for each in found])}
    slips = [_slip(each, kept.get(each.id), names) for each in found]
    await _store(slips, kept)
    subject = f"household:{found[0].id}" if len(found) == 1 else ""
    codes = sum(bool(slip.first_code) for slip in slips)
    await audit.note(
        by,
        "passbooks.print",
        village=place.code,
        subject=subject,
        cards=len(slips),
        codes=codes,
    )
    return slips


def _slip(household: Household, kept: Passbook | None, names: dict[str, str]) -> Slip:
    has_pin = kept is not None and bool(kept.pin)
    return Slip(
        household=household.id,
        card=kept.card if kept else _drawn(_CARD_LETTERS, _CARD_LENGTH),
        number=household.number or "",
        head=household.head,
        group_name=names.get(household.group, ""),
        first_code="" if has_pin else _drawn("0123456789", CODE_LENGTH),
    )


def _drawn(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


async def _store(slips: Sequence[Slip], kept: dict[UUID, Passbook]) -> None:
    now = clock.now()
    fresh = [slip for slip in slips if slip.household not in kept]
    await database.insert(
        "passbook",
        _PASSBOOK | {"pin": "text", "revision": "int"},
        [[s.household, s.card, code_digest(s.card, s.first_code), now, now, "", 1] for s in fresh],
    )
    again = [slip for slip in slips if slip.household in kept]
    if again:
        await database.execute_many(
            "UPDATE passbook SET first_code = ?, printed_at = ? WHERE household_id = ?",
            [[code_digest(s.card, s.first_code), now, s.household] for s in again],
        )


def code_digest(card: str, code: str) -> str:
    """What is kept of a one-time code: a digest keyed by the installation and bound to the card."""
    return sealing.index(code, kind=f"passbook {card}")


@database.transaction
async def reset(household_id: UUID, *, new_card: bool = False, by: Actor) -> None:
    """Take a household's PIN back: its page opens again with a newly printed code only.

    For who forgot the PIN, and with `new_card` for who lost the paper: then the old QR opens
    nothing any more. The household reads on its page that and when this was done.

    Refuses with `HouseholdNotFound`, `NotAllowed`, `HouseholdLeft`.
    """
    household = await register.household(household_id, actor=by, permission="passbooks.write")
    if household.state != register.ACTIVE:
        raise HouseholdLeft(id=str(household_id))
    kept = await Passbook.filter(household_id=household_id).select_for_update().first()
    if kept is None:
        return
    await Passbook.filter(household_id=household_id).update(
        card=_drawn(_CARD_LETTERS, _CARD_LENGTH) if new_card else kept.card,
        first_code="",
        pin="",
        pin_set_at=None,
        revision=kept.revision + 1,
        reset_at=clock.now(),
        printed_at=None,
    )
    subject = f"household:{household_id}"
    await audit.note(
        by, "passbooks.reset", village=household.village, subject=subject, new_card=new_card
    )


async def of_household(household_id: UUID, *, actor: Actor) -> CardRow | None:
    """How one household's card stands; None for who may not print cards there."""
    if not officials.allowed(actor, "passbooks.write"):
        return None
    query = register.scope_query(actor, "passbooks.write")
    household = await Household.filter(query, id=household_id).first()
    if household is None:
        return None
    return _row(household, await Passbook.get_or_none(household_id=household_id), {})
