"""Reading what was posted: for officials, for the public page, and for who must act next.

The public reads a list while it is on display and not a day longer: afterwards only header,
digests and counts. Officials keep the village's own record, less the names taken down since.
"""

import base64
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from tortoise.expressions import Q, Subquery

from foundation import changes, clock, database, signing
from foundation.actors import Actor
from households import officials, regions
from households.errors import RegionNotFound
from households.models import Region, VillageSetting
from households.names import UNNAMED
from points import snapshot
from points.errors import PublicationNotFound
from points.models import Publication, PublicationRow
from points.period import Period
from points.scheme import Scheme
from points.snapshot import Content, Header, Line, Medium

Paper = Literal["A4", "A3"]
PAPERS: tuple[Paper, ...] = ("A4", "A3")
State = Literal["shown", "superseded", "ended"]
Wall = Literal["to_hang", "hanging", "to_take_down", "taken_down", "superseded", "elsewhere"]


class Shown(msgspec.Struct, frozen=True):
    """A row as a page or poster shows it; `removed`: taken down at the household's wish."""

    position: int
    rank: int
    name: str
    unnamed: bool
    group: str
    earned: int
    blocks: dict[str, int]
    rank_before: int | None
    removed: bool


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A publication with its rows on one medium."""

    header: Header
    hash: str
    fingerprint: str
    key_id: str
    state: State
    superseded_by: str
    hung_on: date | None
    taken_down_on: date | None
    received_at: datetime | None
    rows: tuple[Shown, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the public page needs, and what the reader's browser checks by itself.

    `lines` are the web's rows; salt and content are there only while the list is on display.
    """

    view: View
    snapshot: str
    signature: str
    public_key: str
    lines: tuple[Line, ...]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A publication in a list of them."""

    serial: str
    region: str
    region_name: str
    period: str
    block: str | None
    posted: int
    display_from: date
    display_until: date
    hung_on: date | None
    taken_down_on: date | None
    superseded_by: str
    state: State
    wall: Wall


class Due(msgspec.Struct, frozen=True):
    """A village that has scored a period that is over, and not posted it."""

    village: str
    village_name: str
    period: str
    since: date


def state_of(kept: Publication) -> State:
    """Whether the public may see rows today."""
    if kept.superseded_by:
        return "superseded"
    over = kept.taken_down_on is not None or clock.today() > kept.display_until
    return "ended" if over else "shown"


def wall_of(kept: Publication) -> Wall:
    """What is to be done about the paper: a list past its day or superseded must come down.

    One that nobody recorded as hung has no paper to take down, and of one that was handed in
    from elsewhere the village itself looks after the paper.
    """
    if kept.received_at is not None:
        return "elsewhere"
    if kept.taken_down_on is not None:
        return "taken_down"
    if kept.superseded_by:
        return "to_take_down" if kept.hung_on else "superseded"
    if clock.today() > kept.display_until:
        return "to_take_down" if kept.hung_on else "taken_down"
    return "hanging" if kept.hung_on else "to_hang"


def poster_id(serial: str, *, paper: Paper) -> UUID:
    """The attachment in which a rendered poster is kept: one for each list and paper size."""
    return uuid5(NAMESPACE_URL, f"xiangyue:poster:{serial}:{paper}")


async def find(serial: str, *, actor: Actor, permission: str) -> Publication:
    """A publication within the actor's reach. Refuses with `PublicationNotFound`, `NotAllowed`."""
    kept = await Publication.get_or_none(serial=serial)
    if kept is None:
        raise PublicationNotFound(serial=serial[:60])
    # A village that keeps its books elsewhere has its groups there, too.
    place = await Region.get_or_none(code=kept.region) or await Region.get(code=kept.village)
    try:
        officials.require(actor, permission, place)
    except RegionNotFound:
        raise PublicationNotFound(serial=serial[:60]) from None
    return kept


async def view(serial: str, *, medium: Medium = "wall", actor: Actor) -> View:
    """A publication as the village's officials read it. Refuses as `find` does."""
    kept = await find(serial, actor=actor, permission="publications.read")
    return _view(kept, await lines(kept, medium=medium))


async def page(serial: str) -> Page:
    """A publication as anybody may read it. Refuses with `PublicationNotFound`."""
    kept = await Publication.get_or_none(serial=serial)
    if kept is None:
        raise PublicationNotFound(serial=serial[:60])
    shows = state_of(kept) == "shown"
    rows = await lines(kept, medium="web")
    if not shows:
        rows = tuple(Line(row.medium, row.position, row.digest) for row in rows)
    return Page(
        view=_view(kept, rows if shows else ()),
        snapshot=kept.snapshot,
        signature=kept.signature,
        public_key=kept.public_key,
        lines=rows,
    )


async def lines(kept: Publication, *, medium: Medium) -> tuple[Line, ...]:
    """A publication's rows on one medium, in order, erased ones without content."""
    found = await PublicationRow.filter(publication_id=kept.serial, medium=medium)
    rows = sorted(found, key=lambda row: row.position)
    return tuple(Line(medium, row.position, row.digest, row.salt, row.content) for row in rows)


