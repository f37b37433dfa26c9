"""The audit log as a screen: who did what to what, and when."""

from datetime import date

from litestar import Controller, Request, Response, get
from litestar.params import FromQuery

from api import guards, locale, render
from foundation import audit, clock
from households import officials, regions


class AuditPages(Controller):
    """The log of the villages within reach; whole-store lines for those who see everything."""

    path = "/audit"

    @get("/", guards=[guards.may("audit.read")])
    async def lines(
        self,
        request: Request,
        verb: FromQuery[str] = "",
        first: FromQuery[date | None] = None,
        last: FromQuery[date | None] = None,
        page: FromQuery[int] = 1,
    ) -> Response:
        """A page of lines, newest first."""
        page = max(1, page)
        found, total = await audit.lines(
            await _reach(request), verb=verb, first=first, last=last, page=page
        )
        people = await officials.names(line.actor for line in found)
        pages = max(1, -(-total // audit.PAGE_SIZE))
        query = f"/audit?verb={verb}&first={first or ''}&last={last or ''}&page="
        return render.page(
            request,
            "audit.html",
            lines=[
                {
                    "at": clock.local(line.at),
                    "actor": people.get(line.actor, line.actor),
                    "verb": line.verb,
                    "village": line.village,
                    "subject": line.subject,
                    "facts": ", ".join(f"{name}={value}" for name, value in line.facts.items()),
                }
                for line in found
            ],
            pager={
                "page": page,
                "pages": pages,
                "total": total,
                "prev": f"{query}{page - 1}" if page > 1 else None,
                "next": f"{query}{page + 1}" if page < pages else None,
            },
            form={"verb": verb, "first": str(first or ""), "last": str(last or "")},
            kinds=[{"value": v, "label": locale.text(n)} for v, n in KINDS.items()],
        )


KINDS = {
    "": "全部",
    "register.unmask": "查看号码",
    "register.": "农户册",
    "ledger.": "积分流水",
    "scoring.": "月末评分",
    "rulebook.": "村规民约",
    "publication.": "红榜公布",
    "regions.": "区划网格",
    "officials.": "人员",
    "settings.": "设置",
    "sessions.": "登录",
}


async def _reach(request: Request) -> list[str] | None:
    """The villages whose lines the reader may see; None for a duty over the whole tree."""
    prefixes = officials.scope(request.user, "audit.read")
    if prefixes is None or any(prefix.count("/") == 1 for prefix in prefixes):
        return None
    return [place.code for place in await regions.villages(request.user, "audit.read")]
