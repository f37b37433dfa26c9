"""Drawing up a list: what it would say now, from the board, the rule book and the choices made.

Reads only; points/publication.py freezes what is drawn here. Whatever a household asked not to be
posted is left out here already, so that nothing behind this room can post it.
"""

from datetime import date
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
    """What would be posted now. Equal drafts come from an unchanged store."""

    header: Header
    places: tuple[Place, ...]


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
    header = await _header(request, board, scheme, chain=chain, posted=len(rows))
    return Draft(header, await _places(request, rows))


async def _header(
    request: Request, board: Board, scheme: Scheme, *, chain: ChainHead, posted: int
) -> Header:
    region, period, today = request.region, request.period, clock.today()
    days = scheme.display_days if request.days is None else request.days
    if not DISPLAY_DAYS_MIN <= days <= DISPLAY_DAYS_MAX:
        raise DisplayDaysRefused(days=days, days_min=DISPLAY_DAYS_MIN, days_max=DISPLAY_DAYS_MAX)
    above = await regions.lineage(region)
    names_of = {place.level: place.name for place in above}
    village = place_name(names_of["village"])
    earlier = await Publication.filter(village=region.village, period=period.text).count()
    as_of = min(period.last, today)
    return Header(
        serial=f"{region.village}-{period.text}-{earlier + 1:02}",
        village=region.village,
        region=region.code,
        region_name=village + "".join(r.name for r in above if r.level in regions.LOCAL_LEVELS),
        township=names_of.get("township", ""),
        period=period.text,
        as_of=as_of,
        block=request.block,
        rules=await _rules(region.village, first=period.first, last=as_of),
        taking_part=len(board.rows),
        posted=posted,
        earned_total=board.earned,
        chain_seq=chain.seq,
        chain_head=chain.hash,
        display_from=today,
        display_until=clock.after(today, days=days),
        publisher=scheme.publisher or committee(names_of["village"]),
        supervisor=scheme.supervisor or supervision(names_of["village"]),
        objection=scheme.objection,
        contact=scheme.contact,
        published_at="",
    )


async def _rules(village: str, *, first: date, last: date) -> tuple[RuleRef, ...]:
    """The versions in force on any day from `first` to `last`, oldest first."""
    rows = await versions.published_rows(village)
    begun = versions.starts(rows)
    counted = []
    for start in sorted(begun):
        ended = timeline.until(start, begun)
        if start.on <= last and (ended is None or ended >= max(first, start.on)):
            counted.append(start.number)
    by_number = {row.number: row for row in rows}
    if not counted:
        raise NoRuleBook(village=village, on=last)
    return tuple(
        RuleRef(number, by_number[number].title, by_number[number].adoption is not None)
        for number in counted
    )


async def _places(request: Request, rows: tuple[Row, ...]) -> tuple[Place, ...]:
    """The posted households with the names they chose, or that the voted book sets today."""
    village = request.region.village
    homes = {h.id: h for h in await Household.filter(id__in=[row.household for row in rows])}
    groups = {group.code: group.name for group in await regions.parts(village, level="group")}
    voted = await _voted_forms(village)
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


async def _voted_forms(village: str) -> dict[Medium, str]:
    """The name forms of the rule book in force today; empty while no vote adopted it."""
    rows = await versions.published_rows(village)
    start = timeline.current(versions.starts(rows), clock.today())
    for row in rows:
        if start and row.number == start.number and row.adoption is not None:
            return {"wall": row.name_wall, "web": row.name_web}
    return {"wall": "", "web": ""}


async def _posted_before(request: Request) -> int:
    """How many places were posted of the same ranking in the period before."""
    before = await Publication.get_or_none(
        region=request.region.code,
        period=request.period.previous.text,
        block=request.block or "",
        superseded_by="",
    )
    return snapshot.parse(before.snapshot)[0].posted if before else 0


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
