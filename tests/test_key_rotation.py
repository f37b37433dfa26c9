"""Keys: a change that a kill cannot break, what outlives it, and the way back from paper."""

import asyncio
import random
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import factories
import pytest
import servers
import villages
from factories import OPERATOR, VILLAGE
from test_backups import ID_NUMBER, PHONE, furnish, open_store, proved, restore
from web import with_login

from api import store as api_store
from api.settings import Settings
from foundation import attachments, backups, clock, database, keys, recovery, rotation, sealing
from foundation.errors import CodeMistyped, NothingToRotate, UnknownKey, WeakSecret
from foundation.keys import Keyring, Keyset
from households import rows
from points import publication, xyp
from points.period import Period

OLD, NEW = factories.SECRET, "the next secret of the tests, long enough"


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    """This file changes the process's keyring; whoever comes next gets the tests' own back."""
    factories.hold_keys()
    yield
    factories.hold_keys()


async def begun() -> None:
    """A furnished real village, its store begun with the key OLD."""
    factories.hold_keys()
    await api_store.claim("real")
    await furnish()


async def rotated(*, by: keys.Keyring) -> None:
    keys.hold(by)
    await rotation.take_up()
    await rotation.begin(OPERATOR)
    await rotation.reseal()
    await rotation.finish(OPERATOR)


async def opens_everything() -> None:
    """Phones open, the ID number is found by its digest, the sealed file is what it was."""
    [member] = await database.rows("SELECT id, phone, id_index FROM resident WHERE phone <> ''")
    key = UUID(str(member["id"]))
    assert rows.opened("resident", key, "phone", member["phone"]) == PHONE
    assert member["id_index"] == sealing.index(ID_NUMBER, kind="id_number")
    [file] = await database.rows("SELECT id FROM attachment WHERE sealed")
    assert await attachments.read(UUID(str(file["id"]))) == bytes(range(256)) * 40


async def test_after_a_rotation_the_new_secret_alone_opens_everything(opened: str) -> None:
    await begun()
    before = await rotation.sealed_values()
    await rotated(by=Keyring([Keyset(NEW), Keyset(OLD)]))
    # The key of the blind index has joined the sealed values.
    assert await rotation.sealed_values() == {Keyset(NEW).id: before.total() + 1}
    keys.hold(Keyring([Keyset(NEW)]))
    await rotation.take_up()
    await opens_everything()
    assert keys.ring().index == Keyset(OLD).index
    assert await rotation.needed() == Keyset(NEW).id
    assert await rotation.used() == {Keyset(NEW).id}
    assert await proved() == []


async def test_a_second_rotation_hands_the_index_on(opened: str) -> None:
    await begun()
    third = "a third secret of the tests, long enough"
    await rotated(by=Keyring([Keyset(NEW), Keyset(OLD)]))
    await rotated(by=Keyring([Keyset(third), Keyset(NEW), Keyset(OLD)]))
    keys.hold(Keyring([Keyset(third)]))
    await rotation.take_up()
    await opens_everything()


async def test_a_secret_changed_from_outside_finds_what_the_old_one_indexed(opened: str) -> None:
    """XIANGYUE_SECRET is new and the old one still in the file: nothing was rotated yet."""
    await begun()
    keys.hold(Keyring([Keyset(NEW), Keyset(OLD)]))
    await rotation.take_up()
    await opens_everything()
    member = factories.person("孙二", id_number=factories.id_number(8))
    await factories.household("孙守义", "102", phone="19900009999", residents=(member,))
    assert await rotation.used() == {Keyset(OLD).id, Keyset(NEW).id}


async def test_without_the_needed_key_a_store_names_it(opened: str, tmp_path: Path) -> None:
    await begun()
    await database.close()
    settings = Settings(data=tmp_path / "data", database_url=opened, secret=NEW)
    with pytest.raises(UnknownKey) as refused:
        async with api_store.opened(settings, write=True):
            pass
    assert refused.value.key_id == Keyset(OLD).id
    bare = Settings(data=tmp_path / "bare", database_url=opened)
    with pytest.raises(UnknownKey):
        async with api_store.opened(bare, write=True):
            pass
    assert not (tmp_path / "bare" / "secret").exists(), "a lost secret is never replaced"


