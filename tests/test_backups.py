"""S5: a backup taken while others write comes back whole, on either engine; a damaged one never.

What a restored store holds is read by plain drivers and judged by the tests' own auditor.
"""

import asyncio
import io
import os
import random
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import auditing
import factories
import pytest
import servers
import villages
from factories import VILLAGE
from test_invariants_ledger_crash import killed_child

from foundation import attachments, audit, backups, clock, database, keys, sealed_files, tables
from foundation.backups import Summary
from foundation.errors import (
    BackupDamaged,
    FileInTheWay,
    NotABackup,
    RestoreUnproved,
    SchemaTooNew,
    StoreHoldsData,
)
from households import settings as settings_
from points import proof, verification
from points.scheme import Scheme

PHONE, ID_NUMBER = "19900001234", factories.id_number(7)


@asynccontextmanager
async def open_store(address: str) -> AsyncIterator[None]:
    await database.open(address)
    try:
        yield
    finally:
        await database.close()


async def furnish() -> None:
    """A village in the open store with one of everything that a value can be."""
    with clock.stopped_at(villages.NOON):
        items = await villages.a_village()
        member = factories.person("孙一", id_number=ID_NUMBER, phone=PHONE)
        await factories.household("孙守信", "101", phone=PHONE, residents=(member,))
        entry = await villages.award(1, items["volunteer"], 5)
        await villages.award(2, items["courtyard"], 20)
        await villages.reverse(entry)
        scan, person = bytes(range(256)) * 40, uuid4()
        await attachments.keep(scan, purpose="evidence", name="图.png", media_type="image/png")
        await attachments.keep(
            scan, purpose="intake", name="册.xlsx", media_type="x/y", sealed=True, id=person
        )
        scheme = Scheme(posted_first_n=7, contact="监督电话 0")
        await settings_.write(VILLAGE, scheme, by=factories.OPERATOR)


async def proved() -> list[str]:
    return [str(fault) for fault in await verification.verify() or await proof.faults()]


async def restore(file: Path, target: str) -> Summary:
    async with open_store(target):
        return await backups.restore(file, url=target, finish=proved)


async def rows_of(store: str) -> dict[str, list[Any]]:
    """Every row of every table in its plain form."""
    async with open_store(store):
        return {
            table.name: [row async for page in tables.pages(table) for row in page]
            for table in await tables.every()
        }


@pytest.fixture
async def backup(opened: str, tmp_path: Path) -> tuple[str, Path]:
    """A furnished store, closed again, and its backup."""
    await furnish()
    file = tmp_path / "village.xyb"
    await backups.write(file)
    await database.close()
    return opened, file


