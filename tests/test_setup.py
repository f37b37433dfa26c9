"""The locks hold what they promise, and what bin/setup made stays made."""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import asyncpg
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.async_api import Browser

ROOT = Path(__file__).parent.parent
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock")
NODE_FILES = ("package.json", "package-lock.json", ".npmrc")


def pins(lock: str) -> dict[str, str]:
    """Name to version and hashes, as the lock's own text."""
    found = re.split(r"^(?=\w)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {canonicalize_name(text.split("==")[0]): text for text in found if text}


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_python_package_is_pinned_to_a_version_with_hashes(lock: str) -> None:
    found = pins(lock)
    assert len(found) > 50
    for name, text in found.items():
        assert re.match(r"[\w.-]+==[\w.]+ \\\n", text, re.ASCII), name
        assert "--hash=sha256:" in text, name


def test_every_script_package_is_pinned_with_a_hash() -> None:
    lock = json.loads((ROOT / "templates/assets/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []


@pytest.mark.parametrize("file", [*PYTHON_LOCKS, *(f"templates/assets/{n}" for n in NODE_FILES)])
def test_no_lock_holds_an_address(file: str) -> None:
    text = (ROOT / file).read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host|registry=|\"resolved\"", text)


def test_the_tests_run_on_the_same_versions_as_the_program() -> None:
    program, tests = (pins(lock) for lock in PYTHON_LOCKS)
    pinned = {name: text.split("\n    # via")[0] for name, text in program.items()}
    assert {name: tests[name].split("\n    # via")[0] for name in program} == pinned


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_is_complete_for_every_python(version: str) -> None:
    """The lock is made on one Python; what another one needs besides must be in it too."""
    environment = {**default_environment(), "python_version": version}
    environment["python_full_version"] = f"{version}.0"
    known = pins("requirements-dev.lock")
    extras = {"": [""], "xiangyue": ["", "assets", "dev"]}
    for distribution in metadata.distributions():
        owner = canonicalize_name(distribution.metadata["Name"])
        if owner not in known and owner != "xiangyue":
            continue
        for line in distribution.requires or []:
            need = Requirement(line)
            asked = extras.get(owner, extras[""])
            if need.marker and not any(
                need.marker.evaluate({**environment, "extra": extra}) for extra in asked
            ):
                continue
            assert canonicalize_name(need.name) in known, f"{owner} needs {need.name}"


def test_setting_up_again_only_looks() -> None:
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("runs outside of the environment that bin/setup makes")
    command = [ROOT / "bin/setup", "--tests"]
    subprocess.run(command, check=True)
    again = subprocess.run(command, check=True, capture_output=True, timeout=5)
    assert again.stdout == again.stderr == b""


async def test_the_cluster_of_the_tests_is_durable_and_closed_to_the_network(postgres: str) -> None:
    connection = await asyncpg.connect(postgres + "postgres")
    try:
        for name, value in {"fsync": "on", "listen_addresses": "127.0.0.1"}.items():
            assert await connection.fetchval(f"SHOW {name}") == value
    finally:
        await connection.close()


async def test_the_browser_runs_a_script_and_draws_chinese(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<h1></h1>")
    await page.evaluate("document.querySelector('h1').innerText = '乡约'")
    assert await page.inner_text("h1") == "乡约"
