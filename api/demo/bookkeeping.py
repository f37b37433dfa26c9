"""Keeps the demo county's books as its clerks would have: scheme, rule book, entries.

Must only be called inside the one transaction of build.py, with the clock stopped at the hour
at which the step is taken.
"""

from datetime import date, timedelta

from api.demo.people import DemoAdoption, DemoVillage
from foundation.actors import Actor
from households import settings
from points.scheme import Scheme
from rules import adoption, rulebook, starters
from rules.votes import Adoption

_FILED_AFTER = timedelta(days=7)


async def open_books(village: DemoVillage, *, first: date, by: Actor) -> None:
    """Set the village's scheme and publish its rule book, in force from `first`."""
    starter = starters.load(village.starter)
    await settings.write(
        village.code,
        Scheme(
            base_points=starter.settings.base_points,
            posted_first_n=starter.settings.posted_first,
            display_days=starter.settings.display_days,
            stars=tuple(level.points_year for level in starter.settings.star_levels),
        ),
        by=by,
    )
    draft = await rulebook.draft_from_starter(village.code, village.starter, by=by)
    vote = _recorded(village.adoption) if village.adoption else None
    await adoption.publish(draft.id, in_force_from=first, by=by, adoption=vote)


def _recorded(vote: DemoAdoption) -> Adoption:
    return Adoption(
        held_on=vote.voted_on,
        roll=vote.adults,
        present=vote.present,
        in_favour=vote.votes_for,
        against=vote.votes_against,
        filing_number=vote.filing_number,
        filed_on=vote.voted_on + _FILED_AFTER,
    )
