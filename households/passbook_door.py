"""The door of a household's own page: its one-time code, its PIN, and who is inside.

One open page is one session: a random token on one phone, looked up at every request, over half an
hour after it was last used. Nothing here knows officials; what is opened here opens one household
and nothing else. Attempts are slowed by card and by address and never locked for good.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import msgspec
from tortoise.exceptions import DoesNotExist

from foundation import actors, audit, clock, database
from foundation.actors import Actor
from households import passbooks, passwords, pins, register, sessions
from households.errors import (
    FirstCodeRefused,
    PassbookClosed,
    PassbookNotFound,
    PassbookShut,
    PinNotSet,
    PinRefused,
)
from households.models import Household, Passbook, PassbookSession, Resident
from households.sessions import Limit

IDLE_MINUTES = 30
SESSION_HOURS = 12
# A page that is read is noted once a minute, not with every tap.
NOTED_SECONDS = 60
# A PIN has a million forms: beyond four tries a guesser gets two an hour, and whoever forgot his
# own is given a new code at the village office at once.
CARD = Limit(free=4, wait_seconds_max=1800, forgiven_seconds=1800)

DoorState = Literal["pin", "first", "unprinted", "closed"]


class Door(msgspec.Struct, frozen=True):
    """What the door says before anybody has come in: which village, and what it asks for.

    "pin": the PIN; "first": the one-time code; "unprinted": a code has to be printed first;
    "closed": the household has left. Never whose passbook it is.
    """

    card: str
    village: str
    state: DoorState


class Holder(msgspec.Struct, frozen=True):
    """Who holds an open passbook: one household, on one phone."""

    session: UUID
    card: str
    household: UUID
    village: str

    @property
    def actor(self) -> Actor:
        """The household as the one who acts."""
        return actors.household(self.household)


async def door(card: str) -> Door:
    """What stands at a card's address. Refuses with `PassbookNotFound`."""
    kept, household = await _found(card)
    state: DoorState = "pin" if kept.pin else "first" if kept.first_code else "unprinted"
    if household.state != register.ACTIVE:
        state = "closed"
    return Door(card, household.village, state)


async def _found(card: str, *, lock: bool = False) -> tuple[Passbook, Household]:
    query = Passbook.filter(card=card[:20])
    try:
        kept = await (query.select_for_update() if lock else query).get()
        return kept, await Household.get(id=kept.household_id)
    except DoesNotExist:
        raise PassbookNotFound(card=card[:20]) from None


async def open_with_pin(card: str, pin: str, *, address: str) -> str:
    """Open a passbook and return the session's token.

    Refuses with `PassbookNotFound`, `PassbookClosed`, `PinNotSet`, `LoginSlowed`, `PinRefused`.
    """
    kept = await _active(card)
    if not kept.pin:
        raise PinNotSet(card=card)
    account, place, before = await _count(card, address)
    if not await passwords.matches(pins.digits(pin), kept.pin):
        raise PinRefused(card=card)
    return await _open(card, revision=kept.revision, keys=(account, place), before=before)


async def choose_pin(card: str, *, code: str, pin: str, address: str) -> str:
    """Choose the PIN with the one-time code, and open the passbook; returns the token.

    The code works once. Who sends the same again, because the answer was lost, has chosen that
    very PIN and comes in with it.

    Refuses as `open_with_pin`, with `FirstCodeRefused`, and with `PinWeak`.
    """
    pin = pins.digits(pin)
    kept = await _active(card)
    pins.require_sound(pin, birthdays=await _birthdays(kept.household_id))
    account, place, before = await _count(card, address)
    if kept.pin and await passwords.matches(pin, kept.pin):
        return await _open(card, revision=kept.revision, keys=(account, place), before=before)
    hashed = await passwords.hashed_pin(pin)
    revision = await _choose(card, code=pins.digits(code), hashed=hashed)
    return await _open(card, revision=revision, keys=(account, place), before=before)


@database.transaction
async def _choose(card: str, *, code: str, hashed: str) -> int:
    kept, household = await _found(card, lock=True)
    digest = passbooks.code_digest(card, code)
    if kept.pin or not kept.first_code or not hmac.compare_digest(digest, kept.first_code):
        raise FirstCodeRefused(used=bool(kept.pin))
    await _set_pin(kept, hashed)
    await _noted("passbooks.choose_pin", household)
    return kept.revision + 1


