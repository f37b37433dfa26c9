"""The sentences for what cannot be written down about a household or a person."""

from api import locale
from households.errors import DetailRefused


def _n(message: str) -> str:
    """Marks a text for the catalogue; it is translated when it is answered."""
    return message


FIELD_NAMES = {
    "number": _n("户号"),
    "head": _n("户主姓名"),
    "head_id": _n("户主"),
    "phone": _n("电话"),
    "address": _n("住址"),
    "kind": _n("户类"),
    "welfare": _n("享受政策"),
    "remarks": _n("备注"),
    "joined_on": _n("入册日期"),
    "left_on": _n("迁出日期"),
    "group": _n("村民小组"),
    "grid": _n("网格"),
    "name": _n("姓名"),
    "relation": _n("与户主关系"),
    "sex": _n("性别"),
    "born_on": _n("出生日期"),
    "id_number": _n("身份证号"),
    "state": _n("在册"),
    "on": _n("日期"),
    "how": _n("怎么选的"),
    "revision": _n("版本"),
    "resident": _n("看什么"),
    "household": _n("移入此户"),
    "members": _n("分出去的人"),
    "into": _n("并入哪一户"),
    "village": _n("迁往哪个村"),
    "points": _n("分给新户的积分"),
}

WRONG = {
    "too_long": _n("最多 %(length_max)s 个字"),
    "control_character": _n("里有打不出来的字符，请重新输入"),
    "missing": _n("不能空着"),
    "malformed": _n("写法不对，例如 2026-03-05"),
    "unknown": _n("不在可选的范围里"),
    "name_missing": _n("不能空着"),
    "name_invalid": _n("不像是人的姓名"),
    "phone_invalid": _n("不完整或有误"),
    "id_length": _n("应为 18 位"),
    "id_characters": _n("里有数字和 X 以外的字符"),
    "id_check_digit": _n("的校验码不对，至少有一位填错"),
    "id_date": _n("里的出生日期不存在"),
    "excel_float": _n("的校验码不对，至少有一位填错"),
    "born_in_future": _n("里的出生日期还没有到"),
    "in_future": _n("还没有到"),
    "before_joining": _n("比入册日期还早"),
    "head_twice": _n("不能是户主：一户只有一位户主，要换户主请在“修改这一户”里换"),
    "head_missing": _n("仍须是户主：要换户主请在“修改这一户”里换"),
    "head_leaves": _n("不能改：这是户主，请先另选户主"),
    "head_differs": _n("和成员里的户主不是同一人"),
    "not_a_member": _n("不是这一户在册的人"),
    "not_moving": _n("要从分出去的人里选"),
    "head_stays": _n("里有户主：户主留在原户，要分出去请先在“修改这一户”里换户主"),
    "same_household": _n("不能是它自己"),
    "same_village": _n("就是现在的村"),
    "same_place": _n("和网格都没有变"),
    "still_here": _n("这一户还在册"),
    "before_leaving": _n("比迁出日期还早"),
    "not_a_number": _n("要填整数"),
    "older_choice": _n("比已登记的选择还早"),
}


def field_name(field: str) -> str:
    """What a form or list calls a field."""
    return locale.text(FIELD_NAMES[field])


def sentence(refusal: DetailRefused) -> str:
    """What is wrong, beginning with the field's name: 身份证号应为 18 位。"""
    field = field_name(refusal.field)
    wrong = locale.text(WRONG[refusal.code], length_max=refusal.facts.get("length_max", ""))
    return locale.text(_n("%(field)s%(wrong)s。"), field=field, wrong=wrong)
