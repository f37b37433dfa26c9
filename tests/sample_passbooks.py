"""Samples of what residents see on their phones, and of the office's cards; see samples.py."""

from datetime import date, datetime

from sample_rules import ADOPTION, version
from sample_village import ENTRY, GROUPS, ONE_PAGE, PAGER, UUID
from samples import Context, sample

from api import qr

CARD = "k7m2p9qx4wvt6rhn"
BOOK: Context = {
    "number": "036",
    "head": "罗桂英",
    "village": "610428106221",
    "village_name": "槐庄村",
    "township": "彭公镇",
    "balance": 214,
    "earned": 97,
    "period_label": "本季",
    "posted": {
        "serial": "610428106221-2026Q3-01",
        "period_label": "2026年第3季度",
        "rank": 1,
        "display_from": date(2026, 10, 8),
        "display_until": date(2026, 10, 18),
    },
    "reset_on": None,
    "reset_lately": False,
    "name_wall": "masked",
    "name_web": "",
    "name_chosen_on": date(2026, 9, 2),
    "name_chosen_how": "own_page",
    "default_wall": "masked",
    "default_web": "unnamed",
    "pin_set_on": date(2026, 9, 1),
}
RESET = {**BOOK, "posted": None, "reset_on": date(2026, 10, 2), "reset_lately": True}
UNTOLD = {**BOOK, "name_chosen_on": None, "name_wall": "", "name_chosen_how": ""}


def line(name: str, points: int, **more: object) -> Context:
    """An entry of the passbook."""
    given = {"kind": "award", "deed_on": date(2026, 9, 25), "clause": "4", "version": 2}
    return {
        "id": ENTRY,
        "name": name,
        "points": points,
        "role": "村文书",
        "reversed": False,
    } | (given | more)


ENTRIES = [
    line("庭院卫生检查", 18),
    line("调解邻里纠纷", 20, clause="9", role="评议员"),
    line("", -18, kind="reversal", reversed=False),
    line("参加村民会议", 2, reversed=True),
    line("", 20, kind="base", clause="", version=0),
    line("婚事新办、丧事简办、小孩满月不大操大办", 10, role="村里的工作人员"),
]
VILLAGE: Context = {
    "code": "610428106221",
    "name": "槐庄村",
    "township": "彭公镇",
    "hanging": [
        {
            "serial": "610428106221-2026Q3-01",
            "region_name": "槐庄村",
            "period_label": "2026年第3季度",
            "block": None,
            "posted": 20,
            "display_from": date(2026, 10, 8),
            "display_until": date(2026, 10, 18),
        },
        {
            "serial": "610428106221-2026-09-E-01",
            "region_name": "槐庄村第二村民小组",
            "period_label": "2026年9月",
            "block": "environment",
            "posted": 6,
            "display_from": date(2026, 10, 2),
            "display_until": date(2026, 10, 12),
        },
    ],
    "rules": {
        "title": "槐庄村村规民约",
        "number": 2,
        "in_force_from": date(2026, 1, 1),
        "adoption": ADOPTION,
        "clauses": 18,
        "items": 26,
    },
    "objection": "口头、书面均可，三日内书面答复",
    "contact": "村务监督委员会 199-9900-0001",
    "publisher": "槐庄村民委员会",
    "supervisor": "村务监督委员会",
    "office": "村委会大院一楼，逢三六九上午有人",
    "office_phone": "199 9900 0002",
}

for state, form, errors in (
    ("pin", {}, {}),
    ("pin", {}, {"pin": "密码不对。忘了密码，请带存折到村委会重设。"}),
    ("first", {}, {}),
    ("first", {"code": "12345678"}, {"pin": "密码要 6 位数字，不要用 123456、888888 这样的。"}),
    ("unprinted", {}, {}),
    ("closed", {}, {}),
):
    sample(
        "pages/passbook_door.html",
        f"{state} {'refused' if errors else ''}".strip(),
        who=None,
        card=CARD,
        state=state,
        village=VILLAGE,
        form=form,
        errors=errors,
    )
