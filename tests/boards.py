"""Villages with points in them, for boards and lists to be drawn from. Invented people only.

`post` writes rows of its own so that every kind and any sum can stand in a ledger, those too that
no verb posts yet; what the ledger's verbs do is tested beside them.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import villages

from foundation import clock, database
from foundation.actors import Actor, Duty, operator
from households import names
from households.models import Household, Region
from points import chain, ledger
from points.models import ChainHead
from rules import adoption, rulebook
from rules.drafts import Draft, DraftClause
from rules.votes import Adoption

VILLAGE = "610428106221"
NOW = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
OPERATOR = operator("test")


async def village(code: str = VILLAGE, *, name: str = "槐庄村委会", groups: int = 2) -> Region:
    """A village with its county, township, groups, one grid and a micro-grid in it."""
    path = ""
    for place, level, called in (
        (code[:6] + "000000", "county", "长武县"),
        (code[:9] + "000", "township", "彭公镇"),
        (code, "village", name),
    ):
        path += f"{place}/"
        own = code if level == "village" else ""
        await Region.get_or_create(
            code=place, defaults={"name": called, "level": level, "path": path, "village": own}
        )
    numbers = "一二三四五六七八九"
    for n in range(1, groups + 1):
        await _part(f"{code}-G{n:02}", f"第{numbers[n - 1]}村民小组", "group", path)
    await _part(f"{code}-W001", "第一网格", "grid", path)
    await _part(f"{code}-W001-01", "第一微网格", "micro_grid", f"{path}{code}-W001/")
    return await Region.get(code=code)


async def _part(code: str, name: str, level: str, above: str) -> None:
    await Region.create(
        code=code, name=name, level=level, path=f"{above}{code}/", village=code[:12]
    )


async def household(head: str, *, place: str = VILLAGE, group: int = 1, **more: Any) -> Household:
    """One active household; `more` sets columns."""
    return await Household.create(
        id=more.pop("id", None) or uuid4(),
        village=place,
        group=f"{place}-G{group:02}",
        head=head,
        pinyin=names.pinyin_key(head),
        created_at=NOW,
        **more,
    )


async def rule_book(
    *, start: str = "2026-01-01", voted: bool = False, wall: str = "", web: str = ""
) -> None:
    """The village's next rule book, published on the day before it begins, and voted or not."""
    eve = datetime.fromisoformat(f"{start}T04:00:00+00:00") - timedelta(days=1)
    with clock.stopped_at(eve):
        begun = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
        clause = DraftClause(
            number="1",
            block="environment",
            text="院子常打扫。",
            items=(villages.item("courtyard"),),
        )
        draft = Draft(title="槐庄村村规民约", clauses=(clause,), name_wall=wall, name_web=web)
        await rulebook.change_draft(begun.id, draft, by=OPERATOR)
        vote = Adoption(held_on=eve.date(), roll=300, present=220, in_favour=200, against=20)
        await adoption.publish(
            begun.id,
            in_force_from=date.fromisoformat(start),
            by=OPERATOR,
            adoption=vote if voted else None,
        )


async def post(
    home: Household | UUID,
    points: int,
    *,
    on: str = "2026-09-30",
    block: str = "environment",
    kind: str = "award",
    place: str = VILLAGE,
) -> None:
    """One ledger entry with its totals."""
    key = home if isinstance(home, UUID) else home.id
    head = await ChainHead.get_or_none(village=place)
    entry = chain.sealed(
        chain.Entry(
            prev_hash=head.hash if head else chain.GENESIS,
            village=place,
            seq=head.seq + 1 if head else 1,
            id=uuid4(),
            household_id=key,
            kind=kind,
            item_id=None,
            item_code="item",
            block=block,
            points=points,
            deed_on=date.fromisoformat(on),
            recorded_at="2026-10-07T01:00:00Z",
            recorded_by="test",
            source="test",
            reverses_id=None,
            reason_digest="",
        )
    )
    columns = msgspec.structs.asdict(entry)
    await database.execute(
        f"INSERT INTO ledger_entry ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        list(columns.values()),
    )
    if kind in ledger.EARNING:
        await database.execute(
            "INSERT INTO month_total (village, month, household_id, block, earned)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (village, month, household_id, block)"
            " DO UPDATE SET earned = month_total.earned + excluded.earned",
            [place, on[:7], key, block, points],
        )
    now = {"seq": entry.seq, "hash": entry.hash}
    await ChainHead.update_or_create(village=place, defaults=now)


def official(role: str, region: Region) -> Actor:
    """An official with one duty."""
    duty = Duty(role, region.code, region.path, region.name)
    return Actor(id=uuid4(), login=role, name=role, duties=(duty,))
