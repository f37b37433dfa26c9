"""Samples of the first pages, of places and of people; see samples.py."""

from datetime import date

from sample_village import (
    AT,
    ENTRY,
    GRIDS,
    GROUPS,
    PAGER,
    TODAY,
    TREE,
    UUID,
    VILLAGE,
    VILLAGES,
    options,
)
from samples import Context, sample

sample(
    "pages/home.html",
    place="槐庄村",
    today=TODAY,
    steps=[],
    tasks=[
        {
            "title": "给第二村民小组评分",
            "text": "10月还差 22 户没有评",
            "href": "/scores",
            "link": "去评分",
            "kind": "todo",
            "due": "今天是本月最后一天",
        },
        {
            "title": "撤下第二季度红榜",
            "text": "张贴期 7月18日已满",
            "href": "/publications",
            "link": "去登记",
            "kind": "overdue",
            "due": "超期 3 天",
        },
        {
            "title": "登记姓名公布方式",
            "text": "还有 41 户没有选",
            "href": "/households/name-choices",
            "link": "去登记",
            "kind": "wait",
            "due": "",
        },
    ],
    figures=[
        {"label": "在册农户", "value": 298, "unit": "户", "href": "/households"},
        {"label": "本月已评", "value": 252, "unit": "户", "href": "/scores"},
        {"label": "本月得分", "value": 1904, "unit": "分", "href": "/leaderboard"},
        {"label": "张贴中的榜", "value": 1, "unit": "张", "href": "/publications"},
    ],
    recent=[{"text": "第一村民小组 10月评分入账 212 笔", "at": AT, "href": "/scores"}],
)
sample(
    "pages/home.html",
    "new village",
    place="槐庄村",
    today=TODAY,
    tasks=[],
    figures=[],
    recent=[],
    steps=[
        {
            "title": "导入农户册",
            "text": "村里现成的 Excel 表就行",
            "href": "/households/import",
            "link": "去导入",
            "done": True,
        },
        {
            "title": "定村规民约",
            "text": "从范本起草，公布后才能评分",
            "href": "/rules/new",
            "link": "去起草",
            "done": False,
        },
        {
            "title": "评第一个月",
            "text": "键盘就能填完一个组",
            "href": "/scores",
            "link": "去评分",
            "done": False,
        },
        {
            "title": "张贴第一张红榜",
            "text": "打出来、盖上章、贴到墙上",
            "href": "/publications/new",
            "link": "去张贴",
            "done": False,
        },
    ],
)
sample(
    "pages/home.html",
    "nothing due",
    place="槐庄村",
    today=TODAY,
    tasks=[],
    figures=[],
    recent=[],
    steps=[],
    demo=True,
    flash={"kind": "done", "text": "密码已改好。"},
)
_ME: Context = {
    "form": {},
    "duties": [
        {"role": "clerk", "name": "槐庄村", "post": "", "since": None, "until": None},
        {
            "role": "grid_worker",
            "name": "东街网格",
            "post": "专职网格员",
            "since": TODAY,
            "until": TODAY,
        },
    ],
    "sessions": [
        {"device": "Windows · Edge", "since": AT, "used": AT, "is_this": True},
        {"device": "安卓手机 · 微信", "since": AT, "used": AT, "is_this": False},
    ],
}
sample("pages/me.html", errors={}, must_change=False, **_ME)
sample(
    "pages/me.html",
    "refused",
    errors={"new": "新密码至少 10 个字符。"},
    must_change=True,
    **_ME,
)
_SETUP: Context = {
    "code_needed": True,
    "errors": {},
    "starters": [
        {
            "value": "plain-village",
            "label": "平原村：户数较多，住得集中，条目齐全",
            "hint": "14 条，26 项评分细则，基础分 100",
        },
        {
            "value": "mountain-village",
            "label": "山区小村：住得分散，条目从简",
            "hint": "10 条，18 项评分细则，基础分 0",
        },
        {
            "value": "community",
            "label": "社区：楼房院落，邻居来自四面八方",
            "hint": "16 条，24 项评分细则，基础分 100",
        },
    ],
}
sample(
    "pages/setup.html",
    "divisions",
    who=None,
    divisions=0,
    villages=[],
    form={},
    bundled=options(("changwu", "陕西省咸阳市长武县（149 个）")),
    **_SETUP,
)
sample(
    "pages/setup.html",
    "village",
    who=None,
    divisions=149,
    bundled=[],
    villages=[
        {"code": "610428106000", "name": "彭公镇", "depth": 0},
        *({**v, "depth": 1} for v in VILLAGES),
    ],
    form={"village": "610428106221", "starter": "plain-village", "login": "admin"},
    **_SETUP,
)
sample(
    "pages/setup.html",
    "refused",
    who=None,
    divisions=149,
    bundled=[],
    villages=[{**v, "depth": 1} for v in VILLAGES],
    form={"village": "610428106221", "starter": "plain-village", "login": "admin"},
    **{**_SETUP, "errors": {"password": "密码至少 10 个字符。"}},
)

