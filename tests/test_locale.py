"""English is complete: every text has its English, and no page shows Chinese of its own."""

import ast
import re
from pathlib import Path
from typing import Any, TypeGuard

import msgspec
import pytest
import sample_boards  # noqa: F401 - each adds its samples
import sample_checks  # noqa: F401
import sample_entries  # noqa: F401
import sample_help  # noqa: F401
import sample_office  # noqa: F401
import sample_passbooks  # noqa: F401
import sample_register  # noqa: F401
import sample_rules  # noqa: F401
import sample_tables  # noqa: F401
import sample_township  # noqa: F401
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from samples import SAMPLES

from api import locale, render, wording
from households import parsed, planning
from households.labels import MEANINGS
from households.parsed import Problem, Problems
from points.period import Period

ROOT = Path(__file__).parent.parent
# Chinese writing, its punctuation included; a space as wide as a character is only a space.
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]")
PLACE = re.compile(r"%\((\w+)[^)]*\)s|\{(\w+)\}")
# What is printed for the village, and what speaks both languages at once on its terminals.
NOT_FOR_THE_CATALOGUE = (
    "api/examples.py",
    "api/demo",
    "api/commands",
    "api/posters.py",
    "api/terminal.py",
)
# Likewise single texts; a purpose that is written into the log; a word looked for and not shown.
NOT_ALONE = {
    "api/pages/households.py": "村内工作",
    "api/pages/name_choices.py": "名（",
    "api/frame.py": "Unknown host.",
    "api/app.py": "乡约 Xiangyue",
    "api/printing_worker.py": "<h1>乡约</h1>",
    "api/settings.py": " / must look like: ",
    "api/wording.py": "的",
}
SAMPLES_ON_SCREEN = [sample for sample in SAMPLES if sample[0].startswith("pages/")]


@pytest.fixture(name="english")
def in_english() -> Any:
    token = locale.language.set("en")
    yield
    locale.language.reset(token)


@pytest.fixture(name="texts", scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every text of templates and program, as `make messages` finds them."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    options = [f"--mapping-file={ROOT / 'pyproject.toml'}", f"--output-file={target}"]
    CommandLineInterface().run(["pybabel", "-q", "extract", *options, str(ROOT)])
    with target.open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id}


def english_catalogue() -> Catalog:
    with (locale.CATALOGUES / "en.po").open("rb") as file:
        return read_po(file)


def places(text: str) -> set[str]:
    """The names of the facts that a text has room for, whatever English makes of each."""
    return {script or sheet for script, sheet in PLACE.findall(text)}


def test_the_catalogue_has_every_text_and_none_that_is_gone(texts: set[str]) -> None:
    known = {str(message.id) for message in english_catalogue() if message.id}
    assert texts - known == set(), "make messages, then translate"
    assert known - texts == set(), "make messages drops these"


def test_every_text_is_translated_with_the_places_of_its_facts() -> None:
    catalogue = english_catalogue()
    assert not catalogue.obsolete
    for message in catalogue:
        if message.id:
            assert message.string, message.id
            assert not message.fuzzy, message.id
            assert places(str(message.string)) == places(str(message.id)), message.id
            assert not CHINESE.search(without_examples(str(message.string))), message.string


def without_examples(english: str) -> str:
    """English without what has to be typed or printed in Chinese, and is quoted so."""
    for quoted in (
        "第五村民小组 or 东街网格. “5组” and “五组”",
        "监督电话 ……",
        "口头、书面均可，三日内书面答复",
        "男 (male) or 女 (female)",
        "户主 or 姓名",
    ):
        english = english.replace(quoted, "")
    return english


def is_file_name(node: ast.AST) -> TypeGuard[ast.JoinedStr]:
    """Whether this f-string names a printed paper, Chinese as the paper is."""
    last = node.values[-1] if isinstance(node, ast.JoinedStr) else None
    return isinstance(last, ast.Constant) and str(last.value).endswith(".pdf")


def chinese_literals(file: Path) -> set[str]:
    """The Chinese literals of a module, documentation and names of papers apart."""
    tree = ast.parse(file.read_text())
    nodes = list(ast.walk(tree))
    passed = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    passed |= {id(part) for node in nodes if is_file_name(node) for part in node.values}
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in passed
        and re.search(r"[\u3400-\u9fff]", node.value)
    }


def test_the_door_says_nothing_that_the_catalogue_does_not_know(texts: set[str]) -> None:
    unknown = []
    for file in sorted((ROOT / "api").rglob("*.py")):
        name = str(file.relative_to(ROOT))
        if not name.startswith(NOT_FOR_THE_CATALOGUE):
            known = NOT_ALONE.get(name, "?")
            unknown += [
                (name, text) for text in chinese_literals(file) - texts if known not in text
            ]
    assert unknown == []


