"""Samples of the register's pages; see samples.py."""

from datetime import date
from typing import Any

from sample_village import (
    AT,
    ENTRY,
    GRIDS,
    GROUPS,
    ONE_PAGE,
    PAGER,
    UUID,
    VILLAGE,
    VILLAGES,
    options,
)
from samples import FULL, Context, sample

_ROWS = [
    {
        "id": UUID,
        "number": f"{36 + 3 * n:03}",
        "head": head,
        "group_name": "第二村民小组",
        "grid_name": "东街网格",
        "phone": "199****0{n:03}".replace("{n:03}", f"{n:03}"),
        "members": 2 + n % 4,
        "state": "left" if n == 4 else "active",
        "name_wall": ["full", "masked", ""][n % 3],
        "name_web": ["unnamed", "masked", ""][n % 3],
    }
    for n, head in enumerate(FULL[:14])
]
_LIST = {
    "villages": VILLAGES,
    "groups": GROUPS,
    "grids": GRIDS,
    "may_write": True,
    "everything": 298,
    "sort": {"key": "number", "down": False, "links": {"number": "/a", "pinyin": "/b"}},
    "form": {"village": "610428106221", "q": "", "group": "", "grid": "", "state": "active"},
    "pager": PAGER,
    "export": {"numbers": True, "restricted": True},
}
sample("pages/households.html", rows=_ROWS, **_LIST)
sample("pages/households.html", "none found", rows=[], **_LIST)
sample("pages/households.html", "empty", rows=[], **{**_LIST, "everything": 0})


def person(name: str, relation: str, **other: Any) -> Context:
    return {
        "id": UUID[:-2] + f"{len(relation):02}",
        "name": name,
        "relation": relation,
        "sex": "女",
        "born_on": date(1968, 5, 2),
        "is_minor": False,
        "phone": "199****0036",
        "id_state": "digest",
        "id_number": "",
        "state": "active",
        **other,
    }


