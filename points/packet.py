"""A township's posted lists of a period as one file: posters, signed files, tables, and an index.

What leaves is what hangs: the names as on the wall, and of a list that is no longer on display its
header and proof without a row. The same store on the same day gives the same bytes, so that two
who hold a packet can tell by one hash that they hold the same. Never renders; the door hands the
posters in.
"""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from foundation import audit, clock, database, spreadsheets
from foundation.actors import Actor
from foundation.spreadsheets import Cell, Sheet
from households import regions
from households.errors import RegionNotFound
from households.models import Region
from points import draft, leaderboard, overview, published, signers, snapshot, xyp
from points.errors import NothingInPacket, PacketTooLarge
from points.leaderboard import BLOCK_NAMES
from points.models import Publication
from points.period import Period
from points.published import State, View

FORMAT = "xiangyue-packet-1"
PURPOSE = "镇级汇总归档"
PUBLICATIONS_MAX = 600
INDEX, MACHINE, SUMS = "index.html", "index.json", "SHA256SUMS"
TABLES = "各村汇总.xlsx"
# Before 1980 a zip knows no time; this is nobody's, and always the same.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
STATES: dict[State, str] = {"shown": "公示中", "superseded": "已更换", "ended": "公示期满"}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A list in the packet. `poster` is None where no row may be shown any more.

    `key_id` is the signer's; `handed_in` says that the village keeps its books elsewhere.
    """

    serial: str
    village: str
    village_name: str
    region: str
    region_name: str
    period: str
    block: str | None
    state: State
    superseded_by: str
    rules: tuple[snapshot.RuleRef, ...]
    taking_part: int
    posted: int
    earned_total: int
    display_from: date
    display_until: date
    published_at: str
    chain_seq: int
    chain_head: str
    snapshot_sha256: str
    fingerprint: str
    key_id: str
    handed_in: bool
    poster: str | None
    signed: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a packet holds, its files apart. `silent` are villages without a list in the period."""

    region: str
    region_name: str
    period: str
    made_on: date
    key_id: str
    entries: tuple[Entry, ...]
    silent: tuple[str, ...]
    views: tuple[View, ...]
    signed: tuple[bytes, ...]

    @property
    def serials(self) -> list[str]:
        """Of the lists whose posters belong into the packet."""
        return [entry.serial for entry in self.entries if entry.poster]

    @property
    def name(self) -> str:
        """The packet's file name."""
        return f"红榜包-{self.region_name}-{self.period}.zip"


