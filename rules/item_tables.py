"""Scoring items from a workbook into a draft of the rule book, and never into a published version.

A line is an item: it changes the one of its code, or of its name, or is new under its clause. What
the sheet does not name stays, and an empty cell says nothing. The text that results is judged as a
whole by `drafts.findings`; a line with a fault in it is left out and the rest is judged again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import audit
from foundation.marking import mark as _n
from households import staffing, tables, tabling
from households.kinds import Job
from households.parsed import Severity
from households.tables import Column, Notes, Row, Table
from households.tabling import Plan
from rules import drafts, rulebook, versions
from rules.drafts import Draft
from rules.errors import RuleBookNotFound, VersionFrozen
from rules.item_text import Placed, Text, number_of
from rules.versions import Version

NO_CAP = "不设上限"

COLUMNS = (
    Column("serial", _n("序号"), ("编号", "no")),
    Column("clause", _n("条款"), ("第几条", "条", "条号", "依据条款", "条款号"), down=True),
    Column("text", _n("条文"), ("条款内容", "内容", "村规民约内容"), down=True),
    Column("block", _n("板块"), ("类别", "分类", "积分板块", "项目类别", "一级指标"), down=True),
    Column(
        "name",
        _n("评分细则"),
        ("细则", "项目", "评分项目", "积分项目", "名称", "事项", "积分事项", "二级指标"),
        needed=True,
    ),
    Column("unit", _n("单位"), ("计分单位", "计量单位")),
    Column("range", _n("分值"), ("分数", "标准分", "积分", "积分标准", "评分标准", "赋分")),
    Column("points_min", _n("最低分"), ("下限", "最少")),
    Column("points_max", _n("最高分"), ("满分", "最多")),
    Column("cap_points", _n("每户上限"), ("上限", "封顶", "封顶分", "累计上限", "最高累计")),
    Column("cap_period", _n("上限周期"), ("封顶周期",)),
    Column("cycle", _n("评分周期"), ("周期", "频次", "多久评一次", "考核周期")),
    Column("evidence_needed", _n("要凭据"), ("凭据", "要有照片或证明", "佐证", "需要佐证")),
    Column("scorers", _n("谁可以评"), ("评分人", "评定人", "由谁评")),
    Column("self_claim", _n("可自己申报"), ("自主申报", "自己申报", "村民申报")),
    Column("posting_days", _n("公示天数"), ("公示期",)),
    Column("on_month_sheet", _n("放进月末评分表"), ("月末评分表", "月末评分")),
    Column("code", _n("代码"), ("细则代码", "项目代码")),
)

BLOCKS = {
    "环境卫生": "environment", "遵纪守法": "law", "移风易俗": "customs",
    "公益服务": "public_service",
    "环境": "environment", "人居环境": "environment", "法治": "law", "公益": "public_service",
}  # fmt: skip
PERIODS = {
    "每月": "month", "每季": "quarter", "每年": "year", "只一次": "once", "每天": "day",
    "月": "month", "按月": "month", "每季度": "quarter", "季": "quarter", "季度": "quarter",
    "年": "year", "年度": "year", "一次": "once", "一次性": "once", "日": "day", "每日": "day",
}  # fmt: skip
YES_NO = {"是": "yes", "否": "no", "有": "yes", "√": "yes", "需要": "yes", "可以": "yes",
          "不": "no", "不需要": "no", "×": "no", "不可以": "no"}  # fmt: skip
SCORERS = {word: role for word, role in staffing.ROLE_WORDS.items() if role in drafts.SCORER_ROLES}
_CYCLES = {word: code for word, code in PERIODS.items() if code in drafts.CYCLES}
_CAPS = {word: code for word, code in PERIODS.items() if code in drafts.CAP_PERIODS}
_NO_CAPS = frozenset((NO_CAP, "不限", "不封顶", "不设", "无上限"))
_TICKS = ("evidence_needed", "self_claim", "on_month_sheet")
_RANGE = re.compile(r"\+?(\d{1,6})分?(?:[-~～至到—–]+\+?(\d{1,6}))?分?")
_SPLIT = re.compile(r"[、,，/;；+和及]")

SENTENCES: dict[str, tuple[Severity, str]] = {
    "clause_missing": ("error", _n("没有写依据哪一条，这一行未采用。")),
    "clause_unknown": (
        "error",
        _n("草稿里没有第 {number} 条；要新加请写上条文和板块，这一行未采用。"),
    ),
    "range_unreadable": ("error", _n("看不懂这个分值，请写成 10 或 0-20，这一行未采用。")),
    "item_too_long": ("error", _n("“{field}”最多 {limit} 个字，这一行未采用。")),
    "item_out_of_range": ("error", _n("“{field}”超出范围，最多 {limit}，这一行未采用。")),
    "item_deduction": ("error", _n("不能设扣分：扣分要先有告知和申辩，这一行未采用。")),
    "item_below_minimum": ("error", _n("最高分比最低分还低，这一行未采用。")),
    "item_cap_low": ("error", _n("每户上限比最高分还低，评一次满分就超了，这一行未采用。")),
    "item_once_both": ("error", _n("只评一次的，上限周期也要写“只一次”并写明上限，这一行未采用。")),
    "item_repeated": ("error", _n("“{field}”和别的重复了，这一行未采用。")),
    "item_unfit": ("error", _n("“{field}”不在可选的范围里，这一行未采用。")),
    "item_too_many": ("error", _n("细则最多 {limit} 项，这一行未采用。")),
}  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """The draft's whole text as it will be."""

    draft: Draft


