"""Invented names that sound like the Shaanxi countryside, by sex and the decade of birth."""

from random import Random

from api.demo import seeds

# Weights are rough shares in a thousand of northern Shaanxi villages; the tail holds compound
# surnames and those that are read differently as a surname (单 曾 仇 解), so that masking and
# sorting by sound meet them.
_SURNAMES = {
    "王": 92,
    "李": 88,
    "张": 84,
    "刘": 66,
    "杨": 44,
    "陈": 40,
    "赵": 38,
    "马": 34,
    "高": 30,
    "郭": 26,
    "孙": 24,
    "徐": 18,
    "胡": 18,
    "朱": 16,
    "何": 16,
    "罗": 14,
    "宋": 14,
    "梁": 14,
    "韩": 14,
    "冯": 14,
    "曹": 14,
    "吴": 14,
    "周": 14,
    "黄": 12,
    "郑": 10,
    "田": 10,
    "任": 10,
    "雷": 10,
    "薛": 10,
    "贾": 9,
    "白": 9,
    "崔": 9,
    "尚": 8,
    "党": 8,
    "景": 8,
    "车": 7,
    "鱼": 6,
    "魏": 6,
    "姚": 6,
    "程": 6,
    "史": 6,
    "段": 5,
    "侯": 5,
    "武": 5,
    "屈": 4,
    "惠": 4,
    "仵": 3,
    "曾": 2,
    "单": 2,
    "解": 2,
    "仇": 2,
    "欧阳": 2,
    "上官": 2,
    "司马": 1,
    "令狐": 1,
}
_COUNTY = tuple(_SURNAMES)
_COUNTY_WEIGHTS = tuple(_SURNAMES.values())
# Half a village or more belongs to three or four old families.
_CLANS = 4
_CLAN_WEIGHTS = (6, 4, 3, 2)
_CLAN_SHARE = 0.55

# For each sex: (born up to this year, first characters, second characters, characters that stand
# alone). A generation's taste is what makes a list of names look like a village.
_Era = tuple[int, str, str, str]
_GIVEN: dict[str, tuple[_Era, ...]] = {
    "男": (
        (1949, "德万长福天志永明世文", "福禄贵财生林海义才山", "义忠智"),
        (1969, "建国卫志永新明文德忠", "军民国平华林社学生录", "军平忠"),
        (1989, "晓建志海永小宏亚红春", "军峰强伟平刚涛鹏辉斌", "军伟强勇涛刚斌鹏辉磊"),
        (2004, "浩文嘉志晨宇泽俊子博", "鹏浩宇轩博杰龙凯飞航", "浩鑫凯阳帅超杰龙博䶮"),
        (9999, "子浩梓宇沐奕一俊铭皓", "轩涵宇泽辰睿然航恒阳", "睿泽辰"),
    ),
    "女": (
        (1949, "秀桂玉凤兰菊翠彩春月", "英兰莲花芳珍梅娥香琴", "莲英"),
        (1969, "秀桂玉淑爱巧雪粉会改", "英芳琴玲霞绒侠爱萍玲", "霞玲萍"),
        (1989, "晓红艳丽亚小海春燕文", "霞娟丽静妮芳梅玲燕红", "静丽娟艳敏燕芳娜婷倩"),
        (2004, "佳欣雨思梦文嘉雅怡晓", "怡婷雪琪瑶颖悦洁蓉宁", "婷悦颖瑶欣娇蓉楠"),
        (9999, "梓欣一雨可诗沐语若艺", "涵怡诺萱彤琪瑶晨汐妍", "悦妍彤"),
    ),
}
_ALONE_SHARE = 0.3


def clans(village: str, *, seed: int) -> tuple[str, ...]:
    """The old families of a village, the largest first."""
    chance = seeds.stream(seed, village, "clans")
    found: list[str] = []
    while len(found) < _CLANS:
        surname = surname_of_stranger(chance)
        if surname not in found:
            found.append(surname)
    return tuple(found)


def surname(chance: Random, *, families: tuple[str, ...]) -> str:
    """A surname for somebody who grew up among these old families."""
    if chance.random() < _CLAN_SHARE:
        return chance.choices(families, _CLAN_WEIGHTS)[0]
    return surname_of_stranger(chance)


def surname_of_stranger(chance: Random) -> str:
    """A surname as common as it is in the county."""
    return chance.choices(_COUNTY, _COUNTY_WEIGHTS)[0]


def given(chance: Random, *, sex: str, born_year: int) -> str:
    """A given name in the taste of its time; `sex` is "男" or "女"."""
    _, first, second, alone = next(era for era in _GIVEN[sex] if born_year <= era[0])
    if chance.random() < _ALONE_SHARE:
        return chance.choice(alone)
    return chance.choice(first) + chance.choice(second)