sample("pages/passbook.html", who=None, card=CARD, book=BOOK, entries=ENTRIES, pager={**PAGER})
sample("pages/passbook.html", "empty", who=None, card=CARD, book=RESET, entries=[], pager=ONE_PAGE)
STORY: Context = {
    "card": CARD,
    "village": "610428106221",
    "entry": {
        "id": ENTRY,
        "seq": 1204,
        "kind": "award",
        "points": 18,
        "deed_on": date(2026, 9, 25),
        "recorded_at": datetime(2026, 9, 30, 18, 5),  # noqa: DTZ001 - templates get local time
        "role": "村文书",
        "by_sheet": True,
        "block": "environment",
        "hash": "3f9a" * 16,
    },
    "item": {"name": "庭院卫生检查", "range": "0–20 / 月", "cap": "每户每月最多 20 分"},
    "clause": {"number": "4", "text": "房前屋后每天扫，柴草农具摆整齐，垃圾不落地。"},
    "version": {
        "number": 2,
        "title": "槐庄村村规民约",
        "in_force_from": date(2026, 1, 1),
        "adoption": ADOPTION,
    },
    "reason": "",
    "has_evidence": False,
    "reverses": None,
    "reversed_by": None,
}
sample("pages/passbook_entry.html", who=None, **STORY)
sample(
    "pages/passbook_entry.html",
    "reversed",
    who=None,
    **STORY
    | {
        "reason": "给独居老人送饭",
        "has_evidence": True,
        "reversed_by": {
            "id": ENTRY,
            "recorded_at": datetime(2026, 10, 2, 9, 0),  # noqa: DTZ001 - templates get local time
            "role": "村文书",
        },
    },
)
sample(
    "pages/passbook_entry.html",
    "of no item",
    who=None,
    **STORY
    | {
        "item": None,
        "clause": None,
        "version": None,
        "reason": None,
        "entry": STORY["entry"] | {"kind": "reversal", "points": -18, "by_sheet": False},
        "reverses": {"id": ENTRY, "seq": 1188},
    },
)
NAMES = {"full": "罗桂英", "masked": "罗＊英", "unnamed": "一户"}
MINE: Context = {
    "card": CARD,
    "names": NAMES,
    "form": {"wall": "masked", "web": "unnamed"},
    "errors": {},
}
MINE |= {"page_id": UUID, "waiting": 0, "pages": []}
PRINTED = [
    {"number": 2, "printed_on": date(2026, 10, 2), "entries": 14},
    {"number": 1, "printed_on": date(2026, 7, 1), "entries": 31},
]
sample("pages/passbook_mine.html", who=None, book=BOOK, **MINE | {"waiting": 6, "pages": PRINTED})
sample(
    "pages/passbook_mine.html",
    "refused",
    who=None,
    book=UNTOLD | {"reset_on": date(2026, 10, 2)},
    **MINE | {"errors": {"old": "密码不对。", "web": "墙上和网页各选一种。"}},
)
sample("pages/village.html", who=None, card=None, village=VILLAGE)
sample(
    "pages/village.html",
    "with passbook",
    who=None,
    card=CARD,
    village=VILLAGE | {"hanging": [], "rules": None, "office": "", "office_phone": ""},
)
sample("pages/village_rules.html", "none", who=None, card=CARD, village=VILLAGE, version=None)
sample("pages/village_rules.html", who=None, card=None, village=VILLAGE, version=version())


def card(number: int, head: str) -> Context:
    """A card to print."""
    code = f"{number * 7919 % 10000:04d} {number * 104729 % 10000:04d}"
    address = f"http://192.168.1.20:8000/h/{CARD}"
    return {
        "number": f"{number:03d}",
        "head": head,
        "group_name": "第二村民小组",
        "first_code": code,
        "qr": qr.data_address(address),
    }


HEADS = ["罗桂英", "欧阳文秀", "张明", "买买提·吐尔逊", "单志明", "郭春花", "解小平", "马玉霞"]
PAGE = [card(number, head) for number, head in enumerate(HEADS, start=31)]
CARDS: Context = {
    "village_name": "槐庄村",
    "contact": "",
    "printed_on": date(2026, 10, 31),
    "groups": [
        {"name": "第二村民小组", "pages": [PAGE, [card(39, "王秋实") | {"first_code": ""}]]},
        {"name": "", "pages": [[card(0, "刘长山") | {"number": "", "group_name": ""}]]},
    ],
}
sample("print/passbook_cards.html", cards=CARDS)
sample("print/passbook_cards.html", "demo", cards=CARDS, demo=True)