_NODES = [
    {
        "code": "610428106221",
        "name": "槐庄村",
        "level": "village",
        "children": [
            *({**g, "level": "group", "children": []} for g in GROUPS),
            {
                **GRIDS[0],
                "level": "grid",
                "children": [
                    {
                        "code": "610428106221-W001-01",
                        "name": "东街一片",
                        "level": "micro_grid",
                        "children": [],
                    }
                ],
            },
            {**GRIDS[1], "level": "grid", "children": []},
        ],
    }
]
sample(
    "pages/regions.html",
    tree=_NODES,
    counts={"610428106221": 298, "610428106221-G02": 48},
    may_write=True,
    may_import=True,
    parents=TREE,
    form={"level": "group"},
    errors={"name": "已经有第五村民小组。"},
    import_errors={},
)
sample(
    "pages/regions.html",
    "empty",
    tree=[],
    counts={},
    may_write=False,
    may_import=False,
    parents=[],
    form={},
    errors={},
    import_errors={},
)
_LIST: Context = {
    "pager": PAGER,
    "export": "/officials/export/xlsx",
    "regions": TREE,
    "sort": {"key": "name", "down": False, "links": {"name": "/x", "login": "/x", "role": "/x"}},
}
_OFFICIALS = [
    {
        "id": UUID,
        "login": "wangqs",
        "name": "王秋实",
        "active": True,
        "must_change_password": False,
        "own_household": UUID,
        "has_password": True,
        "serves": True,
        "managed": True,
        "duties": [{"role": "clerk", "name": "槐庄村"}],
    },
    {
        "id": ENTRY,
        "login": "lixm",
        "name": "李晓梅",
        "active": True,
        "must_change_password": True,
        "own_household": None,
        "has_password": True,
        "serves": True,
        "managed": True,
        "duties": [
            {"role": "scorer", "name": "槐庄村"},
            {"role": "grid_worker", "name": "东街网格"},
        ],
    },
]
sample(
    "pages/officials.html",
    officials=_OFFICIALS,
    form={"q": "", "role": "", "region": "", "account": ""},
    **_LIST,
    may_write=True,
    issued={"login": "lixm", "password": "yun-shan-4821"},
)
sample(
    "pages/officials.html",
    "none found",
    officials=[],
    form={"q": "赵", "role": "", "region": "", "account": "open"},
    **_LIST,
    may_write=False,
    issued=None,
)
_ROLES = options(("clerk", "村文书"), ("scorer", "评分员"))
sample(
    "pages/official_form.html",
    "new",
    official=None,
    regions=TREE,
    roles=_ROLES,
    found=[],
    form={"login": "Wang"},
    errors={"login": "用户名只能用小写字母、数字和横线。"},
)
sample(
    "pages/official_form.html",
    regions=TREE,
    roles=_ROLES,
    errors={},
    form={"q": "王"},
    found=[{"id": UUID, "head": "王生", "number": "042", "group_name": "第二村民小组"}],
    official={
        "id": ENTRY,
        "login": "lixm",
        "name": "李晓梅",
        "active": True,
        "household": None,
        "handed": [(ENTRY, TODAY)],
        "duties": [
            {
                "role": "scorer",
                "region": "610428106221",
                "name": "槐庄村",
                "post": "",
                "since": TODAY,
                "until": None,
            }
        ],
    },
)
sample(
    "pages/settings.html",
    village=VILLAGE,
    villages=VILLAGES,
    may_grant=True,
    may_open=True,
    keeps_store=True,
    public_url=None,
    errors={},
    form={
        "base_points": 100,
        "posted_first_n": 20,
        "point_fen": 50,
        "posted_period": "quarter",
        "display_days": 10,
        "stars": "300 450 600",
        "objection": "口头、书面均可，三日内书面答复",
        "contact": "监督电话 199-0000-0000",
        "publisher": "",
        "supervisor": "",
        "keep_id_numbers": "",
        "id_purpose": "",
        "show_place": True,
        "office": "大院一楼，逢三六九上午",
        "office_phone": "199 9900 0002",
    },
)
_AUDIT: Context = {
    "errors": {},
    "verbs": options(("register.unmask", "查看完整号码"), ("scoring.post_sheet", "评分表入账")),
    "villages": [VILLAGE],
    "more": "/audit?after=x",
    "newest": "/audit",
    "turn": "/audit?order=oldest",
    "oldest_first": False,
    "total": 10_000,
    "is_more": True,
    "form": {
        "actor": "",
        "verb": "",
        "household": "",
        "village": "",
        "from": "",
        "until": "",
        "order": "",
        "purpose": "",
    },
    "rows": [
        {
            "at": AT,
            "actor": "王秋实",
            "verb": "register.unmask",
            "label": "查看完整号码",
            "place": "槐庄村",
            "subject": "罗桂英 042",
            "href": f"/households/{UUID}",
            "facts": [("用途", "电话通知本户"), ("内容", "phone")],
        },
        {
            "at": AT,
            "actor": "王秋实",
            "verb": "scoring.post_sheet",
            "label": "评分表入账",
            "place": "槐庄村",
            "subject": "评分表",
            "href": None,
            "facts": [("地方", "第二村民小组"), ("入账", "212"), ("跳过", "0")],
        },
    ],
}
sample("pages/audit.html", **_AUDIT)
sample(
    "pages/audit.html",
    "of the county, export refused",
    **{
        **_AUDIT,
        "errors": {"purpose": "保存或查看证件号码要写明用途。"},
        "villages": VILLAGES,
        "form": {**_AUDIT["form"], "from": "2026-10-01", "order": "oldest", "verb": "settings."},
        "oldest_first": True,
        "is_more": False,
        "newest": None,
        "more": None,
        "total": 12,
    },
)
sample("pages/audit.html", "nothing found", **{**_AUDIT, "rows": []})
_LINE = {
    "township": "彭公镇",
    "households": 298,
    "earned": 46310,
    "last_serial": "610428106221-2026Q3-04",
    "last_period": "2026年第3季度",
    "hanging": 1,
    "overdue": 0,
}
sample(
    "pages/villages.html",
    villages=[
        {**VILLAGE, **_LINE},
        {**VILLAGES[1], **_LINE, "overdue": 2},
        {**VILLAGES[1], **_LINE, "households": 0, "earned": 0, "last_serial": "", "hanging": 0},
    ],
)
sample("pages/villages.html", "empty", villages=[])


