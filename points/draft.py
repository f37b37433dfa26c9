"""Drawing up a list: what it would say now, from the board, the rule book and the choices made.

Reads only; points/publication.py freezes what is drawn here. Whatever a household asked not to be
posted is left out here already, so that nothing behind this room can post it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from foundation import clock
from households import names, regions, settings
from households.models import Household, Region
from points import leaderboard, snapshot
from points.errors import DisplayDaysRefused, NothingToPublish
from points.leaderboard import Board, Row
from points.models import ChainHead, Publication
from points.period import Period
from points.scheme import DISPLAY_DAYS_MAX, DISPLAY_DAYS_MIN, Scheme
from points.snapshot import Content, Header, Medium, RuleRef
from rules import timeline, versions
from rules.errors import NoRuleBook


class Request(msgspec.Struct, frozen=True):
    """What somebody wants posted."""

    region: Region
    period: Period
    block: str | None
    days: int | None


class Place(msgspec.Struct, frozen=True):
    """A household on the list, and what is posted of it on each medium."""

    household: UUID
    wall: Content
    web: Content


class Draft(msgspec.Struct, frozen=True):
    """What would be posted now. Equal drafts come from an unchanged store.

    `replaces` is the serial that it would supersede, `unchosen` how many of those posted have
    recorded no choice for one of the media, `edge` what became of a tie at the end of the list.
    """

    header: Header
    places: tuple[Place, ...]
    replaces: str
    unchosen: int
    edge: Literal["", "kept", "dropped"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What any posted paper of a region and period says around its rows."""

    village: str
    region: str
    region_name: str
    township: str
    period: str
    as_of: date
    block: str | None
    rules: tuple[RuleRef, ...]
    display_from: date
    display_until: date
    publisher: str
    supervisor: str
    objection: str
    contact: str


async def drawn(request: Request) -> Draft:
    """What would be posted now; refusals as `publication.publish` tells them."""
    region, period = request.region, request.period
    board = await leaderboard.rank(region, period=period, block=request.block)
    scheme = await settings.read(region.village, Scheme)
    rows = snapshot.posted(board.rows, first_n=scheme.posted_first_n)
    chain = await ChainHead.get_or_none(village=region.village)
    if not rows or chain is None:
        raise NothingToPublish(
            region=region.code, period=period.text, taking_part=len(board.rows), earned=board.earned
        )
    around = await frame(request, scheme)
    earlier = Publication.filter(village=region.village, period=period.text)
    header = Header(
        **msgspec.structs.asdict(around),
        serial=f"{region.village}-{period.text}-{await earlier.count() + 1:02}",
        taking_part=len(board.rows),
        posted=len(rows),
        earned_total=board.earned,
        chain_seq=chain.seq,
        chain_head=chain.hash,
        published_at="",
    )
    current = await _current(request, period=period)
    homes = await Household.filter(id__in=[row.household for row in rows])
    return Draft(
        header=header,
        places=await _places(request, rows, homes={home.id: home for home in homes}),
        replaces=current.serial if current else "",
        unchosen=sum(not (home.name_wall and home.name_web) for home in homes),
        edge=_edge(board, posted=len(rows), first_n=scheme.posted_first_n),
    )


