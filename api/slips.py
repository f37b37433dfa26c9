"""Slips with first passwords as a PDF: made in the background, handed out once, never kept.

A slip has three panels side by side: who it is for, the password, how to begin. The third folds
over the second. The PDF waits in this process's memory for a quarter of an hour; whoever comes
too late, or to another process, prints again, which makes new passwords.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from api import locale, posters, printing, render
from api.errors import SlipsGone
from api.settings import Settings
from foundation import clock
from foundation.actors import Actor
from households import first_passwords
from households.first_passwords import Slip

LIFETIME = timedelta(minutes=15)
JOBS_MAX = 20
SLIPS_MAX = 300
"""How many are drawn in one document: about half a minute's work, fifty pages."""


class Job(msgspec.Struct):
    """Slips on their way. `state` is making, ready or failed; `owner` alone may have them."""

    id: UUID
    owner: str
    total: int
    begun_at: datetime
    done: int = 0
    state: str = "making"
    pdf: bytes | None = None


_jobs: dict[UUID, Job] = {}


def begin(total: int, *, by: Actor) -> Job:
    """Remember slips that are to be made; forgets those that nobody came for."""
    _forget_old()
    job = Job(uuid4(), by.label, total, clock.now())
    _jobs[job.id] = job
    return job


def find(job_id: UUID, *, by: Actor) -> Job:
    """Slips that this actor asked for. Refuses with `SlipsGone` where there are none any more."""
    _forget_old()
    job = _jobs.get(job_id)
    if job is None or job.owner != by.label:
        raise SlipsGone()
    return job


def taken(job: Job) -> bytes:
    """The PDF, once; after that nobody has it. Refuses with `SlipsGone` when it is not ready."""
    if job.pdf is None:
        raise SlipsGone()
    del _jobs[job.id]
    return job.pdf


async def make(job: Job, officials: list[UUID], *, by: Actor, address: str, demo: bool) -> None:
    """Make passwords, draw the slips, then let the passwords count; a background task.

    Nothing is stored when the drawing fails, so that no password counts that nobody can read.
    """

    def progress(done: int, total: int) -> None:
        job.done = done

    try:
        slips, hashes = await first_passwords.issued(officials, by=by, progress=progress)
        pdf = await drawn(slips, address=address, demo=demo)
        await first_passwords.store(slips, hashes, by=by)
    except BaseException:
        job.state = "failed"
        raise
    job.pdf, job.state, job.begun_at = pdf, "ready", clock.now()


def address(settings: Settings) -> str:
    """Where one logs in, as a slip prints it."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


async def drawn(slips: list[Slip], *, address: str, demo: bool) -> bytes:
    """The PDF of these slips, always in Chinese, as paper is."""
    with posters.chinese():
        html = render.document(
            "password_slips.html",
            demo=demo,
            address=address,
            slips=[_shown(slip) for slip in slips],
            printed_on=clock.today(),
        )
    return await printing.pdf(html)


def _shown(slip: Slip) -> dict[str, Any]:
    roles = dict.fromkeys(locale.text(render.ROLE_NAMES[duty.role]) for duty in slip.duties)
    places = dict.fromkeys(duty.name for duty in slip.duties)
    return {
        "name": slip.name,
        "roles": "、".join(roles),
        "places": "、".join(places),
        "login": slip.login,
        "password": slip.password,
    }


def _forget_old() -> None:
    now = clock.now()
    for job in list(_jobs.values()):
        if job.state != "making" and now - job.begun_at > LIFETIME:
            del _jobs[job.id]
    while len(_jobs) >= JOBS_MAX:
        del _jobs[next(iter(_jobs))]
