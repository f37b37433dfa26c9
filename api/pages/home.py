"""The first screen: what is due today, and where to do it."""

from litestar import Controller, Request, Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api import guards, locale, render
from foundation import clock
from households import officials
from points import founding, today
from points.period import Period


class HomePages(Controller):
    """One village's day for those who serve a village, a table of villages for the others."""

    @get("/", opt=guards.PUBLIC)
    async def home(self, request: Request, village: FromQuery[str] = "") -> Response:
        """What is due. Nobody has a login yet: the first run; nobody logged in: the door."""
        if request.user is None:
            return Redirect("/setup" if await founding.is_open() else "/login")
        if request.auth.must_change_password:
            return Redirect("/me")
        code = village or request.user.village
        if not code:
            lines = await today.of_villages(request.user)
            return render.page(request, "villages.html", villages=lines)
        due = await today.of_village(code, actor=request.user)
        return render.page(
            request,
            "home.html",
            today=clock.today(),
            village=due,
            month_name=Period(due.month).label,
            steps=_steps(request, due),
            hanging=[
                {
                    "href": f"/publications/{row.serial}",
                    "period": Period(row.period).label,
                    "until": row.until,
                    "is_overdue": row.is_overdue,
                }
                for row in due.hanging
            ],
        )


def _steps(request: Request, due: today.VillageToday) -> list[dict[str, str]]:
    """What this official can do next, the most urgent first; [] when nothing waits."""
    found = []

    def step(permission: str, what: str, why: str, href: str, link: str) -> None:
        if officials.allowed(request.user, permission):
            found.append({"what": what, "why": why, "href": href, "link": link})

    _ = locale.text
    if not due.households:
        step(
            "register.write",
            _("农户册还是空的"),
            _("把村里现有的 Excel 农户册直接导入，先预览再确认。"),
            f"/households/import?village={due.code}",
            _("导入农户册"),
        )
    if not due.has_rules:
        step(
            "rules.write",
            _("还没有村规民约"),
            _("从样本开始改，几分钟就能用；以后再交村民会议表决。"),
            "/rules/new",
            _("建立村规民约"),
        )
    for row in due.hanging:
        if row.is_overdue:
            step(
                "publications.write",
                _("%(period)s红榜到期了", period=Period(row.period).label),
                _("公示期已满，请取下并登记取下的日期。"),
                f"/publications/{row.serial}",
                _("登记取下"),
            )
    waiting = [group for group in due.groups if not group.is_posted]
    if due.has_rules and waiting:
        step(
            "scores.write",
            _("%(month)s评分还有 %(n)s 个小组", month=Period(due.month).label, n=len(waiting)),
            "、".join(group.name for group in waiting[:8]),
            f"/scores?month={due.month}&group={waiting[0].code}",
            _("开始评分"),
        )
    if due.to_publish:
        step(
            "publications.write",
            _("%(period)s红榜还没有公布", period=due.to_publish.label),
            _("先看预览，再生成红榜和二维码。"),
            f"/publications/new?region={due.code}&period={due.to_publish.text}",
            _("公布红榜"),
        )
    return found
