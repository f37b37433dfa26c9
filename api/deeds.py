"""Lines of the audit log in words: what a deed was done to, and what was noted about it.

A household is named only to those who may read it in the register; to others it is its id.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from api import locale, render, wording
from foundation.actors import Actor
from foundation.audit import Line
from foundation.marking import mark as _n
from households import officials, register
from households.models import Household, Official, Region

# The facts that a line may carry, in words; those of machines alone are left out on the screen.
FACTS = {
    "purpose": _n("用途"),
    "field": _n("内容"),
    "fields": _n("字段"),
    "fits": _n("相符"),
    "role": _n("角色"),
    "post": _n("岗位"),
    "region": _n("地方"),
    "households": _n("户数"),
    "residents": _n("人数"),
    "people": _n("人数"),
    "points": _n("分数"),
    "item": _n("评分项"),
    "on": _n("日期"),
    "since": _n("从"),
    "until": _n("到"),
    "posted": _n("入账"),
    "reversed": _n("冲正"),
    "skipped": _n("跳过"),
    "rows": _n("户数"),
    "period": _n("时段"),
    "month": _n("月份"),
    "format": _n("格式"),
    "lines": _n("行数"),
    "created": _n("新增"),
    "updated": _n("修改"),
    "unchanged": _n("没有变"),
    "duplicates": _n("重复"),
    "errors": _n("错误"),
    "warnings": _n("提醒"),
    "number": _n("编号"),
    "in_force_from": _n("施行"),
    "filed_on": _n("备案"),
    "starter": _n("范本"),
    "how": _n("方式"),
    "reason": _n("理由"),
    "ended": _n("卸任"),
    "successor": _n("接手人"),
    "duties": _n("职责"),
    "drafts_passed": _n("移交草稿"),
    "drafts_dropped": _n("作废草稿"),
    "cards": _n("卡"),
    "codes": _n("首次密码"),
    "new_card": _n("换卡号"),
    "page": _n("页"),
    "wall": _n("墙上"),
    "web": _n("网页"),
    "entries": _n("笔数"),
    "publications": _n("红榜"),
    "officials": _n("人数"),
    "sessions": _n("退出的登录"),
    "made_at": _n("备份时间"),
    "hour": _n("几点"),
    "copies": _n("另存一份"),
    "before": _n("原来的密钥"),
    "after": _n("新的密钥"),
    "keys": _n("密钥"),
    "key": _n("签名密钥"),
    "day": _n("日期"),
    "held_on": _n("表决日期"),
    "by_households": _n("按户数表决"),
    "roll": _n("应到"),
    "present": _n("实到"),
    "in_favour": _n("赞成"),
    "against": _n("反对"),
}
# What a fact may say by a word of the program's own, as the screens call it.
_SAID = {
    ("how", "paper_sheet"): _n("登记表上签名"),
    ("how", "oral"): _n("本人当面说"),
    ("how", "phone"): _n("本人电话说"),
    **{
        (where, form): name
        for where in ("wall", "web")
        for form, name in (("full", _n("全名")), ("masked", _n("隐名")), ("unnamed", _n("不署名")))
    },
}
_UNSAID = {"hash", "text_hash", "resident", "id", "move", "kind", "source", "table", "size", "scan"}
_KINDS = {
    "household": _n("户"),
    "official": _n("人员"),
    "entry": _n("一笔入账"),
    "sheet": _n("评分表"),
    "publication": _n("红榜"),
    "region": _n("区划"),
    "setting": _n("设置"),
    "import": _n("一次导入"),
    "rules": _n("村规民约"),
    "rule_book": _n("村规民约"),
    "hand_over": _n("交接"),
}
_FOLDERS = {
    "household": "households",
    "entry": "entries",
    "sheet": "scores/sheets",
    "publication": "publications",
    "hand_over": "officials/hand-overs",
}


def href_of(subject: str) -> str | None:
    """The screen of what an audit line is about, if it has one."""
    kind, _, key = subject.partition(":")
    return f"/{_FOLDERS[kind]}/{key}" if kind in _FOLDERS else None


async def subjects(lines: Iterable[Line], *, actor: Actor) -> dict[str, str]:
    """What lines are about, in words, by subject as the log keeps it."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        kind, _, key = line.subject.partition(":")
        wanted[kind].add(key)
    named = {
        "household": await _heads(wanted["household"], actor=actor),
        "official": await _officials(wanted["official"]),
        "region": {r.code: r.name for r in await Region.filter(code__in=wanted["region"])}
        if wanted["region"]
        else {},
    }
    return {
        f"{kind}:{key}": _named(kind, key, named.get(kind, {}))
        for kind, keys in wanted.items()
        for key in keys
    }


def _named(kind: str, key: str, names: dict[str, str]) -> str:
    if not key:
        return ""
    known = locale.text(_KINDS[kind]) if kind in _KINDS else kind
    if kind in ("entry", "sheet", "setting", "import", "rules", "rule_book", "hand_over"):
        return known
    return names.get(key) or f"{known} {key if kind in ('publication', 'region') else key[:8]}"


async def _heads(keys: set[str], *, actor: Actor) -> dict[str, str]:
    ids = _uuids(keys)
    if not ids or not officials.allowed(actor, "register.read"):
        return {}
    reached = register.scope_query(actor, "register.read")
    return {
        str(home.id): f"{home.head} {home.number}" if home.number else home.head
        for home in await Household.filter(reached, id__in=ids)
    }


async def _officials(keys: set[str]) -> dict[str, str]:
    ids = _uuids(keys)
    return {str(one.id): one.name for one in await Official.filter(id__in=ids)} if ids else {}


def _uuids(keys: set[str]) -> list[UUID]:
    found = []
    for key in keys:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found


def facts(line: Line, places: dict[str, str]) -> list[tuple[str, str]]:
    """What was noted about a deed: names in words, roles and regions by their names."""
    # Only what is posted has households for rows; a backup and a workbook have lines.
    names = FACTS if line.verb.startswith("publications.") else FACTS | {"rows": FACTS["lines"]}
    return [
        (locale.text(names[name]) if name in names else name, _value(name, value, places))
        for name, value in line.facts.items()
        if name not in _UNSAID and value not in (None, "", [], {})
    ]


def regions_in(lines: Sequence[Line]) -> set[str]:
    """The codes of regions that lines name, their villages included."""
    named = {str(line.facts["region"]) for line in lines if line.facts.get("region")}
    return named | {line.village for line in lines if line.village}


def _value(name: str, value: Any, places: dict[str, str]) -> str:
    if isinstance(value, bool):
        return locale.text("是") if value else locale.text("否")
    if isinstance(value, list):
        return locale.text("、").join(str(one) for one in value)
    if isinstance(value, str) and (name, value) in _SAID:
        return locale.text(_SAID[name, value])
    if name == "role" and value in render.ROLE_NAMES:
        return locale.text(render.ROLE_NAMES[value])
    return places.get(str(value), str(value)) if name == "region" else str(wording.fact(value))
