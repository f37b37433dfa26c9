"""A household's passbook as the household itself reads it: balance, entries, its posted place.

Only the household's own figures, and none that hint at another's: a place is told where the village
shows it and a list that hangs has it, and never worked out beyond. Nothing about single members, no
tier, no visit. Who scored is told as an office, see docs/decisions.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from foundation import clock, database
from households import directory, settings
from households.models import Household, Passbook, Region
from households.names import Form
from points import draft, history, snapshot
from points.history import Line, Story
from points.models import Publication, PublicationRow
from points.period import Period
from points.scheme import Line as Text
from points.scheme import Scheme
from rules import rulebook

PAGE_SIZE = 20


class PassbookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What households and the public are shown besides; section "passbook" of the settings.

    Attributes:
        show_place: whether a household that is on a hanging list reads its place on its own page.
        office: where the village office is and when somebody is there, for the public page.
        office_phone: the office's number, for the public page; never a person's.
    """

    section: ClassVar[str] = "passbook"

    show_place: bool = False
    office: Text = ""
    office_phone: Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[0-9 ()+-]*$")] = ""


class Posted(msgspec.Struct, frozen=True):
    """The household's place on a list that hangs."""

    serial: str
    period: Period
    rank: int
    display_from: date
    display_until: date


class Book(msgspec.Struct, frozen=True):
    """The first page of a passbook. `name_...` are the recorded choices, `default_...` what is
    posted while there is none; `reset_at` is when the office took the PIN back last."""

    household: UUID
    number: str
    head: str
    village: str
    village_name: str
    township: str
    balance: int
    earned: int
    period: Period
    posted: Posted | None
    name_wall: str
    name_web: str
    name_chosen_on: date | None
    name_chosen_how: str
    default_wall: Form
    default_web: Form
    pin_set_at: datetime | None
    reset_at: datetime | None


class Entry(msgspec.Struct, frozen=True):
    """A line of the passbook: what, under which clause of which version, who scored.

    `role` is the office of who recorded it: one of the roles, "operator" for the program's own
    keeper, empty for somebody who serves the village no more.
    """

    line: Line
    clause: str
    version: int
    role: str


class Told(msgspec.Struct, frozen=True):
    """One entry with all that it rests on; `reversal_role` is who took it back."""

    story: Story
    role: str
    reversal_role: str


async def book(household_id: UUID) -> Book:
    """A household's balance, what it earned in the running period, and how it is posted."""
    kept = await Household.get(id=household_id)
    scheme = await settings.read(kept.village, Scheme)
    period = Period.of(clock.today(), kind=scheme.posted_period)
    village, township = await _places(kept.village)
    forms = await draft.voted_forms(kept.village)
    card = await Passbook.get_or_none(household_id=household_id)
    return Book(
        household=household_id,
        number=kept.number or "",
        head=kept.head,
        village=kept.village,
        village_name=village,
        township=township,
        balance=await balance(household_id),
        earned=await _earned(household_id, period),
        period=period,
        posted=await _posted(kept),
        name_wall=kept.name_wall,
        name_web=kept.name_web,
        name_chosen_on=kept.name_chosen_on,
        name_chosen_how=kept.name_chosen_how,
        default_wall=snapshot.name_form("", voted=forms["wall"]),
        default_web=snapshot.name_form("", voted=forms["web"]),
        pin_set_at=card.pin_set_at if card else None,
        reset_at=card.reset_at if card else None,
    )


async def _places(code: str) -> tuple[str, str]:
    """The village as people call it, and its township."""
    region = await Region.get(code=code)
    above = await Region.filter(code__in=region.path.split("/"), level="township").first()
    return draft.place_name(region.name), above.name if above else ""


async def balance(household_id: UUID) -> int:
    """The sum of a household's entries, as the ledger keeps it."""
    found = await database.rows(
        "SELECT balance FROM household_balance WHERE household_id = ?", [household_id]
    )
    return int(found[0]["balance"]) if found else 0


async def _earned(household_id: UUID, period: Period) -> int:
    [found] = await database.rows(
        "SELECT COALESCE(SUM(earned), 0) AS earned FROM month_total "
        "WHERE household_id = ? AND month BETWEEN ? AND ?",
        [household_id, period.months[0], period.months[-1]],
    )
    return int(found["earned"])


async def _posted(kept: Household) -> Posted | None:
    """Its place on the village's list that hangs last, where the village shows that at all."""
    if not (await settings.read(kept.village, PassbookSettings)).show_place:
        return None
    today = clock.today()
    lists = Publication.filter(
        region=kept.village,
        block="",
        superseded_by="",
        taken_down_on=None,
        display_until__gte=today,
    )
    newest = await lists.order_by("-published_at", "-serial").first()
    if newest is None:
        return None
    row = await PublicationRow.filter(
        publication_id=newest.serial, medium="wall", household_id=kept.id
    ).first()
    if row is None or row.content is None:
        return None
    return Posted(
        serial=newest.serial,
        period=Period(newest.period),
        rank=snapshot.read_content(row.content).rank,
        display_from=newest.display_from,
        display_until=newest.display_until,
    )


async def entries(
    household_id: UUID, *, village: str, page: int, page_size: int = PAGE_SIZE
) -> tuple[list[Entry], int]:
    """A page of a household's entries, the latest first, and how many there are."""
    found = await history.own_page(household_id, page=page, page_size=page_size)
    return await explained(found.rows, village=village), found.total


async def explained(lines: list[Line], *, village: str) -> list[Entry]:
    """Lines of the ledger with clause, version and the office that recorded them."""
    roles = await directory.roles((line.entry.recorded_by for line in lines), village=village)
    return [await _entry(line, roles) for line in lines]


async def _entry(line: Line, roles: dict[str, str]) -> Entry:
    label = line.entry.recorded_by
    role = "operator" if label.startswith("operator:") else roles.get(label, "")
    if line.entry.item_id is None:
        return Entry(line, "", 0, role)
    item = await rulebook.item(line.entry.item_id)
    return Entry(line, item.clause_number, item.version_number, role)


async def told(entry_id: UUID, *, household_id: UUID, village: str) -> Told:
    """Why an entry is there. Refuses with `EntryNotFound` for another household's."""
    story = await history.own_story(entry_id, household_id=household_id)
    labels = [story.line.entry.recorded_by]
    labels += [story.reversed_by.recorded_by] if story.reversed_by else []
    roles = await directory.roles(labels, village=village)
    words = ["operator" if one.startswith("operator:") else roles.get(one, "") for one in labels]
    return Told(story, words[0], words[1] if story.reversed_by else "")
