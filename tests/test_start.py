"""Starting and ending the real program, as a clerk does with bin/run."""

import time
from pathlib import Path

import httpx
import servers


def test_a_real_store_is_up_within_five_seconds(tmp_path: Path) -> None:
    """The quickest of three starts, the first one on an empty folder: others use this machine."""
    taken = []
    for _ in range(3):
        begun = time.monotonic()
        with servers.program(tmp_path / "data", "--real") as running:
            taken.append(time.monotonic() - begun)
            assert httpx.get(f"{running.url}/api/v1/openapi.json").status_code == 200
    assert min(taken) < 5


def test_a_second_server_on_the_same_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with servers.program(data, "--real") as running:
        second = servers.command(data, "serve", "--real", XIANGYUE_PORT=str(servers.free_port()))
        assert second.returncode == 1
        assert str(data) in second.stderr
        assert "Traceback" not in second.stderr
        assert httpx.get(f"{running.url}/api/v1/openapi.json").status_code == 200


def test_a_killed_server_leaves_folder_and_port_to_the_next(tmp_path: Path) -> None:
    with servers.program(tmp_path / "data", "--real") as running:
        running.crash()
        deadline = time.monotonic() + 5
        while _answers(running.url):
            assert time.monotonic() < deadline, "its worker lives on and keeps the store locked"
    with servers.program(tmp_path / "data", "--real") as again:
        assert _answers(again.url)


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True
