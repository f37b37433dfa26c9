"""What counts as an ID number, a phone number, a name, a date of birth.

Pure readers: each takes a cell and answers what it means, with the code of the fault if it has
one (the codes are those of `parsed.SENTENCES`). They never log and never keep what they read.
"""

import re
from datetime import date, datetime
from typing import Literal, NamedTuple
from unicodedata import category

from households.cells import Cell, folded, meant, plain, tight

NAME_MAX = 60
NAME_CELL_MAX = 120  # a name with a note behind it

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_YEAR_MIN = 1880
_LOST_DIGITS = 1e15  # Excel keeps 15 digits of a number and makes the rest zeros
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}")
_ID_SHAPE = re.compile(r"\d{17}[\dX]")
_LIKE_X = str.maketrans("×ХхχΧ✕", "XXXXXX")  # what is drawn like an X but is another character

_MOBILE = re.compile(r"(?:\+?86|0086)?(1\d{10})")
_LANDLINE = re.compile(r"((?:0\d{2,3})?\d{7,8})")
_PHONE_NOISE = re.compile(r"[\s\-()]")
_MASKED = re.compile(r"[0-9]{3,4}\*{3,}[0-9]{4}")
_PHONES_APART = re.compile(r"[/、,;|\s]+|或|和")

_NAME_NOTE = re.compile(r"[(\[【〔](.*?)[)\]】〕]?$")
_DOTS = re.compile(r"\s*[·•・‧∙⋅]\s*")
_NAME_MARKS = "· '’-."
_LATIN = re.compile(r"[A-Za-z]")
_YMD = re.compile(r"(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?")
_YMD_TIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")

_SEXES = {"男": "男", "男性": "男", "m": "男", "女": "女", "女性": "女", "f": "女"}
HEAD_WORDS = frozenset(("户主", "本人", "户主本人", "户主(本人)", "本人(户主)", "家长"))


class Reading(NamedTuple):
    """What a cell means: its value, empty if it cannot be used, and the fault's code if any."""

    value: str
    fault: str = ""


def check_digit(first: str) -> str:
    """The last character of an ID number from its first 17 digits (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def id_number(cell: Cell, *, today: date) -> Reading:
    """An ID number of 18 characters with a capital X.

    Any region prefix is accepted: divisions come and go, and invented numbers start with 99.
    A number of the first generation (15 digits) is brought to 18, which is exact.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _LOST_DIGITS:
        return Reading("", "excel_float")
    text = tight(cell)
    if not text:
        return Reading("")
    if _SCIENTIFIC.fullmatch(text):
        return Reading("", "excel_float")
    if len(text) == 15 and text.isdecimal() and text.isascii():
        return _first_generation(text, today=today)
    number = text.translate(_LIKE_X).upper()
    if len(number) != 18:
        return Reading("", "id_length")
    if not _ID_SHAPE.fullmatch(number) or not number.isascii():
        return Reading("", "id_characters")
    if check_digit(number[:17]) != number[17]:
        return Reading("", "excel_float" if number.endswith("000") else "id_check_digit")
    fault = _date_fault(number, today=today)
    if fault:
        return Reading("", fault)
    return Reading(number, "id_small_x" if text != number else "")


def sex_of(number: str) -> Literal["男", "女"]:
    """The sex that an ID number of 18 characters states."""
    return "男" if int(number[16]) % 2 else "女"


def born_on_of(number: str) -> date | None:
    """The date of birth that an ID number of 18 characters states; None if there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def phone(cell: Cell) -> Reading:
    """A mobile number of 11 digits, or a land line's digits with its area code if given.

    Of several numbers in one cell the first is taken.
    """
    text = meant(cell)
    if not text:
        return Reading("")
    if _MASKED.fullmatch(text):  # as our own export writes it
        return Reading("", "phone_masked")
    found = _one_phone(text)
    if found:
        return Reading(found)
    for part in _PHONES_APART.split(text):
        found = _one_phone(part)
        if found:
            return Reading(found, "phone_several")
    return Reading("", "phone_invalid")


def person_name(cell: Cell) -> tuple[Reading, str]:
    """A person's name, and the note that somebody put in brackets behind it.

    Rare characters stay as they are. White space inside a Chinese name is only layout.
    """
    text = meant(cell)
    if len(text) > NAME_CELL_MAX:
        return Reading("", "name_invalid"), ""
    note = _NAME_NOTE.search(text)
    if note and note.start():
        text = text[: note.start()].strip()
    name = _DOTS.sub("·", text)
    if not _LATIN.search(name):
        name = name.replace(" ", "")
    remark = note[1].strip() if note and note.start() else ""
    if not name:
        return Reading(""), remark
    return Reading("" if (fault := _name_fault(name)) == "name_invalid" else name, fault), remark


def relation(cell: Cell) -> str:
    """The relation to the head, 户主 in all its spellings being one; at most 20 characters."""
    text = tight(cell)
    return "户主" if text in HEAD_WORDS else text[:20]


def sex(cell: Cell) -> Reading:
    """男, 女 or nothing."""
    text = tight(cell)
    if not text:
        return Reading("")
    value = _SEXES.get(text.lower(), "")
    return Reading(value, "" if value else "sex_unknown")


def birth_date(cell: Cell, *, today: date) -> tuple[date | None, str]:
    """A date of birth and the code of its fault, if it has one."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return (cell, "") if cell <= today else (None, "born_in_future")
    text = tight(cell)
    if not text:
        return None, ""
    found = _YMD_TIGHT.fullmatch(text) or _YMD.fullmatch(text)
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        day = None
    if day is None or day.year < _YEAR_MIN:
        return None, "birth_unreadable"
    return (day, "") if day <= today else (None, "born_in_future")


def household_number(cell: Cell) -> str:
    """The household's number as text: 001 stays 001, and 12.0 is 12."""
    return tight(plain(cell))


def _first_generation(text: str, *, today: date) -> Reading:
    """Fifteen digits brought to eighteen: the century is 19, the check digit is added."""
    first = f"{text[:6]}19{text[6:]}"
    number = first + check_digit(first)
    fault = _date_fault(number, today=today)
    return Reading("", fault) if fault else Reading(number, "id_15_digits")


def _date_fault(number: str, *, today: date) -> str:
    born = born_on_of(number)
    if born is None or born.year < _YEAR_MIN:
        return "id_date"
    return "born_in_future" if born > today else ""


def _one_phone(text: str) -> str:
    digits = _PHONE_NOISE.sub("", text)
    if not digits.isascii():
        return ""
    found = _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits)
    return found[1] if found else ""


def _name_fault(name: str) -> str:
    if len(name) > NAME_MAX:
        return "name_invalid"
    kinds = [category(char) for char in name]
    if not any(kind[0] == "L" or kind == "Co" for kind in kinds):
        return "name_invalid"
    if name[0] in "=+@":
        return "name_invalid"
    # A private-use character, a box or a question mark: the old program lost a rare character.
    if "Co" in kinds or any(char in "?□\ufffd" for char in folded(name)):
        return "name_unreadable"
    odd = any(category(char)[0] not in "LM" and char not in _NAME_MARKS for char in name)
    return "name_odd" if odd else ""