def _edge(board: Board, *, posted: int, first_n: int) -> Literal["", "kept", "dropped"]:
    wanted = min(first_n, len(board.rows) // 2, sum(row.earned > 0 for row in board.rows))
    return "kept" if posted > first_n else "dropped" if posted < wanted else ""


async def _current(request: Request, *, period: Period) -> Publication | None:
    """The list of the same region and block that stands for a period."""
    return await Publication.get_or_none(
        region=request.region.code,
        period=period.text,
        block=request.block or "",
        superseded_by="",
    )


async def frame(request: Request, scheme: Scheme) -> Frame:
    """What a paper says around its rows, hung from today on.

    Refuses with `DisplayDaysRefused` and `rules.errors.NoRuleBook`.
    """
    region, period, today = request.region, request.period, clock.today()
    days = scheme.display_days if request.days is None else request.days
    if not DISPLAY_DAYS_MIN <= days <= DISPLAY_DAYS_MAX:
        raise DisplayDaysRefused(days=days, days_min=DISPLAY_DAYS_MIN, days_max=DISPLAY_DAYS_MAX)
    above = await regions.lineage(region)
    names_of = {place.level: place.name for place in above}
    as_of = min(period.last, today)
    publisher = scheme.publisher or committee(names_of["village"])
    return Frame(
        village=region.village,
        region=region.code,
        region_name=full_name(above),
        township=names_of.get("township", ""),
        period=period.text,
        as_of=as_of,
        block=request.block,
        rules=await _rules(region.village, first=period.first, last=as_of),
        display_from=today,
        display_until=clock.after(today, days=days),
        publisher=publisher,
        supervisor=scheme.supervisor or supervision(names_of["village"]),
        objection=scheme.objection,
        # A list without anybody to object to may not hang.
        contact=scheme.contact or publisher,
    )


async def _rules(village: str, *, first: date, last: date) -> tuple[RuleRef, ...]:
    """The versions in force on any day from `first` to `last`, oldest first."""
    rows = await versions.published_rows(village)
    begun = timeline.within(versions.starts(rows), first=first, last=last)
    counted = [start.number for start in begun]
    by_number = {row.number: row for row in rows}
    if not counted:
        raise NoRuleBook(village=village, on=last)
    return tuple(
        RuleRef(number, by_number[number].title, by_number[number].adoption is not None)
        for number in counted
    )


async def _places(
    request: Request, rows: tuple[Row, ...], *, homes: dict[UUID, Household]
) -> tuple[Place, ...]:
    """The posted households with the names they chose, or that the voted book sets today."""
    village = request.region.village
    groups = {group.code: group.name for group in await regions.parts(village, level="group")}
    voted = await voted_forms(village)
    shown_before = await _posted_before(request)

    def content(row: Row, *, choice: str, medium: Medium) -> Content:
        home = homes[row.household]
        form = snapshot.name_form(choice, voted=voted[medium])
        # A place gained says where the household stood before: only if that was posted too,
        # and never for a household that wants no name, which it would join to the older list.
        known = form != "unnamed" and row.rank_before and row.rank_before <= shown_before
        return Content(
            rank=row.rank,
            name=names.shown(home.head, form=form),
            group=groups.get(home.group, ""),
            earned=row.earned,
            blocks=row.blocks,
            rank_before=row.rank_before if known else None,
        )

    return tuple(
        Place(
            row.household,
            content(row, choice=homes[row.household].name_wall, medium="wall"),
            content(row, choice=homes[row.household].name_web, medium="web"),
        )
        for row in rows
    )


async def voted_forms(village: str) -> dict[Medium, str]:
    """The name forms of the rule book in force today; empty while no vote adopted it."""
    rows = await versions.published_rows(village)
    start = timeline.current(versions.starts(rows), clock.today())
    for row in rows:
        if start and row.number == start.number and row.adoption is not None:
            return {"wall": row.name_wall, "web": row.name_web}
    return {"wall": "", "web": ""}


async def _posted_before(request: Request) -> int:
    """How many places were posted of the same ranking in the period before."""
    before = await _current(request, period=request.period.previous)
    return snapshot.parse(before.snapshot)[0].posted if before else 0


def full_name(lineage: Sequence[Region]) -> str:
    """A village, or a part of it behind the village's name: 槐庄村第二村民小组."""
    return "".join(
        place_name(place.name) if place.level == "village" else place.name
        for place in lineage
        if place.level in leaderboard.LEVELS
    )


def place_name(official_name: str) -> str:
    """A village as people call it: 槐庄村委会 is 槐庄村, 金润社区居民委员会 is 金润社区."""
    for ending in ("居民委员会", "居委会", "民委员会", "委会"):
        if official_name.endswith(ending):
            return official_name.removesuffix(ending)
    return official_name


def committee(official_name: str) -> str:
    """The body that publishes: 槐庄村民委员会, 金润社区居民委员会."""
    place = place_name(official_name)
    if place.endswith("社区"):
        return place + "居民委员会"
    return place + ("民委员会" if place.endswith("村") else "村民委员会")


def supervision(official_name: str) -> str:
    """The body that watches over it."""
    return "居务监督委员会" if place_name(official_name).endswith("社区") else "村务监督委员会"
