"""What the log keeps of an accident: where it happened, and nothing that somebody typed."""

import pytest
import structlog

from api import logs

ID_NUMBER, OLD_ID_NUMBER, PHONE = "99042819700101001X", "990428700101001", "19900000123"
PASSWORD = "throw away 99"


def fail(*, typed: str) -> None:
    password = typed
    raise ValueError(f"{ID_NUMBER}, {PHONE}: {len(password)}")


def test_a_bug_is_logged_with_its_place_and_without_variables_or_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    try:
        fail(typed=PASSWORD)
    except ValueError as error:
        log = structlog.get_logger()
        log.error("bug", exc_info=error, village="610428106221", was=OLD_ID_NUMBER)
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr()
    assert said.out == ""  # standard output belongs to the answers of commands
    assert "in fail" in said.err
    assert "610428106221" in said.err  # a region's code is no person's number
    assert not [word for word in (ID_NUMBER, OLD_ID_NUMBER, PHONE, PASSWORD) if word in said.err]
    assert said.err.count("[number]") == 3
