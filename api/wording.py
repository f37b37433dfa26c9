"""The field's own words for the codes that the data carries, in the reader's language."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from api import locale
from api.render import ROLE_NAMES
from foundation.marking import mark as _n
from households import finding, parsed, planning, repeats, staffing, tables
from households.models import Region
from households.parsed import Problem, SheetUnderstood
from households.preview import ImportResult
from households.tabling import TableResult
from points import openings, sheet_tables, snapshot
from points.leaderboard import BLOCK_NAMES, BLOCKS
from points.period import Period
from points.snapshot import RuleRef
from rules import item_tables
from rules.rulebook import Item, Version
from rules.starters import Starter

Result = TypeVar("Result", ImportResult, TableResult)

# Whatever may be wrong in a workbook, of every kind; a test sees that no code comes twice.
SENTENCES = (
    parsed.SENTENCES, planning.SENTENCES, tables.SENTENCES, staffing.SENTENCES, finding.SENTENCES,
    openings.SENTENCES, item_tables.SENTENCES,
    sheet_tables.SENTENCES,
)  # fmt: skip
_SENTENCES = {code: known for each in SENTENCES for code, known in each.items()}


def block(code: str) -> str:
    """The name of a block."""
    return locale.text(BLOCK_NAMES[code])


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


def named(period: Period) -> str:
    """The name of a month, quarter or year."""
    return period.label_english if locale.language.get() == "en" else period.label


def counted(period: Period, *, as_of: date) -> str:
    """A list's period as its title has it; of one still running, up to which day it counts."""
    if locale.language.get() != "en":
        return snapshot.period_name(period, as_of=as_of)
    if as_of >= period.last:
        return period.label_english
    until = locale.text("%(m)s月%(d)s日", m=as_of.month, d=as_of.day)
    return f"{period.label_english} (up to {until})"


def fact(value: Any) -> Any:
    """A fact of the log as people read it: dates and months written out, the rest as it is."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return locale.day(date.fromisoformat(value))
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])|Q[1-4])", value):
        return named(Period(value))
    return value


def rules(refs: Sequence[RuleRef]) -> str:
    """Every version of a rule book that a list rests on."""
    if locale.language.get() != "en":
        return snapshot.rule_name(refs)
    return ", ".join(locale.text("《%(t)s》第 %(n)s 版", t=ref.title, n=ref.number) for ref in refs)


def office(role: str) -> str:
    """The office in which somebody serves, as a household is told of who recorded an entry."""
    if role == "operator":
        return locale.text("系统管理员")
    return locale.text(ROLE_NAMES[role]) if role else locale.text("村里的工作人员")


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


def suits(starter: Starter) -> str:
    """Which villages a starter rule book is for. The marks below put the sentences that come with
    the program into the catalogue."""
    return locale.text(starter.suits)


_SUITS = (
    _n("平原村：户数较多，住得集中，条目齐全"),
    _n("山区小村：住得分散，条目从简"),
    _n("社区：楼房院落，邻居来自四面八方"),
)


def rule(version: Version) -> str:
    """A version as one refers to it."""
    return locale.text("《%(t)s》第 %(n)s 版", t=version.title, n=version.number)


def clause(item: Item) -> str:
    """The clause that an item stands on, with its text."""
    return locale.text("第 %(n)s 条：%(text)s", n=item.clause_number, text=item.clause_text)


def by_block(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Items under their blocks, in the order of the blocks; blocks without items left out."""
    grouped = [(code, [item for item in items if item.block == code]) for code in BLOCKS]
    return [(code, found) for code, found in grouped if found]


def place(region: Region) -> dict[str, Any]:
    """A region as pages show it."""
    return {"code": region.code, "name": region.name, "level": region.level}


def problem(found: Problem) -> str:
    """What is wrong in a workbook.

    The sentence was made in Chinese where the workbook was read; its facts are read back from it.
    """
    if locale.language.get() != "en":
        return found.message
    return _again(found.message, [known[1]] if (known := _SENTENCES.get(found.code)) else [])


def result(found: Result) -> Result:
    """What an import did or would do, its problems in the reader's language."""
    told = [msgspec.structs.replace(each, message=problem(each)) for each in found.problems]
    return msgspec.structs.replace(found, problems=told)


def sheet(found: SheetUnderstood) -> SheetUnderstood:
    """How a sheet was read, its columns' meanings in the reader's language."""
    columns = [msgspec.structs.replace(one, meaning=meaning(one.meaning)) for one in found.columns]
    return msgspec.structs.replace(found, columns=columns)


def meaning(said: str) -> str:
    """What a workbook's column was taken for: 户主姓名, or 配偶的姓名 after the column's owner."""
    owner, _, word = said.rpartition("的")
    if not owner:
        return locale.text(said)
    return locale.text("%(owner)s的%(word)s", owner=locale.text(owner), word=locale.text(word))


def _again(said: str, sentences: Iterable[str]) -> str:
    """A filled sentence in the reader's language; as it is if it is none of these."""
    for sentence in sentences:
        shape = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence))
        if facts := re.fullmatch(shape, said, re.DOTALL):
            told = {name: _again(fact, repeats.PLACES) for name, fact in facts.groupdict().items()}
            return locale.text(sentence).format(**told)
    return said


# What the framework itself refuses, by status.
HTTP_ELSE = _n("请求不对，没有处理。")
HTTP = {
    400: _n("请求的内容不对，没有处理。"),
    401: _n("请先登录。"),
    403: _n("您的角色不能在这里做这件事。"),
    404: _n("没有这个页面。"),
    405: _n("这个地址不能这样用。"),
    413: _n("太大了，没有处理。上传的文件最大 20 MB，大表请按小组分开。"),
    415: _n("内容的类型不对。"),
    429: _n("请求太多，请稍等再试。"),
}
