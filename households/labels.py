"""The words that villages write above the columns of a household list, and what each means."""

import re
from functools import lru_cache

from foundation.marking import mark as _n

LABEL_MAX = 30

# In the form that `bare` gives them: no white space, no punctuation, small letters.
_WORDS = {
    "number": (
        "户号 户编号 户编码 家庭编号 农户编号 家庭户号 户籍号 户代码 户口编号 "
        "户口簿号 户口本号 住户编号"
    ),
    "serial": "序号 序 编号 顺序号 流水号 行号 no 户序号",
    "head": (
        "户主 户主姓名 户主名 户主名字 户主名称 户名 家长 家长姓名 姓名户主 "
        "农户姓名 户代表 户主姓名及代码"
    ),
    "name": (
        "姓名 名字 家庭成员 家庭成员姓名 成员姓名 成员 村民姓名 人员姓名 居民姓名 "
        "家庭人员 家庭人口姓名"
    ),
    "relation": (
        "与户主关系 户主关系 与户主的关系 和户主关系 与户主之关系 关系 家庭关系 "
        "成员关系 称谓 与户主"
    ),
    "sex": "性别 男女",
    "id": (
        "身份证号 身份证号码 身份证 身份证件号码 身份证件号 身份号码 公民身份号码 "
        "公民身份证号码 公民身份证号 居民身份证号 居民身份证号码 居民身份证 证件号 "
        "证件号码 证件编号 二代身份证号 id"
    ),
    "birth": "出生日期 出生年月 出生年月日 生日 出生时间 出生",
    "phone": (
        "联系电话 联系方式 手机 手机号 手机号码 电话 电话号码 户主电话 户主手机 "
        "联系号码 联系手机 移动电话 家庭电话 联系电话手机 户主联系电话 户主联系方式 "
        "户主手机号"
    ),
    "group": (
        "组 组别 小组 村民小组 村小组 居民小组 所属组 所在组 所属小组 所在小组 "
        "所属村民小组 村组 组名 组号 小组名称 小队 生产队 队别 村民组"
    ),
    "grid": "网格 所属网格 所在网格 网格名称 网格号 网格编号 网格编码 微网格 所属微网格",
    "type": ("户类型 户别 户类别 户属性 家庭类型 家庭类别 农户类型 农户类别 农户属性 户型"),
    "welfare": (
        "低保 低保情况 享受低保 是否低保 是否低保户 低保户 脱贫 脱贫户 是否脱贫户 "
        "五保 五保户 是否五保户 特困 特困户 是否特困 监测户 是否监测户 享受政策 "
        "享受政策情况 政策享受 政策享受情况 救助情况 救助类型 保障类型 帮扶政策 "
        "困难类型 贫困户 是否贫困户 建档立卡户 是否建档立卡"
    ),
    "remarks": "备注 说明 附注 情况说明 备注说明 其他 其它 备考",
    "address": (
        "住址 家庭住址 地址 家庭地址 详细地址 详细住址 现住址 居住地址 居住地 住所 "
        "门牌 门牌号 门牌号码 户籍地址 户籍地 户口所在地"
    ),
    "code": (
        "村代码 村级代码 村编码 村委会代码 行政村代码 所属村代码 行政区划代码 "
        "行政区划编码 区划代码 区划编码 统计用区划代码"
    ),
    "village": ("村 村名 村名称 行政村 所属村 所在村 行政村名称 村委会 村居 村社区 所属行政村"),
    "count": "人口数 家庭人口 家庭人口数 人数 户籍人口 人口 在册人口 常住人口 家庭成员数",
}

MEANINGS = {
    "number": _n("户号"),
    "serial": _n("序号"),
    "head": _n("户主姓名"),
    "name": _n("姓名"),
    "relation": _n("与户主关系"),
    "sex": _n("性别"),
    "id": _n("身份证号"),
    "birth": _n("出生日期"),
    "phone": _n("电话"),
    "group": _n("村民小组"),
    "grid": _n("网格"),
    "type": _n("户类型"),
    "welfare": _n("享受政策"),
    "remarks": _n("备注"),
    "address": _n("住址"),
    "code": _n("村代码"),
    "village": _n("村名"),
    "count": _n("人口数（不导入）"),
}

PERSONAL = frozenset(("name", "relation", "sex", "id", "birth", "phone"))
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}
_NOISE = re.compile(r"[\s、,，.。:：;；/\\*＊#'’\-_()\[\]【】〔〕<>《》\"“”?？!！]")
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_RELATIVES = "配偶|父亲|母亲|儿子|女儿|长子|次子|长女|次女|子女|孙子|孙女"
_OWNED = re.compile(
    rf"(户主|家庭成员|家庭人口|成员|人员|{_RELATIVES})(?:之)?(\d{{0,2}}|[一二三四五六七八九十])的?(.*)"
)
_NUMBERED = re.compile(r"(\D+?)(\d{1,2})")


@lru_cache(maxsize=8192)
def understood(label: str) -> tuple[str, str]:
    """The role and the owner that a label gives its column; two empty texts if none."""
    if len(label) > LABEL_MAX:
        return "", ""
    text_bare, short = bare(label), bare(_BRACKETS.sub("", label))
    for text in (text_bare, short):
        if text in _ROLES:
            return _ROLES[text], ""
    for text in (text_bare, short):
        if (owned := _OWNED.fullmatch(text)) and (role := _personal(owned[3])):
            return role, _owner(owned[1], owned[2])
        if (numbered := _NUMBERED.fullmatch(text)) and (role := _personal(numbered[1])):
            return role, f"成员{numbered[2]}"
    if text_bare.startswith("是否") and text_bare[2:].removesuffix("户") + "户" in _ROLES:
        return "welfare", ""
    return "", ""


def context_owner(label: str) -> str:
    """Whose columns stand below a label such as 户主信息, 成员2 or 配偶情况."""
    text = re.sub(r"(?:基本)?(?:信息|情况|资料)$", "", bare(label))
    if "关系" in text:
        return ""
    owned = _OWNED.fullmatch(text)
    return _owner(owned[1], owned[2]) if owned and not owned[3] else ""


def bare(label: str) -> str:
    """A label without white space and punctuation, in small letters."""
    return _NOISE.sub("", label).lower()


def _personal(word: str) -> str:
    """The role of a word behind an owner: nothing there is the name itself (成员1, 配偶)."""
    role = _ROLES.get(word, "") if word else "name"
    if role == "head":
        role = "name"
    return role if role in PERSONAL else ""


def _owner(who: str, number: str) -> str:
    if who == "户主":
        return "head"
    if re.fullmatch(_RELATIVES, who):
        return who + number
    return f"成员{number}" if number else ""
