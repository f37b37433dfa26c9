"""Passwords: made, hashed with Argon2id, checked. They are never logged and never kept.

Hashing takes a twentieth of a second and much memory, on purpose: it runs beside the event loop
and outside of any transaction.
"""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from households.errors import PasswordWeak

LENGTH_MIN = 10
LENGTH_MAX = 200
DIFFERENT_MIN = 4  # distinct characters

_hasher = PasswordHasher()


@cache
def _decoy() -> str:
    """Made once it is needed: a hash takes time, and the program starts on old machines."""
    return _hasher.hash(secrets.token_urlsafe(16))


async def hashed(password: str) -> str:
    """An Argon2id hash. Refuses with `PasswordWeak` what is short, huge or one letter repeated."""
    fits = LENGTH_MIN <= len(password) <= LENGTH_MAX and len(set(password)) >= DIFFERENT_MIN
    if not fits:
        raise PasswordWeak(length_min=LENGTH_MIN)
    return await asyncio.to_thread(_hasher.hash, password)


async def hashed_pin(pin: str) -> str:
    """An Argon2id hash of a PIN whose form has been checked, see households/pins.py."""
    return await asyncio.to_thread(_hasher.hash, pin)


async def matches(password: str, kept: str) -> bool:
    """Whether a password fits a hash; takes the same time when there is no hash to fit."""
    try:
        fits = await asyncio.to_thread(lambda: _hasher.verify(kept or _decoy(), password))
    except VerificationError:
        return False
    return fits and bool(kept)


def random() -> str:
    """A first password that can be read aloud: twelve letters and digits in three groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))