@pytest.fixture(params=["sqlite", "postgres"])
async def target(
    request: pytest.FixtureRequest, postgres: str, tmp_path: Path
) -> AsyncIterator[str]:
    """The address of a store without even a table, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'restored.sqlite3'}"
        return
    async with servers.database(postgres) as address:
        yield address


async def test_S5_a_backup_comes_back_on_either_engine_row_for_row(
    backup: tuple[str, Path], target: str
) -> None:
    source, file = backup
    restored = await restore(file, target)
    before, after = await rows_of(source), await rows_of(target)
    assert before == after
    assert restored.tables == {name: len(rows) for name, rows in before.items()}
    assert restored.rows > 40
    async with villages.raw(target) as raw:
        await auditing.assert_sound(raw)


async def test_a_restored_store_lives_on(backup: tuple[str, Path], target: str) -> None:
    """Its counters go on, its triggers hold, its seals and its booleans are what they were."""
    _, file = backup
    await restore(file, target)
    async with open_store(target):
        await audit.note(factories.OPERATOR, "settings.write")
        with clock.stopped_at(villages.NOON):
            items = await villages.items_of()
            await villages.award(3, items["volunteer"], 5)
        assert await proved() == []
        scheme = await settings_.read(VILLAGE, Scheme)
        assert (scheme.posted_first_n, scheme.contact) == (7, "监督电话 0")
        [sealed] = await database.rows("SELECT id FROM attachment WHERE sealed")
        assert await attachments.read(UUID(str(sealed["id"]))) == bytes(range(256)) * 40
        for statement in (
            "UPDATE ledger_entry SET points = 9",
            "DELETE FROM audit_line",
            "UPDATE clause SET text = 'x'",
        ):
            with pytest.raises(Exception, match=r"only grows|is frozen"):
                await database.execute(statement)


async def test_S5_a_backup_under_load_is_one_moment_of_the_ledger(
    opened: str, tmp_path: Path, target: str
) -> None:
    """A writer in another process posts without pause; on SQLite the backup only reads."""
    with clock.stopped_at(villages.NOON):
        await villages.a_village()
    await database.close()
    writer = asyncio.create_task(killed_child(opened, seed=7, after_seconds=12))
    files = [tmp_path / f"{number}.xyb" for number in range(3)]
    made = []
    for file in files:
        await more_entries(opened, than=made[-1].tables["ledger_entry"] if made else 0)
        await database.open(opened, read_only=True)
        made.append(await backups.write(file))
        await database.close()
    assert not writer.done(), "the writer was at work all the while"
    assert await writer
    counts = [one.tables["ledger_entry"] for one in made]
    assert 0 < counts[0] < counts[1] < counts[2]
    await restore(files[1], target)
    async with villages.raw(target) as raw:
        await auditing.assert_sound(raw)
        assert len(await auditing.entries(raw)) == made[1].tables["ledger_entry"]


async def more_entries(store: str, *, than: int) -> None:
    """Wait until the writer has posted more entries than that."""
    async with villages.raw(store) as raw:
        while (await raw("SELECT COUNT(*) AS n FROM ledger_entry"))[0]["n"] <= than:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def test_S5_every_flipped_byte_cut_and_addition_is_found(backup: tuple[str, Path]) -> None:
    _, file = backup
    sound, seed = file.read_bytes(), random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    body = sound.index(b"\n", len(sealed_files.MAGIC))
    places = [*range(body + 60), *chance.sample(range(len(sound)), 300), len(sound) - 1]
    damaged = [flipped(sound, at, 1 << chance.randrange(8)) for at in places]
    damaged += [sound[:at] for at in (0, 5, body, body + 40, len(sound) // 2, len(sound) - 1)]
    damaged += [sound + b"\0", sound + sound]
    for content in damaged:
        file.write_bytes(content)
        with pytest.raises((NotABackup, BackupDamaged)):
            backups.check(file)
    file.write_bytes(sound)
    assert backups.check(file).rows


def flipped(content: bytes, at: int, bits: int) -> bytes:
    altered = bytearray(content)
    altered[at] ^= bits
    return bytes(altered)


async def test_a_damaged_backup_leaves_the_store_without_a_table(
    backup: tuple[str, Path], target: str
) -> None:
    _, file = backup
    file.write_bytes(flipped(file.read_bytes(), -200, 1))
    with pytest.raises(BackupDamaged):
        await restore(file, target)
    async with open_store(target):
        assert await tables.names() == []


async def test_pieces_cannot_be_swapped_or_left_out(tmp_path: Path) -> None:
    factories.hold_keys()
    file = tmp_path / "long.xyb"
    text = [random.Random(at).randbytes(300_000).hex().encode() for at in range(12)]
    with file.open("wb") as out:
        writer = sealed_files.Writer(out, head={})
        for line in text:
            writer.write(line + b"\n")
        writer.end()
    assert list(sealed_files.lines(file)) == text
    sound = file.read_bytes()
    start = sound.index(b"\n", len(sealed_files.MAGIC)) + 1 + 32
    step = 4 + sealed_files.PIECE + 16
    head, pieces = sound[:start], [sound[at : at + step] for at in range(start, len(sound), step)]
    assert len(pieces) > 3
    for wrong in ([pieces[1], pieces[0], *pieces[2:]], pieces[:-1], pieces[1:], pieces[:1]):
        file.write_bytes(head + b"".join(wrong))
        with pytest.raises(BackupDamaged):
            list(sealed_files.lines(file))


async def test_without_its_key_a_backup_names_the_key_and_nothing_is_made(
    backup: tuple[str, Path], tmp_path: Path
) -> None:
    _, file = backup
    target = tmp_path / "elsewhere"
    refused = servers.command(target, "restore", str(file))
    assert refused.returncode == 1
    assert keys.Keyset(factories.SECRET).id in refused.stderr
    assert refused.stdout == ""
    assert not target.exists()
    wrong = servers.command(target, "restore", str(file), XIANGYUE_SECRET="another secret " * 3)
    assert wrong.returncode == 1
    assert keys.Keyset(factories.SECRET).id in wrong.stderr
    assert not (target / "xiangyue.sqlite3").exists()
    right = servers.command(target, "restore", str(file), XIANGYUE_SECRET=factories.SECRET)
    assert right.returncode == 0, right.stderr
    assert (target.stat().st_mode & 0o777) == 0o700
    verified = servers.command(target, "verify", XIANGYUE_SECRET=factories.SECRET)
    assert verified.returncode == 0, verified.stderr
    again = servers.command(target, "restore", str(file), XIANGYUE_SECRET=factories.SECRET)
    assert again.returncode == 1
    assert "已经有数据" in again.stderr


async def test_a_backup_shows_no_name_number_or_key(backup: tuple[str, Path]) -> None:
    """With the control that the same words are found in the store's file beside it."""
    source, file = backup
    content = file.read_bytes()
    ring = keys.ring().current
    secrets = [ring.secret.encode(), ring.sealing, ring.index, ring.tokens, ring.signing]
    for word in (PHONE.encode(), ID_NUMBER.encode(), "孙守信".encode(), *secrets):
        assert word not in content
    lines = b"\n".join(sealed_files.lines(file))
    for word in (PHONE.encode(), ID_NUMBER.encode(), *secrets):
        assert word not in lines
    assert "孙守信".encode() in lines
    assert (file.stat().st_mode & 0o777) == 0o600
    if source.startswith("sqlite://"):
        assert "孙守信".encode() in content_of(source.removeprefix("sqlite://"))