async def plan(table: Table, job: Job) -> Plan[Step]:
    """What the lines do to the draft; writes nothing."""
    before = versions.as_draft(await _draft(job))
    notes = Notes(SENTENCES)
    placed = [one for row in table.rows if (one := _read(row, notes))]
    text = Text(before, notes)
    while placed:
        text = Text(before, notes)
        for one in placed:
            text.place(one)
        faulty = text.faults()
        if not faulty:
            break
        placed = [one for one in placed if one.row not in faulty]
    else:
        text = Text(before, notes)
    lines = [text.line(row, told=told) for row in table.rows]
    changed = any(line.action in ("created", "updated") for line in lines)
    return Plan(lines=lines, steps=[Step(text.draft())] if changed else [], problems=notes.found)


async def _draft(job: Job) -> Version:
    """The draft that is meant. Refuses with `RuleBookNotFound`, `VersionFrozen`."""
    typed = job.target.get("version", "")
    try:
        version = await rulebook.version(UUID(typed))
    except ValueError:
        raise RuleBookNotFound(id=typed) from None
    if version.village != job.place.code:
        raise RuleBookNotFound(id=typed)
    if version.state != "draft":
        raise VersionFrozen(id=typed, number=version.number)
    return version


# -- one line -----------------------------------------------------------------------------


def _read(row: Row, notes: Notes) -> Placed | None:
    """A line's values, only those that it states; None where one of them cannot be used."""
    before = sum(problem.severity == "error" for problem in notes.found)
    values: dict[str, Any] = {"name": row.words("name"), "unit": row.words("unit")}
    if not values["name"]:
        notes.add("missing", row, "name", column="评分细则")
    values["code"] = row.text("code").lower()
    values |= _range(row, notes)
    for key in ("points_min", "points_max", "posting_days"):
        if (number := tables.whole(row, key, notes)) is not None:
            values[key] = number
    if row.text("cap_points") in _NO_CAPS:
        values["cap_points"] = None
    elif (cap := tables.whole(row, "cap_points", notes)) is not None:
        values["cap_points"] = cap
    values["cap_period"] = tables.choice(row, "cap_period", _CAPS, notes)
    values["cycle"] = tables.choice(row, "cycle", _CYCLES, notes)
    for key in _TICKS:
        said = tables.choice(row, key, YES_NO, notes)
        values[key] = None if said is None else said == "yes"
    values["scorers"] = _scorers(row, notes)
    block = tables.choice(row, "block", BLOCKS, notes) or ""
    if sum(problem.severity == "error" for problem in notes.found) > before:
        return None
    stated = {
        key: value
        for key, value in values.items()
        if value not in (None, "", ()) or (key == "cap_points" and key in values)
    }
    return Placed(row, number_of(row.text("clause")), row.words("text"), block, stated)


def _range(row: Row, notes: Notes) -> dict[str, int]:
    """The bounds that 10 or 0-20 in one cell state; a single figure is both."""
    text = row.text("range")
    if not text:
        return {}
    found = _RANGE.fullmatch(text)
    if not found:
        notes.add("item_deduction" if text.startswith("-") else "range_unreadable", row, "range")
        return {}
    low = int(found[1])
    return {"points_min": low, "points_max": int(found[2]) if found[2] else low}


def _scorers(row: Row, notes: Notes) -> tuple[str, ...]:
    words = [word for word in _SPLIT.split(row.text("scorers")) if word]
    found = [SCORERS.get(word, word if word in drafts.SCORER_ROLES else "") for word in words]
    if "" in found:
        notes.add("not_a_choice", row, "scorers", choices="、".join(_first(SCORERS)))
    return tuple(dict.fromkeys(found))


def _first(choices: Mapping[str, str]) -> list[str]:
    return [_word(choices, code) for code in dict.fromkeys(choices.values())]


def told(key: str, value: Any) -> str:
    """A field's value in the words that the sheet has for it."""
    if key in _TICKS:
        return "是" if value else "否"
    if key == "scorers":
        return "、".join(_word(SCORERS, role) for role in value)
    if key == "cap_points":
        return NO_CAP if value is None else str(value)
    choices = {"block": BLOCKS, "cap_period": PERIODS, "cycle": PERIODS}.get(key, {})
    return f"第{value}条" if key == "number" else _word(choices, str(value))


def _word(choices: Mapping[str, str], code: str) -> str:
    """The first word that stands for a code, or what is no code as it is."""
    return next((word for word, known in choices.items() if known == code), code)


# -- the store ----------------------------------------------------------------------------


async def take(planned: Plan[Step], job: Job) -> None:
    """Replace the draft's text as planned, inside the caller's transaction."""
    [step] = planned.steps
    version = UUID(job.target["version"])
    await rulebook.change_draft(version, step.draft, by=job.by)
    facts: dict[str, Any] = tabling.counts(planned.result)
    subject = rulebook.subject(version)
    await audit.note(job.by, "rules.import_items", village=job.place.code, subject=subject, **facts)


async def _check(job: Job) -> None:
    await _draft(job)


async def _lock(job: Job) -> None:
    await _draft(job)
    await rulebook.held(UUID(job.target["version"]), by=job.by)


async def _columns(_: Job) -> Sequence[Column]:
    return COLUMNS


KIND = tabling.kind(
    "items",
    permission="rules.write",
    levels=("village",),
    columns=_columns,
    plan=plan,
    take=take,
    check=_check,
    lock=_lock,
)
