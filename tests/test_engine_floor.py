"""What residents open runs on a phone of 2018: nothing newer than Chromium 80 is relied on.

Read from the source, because no such browser is at hand: the stylesheets and scripts of the pages
behind a QR, against what came later. What only looks plainer without it is let through by name.
"""

import re
from pathlib import Path

import pytest
import sample_boards  # noqa: F401 - adds the posted list
import sample_passbooks  # noqa: F401
import test_templates_render as templates
from samples import SAMPLES

ASSETS = templates.TEMPLATES / "assets"
RESIDENTS = ("passbook", "passbook_door", "passbook_entry", "passbook_mine", "village",
             "village_rules")  # fmt: skip
SHEETS = ("app.css", "passbook.css", "posted.css")
SCRIPTS = ("js/verify-publication.js",)
# Without it the outline stays for everybody, which is what was there before it.
LET_THROUGH = {"app.css": [":focus:not(:focus-visible) { outline: none; }"]}
# With the version that brought each.
NEWER_CSS = {
    r":has\(": 105, r":is\(": 88, r":where\(": 88, r":focus-visible": 86,
    r"\baspect-ratio\s*:": 88, r"(?<![-\w])inset(-\w+)*\s*:": 87, r"color-mix\(": 111,
    r"\d(d|s|l)v(h|w|min|max)\b": 108, r"@layer\b": 99, r"@container\b": 105, r"@property\b": 85,
    r"@supports\s+selector": 83, r"\(\s*width\s*[<>]": 104, r"(?<![-\w])rotate\s*:": 104,
    r"(?<![-\w])scale\s*:": 104, r"\boklch\(|\blch\(|\blab\(": 111, r"(?m)^\s*&": 112,
    r"\bsubgrid\b": 117, r"\btext-wrap\s*:": 114, r"light-dark\(": 123,
}  # fmt: skip
NEWER_JS = {
    r"\?\?=|\|\|=|&&=": 85, r"\.replaceAll\(": 85, r"Promise\.any\(": 85, r"\.at\(": 92,
    r"Object\.hasOwn\(": 93, r"structuredClone\(": 98, r"\.findLast(Index)?\(": 97,
    r"crypto\.randomUUID\(": 92, r"\.toSorted\(|\.toReversed\(|\.with\(": 110,
    r"Object\.groupBy\(": 117, r"AbortSignal\.(timeout|any)\(": 103, r"\bstatic\s*\{": 94,
    r"(?m)^await\s": 89, r"#\w+\s+in\s": 91, r"\bWeakRef\b": 84, r"\.showPicker\(": 99,
    r"/[dgimsuy]*v[dgimsuy]*[,;)]": 112,
}  # fmt: skip
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
GAP = re.compile(r"(?<![-\w])(?:row-|column-)?gap\s*:")


def newer_than_80(text: str, known: dict[str, int]) -> list[tuple[str, int]]:
    return [(found[0], since) for p, since in known.items() if (found := re.search(p, text))]


def gaps_in_flex(css: str) -> list[str]:
    """Rules that part the children of a flex box by `gap`, which came with 84; grids may."""
    return [
        selector.strip()
        for selector, body in RULE.findall(css)
        if GAP.search(body) and "grid" not in body and "columns" not in body
    ]


def style(name: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", (ASSETS / "css" / name).read_text(), flags=re.DOTALL)
    for rule in LET_THROUGH.get(name, []):
        assert rule in css, "let through and not there any more"
        css = css.replace(rule, "")
    return css


@pytest.mark.parametrize("name", SHEETS)
def test_a_residents_stylesheet_relies_on_nothing_newer_than_chromium_80(name: str) -> None:
    assert newer_than_80(style(name), NEWER_CSS) == []
    assert gaps_in_flex(style(name)) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_residents_script_relies_on_nothing_newer_than_chromium_80(name: str) -> None:
    code = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", (ASSETS / name).read_text(), flags=re.DOTALL)
    assert newer_than_80(code, NEWER_JS) == []


def test_a_residents_pages_need_no_script_and_load_no_other_stylesheet() -> None:
    seen = set()
    for template, _, context in SAMPLES:
        if (page := Path(template).stem) not in RESIDENTS or not template.startswith("pages/"):
            continue
        html = templates.rendered(template, context)
        seen.add(page)
        assert "<script" not in html, template
        assert set(re.findall(r"/assets/css/([\w-]+\.css)", html)) <= set(SHEETS)
    assert seen == set(RESIDENTS)


@pytest.mark.parametrize(
    "planted",
    ["a:has(b) {}", "p { inset: 0; }", "p { height: 100dvh; }", "p { aspect-ratio: 1; }",
     "a:focus-visible {}", "p { color: color-mix(in srgb, red, blue); }", ":is(a, b) {}"],
)  # fmt: skip
def test_the_search_finds_what_is_newer(planted: str) -> None:
    assert newer_than_80(planted, NEWER_CSS)


def test_the_search_tells_a_flex_gap_from_a_grids() -> None:
    assert gaps_in_flex(".a { display: flex; gap: 4px; }") == [".a"]
    assert gaps_in_flex(".a { display: grid; gap: 4px; grid-gap: 4px; }") == []
