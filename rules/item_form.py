"""A rule book's scoring items as a workbook, in the layout that is imported: round trip and form.

Whatever version it comes from, it is imported into a draft alone.
"""

from uuid import UUID

from foundation import forms
from foundation.actors import Actor
from foundation.forms import Field
from rules import drafts, item_tables, rulebook
from rules.item_tables import BLOCKS, PERIODS, told
from rules.rulebook import Item, Version

SPARE = 30
_YES_NO = ("是", "否")

NOTES = (
    "一行一项细则。同名或同代码的是更新，没有的是新增，表里没写的原样不动。",
    "空着的格子表示不改。要取消每户上限，写“不设上限”。",
    "新增一条条款：写条款号、条文和板块。已有的条款只写条款号就行。",
    "分值是每次的最低分和最高分；固定分值就两格写一样。现在不能设扣分。",
    "只评一次的（例如养犬登记），评分周期和上限周期都写“只一次”，并写明每户上限。",
    "谁可以评，几个人都可以就用顿号隔开，例如：村文书、评分员。",
    "只导入草稿：已经公布的版本谁也改不了。导入后到草稿里看一遍再公布。",
)


async def sheet(version_id: UUID, *, actor: Actor) -> tuple[Version, bytes]:
    """A version's items as a workbook. Refuses with `RuleBookNotFound`, `NotAllowed`."""
    version = await rulebook.version(version_id, actor=actor)
    title = f"{version.title} 评分细则"
    content = forms.form_file(
        "评分细则",
        FIELDS,
        [_line(item, place) for place, item in enumerate(version.items, start=1)],
        titles=[title],
        notes=NOTES,
        spare=SPARE,
    )
    return version, content


def _words(choices: dict[str, str], codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(next(word for word, known in choices.items() if known == code) for code in codes)


FIELDS = (
    Field("序号", width=6),
    Field("条款", width=8),
    Field("条文", width=44),
    Field("板块", width=12, choices=_words(BLOCKS, drafts.BLOCKS)),
    Field("评分细则", width=22),
    Field("单位", width=8),
    Field("最低分", width=8, low=0, high=drafts.POINTS_MAX),
    Field("最高分", width=8, low=1, high=drafts.POINTS_MAX),
    Field("每户上限", width=10, hint="整数，或者写“不设上限”"),
    Field("上限周期", width=10, choices=_words(PERIODS, drafts.CAP_PERIODS)),
    Field("评分周期", width=10, choices=_words(PERIODS, drafts.CYCLES)),
    Field("要凭据", width=8, choices=_YES_NO),
    Field(
        "谁可以评",
        width=22,
        hint="几个角色用顿号隔开，例如：村文书、评分员",
    ),
    Field("可自己申报", width=12, choices=_YES_NO),
    Field("公示天数", width=10, choices=tuple(str(days) for days in drafts.POSTING_DAYS)),
    Field("放进月末评分表", width=16, choices=_YES_NO),
    Field("代码", width=14, hint="新增的空着，系统会编"),
)


def _line(item: Item, place: int) -> list[str | int]:
    cap = item_tables.NO_CAP if item.cap_points is None else item.cap_points
    return [
        place, item.clause_number, item.clause_text, told("block", item.block), item.name,
        item.unit, item.points_min, item.points_max, cap, told("cap_period", item.cap_period),
        told("cycle", item.cycle), told("evidence_needed", item.evidence_needed),
        told("scorers", item.scorers), told("self_claim", item.self_claim), item.posting_days,
        told("on_month_sheet", item.on_month_sheet), item.code,
    ]  # fmt: skip
