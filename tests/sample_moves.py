"""Samples of the pages and the slip of a household's steps; see samples.py."""

from datetime import date
from typing import Any

from sample_village import AT, ENTRY, GRIDS, GROUPS, TODAY, UUID, VILLAGE, options
from samples import Context, sample

_HOME: Context = {
    "id": UUID,
    "head": "罗桂英",
    "number": "036",
    "group_name": "第二村民小组",
    "village_name": "槐庄村",
    "state": "active",
}
_LEFT = {**_HOME, "state": "left"}


def side(head: str, number: str | None = None, village: str = "槐庄村") -> Context:
    return {"id": UUID, "head": head, "number": number, "village_name": village, "shown": True}


def account(head: str, before: int, points: int, seq: int) -> Context:
    return {
        "head": head,
        "before": before,
        "points": points,
        "after": before + points,
        "entry": ENTRY,
        "seq": seq,
    }


_STEP: Context = {
    "id": ENTRY,
    "kind": "split",
    "on": TODAY,
    "household": side("罗桂英", "036"),
    "other": side("周海山", "036-1"),
    "people": ["周海山", "马文霞", "周小兰"],
    "points": 128,
    "accounts": [account("罗桂英", 214, -128, 1204), account("周海山", 0, 128, 1205)],
    "note": "兄弟分家，两家当面商定，村民小组长在场",
    "serving": [],
    "undoes": "",
    "undone": False,
    "recorded_by": "王秋实",
    "recorded_at": AT,
    "place_before": "",
    "place_after": "第二村民小组 东街网格",
}
_MERGE: Context = {
    **_STEP,
    "kind": "merge",
    "other": side("周海勇", "039"),
    "accounts": [account("罗桂英", 214, -214, 1204), account("周海勇", 1096, 214, 1205)],
    "points": 214,
    "serving": [{"name": "周海山", "goes": True}],
    "note": "老人随儿子生活",
    "place_after": "",
}
_REGROUP: Context = {
    **_STEP,
    "kind": "regroup",
    "other": None,
    "people": [],
    "points": 0,
    "accounts": [],
    "note": "",
    "place_before": "第二村民小组 东街网格",
    "place_after": "第三村民小组 西街网格",
}
_LEAVE: Context = {**_REGROUP, "kind": "leave", "place_before": "", "place_after": ""}
_RELOCATE: Context = {
    **_MERGE,
    "kind": "relocate",
    "other": side("罗桂英", None, "西关村"),
    "accounts": [account("罗桂英", 214, -214, 1204), account("罗桂英", 0, 214, 77)],
    "serving": [],
    "note": "在西关村建了新房",
    "place_after": "第一村民小组",
}
_UNDO: Context = {
    **_STEP,
    "kind": "undo",
    "undoes": "split",
    "note": "",
    "place_after": "",
    "accounts": [account("罗桂英", 86, 128, 1206), account("周海山", 128, -128, 1207)],
}


def line(step: Context, **other: Any) -> Context:
    return {**step, "here": "household", **other}


sample(
    "pages/moves.html",
    household=_HOME,
    own=False,
    choices=["split", "merge", "regroup", "leave", "relocate"],
    steps=[
        line(_UNDO),
        line(_STEP, undone=True),
        line(_MERGE, here="other", household=side("仇英")),
        line(_REGROUP, on=date(2026, 3, 5)),
        line(_LEAVE, note="全家外出务工"),
    ],
)
sample("pages/moves.html", "left", household=_LEFT, own=False, choices=["return"], steps=[])
sample("pages/moves.html", "own", household=_HOME, own=True, choices=[], steps=[])

_PERSONS = [
    {"id": f"{UUID[:-2]}{n:02}", "name": name, "relation": relation, "is_minor": n == 3, "goes": n}
    for n, (name, relation) in enumerate(
        (("马玉珍", "配偶"), ("周海山", "长子"), ("马文霞", "儿媳"), ("周小兰", "孙女"))
    )
]


def form(kind: str, variant: str = "", **other: Any) -> None:
    """The form of one step, with nothing typed wrong unless told."""
    given: Context = {
        "kind": kind,
        "household": {**_HOME, "left_on": None},
        "action": f"/households/{UUID}/moves/new/{kind}",
        "members": _PERSONS if kind == "split" else [],
        "into": None,
        "found": [],
        "villages": [],
        "groups": options(*((g["code"], g["name"]) for g in GROUPS)),
        "grids": options(*((g["code"], g["name"]) for g in GRIDS)),
        "balance": 214,
        "today": TODAY,
        "form": {"id": ENTRY, "revision": "3", "on": str(TODAY), "group": GROUPS[1]["code"]},
        "errors": {},
    }
    sample("pages/move_form.html", f"{kind} {variant}".strip(), **{**given, **other})


_FOUND = [
    {"id": UUID, "head": "周海勇", "number": "039", "group_name": "第二村民小组"},
    {"id": ENTRY, "head": "周海涛", "number": None, "group_name": "第三村民小组"},
]
form("split")
form(
    "split",
    "refused",
    errors={
        "head": "新户的户主要从分出去的人里选。",
        "points": "这一户可用积分 214 分，分给新户的要在 0 和它之间，不能是 300 分。",
    },
)
form("split", "alone", members=[])
form("merge", "nobody", form={"q": "查无此人"})
form("merge", "found", found=_FOUND, form={"q": "周"})
form("merge", into={**_HOME, "head": "周海勇", "number": "039", "people": 3, "balance": 1096})
form("regroup")
form("relocate", "where", villages=options((VILLAGE["code"], "西关村")), form={})
form(
    "relocate",
    villages=options((VILLAGE["code"], "西关村")),
    form={"village": VILLAGE["code"], "on": str(TODAY)},
)
form("leave")
form("return", household={**_LEFT, "left_on": date(2026, 3, 5)})


def check(step: Context, **other: Any) -> None:
    sample(
        "pages/move_check.html",
        step["kind"],
        **{
            "kind": step["kind"],
            "household": {"id": UUID, "head": "罗桂英"},
            "action": f"/households/{UUID}/moves/new/{step['kind']}",
            "step": step,
            "agreed": False,
            "earned": {"points": 37, "period": "本季"},
            "balance": 214,
            "typed": {"id": ENTRY, "on": str(TODAY), "reason": step["note"]},
            **other,
        },
    )


for _step in (_STEP, _MERGE, _REGROUP, _RELOCATE, _LEAVE, {**_LEAVE, "kind": "return"}):
    check(_step)
_DONE: Context = {
    "household": {"id": UUID, "head": "罗桂英"},
    "undo_id": UUID,
    "errors": {},
    "may_undo": True,
}
sample("pages/move.html", step=_STEP, **_DONE)
sample("pages/move.html", "undone", step={**_MERGE, "undone": True}, **{**_DONE, "may_undo": False})
sample("pages/move.html", "undo", step=_UNDO, **{**_DONE, "may_undo": False})
sample(
    "pages/move.html",
    "settled",
    step=_REGROUP,
    **{**_DONE, "errors": {"undo": "这次变动之后又有了别的变动，不能撤销。"}},
)
for _step in (_STEP, _MERGE, _RELOCATE, _LEAVE, {**_UNDO, "undone": False}):
    sample(
        "print/move_slip.html",
        _step["kind"],
        demo=_step is _STEP,
        slip={**_step, "printed_on": TODAY, "serial": "7C9E6679"},
    )
