"""Posted lists on paper: what templates/print is given for them, and the kept PDF of a poster.

A poster is drawn from its frozen publication and nothing else, always in Chinese, as it hangs in
a Chinese village. It is rendered once and kept under a digest of all that goes into it, so that a
name taken down, another address or a new drawing gives another poster. Must never print rows of
a list that is no longer on display.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from api import locale, printing, qr, render
from api.errors import QrRefused
from api.settings import Settings
from foundation import attachments, clock, database
from foundation.actors import Actor
from foundation.models import Attachment
from points import leaderboard, notice_list, publication, published, snapshot
from points.errors import DisplayOver
from points.models import PublicationRow
from points.notice_list import Notice
from points.period import Period
from points.published import Paper, Shown, View
from points.snapshot import Header

# The one character above a narrow column of points.
BLOCK_SHORT = {"environment": "环", "law": "守", "customs": "新", "public_service": "公"}
_DIGITS = "零一二三四五六七八九"
_DRAWING = ("print/poster.html", "macros.html", "assets/css/poster.css")


async def poster(
    serial: str, *, paper: Paper, actor: Actor, settings: Settings, demo: bool, keep: bool = True
) -> bytes:
    """The PDF of a posted list.

    Args:
        serial: the publication.
        paper: "A4" or "A3".
        actor: needs publications.read there.
        settings: where the QR's address comes from; without a usable one there is no QR.
        demo: whether the store is a demonstration, which every print says.
        keep: whether a newly rendered one is kept; False where the store is read only.

    Refuses with `PublicationNotFound`, `NotAllowed`, `DisplayOver`, `PrintingFailed`.
    """
    key, context = await _content(serial, paper=paper, actor=actor, settings=settings, demo=demo)
    attachment_id = published.poster_id(serial, paper=paper)
    kept = await Attachment.get_or_none(id=attachment_id)
    if kept is not None and kept.name == key:
        return bytes(kept.content)
    with chinese():
        html = render.document("poster.html", **context)
    pdf = await printing.pdf(html)

    @database.transaction
    async def store() -> None:
        # A name may have been taken down meanwhile. Whoever erases rows and whoever keeps a
        # poster of them wait for each other here, and an outdated poster is not kept.
        await PublicationRow.filter(publication_id=serial).select_for_update()
        now, _ = await _content(serial, paper=paper, actor=actor, settings=settings, demo=demo)
        if now == key:
            await attachments.forget(attachment_id)
            await attachments.keep(
                pdf,
                purpose="poster",
                name=key,
                media_type="application/pdf",
                id=attachment_id,
            )

    if keep:
        # Somebody else may have asked for the same poster and been faster to keep it.
        with suppress(IntegrityError):
            await store()
    return pdf


async def _content(
    serial: str, *, paper: Paper, actor: Actor, settings: Settings, demo: bool
) -> tuple[str, dict[str, Any]]:
    """All that goes into a poster, and a digest of it."""
    view = await published.view(serial, medium="wall", actor=actor)
    if view.state != "shown":
        raise DisplayOver(serial=serial, until=view.header.display_until)
    address = _address(view, settings=settings, demo=demo)
    content = msgspec.json.encode(
        [_drawing(), paper, demo, address, view.fingerprint, view.header, view.rows]
    )
    context = poster_context(
        view.header, view.rows, paper=paper, fingerprint=view.fingerprint, address=address
    )
    return hashlib.sha256(content).hexdigest(), {"demo": demo, "poster": context}


def _address(view: View, *, settings: Settings, demo: bool) -> str | None:
    try:
        base = qr.base_address(settings, demo=demo)
    except QrRefused:
        return None
    return qr.publication_address(base, serial=view.header.serial, fingerprint=view.fingerprint)


@cache
def _drawing() -> str:
    """A digest of the template and its stylesheet, as this process found them."""
    files = [(render.TEMPLATES / name).read_bytes() for name in _DRAWING]
    return hashlib.sha256(b"".join(files)).hexdigest()


def poster_context(
    header: Header,
    rows: Sequence[Shown],
    *,
    paper: Paper,
    fingerprint: str,
    address: str | None,
) -> dict[str, Any]:
    """What templates/print/poster.html asks for at its head."""
    period = Period.parse(header.period)
    return {
        "paper": paper,
        "township": header.township,
        "region": header.region_name,
        "block_name": leaderboard.BLOCK_NAMES[header.block] if header.block else None,
        "period_name": snapshot.period_name(period, as_of=header.as_of),
        "rule_name": snapshot.rule_name(header.rules),
        "adopted": header.adopted,
        "taking_part": header.taking_part,
        "earned_label": f"{period.word}新增",
        "earned_total": header.earned_total,
        "posted_name": f"列前{numeral(header.posted)}名",
        "block_heads": [] if header.block else _block_heads(),
        "rows": [_row(row, period=period, alone=bool(header.block)) for row in rows],
        "display_from": header.display_from,
        "display_until": header.display_until,
        "objection": header.objection,
        "contact": header.contact,
        "publisher": header.publisher,
        "supervisor": header.supervisor,
        "serial": header.serial,
        "fingerprint": fingerprint,
        "chain_seq": header.chain_seq,
        "chain_head": header.chain_head[:16],
        "qr": qr.data_address(address) if address else None,
    }


def _block_heads() -> list[dict[str, str]]:
    return [
        {"short": BLOCK_SHORT[block], "name": leaderboard.BLOCK_NAMES[block]}
        for block in leaderboard.BLOCKS
    ]


def _row(row: Shown, *, period: Period, alone: bool) -> dict[str, Any]:
    blocks = [] if alone else [row.blocks.get(block, 0) for block in leaderboard.BLOCKS]
    return {
        "rank": row.rank,
        "name": row.name,
        "unnamed": row.unnamed,
        "group": short_group(row.group),
        "note": _note(row, period=period),
        "blocks": blocks,
        "earned": row.earned,
        "removed": row.removed,
    }


def _note(row: Shown, *, period: Period) -> str:
    """A place gained or held since the period before; a place lost is nobody's business."""
    if row.rank_before is None or row.rank_before < row.rank:
        return ""
    if row.rank_before > row.rank:
        return f"升 {row.rank_before - row.rank} 名"
    return "连续两" + {"month": "月", "quarter": "季", "year": "年"}[period.kind]