async def test_what_looks_like_a_seal_but_was_typed_holds_nothing_up(opened: str) -> None:
    await begun()
    [entry] = await database.rows("SELECT entry_id FROM entry_reason LIMIT 1")
    typed = f"1.{Keyset(OLD).id}.not a seal"
    await database.execute(
        "UPDATE entry_reason SET reason = ? WHERE entry_id = ?", [typed, entry["entry_id"]]
    )
    await rotated(by=Keyring([Keyset(NEW), Keyset(OLD)]))
    assert await rotation.used() == {Keyset(NEW).id}
    assert [
        row["reason"]
        for row in await database.rows("SELECT reason FROM entry_reason")
        if row["reason"].startswith("1.")
    ] == [typed]


async def test_lists_signed_before_are_still_known_as_ours(opened: str) -> None:
    await begun()
    with clock.stopped_at(villages.NOON):
        items = await villages.items_of()
        for number in range(1, 7):
            await villages.award(number, items["waste"], number)
        receipt = await publication.publish(
            VILLAGE, id=UUID(int=5), period=Period.parse("2026-10"), block=None, days=10,
            by=villages.CLERK,
        )  # fmt: skip
        file = await xyp.export(receipt.serial, actor=villages.CLERK)
    await rotated(by=Keyring([Keyset(NEW), Keyset(OLD)]))
    keys.hold(Keyring([Keyset(NEW)]))
    assert not xyp.check(file).ours
    await rotation.take_up()
    assert xyp.check(file).ours
    assert xyp.check(file).faults == ()
    assert await proved() == []


async def test_an_empty_store_has_nothing_to_rotate(opened: str) -> None:
    with pytest.raises(NothingToRotate):
        await rotation.begin(OPERATOR)


# -- by the command ------------------------------------------------------------------------------


