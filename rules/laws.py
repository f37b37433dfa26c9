"""The laws that the program refers to, as dated data: a citation is never a constant in code.

Pure reads of laws.json. A law that is amended gets a further entry with its first day; the one
before keeps its text and gets a last day.
"""

from datetime import date
from functools import cache
from importlib.resources import files

import msgspec


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a law says of one matter while it is in force, in our own short words."""

    code: str
    in_force_from: date
    in_force_until: date | None
    citation: str
    citation_english: str
    says: str
    says_english: str


class _Laws(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    laws: tuple[Law, ...]


@cache
def known() -> tuple[Law, ...]:
    """Every law that is referred to anywhere, with those that it replaced."""
    data = (files("rules") / "laws.json").read_bytes()
    return msgspec.json.decode(data, type=_Laws).laws


def in_force(code: str, *, on: date) -> Law | None:
    """The law of that matter on that day, or None before the oldest one known here."""
    for law in known():
        if law.code == code and law.in_force_from <= on <= (law.in_force_until or date.max):
            return law
    return None
