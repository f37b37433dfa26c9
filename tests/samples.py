"""One true-looking context for every template, with invented people only.

A sample holds exactly what the comment at the head of its template promises; the test renders each
under strict rules, so a template that asks for more than it documents is found here.
"""

from datetime import date
from typing import Any

Context = dict[str, Any]

ROOMS = [
    "home",
    "scores",
    "leaderboard",
    "households",
    "rules",
    "regions",
    "officials",
    "settings",
    "audit",
]

SHELL: Context = {
    "demo": False,
    "lang": "zh-CN",
    "who": {
        "name": "王秋实",
        "login": "wangqs",
        "role_name": "村文书",
        "region_name": "槐庄村",
        "rooms": ROOMS,
    },
    "flash": None,
}

# (template, variant, context); the shell's variables are added to each.
SAMPLES: list[tuple[str, str, Context]] = []


def words(text: str) -> list[str]:
    """A list of names written as one paragraph."""
    return text.split()


def sample(template: str, variant: str = "", **context: Any) -> None:
    """Add one sample; `variant` tells apart several of one template."""
    SAMPLES.append((template, variant, {**SHELL, **context}))


sample("pages/login.html", form={}, errors={}, problem=None, next="", is_kept=False)
sample("pages/login.html", "work kept", form={}, errors={}, problem=None, next="/x", is_kept=True)
sample(
    "pages/login.html",
    "refused",
    is_kept=False,
    form={"login": "wangqs"},
    errors={},
    demo=True,
    problem="用户名或密码不对。再错 3 次要等 1 分钟。",
    next="/scores",
)
sample(
    "pages/error.html",
    status=404,
    title="没有这个页面",
    who=None,
    detail="这个地址在槐庄村的账里找不到，可能已经搬走，也可能不归您看。",
    steps=["核对一下网址", "从菜单重新进入"],
    back=None,
    number=None,
)


# ---- what is printed ----

GROUPS = ["一组", "二组", "三组", "四组", "五组", "六组"]
HEADS = words("""罗桂英 周＊勇 一户 马＊霞 张秀兰 一户 王＊生 高海杰 欧阳＊ 杨＊涛
赵桂芳 一户 刘＊ 陈志明 吴＊花 朱＊平 孙＊超 林＊军 何春梅 欧阳＊秀
郭＊ 买＊＊·吐尔逊 蔡＊ 邓＊红 一户 彭＊ 曾＊兰 解＊ 单＊明 仇＊""")
BLOCKS = [
    {"short": "环", "name": "环境卫生"},
    {"short": "守", "name": "遵纪守法"},
    {"short": "新", "name": "移风易俗"},
    {"short": "公", "name": "公益服务"},
]
# A picture of one red dot stands in for a QR: the template only places it.
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def ranked(earned: list[int]) -> list[int]:
    """1-2-2-4."""
    return [1 + sum(other > mine for other in earned) for mine in earned]


def poster_rows(earned: list[int], *, blocks: bool = True) -> list[Context]:
    return [
        {
            "rank": rank,
            "name": HEADS[i % 30],
            "unnamed": HEADS[i % 30] == "一户",
            "group": GROUPS[i % 6],
            "note": ["连续两季", "升 3 名", ""][i % 3],
            "earned": points,
            "blocks": [
                points // 4,
                points // 5,
                points // 6,
                points - points // 4 - points // 5 - points // 6,
            ]
            if blocks
            else [],
            "removed": False,
        }
        for i, (rank, points) in enumerate(zip(ranked(earned), earned, strict=True))
    ]


def poster(
    earned: list[int], *, paper: str = "A4", block: str | None = None, **other: Any
) -> Context:
    return {
        "paper": paper,
        "township": "彭公镇",
        "region": "槐庄村",
        "block_name": block,
        "period_name": "二〇二六年第三季度",
        "rule_name": "《槐庄村村规民约》第 4 版",
        "adopted": True,
        "taking_part": 298,
        "earned_label": "本季新增",
        "earned_total": 11846,
        "posted_name": "列前二十名",
        "block_heads": [] if block else BLOCKS,
        "rows": poster_rows(earned, blocks=not block),
        "display_from": date(2026, 10, 8),
        "display_until": date(2026, 10, 18),
        "objection": "口头、书面或扫码均可，三日内书面答复",
        "contact": "监督电话 199-0000-0000",
        "publisher": "槐庄村村民委员会",
        "supervisor": "村务监督委员会",
        "serial": "610428106221-2026Q3-04",
        "fingerprint": "R7Q2MX4K5FTD3WZAH6LPVN2CEY",
        "chain_seq": 18204,
        "chain_head": "3f9a…c07e",
        "qr": DOT,
        **other,
    }


