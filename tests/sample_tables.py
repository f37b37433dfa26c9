"""Samples for the imports of plain tables and for the slips with first passwords."""

from datetime import date
from typing import Any

from sample_village import AT, ENTRY, ONE_PAGE, UUID
from samples import Context, sample

_LOOK = {
    "room": "officials",
    "home": "/officials",
    "home_name": "人员",
    "title": "从表格添加人员",
    "lead": "全县几千人一张表：姓名、角色、管哪里。没写用户名的，按姓名拼音编一个。",
    "form_name": "人员名册空表",
    "done": "人员已存好。还没有密码：到“发密码条”里印给本人。",
    "done_link": "去看人员",
    "after": "/officials",
}
_SELECTS = [
    {
        "name": "village",
        "label": "哪个地方的人员",
        "value": "610428000000",
        "options": [
            {"value": "610428000000", "label": "长武县"},
            {"value": "610428106000", "label": "　相公镇"},
        ],
    }
]
_OPENINGS = [
    {
        "name": "village",
        "label": "哪个村",
        "value": "610428106221",
        "options": [{"value": "610428106221", "label": "槐庄村"}],
    },
    {"name": "on", "label": "截止哪一天", "value": "2026-06-30", "hint": "旧账结到这一天。"},
]

sample(
    "pages/import_table.html",
    path="/officials/import",
    look=_LOOK,
    selects=_SELECTS,
    form={"village": "610428000000"},
    errors={},
    batches=[
        {
            "id": UUID,
            "file_name": "全县村干部名册.xlsx",
            "state": "ready",
            "created_at": AT,
            "created_by": "王秋实",
        },
        {
            "id": ENTRY,
            "file_name": "网格员.xls",
            "state": "done",
            "created_at": AT,
            "created_by": "",
        },
    ],
)
sample(
    "pages/import_table.html",
    "lacking",
    path="/rules/import",
    look=_LOOK,
    selects=[
        {
            "name": "version",
            "label": "哪份草稿",
            "value": "",
            "options": [],
            "hint": "还没有草稿，请先在“村规民约”里起草一版。",
        }
    ],
    form={"version": ""},
    errors={},
    batches=[],
)
sample(
    "pages/import_table.html",
    "refused",
    path="/entries/openings",
    look=_LOOK,
    selects=_OPENINGS,
    form={"village": "610428106221", "on": "2026-06-30"},
    errors={"file": "这个文件带密码，请先在 Excel 里去掉密码。"},
    batches=[],
)
_SHEETS = [
    {
        "name": "干部",
        "status": "read",
        "header_rows": [2],
        "rows": 4,
        "columns": [
            {"column": "A", "label": "姓  名", "meaning": "姓名"},
            {"column": "B", "label": "担任职务", "meaning": "角色"},
        ],
        "unused": ["民族", "学历"],
    },
    {
        "name": "说明",
        "status": "no_header",
        "header_rows": [],
        "rows": 0,
        "columns": [],
        "unused": [],
    },
]
_LINES = [
    {
        "row": 3,
        "sheet": "干部",
        "what": "王秋实",
        "details": ["村文书", "槐庄村"],
        "action": "created",
        "changes": [{"field": "用户名", "before": "", "after": "wangqs"}],
    },
    {
        "row": 4,
        "sheet": "干部",
        "what": "周海勇",
        "details": ["评分员", "网格员", "西关村"],
        "action": "updated",
        "changes": [
            {"field": "姓名", "before": "周海永", "after": "周海勇"},
            {"field": "角色", "before": "", "after": "网格员"},
        ],
    },
    {
        "row": 5,
        "sheet": "干部",
        "what": "罗桂英",
        "details": [],
        "action": "refused",
        "changes": [],
    },
]
_PROBLEMS = [
    {
        "severity": "error",
        "sheet": "干部",
        "row": 5,
        "column": "B",
        "value": "村长",
        "message": "看不懂这里写的，可以写：村文书、评分员、评议员。这一行未采用。",
    },
    {
        "severity": "warning",
        "sheet": "干部",
        "row": 6,
        "column": "",
        "value": "",
        "message": "槐庄村已有同名人员（wangqs），这里按另一位新增；是同一人请填用户名。",
    },
]


def table(state: str, **other: Any) -> Context:
    return {
        "path": "/officials/import",
        "look": _LOOK,
        "batch": {
            "id": UUID,
            "place": "长武县",
            "target": "",
            "file_name": "全县村干部名册.xlsx",
            "state": state,
            "done": 640,
            "total": 2034,
        },
        "failure": None,
        "counts": {
            "rows": 4,
            "created": 2,
            "updated": 1,
            "unchanged": 0,
            "errors": 1,
            "warnings": 1,
        },
        "figures": [{"label": "合计积分", "value": 18450}],
        "sheets": _SHEETS,
        "problems": _PROBLEMS,
        "problems_more": 3,
        "lines": _LINES,
        "form": {"severity": "", "sheet": "", "q": "", "action": ""},
        "pager": ONE_PAGE,
        **other,
    }


sample("pages/import_table_batch.html", "ready", **table("ready"))
sample(
    "pages/import_table_batch.html",
    "reading",
    **table("reading", counts=None, figures=[], sheets=[], problems=[], lines=[]),
)
_CLEAN = {"rows": 3, "created": 2, "updated": 1, "unchanged": 0, "errors": 0, "warnings": 0}
sample(
    "pages/import_table_batch.html",
    "done",
    **table("done", counts=_CLEAN, problems=[], problems_more=0),
)
sample(
    "pages/import_table_batch.html",
    "failed",
    **table("failed", failure="没有找到表头。表里要有“姓名”和“角色”两列。"),
)
sample("pages/import_table_batch.html", "dropped", **table("dropped"))

_PLACES = [
    {"value": "610428000000", "label": "长武县"},
    {"value": "610428106000", "label": "　相公镇"},
]
_ASKED: Context = {
    "places": _PLACES,
    "form": {"village": "610428000000", "again": ""},
    "errors": {},
    "without": 2034,
    "unused": 12,
    "at_once": 300,
    "job": None,
}
sample("pages/slips.html", **_ASKED)
sample("pages/slips.html", "nobody", **{**_ASKED, "without": 0, "unused": 0})
for _state in ("making", "ready", "failed"):
    _job = {"id": UUID, "state": _state, "done": 640, "total": 2034}
    sample("pages/slips.html", _state, **{**_ASKED, "job": _job})
sample(
    "print/password_slips.html",
    address="https://xiangyue.example.cn",
    printed_on=date(2026, 10, 20),
    slips=[
        {
            "name": name,
            "roles": roles,
            "places": places,
            "login": login,
            "password": "k7mq-2hxd-9rtw",
        }
        for name, roles, places, login in (
            ("王秋实", "村文书", "槐庄村", "wangqs"),
            ("欧阳小明", "评分员、网格员", "槐庄村、第三村民小组", "ouyangxm"),
            ("周海勇", "镇干部", "相公镇", "zhouhy2"),
            ("罗桂英", "监督委员", "西关村", "luogy"),
            ("赫连铁树", "组干部", "第十二村民小组", "heliants"),
            ("曾国", "审计员", "长武县", "zengg"),
            ("单雄", "县干部", "长武县", "shanx"),
        )
    ],
)
