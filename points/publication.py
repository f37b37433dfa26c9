"""Posting a list: freeze what a leaderboard says today, sign it, and take names down again.

A publication is never changed and never deleted; a correction is a new one that supersedes it.
Posts the first places only, under the names that the households chose. Never stores a household's
number, id, phone, address, tier or anything else about it in what is posted.
"""

import base64
from datetime import date
from uuid import UUID

import msgspec

from foundation import attachments, audit, clock, database, signing
from foundation.actors import Actor
from households import names, regions, settings
from households.errors import HouseholdNotFound
from households.models import Household, Region
from points import leaderboard, ledger, published, snapshot
from points.errors import (
    DisplayDaysRefused,
    IdTaken,
    LedgerBusy,
    NothingToPublish,
    PublicationDateRefused,
)
from points.leaderboard import Board, Row
from points.models import ChainHead, Publication, PublicationRow
from points.period import Period
from points.scheme import DISPLAY_DAYS_MAX, DISPLAY_DAYS_MIN, Scheme
from points.snapshot import Content, Header, Medium, RuleRef
from rules import timeline, versions
from rules.errors import NoRuleBook

ATTEMPTS_MAX = 5


class Place(msgspec.Struct, frozen=True):
    """A household on the list, and what is posted of it on each medium."""

    household: UUID
    wall: Content
    web: Content


class Draft(msgspec.Struct, frozen=True):
    """What would be posted now. Equal drafts come from an unchanged store."""

    header: Header
    places: tuple[Place, ...]


class Receipt(msgspec.Struct, frozen=True):
    """What publishing gives back; `rows` is the number of households posted."""

    serial: str
    hash: str
    rows: int


class Request(msgspec.Struct, frozen=True):
    """What somebody wants posted."""

    region: Region
    period: Period
    block: str | None
    days: int | None


async def preview(
    code: str, *, period: Period, block: str | None = None, days: int | None = None, by: Actor
) -> Draft:
    """What `publish` would post now, with the serial it would get. Refuses as `publish` does."""
    region = await regions.find(code, actor=by, permission="publications.write")
    return await _draft(Request(region, period, block, days))


async def publish(
    code: str,
    *,
    id: UUID,
    period: Period,
    block: str | None = None,
    days: int | None = None,
    by: Actor,
) -> Receipt:
    """Freeze, sign and store the list of a region and period; supersede an earlier one.

    Args:
        code: a village, group or grid.
        id: made by the client; a repeated request with it gives the same receipt.
        period: may still be running; the list then says up to which day it counts.
        block: post the ranking of one block alone.
        days: how many calendar days it hangs; None takes the village's setting.
        by: needs publications.write there.

    Refuses with `NothingToPublish`, `DisplayDaysRefused`, `NoLeaderboardHere`, `BlockUnknown`,
    `IdTaken`, `LedgerBusy`,
    `rules.errors.NoRuleBook`, and as `regions.find` does.
    """
    region = await regions.find(code, actor=by, permission="publications.write")
    request = Request(region, period, block, days)
    for _ in range(ATTEMPTS_MAX):
        if receipt := await _receipt(id, request):
            return receipt
        draft = await _draft(request)
        # Nothing is signed inside a transaction. So the list is drawn and signed first, and is
        # stored only if, with postings locked out, the same list would be drawn again.
        rows = _rows(draft)
        header = msgspec.structs.replace(draft.header, published_at=clock.stamp(clock.now()))
        text = snapshot.text(header, lines=[line for _, line in rows])
        signature = signing.sign(snapshot.signed_message(snapshot.hash_of(text)))
        if await _freeze(id, request, draft, text=text, signature=signature, rows=rows, by=by):
            return Receipt(header.serial, snapshot.hash_of(text), len(draft.places))
    raise LedgerBusy(village=region.village)


async def _receipt(id: UUID, request: Request) -> Receipt | None:
    """What an earlier request with this id was given."""
    kept = await Publication.get_or_none(request_id=id)
    if kept is None:
        return None
    asked = (request.region.code, request.period.text, request.block or "")
    if (kept.region, kept.period, kept.block) != asked:
        raise IdTaken(id=str(id))
    header, _ = snapshot.parse(kept.snapshot)
    return Receipt(kept.serial, kept.hash, header.posted)


