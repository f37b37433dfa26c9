"""Samples of the first pages, of places and of people; see samples.py."""

from datetime import date

from sample_village import (
    AT,
    ENTRY,
    GRIDS,
    GROUPS,
    ONE_PAGE,
    PAGER,
    TODAY,
    TREE,
    UUID,
    VILLAGE,
    VILLAGES,
    options,
)
from samples import sample

_GROUPS_DUE = [
    {**group, "households": 48 + n, "is_posted": n < 2} for n, group in enumerate(GROUPS)
]
_DUE = {**VILLAGE, "households": 298, "has_rules": True, "month": "2026-10", "groups": _GROUPS_DUE}
_STEPS = [
    {
        "what": "2026 年 10 月评分还有 2 个小组",
        "why": "第三村民小组、第四村民小组",
        "href": "/scores",
        "link": "开始评分",
    },
    {
        "what": "2026 年第 2 季度红榜到期了",
        "why": "公示期已满，请取下并登记取下的日期。",
        "href": "/publications/x",
        "link": "登记取下",
    },
]
_HANGING = [
    {"href": "/x", "period": "2026 年第 3 季度", "until": date(2026, 11, 7), "is_overdue": False},
    {"href": "/y", "period": "2026 年第 2 季度", "until": date(2026, 7, 18), "is_overdue": True},
]
_HOME = {"today": TODAY, "village": _DUE, "month_name": "2026 年 10 月"}
sample("pages/home.html", steps=_STEPS, hanging=_HANGING, **_HOME)
sample(
    "pages/home.html",
    "all done",
    steps=[],
    hanging=[],
    demo=True,
    flash={"kind": "done", "text": "密码已改好。"},
    **_HOME,
)
_LINE = {
    "township": "彭公镇",
    "households": 298,
    "earned": 46310,
    "last_serial": "s",
    "last_period": "2026 年第 3 季度",
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
sample("pages/me.html", form={}, errors={}, must_change=False)
sample(
    "pages/me.html", "refused", form={}, errors={"new": "新密码至少 10 个字符。"}, must_change=True
)
_STARTERS = [
    {"value": "plain-village", "label": "村规民约", "hint": "平原村：户数较多，住得集中，条目齐全"},
    {"value": "mountain-village", "label": "村规民约", "hint": "山区小村：住得分散，条目从简"},
    {"value": "community", "label": "居民公约", "hint": "社区：楼房院落，邻居来自四面八方"},
]
sample(
    "pages/setup.html",
    "divisions",
    who=None,
    villages=[],
    starters=_STARTERS,
    form={"code": "", "village": ""},
    errors={"file": "看不懂这个文件：没有代码和名称两列。"},
)
sample(
    "pages/setup.html",
    "village",
    who=None,
    villages=options((VILLAGE["code"], "槐庄村")),
    starters=_STARTERS,
    errors={"password": "密码至少 10 个字符。"},
    form={
        "code": "k3v9m2xa",
        "village": VILLAGE["code"],
        "starter": "plain-village",
        "rules_from": "2026-10-01",
        "login": "admin",
        "name": "",
    },
)
_LEVELS = {
    "county": "县",
    "township": "乡镇街道",
    "area": "片",
    "village": "村（社区）",
    "group": "村民小组",
    "grid": "网格",
    "micro_grid": "微网格",
}
_NODES = [
    {
        **VILLAGE,
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
    level_names=_LEVELS,
    may_write=True,
    may_import=True,
    parents=TREE,
    form={"level": "group"},
    errors={"name": "已经有第五村民小组。"},
)
sample(
    "pages/regions.html",
    "empty",
    tree=[],
    level_names=_LEVELS,
    may_write=False,
    may_import=False,
    parents=[],
    form={},
    errors={},
)
_PEOPLE = [
    {
        "id": UUID,
        "login": "wangqs",
        "name": "王秋实",
        "active": True,
        "must_change_password": False,
        "own_household": UUID,
        "duties": [{"role": "clerk", "name": "槐庄村"}],
    },
    {
        "id": ENTRY,
        "login": "lixm",
        "name": "李晓梅",
        "active": True,
        "must_change_password": True,
        "own_household": None,
        "duties": [
            {"role": "scorer", "name": "槐庄村"},
            {"role": "grid_worker", "name": "东街网格"},
        ],
    },
    {
        "id": "old",
        "login": "zhaody",
        "name": "赵大勇",
        "active": False,
        "must_change_password": False,
        "own_household": None,
        "duties": [],
    },
]
_ROLES = {"clerk": "村文书", "scorer": "评分员", "grid_worker": "网格员"}
_REACH = {"role_names": _ROLES, "roles": options(*_ROLES.items()), "regions": TREE}
sample(
    "pages/officials.html",
    people=_PEOPLE,
    total=3,
    q="",
    may_write=True,
    form={},
    errors={},
    issued={"login": "lixm", "password": "yun-shan-4821"},
    **_REACH,
)
sample(
    "pages/officials.html",
    "refused",
    people=_PEOPLE,
    total=3,
    q="",
    may_write=True,
    form={"login": "Wang", "name": "王"},
    errors={"login": "用户名 Wang 已经有人用了。"},
    issued=None,
    **_REACH,
)
sample(
    "pages/officials.html",
    "none found",
    people=[],
    total=3,
    q="钱",
    may_write=False,
    form={},
    errors={},
    issued=None,
    **_REACH,
)
_SCHEME = {
    "base_points": 100,
    "posted_first_n": 20,
    "posted_period": "quarter",
    "display_days": 10,
    "stars": "300, 450, 600",
    "publisher": "",
    "supervisor": "",
    "objection": "口头、书面均可，三日内书面答复",
    "contact": "监督电话 199-0000-0000",
}
_REGISTER = {"keep_id_numbers": False, "id_purpose": ""}
_TWO = options(*((v["code"], v["name"]) for v in VILLAGES))
sample(
    "pages/settings.html",
    village=VILLAGE,
    villages=_TWO,
    scheme=_SCHEME,
    register=_REGISTER,
    errors={},
)
sample(
    "pages/settings.html",
    "refused",
    village=VILLAGE,
    villages=_TWO[:1],
    scheme=_SCHEME,
    register={"keep_id_numbers": True, "id_purpose": ""},
    errors={"id_purpose": "要保存身份证号，请写明用途。", "scheme": "公示不能少于 10 天。"},
)
_AUDIT = {
    "form": {"verb": "", "first": "", "last": ""},
    "kinds": options(("", "全部"), ("register.unmask", "查看号码")),
}
sample(
    "pages/audit.html",
    pager=PAGER,
    **_AUDIT,
    lines=[
        {
            "at": AT,
            "actor": "王秋实",
            "verb": "register.unmask",
            "village": VILLAGE["code"],
            "subject": f"household:{UUID}",
            "facts": "purpose=电话通知本户, field=phone",
        },
        {
            "at": AT,
            "actor": "王秋实",
            "verb": "scoring.post",
            "village": VILLAGE["code"],
            "subject": "",
            "facts": "posted=212, skipped=0",
        },
    ],
)
sample("pages/audit.html", "empty", lines=[], pager=ONE_PAGE, **_AUDIT)
