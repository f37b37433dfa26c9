"""A household's own page behind the QR of its card: plain forms, nothing that needs a script."""

from datetime import date
from typing import Any, get_args
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody

from api import errors, guards, holders, locale, passbook_papers, render, wording
from api.pages import reasons
from api.pages.households import form_of
from api.paging import PageNumber
from api.v1.tokens import address_of
from foundation import attachments, clock
from foundation.errors import Refusal
from households import name_choices, names, passbook_door
from households.errors import LoginSlowed, PassbookClosed, PassbookNotFound
from households.models import Region
from households.names import Form
from households.passbook_door import Door
from points import draft, passbook, passbook_pages
from points.errors import EntryNotFound, NothingToPrint
from points.models import PassbookPage
from points.passbook import Book, Entry, Posted

RESET_TOLD_DAYS = 30
LONG_WAIT_SECONDS = 90


class DoorForm(msgspec.Struct):
    """The PIN; or the one-time code with a PIN typed twice."""

    code: str = ""
    pin: str = ""
    again: str = ""


class PinForm(msgspec.Struct):
    """Another PIN."""

    old: str = ""
    new: str = ""
    again: str = ""


class NameForm(msgspec.Struct):
    """How the name may be posted."""

    wall: str = ""
    web: str = ""


class PageForm(msgspec.Struct):
    """A page to print; `id` is made with the form, so that a second press is the same page."""

    id: str = ""

    @property
    def made(self) -> UUID:
        """The id, or a fresh one where what came is none."""
        try:
            return UUID(self.id)
        except ValueError:
            return uuid4()