@database.transaction
async def _freeze(
    id: UUID,
    request: Request,
    draft: Draft,
    *,
    text: str,
    signature: bytes,
    rows: list[tuple[UUID, snapshot.Line]],
    by: Actor,
) -> bool:
    """Store the signed list unless the store moved on since it was drawn."""
    header, village = draft.header, request.region.village
    # The lock of every posting: from here on the village's ledger stands still.
    await ledger.lock(village)
    if await _receipt(id, request) or await _draft(request) != draft:
        return False
    await Publication.filter(
        region=header.region, period=header.period, block=header.block or "", superseded_by=""
    ).update(superseded_by=header.serial)
    await Publication.create(
        serial=header.serial,
        request_id=id,
        village=village,
        region=header.region,
        period=header.period,
        block=header.block or "",
        snapshot=text,
        hash=snapshot.hash_of(text),
        signature=base64.b64encode(signature).decode(),
        public_key=base64.b64encode(signing.public_key()).decode(),
        chain_seq=header.chain_seq,
        chain_hash=header.chain_head,
        display_from=header.display_from,
        display_until=header.display_until,
        published_at=clock.now(),
        published_by=by.label,
    )
    await PublicationRow.bulk_create(
        PublicationRow(
            publication_id=header.serial,
            medium=line.medium,
            position=line.position,
            household_id=household,
            digest=line.digest,
            salt=line.salt,
            content=line.content,
        )
        for household, line in rows
    )
    await audit.note(
        by,
        "publications.publish",
        village=village,
        subject=f"publication:{header.serial}",
        hash=snapshot.hash_of(text),
        rows=header.posted,
    )
    return True


def _rows(draft: Draft) -> list[tuple[UUID, snapshot.Line]]:
    """All rows with fresh salts: the wall's, then the web's."""
    media: tuple[Medium, ...] = snapshot.MEDIA
    return [
        (place.household, snapshot.line(medium, position=at, content=getattr(place, medium)))
        for medium in media
        for at, place in enumerate(draft.places, start=1)
    ]


# -- drawing up ----------------------------------------------------------------------------


async def _draft(request: Request) -> Draft:
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


# -- after posting -------------------------------------------------------------------------


@database.transaction
async def mark_hung(serial: str, *, on: date, by: Actor) -> None:
    """Record the day on which the poster went up.

    Refuses with `PublicationNotFound`, and with `PublicationDateRefused` before the day of
    publication, after today, or after it came down.
    """
    kept = await published.find(serial, actor=by, permission="publications.write")
    first, last = kept.display_from, kept.taken_down_on or clock.today()
    if not first <= on <= last:
        raise PublicationDateRefused(on=on, first=first, last=last)
    await Publication.filter(serial=serial).update(hung_on=on)
    await audit.note(
        by, "publications.hung", village=kept.village, subject=f"publication:{serial}", on=str(on)
    )


@database.transaction
async def mark_taken_down(serial: str, *, on: date, by: Actor) -> None:
    """Record the day on which the poster came down; the web shows no rows from then on.

    Refuses with `PublicationNotFound`, and with `PublicationDateRefused` before the day it was
    hung (or published, if nobody recorded that) or after today.
    """
    kept = await published.find(serial, actor=by, permission="publications.write")
    first, last = kept.hung_on or kept.display_from, clock.today()
    if not first <= on <= last:
        raise PublicationDateRefused(on=on, first=first, last=last)
    await Publication.filter(serial=serial).update(taken_down_on=on)
    await audit.note(
        by,
        "publications.taken_down",
        village=kept.village,
        subject=f"publication:{serial}",
        on=str(on),
    )


@database.transaction
async def withdraw_name(household_id: UUID, *, by: Actor) -> int:
    """Erase a household from every posted list; the digests stay, so the proof stands.

    Rendered posters that show it are forgotten with it. Returns how many lists it was on.
    Refuses with `HouseholdNotFound`, also outside the actor's reach, or `NotAllowed`.
    """
    household = await Household.get_or_none(id=household_id)
    if household is None:
        raise HouseholdNotFound(id=str(household_id))
    await regions.find(household.village, actor=by, permission="publications.write")
    rows = PublicationRow.filter(household_id=household_id)
    serials = set(await rows.values_list("publication_id", flat=True))
    await rows.update(salt=None, content=None, household_id=None)
    for serial in serials:
        for paper in published.PAPERS:
            await attachments.forget(published.poster_id(str(serial), paper=paper))
    await audit.note(
        by,
        "publications.withdraw_name",
        village=household.village,
        subject=f"household:{household_id}",
        publications=len(serials),
    )
    return len(serials)
