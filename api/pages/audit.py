"""The audit log as a screen: who did what to what, and when."""

from datetime import date
from typing import Annotated

from litestar import Controller, Request, Response, get
from litestar.params import FromQuery, QueryParameter

from api import guards, locale, render
from api.paging import PageNumber
from foundation import audit, clock
from foundation.marking import mark as _n
from households import directory, officials, regions
from households.models import Region

# The verbs that the log knows, in words. A verb that is missing here is shown as it is.
VERBS = {
    "register.upload": _n("上传表格"),
    "register.import": _n("导入农户册"),
    "register.discard": _n("放弃导入"),
    "register.create": _n("新增农户"),
    "register.change": _n("修改农户"),
    "register.leave": _n("登记迁出"),
    "register.come_back": _n("登记迁回"),
    "register.split": _n("分户"),
    "register.merge": _n("并户"),
    "register.regroup": _n("迁组"),
    "register.relocate": _n("迁村"),
    "register.undo_move": _n("撤销变动"),
    "register.add_member": _n("添家里人"),
    "register.change_member": _n("修改家里人"),
    "register.member_leaves": _n("家里人迁出"),
    "register.member_comes_back": _n("家里人迁回"),
    "register.choose_names": _n("登记姓名公布方式"),
    "register.choose_own_name": _n("本户自己选姓名公布方式"),
    "passbooks.print": _n("打印存折卡"),
    "passbooks.reset": _n("重设存折密码"),
    "passbooks.choose_pin": _n("本户定存折密码"),
    "passbooks.change_pin": _n("本户改存折密码"),
    "register.unmask": _n("查看完整号码"),
    "register.read_restricted": _n("查看受限内容"),
    "register.check_id_number": _n("核对身份证号"),
    "register.forget_id_numbers": _n("清除身份证号"),
    "register.export": _n("导出农户册"),
    "scoring.post_sheet": _n("评分表入账"),
    "ledger.award": _n("单笔入账"),
    "ledger.post_batch": _n("成批入账"),
    "ledger.reversal": _n("冲正"),
    "ledger.grant_base": _n("发放基础分"),
    "leaderboard.export": _n("导出积分榜"),
    "publications.publish": _n("出榜"),
    "publications.hung": _n("登记张贴"),
    "publications.taken_down": _n("登记撤下"),
    "publications.withdraw_name": _n("隐去姓名"),
    "overview.export": _n("导出各村总览"),
    "publications.receive": _n("收下村里报来的榜"),
    "publications.packet": _n("下载红榜包"),
    "signers.confirm": _n("核实村里的密钥"),
    "signers.withdraw": _n("撤销村里的密钥"),
    "rules.draft": _n("起草村规"),
    "rules.change_draft": _n("修改村规草稿"),
    "rules.delete_draft": _n("删掉村规草稿"),
    "rules.publish": _n("公布村规"),
    "rules.record_adoption": _n("登记表决"),
    "rules.record_filing": _n("登记备案"),
    "rules.read_scan": _n("查看会议记录"),
    "regions.import": _n("导入区划"),
    "regions.create": _n("增设小组或网格"),
    "regions.rename": _n("改名"),
    "officials.create": _n("添加人员"),
    "officials.import": _n("导入人员"),
    "officials.add_duty": _n("增加职责"),
    "officials.remove_duty": _n("收回职责"),
    "officials.activate": _n("恢复账号"),
    "officials.deactivate": _n("停用账号"),
    "officials.reset_password": _n("重设密码"),
    "officials.change_password": _n("修改自己的密码"),
    "officials.link_household": _n("登记自己的户"),
    "sessions.open": _n("登录"),
    "settings.write": _n("修改设置"),
    "backups.write": _n("备份"),
    "backups.restore": _n("从备份恢复"),
    "founding.begin": _n("建村"),
}
DateFrom = Annotated[str, QueryParameter(name="from")]


class AuditPages(Controller):
    """The log of the villages within reach; whole-store lines for those who see everything."""

    path = "/audit"

    @get("/", guards=[guards.may("audit.read")])
    async def lines(
        self,
        request: Request,
        actor: FromQuery[str] = "",
        verb: FromQuery[str] = "",
        since: DateFrom = "",
        until: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Response:
        """A page of lines, newest first."""
        page = max(1, page)
        found, total = await audit.lines(
            await _reach(request),
            verb=verb,
            actor=await directory.label(actor),
            first=_day(since),
            last=_day(until),
            page=page,
        )
        form = {"actor": actor, "verb": verb, "village": "", "from": since, "until": until}
        return render.page(
            request,
            "audit.html",
            rows=await _shown(found),
            pager=render.pager(request, page=page, total=total, size=audit.PAGE_SIZE),
            form=form,
            verbs=[{"value": v, "label": locale.text(words)} for v, words in VERBS.items()],
        )


async def _shown(found: list[audit.Line]) -> list[dict[str, object]]:
    people = await directory.names(line.actor for line in found)
    codes = {line.village for line in found}
    places = {r.code: r.name for r in await Region.filter(code__in=codes)}
    return [
        {
            "at": clock.local(line.at),
            "actor": people.get(line.actor, line.actor),
            "verb": line.verb,
            "label": locale.text(VERBS.get(line.verb, line.verb)),
            "place": places.get(line.village, ""),
            "subject": line.subject.split(":")[-1][:8],
            "href": href_of(line.subject),
            "facts": list(line.facts.items()),
        }
        for line in found
    ]


def href_of(subject: str) -> str | None:
    """The screen of what an audit line is about, if it has one."""
    kind, _, key = subject.partition(":")
    folder = {"household": "households", "entry": "entries", "publication": "publications"}
    return f"/{folder[kind]}/{key}" if kind in folder else None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


async def _reach(request: Request) -> list[str] | None:
    """The villages whose lines the reader may see; None for a duty over the whole tree."""
    prefixes = officials.scope(request.user, "audit.read")
    if prefixes is None or any(prefix.count("/") == 1 for prefix in prefixes):
        return None
    return [place.code for place in await regions.villages(request.user, "audit.read")]
