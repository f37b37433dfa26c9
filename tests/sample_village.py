"""What several pages' samples share: a village, its places, periods, pages of a list."""

from datetime import date, datetime

from samples import Context

VILLAGE = {"code": "610428106221", "name": "槐庄村"}
VILLAGES = [VILLAGE, {"code": "610428106222", "name": "西关村"}]
GROUPS = [
    {"code": f"610428106221-G0{n}", "name": f"第{g}村民小组"}
    for n, g in enumerate("一二三四", start=1)
]
GRIDS = [
    {"code": "610428106221-W001", "name": "东街网格"},
    {"code": "610428106221-W002", "name": "西街网格"},
]
TREE = [
    {"code": "610428106221", "name": "槐庄村", "depth": 0},
    *({**group, "depth": 1} for group in GROUPS),
]
PERIODS = [
    {"value": "2026Q3", "label": "2026年第3季度"},
    {"value": "2026-10", "label": "2026年10月"},
]
PERIOD = {"text": "2026Q3", "label": "2026年第3季度", "previous_label": "2026年第2季度"}
PAGER = {"page": 2, "pages": 6, "total": 298, "prev": "/x?page=1", "next": "/x?page=3"}
ONE_PAGE = {"page": 1, "pages": 1, "total": 3, "prev": None, "next": None}
UUID = "0f8fad5b-d9cb-469f-a165-708677289501"
ENTRY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
AT = datetime(2026, 10, 31, 14, 32)  # noqa: DTZ001 - templates are handed local time
TODAY = date(2026, 10, 31)


def options(*pairs: tuple[str, str]) -> list[Context]:
    return [{"value": value, "label": label} for value, label in pairs]


CODES = ["environment", "law", "customs", "public_service"]
