"""How a person's name is shown, sorted and found.

Pure functions over text. The masked form is what a posted list may show of somebody who did not
choose the full name, so nothing here may ever give away more characters than the contract says,
and nothing here stores or logs a name.
"""

from collections.abc import Iterator
from typing import Any, Literal
from unicodedata import category, combining

Form = Literal["full", "masked", "unnamed"]

UNNAMED = "一户"
STAR = "＊"

_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台
皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘
子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐
段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚
左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚
褚师 完颜 叶赫 那拉 纳兰 呼衍 爱新 歐陽 司馬 東方 諸葛 尉遲 赫連 鍾離 長孫 鮮于
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())

# Characters that are read differently when they are a surname. The pinyin package knows words,
# not surnames, and would file 单 under dan and 曾 under ceng.
SURNAME_READINGS = {
    "单": "shan4", "單": "shan4", "曾": "zeng1", "仇": "qiu2", "解": "xie4", "查": "zha1",
    "区": "ou1", "區": "ou1", "朴": "piao2", "任": "ren2", "华": "hua4", "盖": "ge3",
    "乐": "yue4", "召": "shao4", "折": "she2", "员": "yun4", "贠": "yun4", "葛": "ge3",
    "纪": "ji3", "缪": "miao4", "洗": "xian3", "覃": "qin2", "种": "chong2", "秘": "bi4",
    "薄": "bo2", "卜": "bu3", "燕": "yan1", "过": "guo1", "哈": "ha3", "么": "yao1",
    "於": "yu1", "黑": "he4", "翟": "zhai2", "祭": "zhai4", "能": "nai4", "牟": "mu4",
    "隗": "wei3", "那": "na1", "佴": "nai4", "句": "gou1", "阚": "kan4", "撒": "sa3",
    "相": "xiang4", "要": "yao1", "乜": "nie4", "占": "zhan1", "都": "du1", "藏": "zang1",
    "干": "gan1", "郇": "xun2",
}  # fmt: skip
COMPOUND_READINGS = {
    "乐正": ("yue4", "zheng4"), "子车": ("zi3", "ju1"), "仲长": ("zhong4", "chang2"),
    "尉遲": ("yu4", "chi2"),
}  # fmt: skip

_DOTS = "·•・‧"
_KEY_MAX = 200
_INITIALS_MAX = 40


def shown(name: str, *, form: Form) -> str:
    """The name in the form a posted list may use (contract "Name form").

    `full` is the name as it is, `masked` keeps surname and last character, `unnamed` says only
    that a household is meant.
    """
    if form == "full":
        return name
    return masked(name) if form == "masked" else UNNAMED


def masked(name: str) -> str:
    """张明 -> 张＊, 王小明 -> 王＊明, 欧阳秀 -> 欧阳＊, 欧阳文秀 -> 欧阳＊秀.

    A longer given name also shows its last character only. A name without a Chinese surname
    (买买提·吐尔逊, John Smith) shows its first and its last character: the part before the dot is
    the person's own name, not a surname, so keeping it would hide nothing. One character alone
    cannot be masked and reads 一户.
    """
    letters = list(_letters(name))
    if len(letters) < 2:
        return UNNAMED
    if not _is_chinese(name):
        return letters[0] + STAR + letters[-1]
    surname = surname_of(name)
    given = letters[len(surname) :]
    return surname + STAR + (given[-1] if len(given) > 1 else "")


def surname_of(name: str) -> str:
    """The surname of a Chinese name: two characters if compound, otherwise the first.

    A name that consists of a compound surname's characters and no more (东方 as a whole name) has
    a surname of one character.
    """
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[:1]


def pinyin_key(name: str) -> str:
    """A key that sorts names as a Chinese directory does, stored so that all databases agree.

    Each character gives its syllable, its tone and its code point, so that 张 and 章 are not
    mixed. Only small ASCII letters and digits occur, which every collation orders alike; a
    character without a reading sorts last. At most 200 characters.
    """
    return "".join(
        f"{reading}{ord(char):05x}" for char, reading in zip(name, _readings(name), strict=True)
    )[:_KEY_MAX]


def initials(name: str) -> str:
    """The first letter of each syllable, as one types it to find somebody: 李国玉 -> lgy."""
    return "".join(
        reading[0] for reading in _readings(name) if not reading.startswith(_NO_READING)
    )[:_INITIALS_MAX]


def login_stem(name: str) -> str:
    """How a login begins that is made from a name: the surname, then initials; 王秋实 -> wangqs."""
    surname = len(surname_of(name))
    found = [reading.rstrip("0123456789") for reading in _readings(name)]
    letters = [
        part if place < surname else part[:1]
        for place, part in enumerate(found)
        if not part.startswith(_NO_READING)
    ]
    return "".join(letters)[:_LOGIN_STEM_MAX] or "user"


_NO_READING = "zz"
_LOGIN_STEM_MAX = 30


def _readings(name: str) -> list[str]:
    """One reading with its tone for each character, the surname's own reading first."""
    surname = surname_of(name)
    if surname in COMPOUND_READINGS:
        return [*COMPOUND_READINGS[surname], *_plain(name[2:])]
    if surname in SURNAME_READINGS and len(name) > 1:
        return [SURNAME_READINGS[surname], *_plain(name[1:])]
    return [*_plain(surname), *_plain(name[len(surname) :])]


def _plain(text: str) -> list[str]:
    """Readings of text, always as many as it has characters."""
    # The package loads its dictionaries when it is imported, which only a change of a name needs.
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=_unread_run)
    if len(found) != len(text):
        return [_unread(char) for char in text]
    return [reading if reading.isascii() else _unread(reading) for reading in found]


def _unread_run(run: str) -> Any:
    """One reading for each character; the package takes a list but its types say text."""
    return [_unread(char) for char in run]


def _unread(char: str) -> str:
    letter = char.lower()
    return letter if letter.isascii() and letter.isalnum() else _NO_READING


def _letters(name: str) -> Iterator[str]:
    """The characters one sees: a variation selector or accent stays with what it belongs to."""
    cluster = ""
    for char in name:
        if char.isspace() or char in _DOTS:
            continue
        attached = combining(char) or category(char) in ("Mn", "Cf")
        if attached or not cluster:
            cluster += char
        else:
            yield cluster
            cluster = char
    if cluster:
        yield cluster


def _is_chinese(name: str) -> bool:
    """Whether the name is written as surname and given name in Chinese characters."""
    return not any(char.isascii() or char in _DOTS for char in name.strip())
