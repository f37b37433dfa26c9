"""Passbook cards on paper: what templates/print is given, and prints that run in the background.

A finished print holds one-time codes in plain, so it is never stored: it waits in this process's
memory for whoever asked, for a quarter of an hour, and is gone with the process. Always Chinese, as
what is handed out in a Chinese village.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import msgspec

from api import posters, printing, qr, render, wording
from api.errors import PrintingFailed, QrRefused
from api.settings import Settings
from foundation import clock
from foundation.actors import Actor
from households import passbooks, settings
from households.errors import PassbookNotFound
from households.models import Passbook, Region
from households.passbooks import Slip
from points import draft, passbook_pages
from points.passbook_pages import Printed
from points.scheme import Scheme

PER_PAGE = 8
PART_CARDS = 160
KEPT_MINUTES = 15
JOBS_MAX = 20


class Part(msgspec.Struct):
    """One group's cards: a PDF of its own, so that the first can be cut while the others print."""

    name: str
    cards: int
    pdf: bytes = b""


class Job(msgspec.Struct):
    """A print on its way; `failure` is why it ended early."""

    id: UUID
    village: str
    village_name: str
    by: UUID | None
    made_at: datetime
    parts: list[Part]
    failure: PrintingFailed | None = None

    @property
    def done(self) -> int:
        return sum(part.cards for part in self.parts if part.pdf)

    @property
    def total(self) -> int:
        return sum(part.cards for part in self.parts)

    @property
    def is_over(self) -> bool:
        return self.failure is not None or self.done == self.total


_jobs: dict[UUID, Job] = {}


async def begin(
    village: str,
    *,
    group: str,
    only: Sequence[UUID] | None,
    by: Actor,
    given: Settings,
    demo: bool,
) -> tuple[Job, Callable[[], Any]]:
    """Make the codes and the job; the second value is the work that draws it.

    Refuses with `QrRefused` before any code is made, and as `passbooks.prints`.
    """
    base = qr.base_address(given, demo=demo)
    slips = await passbooks.prints(village, group=group, only=only, by=by)
    region = await Region.get(code=village)
    parts = list(_parts(slips))
    job = Job(
        id=uuid4(),
        village=village,
        village_name=draft.place_name(region.name),
        by=by.id,
        made_at=clock.now(),
        parts=[Part(name, len(found)) for name, found in parts],
    )
    _forget_old()
    _jobs[job.id] = job

    async def work() -> None:
        try:
            for part, (_, found) in zip(job.parts, parts, strict=True):
                html = await document(found, region=region, base=base, demo=demo)
                part.pdf = await printing.pdf(html)
        except PrintingFailed as refusal:
            job.failure = refusal

    return job, work


def _parts(slips: Sequence[Slip]) -> Iterator[tuple[str, list[Slip]]]:
    """Group by group, a large one in several parts, so that the progress keeps moving."""
    for name, found in groupby(slips, key=lambda slip: slip.group_name):
        group = list(found)
        pieces = [group[at : at + PART_CARDS] for at in range(0, len(group), PART_CARDS)]
        for turn, piece in enumerate(pieces, start=1):
            yield (f"{name} {turn}/{len(pieces)}".strip() if len(pieces) > 1 else name), piece


def _forget_old() -> None:
    """Finished and forgotten prints go; at most so many wait at a time."""
    oldest = clock.now() - timedelta(minutes=KEPT_MINUTES)
    for key in [key for key, job in _jobs.items() if job.made_at < oldest]:
        del _jobs[key]
    while len(_jobs) >= JOBS_MAX:
        del _jobs[next(iter(_jobs))]


def job(job_id: UUID, *, by: Actor) -> Job:
    """A print of one's own. Refuses with `PassbookNotFound` for another's or a forgotten one."""
    _forget_old()
    found = _jobs.get(job_id)
    if found is None or found.by != by.id:
        raise PassbookNotFound(job=str(job_id))
    return found


async def pdf(
    village: str,
    *,
    group: str = "",
    only: Sequence[UUID] | None = None,
    by: Actor,
    given: Settings,
    demo: bool,
) -> tuple[bytes, int]:
    """The cards of a village, group or selection as one PDF, and how many they are.

    Refuses with `QrRefused`, `PrintingFailed`, and as `passbooks.prints`.
    """
    base = qr.base_address(given, demo=demo)
    slips = await passbooks.prints(village, group=group, only=only, by=by)
    region = await Region.get(code=village)
    html = await document(slips, region=region, base=base, demo=demo)
    return await printing.pdf(html), len(slips)


async def document(slips: Sequence[Slip], *, region: Region, base: str, demo: bool) -> str:
    """The HTML of cards. Drawing the codes takes a millisecond each, beside the event loop."""
    scheme = await settings.read(region.code, Scheme)
    groups = await asyncio.to_thread(lambda: list(_groups(slips, base)))
    cards = {
        "village_name": draft.place_name(region.name),
        "contact": scheme.contact,
        "printed_on": clock.today(),
        "groups": groups,
    }
    with posters.chinese():
        return render.document("passbook_cards.html", demo=demo, cards=cards)


def _groups(slips: Sequence[Slip], base: str) -> Iterator[dict[str, Any]]:
    for name, found in groupby(slips, key=lambda slip: slip.group_name):
        drawn = [_card(slip, base) for slip in found]
        pages = [drawn[at : at + PER_PAGE] for at in range(0, len(drawn), PER_PAGE)]
        yield {"name": name, "pages": pages}


def _card(slip: Slip, base: str) -> dict[str, str]:
    code = slip.first_code
    return {
        "number": slip.number,
        "head": slip.head,
        "group_name": slip.group_name,
        "first_code": f"{code[:4]} {code[4:]}" if code else "",
        "qr": qr.data_address(qr.passbook_address(base, card=slip.card)),
    }


async def page(
    household_id: UUID, number: int, *, by: Actor, given: Settings, demo: bool
) -> tuple[bytes, str]:
    """The PDF of a printed passbook page, and its file's name; without a QR where none may be.

    Refuses as `passbook_pages.content`, and with `PrintingFailed`.
    """
    printed = await passbook_pages.content(household_id, number, by=by)
    scheme = await settings.read(printed.village, Scheme)
    card = await Passbook.get_or_none(household_id=household_id)
    address = None
    with suppress(QrRefused):
        base = qr.base_address(given, demo=demo)
        address = card and qr.passbook_address(base, card=card.card)
    with posters.chinese():
        shown = {
            "village_name": printed.village_name,
            "number": printed.number,
            "head": printed.head,
            "page": number,
            "printed_on": clock.local(printed.page.printed_at).date(),
            "opening": printed.page.opening,
            "closing": printed.page.closing,
            "rows": list(_rows(printed)),
            "qr": address and qr.data_address(address),
            "contact": scheme.contact,
        }
        html = render.document("passbook_page.html", demo=demo, page=shown)
    return await printing.pdf(html), f"{printed.head}-存折第{number}页.pdf"


def _rows(printed: Printed) -> Iterator[dict[str, Any]]:
    balance = printed.page.opening
    for one in printed.entries:
        entry = one.line.entry
        balance += entry.points
        yield {
            "deed_on": entry.deed_on,
            "name": one.line.item_name,
            "kind": entry.kind,
            "clause": one.clause,
            "version": one.version,
            "role": wording.office(one.role),
            "points": entry.points,
            "balance": balance,
            "reversed": one.line.reversed_by is not None,
        }
