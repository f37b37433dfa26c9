"""Samples of the rule book's pages; see samples.py."""

from datetime import date
from typing import Any

import msgspec
from sample_village import ENTRY, TODAY, UUID, VILLAGE, VILLAGES, options
from samples import Context, sample

from api.findings import FIELD_NAMES as SETTINGS
from rules import comparison
from rules.drafts import Draft, DraftClause, DraftItem

_CLAUSES = [
    {
        "number": "1",
        "block": "environment",
        "position": 0,
        "text": "家门口和楼道清清爽爽，柴草农具摆放有序。",
    },
    {"number": "2", "block": "law", "position": 1, "text": "遵纪守法，邻里有事好商量。"},
    {"number": "3", "block": "customs", "position": 2, "text": "红白事简办，不讲排场。"},
]


def item(position: int, name: str, clause: str, **other: Any) -> Context:
    return {
        "code": f"item-{position}",
        "name": name,
        "clause_number": clause,
        "unit": "次",
        "points_min": 0,
        "points_max": 20,
        "cap_points": 20,
        "cap_period": "month",
        "cycle": "month",
        "evidence_needed": False,
        "self_claim": False,
        "posting_days": 5,
        "on_month_sheet": True,
        "position": position,
        **other,
    }


def item_text(code: str, name: str) -> DraftItem:
    return DraftItem(name=name, code=code, unit="次", points_max=10, cap_points=None)


_ITEMS = [
    item(0, "庭院卫生", "1"),
    item(
        1,
        "养犬登记",
        "1",
        points_min=20,
        cycle="once",
        unit="",
        cap_period="once",
        evidence_needed=True,
    ),
    item(2, "调解邻里", "2", cap_points=None, on_month_sheet=False, self_claim=True),
]
ADOPTION = {
    "by_households": True,
    "held_on": date(2026, 3, 5),
    "roll": 298,
    "present": 231,
    "in_favour": 219,
    "against": 7,
    "filing_number": "彭政备〔2026〕12 号",
    "filed_on": date(2026, 3, 20),
}


def version(state: str = "published", **other: Any) -> Context:
    return {
        "id": UUID,
        "number": 4,
        "title": "槐庄村村规民约",
        "state": state,
        "preamble": "乡亲们住在一个村，抬头不见低头见。",
        "in_force_from": date(2026, 4, 1),
        "in_force_until": None,
        "name_wall": "masked",
        "name_web": "",
        "adoption": ADOPTION,
        "text_hash": "3f9ac07e" * 8,
        "clauses": _CLAUSES,
        "items": _ITEMS,
        **other,
    }


