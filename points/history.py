"""What the ledger says, read back: a household's entries, one entry's whole reason, totals.

Every point has a reason that anyone can follow: entry, scoring item, clause, version, vote and
filing, evidence, who scored. Only reads, and only in the actor's reach; names of households are
shown to those alone who may read the register.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import database
from foundation.actors import Actor
from foundation.models import Attachment
from households import officials, regions, register
from households.errors import HouseholdNotFound, RegionNotFound
from households.models import Household, Official
from points import chain, ledger
from points.chain import Entry
from points.errors import EntryNotFound
from points.period import Period
from rules import rulebook
from rules.rulebook import Item, Version

PAGE_MAX, PAGE_SIZE_MAX = 1_000_000, 200
CHAIN_MAX = 1000


class Line(msgspec.Struct, frozen=True):
    """One entry as a list shows it.

    `number` and `head` are empty for those who may not read the register. `reason` is None when
    it was erased and empty when none was given, as on a month sheet. `recorder` is the official's
    name, or what the ledger itself says where there is no such official.
    """

    entry: Entry
    number: str
    head: str
    item_name: str
    reason: str | None
    reversed_by: UUID | None
    recorder: str


class Listing(msgspec.Struct, frozen=True):
    """One page of entries, the latest first, and how many there are on all pages."""

    rows: list[Line]
    total: int
    page: int
    page_size: int


class Evidence(msgspec.Struct, frozen=True):
    """A file kept with an entry; its content is an attachment of this id."""

    id: UUID
    name: str
    media_type: str
    size: int


class Story(msgspec.Struct, frozen=True):
    """Why an entry is there: everything that it rests on.

    `item` names its clause; `version` carries the villagers' vote and its filing. `reverses` and
    `reversed_by` are the entries that take back and are taken back.
    """

    line: Line
    item: Item | None
    version: Version | None
    evidence: Evidence | None
    reverses: Entry | None
    reversed_by: Entry | None


class MonthEarned(msgspec.Struct, frozen=True):
    """What a household earned in a month, in all and by block."""

    month: str
    earned: int
    blocks: dict[str, int]


async def subjects(households: Sequence[UUID]) -> list[str]:
    """What the audit log calls these households, their entries and the sheets of these.

    Names nothing of anybody: whoever reads the log's lines is asked there how far he may see.
    """
    among, listed = database.among("household_id", households)
    found = await database.rows(
        f"SELECT id, source FROM ledger_entry WHERE {among}",  # noqa: S608 - our names
        [listed],
    )
    sheets = {row["source"] for row in found if row["source"].startswith("sheet:")}
    entries = {f"entry:{row['id']}" for row in found}
    return [*(f"household:{one}" for one in households), *sorted(entries | sheets)]


async def balance(household_id: UUID, *, actor: Actor) -> int:
    """The sum of a household's entries. Refuses with `HouseholdNotFound`, `NotAllowed`."""
    await register.household(household_id, actor=actor, permission="entries.read")
    found = await database.rows(
        "SELECT balance FROM household_balance WHERE household_id = ?", [household_id]
    )
    return int(found[0]["balance"]) if found else 0


async def earned(household_id: UUID, *, actor: Actor) -> list[MonthEarned]:
    """What a household earned month by month, months without an entry left out.

    Refuses with `HouseholdNotFound`, `NotAllowed`.
    """
    await register.household(household_id, actor=actor, permission="entries.read")
    found = await database.rows(
        "SELECT month, block, earned FROM month_total WHERE household_id = ? ORDER BY month, block",
        [household_id],
    )
    months: dict[str, dict[str, int]] = defaultdict(dict)
    for row in found:
        months[row["month"]][row["block"]] = row["earned"]
    return [MonthEarned(month, sum(blocks.values()), blocks) for month, blocks in months.items()]


