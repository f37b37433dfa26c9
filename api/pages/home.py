"""The first screen: what is due today, and where to do it."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from api import backup_files, guards, locale, render, wording
from api.deeds import href_of
from api.pages.audit import VERBS
from foundation import clock, trail
from foundation.trail import Wanted
from households import duty_table, officials, passbooks, regions
from households.models import Region
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
        if not code and officials.allowed(request.user, "overview.read"):
            return Redirect("/overview")
        if not code:
            lines = await today.of_villages(request.user)
            return render.page(request, "villages.html", villages=lines)
        if not village and not await _serves(request, code):
            return Redirect("/households")
        due = await today.of_village(code, actor=request.user)
        return render.page(
            request,
            "home.html",
            today=clock.today(),
            place=due.name,
            steps=_steps(request, due),
            tasks=[
                *_tasks(request, due),
                *await vacant_tasks(request, due.code),
                *await _keeping(request),
                *await _cards(request, due),
            ],
            figures=_figures(request, due),
            recent=await _recent(request),
        )


async def _keeping(request: Request) -> list[dict[str, str]]:
    """What there is to warn of about backups, for who looks after the whole store."""
    by = request.user
    if not officials.allowed(by, "store.keep") or not await officials.keeps_the_store(by):
        return []
    _ = locale.text
    return [
        {
            "title": _("备份"),
            "text": _(backup_files.WORDS[one]),
            "href": "/settings/backups",
            "link": _("去备份"),
            "kind": "overdue",
            "due": "",
        }
        for one in await backup_files.warnings()
    ]


async def _cards(request: Request, due: today.VillageToday) -> list[dict[str, str]]:
    """Households that have no passbook card yet, once there is something to see with it."""
    if not due.entries or not officials.allowed(request.user, "passbooks.write"):
        return []
    lacking = await passbooks.lacking(due.code, actor=request.user)
    if not lacking or not render.settings(request).public_url:
        return []
    _ = locale.text
    return [
        {
            "kind": "todo",
            "title": _("发存折卡"),
            "text": _("还有 %(n)s 户没有印过卡，领了卡就能自己看积分。", n=lacking),
            "href": f"/passbooks?village={due.code}&state=none",
            "link": _("打印存折卡"),
            "due": "",
        }
    ]


async def _serves(request: Request, village: str) -> bool:
    """Whether a duty reaches the whole village: a group or a grid has no day of its own here."""
    seen = await regions.visible(request.user, "regions.read")
    return any(region.code == village for region in seen)


def _steps(request: Request, due: today.VillageToday) -> list[dict[str, Any]]:
    """What a new village still has to set up, for its clerk; [] once it has all of it."""
    if not officials.allowed(request.user, "register.write"):
        return []
    _ = locale.text
    steps = [
        {
            "title": _("村规民约"),
            "text": _("从样本开始改，几分钟就能用；以后再交村民会议表决。"),
            "href": "/rules/new",
            "link": _("建立村规民约"),
            "done": due.has_rules,
        },
        {
            "title": _("农户册"),
            "text": _("把村里现有的 Excel 农户册直接导入，先预览再确认。"),
            "href": f"/households/import?village={due.code}",
            "link": _("导入农户册"),
            "done": bool(due.households),
        },
        {
            "title": _("第一次评分"),
            "text": _("按小组逐户打分，键盘就能填完，一次入账。"),
            "href": _scores(due),
            "link": _("开始评分"),
            "done": bool(due.entries),
        },
    ]
    return [] if all(step["done"] for step in steps) else steps


def _tasks(request: Request, due: today.VillageToday) -> list[dict[str, str]]:
    """What waits for this official, the most urgent first."""
    _ = locale.text
    tasks = []

    def task(permission: str, kind: str, **words: str) -> None:
        if officials.allowed(request.user, permission):
            tasks.append({"kind": kind, "due": "", **words})

    for row in due.on_walls:
        period = wording.named(Period(row.period))
        if row.wall == "to_take_down":
            task(
                "publications.write",
                "overdue",
                title=_("%(period)s红榜该取下了", period=period),
                text=_("公示期已满，请取下，再登记取下的日期。"),
                href=f"/publications/{row.serial}",
                link=_("登记取下"),
                due=_("%(d)s到期", d=row.display_until),
            )
        elif row.wall == "to_hang":
            task(
                "publications.write",
                "wait",
                title=_("张贴%(period)s红榜", period=period),
                text=_("红榜已经生成，打印出来贴到墙上，再登记张贴的日期。"),
                href=f"/publications/{row.serial}",
                link=_("打印红榜"),
            )
    waiting = [group.name for group in due.groups if not group.is_posted]
    if due.has_rules and waiting:
        task(
            "scores.write",
            "wait",
            title=_("%(month)s评分", month=wording.named(Period(due.month))),
            text=_("还没有入账：%(groups)s", groups=_("、").join(waiting)),
            href=_scores(due),
            link=_("开始评分"),
            due=_("还有 %(n)s 个小组", n=len(waiting)),
        )
    if due.to_publish:
        task(
            "publications.write",
            "wait",
            title=_("公布%(period)s红榜", period=wording.named(due.to_publish)),
            text=_("先看预览，再生成红榜和二维码。"),
            href=f"/publications/new?region={due.code}&period={due.to_publish.text}",
            link=_("预览红榜"),
        )
    return tasks


async def vacant_tasks(request: Request, within: str = "") -> list[dict[str, str]]:
    """The duties that were left to nobody, in a village or in the reader's whole reach."""
    if not officials.allowed(request.user, "officials.read"):
        return []
    _ = locale.text
    path = (await Region.get(code=within)).path if within else ""
    return [
        {
            "kind": "overdue",
            "title": _("%(place)s空岗", place=one.place),
            "text": _(
                "%(post)s：%(name)s 离任以后还没有人接。",
                post=_(one.post_name) if one.post_name else _(render.ROLE_NAMES[one.role]),
                name=one.before,
            ),
            "href": f"/officials/duties?region={one.village or one.region}",
            "link": _("看责任表"),
            "due": _("从 %(d)s 起", d=one.since),
        }
        for one in await duty_table.vacancies(request.user, within=path)
    ]


def _scores(due: today.VillageToday) -> str:
    waiting = [group.code for group in due.groups if not group.is_posted]
    return f"/scores?month={due.month}" + (f"&group={waiting[0]}" if waiting else "")


def _figures(request: Request, due: today.VillageToday) -> list[dict[str, Any]]:
    _ = locale.text
    year = clock.today().year
    figures = [
        (
            "register.read",
            _("在册户数"),
            due.households,
            _("户"),
            f"/households?village={due.code}",
        ),
        (
            "leaderboard.read",
            _("今年新增积分"),
            due.earned,
            _("分"),
            f"/leaderboard?region={due.code}&period={year}",
        ),
        (
            "publications.read",
            _("正在公示"),
            sum(row.wall == "hanging" for row in due.on_walls),
            _("张"),
            "/publications",
        ),
    ]
    return [
        {"label": label, "value": value, "unit": unit, "href": href}
        for permission, label, value, unit, href in figures
        if officials.allowed(request.user, permission)
    ]


async def _recent(request: Request) -> list[dict[str, Any]]:
    """The reader's own last deeds that lead somewhere."""
    page = await trail.page(None, Wanted(actors=[request.user.label]))
    return [
        {
            "text": locale.text(VERBS.get(line.verb, line.verb)),
            "at": clock.local(line.at),
            "href": href,
        }
        for line in page.lines
        if (href := href_of(line.subject))
    ][:5]