_DRAFT = version("draft", number=0, adoption=None, in_force_from=None, id=ENTRY)
_OLD = version(
    number=3,
    id="old",
    adoption=None,
    in_force_from=date(2025, 1, 1),
    in_force_until=date(2026, 3, 31),
)
_NEXT = version(number=5, id="next", in_force_from=date(2027, 1, 1))
_SCORERS = {i["code"]: "评分员、评议员" for i in _ITEMS}
_BOOK = {"village": VILLAGE, "may_write": True}
sample(
    "pages/rules.html",
    villages=VILLAGES,
    current=version(),
    scorers_of=_SCORERS,
    today=TODAY,
    versions=[_DRAFT, _NEXT, version(), _OLD],
    **_BOOK,
)
sample(
    "pages/rules.html",
    "empty",
    villages=[VILLAGE],
    current=None,
    scorers_of={},
    today=TODAY,
    versions=[],
    **_BOOK,
)
sample(
    "pages/rules.html",
    "only a draft",
    villages=[VILLAGE],
    current=None,
    scorers_of={},
    today=TODAY,
    versions=[_DRAFT],
    **_BOOK,
)
sample(
    "pages/rule_version.html",
    version=version(),
    before=_OLD,
    form={},
    errors={},
    scorers_of=_SCORERS,
    scan=True,
    **_BOOK,
)
sample(
    "pages/rule_version.html",
    "not yet filed",
    version=version(adoption={**ADOPTION, "filing_number": "", "filed_on": None}),
    before=None,
    form={"filing_number": "7", "filed_on": "2026-03-01"},
    errors={"filed_on": "备案日期比表决日期还早。"},
    scorers_of=_SCORERS,
    scan=False,
    **_BOOK,
)
sample(
    "pages/rule_version.html",
    "draft",
    version=_DRAFT,
    before=version(),
    form={},
    errors={},
    scorers_of=_SCORERS,
    scan=False,
    **_BOOK,
)
_BEFORE = DraftItem(name="庭院卫生", code="a", unit="月", points_max=20, cap_points=20)
_TEXT = Draft(
    title="村规民约",
    preamble="乡亲们住在一个村。",
    name_wall="masked",
    clauses=(
        DraftClause("1", "environment", "家门口清清爽爽，每月评一次。", (_BEFORE,)),
        DraftClause("2", "law", "遵纪守法，邻里有事好商量。", (item_text("b", "调解邻里"),)),
        DraftClause("3", "customs", "红白事简办，不讲排场。"),
    ),
)
_CHANGED = Draft(
    title="槐庄村村规民约",
    preamble="乡亲们住在一个村，抬头不见低头见。",
    name_wall="unnamed",
    clauses=(
        DraftClause(
            "1",
            "environment",
            "家门口清清爽爽，每季评一次。",
            (
                msgspec.structs.replace(_BEFORE, points_max=10, cycle="quarter"),
                item_text("c", "垃圾分类"),
            ),
        ),
        DraftClause("2", "customs", "婚事新办，丧事简办。"),
        DraftClause("3", "law", "遵纪守法，邻里有事好商量。"),
    ),
)
_COMPARED = {"older": _OLD, "newer": version(), "village": VILLAGE, "settings": SETTINGS}
sample("pages/rule_compare.html", found=comparison.compare(_TEXT, _CHANGED), **_COMPARED)
sample("pages/rule_compare.html", "same", found=comparison.compare(_TEXT, _TEXT), **_COMPARED)
_STARTERS = [
    {
        "name": "plain-village",
        "title": "村规民约",
        "suits": "平原村：户数较多，住得集中，条目齐全",
        "clauses": 22,
        "items": 28,
        "base_points": 100,
    },
    {
        "name": "community",
        "title": "居民公约",
        "suits": "社区：楼房院落",
        "clauses": 20,
        "items": 26,
        "base_points": 100,
    },
]
sample(
    "pages/rule_new.html",
    village=VILLAGE,
    starters=_STARTERS,
    current=version(),
    id=ENTRY,
    form={},
    errors={},
)
sample(
    "pages/rule_new.html",
    "first",
    village=VILLAGE,
    starters=_STARTERS,
    current=None,
    id=ENTRY,
    form={},
    errors={},
)
_OF = {"version": {"id": ENTRY, "title": "槐庄村村规民约", "text_hash": "3f9a"}, "village": VILLAGE}
sample(
    "pages/rule_edit.html",
    form={"title": "槐庄村村规民约", "preamble": "乡亲们……", "name_wall": "masked", "name_web": ""},
    errors={},
    **_OF,
)
sample(
    "pages/rule_clause.html",
    position=None,
    has_items=False,
    form={"block": "law"},
    errors={"number": "第 2 条已经有了。"},
    **_OF,
)
sample(
    "pages/rule_clause.html",
    "change",
    position=1,
    has_items=True,
    errors={},
    form={"number": "2", "block": "law", "text": "遵纪守法，邻里有事好商量。"},
    **_OF,
)
sample(
    "pages/rule_clause.html",
    "bare",
    position=1,
    has_items=False,
    errors={},
    form={"number": "2", "block": "law", "text": "遵纪守法，邻里有事好商量。"},
    **_OF,
)
_ITEM_FORM = {
    "clause": 0,
    "name": "庭院卫生",
    "unit": "次",
    "points_min": 0,
    "points_max": 20,
    "cap_points": 10,
    "cap_period": "month",
    "cycle": "month",
    "posting_days": 5,
    "scorers": ["scorer", "panel_member"],
    "on_month_sheet": "yes",
}
_ITEM_OF = {
    "clauses": options(("0", "第 1 条　家门口和楼道清清爽爽"), ("1", "第 2 条　遵纪守法")),
    **_OF,
}
sample("pages/rule_item.html", position=None, form={}, errors={}, **_ITEM_OF)
sample(
    "pages/rule_item.html",
    "change",
    position=0,
    form=_ITEM_FORM,
    errors={"cap_points": "上限不能低于最多的 20 分。", "scorers": "至少选一种人。"},
    **_ITEM_OF,
)
_ADOPT = {"earliest": date(2026, 11, 1), "village": VILLAGE, "first": False}
sample(
    "pages/rule_adopt.html",
    "draft",
    form={"voted": "yes", "roll": "298", "present": "120"},
    errors={"present": "实到 120 户，不到应到的三分之二。"},
    **_ADOPT,
    version={
        "id": ENTRY,
        "title": "槐庄村村规民约",
        "number": 0,
        "state": "draft",
        "clauses": 22,
        "items": 28,
    },
)
sample(
    "pages/rule_adopt.html",
    "later",
    form={},
    errors={},
    **_ADOPT,
    version={
        "id": ENTRY,
        "title": "槐庄村村规民约",
        "number": 4,
        "state": "published",
        "clauses": 22,
        "items": 28,
    },
)
