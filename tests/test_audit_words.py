"""Every act that the log can hold has a name that a village understands."""

import ast
from datetime import UTC, datetime
from pathlib import Path

from api import deeds
from api.pages.audit import VERBS
from foundation.audit import Line

ROOT = Path(__file__).parent.parent
FLOORS = ("foundation", "households", "rules", "points", "api")
# What writes a line: the log itself, and the helpers of the register that write it for their verbs.
WRITERS = {"note", "touch", "_log", "_note", "_noted"}


def written() -> set[str]:
    found = set()
    for floor in FLOORS:
        for file in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and name_of(node.func) in WRITERS:
                    found |= {text for arg in node.args if (text := verb(arg))}
    return found


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def verb(argument: ast.expr) -> str:
    text = argument.value if isinstance(argument, ast.Constant) else ""
    return text if isinstance(text, str) and text.count(".") == 1 and " " not in text else ""


def test_every_act_in_the_log_has_a_name() -> None:
    acts = written()
    assert {"register.unmask", "publications.publish", "settings.write"} <= acts
    assert acts - VERBS.keys() == set()


def test_every_fact_in_the_log_has_words_or_is_left_to_machines() -> None:
    known = deeds.FACTS.keys() | deeds._UNSAID | {"village", "subject", "changed"}
    named = set()
    for floor in FLOORS:
        for file in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note":
                    named |= {keyword.arg for keyword in node.keywords if keyword.arg}
    assert {"entries", "points"} <= named
    assert named - known == set()


def test_the_ways_of_choosing_a_name_are_told_in_words() -> None:
    line = Line(
        datetime.now(UTC),
        "",
        "register.choose_names",
        "",
        "",
        {"how": "oral", "wall": "masked", "web": "unnamed", "move": "m"},
    )
    assert deeds.facts(line, {}) == [
        ("方式", "本人当面说"),
        ("墙上", "隐名"),
        ("网页", "不署名"),
    ]


def test_only_posted_lists_count_households_in_rows() -> None:
    for act, word in (("publications.publish", "户数"), ("backups.write", "行数")):
        line = Line(datetime(2026, 10, 5, tzinfo=UTC), "刘海", act, "", "", {"rows": 7})
        assert deeds.facts(line, {}) == [(word, "7")]
