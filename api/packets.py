"""The packet of a township: its contents from the points floor, its posters from the press.

Posters are rendered in the background as soon as a list is posted and kept by their content, so a
packet mostly finds them ready; what is missing is rendered on the way, a few at a time.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

import msgspec
from litestar import Request

from api import posters, render
from api.settings import Settings
from api.tick import Background
from foundation.actors import Actor
from foundation.errors import Refusal
from foundation.models import Attachment
from points import leaderboard, packet, published, signers, snapshot
from points.packet import Contents, Entry
from points.period import Period
from points.published import Paper

PAPER: Paper = "A4"
AT_ONCE_MAX = 2
Progress = Callable[[int, int], None]


async def made(
    code: str,
    *,
    period: Period,
    actor: Actor,
    settings: Settings,
    demo: bool,
    keep: bool = True,
    progress: Progress | None = None,
) -> tuple[Contents, bytes]:
    """The packet of a place and period as a zip, and what it holds.

    Args:
        code: a county, township or village.
        period: lists of its months and quarters are taken along.
        actor: needs overview.read there.
        settings: where the QRs' address comes from.
        demo: whether the store is a demonstration, which every print says.
        keep: whether newly rendered posters are kept; False where the store is read only.
        progress: told how many posters are there and how many there will be.

    Refuses as `packet.contents`, and with `PrintingFailed`.
    """
    held = await packet.contents(code, period=period, actor=actor)
    drawn: dict[str, bytes] = {}
    room = asyncio.Semaphore(AT_ONCE_MAX)

    async def draw(serial: str) -> None:
        async with room:
            drawn[serial] = await posters.poster(
                serial, paper=PAPER, actor=actor, settings=settings, demo=demo, keep=keep
            )
        if progress:
            progress(len(drawn), len(held.serials))

    drawing = [asyncio.create_task(draw(serial)) for serial in held.serials]
    try:
        await asyncio.gather(*drawing)
    finally:
        for task in drawing:
            task.cancel()
    files = await packet.files(held, posters=drawn)
    with posters.chinese():
        page = render.document("packet_index.html", demo=demo, packet=page_context(held, files))
    files[packet.INDEX] = page.encode()
    files[packet.MACHINE] = msgspec.json.format(msgspec.json.encode(packet.index(held, files)))
    return held, await asyncio.to_thread(packet.zipped, files)


def page_context(held: Contents, files: dict[str, bytes]) -> dict[str, object]:
    """What templates/print/packet_index.html asks for at its head."""
    sums = {path: packet.summed(path, content) for path, content in files.items()}
    return {
        "region": held.region_name,
        "period": Period(held.period).label,
        "made_on": held.made_on,
        "purpose": packet.PURPOSE,
        "key": signers.spoken(held.key_id),
        "silent": list(held.silent),
        "tables": sums[packet.TABLES],
        "lists": [_list(entry, sums) for entry in held.entries],
    }


def _list(entry: Entry, sums: dict[str, packet.Summed]) -> dict[str, object]:
    return {
        **{name: getattr(entry, name) for name in entry.__struct_fields__},
        "title": f"{entry.region_name} {Period(entry.period).label}",
        "block_name": leaderboard.BLOCK_NAMES[entry.block] if entry.block else "",
        "state_name": packet.STATES[entry.state],
        "rule_name": snapshot.rule_name(entry.rules),
        "adopted": all(rule.adopted for rule in entry.rules),
        "key": signers.spoken(entry.key_id),
        "poster": sums[entry.poster] if entry.poster else None,
        "signed": sums[entry.signed],
    }


# -- posters made ahead -----------------------------------------------------------------------


async def ready(serials: Iterable[str]) -> set[str]:
    """Of which lists a poster is kept."""
    wanted = {published.poster_id(serial, paper=PAPER): serial for serial in serials}
    kept = await Attachment.filter(id__in=list(wanted)).values_list("id", flat=True)
    return {wanted[id] for id in kept}  # type: ignore[index]


def render_soon(
    request: Request, serials: Iterable[str], *, papers: Iterable[Paper] = (PAPER,)
) -> None:
    """Have posters rendered and kept while nobody waits for them, one after another."""
    background: Background = request.app.state.background
    for serial in serials:
        work = partial(
            _render,
            serial,
            tuple(papers),
            actor=request.user,
            settings=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        background.start("poster", work, lane="posters")


def render_after(request: Request, serial: str) -> None:
    """Have a list's posters ready by the time somebody asks for them: it was just posted."""
    render_soon(request, [serial], papers=published.PAPERS)


async def _render(
    serial: str, papers: Iterable[Paper], *, actor: Actor, settings: Settings, demo: bool
) -> None:
    for paper in papers:
        # Taken down, superseded or not printable meanwhile: whoever asks for it is told.
        with suppress(Refusal):
            await posters.poster(serial, paper=paper, actor=actor, settings=settings, demo=demo)