_CARD: Context = {
    "id": UUID,
    "village": "610428106221",
    "village_name": "槐庄村",
    "number": "036",
    "head": "罗桂英",
    "group_name": "第二村民小组",
    "grid_name": "东街网格",
    "phone": "199****0036",
    "address": "槐庄村东街 12 号",
    "state": "active",
    "joined_on": date(2025, 1, 1),
    "left_on": None,
    "name_wall": "full",
    "name_web": "",
    "name_chosen_on": date(2026, 9, 20),
    "name_chosen_how": "登记表上签名",
    "revision": 3,
    "residents": [
        person("罗桂英", "户主"),
        person("周小兰", "孙女辈", is_minor=True, phone=""),
        person("周海山", "配偶亲属", id_state="kept", id_number="9901**********0018", sex="男"),
    ],
    "may_change": True,
    "may_unmask": True,
    "may_read_restricted": True,
}
_HISTORY = [
    {
        "id": ENTRY,
        "deed_on": date(2026, 9, 25),
        "kind": "award",
        "name": "庭院卫生检查",
        "clause": "4",
        "points": 18,
        "reversed": False,
        "source": "月末评分表",
        "reversal_id": ENTRY,
    },
    {
        "id": ENTRY,
        "deed_on": date(2026, 9, 12),
        "kind": "award",
        "name": "调解邻里纠纷",
        "clause": "9",
        "points": 20,
        "reversed": True,
        "source": "单笔录入",
        "reversal_id": None,
    },
    {
        "id": ENTRY,
        "deed_on": date(2026, 9, 12),
        "kind": "reversal",
        "name": "",
        "clause": "",
        "points": -20,
        "reversed": False,
        "source": "冲正",
        "reversal_id": None,
    },
]
_SHOWN: Context = {
    "default_wall": "masked",
    "default_web": "unnamed",
    "may_score": True,
    "errors": {},
    "points": {"balance": 214, "earned": 97, "period_label": "本季", "rank": 1, "of": 298},
}
_PASSBOOK = {"state": "open", "printed_at": AT, "pin_set_at": AT, "reset_at": AT}
sample(
    "pages/household.html",
    card=_CARD,
    history=_HISTORY,
    pager=ONE_PAGE,
    unmasked=None,
    restricted=None,
    checked=None,
    became=None,
    passbook=_PASSBOOK,
    page_id=UUID,
    pages=[{"number": 2}, {"number": 1}],
    **_SHOWN,
)
sample(
    "pages/household.html",
    "looked at",
    history=[],
    pager=ONE_PAGE,
    card=_CARD,
    unmasked={"label": "罗桂英的电话", "value": "199 0000 0036"},
    restricted={"kind": "一般户", "welfare": "", "remarks": "老屋翻修中", "residents": {}},
    checked={"name": "罗桂英", "fits": True},
    became={"kind": "merge", "head": "周海勇", "village_name": "槐庄村", "href": "/"},
    passbook=None,
    page_id=UUID,
    pages=[],
    **{**_SHOWN, "errors": {"purpose": "请写明用途。"}},
)
_PLACE = {
    "village": VILLAGE,
    "villages": VILLAGES,
    "may_restricted": True,
    "groups": options(*((g["code"], g["name"]) for g in GROUPS)),
    "grids": options(*((g["code"], g["name"]) for g in GRIDS)),
}
sample(
    "pages/household_form.html",
    "new",
    household=None,
    members=[],
    form={"number": "036"},
    errors={"head": "请填户主姓名。", "number": "户号 036 已经用在罗桂英家。"},
    **_PLACE,
)
sample(
    "pages/household_form.html",
    household={"id": UUID, "head": "罗桂英", "revision": 3, "state": "active"},
    members=options((UUID, "罗桂英")),
    form={"head_id": UUID, "number": "036"},
    errors={},
    **_PLACE,
)
sample(
    "pages/household_form.html",
    "left",
    household={"id": UUID, "head": "罗桂英", "revision": 3, "state": "left"},
    members=options((UUID, "罗桂英")),
    form={"head_id": UUID, "number": "036"},
    errors={},
    **_PLACE,
)
_HOUSE = {"household": {"id": UUID, "head": "罗桂英", "revision": 3}, "may_restricted": True}
sample("pages/member_form.html", "new", member=None, id_kept=False, form={}, errors={}, **_HOUSE)
sample(
    "pages/member_form.html",
    member={"id": ENTRY, "name": "周小兰", "state": "active", "is_head": False},
    id_kept=True,
    form={"name": "周小兰", "relation": "女儿", "sex": "女"},
    errors={"id_number": "身份证号应为 18 位，这里是 17 位。"},
    **_HOUSE,
)
sample(
    "pages/import.html",
    villages=options((VILLAGE["code"], VILLAGE["name"])),
    form={"village": VILLAGE["code"]},
    errors={"file": "这个文件带密码，请先在 Excel 里去掉密码。"},
    batches=[
        {
            "id": UUID,
            "file_name": "槐庄村户籍表.xlsx",
            "state": "done",
            "created_at": AT,
            "created_by": "王秋实",
        },
        {
            "id": ENTRY,
            "file_name": "二组.xls",
            "state": "ready",
            "created_at": AT,
            "created_by": "王秋实",
        },
    ],
)
_COUNTS = {
    "households": 300,
    "residents": 1026,
    "duplicates": 1,
    "created": 297,
    "updated": 2,
    "unchanged": 1,
    "errors": 10,
    "warnings": 12,
}
_SHEETS = [
    {
        "name": "户籍",
        "status": "read",
        "header_rows": [3, 4],
        "households": 300,
        "residents": 1026,
        "columns": [
            {"column": "A", "label": "户号", "meaning": "户号"},
            {"column": "B", "label": "户主", "meaning": "户主姓名"},
            {"column": "F", "label": "身份证号码", "meaning": "身份证号"},
        ],
        "unused": ["备用", "签字"],
    },
    {
        "name": "填表说明",
        "status": "no_header",
        "header_rows": [],
        "households": 0,
        "residents": 0,
        "columns": [],
        "unused": [],
    },
]
_PROBLEMS = [
    {
        "severity": "error",
        "sheet": "户籍",
        "row": 138,
        "column": "F",
        "value": "99010219680502001",
        "message": "身份证号应为 18 位，这里是 17 位，号码未采用。",
    },
    {
        "severity": "error",
        "sheet": "户籍",
        "row": 6,
        "column": "F",
        "value": "9.90102E+17",
        "message": "身份证号被 Excel 改成数字，后几位已丢失，号码未采用，请改为文本。",
    },
    {
        "severity": "warning",
        "sheet": "户籍",
        "row": 1034,
        "column": "",
        "value": "王生",
        "message": "这一户在第 211 行已录入，属重复录入，此处未再计入。",
    },
]