TWENTY = [97, 92, 90, 88, 87, 87, 85, 84, 83, 83, 82, 81, 80, 80, 79, 78, 78, 77, 76, 75]

sample("print/poster.html", "20", poster=poster(TWENTY))
sample("print/poster.html", "A3", poster=poster(TWENTY, paper="A3"), demo=True)
sample("print/poster.html", "5", poster=poster([41, 38, 36, 30, 30], posted_name="列前五名"))
sample(
    "print/poster.html",
    "10 of one block",
    poster=poster(
        [20, 20, 19, 18, 17, 17, 16, 15, 15, 14],
        block="环境卫生",
        posted_name="列前十名",
        region="槐庄村第二村民小组",
        adopted=False,
        rule_name="《槐庄村村规民约》试行第 1 版",
    ),
)
sample(
    "print/poster.html",
    "30 without QR",
    demo=True,
    poster=poster(
        [120, 110, 110, 110, *range(109, 83, -1)], qr=None, adopted=False, posted_name="列前三十名"
    ),
)
sample("print/poster.html", "six first", poster=poster([50] * 6 + [40] * 12))
sample("print/poster.html", "two", poster=poster([50, 40], posted_name="列前二名"))
sample(
    "print/poster.html",
    "two sheets",
    demo=True,
    poster=poster(list(range(190, 120, -1)), posted_name="列前七十名"),
)
_gone = poster(TWENTY)
_gone["rows"][5] |= {"name": "", "removed": True}
_gone["rows"][1] |= {"name": "", "removed": True}
sample("print/poster.html", "two removed", poster=_gone)

FULL = words("""罗桂英 周海勇 王生 马文霞 欧阳秀 高海杰 刘志明 陈春花 吴永平 朱建军 孙志超 林桂芳
何春梅 郭明 张秀兰 杨波涛 赵桂芳 买买提·吐尔逊 蔡根生 邓小红 彭德才 曾玉兰
解放 单晓明
仇英 㛃小娟 𠮷永福 䶮大山 范文远 田春生""")
ITEMS = [
    ("环境卫生", "庭院卫生 0–20,垃圾分类 0–10,厕所整洁 0–10,养犬登记 20,门前三包 0–10"),
    ("遵纪守法", "无违法违规 0–10,安全用火 0–10,交通守规 0–5,禁毒禁赌 0–5"),
    ("移风易俗", "红白事简办 0–20,孝老爱亲 0–20,邻里和睦 0–10,不攀比彩礼 0–10"),
    ("公益服务", "参加会议 2,志愿服务 5,出工出劳 10,调解邻里 20,公益捐赠 0–10"),
]


def item_blocks(upto: int = 4) -> list[Context]:
    return [
        {
            "name": name,
            "items": [
                dict(zip(("name", "range"), i.split(), strict=True)) for i in items.split(",")
            ],
        }
        for name, items in ITEMS[:upto]
    ]


def notice_groups() -> list[Context]:
    return [
        {
            "name": f"第{g}村民小组",
            "rows": [
                {
                    "name": HEADS[(n * 7 + k) % 30],
                    "earned": 20 + (n * k) % 60,
                    "blocks": [n % 20, None if n % 5 == 0 else 0, n % 7, (n * k) % 30],
                }
                for n in range(1, 24)
            ],
        }
        for k, g in enumerate("一二三", start=2)
    ]


