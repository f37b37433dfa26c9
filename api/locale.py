"""The two languages: Chinese is the text itself, English a catalogue beside the templates."""

from calendar import month_name
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("zh-CN", "en")
CATALOGUES = Path(__file__).resolve().parents[1] / "templates" / "locale"

language: ContextVar[str] = ContextVar("language", default="zh-CN")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Every translated text of a language, by its Chinese original; empty for Chinese."""
    path = CATALOGUES / f"{lang}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


class Facts(dict[str, Any]):
    """What fills the places of a text, and what English makes of it besides.

    `%(n:point|points)s` agrees with the number n, `%(m:month)s` is the name of month m. A place
    that a script fills later, such as {m}, stays as it is. A date is written out.
    """

    def __getitem__(self, place: str) -> Any:
        value = super().__getitem__(place)
        return day(value) if isinstance(value, date) else value

    def __missing__(self, place: str) -> str:
        name, _, form = place.partition(":")
        if not form:
            raise KeyError(place)
        value = str(self[name])
        if form == "month":
            return month_name[int(value)] if value.isdigit() else value
        one, several = form.split("|")
        return one if value == "1" else several


def text(message: str, /, **facts: Any) -> str:
    """A Chinese text in the reader's language, its %(places)s filled."""
    translated = catalogue(language.get()).get(message, message)
    return translated % Facts(facts) if facts else translated


def day(on: date) -> str:
    """A date as offices write it: 2026年10月31日 (GB/T 15835-2011), 31 October 2026."""
    return text("%(y)s年%(m)s月%(d)s日", y=on.year, m=on.month, d=on.day)


def choose(*, cookie: str | None, accept: str) -> str:
    """The language to answer in: the reader's own choice, else what the browser asks for.

    Chinese unless the browser prefers English and does not mention Chinese at all.
    """
    if cookie in LANGUAGES:
        return str(cookie)
    lower = accept.lower()
    return "en" if "en" in lower and "zh" not in lower else "zh-CN"