def batch(state: str, **other: Any) -> Context:
    return {
        "batch": {
            "id": UUID,
            "village_name": "槐庄村",
            "file_name": "槐庄村户籍表.xlsx",
            "state": state,
            "done": 640,
            "total": 1034,
        },
        "failure": None,
        "counts": _COUNTS,
        "sheets": _SHEETS,
        "problems": _PROBLEMS,
        "form": {"severity": "", "sheet": "", "q": ""},
        "pager": ONE_PAGE,
        "may_confirm": True,
        "new_groups": ["东坡村民小组"],
        "absent": 3,
        "updates_more": 0,
        "updates": [
            {
                "number": "036",
                "head": "罗桂英",
                "changes": [
                    {
                        "who": "",
                        "field": "电话",
                        "before": "199****0036",
                        "after": "199****0099",
                    },
                    {"who": "周小兰", "field": "新成员", "before": "", "after": ""},
                ],
            }
        ],
        "sample": [
            {
                "number": "001",
                "head": "罗桂英",
                "group": "第一村民小组",
                "members": 4,
                "change": "new",
            },
            {
                "number": "002",
                "head": "周海勇",
                "group": "第一村民小组",
                "members": 3,
                "change": "changed",
            },
        ],
        **other,
    }


sample(
    "pages/import_batch.html",
    "reading",
    **batch("reading", counts=None, sheets=[], problems=[], sample=[]),
)
sample("pages/import_batch.html", "ready", **batch("ready"))
sample("pages/import_batch.html", "done", **batch("done", problems=[]))
sample(
    "pages/import_batch.html",
    "clean",
    **batch("ready", counts={**_COUNTS, "errors": 0, "warnings": 0}),
)
sample(
    "pages/import_batch.html",
    "failed",
    **batch(
        "failed",
        failure="没有找到表头：表里没有“姓名”或“户主”这样的列名。请确认第一行到第十行里有表头。",
    ),
)
sample("pages/import_batch.html", "dropped", **batch("dropped"))
sample(
    "pages/name_choices.html",
    groups=GROUPS,
    group=GROUPS[1]["code"],
    default_wall="masked",
    default_web="unnamed",
    form={"chosen_on": "2026-10-20", "how": "sheet"},
    errors={},
    rows=[
        {
            "id": f"{UUID[:-2]}{n:02}",
            "number": f"{36 + 3 * n:03}",
            "head": head,
            "wall": ["full", "masked", ""][n % 3],
            "web": ["unnamed", "masked", ""][n % 3],
            "chosen_on": date(2026, 9, 20) if n % 3 < 2 else None,
            "chosen_how": "sheet",
            "error": "这一户刚被别人改过，请重选。" if n == 3 else "",
        }
        for n, head in enumerate(FULL[:12])
    ],
)
sample(
    "pages/name_choices.html",
    "empty",
    groups=[],
    group="",
    default_wall="unnamed",
    default_web="unnamed",
    form={},
    errors={},
    rows=[],
)
