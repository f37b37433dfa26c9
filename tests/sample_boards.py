"""Samples of boards, posted lists and the public page; see samples.py."""

from datetime import date
from typing import Any

from sample_village import (
    AT,
    CODES,
    ENTRY,
    PAGER,
    PERIOD,
    PERIODS,
    TODAY,
    TREE,
    UUID,
    VILLAGE,
    VILLAGES,
)
from samples import FULL, HEADS, Context, poster_rows, sample

from points import snapshot

_BOARD = [
    {
        "rank": r["rank"],
        "household": UUID,
        "number": f"{n:03}",
        "head": FULL[n],
        "earned": r["earned"],
        "group_name": "第二村民小组",
        "blocks": dict(zip(CODES, r["blocks"], strict=True)),
        "change": [3, None, 0, -2][n % 4],
    }
    for n, r in enumerate(poster_rows([97, 92, 90, 88, 87, 87, 85, 84, 83, 83, 82, 81]))
]
_BOARD_OF = {
    "region": {**VILLAGE, "level": "village"},
    "regions": TREE,
    "period": PERIOD,
    "periods": PERIODS,
    "pager": PAGER,
    "may_publish": True,
    "export": {"xlsx": "/x.xlsx", "csv": "/x.csv"},
}
sample(
    "pages/leaderboard.html",
    block="",
    rows=_BOARD,
    taking_part=298,
    earned_total=11846,
    **_BOARD_OF,
)
sample(
    "pages/leaderboard.html",
    "one block",
    block="law",
    rows=_BOARD[:5],
    taking_part=298,
    earned_total=1846,
    **_BOARD_OF,
)
sample(
    "pages/leaderboard.html", "empty", block="", rows=[], taking_part=0, earned_total=0, **_BOARD_OF
)
_PUBS = [
    {
        "serial": f"610428106221-2026Q{n}-0{n}",
        "region_name": "槐庄村",
        "block": "law" if n == 4 else "",
        "period_label": f"2026年第{n}季度",
        "display_from": date(2026, 10, 8),
        "display_until": date(2026, 10, 18),
        "hung_on": date(2026, 10, 8),
        "taken_down_on": None,
        "superseded_by": "",
        "state": state,
    }
    for n, state in enumerate(("to_hang", "hanging", "to_take_down", "taken_down", "superseded"))
]
sample(
    "pages/publications.html",
    village=VILLAGE,
    villages=VILLAGES,
    rows=_PUBS,
    may_write=True,
    due=[{"period": "2026Q3", "label": "2026年第3季度", "since": date(2026, 10, 1)}],
    form={"village": VILLAGE["code"], "state": ""},
)
sample(
    "pages/publications.html",
    "empty",
    village=VILLAGE,
    villages=[VILLAGE],
    rows=[],
    due=[],
    may_write=True,
    form={"village": VILLAGE["code"], "state": ""},
)
_CHOSEN = {"region": VILLAGE["code"], "period": "2026Q3", "block": "", "days": "10"}
_CHOOSE = {"regions": TREE, "periods": PERIODS, "form": _CHOSEN, "errors": {}, "id": ENTRY}
sample(
    "pages/publication_new.html",
    "choose",
    problem="这一期还没有得分，没有什么可以张贴。",
    preview=None,
    **_CHOOSE,
)
sample(
    "pages/publication_new.html",
    problem=None,
    **_CHOOSE,
    preview={
        "title": "槐庄村 2026年第3季度",
        "display_from": date(2026, 10, 8),
        "display_until": date(2026, 10, 18),
        "taking_part": 298,
        "posted": 20,
        "earned_total": 11846,
        "rule_name": "《槐庄村村规民约》第 4 版",
        "adopted": False,
        "unchosen": 4,
        "edge": "第 20 名有 2 户同分，一起上榜，共 21 户。",
        "replaces": "610428106221-2026Q3-01",
        "block_codes": CODES,
        "rows": [
            {
                "rank": r["rank"],
                "wall": HEADS[n],
                "web": "一户",
                "group": "二组",
                "earned": r["earned"],
                "blocks": dict(zip(CODES, r["blocks"], strict=True)),
            }
            for n, r in enumerate(poster_rows([97, 92, 90, 88, 87, 87]))
        ],
    },
)
_PUB: Context = {
    **_PUBS[1],
    "fingerprint": "R7Q2MX4K5FTD3WZAH6LPVN2CEY",
    "chain_seq": 18204,
    "key": "Q7M2-X4K5-FTD3-WZAH",
    "received_at": None,
    "published_at": AT,
    "published_by": "王秋实",
    "adopted": True,
    "taking_part": 298,
    "posted": 20,
    "poster_ready": True,
}
_PUB_ROWS = [
    {
        "rank": r["rank"],
        "name": r["name"],
        "group": r["group"],
        "earned": r["earned"],
        "removed": n == 3,
    }
    for n, r in enumerate(poster_rows([97, 92, 90, 88, 87, 87]))
]
_PUB_OF = {"rows": _PUB_ROWS, "today": TODAY, "may_write": True, "form": {}}
sample(
    "pages/publication.html",
    pub=_PUB,
    qr_problem=None,
    errors={},
    **_PUB_OF,
    public_url="https://xiangyue.example.cn/p/610428106221-2026Q1-01",
)
sample(
    "pages/publication.html",
    "to take down",
    pub={**_PUB, "state": "to_take_down"},
    public_url=None,
    qr_problem="还没有设公开网址，榜上暂时不印二维码。",
    errors={"on": "不能早于张贴的那天。"},
    **_PUB_OF,
)
sample(
    "pages/publication.html",
    "superseded",
    pub={**_PUB, "state": "superseded", "hung_on": None, "superseded_by": "610428106221-2026Q1-02"},
    public_url=None,
    qr_problem=None,
    errors={},
    **_PUB_OF,
)
sample(
    "pages/notices.html",
    regions=TREE,
    periods=PERIODS,
    form=_CHOSEN,
    errors={},
    problem=None,
    summary={
        "households": 298,
        "groups": 6,
        "display_from": date(2026, 11, 2),
        "display_until": date(2026, 11, 7),
    },
)
sample(
    "pages/notices.html",
    "choose",
    regions=TREE,
    periods=PERIODS,
    form=_CHOSEN,
    errors={},
    problem="这一期还没有得分。",
    summary=None,
)


