"""Keeps the demo county's books as its officials would have: scheme, rule book, entries.

Entries go through the ledger's own verbs, so the demo holds nothing that a village could not
have posted. Must only be called inside the one transaction of build.py, with the clock stopped
at the hour at which the step is taken.
"""

import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import msgspec
from PIL import Image, ImageDraw

from api.demo import seeds
from api.demo.people import DemoAdoption, DemoVillage
from api.demo.scoring import DemoDeed
from foundation import attachments, audit
from foundation.actors import Actor
from households import officials, settings
from points import ledger, scoring
from points.ledger import Posting
from points.passbook import PassbookSettings
from points.scheme import Scheme
from points.sheets import Cell
from rules import adoption, rulebook, starters
from rules.rulebook import Item
from rules.votes import Adoption

_FILED_AFTER = timedelta(days=7)
_ONE_SHEET_MAX = 300


class Office(msgspec.Struct, frozen=True):
    """Who keeps a village's books. Two scorers: nobody scores his own household."""

    clerk: Actor
    scorers: tuple[Actor, Actor]

    def scorer_of(self, household: UUID) -> Actor:
        """Who fills in the household's sheet."""
        first, second = self.scorers
        return second if household == first.household_id else first

    def recorder_of(self, household: UUID, *, item: Item) -> Actor | None:
        """Who may record a single deed of the household; nobody if only the clerk might."""
        if household != self.clerk.household_id:
            return self.clerk
        return self.scorers[0] if "scorer" in item.scorers else None


async def office(village: str) -> Office:
    """The office of a village, its officials having been stored."""
    place = village[6:]
    return Office(
        clerk=await officials.by_login(f"clerk-{place}"),
        scorers=(
            await officials.by_login(f"scorer-{place}"),
            await officials.by_login(f"scorer-{place}-2"),
        ),
    )


async def open_books(
    village: DemoVillage, *, first: date, phone: str, by: Actor
) -> dict[str, Item]:
    """Set the village's scheme and publish its rule book, in force from `first`.

    `phone` is the office's number. Returns the scoring items by their codes.
    """
    starter = starters.load(village.starter)
    await settings.write(
        village.code,
        Scheme(
            base_points=starter.settings.base_points,
            posted_first_n=starter.settings.posted_first,
            display_days=starter.settings.display_days,
            stars=tuple(level.points_year for level in starter.settings.star_levels),
            contact=f"办公室电话 {phone}",
        ),
        by=by,
    )
    shown = PassbookSettings(show_place=True, office="村委会大院，工作日有人", office_phone=phone)
    await settings.write(village.code, shown, by=by)
    draft = await rulebook.draft_from_starter(village.code, village.starter, by=by)
    vote = _recorded(village.adoption) if village.adoption else None
    version = await adoption.publish(draft.id, in_force_from=first, by=by, adoption=vote)
    return {item.code: item for item in version.items}


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


async def post_sheets(
    village: DemoVillage, deeds: Iterable[DemoDeed], *, month: str, seed: int, office: Office
) -> None:
    """Post a month's sheets, and one more for a scorer's own household.

    A small village fills in one sheet, a larger one a sheet for each group.
    """
    is_small = len(village.households) <= _ONE_SHEET_MAX
    group_of = {home.id: "" if is_small else home.group for home in village.households}
    sheets: defaultdict[tuple[str, str], list[Cell]] = defaultdict(list)
    scorers = {scorer.login: scorer for scorer in office.scorers}
    for deed in deeds:
        scorer = office.scorer_of(deed.household)
        cell = Cell(household=deed.household, item=deed.item, points=deed.points)
        sheets[group_of[deed.household], scorer.login].append(cell)
    for (group, login), cells in sorted(sheets.items()):
        await scoring.post_sheet(
            seeds.identity(seed, "sheet", group, month, login),
            village=village.code,
            group=group,
            month=month,
            cells=cells,
            by=scorers[login],
        )


async def post_entries(
    village: str, deeds: Iterable[DemoDeed], *, items: dict[str, Item], seed: int, office: Office
) -> UUID | None:
    """Post single entries, each with its reason and the evidence that its item asks for.

    Returns the last one that the clerk posted, if he posted any.
    """
    stacks: defaultdict[str, list[Posting]] = defaultdict(list)
    recorders = {office.clerk.login: office.clerk, office.scorers[0].login: office.scorers[0]}
    for deed in deeds:
        item = items[deed.item]
        recorder = office.recorder_of(deed.household, item=item)
        if recorder is not None:
            stacks[recorder.login].append(await _posting(deed, item=item, seed=seed))
    for login, wanted in sorted(stacks.items()):
        await ledger.post_many(village, wanted, by=recorders[login])
        await audit.note(recorders[login], "ledger.award", village=village, entries=len(wanted))
    by_clerk = stacks[office.clerk.login]
    return by_clerk[-1].id if by_clerk else None


async def correct(entry: UUID, *, seed: int, by: Actor) -> None:
    """Take back an entry that was posted by mistake."""
    id = seeds.identity(seed, "correction", entry)
    await ledger.reverse(entry, id=id, reason="重复登记，予以更正", by=by)


async def _posting(deed: DemoDeed, *, item: Item, seed: int) -> Posting:
    return Posting(
        id=seeds.identity(seed, "deed", deed.household, deed.item, deed.on),
        household_id=deed.household,
        item=item,
        points=deed.points,
        deed_on=deed.on,
        source="entry",
        reason=f"{deed.on.month}月{deed.on.day}日{item.name}，已当面核实",
        evidence_id=await _evidence(item) if item.evidence_needed else None,
    )


async def _evidence(item: Item) -> UUID:
    return await attachments.keep(
        _certificate(), purpose="evidence", name=f"{item.name}.png", media_type="image/png"
    )


@cache
def _certificate() -> bytes:
    """A picture of an empty certificate, that no invented deed may seem proven by a real one."""
    picture = Image.new("RGB", (480, 320), "#f7f0df")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((16, 16, 464, 304), outline="#b3261e", width=6)
    pen.rectangle((150, 60, 330, 84), fill="#b3261e")
    for top in (130, 165, 200):
        pen.line((80, top, 400, top), fill="#8a7f6a", width=2)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
