"""The list on which a village can object: everybody who takes part, by household, without rank.

Posted like any list, so it shows names as the households chose for the wall. Must never be put in
an order that tells who has more: groups by code, households by name, unnamed ones at the end.
"""

import msgspec

from foundation import database
from foundation.actors import Actor
from households import names, regions, settings
from households.models import Household
from points import draft, leaderboard, snapshot
from points.draft import Frame, Request
from points.errors import NothingToPublish
from points.period import Period
from points.scheme import Scheme


class Row(msgspec.Struct, frozen=True):
    """A household; `blocks` holds None where it was not scored, and 0 where it was given 0."""

    name: str
    blocks: dict[str, int | None]
    earned: int


class Group(msgspec.Struct, frozen=True):
    """A group's households; the name is empty for those that belong to none."""

    name: str
    rows: tuple[Row, ...]


class Notice(msgspec.Struct, frozen=True):
    """The whole list."""

    frame: Frame
    groups: tuple[Group, ...]

    @property
    def households(self) -> int:
        return sum(len(group.rows) for group in self.groups)


async def drawn(code: str, *, period: Period, days: int | None = None, actor: Actor) -> Notice:
    """The notice list of a village, group or grid as it stands now, hung from today on.

    Refuses with `NothingToPublish`, `DisplayDaysRefused`, `NoLeaderboardHere`,
    `rules.errors.NoRuleBook`, and as `regions.find` does.
    """
    region = await regions.find(code, actor=actor, permission="publications.write")
    board = await leaderboard.rank(region, period=period, compare=False)
    if not board.rows:
        raise NothingToPublish(region=code, period=period.text, taking_part=0, earned=0)
    scheme = await settings.read(region.village, Scheme)
    around = await draft.frame(Request(region, period, None, days), scheme)
    homes = await Household.filter(id__in=[row.household for row in board.rows])
    earned = {row.household: row.earned for row in board.rows}
    scored = await _scored(region.village, period)
    voted = (await draft.voted_forms(region.village))["wall"]
    listed: dict[str, list[tuple[tuple[bool, str, str], Row]]] = {}
    for home in homes:
        form = snapshot.name_form(home.name_wall, voted=voted)
        # Sorted by its pinyin an unnamed household could be told from its neighbours.
        order = (form == "unnamed", "" if form == "unnamed" else home.pinyin, str(home.id))
        blocks: dict[str, int | None] = {
            block: scored.get((str(home.id), block)) for block in leaderboard.BLOCKS
        }
        row = Row(names.shown(home.head, form=form), blocks, earned[home.id])
        listed.setdefault(home.group, []).append((order, row))
    called = {part.code: part.name for part in await regions.parts(region.village, level="group")}
    groups = tuple(
        Group(called.get(group, ""), tuple(row for _, row in sorted(listed[group], key=_order)))
        for group in sorted(listed, key=lambda group: (group not in called, group))
    )
    return Notice(around, groups)


def _order(pair: tuple[tuple[bool, str, str], Row]) -> tuple[bool, str, str]:
    return pair[0]


async def _scored(village: str, period: Period) -> dict[tuple[str, str], int]:
    """Points by household and block, where there is a counted entry at all."""
    found = await database.rows(
        "SELECT household_id, block, SUM(earned) AS earned FROM month_total"
        " WHERE village = ? AND month BETWEEN ? AND ? GROUP BY household_id, block",
        [village, period.months[0], period.months[-1]],
    )
    return {(str(line["household_id"]), line["block"]): int(line["earned"]) for line in found}