HEADER = snapshot.Header(
    serial="610428106221-2026Q3-04",
    village=VILLAGE["code"],
    region=VILLAGE["code"],
    region_name="槐庄村",
    township="彭公镇",
    period="2026Q3",
    as_of=date(2026, 9, 30),
    block=None,
    rules=(snapshot.RuleRef(4, "槐庄村村规民约", True),),
    taking_part=298,
    posted=12,
    earned_total=11846,
    chain_seq=18204,
    chain_head="3f9ac07e" * 8,
    display_from=date(2026, 10, 8),
    display_until=date(2026, 10, 18),
    publisher="槐庄村村民委员会",
    supervisor="村务监督委员会",
    objection="口头、书面均可，三日内书面答复",
    contact="监督电话 199-0000-0000",
    published_at="2026-10-08T01:00:00Z",
)
LINES = [
    snapshot.line(
        "web",
        position=n,
        content=snapshot.Content(
            row["rank"],
            row["name"],
            row["group"],
            row["earned"],
            dict(zip(CODES, row["blocks"], strict=True)),
        ),
    )
    for n, row in enumerate(poster_rows([97, 92, 90, 88, 87, 87, 85, 84, 83, 83, 82, 81]), start=1)
]


def posted(**other: Any) -> Context:
    """A posted list whose snapshot is sound."""
    return {
        "header": HEADER,
        "snapshot": snapshot.text(HEADER, lines=LINES),
        "rows": list(LINES),
        "is_over": False,
        "superseded_by": "",
        "period_label": "2026年第3季度",
        **other,
    }


sample("pages/posted.html", who=None, posted=posted())
sample(
    "pages/posted.html",
    "over",
    who=None,
    posted=posted(rows=[], is_over=True, superseded_by="610428106221-2026Q3-05"),
)