def row(number: int, head: str, state: str) -> Context:
    """A household in the list of cards."""
    return {
        "household": UUID[:-2] + f"{number:02d}",
        "number": f"{number:03d}",
        "head": head,
        "group_name": "第二村民小组",
        "state": state,
        "printed_on": date(2026, 10, 31) if state != "none" else None,
        "pin_set_on": date(2026, 11, 2) if state == "open" else None,
    }


STATES = ("none", "printed", "open", "printed", "open", "open", "none", "printed")
ROWS = [
    row(number, head, state)
    for number, (head, state) in enumerate(zip(HEADS, STATES, strict=True), start=31)
]
LIST: Context = {
    "villages": [{"code": "610428106221", "name": "槐庄村"}],
    "groups": GROUPS,
    "form": {"village": "610428106221", "group": "", "state": ""},
}
sample(
    "pages/passbook_cards.html",
    counts={"none": 2, "printed": 3, "open": 3},
    rows=ROWS,
    pager=ONE_PAGE,
    **LIST,
)
sample(
    "pages/passbook_cards.html",
    "empty",
    counts={"none": 0, "printed": 0, "open": 0},
    rows=[],
    pager=ONE_PAGE,
    **LIST,
)
JOB: Context = {
    "id": UUID,
    "village": "610428106221",
    "village_name": "槐庄村",
    "done": 52,
    "total": 160,
    "is_over": False,
    "failure": None,
    "parts": [
        {"name": "第一村民小组", "cards": 52, "ready": True},
        {"name": "第二村民小组", "cards": 48, "ready": False},
        {"name": "第三村民小组", "cards": 60, "ready": False},
    ],
    "minutes": 15,
}
sample("pages/passbook_print.html", job=JOB)
sample(
    "pages/passbook_print.html",
    "done",
    job=JOB
    | {"done": 160, "is_over": True, "parts": [part | {"ready": True} for part in JOB["parts"]]},
)
sample(
    "pages/passbook_print.html",
    "failed",
    job=JOB | {"is_over": True, "failure": "打印文件没有做成，请少选一些再试。"},
)

KINDS = ["庭院卫生检查", "调解邻里纠纷", "参加村民会议", "义务劳动", "婚事新办、不收高额彩礼"]
PAPER_ROWS: list[Context] = [
    {
        "deed_on": date(2026, 7 + at // 10, at % 28 + 1),
        "name": "" if at == 4 else KINDS[at % 5],
        "kind": {3: "reversal", 4: "base"}.get(at, "award"),
        "clause": "" if at == 4 else str(at % 12 + 1),
        "version": 0 if at == 4 else 2,
        "role": ["村文书", "评议员", "评分员"][at % 3],
        "points": -8 if at == 3 else at % 7 * 3 + 2,
        "balance": 0,
        "reversed": at == 2,
    }
    for at in range(26)
]
for _at, _row in enumerate(PAPER_ROWS):
    _row["balance"] = (PAPER_ROWS[_at - 1]["balance"] if _at else 112) + _row["points"]
PAPER: Context = {
    "village_name": "槐庄村",
    "number": "036",
    "head": "罗桂英",
    "page": 2,
    "printed_on": date(2026, 10, 31),
    "opening": 112,
    "closing": PAPER_ROWS[-1]["balance"],
    "rows": PAPER_ROWS,
    "qr": qr.data_address(f"http://192.168.1.20:8000/h/{CARD}"),
    "contact": "村务监督委员会 199-9900-0001",
}
sample("print/passbook_page.html", page=PAPER)
FIRST = [row | {"balance": row["balance"] - 112} for row in PAPER_ROWS[:3]]
sample(
    "print/passbook_page.html",
    "first",
    page=PAPER
    | {"page": 1, "rows": FIRST, "opening": 0, "closing": FIRST[-1]["balance"]}
    | {"qr": None, "contact": ""},
)
