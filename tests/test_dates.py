"""Dates and numbers as Chinese offices write them, on every screen and every paper, and in English.

GB/T 15835-2011 (numerals in publications): Arabic figures with the characters of the calendar,
2026年10月31日; whole numbers of four figures and more grouped by threes.
"""

import re
from datetime import date

import pytest
import test_templates_render as templates
from samples import SAMPLES

from api import locale
from api.render import environment

# A machine's date, and a date in the form of another country.
ODD = re.compile(r"\b\d{4}-\d{1,2}(-\d{1,2})?\b(?![-\d])|\b\d{1,4}/\d{1,2}/\d{1,4}\b")
# Somebody's own number of a filing, and the serial that a posted list is signed with.
SERIAL = re.compile(r"\d{12}-\d{4}(Q\d|-\d\d)?-\d+|\d{4}-\d{4}-\d{4}")
SPACED = re.compile(r"\d 年|年 \d|\d 月 \d|月 \d+ 日")
HIDDEN = re.compile(r"<(script|style|pre|option|code)\b.*?</\1>|<[^>]*>", re.DOTALL)
UNGROUPED = re.compile(r"(?<![\w.\-*–+:/…])\d{5,}(?![\w\-*/…])")


def shown(template: str, context: dict[str, object]) -> str:
    """What a reader sees: text without tags, scripts and what stands ready to be copied."""
    html = templates.rendered(template, context)
    return SERIAL.sub("", HIDDEN.sub(" ", html))


@pytest.mark.parametrize("language", locale.LANGUAGES)
@pytest.mark.parametrize(("template", "variant", "context"), SAMPLES, ids=templates.IDS)
def test_no_date_is_shown_as_machines_write_it(
    template: str, variant: str, context: dict[str, object], language: str
) -> None:
    token = locale.language.set(language)
    text = shown(template, {**context, "lang": language})
    locale.language.reset(token)
    assert [found[0] for found in ODD.finditer(text)] == []
    assert [text[at.start() - 20 : at.end() + 9] for at in SPACED.finditer(text)] == []


def test_dates_are_written_in_one_place_as_each_language_does() -> None:
    macros = environment.get_template("macros.html")
    day = date(2026, 11, 2)
    assert str(macros.make_module().day(day)) == "2026年11月2日"
    assert str(macros.make_module().days(day, date(2026, 12, 9))) == "2026年11月2日 至 12月9日"
    assert str(macros.make_module().num(-12345)) == "−12,345"
    token = locale.language.set("en")
    assert str(macros.make_module().day(day)) == "2 November 2026"
    locale.language.reset(token)
