"""Every act that the log can hold has a name that a village understands."""

import ast
from pathlib import Path

from api.pages.audit import VERBS

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
