"""Slips with first passwords as screens: for whom, progress, the PDF once."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api import guards, locale, render, slips
from api.pages.official_tables import divisions
from api.slips import Job
from api.tick import Background
from households import first_passwords
from households.first_passwords import Waiting


class SlipForm(msgspec.Struct):
    """For whom slips are wanted; `again` for those too who have an unused one."""

    village: str = ""
    again: str = ""


class SlipPages(Controller):
    """First passwords on paper."""

    path = "/officials/slips"
    guards = (guards.may("officials.write"),)

    @get("/")
    async def choose(self, request: Request, village: FromQuery[str] = "") -> Response:
        """For whom slips may be printed."""
        return await _page(request, SlipForm(village=village), {})

    @post("/")
    async def begin(self, request: Request, data: URLEncodedBody[SlipForm]) -> Response:
        """Begin to make them; hashing goes on in the background."""
        found = await first_passwords.waiting(data.village, by=request.user)
        wanted = found.without + (found.unused if data.again else [])
        wanted = wanted[: slips.SLIPS_MAX]
        if not wanted:
            return await _page(request, data, {"again": locale.text("这里没有要发密码条的人。")})
        job = slips.begin(len(wanted), by=request.user)
        background: Background = request.app.state.background
        background.start("slips", partial(_make, request, job, wanted))
        return render.go(f"/officials/slips/{job.id}")

    @get("/{job_id:uuid}")
    async def one(self, request: Request, job_id: FromPath[UUID]) -> Response:
        """How far they are."""
        job = slips.find(job_id, by=request.user)
        return await _page(request, SlipForm(), {}, job=job)

    @post("/{job_id:uuid}/pdf")
    async def pdf(self, request: Request, job_id: FromPath[UUID]) -> Response[bytes]:
        """The slips, once."""
        pdf = slips.taken(slips.find(job_id, by=request.user))
        return render.file(pdf, name=locale.text("密码条") + ".pdf")


async def _make(request: Request, job: Job, wanted: list[UUID]) -> None:
    await slips.make(
        job,
        wanted,
        by=request.user,
        address=slips.address(render.settings(request)),
        demo=request.app.state.kind == "demo",
    )


async def _page(
    request: Request, form: SlipForm, problems: dict[str, str], *, job: Job | None = None
) -> Response:
    places = await divisions(request)
    chosen = form.village or next((one["value"] for one in places), "")
    found = Waiting([], [])
    if not job and chosen:
        found = await first_passwords.waiting(chosen, by=request.user)
    return render.page(
        request,
        "slips.html",
        status=400 if problems else 200,
        places=places,
        form={"village": chosen, "again": form.again},
        errors=problems,
        without=len(found.without),
        unused=len(found.unused),
        at_once=slips.SLIPS_MAX,
        job=job and _shown(job),
    )


def _shown(job: Job) -> dict[str, Any]:
    return {"id": job.id, "state": job.state, "done": job.done, "total": job.total}
