"""The field's own words for the codes that the data carries, in the reader's language."""

from collections.abc import Sequence
from typing import Any

from api import locale
from households.models import Region
from rules.rulebook import Item, Version

BLOCKS = ("environment", "law", "customs", "public_service")


def block(code: str) -> str:
    """The name of a block."""
    _ = locale.text
    return {
        "environment": _("环境卫生"),
        "law": _("遵纪守法"),
        "customs": _("移风易俗"),
        "public_service": _("公益服务"),
    }[code]


def period(code: str) -> str:
    """How often: each month, once ..."""
    _ = locale.text
    return {
        "day": _("每天"),
        "month": _("每月"),
        "quarter": _("每季"),
        "year": _("每年"),
        "once": _("只一次"),
    }[code]


def points_range(item: Item) -> str:
    """What one entry of an item may be: 0–20 / 月 as a column's heading has room for."""
    _ = locale.text
    bounds = (
        str(item.points_max)
        if item.points_min == item.points_max
        else f"{item.points_min}–{item.points_max}"
    )
    cycle = {"month": _("月"), "quarter": _("季"), "year": _("年"), "once": _("一次")}[item.cycle]
    return f"{bounds} / {cycle}"


def cap(item: Item) -> str:
    """How much of an item a household may have in a stretch of time."""
    _ = locale.text
    if item.cap_points is None:
        return _("不设上限")
    if item.cap_period == "once":
        return _("每户一共最多 %(n)s 分", n=item.cap_points)
    return _("每户%(per)s最多 %(n)s 分", per=period(item.cap_period), n=item.cap_points)


def rule(version: Version) -> str:
    """A version as one refers to it."""
    return f"《{version.title}》" + locale.text("第 %(n)s 版", n=version.number)


def clause(item: Item) -> str:
    """The clause that an item stands on, with its text."""
    return locale.text("第 %(n)s 条", n=item.clause_number) + "：" + item.clause_text


def by_block(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Items under their blocks, in the order of the blocks; blocks without items left out."""
    grouped = [(code, [item for item in items if item.block == code]) for code in BLOCKS]
    return [(code, found) for code, found in grouped if found]


def place(region: Region) -> dict[str, Any]:
    """A region as pages show it."""
    return {"code": region.code, "name": region.name, "level": region.level}
