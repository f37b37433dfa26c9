"""Log-ins: failed attempts slowed down, sessions as families of single-use refresh tokens.

Only digests of tokens are kept. Knows nothing of cookies or JWT: that is the door's affair.
"""

import hashlib
import math
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from tortoise.expressions import F

from foundation import audit, clock, database
from foundation.actors import Actor
from households import officials, passwords
from households.errors import LoginRefused, LoginSlowed, NoDutyToday, SessionEnded
from households.models import LoginFailure, LoginSession, Official, PassbookSession

SESSION_HOURS = 12
# How long the token before the current one still works: the reply that carried the new one
# may have been lost on the way.
GRACE_SECONDS = 30


class Limit(msgspec.Struct, frozen=True):
    """How many log-ins may fail before the next one waits, and how that is forgiven."""

    free: int
    wait_seconds_max: int
    forgiven_seconds: int


# One account: nobody locks it, and who guesses gets some twelve tries an hour.
ACCOUNT = Limit(free=4, wait_seconds_max=300, forgiven_seconds=900)
# Many people share one carrier's address, or the proxy's: it is given far more room, and what a
# stranger does from there makes the others wait for half a minute at most.
ADDRESS = Limit(free=40, wait_seconds_max=30, forgiven_seconds=60)


class Opened(msgspec.Struct, frozen=True):
    """An open session: the actor, and the refresh token to hand on, empty if none is new."""

    session: UUID
    token: str
    actor: Actor
    must_change_password: bool


def delay_seconds(failures: int, limit: Limit) -> int:
    """How long after the last of so many failures the next attempt has to wait.

    Doubles from one second beyond the free ones and stays within the limit's longest wait, so
    an account can be slowed by a stranger but not locked.
    """
    over = failures - limit.free
    return 0 if over < 0 else min(2 ** min(over, 20), limit.wait_seconds_max)


async def open_with_password(
    login: str, password: str, *, address: str, device: str = ""
) -> Opened:
    """Log in.

    `address` slows down who guesses; `device` is what the browser calls itself, which one finds
    on one's own page. Refuses with `LoginSlowed` (attribute `seconds`), `LoginRefused`, and with
    `NoDutyToday` for somebody whose duties have ended or not begun.
    """
    account, place = f"account:{login.strip()[:60]}", f"address:{address[:60]}"
    # Counted before the password is looked at, or many attempts at once would all be the first.
    before = await count_attempt(account, place)
    official = await Official.get_or_none(login=login.strip(), active=True)
    if not await passwords.matches(password, official.password if official else ""):
        raise LoginRefused()
    assert official is not None
    if not await officials.duties_of(official):
        raise NoDutyToday()
    return await _open(official, account=account, place=place, before=before, device=device)


@database.transaction
async def count_attempt(account: str, place: str, *, limit: Limit = ACCOUNT) -> datetime:
    """Count an attempt that comes not too soon; when the last one from this place failed.

    Args:
        account: the key of what is being opened.
        place: the key of the address from where; never the same for officials and households.
        limit: what the account bears.

    Refuses with `LoginSlowed`.
    """
    await _count(account, limit)
    return await _count(place, ADDRESS)


async def confirm(actor: Actor, password: str, *, address: str) -> None:
    """Have an official who is logged in type his password again, before what matters much.

    Refuses with `LoginSlowed` or `LoginRefused`; wrong ones do not slow down his log-in.
    """
    account, place = f"confirm:{actor.id}", f"address:{address[:60]}"
    before = await count_attempt(account, place)
    official = await Official.get_or_none(id=actor.id, active=True)
    if not await passwords.matches(password, official.password if official else ""):
        raise LoginRefused()
    await forgive(account, place, before=before)


async def forgive(account: str, place: str, *, before: datetime) -> None:
    """Take back what an attempt that went well had counted as a failure beforehand."""
    await LoginFailure.filter(key=account).delete()
    await LoginFailure.filter(key=place).update(failures=F("failures") - 1, last_at=before)


async def _count(key: str, limit: Limit) -> datetime:
    now = clock.now()
    await database.execute(
        "INSERT INTO login_failure (key, failures, last_at) VALUES (?, 0, ?) "
        "ON CONFLICT (key) DO NOTHING",
        [key, now],
    )
    past = await LoginFailure.filter(key=key).select_for_update().get()
    since = (now - past.last_at).total_seconds()
    wait = delay_seconds(past.failures, limit) - since
    if wait > 0:
        raise LoginSlowed(seconds=math.ceil(wait))
    failures = max(0, past.failures - int(since / limit.forgiven_seconds)) + 1
    await LoginFailure.filter(key=key).update(failures=failures, last_at=now)
    return past.last_at


