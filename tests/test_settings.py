"""What the environment may say, and what is said when it is written wrongly."""

from pathlib import Path

import click
import pytest
import servers

from api import settings


@pytest.mark.parametrize("port", ["eighty", "80a", "-1", "65536", "123456", "８０００"])
def test_a_port_that_is_none_is_refused_in_a_sentence(port: str) -> None:
    with pytest.raises(click.UsageError, match="XIANGYUE_PORT"):
        settings.load({"XIANGYUE_PORT": port})


def test_a_wrong_port_ends_a_command_with_misuse_and_no_traceback(tmp_path: Path) -> None:
    refused = servers.command(tmp_path / "data", "serve", XIANGYUE_PORT="99999")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0:8000", True),
        ("http://[::]:8000", True),
        ("http://192.168.1.20:8000", False),
        ("https://xiangyue.example.cn", False),
    ],
)
def test_an_address_that_no_phone_can_go_to_is_known(address: str, is_here: bool) -> None:
    made = settings.load({"XIANGYUE_PUBLIC_URL": address, "XIANGYUE_DATA": "/nowhere"})
    assert made.public_is_loopback is is_here
