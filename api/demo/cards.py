"""Hands out the demo county's passbook cards, and lets one household choose a PIN that is printed.

Cards and codes are drawn by chance like passwords and differ from county to county; nothing that is
ranked or posted depends on them. Must only be called inside the one transaction of build.py.
"""

from collections.abc import Sequence

import msgspec

from api.demo.families import DemoHousehold
from foundation import actors
from foundation.actors import Actor
from households import passbook_door, passbooks
from households.models import Household, Passbook
from households.register import ACTIVE
from points.models import Publication, PublicationRow

# Beyond the village whose logins are printed, some households each: the rest has no card yet.
_FIRST = 40


class Opened(msgspec.Struct, frozen=True):
    """The household whose PIN is known."""

    card: str
    head: str


async def hand_out(
    village: str, households: Sequence[DemoHousehold], *, whole: bool, by: Actor
) -> None:
    """Print the cards of a village, or of its first households."""
    # Some have left or joined another household in the months before.
    here = set(await Household.filter(village=village, state=ACTIVE).values_list("id", flat=True))
    there = [each.id for each in households if each.id in here]
    some = there[: passbooks.CARDS_MAX if whole else _FIRST]
    if some:
        await passbooks.prints(village, only=some, by=by)


async def open_one(village: str, *, hashed: str) -> Opened:
    """Let a household of the village choose its PIN: one on the list that hangs, if any has a card.

    Args:
        village: where cards were handed out.
        hashed: the PIN's hash, which takes too long to be made in here.
    """
    newest = await Publication.filter(village=village, region=village).order_by("-published_at")
    rows = PublicationRow.filter(
        publication_id__in=[one.serial for one in newest[:1]], medium="wall"
    )
    posted = [row.household_id for row in await rows.order_by("position")]
    here = await Household.filter(village=village).order_by("number", "id").values_list("id")
    order = [*posted, *(line[0] for line in here)]
    with_card = set(await Passbook.filter(household_id__in=order).values_list("household_id"))
    household = await Household.get(id=next(key for key in order if (key,) in with_card))
    card = await passbook_door.settle(actors.household(household.id), hashed=hashed)
    return Opened(card, household.head)