class Summed(msgspec.Struct, frozen=True):
    """A file of the packet as its index names it; `size` in bytes."""

    path: str
    size: int
    sha256: str


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The packet for machines: docs/formats.md is its contract."""

    format: str
    region: str
    region_name: str
    period: str
    made_on: date
    purpose: str
    key_id: str
    publications: tuple[Entry, ...]
    silent: tuple[str, ...]
    files: tuple[Summed, ...]


async def serials(code: str, *, period: Period, actor: Actor) -> tuple[Region, list[Publication]]:
    """The place and its lists of the period, village by village, without their snapshots' rows.

    The months and quarters of a year, and the months of a quarter, belong to it. Refuses as
    `regions.find` does (permission overview.read) and with `PacketTooLarge`.
    """
    place = await regions.find(code, actor=actor, permission="overview.read")
    villages = await Region.filter(path__startswith=place.path, level="village")
    if not villages:
        raise RegionNotFound(code=code)
    texts = {
        part.text
        for kind in ("month", "quarter", "year")
        for part in overview.parts(period, kind=kind)
    }
    order = {village.code: village.path for village in villages}
    kept = await Publication.filter(village__in=list(order), period__in=list(texts))
    if len(kept) > PUBLICATIONS_MAX:
        raise PacketTooLarge(publications=len(kept), publications_max=PUBLICATIONS_MAX)
    kept.sort(key=lambda one: (order[one.village], one.region, *_stretch(one), one.serial))
    return place, kept


def _stretch(kept: Publication) -> tuple[str, int]:
    """The order of periods in a village: a quarter after its months, a year after its quarters."""
    months = Period(kept.period).months
    return months[-1], len(months)


async def contents(code: str, *, period: Period, actor: Actor) -> Contents:
    """Everything of a packet but its posters. Refuses as `serials`, and with `NothingInPacket`."""
    place, kept = await serials(code, period=period, actor=actor)
    if not kept:
        raise NothingInPacket(region=place.name, period=period.text)
    below = await Region.filter(path__startswith=place.path, level="village").order_by("path")
    names = {village.code: village.name for village in below}
    views, signed = [], []
    for one in kept:
        view = await published.view(one.serial, medium="wall", actor=actor)
        shows = view.state == "shown"
        views.append(view if shows else msgspec.structs.replace(view, rows=()))
        media = snapshot.MEDIA if shows else ()
        signed.append(await xyp.export(one.serial, actor=actor, media=media))
    return Contents(
        region=place.code,
        region_name=place.name,
        period=period.text,
        made_on=clock.today(),
        key_id=signers.own_key_id(),
        entries=tuple(
            _entry(view, names[one.village]) for view, one in zip(views, kept, strict=True)
        ),
        silent=_silent(names, kept),
        views=tuple(views),
        signed=tuple(signed),
    )


def _silent(names: Mapping[str, str], kept: Sequence[Publication]) -> tuple[str, ...]:
    posted = {one.village for one in kept}
    return tuple(name for code, name in names.items() if code not in posted)


def _entry(view: View, village_name: str) -> Entry:
    header = view.header
    called = f"{header.serial}-{header.region_name}"
    return Entry(
        serial=header.serial,
        village=header.village,
        village_name=village_name,
        region=header.region,
        region_name=header.region_name,
        period=header.period,
        block=header.block,
        state=view.state,
        superseded_by=view.superseded_by,
        rules=header.rules,
        taking_part=header.taking_part,
        posted=header.posted,
        earned_total=header.earned_total,
        display_from=header.display_from,
        display_until=header.display_until,
        published_at=header.published_at,
        chain_seq=header.chain_seq,
        chain_head=header.chain_head,
        snapshot_sha256=view.hash,
        fingerprint=view.fingerprint,
        key_id=view.key_id,
        handed_in=view.received_at is not None,
        poster=f"红榜/{_path(called)}.pdf" if view.state == "shown" else None,
        signed=f"签名文件/{_path(header.serial)}.xyp",
    )


def _path(name: str) -> str:
    """A name that no system takes for a folder or a device."""
    return "".join(char for char in name if char.isalnum() or char in "-_")[:80]


async def files(made: Contents, *, posters: Mapping[str, bytes]) -> dict[str, bytes]:
    """The packet's own files by path: posters, signed files, tables. The indexes come after."""
    result = {TABLES: await asyncio.to_thread(_tables, made)}
    for entry, signed in zip(made.entries, made.signed, strict=True):
        result[entry.signed] = signed
        if entry.poster:
            result[entry.poster] = posters[entry.serial]
    return result


def index(made: Contents, content: Mapping[str, bytes]) -> Index:
    """What the packet says of itself: every list, and the hash of every file so far."""
    return Index(
        format=FORMAT,
        region=made.region,
        region_name=made.region_name,
        period=made.period,
        made_on=made.made_on,
        purpose=PURPOSE,
        key_id=made.key_id,
        publications=made.entries,
        silent=made.silent,
        files=tuple(summed(path, content[path]) for path in sorted(content)),
    )


def summed(path: str, content: bytes) -> Summed:
    """A file with its size and hash."""
    return Summed(path, len(content), hashlib.sha256(content).hexdigest())


