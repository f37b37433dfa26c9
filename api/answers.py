"""How what went wrong is answered: problem details for programs, a page for people.

What is neither a refusal nor an HTTP answer is a bug: it is logged with a number and answered
with 500.
"""

import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.response import Redirect
from tortoise.exceptions import ValidationError

from api import findings, kept, locale, render, wording
from api.errors import message, status_and_text
from foundation import database
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households import errors as households
from points import errors as points
from points.scoring import CellProblem

_log = structlog.get_logger()


def problem(
    status: int, *, slug: str, title: str, facts: dict[str, Any] | None = None
) -> Response[dict[str, Any]]:
    """Problem details: what kind of problem, its sentence, and the facts by name."""
    body = {"type": f"urn:xiangyue:{slug}", "title": title, "status": status, "detail": title}
    return Response(
        {**render.plain(facts or {}), **body},
        status_code=status,
        media_type="application/problem+json",
    )


def wants_json(request: Request) -> bool:
    """Whether the answer goes to a program: the API, or a page's own fetch."""
    accept = request.headers.get("accept", "")
    return request.scope["path"].startswith("/api/") or accept.startswith("application/json")


def on_refusal(request: Request, refusal: Refusal) -> Response:
    """Answer the domain's no."""
    status, _ = status_and_text(refusal)
    if wants_json(request):
        facts = dict(refusal.facts)
        if isinstance(refusal, points.SheetRefused):
            facts["errors"] = [_of_cell(problem) for problem in refusal.errors]
        if isinstance(refusal, points.BatchRefused):
            facts["errors"] = [_of_entry(index, why) for index, why in refusal.errors]
        if "findings" in facts:
            facts["findings"] = findings.told(facts["findings"])
        return problem(status, slug=slug(type(refusal)), title=message(refusal), facts=facts)
    if isinstance(refusal, households.PassbookShut):
        return Redirect(f"/h/{quote(refusal.facts.get('card', ''), safe='')}", status_code=303)
    if status == 401:
        return to_login(request)
    if isinstance(refusal, households.PasswordUnchanged):
        return Redirect("/me")
    return render.error(request, status=status, detail=message(refusal))


def slug(kind: type[Refusal]) -> str:
    """A refusal's own word in the `type` of problem details; programs rely on it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def _of_cell(problem: CellProblem) -> dict[str, Any]:
    """What stands against one cell of a month sheet, with its sentence."""
    refusal = problem.refusal
    return {
        **refusal.facts,
        "household": problem.household,
        "item": problem.item,
        "code": slug(type(refusal)),
        "message": message(refusal),
    }


def _of_entry(index: int, refusal: Refusal) -> dict[str, Any]:
    """What stands against one entry of a batch, counted from 0, with its sentence."""
    return {
        **refusal.facts,
        "index": index,
        "code": slug(type(refusal)),
        "message": message(refusal),
    }


def on_http(request: Request, error: HTTPException) -> Response:
    """Answer what the framework itself refuses: no such page, malformed, too large."""
    if isinstance(error, NotAuthorizedException) and not wants_json(request):
        return to_login(request)
    facts = {"errors": error.extra} if isinstance(error, ValidationException) else None
    title = locale.text(wording.HTTP.get(error.status_code, wording.HTTP_ELSE))
    if wants_json(request):
        return problem(
            error.status_code, slug=f"http-{error.status_code}", title=title, facts=facts
        )
    return render.error(request, status=error.status_code, detail=title)


def on_unfit(request: Request, error: ValidationError) -> Response:
    """Answer a value that no column could hold, such as a code of forty characters."""
    title = locale.text(wording.HTTP[400])
    if wants_json(request):
        return problem(400, slug="http-400", title=title)
    return render.error(request, status=400, detail=title)


def on_bug(request: Request, error: Exception) -> Response:
    """Answer our own mistake: log it under a number that the reader can quote.

    An accident of the database while something was only read is a refusal as elsewhere.
    """
    accident = database.refusal_for(error)
    if accident is not None:
        return on_refusal(request, accident)
    number = uuid4().hex[:8]
    _log.error("bug", number=number, path=request.scope["path"], exc_info=error)
    title = locale.text(
        _n("程序出错了，编号 %(number)s。您填的内容没有保存，请稍后再试。"), number=number
    )
    if wants_json(request):
        return problem(500, slug="bug", title=title)
    return render.error(request, status=500, detail=title, number=number)


def to_login(request: Request) -> Redirect:
    """Send a reader to the log-in page, and back afterwards when he was only reading.

    Who sent a form goes back to the page where it stood, if what he typed could be kept.
    """
    if page := request.scope["state"].get("kept_page"):
        response = Redirect("/login", query_params={"next": page}, status_code=303)
        response.cookies.append(kept.kept_cookie())
        return response
    path = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        path += f"?{request.url.query}"
    return Redirect("/login", query_params={"next": path} if path != "/" else None)
