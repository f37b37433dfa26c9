"""The sentences for faults in a rule book or in the record of a vote, one to a place."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from api import locale
from foundation.marking import mark as _n
from rules.drafts import Finding

FIELD_NAMES = {
    "title": _n("名称"),
    "preamble": _n("序言"),
    "name_wall": _n("没登记的户，墙上怎么写"),
    "name_web": _n("没登记的户，网页怎么写"),
    "clauses": _n("条款"),
    "items": _n("评分细则"),
    "number": _n("第几条"),
    "block": _n("板块"),
    "text": _n("条文"),
    "name": _n("名称"),
    "unit": _n("单位"),
    "code": _n("代码"),
    "points_min": _n("最低分"),
    "points_max": _n("最高分"),
    "cap_points": _n("每户上限"),
    "cap_period": _n("上限周期"),
    "cycle": _n("评分周期"),
    "evidence_needed": _n("要有照片或证明"),
    "scorers": _n("谁可以评"),
    "self_claim": _n("村民可以自己申报"),
    "posting_days": _n("公示天数"),
    "on_month_sheet": _n("放进月末评分表"),
    "clause": _n("依据条款"),
    "held_on": _n("表决日期"),
    "roll": _n("应到"),
    "present": _n("实到"),
    "in_favour": _n("赞成"),
    "against": _n("反对"),
    "filing_number": _n("备案号"),
    "filed_on": _n("备案日期"),
    "in_force_from": _n("施行日期"),
}

WRONG = {
    "missing": _n("不能空着"),
    "too_long": _n("最多 %(limit)s 个字"),
    "too_many": _n("最多 %(limit)s 个"),
    "control_character": _n("里有打不出来的字符，请重新输入"),
    "unknown": _n("不在可选的范围里"),
    "repeated": _n("和前面的重复了"),
    "malformed": _n("只能用小写字母、数字和短横线"),
    "out_of_range": _n("超出范围，最多 %(limit)s"),
    "deduction_not_yet": _n("不能是负数：扣分要先有告知和申辩，目前还不能设扣分项"),
    "below_minimum": _n("比最低分 %(limit)s 还低"),
    "cap_below_maximum": _n("比最高分 %(limit)s 还低，评一次满分就超了"),
    "once_both": _n("和评分周期不一致：只评一次的，上限也要选“只一次”"),
    "not_a_number": _n("要填整数"),
    "not_a_date": _n("要填日期，例如 2026-03-05"),
    "in_future": _n("还没有到"),
    "too_early": _n("太早了，请核对年份"),
    "before_vote": _n("比表决日期还早"),
    "more_than_roll": _n("比应到 %(limit)s 还多"),
    "more_than_present": _n("和反对加起来比实到 %(limit)s 还多"),
}


def sentence(finding: Finding) -> str:
    """What is wrong, beginning with the field's name: 最高分比最低分 5 还低."""
    field = locale.text(FIELD_NAMES[finding.field])
    wrong = locale.text(WRONG[finding.code], limit=finding.limit)
    return locale.text(_n("%(field)s%(wrong)s。"), field=field, wrong=wrong)


def place(finding: Finding) -> str:
    """Where it is, counted as a reader counts: 第 2 条第 1 项细则; empty above the clauses."""
    if finding.clause is None:
        return ""
    if finding.item is None:
        return locale.text(_n("第 %(clause)s 条："), clause=finding.clause + 1)
    return locale.text(
        _n("第 %(clause)s 条第 %(item)s 项细则："),
        clause=finding.clause + 1,
        item=finding.item + 1,
    )


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings for a program: their places and codes, and the whole sentence."""
    return [
        {
            "clause": found.clause,
            "item": found.item,
            "field": found.field,
            "code": found.code,
            "limit": found.limit,
            "message": place(found) + sentence(found),
        }
        for found in findings
    ]


def by_field(
    found: Sequence[Finding], *, clause: int | None = None, item: int | None = None
) -> dict[str, str]:
    """Sentences for a form that shows one place, by field; those elsewhere say where."""
    problems: dict[str, str] = {}
    for each in found:
        is_here = (each.clause, each.item) == (clause, item)
        problems.setdefault(each.field, sentence(each) if is_here else place(each) + sentence(each))
    return problems


def number(text: str) -> int | None:
    """A whole number as typed, full-width digits included; None where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if re.fullmatch(r"-?[0-9]{1,9}", plain) else None
