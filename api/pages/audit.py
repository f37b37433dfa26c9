"""The audit log as a screen: who did what to what, and when."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from api import deeds, errors, guards, locale, posters, render
from api.v1.audit import AuditFilter, DateFrom, wanted_of
from foundation import clock, spreadsheets, trail
from foundation.actors import HOUSEHOLD, Actor
from foundation.audit import Line
from foundation.errors import TooManyLines
from foundation.marking import mark as _n
from households import directory, oversight, regions
from households.errors import PurposeMissing
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
    "passbooks.print_page": _n("打印存折页"),
    "passbooks.reset": _n("重设存折密码"),
    "passbooks.choose_pin": _n("本户定存折密码"),
    "passbooks.change_pin": _n("本户改存折密码"),
    "register.unmask": _n("查看完整号码"),
    "register.read_restricted": _n("查看受限内容"),
    "register.check_id_number": _n("核对身份证号"),
    "register.forget_id_numbers": _n("清除身份证号"),
    "register.export": _n("导出农户册"),
    "scoring.import_sheet": _n("导入填好的评分表"),
    "scoring.export_sheet": _n("导出评分表"),
    "scoring.post_sheet": _n("评分表入账"),
    "scoring.reverse_sheet": _n("整张评分表冲正"),
    "ledger.award": _n("单笔入账"),
    "ledger.post_batch": _n("成批入账"),
    "ledger.keep_evidence": _n("存证明材料"),
    "ledger.reversal": _n("冲正"),
    "ledger.opening": _n("录期初积分"),
    "ledger.export_form": _n("导出期初积分空表"),
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
    "rules.import_items": _n("导入评分细则"),
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
    "officials.issue_passwords": _n("发密码条"),
    "officials.add_duty": _n("增加职责"),
    "officials.remove_duty": _n("收回职责"),
    "officials.revise_table": _n("调整责任表"),
    "officials.export_table": _n("导出责任表"),
    "officials.export": _n("导出人员名册"),
    "officials.posts": _n("设置岗位"),
    "officials.hand_over": _n("交接"),
    "officials.activate": _n("恢复账号"),
    "officials.deactivate": _n("停用账号"),
    "officials.reset_password": _n("重设密码"),
    "officials.change_password": _n("修改自己的密码"),
    "officials.link_household": _n("登记自己的户"),
    "sessions.end_others": _n("退出别处的登录"),
    "sessions.open": _n("登录"),
    "settings.write": _n("修改设置"),
    "backups.write": _n("备份"),
    "backups.restore": _n("从备份恢复"),
    "backups.plan": _n("修改备份计划"),
    "backups.fail": _n("备份没有做成"),
    "backups.copy": _n("备份另存到别的盘"),
    "backups.copy_here": _n("备份另存到本机"),
    "backups.download": _n("下载备份"),
    "keys.begin_rotation": _n("开始更换密钥"),
    "keys.rotate": _n("更换密钥"),
    "keys.print_sheet": _n("打印密钥恢复单"),
    "founding.begin": _n("建村"),
    "audit.export": _n("导出审计记录"),
}
# More than an office PC opens at once; narrower days make several files.
EXPORT_LINES_MAX = 50_000
COUNTED_MAX = 10_000
NAMED_AT_ONCE = 5_000
FIELDS = (_n("时间"), _n("谁"), _n("做了什么"), _n("对什么"), _n("哪里"), _n("详情"))


class AuditPages(Controller):
    """The log of the villages within reach; whole-store lines for those who see everything."""

    path = "/audit"

    @get("/", guards=[guards.may("audit.read")])
    async def lines(
        self,
        request: Request,
        actor: FromQuery[str] = "",
        verb: FromQuery[str] = "",
        household: FromQuery[str] = "",
        village: FromQuery[str] = "",
        since: DateFrom = "",
        until: FromQuery[str] = "",
        order: FromQuery[str] = "",
        after: FromQuery[str] = "",
    ) -> Response:
        """A page of lines, newest first unless the oldest are wanted first."""
        asked = AuditFilter(actor, verb, household, village, since, until, order)
        return await _page(request, asked, after=after)

    @post("/export", guards=[guards.may("audit.read")])
    async def export(self, request: Request, data: URLEncodedBody[AuditFilter]) -> Response:
        """The lines as a file; that they left, and what for, is a line itself."""
        try:
            file = await _file(request.user, data)
        except PurposeMissing:
            said = {"purpose": locale.text("请写明导出来做什么用。")}
            return await _page(request, data, problems=said)
        except TooManyLines as refusal:
            return await _page(request, data, problems={"purpose": errors.message(refusal)})
        return render.file(file.content, name=file.name)


async def _page(
    request: Request,
    asked: AuditFilter,
    *,
    after: str = "",
    problems: dict[str, str] | None = None,
) -> Response:
    reach = await oversight.reach(request.user)
    wanted = await wanted_of(asked, actor=request.user)
    page = await trail.page(reach, wanted, cursor=after)
    total = await trail.count(reach, wanted, at_most=COUNTED_MAX)
    form = msgspec.to_builtins(asked)
    query = {k: v for k, v in form.items() if v and k not in ("format", "purpose", "order")}
    turned = {} if wanted.oldest_first else {"order": "oldest"}
    same = {"order": "oldest"} if wanted.oldest_first else {}
    here = await regions.villages(request.user, "audit.read")
    return render.page(
        request,
        "audit.html",
        status=400 if problems else 200,
        rows=await shown(page.lines, actor=request.user),
        more=f"/audit?{urlencode({**query, **same, 'after': page.next})}" if page.next else None,
        newest=f"/audit?{urlencode({**query, **same})}" if after else None,
        turn=f"/audit?{urlencode({**query, **turned})}",
        oldest_first=wanted.oldest_first,
        total=min(total, COUNTED_MAX),
        is_more=total > COUNTED_MAX,
        form=form,
        errors=problems or {},
        verbs=[{"value": v, "label": locale.text(words)} for v, words in VERBS.items()],
        villages=[{"code": place.code, "name": place.name} for place in here],
    )


async def shown(found: list[Line], *, actor: Actor) -> list[dict[str, Any]]:
    """Lines as a table shows them."""
    people = await directory.names(line.actor for line in found)
    codes = deeds.regions_in(found)
    places = {r.code: r.name for r in await Region.filter(code__in=codes)} if codes else {}
    about = await deeds.subjects(found, actor=actor)
    return [
        {
            "at": clock.local(line.at),
            "actor": people.get(line.actor) or _nobodys(line.actor),
            "verb": line.verb,
            "label": locale.text(VERBS.get(line.verb, line.verb)),
            "place": places.get(line.village, ""),
            "subject": about.get(line.subject, ""),
            "href": deeds.href_of(line.subject),
            "facts": deeds.facts(line, places),
        }
        for line in found
    ]


def _nobodys(label: str) -> str:
    """Who acted where it was no official: a household on its own page, or the operator."""
    return locale.text("本户自己") if label.startswith(HOUSEHOLD) else label


async def _file(actor: Actor, asked: AuditFilter) -> spreadsheets.File:
    reach = await oversight.reach(actor)
    wanted = await wanted_of(asked, actor=actor)
    lines = await trail.count(reach, wanted, at_most=EXPORT_LINES_MAX)
    if lines > EXPORT_LINES_MAX:
        raise TooManyLines(lines_max=EXPORT_LINES_MAX)
    # Logged before it is read, so that a file never leaves without its line.
    await oversight.log_export(
        by=actor, purpose=asked.purpose, lines=lines, fields=FIELDS, village=asked.village
    )
    found = (await trail.page(reach, wanted, size=EXPORT_LINES_MAX)).lines
    table: list[list[spreadsheets.Cell]] = []
    with posters.chinese():
        for start in range(0, len(found), NAMED_AT_ONCE):
            part = found[start : start + NAMED_AT_ONCE]
            table += [_row(row) for row in await shown(part, actor=actor)]
    title = _n("审计记录")
    name, header = f"{title}-{clock.today()}", list(FIELDS)
    if asked.format == "csv":
        content = await asyncio.to_thread(spreadsheets.csv_file, header, table)
        return spreadsheets.File(f"{name}.csv", spreadsheets.CSV_TYPE, content)
    notes = [
        (_n("用途"), asked.purpose),
        (_n("导出人"), actor.name),
        (_n("导出时间"), f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"),
    ]
    content = await asyncio.to_thread(
        spreadsheets.xlsx_file, title, header, table, titles=[name], notes=notes
    )
    return spreadsheets.File(f"{name}.xlsx", spreadsheets.XLSX_TYPE, content)


def _row(row: dict[str, Any]) -> list[spreadsheets.Cell]:
    return [
        f"{row['at']:%Y-%m-%d %H:%M:%S}",
        row["actor"],
        row["label"],
        row["subject"],
        row["place"],
        "；".join(f"{name} {value}" for name, value in row["facts"]),
    ]
