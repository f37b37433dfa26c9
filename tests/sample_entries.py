"""Samples of single entries and of the chain of reasons behind one; see samples.py."""

from datetime import date

from sample_rules import ADOPTION
from sample_village import AT, ENTRY, TODAY, UUID, VILLAGE
from samples import Context, sample

_HOUSEHOLD = {"id": UUID, "number": "036", "head": "罗桂英", "group_name": "第二村民小组"}
_ENTRY_BLOCKS = [
    {
        "name": "公益服务",
        "items": [
            {
                "code": ENTRY,
                "name": "调解邻里",
                "range": "20 分 / 次",
                "cap": "不设上限",
                "evidence_needed": True,
            }
        ],
    }
]
sample(
    "pages/entry_form.html",
    "find",
    household=None,
    found=[_HOUSEHOLD],
    blocks=[],
    id=ENTRY,
    today=TODAY,
    form={"q": "罗"},
    errors={},
)
sample(
    "pages/entry_form.html",
    "not found",
    household=None,
    found=[],
    blocks=[],
    id=ENTRY,
    today=TODAY,
    form={"q": "罗"},
    errors={},
)
sample(
    "pages/entry_form.html",
    "no items",
    household=_HOUSEHOLD,
    found=[],
    blocks=[],
    id=ENTRY,
    today=TODAY,
    form={},
    errors={},
)
sample(
    "pages/entry_form.html",
    household=_HOUSEHOLD,
    found=[],
    blocks=_ENTRY_BLOCKS,
    id=ENTRY,
    today=TODAY,
    form={"item": ENTRY, "points": "25", "on": "2026-10-30", "reason": "劝和两家"},
    errors={"points": "上限 20 分，这里不能填 25。"},
)
_ENTRY = {
    "id": ENTRY,
    "seq": 18204,
    "kind": "award",
    "points": 20,
    "deed_on": date(2026, 9, 12),
    "recorded_at": AT,
    "recorded_by": "王秋实",
    "source": "单笔录入",
    "block": "public_service",
}
_WHY: Context = {
    "household": _HOUSEHOLD,
    "item": {"name": "调解邻里", "range": "20 分 / 次", "cap": "不设上限"},
    "clause": {"number": "9", "text": "邻里有事好商量，帮人说和有功。"},
    "evidence": "/entries/x/evidence",
    "version": {
        "id": UUID,
        "number": 4,
        "title": "槐庄村村规民约",
        "in_force_from": date(2026, 4, 1),
        "adoption": ADOPTION,
    },
    "proof": {
        "village": VILLAGE["code"],
        "seq": 18204,
        "hash": "3f9ac07e" * 8,
        "prev_hash": "91b2d4aa" * 8,
    },
    "reversal_id": UUID,
    "form": {},
}
sample(
    "pages/entry.html",
    entry=_ENTRY,
    reason="劝和东街两家因为滴水檐的争执，两家当面握手。",
    reversed_by=None,
    reverses=None,
    may_reverse=True,
    instead="",
    sheet=None,
    errors={"reason": "请写明为什么冲正。"},
    **_WHY,
)
_OTHER = {
    "id": UUID,
    "seq": 18210,
    "deed_on": date(2026, 9, 12),
    "recorded_at": AT,
    "recorded_by": "李晓梅",
    "reason": "记到了隔壁家",
}
sample(
    "pages/entry.html",
    "reversed",
    entry=_ENTRY,
    reason=None,
    reversed_by=_OTHER,
    reverses=None,
    may_reverse=False,
    instead="",
    sheet=UUID,
    errors={},
    **_WHY,
)
sample(
    "pages/entry.html",
    "reversal",
    entry={**_ENTRY, "kind": "reversal", "points": -20, "block": ""},
    reason="",
    reversed_by=None,
    reverses=_OTHER,
    may_reverse=False,
    instead="冲正不能再冲正。冲错了，照原来那笔的项目、日期和分数再记一笔。",
    sheet=None,
    errors={},
    **{**_WHY, "item": None, "clause": None, "version": None, "evidence": None},
)

_SHEET: Context = {
    "id": UUID,
    "village": VILLAGE["code"],
    "group": "610428106221-G02",
    "place": "第二村民小组",
    "month": "2026-10",
    "month_name": "2026年10月",
    "posted_by": "王秋实",
    "posted_at": AT,
    "entries": 212,
    "points": 1904,
    "standing_entries": 210,
    "standing_points": 1880,
    "own_entries": 1,
    "rows": [
        {
            "household": UUID,
            "number": f"{36 + 3 * n:03}",
            "head": head,
            "entries": 9,
            "points": 97 - n,
            "standing": 97 - n if n != 3 else 70,
        }
        for n, head in enumerate(("罗桂英", "周海勇", "欧阳秀", "买买提·吐尔逊"))
    ],
    "may_reverse": True,
}
sample(
    "pages/score_sheet_posted.html",
    sheet=_SHEET,
    form={"id": ENTRY, "reason": "照着上个月的表填了"},
    errors={},
)
sample(
    "pages/score_sheet_posted.html",
    "refused",
    sheet=_SHEET,
    form={"id": ENTRY, "reason": ""},
    errors={"reason": "请写明理由。"},
)
sample(
    "pages/score_sheet_posted.html",
    "taken back",
    sheet={**_SHEET, "standing_entries": 0, "standing_points": 0, "own_entries": 0},
    form={"id": ENTRY, "reason": ""},
    errors={},
)