@database.transaction
async def _open(
    official: Official, *, account: str, place: str, before: datetime, device: str
) -> Opened:
    """Begin a session and take back what the attempt counted as a failure beforehand."""
    await forgive(account, place, before=before)
    token, now = secrets.token_urlsafe(32), clock.now()
    await LoginFailure.filter(last_at__lt=now - timedelta(days=1)).delete()
    await LoginSession.filter(expires_at__lt=now).delete()
    session = await LoginSession.create(
        id=uuid4(),
        official=official,
        revision=official.revision,
        token=_digest(token),
        rotated_at=now,
        expires_at=now + timedelta(hours=SESSION_HOURS),
        device=device[:200],
    )
    actor = await officials.actor_of(official)
    await audit.note(
        actor, "sessions.open", village=actor.village, subject=f"official:{official.id}"
    )
    return Opened(session.id, token, actor, official.must_change_password)


async def refresh(session_id: UUID, token: str) -> Opened:
    """Exchange a refresh token for the next one.

    The token before the current one is honoured for a short grace, without a new rotation; an
    older one means that somebody copied it, and ends the whole family. Refuses with
    `SessionEnded`.
    """
    opened = await _refresh(session_id, token)
    if opened is None:
        raise SessionEnded()
    return opened


@database.transaction
async def _refresh(session_id: UUID, token: str) -> Opened | None:
    """The rotation itself; None ends the family, which has to be committed before refusing."""
    session = await LoginSession.filter(id=session_id).select_for_update().first()
    official = await _holder(session)
    assert session is not None
    actor = await _acting(official)
    if _digest(token) == session.token:
        fresh = secrets.token_urlsafe(32)
        session.token_before, session.token = session.token, _digest(fresh)
        session.rotated_at = clock.now()
        await session.save(update_fields=["token", "token_before", "rotated_at"])
        return Opened(session.id, fresh, actor, official.must_change_password)
    in_grace = clock.now() - session.rotated_at < timedelta(seconds=GRACE_SECONDS)
    if _digest(token) == session.token_before and in_grace:
        # No token goes back: the browser may hold the newer one by now, and must keep it.
        return Opened(session.id, "", actor, official.must_change_password)
    session.ended_at = clock.now()
    await session.save(update_fields=["ended_at"])
    return None


async def _holder(session: LoginSession | None) -> Official:
    """The official of a live session. Refuses with `SessionEnded`."""
    if session is None or session.ended_at or session.expires_at < clock.now():
        raise SessionEnded()
    official = await Official.get_or_none(id=session.official_id, active=True)  # type: ignore[attr-defined]
    if official is None or official.revision != session.revision:
        raise SessionEnded()
    return official


async def actor_of(session_id: UUID) -> tuple[Actor, bool]:
    """The actor of a live session, and whether he must change his password first.

    Read on every request, so that log-out, a reset and a change of role take hold at once.
    Refuses with `SessionEnded`.
    """
    official = await _holder(await LoginSession.get_or_none(id=session_id))
    return await _acting(official), official.must_change_password


async def _acting(official: Official) -> Actor:
    """The official as he may act today. `SessionEnded` when his last duty is over."""
    actor = await officials.actor_of(official)
    if not actor.duties:
        raise SessionEnded()
    return actor


async def end(session_id: UUID) -> None:
    """Log out: the whole family of tokens ends."""
    await LoginSession.filter(id=session_id, ended_at=None).update(ended_at=clock.now())


async def end_all() -> int:
    """Log everybody out, households too, after a restore or a change of keys.

    Returns how many officials were logged in.
    """
    await PassbookSession.all().delete()
    return await LoginSession.filter(ended_at=None).update(ended_at=clock.now())


class LogIn(msgspec.Struct, frozen=True):
    """One of one's own open log-ins: on which device, since when, and when it was last used."""

    id: UUID
    device: str
    since: datetime
    used: datetime
    is_this: bool


async def of(actor: Actor, *, this: UUID) -> list[LogIn]:
    """The actor's open log-ins, the one that asks first, then the last used."""
    assert actor.id is not None, "the operator does not log in"
    official = await Official.get(id=actor.id)
    found = await LoginSession.filter(
        official_id=actor.id,
        revision=official.revision,
        ended_at=None,
        expires_at__gt=clock.now(),
    )
    logins = [
        LogIn(
            one.id,
            one.device,
            one.expires_at - timedelta(hours=SESSION_HOURS),
            one.rotated_at,
            one.id == this,
        )
        for one in found
    ]
    return sorted(logins, key=lambda one: (not one.is_this, -one.used.timestamp()))


@database.transaction
async def end_others(actor: Actor, *, this: UUID) -> int:
    """End one's own log-ins except the one that asks; returns how many there were."""
    others = LoginSession.filter(official_id=actor.id, ended_at=None, expires_at__gt=clock.now())
    ended = await others.exclude(id=this).update(ended_at=clock.now())
    await audit.note(
        actor, "sessions.end_others", village=actor.village, subject=f"official:{actor.id}"
    )
    return ended


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def split(value: str) -> tuple[UUID, str]:
    """The session and the token in what a client hands back. Refuses with `SessionEnded`."""
    session, _, token = value.partition(".")
    try:
        return UUID(session), token
    except ValueError:
        raise SessionEnded() from None