def content_of(file: str) -> bytes:
    return Path(file).read_bytes()


async def test_a_store_that_holds_anything_takes_no_backup(
    backup: tuple[str, Path], store: str
) -> None:
    _, file = backup
    before = await rows_of(store)
    with pytest.raises(StoreHoldsData):
        await restore(file, store)
    assert await rows_of(store) == before


async def test_a_chain_that_does_not_hold_is_not_restored(
    opened: str, tmp_path: Path, target: str
) -> None:
    await furnish()
    async with tables_unguarded():
        await database.execute("UPDATE ledger_entry SET points = 4 WHERE seq = 1")
    file = tmp_path / "bad.xyb"
    await backups.write(file)
    await database.close()
    with pytest.raises(RestoreUnproved, match="seq=1"):
        await restore(file, target)
    assert not any((await rows_of(target)).values())


@asynccontextmanager
async def tables_unguarded() -> AsyncIterator[None]:
    """For a test that needs a fault in the ledger; the guards stay away."""
    if database.dialect() == "postgres":
        await database.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
    else:
        await database.execute("DROP TRIGGER ledger_entry_no_update")
    yield


async def test_a_backup_of_a_newer_program_says_so(
    opened: str, tmp_path: Path, target: str
) -> None:
    await database.execute(
        "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('points', '9999_x', ?)",
        [clock.now()],
    )
    factories.hold_keys()
    file = tmp_path / "newer.xyb"
    await backups.write(file)
    await database.close()
    with pytest.raises(SchemaTooNew) as refused:
        await restore(file, target)
    assert refused.value.migration == "9999_x"