def zipped(content: Mapping[str, bytes]) -> bytes:
    """The zip: the given files and SHA256SUMS over all of them; nothing of the moment in it."""
    sums = "".join(
        f"{hashlib.sha256(content[path]).hexdigest()}  {path}\n" for path in sorted(content)
    )
    whole = {**content, SUMS: sums.encode()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packet:
        for path in sorted(whole):
            member = zipfile.ZipInfo(path, _NO_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            packet.writestr(member, whole[path], compresslevel=6)
    return target.getvalue()


@database.transaction
async def log(made: Contents, *, by: Actor) -> None:
    """Write down that a packet left, of which period and what for."""
    await audit.note(
        by,
        "publications.packet",
        subject=f"region:{made.region}",
        purpose=PURPOSE,
        period=made.period,
        publications=len(made.entries),
        fields=["名次", "户主（按墙上的写法）", "小组", "板块", "合计"],
    )


# -- tables -----------------------------------------------------------------------------------


def _tables(made: Contents) -> bytes:
    """One workbook: what was posted, and a sheet of rows for each village."""
    sheets = [_summary(made)]
    by_village: dict[str, list[View]] = {}
    for view in made.views:
        by_village.setdefault(view.header.village, []).append(view)
    names = {entry.village: entry.village_name for entry in made.entries}
    sheets += [_of_village(names[code], views) for code, views in by_village.items()]
    notes = [
        ("用途", PURPOSE),
        ("范围", made.region_name),
        ("时段", Period(made.period).label),
        ("整理日", str(made.made_on)),
        ("姓名", "和墙上的写法一样，按各户自己选的公布方式；不得补全"),
        ("名次", "只在一个村之内；各村村规不同，不在村与村之间比较"),
        ("没有榜的村", "、".join(made.silent) or "没有"),
    ]
    return spreadsheets.book(sheets, notes=notes, made_on=made.made_on)


def _summary(made: Contents) -> Sheet:
    return Sheet(
        name="汇总",
        titles=[
            f"{made.region_name} {Period(made.period).label} 红榜汇总",
            "各村村规不同，积分不作比较",
        ],
        header=[*_SUMMARY_HEADS.split(), "指纹", "密钥"],
        lines=[_summary_line(entry) for entry in made.entries],
    )


_SUMMARY_HEADS = "村 范围 时段 板块 依据 表决 参评户 公布户 积分合计 公示起 公示止 状态 编号 来处"


def _summary_line(entry: Entry) -> list[Cell]:
    return [
        entry.village_name,
        _scope(entry.region, entry.village, entry.region_name),
        Period(entry.period).label,
        BLOCK_NAMES[entry.block] if entry.block else "全部",
        snapshot.rule_name(entry.rules),
        "已表决" if all(rule.adopted for rule in entry.rules) else "未经表决",
        entry.taking_part,
        entry.posted,
        entry.earned_total,
        entry.display_from,
        entry.display_until,
        STATES[entry.state],
        entry.serial,
        "村里报来" if entry.handed_in else "本处",
        entry.fingerprint,
        signers.spoken(entry.key_id),
    ]


def _of_village(name: str, views: Sequence[View]) -> Sheet:
    blocks = list(leaderboard.BLOCKS)
    heads = ["时段", "范围", "榜", "名次", "户主", "小组", *(BLOCK_NAMES[b] for b in blocks)]
    return Sheet(
        name=draft.place_name(name),
        titles=[f"{draft.place_name(name)} 红榜", "姓名和墙上的写法一样，按各户自己选的公布方式"],
        header=[*heads, "合计", "编号"],
        lines=[line for view in views for line in _village_lines(view)],
    )


def _village_lines(view: View) -> list[list[Cell]]:
    header = view.header
    first: list[Cell] = [
        Period(header.period).label,
        _scope(header.region, header.village, header.region_name),
        BLOCK_NAMES[header.block] if header.block else "全部",
    ]
    none: list[Cell] = [None] * (len(leaderboard.BLOCKS) + 1)
    if view.state != "shown":
        said = f"{STATES[view.state]}，名单已收起（公布 {header.posted} 户）"
        return [[*first, None, said, None, *none, header.serial]]
    lines: list[list[Cell]] = []
    for row in view.rows:
        if row.removed:
            lines.append([*first, None, "已按本人要求隐去", None, *none, header.serial])
            continue
        points: list[Cell] = [row.blocks.get(block) for block in leaderboard.BLOCKS]
        lines.append([*first, row.rank, row.name, row.group, *points, row.earned, header.serial])
    return lines


def _scope(region: str, village: str, region_name: str) -> str:
    return "全村" if region == village else region_name
