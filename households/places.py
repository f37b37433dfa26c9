"""Villages and groups as they are written in cells, titles and addresses.

Only reads text; knows nothing of the regions that are stored.
"""

import re

from households.cells import folded

GROUP_MAX = 99
# Longer texts are not searched: the patterns below take time that grows with the square.
_GROUP_LENGTH_MAX = 40
_ADDRESS_LENGTH_MAX = 200

_DIGITS = {char: value for value, chars in enumerate(
    ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for char in chars}  # fmt: skip
_NUMERAL = "[" + "".join(_DIGITS) + "十拾]"
_UNIT = r"(?:村民小组|生产小组|居民小组|小组|组|生产队|小队|队|社)"
_NUMBERED = re.compile(rf"第?(?<!\d)(\d{{1,3}}|{_NUMERAL}{{1,4}})号?{_UNIT}$")
_NUMBER_LAST = re.compile(rf"^(?:第?{_UNIT})?第?(\d{{1,3}}|{_NUMERAL}{{1,4}})号?$")
_IN_TITLE = re.compile(rf"第?(?<![\d\-~至到、])(?:\d{{1,2}}|{_NUMERAL}{{1,3}}){_UNIT}")
_NAMED = re.compile(rf"^(.*?[\u4e00-\u9fff].*?){_UNIT}$")
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_BRACKET = re.compile(r"[()\[\]【】〔〕]")

_VILLAGE_SUFFIX = re.compile(r"(?:村?村民委员会|居民委员会|社区居委会|村?村委会|居委会|社区|村)$")
# 村 or 社区 at the end of a village's name, not in 村民, 村组, 村规民约, 村医 and the like.
_VILLAGE = re.compile(
    r"([\u4e00-\u9fff]{1,20}?)(?:村(?![民组规级务医干里口内容貌庄])|村(?=民委员会)|社区)"
)
_AREA = re.compile(r".*(?:[省市县区镇乡州旗年月日度]|街道|办事处|政府)")
_NOT_NAMES = re.compile(
    r"(?:自然|行政|农|乡|本|我|全|各|该|所在|所属|居住|城中|示范|文明|试点|重点|脱贫|贫困|某|驻|入|单位|每)$"
)
_NAME_MAX = 6


def group_number(text: str) -> int | None:
    """The number of a numbered group: 5组, 五组, 第五村民小组, 第5小组, ５组 and 5 are all 5.

    None for a group that has a name instead, and for anything else.
    """
    tight = folded(text).replace(" ", "")
    if len(tight) > _GROUP_LENGTH_MAX:
        return None
    for candidate in (tight, _BRACKETS.sub("", tight), _BRACKET.sub("", tight)):
        found = _NUMBERED.search(candidate) or _NUMBER_LAST.search(candidate)
        number = _value(found[1]) if found else 0
        if 0 < number <= GROUP_MAX:
            return number
    return None


def group_in(text: str) -> str:
    """The numbered group that a title or a sheet's name speaks of (槐庄村第三小组台账), canonical.

    Empty if it speaks of none, or of several as in 1-6组.
    """
    found = _IN_TITLE.search(folded(text).replace(" ", ""))
    return canonical_group(found[0]) if found else ""


def canonical_group(text: str) -> str:
    """One spelling for a group: 第五村民小组 for a numbered one, 东坡村民小组 for a named one.

    Empty if the text names no group. Applying it twice changes nothing.
    """
    number = group_number(text)
    if number is not None:
        return f"第{_in_chinese(number)}村民小组"
    tight = _BRACKETS.sub("", folded(text).replace(" ", ""))
    named = _NAMED.match(tight) if len(tight) <= _GROUP_LENGTH_MAX else None
    if named is None:
        return ""
    return f"{named[1]}村民小组"


def stem(village_name: str) -> str:
    """A village's name without 村, 社区, 村委会 ...: 槐庄村委会 and 槐庄村 are both 槐庄."""
    tight = folded(village_name).replace(" ", "")
    return _VILLAGE_SUFFIX.sub("", tight) or tight


def other_village(text: str, *, village_name: str) -> str:
    """The village that the text names, if it is not this one; empty otherwise."""
    tight = folded(text[:_ADDRESS_LENGTH_MAX]).replace(" ", "")
    own = stem(village_name)
    if not own or own in tight:
        return ""
    for found in _VILLAGE.finditer(tight):
        name = _AREA.sub("", found[1])
        if name and len(name) <= _NAME_MAX and not _NOT_NAMES.search(name):
            return f"{name}{found[0][len(found[1]) :]}"
    return ""


def is_code_of(text: str, *, village_code: str) -> bool:
    """Whether a code names this village, something inside it, or a division it lies in.

    Codes are the 12 digits of the statistical division code; shorter ones and ones filled up
    with zeros name a township or county.
    """
    code = folded(text).replace(" ", "").split("-")[0]
    if not code.isdigit():
        return False
    if code.startswith(village_code):
        return True
    # A county is 6 digits, a township 9; cutting zeros freely would make 610428 into 61.
    return len(code) >= 6 and any(
        code == village_code[:digits].ljust(len(code), "0")
        for digits in (6, 9)
        if digits <= len(code)
    )


def _value(numeral: str) -> int:
    """The number that digits or Chinese numerals up to 99 write; 0 if they write none."""
    if numeral.isdecimal():
        return int(numeral)
    numeral = numeral.replace("拾", "十")
    tens, ten, ones = numeral.rpartition("十")
    if any(char not in _DIGITS for char in tens + ones) or len(tens) > 1 or len(ones) > 1:
        return 0
    value = _DIGITS[ones] if ones else 0
    if ten:
        value += 10 * (_DIGITS[tens] if tens else 1)
    return value


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    numerals = "零一二三四五六七八九"
    text = (numerals[tens] if tens > 1 else "") + "十" if tens else ""
    return text + (numerals[ones] if ones else "")
