"""Samples of what townships and counties see; see samples.py."""

from datetime import date

from sample_village import AT, PERIODS, UUID, VILLAGE, VILLAGES
from samples import Context, sample

from points.overview import Book, Lacking, Paper

_PERIOD = {"text": "2026Q3", "label": "2026年第3季度"}
_PLACES = [
    {"code": "610428000000", "name": "长武县", "depth": 0},
    {"code": "610428106000", "name": "彭公镇", "depth": 1},
]
_TOWNSHIP = {"code": "610428106000", "name": "彭公镇", "level": "township"}
_SHOWS = [
    ("posted", "出榜的村", 18, 21),
    ("lacking", "到期没有出榜", 3, None),
    ("to_hang", "出了榜没有贴", 1, None),
    ("too_long", "过期没有撤", 2, None),
    ("no_book", "没有村规民约", 0, None),
]
_FIGURES = [
    {
        "show": show,
        "label": label,
        "value": value,
        "of": of,
        "href": f"/overview?show={show}",
        "overdue": show in ("lacking", "too_long"),
    }
    for show, label, value, of in _SHOWS
]
_PAPER = Paper(
    serial="610428106221-2026Q3-04",
    village=VILLAGE["code"],
    region=VILLAGE["code"],
    region_name=VILLAGE["name"],
    period="2026Q3",
    block="",
    display_from=date(2026, 10, 8),
    display_until=date(2026, 10, 18),
    hung_on=date(2026, 10, 8),
    taken_down_on=None,
    wall="to_take_down",
    received=False,
)
_LATE = {name: getattr(_PAPER, name) for name in _PAPER.__struct_fields__} | {
    "village_name": "槐庄村委会",
    "label": "2026年第3季度",
    "days_over": 13,
}
_BOOK = Book(
    UUID,
    4,
    "槐庄村村规民约",
    date(2026, 4, 1),
    True,
    date(2026, 3, 20),
    "彭公镇村约备〔2026〕221号",
)
_VILLAGE: Context = {
    "code": VILLAGE["code"],
    "name": "槐庄村委会",
    "township": "彭公镇",
    "hands_in": False,
    "book": _BOOK,
    "scheme": "每季，前 20 名，贴 10 天；1 分抵 0.50 元",
    "posted": [{"serial": _PAPER.serial, "label": "2026年第3季度"}],
    "lacking": 0,
    "to_hang": 0,
    "too_long": 1,
}
_OVERVIEW: Context = {
    "region": _TOWNSHIP,
    "regions": _PLACES,
    "period": _PERIOD,
    "periods": PERIODS,
    "show": "",
    "showing": "",
    "all_href": "/overview",
    "export_href": "/overview/export.xlsx",
    "packet_href": "/packets",
    "comparison_href": "/comparison",
    "figures": _FIGURES,
    "townships": [],
    "not_begun": [],
    "papers": [],
    "may_receive": True,
    "vacancies": 2,
    "lacking": [],
}
sample(
    "pages/overview.html",
    villages=[
        _VILLAGE,
        {
            **_VILLAGE,
            "name": "西关村委会",
            "book": Book(UUID, 1, "西关村村规民约", date(2026, 7, 1), False, None, ""),
            "posted": [],
            "lacking": 2,
            "to_hang": 1,
            "too_long": 0,
        },
        {**_VILLAGE, "name": "东街村委会", "book": None, "posted": [], "too_long": 0},
        {
            **_VILLAGE,
            "name": "鹿村委会",
            "hands_in": True,
            "book": None,
            "scheme": "",
            "too_long": 0,
        },
    ],
    **{**_OVERVIEW, "not_begun": ["刘家村委会", "方庄村委会", "丰头村委会"]},
)
sample(
    "pages/overview.html",
    "county",
    villages=[],
    **{
        **_OVERVIEW,
        "region": {"code": "610428000000", "name": "长武县", "level": "county"},
        "townships": [
            {
                "name": name,
                "href": "/overview?region=1",
                "villages": 21,
                "working": 20 - n,
                "counts": [
                    {"show": show, "label": label, "value": value // (n + 1), "href": "/overview"}
                    for show, label, value, _ in _SHOWS
                ],
            }
            for n, name in enumerate(("彭公镇", "昭仁街道", "相公镇"))
        ],
    },
)
_LOOKED_INTO = {**_OVERVIEW, "show": "too_long", "showing": "过期没有撤"}
sample(
    "pages/overview.html", "too long", villages=[_VILLAGE], **{**_LOOKED_INTO, "papers": [_LATE]}
)
sample(
    "pages/overview.html",
    "due",
    villages=[_VILLAGE],
    **{
        **_OVERVIEW,
        "show": "lacking",
        "showing": "到期没有出榜",
        "lacking": [
            {
                **{f: getattr(one, f) for f in one.__struct_fields__},
                "label": "2026年第3季度",
            }
            for one in (Lacking(VILLAGES[1]["code"], "西关村委会", "2026Q3", date(2026, 10, 1)),)
        ],
    },
)
sample("pages/overview.html", "nothing", villages=[], **_LOOKED_INTO)

_SIGNER = {
    "village": VILLAGES[1]["code"],
    "village_name": "西关村委会",
    "spoken": "Q7M2-X4K5-FTD3-WZAH",
    "confirmed_at": AT,
    "confirmed_by": "王秋实",
}
_NO_FILE: Context = {"problem": None, "waits": None, "file": "", "errors": {}}
_WAITS = {
    "village_name": "西关村委会",
    "region_name": "西关村",
    "period_label": "2026年第3季度",
    "serial": "610428106222-2026Q3-01",
    "posted": 20,
    "spoken": "Q7M2-X4K5-FTD3-WZAH",
    "key_id": "Q7M2X4K5FTD3WZAH",
}
sample("pages/publication_import.html", signers=[_SIGNER], **_NO_FILE)
sample("pages/publication_import.html", "empty", signers=[], **_NO_FILE)
sample(
    "pages/publication_import.html",
    "call first",
    signers=[],
    **{**_NO_FILE, "waits": _WAITS, "file": "e30=", "errors": {"heard": "请先打电话核对。"}},
)
sample(
    "pages/publication_import.html",
    "refused",
    signers=[_SIGNER],
    **{**_NO_FILE, "problem": "这个文件签名以后被改动过，或者不完整，没有收下。"},
)

_SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_LIST: Context = {
    "title": "槐庄村 2026年第3季度",
    "block_name": "",
    "state": "shown",
    "state_name": "公示中",
    "superseded_by": "",
    "rule_name": "《槐庄村村规民约》第 4 版",
    "adopted": True,
    "taking_part": 298,
    "posted": 20,
    "earned_total": 11846,
    "display_from": date(2026, 10, 8),
    "display_until": date(2026, 10, 18),
    "serial": "610428106221-2026Q3-04",
    "fingerprint": "R7Q2MX4K5FTD3WZAH6LPVN2CEY",
    "key": "Q7M2-X4K5-FTD3-WZAH",
    "handed_in": False,
    "poster": {"path": "红榜/610428106221-2026Q3-04-槐庄村.pdf", "size": 181234, "sha256": _SUM},
    "signed": {"path": "签名文件/610428106221-2026Q3-04.xyp", "size": 18123, "sha256": _SUM},
}
sample(
    "print/packet_index.html",
    packet={
        "region": "彭公镇",
        "period": "2026年第3季度",
        "made_on": date(2026, 10, 10),
        "purpose": "镇级汇总归档",
        "key": "Q7M2-X4K5-FTD3-WZAH",
        "silent": ["西关村委会", "东街村委会"],
        "tables": {"path": "各村汇总.xlsx", "size": 22000, "sha256": _SUM},
        "lists": [
            _LIST,
            {
                **_LIST,
                "title": "西关村 2026年8月",
                "state": "superseded",
                "state_name": "已更换",
                "superseded_by": "610428106222-2026-08-02",
                "handed_in": True,
                "adopted": False,
                "poster": None,
            },
        ],
    },
)

_IN_PACKET: Context = {
    "serial": "610428106221-2026Q3-04",
    "region_name": "槐庄村",
    "block": "",
    "period_label": "2026年第3季度",
    "posted": 20,
    "state": "shown",
    "received": False,
    "ready": True,
}
_PACKET: Context = {
    "region": _TOWNSHIP,
    "regions": _PLACES,
    "period": _PERIOD,
    "periods": PERIODS,
    "lists": [
        _IN_PACKET,
        {**_IN_PACKET, "region_name": "西关村", "received": True},
        {**_IN_PACKET, "block": "law", "state": "superseded"},
        {**_IN_PACKET, "period_label": "2026年7月", "state": "ended"},
    ],
    "villages": 2,
    "posters": 2,
    "ready": 2,
    "preparing": False,
    "download": "/packets/packet.zip",
    "here": "/packets",
}
sample("pages/packets.html", **_PACKET)
sample("pages/packets.html", "to prepare", **{**_PACKET, "ready": 1})
sample("pages/packets.html", "preparing", **{**_PACKET, "ready": 1, "preparing": True})
sample("pages/packets.html", "empty", **{**_PACKET, "lists": [], "posters": 0, "ready": 0})

_COMPARED: Context = {
    "village": VILLAGE["code"],
    "village_name": "槐庄村委会",
    "township_name": "彭公镇",
    "households": 304,
    "taking_part": 298,
    "share": 98,
    "earned": 11846,
    "per_household": "39.8",
    "point_fen": 50,
    "rate": "1 分抵 0.50 元",
    "handed_in": False,
    "board": "/leaderboard",
}
_HANDED: Context = {"households": None, "share": None, "handed_in": True, "rate": ""}
_KEYS = ("households", "taking_part", "share", "earned", "per_household")
_COMPARISON: Context = {
    "region": _TOWNSHIP,
    "regions": _PLACES,
    "period": _PERIOD,
    "periods": PERIODS,
    "sort": {"key": "earned", "down": True, "links": {key: f"/x?sort={key}" for key in _KEYS}},
    "may_households": True,
    "may_board": True,
    "export_href": "/comparison/export.xlsx",
    "overview_href": "/overview",
}
sample(
    "pages/comparison.html",
    groups=[
        {
            "comparable": True,
            "item_count": 29,
            "rate": "1 分抵 0.50 元",
            "lines": [_COMPARED, {**_COMPARED, "village_name": "西关村委会", "earned": 9120}],
        },
        {
            "comparable": False,
            "item_count": 0,
            "rate": "不定价",
            "lines": [
                {**_COMPARED, "village_name": "东街村委会", "township_name": "昭仁街道"},
                {**_COMPARED, **_HANDED, "village_name": "鹿村委会"},
            ],
        },
    ],
    **_COMPARISON,
)
sample(
    "pages/comparison.html",
    "empty",
    groups=[],
    **{**_COMPARISON, "may_households": False, "may_board": False},
)
