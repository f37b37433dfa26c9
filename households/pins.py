"""Which PIN a household may choose. Pure: nothing is stored, hashed or asked here.

Six digits, because they are typed with a thumb on an old phone, and not those that somebody who
found the paper would try first: rows and ladders, repeated pairs and triples, the family's own
birthdays.
"""

import re
import secrets
from collections.abc import Iterable
from datetime import date

from households.errors import PinWeak

LENGTH = 6
# Figures of luck and patterns of the keypad that people choose most, beside what is computed.
GUESSED_FIRST = frozenset(
    ("147258", "258369", "159357", "357159", "147369", "123321", "332211", "520131", "201314")
)
_LADDER = "01234567890"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def digits(typed: str) -> str:
    """What was typed without spaces, hyphens and full-width figures."""
    return re.sub(r"[\s-]", "", typed.translate(_FULL_WIDTH))


def random() -> str:
    """A PIN that nobody guesses first, for a demonstration's household."""
    while is_guessed_first(pin := f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"):
        pass
    return pin


def require_sound(pin: str, *, birthdays: Iterable[date] = ()) -> None:
    """Refuse with `PinWeak` (attribute `reason`: "form" or "guessed").

    Args:
        pin: as `digits` gives it.
        birthdays: of the household's members.
    """
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", pin):
        raise PinWeak(reason="form")
    if is_guessed_first(pin) or pin in _as_dates(birthdays):
        raise PinWeak(reason="guessed")


def is_guessed_first(pin: str) -> bool:
    """Whether six digits are a pattern: 000000, 123456, 121212, 168168, 111222."""
    repeated = any(pin == pin[:size] * (LENGTH // size) for size in (1, 2, 3))
    ladder = pin in _LADDER or pin in _LADDER[::-1]
    halves = len(set(pin[:3])) == 1 and len(set(pin[3:])) == 1
    return repeated or ladder or halves or pin in GUESSED_FIRST


def _as_dates(birthdays: Iterable[date]) -> set[str]:
    forms = ("%y%m%d", "%Y%m", "%d%m%y", "%m%d%y")
    return {day.strftime(form) for day in birthdays for form in forms}
