"""Passbook cards in the office: who has a PIN, printing, resetting."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect

from api import errors, guards, locale, passbook_papers, render
from api.errors import PrintingFailed, QrRefused
from api.pages.passbook import PageForm
from api.paging import PageNumber
from api.passbook_papers import Job
from foundation import clock
from households import passbooks, regions
from households.errors import NoCardsToPrint, TooManyCards
from households.passbooks import CardRow
from points import passbook_pages
from points.errors import NothingToPrint

PAGE_SIZE = 100
StateAsked = Annotated[str, QueryParameter(name="state")]


class PrintForm(msgspec.Struct):
    """Which cards: a village, a group of it, or single households."""

    village: str = ""
    group: str = ""
    households: str | list[str] = ""


class ResetForm(msgspec.Struct):
    """Whether the card itself is replaced as well."""

    new_card: str = ""


class PassbookCardPages(Controller):
    """The cards of a village; only its own office prints them."""

    path = "/passbooks"

    @get("/", guards=[guards.may("passbooks.write")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str] = "",
        group: FromQuery[str] = "",
        standing: StateAsked = "",
        page: PageNumber = 1,
    ) -> Response:
        """Who has a card, and who has opened it."""
        places = await regions.villages(request.user, "passbooks.write")
        code = village or request.user.village or (places[0].code if places else "")
        if not code:
            return Redirect("/regions")
        rows = await passbooks.listing(request.user, village=code, group=group)
        shown = [row for row in rows if standing in ("", row.state)]
        return render.page(
            request,
            "passbook_cards.html",
            villages=[{"code": one.code, "name": one.name} for one in places],
            groups=[
                {"code": one.code, "name": one.name}
                for one in await regions.parts(code, level="group")
            ],
            form={"village": code, "group": group, "state": standing},
            counts={state: sum(row.state == state for row in rows) for state in _STATES},
            rows=[_row(row) for row in shown[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
            pager=render.pager(request, page=page, total=len(shown), size=PAGE_SIZE),
        )

    @post("/print", guards=[guards.may("passbooks.write")])
    async def print(self, request: Request, data: URLEncodedBody[PrintForm]) -> Response:
        """Begin a print; its page shows how far it has come."""
        chosen = _ids(data.households)
        try:
            job, work = await passbook_papers.begin(
                data.village,
                group=data.group,
                only=chosen or None,
                by=request.user,
                given=render.settings(request),
                demo=request.app.state.kind == "demo",
            )
        except (QrRefused, TooManyCards, NoCardsToPrint) as refusal:
            back = f"/passbooks?village={data.village}&group={data.group}"
            return render.go(back, problem=errors.message(refusal))
        request.app.state.background.start("passbook cards", work)
        return render.go(f"/passbooks/print/{job.id}")

    @get("/print/{job_id:uuid}", guards=[guards.may("passbooks.write")])
    async def job(self, request: Request, job_id: FromPath[UUID]) -> Response:
        """A print on its way, group by group."""
        found = passbook_papers.job(job_id, by=request.user)
        return render.page(request, "passbook_print.html", job=_job(found))

    @get("/print/{job_id:uuid}/{part:int}", guards=[guards.may("passbooks.write")])
    async def part(
        self, request: Request, job_id: FromPath[UUID], part: FromPath[int]
    ) -> Response[bytes]:
        """One group's cards."""
        found = passbook_papers.job(job_id, by=request.user)
        if not 0 <= part < len(found.parts) or not found.parts[part].pdf:
            raise NotFoundException
        name = f"{found.village_name}{found.parts[part].name}-存折卡.pdf"
        return render.file(found.parts[part].pdf, name=name, inline=True)

    @post("/{household_id:uuid}/reset", guards=[guards.may("passbooks.write")])
    async def reset(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[ResetForm]
    ) -> Response:
        """Take the PIN back."""
        await passbooks.reset(household_id, new_card=bool(data.new_card), by=request.user)
        said = locale.text("密码已重设，请把新卡印出来交给这一户。")
        return render.go(f"/households/{household_id}", done=said)

    @post("/{household_id:uuid}/pages", guards=[guards.may("passbooks.write")])
    async def add_page(
        self, request: Request, household_id: FromPath[UUID], data: URLEncodedBody[PageForm]
    ) -> Response:
        """Note the next page of a household's paper passbook and print it."""
        try:
            page = await passbook_pages.add(household_id, id=data.made, by=request.user)
        except NothingToPrint as refusal:
            return render.go(f"/households/{household_id}", problem=errors.message(refusal))
        return render.go(f"/passbooks/{household_id}/pages/{page.number}")

    @get("/{household_id:uuid}/pages/{number:int}", guards=[guards.may("passbooks.write")])
    async def page(
        self, request: Request, household_id: FromPath[UUID], number: FromPath[int]
    ) -> Response[bytes]:
        """A page of a household's paper passbook, now or again."""
        pdf, name = await passbook_papers.page(
            household_id,
            number,
            by=request.user,
            given=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=name, inline=True)


_STATES = ("none", "printed", "open")


def _ids(typed: str | list[str]) -> list[UUID]:
    """The households that were ticked; what is no id stands for nothing that exists."""
    found = []
    for text in [typed] if isinstance(typed, str) else typed:
        try:
            found += [UUID(text)] if text else []
        except ValueError:
            found.append(UUID(int=0))
    return found


def _row(row: CardRow) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(row),
        "printed_on": row.printed_at and clock.local(row.printed_at).date(),
        "pin_set_on": row.pin_set_at and clock.local(row.pin_set_at).date(),
    }


def _job(found: Job) -> dict[str, Any]:
    failure: PrintingFailed | None = found.failure
    return {
        "id": found.id,
        "village": found.village,
        "village_name": found.village_name,
        "done": found.done,
        "total": found.total,
        "is_over": found.is_over,
        "failure": failure and errors.message(failure),
        "parts": [
            {"name": part.name, "cards": part.cards, "ready": bool(part.pdf)}
            for part in found.parts
        ],
        "minutes": passbook_papers.KEPT_MINUTES,
    }