def test_scripts_are_handed_their_words() -> None:
    for file in sorted((ROOT / "templates/assets/js").glob("*.js")):
        code = re.sub(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", "", file.read_text(), flags=re.S | re.M)
        assert not CHINESE.search(code), file.name


def without_chinese(value: Any) -> Any:
    """The same data without a Chinese character: what people are called and have written."""
    if isinstance(value, str):
        return CHINESE.sub("x", value)
    if isinstance(value, dict):
        return {without_chinese(key): without_chinese(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_chinese(each) for each in value)
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **without_chinese(msgspec.structs.asdict(value)))
    return value


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("template", "variant", "context"),
    SAMPLES_ON_SCREEN,
    ids=[f"{template} {variant}".strip() for template, variant, _ in SAMPLES_ON_SCREEN],
)
def test_a_page_in_english_shows_no_chinese_of_its_own(
    template: str, variant: str, context: dict[str, Any]
) -> None:
    handed = {**without_chinese(context), "demo": True, "lang": "en"}
    html = render.environment.get_template(template).render(handed)
    # Words for scripts stand there as JSON escapes.
    html = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), html)
    html = html.replace('lang="zh-CN">中文</button>', "")
    html = without_examples(re.sub(r'value="[男女]"', "", html))
    around = re.findall(r".{0,60}" + CHINESE.pattern + r".{0,40}", html)
    assert around == []


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, "", "zh-CN"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "de-DE,de;q=0.9", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en-GB", "zh-CN"),
        ("fr", "en-GB", "en"),
        ("fr", "", "zh-CN"),
    ],
)
def test_a_readers_own_choice_goes_before_what_his_browser_asks_for(
    cookie: str | None, accept: str, language: str
) -> None:
    assert locale.choose(cookie=cookie, accept=accept) == language


@pytest.mark.usefixtures("english")
def test_english_agrees_with_a_number_and_names_a_month() -> None:
    assert locale.text("%(n)s 户", n=1) == "1 household"
    assert locale.text("%(n)s 户", n="1,298") == "1,298 households"
    assert locale.text("%(m)s月%(d)s日", m=10, d=8) == "8 October"
    assert locale.text("%(m)s月%(d)s日", m="{m}", d="{d}") == "{d} {m}"
    with pytest.raises(KeyError):
        locale.text("%(n)s 户", h=1)


def test_periods_are_named_in_the_readers_language() -> None:
    assert wording.named(Period("2026-10")) == "2026年10月"
    token = locale.language.set("en")
    assert wording.named(Period("2026-10")) == "October 2026"
    assert wording.named(Period("2026Q4")) == "Q4 2026"
    locale.language.reset(token)


FACTS = {"place": "表“二组”第 12 行", "other": "罗桂英", "named": "西关村", "kept": 200,
         "number": "036", "earlier": "7"}  # fmt: skip


@pytest.mark.parametrize("code", sorted({*parsed.SENTENCES, *planning.SENTENCES}))
def test_what_is_wrong_in_a_workbook_is_told_in_english(code: str) -> None:
    severity, sentence = {**parsed.SENTENCES, **planning.SENTENCES}[code]
    said = sentence.format(**FACTS, length=17)
    found = Problem(severity, "一组", 5, "C", "", code, said)
    assert wording.problem(found) == said
    token = locale.language.set("en")
    told = wording.problem(found)
    locale.language.reset(token)
    for name in places(sentence) - {"place"}:
        fact = str({**FACTS, "length": 17}[name])
        assert fact in told
        told = told.replace(fact, "")
    if "{place}" in sentence:
        assert "sheet “二组”, row 12" in told
        told = told.replace("二组", "")
    assert not CHINESE.search(without_examples(told))


@pytest.mark.usefixtures("english")
def test_a_problem_found_by_the_parser_is_told_with_its_facts() -> None:
    problems = Problems()
    problems.add("id_length", sheet="一组", row=5, column=2, cell="6104281990")
    assert wording.problem(problems.found[0]) == (
        "An ID number has 18 characters, this one 10; not taken."
    )


@pytest.mark.usefixtures("english")
def test_a_workbooks_columns_are_named_in_english() -> None:
    for meaning in MEANINGS.values():
        assert not CHINESE.search(wording.meaning(meaning))
    assert wording.meaning("户主的身份证号") == "Head: ID number"
    assert wording.meaning("配偶的姓名") == "配偶: Name"
