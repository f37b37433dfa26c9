"""Every screen has its help: short, whole, in both languages, with the law that holds today."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from web import ON_SQLITE, Web

from api import help as help_
from api import locale
from api.render import TEMPLATES, environment
from foundation import clock
from rules import laws

NAMES_ITS_HELP = re.compile(r'{% set help = "([a-z_-]+)" %}')
# A refusal, the help itself, and the framework's own page.
WITHOUT = {"error.html", "help.html", "help_topic.html", "openapi.html"}
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]")
PAGES = sorted(path.name for path in (TEMPLATES / "pages").glob("*.html"))


@pytest.mark.parametrize("page", sorted(set(PAGES) - WITHOUT))
def test_every_page_names_a_help_text_that_exists(page: str) -> None:
    named = NAMES_ITS_HELP.findall((TEMPLATES / "pages" / page).read_text())
    assert len(named) == 1, 'write {% set help = "..." %} beside the room'
    assert named[0] in help_.names(), "write templates/help/<name>.html; api/help.py says how"


def test_every_help_text_belongs_to_a_page() -> None:
    named = {
        found
        for page in PAGES
        for found in NAMES_ITS_HELP.findall((TEMPLATES / "pages" / page).read_text())
    }
    assert set(help_.names()) == named


@pytest.mark.parametrize("key", help_.names())
@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_a_help_text_is_whole_and_short(key: str, language: str) -> None:
    token = locale.language.set(language)
    found = help_.topic(key)
    behind = help_.laws_behind(found, on=clock.today()) if found else []
    locale.language.reset(token)
    assert found
    assert found.group in help_.GROUPS
    assert 2 <= len(found.steps) <= 5
    assert found.trouble
    assert found.rules
    assert set(found.see) <= set(help_.names()) - {key}
    assert len(behind) == len(found.laws), "a law without a text in force today"
    said = [found.title, found.purpose, *found.steps, *found.rules, *sum(found.trouble, ())]
    longest = 100 if language == "zh-CN" else 260
    assert all(0 < len(text) <= longest for text in said)
    if language == "en":
        told = [text for law in behind for text in (law["says"], law["citation"])]
        assert not [text for text in (*said, *told) if CHINESE.search(text)]


def test_laws_follow_each_other_without_a_gap_or_an_overlap() -> None:
    for code in {law.code for law in laws.known()}:
        of_one = [law for law in laws.known() if law.code == code]
        for before, after in pairwise(of_one):
            assert before.in_force_until
            assert (after.in_force_from - before.in_force_until).days == 1
        assert of_one[-1].in_force_until is None
        assert laws.in_force(code, on=of_one[0].in_force_from) == of_one[0]


@ON_SQLITE
async def test_help_is_open_to_everybody_and_links_lead_to_it(web: Web) -> None:
    nobody = web.client()
    index = await nobody.get("/help")
    assert index.status_code == 200
    for key in help_.names():
        assert f'href="/help/{key}"' in index.text
        answer = await nobody.get(f"/help/{key}")
        assert answer.status_code == 200
    assert (await nobody.get("/help/nothing-of-the-kind")).status_code == 404
    login = await nobody.get("/login")
    assert 'href="/help/login"' in login.text


def test_no_help_file_prints_anything() -> None:
    for path in Path(help_.FOLDER).glob("*.html"):
        assert environment.get_template(f"help/{path.name}").render().strip() == ""
