"""The house stands as it was drawn: floors, doors, refusals and sizes, read from the source."""

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from web import Route, routes

from api.app import application
from api.errors import REFUSALS
from api.settings import Settings
from foundation.errors import Refusal, StoreUnreachable

ROOT = Path(__file__).parent.parent
# From the ground up: a floor imports from itself and from what stands before it.
FLOORS = ("foundation", "households", "rules", "points", "api")
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "base", "services", "misc"}
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 450

# Whoever knows the address may call these, and nothing else.
PUBLIC_READS = {
    "/",
    "/login",
    "/setup",
    "/help",
    "/help/{key:str}",
    "/assets/css/{file_path:path}",
    "/assets/js/{file_path:path}",
    "/assets/vendor/{file_path:path}",
    "/p/{serial:str}",
    "/p/{serial:str}/snapshot",
    "/api/v1/p/{serial:str}",
    "/h/{card:str}",
    "/v/{village:str}",
    "/v/{village:str}/rules",
    "/api/v1/v/{village:str}",
}
PUBLIC_WRITES = {
    "/login",
    "/language",
    "/setup",
    "/setup/divisions",
    "/api/v1/tokens",
    "/api/v1/tokens/refresh",
    "/h/{card:str}/open",
    "/h/{card:str}/first",
    "/api/v1/h/{card:str}/open",
    "/api/v1/h/{card:str}/first",
}
# The framework's own pages about the API, which hold no data.
ABOUT_THE_API = {"/api/v1", "/api/v1/docs", "/api/v1/openapi.json", "/api/v1/{path:str}"}


def product_files() -> list[Path]:
    """Every Python file of the product, its tests apart."""
    return [file for floor in FLOORS for file in sorted((ROOT / floor).rglob("*.py"))]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), name_of(file))


def imported(tree: ast.Module) -> Iterator[str]:
    """The packages that a module imports from, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their floor"
            yield (node.module or "").partition(".")[0]


def every_route() -> list[Route]:
    return routes(application(Settings(data=Path("nowhere"))))


def test_floors_import_only_downwards() -> None:
    wrong = [
        (name_of(file), package)
        for file in product_files()
        for package in imported(tree_of(file))
        if package in FLOORS
        and FLOORS.index(package) > FLOORS.index(file.relative_to(ROOT).parts[0])
    ]
    assert wrong == []


def test_only_the_doors_know_http() -> None:
    doors_only = {"litestar", "jinja2", "click", "jwt", "granian"}
    wrong = [
        (name_of(file), package)
        for file in product_files()
        if file.relative_to(ROOT).parts[0] != "api"
        for package in doors_only.intersection(imported(tree_of(file)))
    ]
    assert wrong == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asks = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    found = {name_of(file) for file in product_files() if asks.search(file.read_text())}
    assert found == {"foundation/clock.py"}


def test_only_the_ledger_writes_entries() -> None:
    writes = re.compile(
        r"""insert\(\s*["']ledger_entry|INSERT\s+INTO\s+ledger_entry"""
        r"""|(?<!class )LedgerEntry(\(|\.(create|bulk_create|get_or_create|update_or_create)\b)""",
        re.IGNORECASE,
    )
    found = {name_of(file) for file in product_files() if writes.search(file.read_text())}
    assert found == {"points/ledger.py"}


def test_every_refusal_has_its_status_and_sentence() -> None:
    for floor in FLOORS:
        package = importlib.import_module(floor)
        for module in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    ours = {r for r in subclasses(Refusal) if r.__module__.partition(".")[0] in FLOORS}
    assert ours - set(REFUSALS) == set()
    assert all(sentence for _, sentence in REFUSALS.values())
    # Any other answer from 500 up is a bug.
    above = {refusal for refusal, (status, _) in REFUSALS.items() if not 400 <= status < 500}
    assert above == {StoreUnreachable}


def test_refusals_live_in_their_floors_errors_file() -> None:
    ours = {r for r in subclasses(Refusal) if r.__module__.partition(".")[0] in FLOORS}
    assert {r for r in ours if not r.__module__.endswith(".errors")} == set()


def subclasses(kind: type[Refusal]) -> set[type[Refusal]]:
    return {below for one in kind.__subclasses__() for below in {one, *subclasses(one)}}


def test_every_route_is_guarded_or_public_on_purpose() -> None:
    unguarded = {
        (route.method, route.path)
        for route in every_route()
        if not (route.needs_login or route.needs_holder) and route.path not in ABOUT_THE_API
    }
    reads = {(method, path) for method in ("GET", "HEAD") for path in PUBLIC_READS}
    writes = {("POST", path) for path in PUBLIC_WRITES}
    assert unguarded - reads - writes == set()


def test_what_needs_no_login_says_so() -> None:
    silent = [
        (route.method, route.path)
        for route in every_route()
        if route.path not in ABOUT_THE_API
        and [route.needs_login, route.needs_holder, route.is_public].count(True) != 1
    ]
    assert silent == []


def test_no_room_has_a_name_that_says_nothing() -> None:
    rooms = [part for file in product_files() for part in file.relative_to(ROOT).parts]
    assert NAMES_THAT_SAY_NOTHING.intersection(room.removesuffix(".py") for room in rooms) == set()


def test_functions_and_modules_stay_readable() -> None:
    long = []
    tests = [f for f in (ROOT / "tests").glob("*.py") if not f.name.startswith("sample")]
    for file in [*product_files(), *sorted(tests)]:
        lines = len(file.read_text().splitlines())
        if lines > MODULE_LINES_MAX:
            long.append((name_of(file), lines))
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append((f"{name_of(file)}:{node.name}", lines))
    assert long == []


def test_every_room_and_public_verb_says_what_it_is_for() -> None:
    silent = []
    for file in product_files():
        if "migrations" in file.parts and file.name != "__init__.py":
            continue
        tree = tree_of(file)
        public = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
        ]
        silent += [
            f"{name_of(file)}:{getattr(node, 'name', '')}"
            for node in (tree, *public)
            if not ast.get_docstring(node)
        ]
    assert silent == []


@pytest.mark.parametrize(
    "pattern",
    [
        # Put together here, or this file would be the one that holds them.
        "/wo" + "rk/",
        "/ro" + "ot/",
        r"pypi\." + "org",
        "python" + "hosted",
        r"registry\." + "npmjs",
        r"deb\." + "debian",
    ],
)
def test_no_file_names_this_machine_or_a_package_registry(pattern: str) -> None:
    # The checkout may belong to somebody else than who runs the tests, where root does.
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True)
    found = [
        name
        for name in listed.stdout.split("\0")
        if name and re.search(pattern.encode(), (ROOT / name).read_bytes())
    ]
    assert found == []
