"""How a village scores and posts: the settings section that the points floor reads.

Everything in which villages differ is here as data. Bounds are checked on the way in, by
msgspec; what the law or a hard line fixes is not a setting.
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from foundation import database
from foundation.actors import Actor
from households import settings
from households.settings import RegisterSettings

DISPLAY_DAYS_MIN = 10
"""A posted list hangs at least ten days (mission.md, presets)."""

DISPLAY_DAYS_MAX = 90

POINT_FEN_MAX = 1000
"""Ten yuan; villages give 0.1 to 1 yuan for a point (mission.md, presets)."""

Line = Annotated[str, msgspec.Meta(max_length=60)]


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A village's scheme; section "scheme" of its settings.

    Attributes:
        base_points: granted to each household when a year begins; never counts as earned.
        posted_first_n: how many places a posted list has at the most.
        posted_period: what the village posts by rule; reminders go by it.
        display_days: calendar days that a posted list hangs and is shown on the web.
        point_fen: what a point is worth in goods, in fen; 0 where the village declares none. Points
            of different villages are never compared without it.
        stars: points a year from which a household has one, two, three ... stars.
        objection: how one objects, as the poster prints it.
        contact: whom to ask or call, as the poster prints it; an office's number, as a posted
            snapshot can never be changed. Empty means the publisher.
        publisher: who posts; empty means the village's committee.
        supervisor: who watches over it; empty means the village's supervision committee.
    """

    section: ClassVar[str] = "scheme"

    base_points: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    posted_first_n: Annotated[int, msgspec.Meta(ge=1, le=200)] = 20
    posted_period: Literal["month", "quarter", "year"] = "quarter"
    display_days: Annotated[int, msgspec.Meta(ge=DISPLAY_DAYS_MIN, le=DISPLAY_DAYS_MAX)] = (
        DISPLAY_DAYS_MIN
    )
    point_fen: Annotated[int, msgspec.Meta(ge=0, le=POINT_FEN_MAX)] = 0
    stars: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1)], ...], msgspec.Meta(max_length=10)
    ] = ()
    objection: Line = "口头、书面均可，三日内书面答复"
    contact: Line = ""
    publisher: Line = ""
    supervisor: Line = ""


@database.transaction
async def change(
    village: str, scheme: Scheme, register: RegisterSettings, *more: settings.Section, by: Actor
) -> None:
    """Replace a village's scheme and register settings together, and further sections with them.

    Refuses with `RegionNotFound`, `NotAllowed` or `PurposeMissing`; then none is changed.
    """
    sections: tuple[settings.Section, ...] = (scheme, register, *more)
    for section in sections:
        await settings.write(village, section, by=by)
