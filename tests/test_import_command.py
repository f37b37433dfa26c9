"""`households import` and `households export`: the contract's answers and exit codes."""

import json
from pathlib import Path

import pytest
import servers
from factories import VILLAGE, id_number

DATA = Path(__file__).parent / "data"
DIVISIONS = f"""code,name,parent,level
610428000000,长武县,,county
610428106000,相公镇,610428000000,township
{VILLAGE},槐庄村,610428106000,village
"""
KEYS = {
    "households", "residents", "duplicates", "created", "updated", "unchanged", "problems",
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with one village, made by the command that a clerk would use."""
    file = tmp_path / "divisions.csv"
    file.write_text(DIVISIONS)
    done = servers.command(tmp_path / "data", "regions", "import", str(file))
    assert done.returncode == 0, done.stderr
    return tmp_path / "data"


def import_(data: Path, file: Path, *more: str, village: str = VILLAGE) -> tuple[int, str, str]:
    done = servers.command(data, "households", "import", str(file), "--village", village, *more)
    return done.returncode, done.stdout, done.stderr


def test_the_sample_comes_in_with_one_json_document_and_nothing_else(data: Path) -> None:
    sample = DATA / "huaizhuang-households.xlsx"
    code, told, _ = import_(data, sample, "--dry-run", "--json")
    assert code == 0
    assert set(json.loads(told)) == KEYS
    code, stored, progress = import_(data, sample, "--json")
    assert (code, json.loads(stored)) == (0, json.loads(told))
    result = json.loads(stored)
    assert (result["households"], result["residents"], result["duplicates"]) == (300, 1026, 1)
    assert result["created"] == 300
    assert set(result["problems"][0]) == {
        "severity", "sheet", "row", "column", "value", "code", "message",
    }  # fmt: skip
    assert "读取" in progress
    code, again, _ = import_(data, sample, "--json")
    assert (code, json.loads(again)["unchanged"]) == (0, 300)


def test_exit_is_1_only_when_nothing_could_be_stored(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_text(
        f"户号,户主,身份证号,村代码\n7,张明,{id_number(1)},{VILLAGE}\n8,李四,,610428106999\n"
    )
    code, out, said = import_(data, file)
    assert (code, out) == (0, "")
    assert "别的村" in said
    assert id_number(1) not in said
    file.write_text("户号,户主,村代码\n8,李四,610428106999\n")
    assert import_(data, file)[0] == 1
    file.write_bytes(b"\x00\x01\x02\x03 no workbook")
    code, _, said = import_(data, file)
    assert code == 1
    assert "Traceback" not in said
    code, _, said = import_(data, DATA / "flat-households.xlsx", village="610428106999")
    assert (code, "610428106999" in said) == (1, True)
    assert import_(data, tmp_path / "nothing.xlsx")[0] == 2


def test_an_export_comes_back_in_without_a_change(data: Path, tmp_path: Path) -> None:
    assert import_(data, DATA / "huaizhuang-households.xlsx")[0] == 0
    target = tmp_path / "out.xlsx"
    wanted = ("--village", VILLAGE, "--numbers", "--restricted")
    done = servers.command(data, "households", "export", *wanted, "-o", str(target))
    assert done.returncode == 0, done.stderr
    code, back, _ = import_(data, target, "--json")
    assert (code, json.loads(back)["unchanged"], json.loads(back)["updated"]) == (0, 300, 0)
    shown = servers.command(data, "households", "export", "--village", VILLAGE).stdout
    assert "****" in shown
    assert "一般户" not in shown
    wrong = servers.command(data, "households", "export", *wanted, "-o", str(tmp_path / "a.doc"))
    assert wrong.returncode == 2


def test_beside_a_server_one_may_look_and_export_but_not_import(data: Path, tmp_path: Path) -> None:
    sample = DATA / "huaizhuang-households.xlsx"
    assert import_(data, sample)[0] == 0
    with servers.program(data, "--real"):
        assert import_(data, sample, "--dry-run")[0] == 0
        code, _, said = import_(data, sample)
        assert (code, str(data) in said) == (1, True)
        target = tmp_path / "out.csv"
        purpose = ("--purpose", "入户核对")
        export = ("households", "export", "--village", VILLAGE, "-o", str(target), *purpose)
        assert servers.command(data, *export).returncode == 0
        assert target.read_bytes().startswith(b"\xef\xbb\xbf")
        (line,) = (data / "audit-beside.jsonl").read_text().splitlines()
        assert json.loads(line)["facts"]["purpose"] == "入户核对"
    assert import_(data, sample)[0] == 0  # the next that writes takes the line into the log
    assert (data / "audit-beside.jsonl").read_text() == ""