async def test_a_backup_of_an_older_program_is_restored_and_brought_up_to_date(
    target: str, tmp_path: Path
) -> None:
    """A store of the first release, made by its own migrations alone."""
    factories.hold_keys()
    older = f"sqlite://{tmp_path / 'older.sqlite3'}"
    first = [("foundation", "0001_initial"), ("households", "0001_initial")]
    first += [("points", "0003_no_replacement"), ("rules", "0001_initial")]
    async with open_store(older):
        await database.migrate_to(first)
        await database.execute("INSERT INTO store_fact VALUES ('kind', 'real')")
        await database.execute("INSERT INTO region VALUES ('61', '省', 'province', '', '61/', '')")
        file = tmp_path / "older.xyb"
        await backups.write(file)
        assert not await database.is_up_to_date()
    await restore(file, target)
    async with open_store(target):
        assert await database.is_up_to_date()
        assert [row["name"] for row in await database.rows("SELECT name FROM region")] == ["省"]


async def test_no_other_file_is_overwritten_and_nothing_is_left_beside(
    opened: str, tmp_path: Path
) -> None:
    factories.hold_keys()
    note = tmp_path / "note.txt"
    note.write_text("mine")
    for place in (note, tmp_path):
        with pytest.raises(FileInTheWay):
            await backups.write(place)
    assert note.read_text() == "mine"
    await backups.write(tmp_path / "a.xyb")
    first = (tmp_path / "a.xyb").read_bytes()
    await backups.write(tmp_path / "a.xyb")
    assert (tmp_path / "a.xyb").read_bytes() != first
    assert [name for name in os.listdir(tmp_path) if "xyb" in name] == ["a.xyb"]  # noqa: PTH208 - briefer


async def test_a_full_disk_is_said_and_leaves_no_part(opened: str) -> None:
    """/dev/full is a disk without a free byte."""
    await furnish()
    with pytest.raises(OSError, match="No space"), io.FileIO("/dev/full", "w") as file:
        await backups._snapshot(file, None)  # type: ignore[arg-type]
    refused = backups.refusal_for(OSError(28, "No space left on device"), Path("a"))
    assert type(refused).__name__ == "DiskFull"


@pytest.mark.faults
async def test_S5_a_restore_that_is_killed_leaves_an_empty_store(
    tmp_path: Path, target: str, sqlite_store: str
) -> None:
    await database.open(sqlite_store)
    await furnish()
    with clock.stopped_at(villages.NOON):
        for number in range(60):
            await attachments.keep(
                random.Random(number).randbytes(400_000), purpose="evidence", name="a",
                media_type="image/png",
            )  # fmt: skip
    file = tmp_path / "big.xyb"
    await backups.write(file)
    await database.close()
    data = tmp_path / "data"
    chance = random.Random()
    environment = {"XIANGYUE_SECRET": factories.SECRET, "XIANGYUE_DATABASE_URL": target}
    finished = 0
    for _ in range(5):
        child = servers.started(data, "restore", str(file), **environment)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(child.wait, chance.uniform(0.9, 2.6))
        finished += child.poll() == 0
        child.kill()
        child.wait()
        if finished:
            break
        async with open_store(target):
            for table in await tables.every():
                assert await tables.count(table) == 0, table.name
    if not finished:
        again = servers.command(data, "restore", str(file), **environment)
        assert again.returncode == 0, again.stderr
    async with villages.raw(target) as raw:
        await auditing.assert_sound(raw)
    if target.startswith("sqlite://"):
        with sqlite3.connect(target.removeprefix("sqlite://")) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_village_moves_to_a_county_and_back(
    sqlite_store: str, postgres_store: str, tmp_path: Path
) -> None:
    await database.open(sqlite_store)
    await furnish()
    there, back = tmp_path / "there.xyb", tmp_path / "back.xyb"
    await backups.write(there)
    await database.close()
    await restore(there, postgres_store)
    async with open_store(postgres_store):
        await backups.write(back)
    home = f"sqlite://{tmp_path / 'home.sqlite3'}"
    await restore(back, home)
    assert await rows_of(home) == await rows_of(sqlite_store)