class PassbookPages(Controller):
    """One household, one phone. What the QR leads to asks for the PIN, or shows the passbook."""

    path = "/h/{card:str}"

    @get("/", opt=guards.PUBLIC)
    async def front(self, request: Request, card: FromPath[str], page: PageNumber = 1) -> Response:
        """The door, or for who has come in the passbook itself."""
        holder = await holders.present(request)
        if holder is None or holder.card != card:
            return await _door_page(request, await passbook_door.door(card), {})
        book = await passbook.book(holder.household)
        entries, total = await passbook.entries(holder.household, village=holder.village, page=page)
        return render.page(
            request,
            "passbook.html",
            card=card,
            book=_book(book),
            entries=[_entry(one) for one in entries],
            pager=render.pager(request, page=page, total=total, size=passbook.PAGE_SIZE),
        )

    @post("/open", opt=guards.PUBLIC)
    async def open(
        self, request: Request, card: FromPath[str], data: URLEncodedBody[DoorForm]
    ) -> Response:
        """Open with the PIN."""
        try:
            token = await passbook_door.open_with_pin(card, data.pin, address=address_of(request))
        except (PassbookNotFound, PassbookClosed):
            raise
        except Refusal as refusal:
            return await _refused(request, card, {"pin": _said(refusal)}, refusal)
        return _opened(card, token)

    @post("/first", opt=guards.PUBLIC)
    async def first(
        self, request: Request, card: FromPath[str], data: URLEncodedBody[DoorForm]
    ) -> Response:
        """Choose the PIN with the one-time code."""
        if data.pin != data.again:
            said = {"again": locale.text("两次输入的密码不一样。")}
            return await _door_page(request, await passbook_door.door(card), said, data)
        try:
            token = await passbook_door.choose_pin(
                card, code=data.code, pin=data.pin, address=address_of(request)
            )
        except (PassbookNotFound, PassbookClosed):
            raise
        except Refusal as refusal:
            said = {_field_of(refusal): _said(refusal)}
            return await _refused(request, card, said, refusal, data)
        return _opened(card, token)

    @get("/entries/{entry_id:uuid}", guards=[holders.require_holder])
    async def entry(
        self, request: Request, card: FromPath[str], entry_id: FromPath[UUID]
    ) -> Response:
        """Why these points: everything that one entry rests on."""
        holder = holders.of(request)
        told = await passbook.told(entry_id, household_id=holder.household, village=holder.village)
        return render.page(request, "passbook_entry.html", card=card, **reasons.of_household(told))

    @get("/entries/{entry_id:uuid}/evidence", guards=[holders.require_holder])
    async def evidence(
        self, request: Request, card: FromPath[str], entry_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The file kept with an entry."""
        holder = holders.of(request)
        told = await passbook.told(entry_id, household_id=holder.household, village=holder.village)
        kept = told.story.evidence
        content = await attachments.read(kept.id) if kept else None
        if kept is None or content is None:
            raise EntryNotFound(id=entry_id)
        return render.file(content, name=kept.name)

    @get("/mine", guards=[holders.require_holder])
    async def mine(self, request: Request, card: FromPath[str]) -> Response:
        """How the name is posted, the PIN, the printed pages."""
        return await _mine_page(request, {})

    @post("/names", guards=[holders.require_holder])
    async def names(
        self, request: Request, card: FromPath[str], data: URLEncodedBody[NameForm]
    ) -> Response:
        """Record how this household's name may be posted from now on."""
        wall, web = form_of(data.wall), form_of(data.web)
        if wall is None or web is None:
            said = locale.text("墙上和网页各选一种。")
            return await _mine_page(request, {"wall" if wall is None else "web": said})
        holder = holders.of(request)
        await name_choices.choose_own(holder.household, wall=wall, web=web, by=holder.actor)
        return render.go(f"/h/{card}/mine", done=locale.text("已记下，下一张榜就照这样写。"))

    @post("/pin", guards=[holders.require_holder])
    async def pin(
        self, request: Request, card: FromPath[str], data: URLEncodedBody[PinForm]
    ) -> Response:
        """Another PIN; pages open on other phones close."""
        if data.new != data.again:
            return await _mine_page(request, {"again": locale.text("两次输入的密码不一样。")})
        try:
            token = await passbook_door.change_pin(
                holders.of(request), old=data.old, new=data.new, address=address_of(request)
            )
        except Refusal as refusal:
            field = "new" if type(refusal).__name__ == "PinWeak" else "old"
            return await _mine_page(request, {field: _said(refusal)}, refusal)
        response = render.go(f"/h/{card}/mine", done=locale.text("密码已改好。"))
        response.cookies.append(holders.cookie(token))
        return response

    @post("/pages", guards=[holders.require_holder])
    async def print_page(
        self, request: Request, card: FromPath[str], data: URLEncodedBody[PageForm]
    ) -> Response:
        """Note the next page for the paper passbook; a second press notes nothing more."""
        holder = holders.of(request)
        try:
            page = await passbook_pages.add(holder.household, id=data.made, by=holder.actor)
        except NothingToPrint as refusal:
            return render.go(f"/h/{card}/mine", problem=errors.message(refusal))
        return render.go(f"/h/{card}/pages/{page.number}")

    @get("/pages/{number:int}", guards=[holders.require_holder])
    async def printed(
        self, request: Request, card: FromPath[str], number: FromPath[int]
    ) -> Response[bytes]:
        """A printed page, now or again."""
        holder = holders.of(request)
        pdf, name = await passbook_papers.page(
            holder.household,
            number,
            by=holder.actor,
            given=render.settings(request),
            demo=request.app.state.kind == "demo",
        )
        return render.file(pdf, name=name, inline=True)

    @post("/leave", guards=[holders.require_holder])
    async def leave(self, request: Request, card: FromPath[str]) -> Response:
        """Close the page on this phone."""
        await passbook_door.leave(holders.of(request))
        response = render.go(f"/h/{card}", done=locale.text("存折已关上。"))
        response.cookies.append(holders.cookie(""))
        return response


def _opened(card: str, token: str) -> Response:
    response = render.go(f"/h/{card}")
    response.cookies.append(holders.cookie(token))
    return response


def _field_of(refusal: Refusal) -> str:
    return "pin" if type(refusal).__name__ == "PinWeak" else "code"


def _said(refusal: Refusal) -> str:
    """The sentence for a refusal; a long wait is told in minutes, and where there is help."""
    if isinstance(refusal, LoginSlowed) and refusal.seconds > LONG_WAIT_SECONDS:
        minutes = -(-refusal.seconds // 60)
        return locale.text(
            "试得太多了，请过 %(n)s 分钟再试；等不及，就带上存折到村委会重设。", n=minutes
        )
    return errors.message(refusal)


async def _refused(
    request: Request,
    card: str,
    problems: dict[str, str],
    refusal: Refusal,
    form: DoorForm | None = None,
) -> Response:
    status = errors.status_and_text(refusal)[0]
    door = await passbook_door.door(card)
    # Another phone may have been faster with the code: the door asks for the PIN now.
    if door.state == "pin" and "code" in problems:
        problems = {"pin": problems["code"]}
    return await _door_page(request, door, problems, form, status=status)


async def _door_page(
    request: Request,
    door: Door,
    problems: dict[str, str],
    form: DoorForm | None = None,
    *,
    status: int = 400,
) -> Response:
    region = await Region.get(code=door.village)
    return render.page(
        request,
        "passbook_door.html",
        status=status if problems else 200,
        card=door.card,
        state=door.state,
        village={"code": door.village, "name": draft.place_name(region.name)},
        form={"code": form.code if form else ""},
        errors=problems,
    )


async def _mine_page(
    request: Request, problems: dict[str, str], refusal: Refusal | None = None
) -> Response:
    holder = holders.of(request)
    book = await passbook.book(holder.household)
    return render.page(
        request,
        "passbook_mine.html",
        status=(errors.status_and_text(refusal)[0] if refusal else 400) if problems else 200,
        card=holder.card,
        book=_book(book),
        form={"wall": book.name_wall, "web": book.name_web},
        page_id=uuid4(),
        pages=[_printed(one) for one in await passbook_pages.listing(holder.household)],
        waiting=await passbook_pages.waiting(holder.household),
        names={form: names.shown(book.head, form=form) for form in get_args(Form)},
        errors=problems,
    )


def _book(book: Book) -> dict[str, Any]:
    """What the pages of a passbook have at their head."""
    return {
        **msgspec.structs.asdict(book),
        "period_label": locale.text(book.period.word),
        "posted": book.posted and _posted(book.posted),
        "pin_set_on": _day(book.pin_set_at),
        "reset_on": _day(book.reset_at),
        "reset_lately": book.reset_at is not None
        and (clock.now() - book.reset_at).days < RESET_TOLD_DAYS,
    }


def _posted(posted: Posted) -> dict[str, Any]:
    return {**msgspec.structs.asdict(posted), "period_label": wording.named(posted.period)}


def _printed(page: PassbookPage) -> dict[str, Any]:
    return {"number": page.number, "printed_on": _day(page.printed_at), "entries": page.entries}


def _day(moment: Any) -> Any:
    return clock.local(moment).date() if moment else None


def _deed_day(day: date) -> date | str:
    """A day of this year without its year, which a phone has no room for in every line."""
    if day.year != clock.today().year:
        return day
    return locale.text("%(m)s月%(d)s日", m=day.month, d=day.day)


def _entry(one: Entry) -> dict[str, Any]:
    entry = one.line.entry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "name": one.line.item_name,
        "points": entry.points,
        "deed_on": _deed_day(entry.deed_on),
        "clause": one.clause,
        "version": one.version,
        "role": wording.office(one.role),
        "reversed": one.line.reversed_by is not None,
    }
