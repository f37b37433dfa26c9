"""What a clerk typed into a step's form, as the step takes it; and the field a refusal is about."""

from datetime import date
from uuid import UUID

import msgspec

from foundation.errors import Refusal
from households import moves
from households.errors import DetailRefused, HouseholdNotFound, NumberTaken, RegionNotFound
from points.errors import ReasonMissing, ReasonTooLong, SplitNotCovered

Typed = dict[str, str]
MEMBER = "member-"
"""A member who goes is a box of this name and his id."""


def step(kind: str, typed: Typed) -> msgspec.Struct:
    """What was typed, as the verb takes it. Refuses with `DetailRefused` what is malformed."""
    on, reason = _day(typed.get("on", "")), typed.get("reason", "")
    place = {name: typed.get(name, "") for name in ("group", "grid")}
    if kind == "split":
        going = [uuid(name[len(MEMBER) :]) for name in typed if name.startswith(MEMBER)]
        if not going:
            raise DetailRefused(field="members", code="missing")
        head = uuid(typed.get("head", ""))
        return moves.Split(
            members=going,
            head=head,
            on=on,
            reason=reason,
            number=typed.get("number", ""),
            points=_points(typed.get("points", "")),
            **place,
        )
    if kind == "merge":
        return moves.Merge(into=uuid(typed.get("into", "")), on=on, reason=reason)
    if kind == "regroup":
        return moves.Regroup(on=on, reason=reason, **place)
    if kind == "relocate":
        return moves.Relocate(
            village=typed.get("village", ""),
            number=typed.get("number", ""),
            on=on,
            reason=reason,
            **place,
        )
    return moves.Day(on=on, reason=reason)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise DetailRefused(field="on", code="malformed") from None


def _points(typed: str) -> int | None:
    """The points agreed on; nothing typed is None: divided by heads."""
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise DetailRefused(field="points", code="not_a_number")
    return int(text)


def uuid(typed: str) -> UUID:
    """An id from a form; a malformed one is none that exists."""
    try:
        return UUID(typed)
    except ValueError:
        return UUID(int=0)


FIRST = {
    "split": "members",
    "merge": "into",
    "regroup": "group",
    "relocate": "village",
    "leave": "on",
    "return": "on",
}
_FIELDS: dict[type[Refusal], str] = {
    SplitNotCovered: "points",
    NumberTaken: "number",
    ReasonMissing: "reason",
    ReasonTooLong: "reason",
    HouseholdNotFound: "into",
    RegionNotFound: "village",
}


def field(refusal: Refusal, kind: str) -> str:
    """The field of the form that a refusal is about."""
    if isinstance(refusal, DetailRefused):
        return {"left_on": "on", "state": "on"}.get(refusal.field, refusal.field)
    field = _FIELDS.get(type(refusal), FIRST[kind])
    return field if field != "village" or kind == "relocate" else "group"