@pytest.fixture
async def office(opened: str, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A data folder of a furnished store, its secret in the file, and its environment."""
    await begun()
    await database.close()
    data = tmp_path / "office"
    keys.keep(data, OLD, first=True)
    return data, {"XIANGYUE_DATABASE_URL": opened}


async def test_the_command_rotates_and_ends_every_session(
    office: tuple[Path, dict[str, str]],
) -> None:
    data, environment = office
    async with open_store(environment["XIANGYUE_DATABASE_URL"]):
        official = (await with_login("jiaoyf", "clerk")).id
        await database.execute(
            "INSERT INTO login_session (id, official_id, revision, token, token_before, "
            "rotated_at, expires_at) VALUES (?, ?, 1, 'x', '', ?, ?)",
            [UUID(int=1), official, clock.now(), clock.now()],
        )
        await database.execute(
            "INSERT INTO passbook_session (id, household_id, revision, token, used_at, expires_at) "
            "VALUES (?, ?, 1, 'x', ?, ?)",
            [UUID(int=2), villages.household_id(1), clock.now(), clock.now()],
        )
    done = servers.command(data, "keys", "rotate", **environment)
    assert done.returncode == 0, done.stderr
    new, old = (data / "secret").read_text().splitlines()
    assert old == OLD
    assert len(new) >= 32
    assert ((data / "secret").stat().st_mode & 0o777) == 0o600
    assert (data / "secret").read_text() not in done.stderr
    async with open_store(environment["XIANGYUE_DATABASE_URL"]):
        keys.hold(Keyring([Keyset(new)]))
        await rotation.take_up()
        await opens_everything()
        assert await database.rows("SELECT 1 FROM login_session WHERE ended_at IS NULL") == []
        assert await database.rows("SELECT 1 FROM passbook_session") == []
        verbs = [row["verb"] for row in await database.rows("SELECT verb FROM audit_line")]
        assert verbs.count("keys.begin_rotation") == verbs.count("keys.rotate") == 1
    listed = servers.command(data, "keys", "list", **environment)
    assert Keyset(new).id in listed.stderr
    assert Keyset(old).id in listed.stderr
    assert new not in listed.stderr


async def test_a_secret_from_the_environment_is_changed_there_first(
    office: tuple[Path, dict[str, str]],
) -> None:
    data, environment = office
    (data / "secret").unlink()
    first = servers.command(data, "keys", "rotate", XIANGYUE_SECRET=OLD, **environment)
    assert first.returncode == 1
    assert "XIANGYUE_SECRET" in first.stderr
    assert (data / "secret").read_text().split("\n")[0] == OLD
    second = servers.command(data, "keys", "rotate", XIANGYUE_SECRET=NEW, **environment)
    assert second.returncode == 0, second.stderr
    (data / "secret").unlink()
    verified = servers.command(data, "verify", XIANGYUE_SECRET=NEW, **environment)
    assert verified.returncode == 0, verified.stderr


async def test_while_a_server_runs_nothing_is_rotated(
    office: tuple[Path, dict[str, str]],
) -> None:
    data, environment = office
    with servers.program(data, "--real", **environment):
        refused = servers.command(data, "keys", "rotate", **environment)
        # A reading command runs beside it.
        made = servers.command(data, "backup", str(data / "a.xyb"), **environment)
        assert made.returncode == 0, made.stderr
    assert refused.returncode == 1
    assert (data / "secret").read_text().splitlines() == [OLD]
    if environment["XIANGYUE_DATABASE_URL"].startswith("postgres"):
        assert "别的程序" in refused.stderr


@pytest.mark.faults
async def test_a_rotation_that_is_killed_goes_on_where_it_was(
    office: tuple[Path, dict[str, str]],
) -> None:
    data, environment = office
    address = environment["XIANGYUE_DATABASE_URL"]
    async with open_store(address):
        factories.hold_keys()
        many = [(str(n), f"199{n:08d}") for n in range(200, 500)]
        for number, phone in many:
            await factories.household("赵" + number, number, phone=phone)
    chance, killed = random.Random(), 0
    for _ in range(6):
        child = servers.started(data, "keys", "rotate", **environment)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(child.wait, chance.uniform(0.7, 1.6))
        killed += child.poll() is None
        child.kill()
        child.wait()
        read = servers.command(data, "verify", **environment)
        assert read.returncode == 0, read.stderr
        if child.returncode == 0:
            break
    done = servers.command(data, "keys", "rotate", **environment)
    assert done.returncode == 0, done.stderr
    first = (data / "secret").read_text().splitlines()[0]
    async with open_store(address):
        keys.hold(Keyring([Keyset(first)]))
        await rotation.take_up()
        await opens_everything()
        assert set(await rotation.sealed_values()) == {Keyset(first).id}
        found = await database.rows("SELECT id, number, phone FROM household WHERE number > '199'")
        phones = {
            row["number"]: rows.opened("household", UUID(str(row["id"])), "phone", row["phone"])
            for row in found
        }
        assert phones == dict(many)
    print(f"killed {killed} times")  # noqa: T201 - shown when the test fails


async def test_a_backup_made_before_a_rotation_needs_the_old_secret(
    opened: str, tmp_path: Path
) -> None:
    await begun()
    target = f"sqlite://{tmp_path / 'target.sqlite3'}"
    before, after = tmp_path / "before.xyb", tmp_path / "after.xyb"
    await backups.write(before)
    await rotated(by=Keyring([Keyset(NEW), Keyset(OLD)]))
    await backups.write(after)
    await database.close()
    assert backups.head(before).needed == (Keyset(OLD).id,)
    assert backups.head(after).needed == (Keyset(NEW).id,)
    keys.hold(Keyring([Keyset(NEW)]))
    with pytest.raises(UnknownKey) as refused:
        await restore(before, target)
    assert refused.value.key_id == Keyset(OLD).id
    await restore(after, target)
    async with open_store(target):
        await rotation.take_up()
        await opens_everything()


# -- on paper ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        keys.new_secret(),
        "A" * 64,
        "-_" * 20,
        "a passphrase with spaces, 汉字 and 0123456789",
        "x" * 33,
        "\u00e9" * 32,
    ],
)
def test_a_code_gives_its_secret_back_however_it_is_typed(secret: str) -> None:
    lines = recovery.code(secret)
    assert recovery.secret(lines) == secret
    sloppy = [line.lower().replace(" ", "-").replace("0", "o").replace("1", "l") for line in lines]
    assert recovery.secret(sloppy) == secret
    assert recovery.fits(lines, key_id=Keyset(secret).id)
    assert not recovery.fits(lines[:-1], key_id=Keyset(secret).id)


def test_a_secret_of_ours_takes_three_lines() -> None:
    assert [len(line) for line in recovery.code(keys.new_secret())] == [26, 26, 18]


def test_a_slip_is_found_in_its_line() -> None:
    lines = recovery.code(keys.new_secret())
    chance, unseen = random.Random(3), 0
    for _ in range(3000):
        at = chance.randrange(len(lines))
        wrong = list(lines[at])
        place = chance.choice([n for n, letter in enumerate(wrong) if letter != " "])
        wrong[place] = chance.choice([c for c in recovery.ALPHABET if c != wrong[place]])
        typed = [*lines[:at], "".join(wrong), *lines[at + 1 :]]
        found = line_refused(typed)
        unseen += found is None
        assert found in (None, at + 1)
    assert unseen < 15, "one in 1,024 is what ten bits let through"
    with pytest.raises(CodeMistyped):
        recovery.secret([lines[1], lines[0], lines[2]])


def line_refused(typed: list[str]) -> int | None:
    try:
        recovery.secret(typed)
    except CodeMistyped as refused:
        return int(refused.line)
    return None


async def test_a_lost_secret_comes_back_from_paper(
    office: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    data, environment = office
    lines = recovery.code(OLD)
    (data / "secret").unlink()
    assert servers.command(data, "verify", **environment).returncode == 1
    mistyped = [lines[0].replace(lines[0][0], "Z" if lines[0][0] != "Z" else "Y", 1), *lines[1:]]
    typed = servers.typed(data, [Keyset(OLD).id, *mistyped], "keys", "recover", **environment)
    assert typed.returncode == 1
    assert "第 1 行" in typed.stderr
    assert not (data / "secret").exists()
    other = recovery.code(NEW)
    wrong = servers.typed(data, [Keyset(OLD).id, *other, ""], "keys", "recover", **environment)
    assert wrong.returncode == 1
    assert Keyset(NEW).id in wrong.stderr
    assert not (data / "secret").exists()
    right = servers.typed(data, [Keyset(OLD).id, *lines], "keys", "recover", **environment)
    assert right.returncode == 0, right.stderr
    assert (data / "secret").read_text() == OLD + "\n"
    assert ((data / "secret").stat().st_mode & 0o777) == 0o600
    assert servers.command(data, "verify", **environment).returncode == 0
    older = recovery.code(NEW)
    more = servers.typed(data, [Keyset(NEW).id, *older], "keys", "recover", **environment)
    assert more.returncode == 0, more.stderr
    assert (data / "secret").read_text() == f"{OLD}\n{NEW}\n", "the needed one stays first"


async def test_the_recovery_sheet_is_for_its_owner_and_leaves_a_line(
    office: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    data, environment = office
    out = tmp_path / "sheet.pdf"
    made = servers.command(data, "keys", "sheet", "-o", str(out), **environment)
    assert made.returncode == 0, made.stderr
    assert (out.stat().st_mode & 0o777) == 0o600
    text = text_of(out)
    for line in recovery.code(OLD):
        assert line in text
    assert Keyset(OLD).id in text
    async with open_store(environment["XIANGYUE_DATABASE_URL"]):
        lines = await database.rows("SELECT facts FROM audit_line WHERE verb = 'keys.print_sheet'")
    assert len(lines) == 1
    assert OLD not in str(lines)


def text_of(pdf: Path) -> str:
    command = ["pdftotext", "-layout", pdf, "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_keeping_a_secret_replaces_the_file_whole(tmp_path: Path) -> None:
    keys.keep(tmp_path, OLD, first=True)
    keys.keep(tmp_path, NEW, first=True)
    keys.keep(tmp_path, OLD, first=False)
    assert (tmp_path / "secret").read_text() == f"{NEW}\n{OLD}\n"
    with pytest.raises(WeakSecret):
        keys.keep(tmp_path, "short", first=True)
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