async def listing(
    actor: Actor,
    *,
    region: str = "",
    household_id: UUID | None = None,
    period: Period | None = None,
    block: str = "",
    item: str = "",
    kind: str = "",
    page: int = 1,
    page_size: int = 50,
) -> Listing:
    """Entries that fit, the latest first.

    Args:
        actor: who looks.
        region: code of the village, group or grid whose households are meant.
        household_id: one household, instead of a region.
        period: deeds of this month, quarter or year.
        block: one of the four blocks.
        item: an item's code, in whatever version.
        kind: award, reversal, base.
        page: from 1.
        page_size: at most 200.

    Refuses with `RegionNotFound`, `HouseholdNotFound`, `NotAllowed`.
    """
    where, values, named = await _reach(actor, region=region, household_id=household_id)
    for column, value in (("e.block", block), ("e.item_code", item), ("e.kind", kind)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if period:
        where.append("e.deed_on BETWEEN ? AND ?")
        values += [period.first, period.last]
    size, page = max(1, min(page_size, PAGE_SIZE_MAX)), max(1, min(page, PAGE_MAX))
    [counted] = await database.rows(
        f"SELECT COUNT(*) AS total FROM ledger_entry e WHERE {' AND '.join(where)}",  # noqa: S608 - no value in it
        values,
    )
    found = await _lines(
        f"{' AND '.join(where)} ORDER BY e.seq DESC LIMIT {size} OFFSET {(page - 1) * size}",
        values,
        named=named,
    )
    return Listing([line for line, _ in found], int(counted["total"]), page, size)


async def story(entry_id: UUID, *, actor: Actor) -> Story:
    """Everything an entry rests on. Refuses with `EntryNotFound`, `NotAllowed`."""
    entry = await ledger.find(entry_id)
    try:
        await register.household(entry.household_id, actor=actor, permission="entries.read")
    except HouseholdNotFound:
        raise EntryNotFound(id=entry_id) from None
    return await _told(entry, named=await _names_shown(actor, entry.household_id))


async def own_story(entry_id: UUID, *, household_id: UUID) -> Story:
    """The same for the household itself. Refuses with `EntryNotFound` for another's entry."""
    entry = await ledger.find(entry_id)
    if entry.household_id != household_id:
        raise EntryNotFound(id=entry_id)
    return await _told(entry, named=True)


async def own_lines(
    household_id: UUID, *, after_seq: int = 0, until_seq: int | None = None
) -> list[Line]:
    """A household's entries for itself, the oldest first.

    Args:
        household_id: whose.
        after_seq: only those behind this one in the ledger.
        until_seq: none behind this one; None for no end.
    """
    where, values = "e.household_id = ? AND e.seq > ?", [household_id, after_seq]
    if until_seq is not None:
        where, values = f"{where} AND e.seq <= ?", [*values, until_seq]
    found = await _lines(f"{where} ORDER BY e.seq", values, named=True)
    return [line for line, _ in found]


async def own_page(household_id: UUID, *, page: int, page_size: int) -> Listing:
    """A page of a household's entries for itself, the latest first."""
    size, page = max(1, min(page_size, PAGE_SIZE_MAX)), max(1, min(page, PAGE_MAX))
    [counted] = await database.rows(
        "SELECT COUNT(*) AS total FROM ledger_entry WHERE household_id = ?", [household_id]
    )
    found = await _lines(
        f"e.household_id = ? ORDER BY e.seq DESC LIMIT {size} OFFSET {(page - 1) * size}",
        [household_id],
        named=True,
    )
    return Listing([line for line, _ in found], int(counted["total"]), page, size)


async def _told(entry: Entry, *, named: bool) -> Story:
    [(line, evidence_id)] = await _lines("e.id = ?", [entry.id], named=named)
    item = await rulebook.item(entry.item_id) if entry.item_id else None
    return Story(
        line=line,
        item=item,
        version=await rulebook.version(item.version_id) if item else None,
        evidence=await _evidence(evidence_id),
        reverses=await ledger.find(entry.reverses_id) if entry.reverses_id else None,
        reversed_by=await ledger.find(line.reversed_by) if line.reversed_by else None,
    )


async def _reach(
    actor: Actor, *, region: str, household_id: UUID | None
) -> tuple[list[str], list[Any], bool]:
    """Conditions and values for the entries meant, and whether names may be shown with them."""
    if household_id is not None:
        await register.household(household_id, actor=actor, permission="entries.read")
        return ["e.household_id = ?"], [household_id], await _names_shown(actor, household_id)
    place = await regions.find(region, actor=actor, permission="entries.read")
    where, values = ["e.village = ?"], [place.village]
    if place.level != "village":
        belongs = '"group" = ?' if place.level == "group" else "(grid = ? OR grid LIKE ?)"
        where.append(
            f"e.household_id IN (SELECT id FROM household WHERE village = ? AND {belongs})"  # noqa: S608 - no value in it
        )
        values += [place.village, place.code]
        values += [] if place.level == "group" else [f"{place.code}-%"]
    prefixes = officials.scope(actor, "register.read")
    return where, values, prefixes is None or place.path.startswith(tuple(prefixes))


async def _names_shown(actor: Actor, household_id: UUID) -> bool:
    reach = register.scope_query(actor, "register.read")
    return await Household.filter(reach, id=household_id).exists()


async def _lines(
    condition: str, values: list[Any], *, named: bool
) -> list[tuple[Line, UUID | None]]:
    """Entries by a condition, each with the id of its evidence if it has any."""
    columns = ", ".join(f"e.{name}" for name in chain.COLUMNS)
    found = await database.rows(
        f"SELECT {columns}, h.number, h.head, i.name AS item_name, q.reason, q.evidence_id, "  # noqa: S608 - no value in it
        "r.id AS reversed_by FROM ledger_entry e "
        "LEFT JOIN household h ON h.id = e.household_id "
        "LEFT JOIN scoring_item i ON i.id = e.item_id "
        "LEFT JOIN entry_reason q ON q.entry_id = e.id "
        f"LEFT JOIN ledger_entry r ON r.reverses_id = e.id WHERE {condition}",
        values,
    )
    recorders = await _names({row["recorded_by"] for row in found})
    return [
        (
            Line(
                entry=chain.entry_of(row),
                number=(row["number"] or "") if named else "",
                head=row["head"] if named else "",
                item_name=row["item_name"] or "",
                reason=row["reason"] if row["reason_digest"] else "",
                reversed_by=_uuid(row["reversed_by"]),
                recorder=recorders.get(row["recorded_by"], row["recorded_by"]),
            ),
            _uuid(row["evidence_id"]),
        )
        for row in found
    ]


def _uuid(value: Any) -> UUID | None:
    return UUID(str(value)) if value else None


async def _names(labels: set[str]) -> dict[str, str]:
    """Officials' names by what the ledger calls them; the operator is no official."""
    ids = [label for label in labels if not label.startswith("operator:")]
    return {str(one.id): one.name for one in await Official.filter(id__in=ids)}


async def _evidence(evidence_id: UUID | None) -> Evidence | None:
    """What is kept as evidence, unless it has been erased."""
    if evidence_id is None:
        return None
    kept = await Attachment.get_or_none(id=evidence_id).only("id", "name", "media_type", "size")
    return Evidence(kept.id, kept.name, kept.media_type, kept.size) if kept else None


async def chain_after(
    village: str, *, after: int, limit: int, actor: Actor
) -> tuple[list[Entry], bool]:
    """A village's entries in the order of its chain, those after a number; hashes included.

    At most 1000 at once, and whether there are more. Without names and reasons: with it anybody
    whom the ledger is shown to can check the chain himself (docs/formats.md). Refuses with
    `RegionNotFound`, `NotAllowed`.
    """
    place = await regions.find(village, actor=actor, permission="entries.read")
    if place.level != "village":
        raise RegionNotFound(code=village)
    columns, limit = ", ".join(chain.COLUMNS), max(1, min(limit, CHAIN_MAX))
    found = await database.rows(
        f"SELECT {columns} FROM ledger_entry WHERE village = ? AND seq > ? "  # noqa: S608 - ours
        "ORDER BY seq LIMIT ?",
        [village, after, limit + 1],
    )
    return [chain.entry_of(row) for row in found[:limit]], len(found) > limit
