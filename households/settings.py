"""A village's settings: typed sections with defaults, stored as data.

Differences between villages live here and never as branches or subclasses in the code.
"""

from typing import ClassVar, Protocol, TypeVar

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from households import regions
from households.errors import PurposeMissing, RegionNotFound
from households.models import VillageSetting


class Section(Protocol):
    """A frozen struct whose every field has a default, and the name it is stored under."""

    section: ClassVar[str]


S = TypeVar("S", bound=Section)


class RegisterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the register treats personal numbers.

    By default an ID number is kept only as a keyed digest; keeping it needs a written purpose.
    """

    section: ClassVar[str] = "register"

    keep_id_numbers: bool = False
    id_purpose: str = ""


async def read(village: str, kind: type[S]) -> S:
    """A village's section of that kind, with defaults for what was never set."""
    kept = await VillageSetting.get_or_none(village=village, section=kind.section)
    return msgspec.convert(kept.value if kept else {}, kind)


async def read_all(kind: type[S]) -> dict[str, S]:
    """The section of that kind of every village that has set anything in it."""
    kept = await VillageSetting.filter(section=kind.section)
    return {one.village: msgspec.convert(one.value, kind) for one in kept}


@database.transaction
async def write(village: str, value: Section, *, by: Actor) -> None:
    """Replace one section of a village's settings.

    Where ID numbers are kept no more, those that were are erased; their digests stay. Refuses
    with `RegionNotFound` or `NotAllowed`, and with `PurposeMissing` when ID numbers are to be
    kept without saying what for.
    """
    place = await regions.find(village, actor=by, permission="settings.write")
    if place.level != "village":
        raise RegionNotFound(code=village)
    if isinstance(value, RegisterSettings) and value.keep_id_numbers and not value.id_purpose:
        raise PurposeMissing()
    await VillageSetting.update_or_create(
        village=village, section=value.section, defaults={"value": msgspec.to_builtins(value)}
    )
    if isinstance(value, RegisterSettings) and not value.keep_id_numbers:
        await database.execute(
            "UPDATE resident SET id_number = '' WHERE id_number <> '' "
            "AND household_id IN (SELECT id FROM household WHERE village = ?)",
            [village],
        )
    await audit.note(by, "settings.write", village=village, subject=f"setting:{value.section}")
