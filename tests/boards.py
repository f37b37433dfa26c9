"""A small village for tests: divisions, households, points. Invented people only."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from foundation import database
from foundation.actors import Actor, Duty, operator
from households import names
from households.models import Household, Region
from points.models import ChainHead

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
    seq, before = (head.seq + 1, head.hash) if head else (1, "0" * 64)
    hash = hashlib.sha256(f"{before}{seq}{key}{points}".encode()).hexdigest()
    await database.execute(
        "INSERT INTO ledger_entry (id, village, seq, household_id, kind, item_code, block, points,"
        " deed_on, recorded_at, recorded_by, source, reason_digest, prev_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, 'item', ?, ?, ?, '', 'test', 'test', '', ?, ?)",
        [uuid4(), place, seq, key, kind, block, points, date.fromisoformat(on), before, hash],
    )
    if kind in ("award", "deduction", "reversal"):
        await database.execute(
            "INSERT INTO month_total (village, month, household_id, block, earned)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (village, month, household_id, block)"
            " DO UPDATE SET earned = month_total.earned + excluded.earned",
            [place, on[:7], key, block, points],
        )
    await ChainHead.update_or_create(village=place, defaults={"seq": seq, "hash": hash})


def official(role: str, region: Region) -> Actor:
    """An official with one duty."""
    return Actor(id=uuid4(), login=role, name=role, duties=(Duty(role, region.code, region.path, region.name),))
