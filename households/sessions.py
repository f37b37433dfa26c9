"""Log-ins: failed attempts slowed down, sessions as families of single-use refresh tokens.

Only digests of tokens are kept. Knows nothing of cookies or JWT: that is the door's affair.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec

from foundation import audit, clock, database
from foundation.actors import Actor
from households import officials
from households.errors import LoginRefused, LoginSlowed, SessionEnded
from households.models import LoginFailure, LoginSession, Official

SESSION_HOURS = 12
# How long the token before the current one still works: the reply that carried the new one
# may have been lost on the way.
GRACE_SECONDS = 30
FREE_FAILURES = 4
SLOWED_SECONDS_MAX = 300
# Many villagers share one carrier's address, so an address is given far more room.
FREE_FAILURES_ADDRESS = 40


class Opened(msgspec.Struct, frozen=True):
    """An open session: the actor, and the refresh token to hand on, empty if none is new."""

    session: UUID
    token: str
    actor: Actor
    must_change_password: bool


def delay_seconds(failures: int, *, free: int) -> int:
    """How long after the last of so many failures the next attempt has to wait.

    Doubles from one second beyond the free attempts and never grows past five minutes, so an
    account can be slowed by a stranger but not locked.
    """
    over = failures - free
    return 0 if over < 0 else min(2**over, SLOWED_SECONDS_MAX)


async def open_with_password(login: str, password: str, *, address: str) -> Opened:
    """Log in. Refuses with `LoginSlowed` (attribute `seconds`) or `LoginRefused`."""
    keys = (
        (f"account:{login.strip()[:60]}", FREE_FAILURES),
        (f"address:{address}", FREE_FAILURES_ADDRESS),
    )
    for key, free in keys:
        await _refuse_while_slowed(key, free=free)
    official = await Official.get_or_none(login=login.strip(), active=True)
    if not await officials.matches(password, official.password if official else ""):
        for key, _ in keys:
            await _count_failure(key)
        raise LoginRefused()
    assert official is not None
    return await _open(official, account_key=keys[0][0])


async def _refuse_while_slowed(key: str, *, free: int) -> None:
    past = await LoginFailure.get_or_none(key=key)
    if past is None:
        return
    until = past.last_at + timedelta(seconds=delay_seconds(past.failures, free=free))
    if clock.now() < until:
        raise LoginSlowed(seconds=int((until - clock.now()).total_seconds()) + 1)


@database.transaction
async def _count_failure(key: str) -> None:
    await database.execute(
        "INSERT INTO login_failure (key, failures, last_at) VALUES (?, 1, ?) ON CONFLICT (key) "
        "DO UPDATE SET failures = login_failure.failures + 1, last_at = excluded.last_at",
        [key, clock.now()],
    )


@database.transaction
async def _open(official: Official, *, account_key: str) -> Opened:
    await LoginFailure.filter(key=account_key).delete()
    await LoginSession.filter(expires_at__lt=clock.now()).delete()
    token, now = secrets.token_urlsafe(32), clock.now()
    session = await LoginSession.create(
        id=uuid4(),
        official=official,
        revision=official.revision,
        token=_digest(token),
        rotated_at=now,
        expires_at=now + timedelta(hours=SESSION_HOURS),
    )
    actor = await officials.actor_of(official)
    await audit.note(actor, "sessions.open", subject=f"official:{official.id}")
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
    actor = await officials.actor_of(official)
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
    return await officials.actor_of(official), official.must_change_password


async def end(session_id: UUID) -> None:
    """Log out: the whole family of tokens ends."""
    await LoginSession.filter(id=session_id, ended_at=None).update(ended_at=clock.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def split(value: str) -> tuple[UUID, str]:
    """The session and the token in what a client hands back. Refuses with `SessionEnded`."""
    session, _, token = value.partition(".")
    try:
        return UUID(session), token
    except ValueError:
        raise SessionEnded() from None