def _person(name: str, duty: int, **more: object) -> Context:
    return {
        "duty": duty,
        "official": UUID,
        "name": name,
        "login": "lixm",
        "may_log_in": True,
        "since": None,
        "until": None,
        **more,
    }


_POSTS = [
    {"code": "grid-leader", "name": "网格长", "needed": 1},
    {"code": "full-time", "name": "专职网格员", "needed": 1},
    {"code": "part-time", "name": "兼职网格员", "needed": 2},
    {"code": "party-home", "name": "党员中心户", "needed": 0},
]
_CELLS = {
    "grid-leader": [_person("王秋实", 1)],
    "full-time": [_person("李晓梅", 2, until=TODAY)],
    "part-time": [_person("赵春生", 3, may_log_in=False)],
    "party-home": [_person(name, n) for n, name in enumerate(("罗桂英", "欧阳秀", "高海杰"), 4)],
}
_DUTY_ROWS = [
    {
        **GRIDS[0],
        "village": VILLAGE["code"],
        "village_name": "槐庄村",
        "cells": _CELLS,
        "missing": ["part-time"],
    },
    {
        **GRIDS[1],
        "village": VILLAGE["code"],
        "village_name": "槐庄村",
        "cells": {"grid-leader": [_person("买买提·吐尔逊", 9, since=TODAY)]},
        "missing": ["full-time", "part-time"],
    },
]
_TABLE: Context = {
    "region": VILLAGE["code"],
    "name": "槐庄村",
    "level": "grid",
    "levels": ["group", "grid"],
    "posts": _POSTS,
    "rows": _DUTY_ROWS,
    "people": 7,
    "missing": 3,
}
_DUTIES: Context = {"table": _TABLE, "several": False, "title": "槐庄村网格责任表"}
sample("pages/duties.html", regions=TREE[:1], may_write=True, **_DUTIES)
sample(
    "pages/duties.html",
    "of a township",
    regions=[{"code": "610428106000", "name": "彭公镇", "depth": 0}, *TREE[:1]],
    may_write=False,
    **{**_DUTIES, "several": True, "table": {**_TABLE, "missing": 0}},
)
sample(
    "pages/duties.html",
    "without grids",
    regions=TREE[:1],
    may_write=True,
    **{**_DUTIES, "table": {**_TABLE, "rows": [], "levels": []}},
)
_EDIT: Context = {
    "code": GRIDS[0]["code"],
    "name": "东街网格",
    "village": "槐庄村",
    "back": "/officials/duties",
    "known": [{"login": "lixm", "name": "李晓梅"}],
    "posts": [
        {**post, "may": post["code"] != "party-home", "holders": _CELLS[post["code"]]}
        for post in _POSTS
    ],
}
sample("pages/duty_edit.html", ended=[], form={"on": "2026-11-01"}, errors={}, **_EDIT)
sample(
    "pages/duty_edit.html",
    "refused",
    ended=[2],
    form={"on": "2026-11-01", "add-full-time": "王伟"},
    errors={"on": "叫“王伟”的不止一个人，请改写他的用户名。"},
    **_EDIT,
)
sample("print/duty_table.html", printed_on=TODAY, **_DUTIES)
sample(
    "print/duty_table.html",
    "of a township",
    printed_on=TODAY,
    demo=True,
    **{
        **_DUTIES,
        "title": "彭公镇网格责任表",
        "several": True,
        "table": {**_TABLE, "rows": _DUTY_ROWS * 14},
    },
)