async def preview(
    code: str, *, period: Period, block: str | None, paper: Paper, actor: Actor, demo: bool
) -> bytes:
    """The PDF of the list that could be posted now: not frozen, not signed, and it says so.

    Refuses as `publication.preview`, and with `PrintingFailed`.
    """
    draft = await publication.preview(code, period=period, block=block, by=actor)
    rows = [
        published.shown_row(place.wall, position=at)
        for at, place in enumerate(draft.places, start=1)
    ]
    header = msgspec.structs.replace(draft.header, serial="预览，尚未公布")
    context = poster_context(header, rows, paper=paper, fingerprint="", address=None)
    with chinese():
        html = render.document("poster.html", demo=demo, poster=context)
    return await printing.pdf(html)


async def notice(code: str, *, period: Period, days: int | None, actor: Actor, demo: bool) -> bytes:
    """The PDF of the notice list. Refuses as `notice_list.drawn`, and with `PrintingFailed`."""
    drawn = await notice_list.drawn(code, period=period, days=days, actor=actor)
    with chinese():
        html = render.document("notice_list.html", demo=demo, notice=notice_context(drawn))
    return await printing.pdf(html)


def notice_context(drawn: Notice) -> dict[str, Any]:
    """What templates/print/notice_list.html asks for at its head."""
    frame = drawn.frame
    return {
        "region": frame.region_name,
        "township": frame.township,
        "period_name": snapshot.period_name(Period.parse(frame.period), as_of=frame.as_of),
        "rule_name": snapshot.rule_name(frame.rules),
        "adopted": all(rule.adopted for rule in frame.rules),
        "display_from": frame.display_from,
        "display_until": frame.display_until,
        "objection": frame.objection,
        "contact": frame.contact,
        "publisher": frame.publisher,
        "supervisor": frame.supervisor,
        "block_heads": _block_heads(),
        "groups": [
            {
                "name": group.name or "未分组",
                "rows": [
                    {
                        "name": row.name,
                        "blocks": [row.blocks[block] for block in leaderboard.BLOCKS],
                        "earned": row.earned,
                    }
                    for row in group.rows
                ],
            }
            for group in drawn.groups
        ],
        "printed_on": clock.today(),
    }


# -- words on paper ------------------------------------------------------------------------


@contextmanager
def chinese() -> Iterator[None]:
    """Paper that hangs in the village is Chinese, whoever prints it."""
    token = locale.language.set("zh-CN")
    try:
        yield
    finally:
        locale.language.reset(token)


def short_group(name: str) -> str:
    """第四村民小组 is 四组 in a narrow column."""
    return re.sub(r"^第?(.{1,8}?)村民小组$", r"\1组", name)


def numeral(number: int) -> str:
    """A count below a hundred as it is spoken: 二十, 三十一; larger ones in digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    spoken = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return spoken + (_DIGITS[ones] if ones else "")