@database.transaction
async def settle(household: Actor, *, hashed: str) -> str:
    """Give a household that has a card a PIN hashed beforehand; returns the card.

    For the demonstration's one known household, whose county is made in one transaction.
    """
    assert household.household_id is not None
    kept = await Passbook.get(household_id=household.household_id)
    await _set_pin(kept, hashed)
    await _noted("passbooks.choose_pin", await Household.get(id=kept.household_id))
    return kept.card


async def change_pin(holder: Holder, *, old: str, new: str, address: str) -> str:
    """Change the PIN: every open page of the household ends; returns a new session's token.

    Refuses with `LoginSlowed`, `PinRefused`, `PinWeak`, `PassbookShut`.
    """
    new = pins.digits(new)
    pins.require_sound(new, birthdays=await _birthdays(holder.household))
    kept = await _active(holder.card)
    account, place, before = await _count(holder.card, address)
    if not await passwords.matches(pins.digits(old), kept.pin):
        raise PinRefused(card=holder.card)
    hashed = await passwords.hashed_pin(new)
    revision = await _change(holder, revision=kept.revision, hashed=hashed)
    return await _open(holder.card, revision=revision, keys=(account, place), before=before)


@database.transaction
async def _change(holder: Holder, *, revision: int, hashed: str) -> int:
    kept, household = await _found(holder.card, lock=True)
    if kept.revision != revision:  # reset or changed on another phone meanwhile
        raise PassbookShut(card=holder.card)
    await _set_pin(kept, hashed)
    await _noted("passbooks.change_pin", household)
    return kept.revision + 1


async def _birthdays(household_id: UUID) -> list[date]:
    people = await Resident.filter(household_id=household_id)
    return [person.born_on for person in people if person.born_on]


async def _set_pin(kept: Passbook, hashed: str) -> None:
    await Passbook.filter(household_id=kept.household_id).update(
        pin=hashed, first_code="", pin_set_at=clock.now(), revision=kept.revision + 1
    )


async def _noted(verb: str, household: Household) -> None:
    subject = f"household:{household.id}"
    await audit.note(
        actors.household(household.id), verb, village=household.village, subject=subject
    )


async def _active(card: str) -> Passbook:
    kept, household = await _found(card)
    if household.state != register.ACTIVE:
        raise PassbookClosed(card=card)
    return kept


async def _count(card: str, address: str) -> tuple[str, str, datetime]:
    account, place = f"passbook:{card}", f"passbook-address:{address[:60]}"
    before = await sessions.count_attempt(account, place, limit=CARD)
    return account, place, before


@database.transaction
async def _open(card: str, *, revision: int, keys: tuple[str, str], before: datetime) -> str:
    """Begin a session and forgive the attempt; the token is "session.secret"."""
    kept, _ = await _found(card)
    if kept.revision != revision:
        raise PinRefused(card=card)
    account, place = keys
    await sessions.forgive(account, place, before=before)
    token, now = secrets.token_urlsafe(32), clock.now()
    await PassbookSession.filter(expires_at__lt=now).delete()
    opened = await PassbookSession.create(
        id=uuid4(),
        household_id=kept.household_id,
        revision=kept.revision,
        token=_digest(token),
        used_at=now,
        expires_at=now + timedelta(hours=SESSION_HOURS),
    )
    return f"{opened.id}.{token}"


async def holder(token: str) -> Holder:
    """Who holds the passbook that a token opened. Refuses with `PassbookShut`.

    Looked up at every request, so that a reset, a new PIN, leaving the page and leaving the village
    take hold at once.
    """
    session, _, secret = token.partition(".")
    try:
        kept = await PassbookSession.get_or_none(id=UUID(session))
    except ValueError:
        kept = None
    if kept is None or not hmac.compare_digest(_digest(secret), kept.token):
        raise PassbookShut()
    now = clock.now()
    if now >= kept.expires_at or now - kept.used_at > timedelta(minutes=IDLE_MINUTES):
        raise PassbookShut()
    book = await Passbook.get_or_none(household_id=kept.household_id)
    household = await Household.get(id=kept.household_id)
    if book is None or book.revision != kept.revision or household.state != register.ACTIVE:
        raise PassbookShut()
    if (now - kept.used_at).total_seconds() > NOTED_SECONDS:
        await PassbookSession.filter(id=kept.id).update(used_at=now)
    return Holder(kept.id, book.card, household.id, household.village)


async def leave(holder: Holder) -> None:
    """Close the page on this phone."""
    await PassbookSession.filter(id=holder.session).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
