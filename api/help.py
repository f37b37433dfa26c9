"""The help texts: one a family of screens, each with the rule behind it.

A text is a template in templates/help that prints nothing and only sets names, so that it stands
in the catalogue like every other text and a new screen brings its help as one more file:

    group    the part of the work it belongs to, a key of GROUPS
    order    where it stands in its group
    title    what the screens are called
    purpose  one sentence: what they are for
    steps    [sentence, ...]: how, in about three steps
    trouble  [(what went wrong, what to do), ...]
    rules    [sentence, ...]: the rule of the scheme or the hard line behind it
    laws     [code, ...]: matters of rules/laws.json; what is in force today is shown
    see      [key, ...]: other help
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from api import locale, render
from foundation.marking import mark as _n
from rules import laws
from rules.laws import Law

FOLDER = render.TEMPLATES / "help"
GROUPS = {
    "start": _n("开始"),
    "register": _n("农户册"),
    "rules": _n("村规民约"),
    "scores": _n("评分和积分"),
    "lists": _n("红榜"),
    "residents": _n("村民自己看"),
    "township": _n("乡镇和县"),
    "office": _n("办公室"),
}


class Topic(msgspec.Struct, frozen=True):
    """One help text in the reader's language."""

    key: str
    group: str
    order: int
    title: str
    purpose: str
    steps: Sequence[str]
    trouble: Sequence[tuple[str, str]]
    rules: Sequence[str]
    laws: Sequence[str]
    see: Sequence[str]


def names() -> list[str]:
    """Every help text there is."""
    return sorted(path.stem for path in Path(FOLDER).glob("*.html"))


def topic(key: str) -> Topic | None:
    """One help text; None where there is none of that name."""
    if key not in names():
        return None
    said: Any = render.environment.get_template(f"help/{key}.html").make_module()
    fields = [field for field in Topic.__struct_fields__ if field != "key"]
    return Topic(key=key, **{field: getattr(said, field) for field in fields})


def groups() -> list[dict[str, Any]]:
    """Every help text under the part of the work that it belongs to."""
    every = [found for key in names() if (found := topic(key))]
    return [
        {
            "name": locale.text(name),
            "topics": sorted(
                (each for each in every if each.group == group), key=lambda each: each.order
            ),
        }
        for group, name in GROUPS.items()
        if any(each.group == group for each in every)
    ]


def cited(law: Law) -> dict[str, Any]:
    """A law as a page shows it, in the reader's language."""
    english = locale.language.get() == "en"
    return {
        "citation": law.citation_english if english else law.citation,
        "says": law.says_english if english else law.says,
        "in_force_from": law.in_force_from,
    }


def laws_behind(found: Topic, *, on: date) -> list[dict[str, Any]]:
    """What the law says on that day of the matters that a help text names."""
    return [cited(law) for code in found.laws if (law := laws.in_force(code, on=on))]