def _view(kept: Publication, rows: tuple[Line, ...]) -> View:
    header, _ = snapshot.parse(kept.snapshot)
    return View(
        header=header,
        hash=kept.hash,
        fingerprint=snapshot.fingerprint(kept.hash),
        key_id=signing.key_id(base64.b64decode(kept.public_key)),
        state=state_of(kept),
        superseded_by=kept.superseded_by,
        hung_on=kept.hung_on,
        taken_down_on=kept.taken_down_on,
        received_at=kept.received_at,
        rows=shown(rows),
    )


def shown(lines: Iterable[Line]) -> tuple[Shown, ...]:
    """Rows in the order of the list; an erased one keeps its place and nothing else.

    Its rank is the place it stands at, or its neighbour's below if they were equal.
    """
    result: list[Shown] = []
    for line in reversed(list(lines)):
        content, below = line.shown, result[-1].rank if result else line.position
        if content is None:
            rank = min(below, line.position)
            result.append(Shown(line.position, rank, "", True, "", 0, {}, None, True))
        else:
            result.append(shown_row(content, position=line.position))
    return tuple(reversed(result))


def shown_row(content: Content, *, position: int) -> Shown:
    """One row that is there."""
    return Shown(
        position=position,
        rank=content.rank,
        name=content.name,
        unnamed=content.name == UNNAMED,
        group=content.group,
        earned=content.earned,
        blocks=content.blocks,
        rank_before=content.rank_before,
        removed=False,
    )


# -- lists of publications -----------------------------------------------------------------


async def listing(
    actor: Actor,
    *,
    village: str | None = None,
    region: str = "",
    period: Period | None = None,
    state: State | Literal[""] = "",
    since: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Listed], int]:
    """Publications within the actor's reach, the newest first, and how many there are.

    `since` is a cursor of the change feed: only lists that changed after it. Refuses with
    `CursorUnknown`.
    """
    query = _within(actor, "publications.read")
    if village:
        query &= Q(village=village)
    if region:
        query &= Q(region=region)
    if state:
        query &= _in_state(state)
    if since:
        query &= Q(serial__in=await changes.keys("publication", since=since))
    if period:
        query &= Q(period=period.text)
    found = Publication.filter(query)
    kept = await found.order_by("-published_at", "-serial").limit(limit).offset(offset)
    return [listed(each) for each in kept], await found.count()


def _in_state(state: State) -> Q:
    """The condition that says what `state_of` says."""
    ended = Q(taken_down_on__not_isnull=True) | Q(display_until__lt=clock.today())
    return {
        "superseded": ~Q(superseded_by=""),
        "ended": Q(superseded_by="") & ended,
        "shown": Q(superseded_by="") & ~ended,
    }[state]


async def on_walls(actor: Actor) -> list[Listed]:
    """The lists that wait to be hung, hang, or should have come down: who must act, and where.

    Those past their day come first.
    """
    query = _within(actor, "publications.read") & Q(taken_down_on=None)
    kept = [listed(each) for each in await Publication.filter(query).order_by("display_until")]
    order: list[Wall] = ["to_take_down", "to_hang", "hanging"]
    return sorted((x for x in kept if x.wall in order), key=lambda x: order.index(x.wall))


async def due(actor: Actor) -> list[Due]:
    """Villages that scored in the period that ended last, and have not posted it yet."""
    villages = {
        region.code: region
        for region in await regions.visible(actor, "publications.write")
        if region.level == "village"
    }
    kept = await VillageSetting.filter(section=Scheme.section, village__in=list(villages))
    schemes = {each.village: msgspec.convert(each.value, Scheme) for each in kept}
    result = []
    for kind in ("month", "quarter", "year"):
        period = Period.of(clock.today(), kind=kind).previous
        scored = await _scored(period)
        lists = await Publication.filter(period=period.text, block="")
        posted = {each.region for each in lists}
        result += [
            Due(code, region.name, period.text, clock.after(period.last, days=1))
            for code, region in villages.items()
            if schemes.get(code, Scheme()).posted_period == kind
            and code in scored
            and code not in posted
        ]
    return result


async def _scored(period: Period) -> set[str]:
    """Villages with a counted entry in the period; one look into the index for each village."""
    found = await database.rows(
        "SELECT code FROM region r WHERE level = 'village' AND EXISTS (SELECT 1 FROM month_total m"
        " WHERE m.village = r.code AND m.month BETWEEN ? AND ?)",
        [period.months[0], period.months[-1]],
    )
    return {str(line["code"]) for line in found}


def _within(actor: Actor, permission: str) -> Q:
    """Publications of regions in the actor's reach, told by the regions' place in the tree."""
    prefixes = officials.scope(actor, permission)
    if prefixes is None:
        return Q()
    places = Q(*(Q(path__startswith=prefix) for prefix in prefixes), join_type=Q.OR)
    inside = Region.filter(places if prefixes else Q(code="")).values_list("code", flat=True)
    received = Q(received_at__isnull=False, village__in=Subquery(inside))
    return Q(Q(region__in=Subquery(inside)), received, join_type=Q.OR)


def listed(kept: Publication) -> Listed:
    """A publication as a line of a list of them."""
    header, _ = snapshot.parse(kept.snapshot)
    return Listed(
        serial=kept.serial,
        region=kept.region,
        region_name=header.region_name,
        period=kept.period,
        block=header.block,
        posted=header.posted,
        display_from=kept.display_from,
        display_until=kept.display_until,
        hung_on=kept.hung_on,
        taken_down_on=kept.taken_down_on,
        superseded_by=kept.superseded_by,
        state=state_of(kept),
        wall=wall_of(kept),
    )