_LEAVER = {"id": ENTRY, "login": "lixm", "name": "李晓梅"}
_HANDED = [
    {"name": "村文书", "place": "槐庄村"},
    {"name": "专职网格员", "place": "槐庄村 东街网格"},
]
_DID = [("评分表入账", 6), ("登记迁出", 2), ("单笔入账", 31), ("出榜", 1)]
sample(
    "pages/hand_over_form.html",
    official=_LEAVER,
    duties=_HANDED,
    drafts=[
        {
            "id": 1,
            "place": "槐庄村 第二村民小组",
            "month": "2026年10月",
            "cells": 48,
            "saved_at": AT,
        },
        {
            "id": 2,
            "place": "槐庄村 第三村民小组",
            "month": "2026年10月",
            "cells": 3,
            "saved_at": AT,
        },
    ],
    ticked=[1],
    did=_DID,
    successors=options((UUID, "王秋实（wangqs）")),
    form={"id": UUID, "on": "2026-11-01", "successor": UUID},
    errors={"on": "日期要在一个月以前和三个月以后之间，2027年11月1日 太远了。"},
)
sample(
    "pages/hand_over_form.html",
    "nothing left",
    official=_LEAVER,
    duties=[],
    drafts=[],
    ticked=[],
    did=[],
    successors=[],
    form={"id": UUID, "on": "2026-11-01"},
    errors={},
)
_MADE: Context = {
    "made": {
        "id": UUID,
        "official": _LEAVER,
        "successor": {"login": "wangqs", "name": "王秋实"},
        "on": date(2026, 11, 1),
        "did_from": date(2026, 9, 30),
        "did_until": TODAY,
        "made_by": "罗桂英",
    },
    "made_at": AT,
    "duties": _HANDED,
    "drafts": [
        {"place": "槐庄村 第二村民小组", "month": "2026年10月", "cells": 48, "passed": True},
        {"place": "槐庄村 第三村民小组", "month": "2026年10月", "cells": 3, "passed": False},
    ],
    "did": _DID,
}
_VACANT: Context = {
    **_MADE,
    "made": {**_MADE["made"], "successor": None},
    "drafts": [],
    "did": [],
}
sample("pages/hand_over.html", **_MADE)
sample("pages/hand_over.html", "to nobody", **_VACANT)
sample("print/hand_over.html", **_MADE)
sample("print/hand_over.html", "to nobody", demo=True, **_VACANT)
sample(
    "pages/kept.html",
    form={
        "path": "/households/new",
        "page": "/households/new?village=610428106221",
        "fields": [("head", "罗桂英"), ("address", "东街 12 号"), ("number", "")],
    },
    at=AT,
)
sample("pages/kept.html", "nothing", form=None, at=None)
sample(
    "pages/my_log.html",
    rows=_AUDIT["rows"],
    more="/me/log?after=x",
    form={"from": "2026-10-01", "until": ""},
)
sample("pages/my_log.html", "nothing", rows=[], more=None, form={"from": "", "until": ""})