sample(
    "print/notice_list.html",
    demo=True,
    notice={
        "region": "槐庄村",
        "township": "彭公镇",
        "period_name": "二〇二六年十月",
        "adopted": False,
        "rule_name": "《槐庄村村规民约》第 4 版",
        "display_from": date(2026, 11, 2),
        "display_until": date(2026, 11, 7),
        "contact": "监督电话 199-0000-0000",
        "objection": "口头、书面均可，三日内书面答复",
        "publisher": "槐庄村村民委员会",
        "supervisor": "村务监督委员会",
        "block_heads": BLOCKS,
        "groups": notice_groups(),
        "printed_on": date(2026, 11, 2),
    },
)
PAPER_HOUSEHOLDS = [{"number": f"{36 + 3 * n:03}", "head": head} for n, head in enumerate(FULL)]
PAPER = {
    "village_name": "槐庄村",
    "group_name": "第二村民小组",
    "month_name": "2026年10月",
    "rule_name": "《槐庄村村规民约》第 4 版",
    "households": PAPER_HOUSEHOLDS,
    "spare": 3,
    "printed_on": date(2026, 10, 30),
}
sample("print/score_sheet.html", "all blocks", demo=True, sheet={**PAPER, "blocks": item_blocks()})
sample("print/score_sheet.html", "two blocks", sheet={**PAPER, "blocks": item_blocks(2)})
sample(
    "print/name_choice_sheet.html",
    demo=True,
    sheet={
        "village_name": "槐庄村",
        "group_name": "第二村民小组",
        "printed_on": date(2026, 10, 30),
        "default_name": "“一户”",
        "households": [
            {**h, "wall": ["full", "masked", ""][n % 3], "web": ["unnamed", "masked", ""][n % 3]}
            for n, h in enumerate(PAPER_HOUSEHOLDS)
        ],
    },
)


# ---- the score sheet ----


def sheet_blocks() -> list[Context]:
    keys = ("environment", "law", "customs", "service")
    return [
        {
            "key": key,
            "name": name,
            "items": [
                {
                    "code": f"{key[:3]}-{n}",
                    "name": i.split()[0],
                    "range": i.split()[1] + " / 月",
                    "min": 0 if "–" in i else int(i.split()[1]),
                    "max": int(i.split("–")[-1].split()[-1]),
                    "rule": "第 4 条第 2 款：院落内外干净整齐，柴草农具摆放有序。",
                    "more": ["每户每月最多 20 分", "由评分员或评议员评", "要附照片"],
                }
                for n, i in enumerate(items.split(","))
            ],
        }
        for key, (name, items) in zip(keys, ITEMS, strict=True)
    ]


def sheet(**other: Any) -> Context:
    """Thirty households of one group; the first nine typed, two posted, one nobody may touch."""
    ids = [f"0f8fad5b-d9cb-469f-a165-7086772895{n:02}" for n in range(len(FULL))]
    cells: list[Context] = [{} for _ in FULL]
    cells[0] = {
        "env-0": {"points": 18, "entry": "6f1c", "limit": None, "why": None},
        "env-1": {"points": 9, "entry": "6f1d", "limit": None, "why": None},
    }
    cells[3] = {
        "env-3": {
            "points": None,
            "entry": None,
            "limit": None,
            "why": "养犬登记一户一次，2025年6月已评",
        }
    }
    households = [
        {
            "id": i,
            "number": f"{36 + 3 * n:03}",
            "head": head,
            "earned": 97 - n,
            "cells": cells[n],
            "why": "不能给自己家评分" if n == 6 else None,
        }
        for n, (i, head) in enumerate(zip(ids, FULL, strict=True))
    ]
    return {
        "village": "610428106221",
        "village_name": "槐庄村",
        "group": "610428106221-G02",
        "group_name": "第二村民小组",
        "month": "2026-10",
        "month_name": "2026年10月",
        "deed_on": date(2026, 10, 31),
        "rule_name": "《槐庄村村规民约》第 4 版",
        "groups": [
            {"code": f"610428106221-G0{n}", "name": f"第{g}村民小组"}
            for n, g in enumerate("一二三四", start=1)
        ],
        "months": [
            {"value": "2026-10", "label": "2026年10月"},
            {"value": "2026-09", "label": "2026年9月"},
        ],
        "blocks": sheet_blocks(),
        "households": households,
        "period_label": "本季",
        "village_earned": 1904,
        "may_post": True,
        "posted": [],
        "draft_saved_at": "2026-10-30T06:32:00.000Z",
        "draft": [
            [ids[n], f"env-{k}", 6 + (n * 5 + k) % 5]
            for n in range(1, 9)
            if n != 6
            for k in (0, 1, 2, 4)
        ]
        + [[ids[3], "env-0", 25]],
        **other,
    }


sample("pages/scores.html", sheet=sheet(), missing=None)
sample(
    "pages/scores.html",
    "nothing yet",
    sheet=None,
    missing={
        "title": "还没有村规",
        "text": "评分要有依据。先把村规民约和评分细则定下来，再回来评分。",
        "href": "/rules",
        "link": "去定村规",
    },
)
