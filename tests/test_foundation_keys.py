"""Keys, seals and signatures: what opens, what does not, and what never lies open on the disk."""

import base64
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import factories
import pytest

from foundation import keys, sealing, signing
from foundation.errors import SealBroken, UnknownKey, WeakSecret
from foundation.keys import Keyring, Keyset

OLD = "the secret of before, long enough"
NEW = "the secret of today, long enough too"
PLANTED = "990428197001010018"


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    """This file changes the process's keyring; whoever comes next gets the tests' own back."""
    keys.hold(Keyring([Keyset(NEW)]))
    yield
    factories.hold_keys()


def test_a_secret_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = keys.load(tmp_path / "data", secret=None)
    file = tmp_path / "data" / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().strip()) >= 32
    assert keys.load(tmp_path / "data", secret=None).current.id == first.current.id


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: keys.load(tmp_path, secret=None), range(8)))
    assert len({ring.current.id for ring in rings}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_an_emptied_secret_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(WeakSecret):
        keys.load(tmp_path, secret=None)
    assert (tmp_path / "secret").read_text() == ""


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(WeakSecret) as refused:
        Keyset("x" * 31)
    assert refused.value.minimum == 32
    assert "x" * 31 not in str(refused.value)


def test_a_secret_from_the_environment_comes_first_and_the_kept_ones_still_open(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").write_text(f"{OLD}\n")
    ring = keys.load(tmp_path, secret=NEW)
    assert ring.current.id == Keyset(NEW).id
    assert ring.find(Keyset(OLD).id).secret == OLD


def test_every_purpose_has_a_key_of_its_own_and_none_is_the_secret() -> None:
    keyset = Keyset(NEW)
    derived = [keyset.sealing, keyset.index, keyset.tokens, keyset.signing]
    assert len(set(derived)) == 4
    assert all(len(key) == 32 for key in derived)
    assert NEW not in repr(keyset)


def test_what_was_sealed_opens_in_its_place_and_row() -> None:
    row = uuid4()
    sealed = sealing.seal(PLANTED, place="resident.id_number", row=row)
    assert PLANTED not in sealed
    assert sealing.unseal(sealed, place="resident.id_number", row=row) == PLANTED
    assert sealing.seal(PLANTED, place="resident.id_number", row=row) != sealed
    assert sealing.unseal("", place="resident.id_number", row=row) == ""


def test_a_seal_does_not_open_in_another_row_or_column() -> None:
    row = uuid4()
    sealed = sealing.seal(PLANTED, place="resident.id_number", row=row)
    for place, other in (("resident.id_number", uuid4()), ("resident.phone", row)):
        with pytest.raises(SealBroken):
            sealing.unseal(sealed, place=place, row=other)


@pytest.mark.parametrize("at", [0, 11, 12, -17, -1])
def test_a_seal_with_one_altered_byte_does_not_open(at: int) -> None:
    row = uuid4()
    version, key_id, body = sealing.seal(PLANTED, place="p", row=row).split(".")
    raw = bytearray(base64.b64decode(body))
    raw[at] ^= 1
    altered = ".".join((version, key_id, base64.b64encode(bytes(raw)).decode()))
    with pytest.raises(SealBroken):
        sealing.unseal(altered, place="p", row=row)


@pytest.mark.parametrize("damage", ["1", "1.only-two", "1.{id}.not base64 at all", "1.{id}.AAAA"])
def test_a_damaged_seal_is_refused_and_never_an_accident(damage: str) -> None:
    with pytest.raises((SealBroken, UnknownKey)):
        sealing.unseal(damage.format(id=keys.ring().current.id), place="p", row=uuid4())
    with pytest.raises((SealBroken, UnknownKey)):
        sealing.unseal_bytes(b"\xff\x00short", place="p", row=uuid4())


def test_what_was_sealed_with_an_old_key_opens_while_that_key_is_held() -> None:
    row = uuid4()
    keys.hold(Keyring([Keyset(OLD)]))
    sealed = sealing.seal(PLANTED, place="p", row=row)
    file = sealing.seal_bytes(PLANTED.encode(), place="p", row=row)
    keys.hold(Keyring([Keyset(NEW), Keyset(OLD)]))
    assert sealing.unseal(sealed, place="p", row=row) == PLANTED
    assert sealing.unseal_bytes(file, place="p", row=row) == PLANTED.encode()
    keys.hold(Keyring([Keyset(NEW)]))
    for open_again in (
        lambda: sealing.unseal(sealed, place="p", row=row),
        lambda: sealing.unseal_bytes(file, place="p", row=row),
    ):
        with pytest.raises(UnknownKey) as refused:
            open_again()
        assert refused.value.key_id == Keyset(OLD).id


def test_the_blind_index_finds_equals_of_one_kind_under_one_key_only() -> None:
    digest = sealing.index(PLANTED, kind="id_number")
    assert digest == sealing.index(PLANTED, kind="id_number")
    assert digest != sealing.index(PLANTED, kind="phone")
    assert sealing.index("", kind="phone") == ""
    keys.hold(Keyring([Keyset(OLD)]))
    assert sealing.index(PLANTED, kind="id_number") != digest


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("19900000123", "199****0123"),
        (PLANTED, "9904**********0018"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_a_number_is_shown_with_its_middle_hidden(plain: str, shown: str) -> None:
    assert sealing.masked_number(plain) == shown


def test_a_planted_number_is_nowhere_in_the_database_file_or_its_log(
    sqlite_store: str, tmp_path: Path
) -> None:
    """With the control that the same search finds a number that was not sealed."""
    path = sqlite_store.removeprefix("sqlite://")
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    row = uuid4()
    sealed = sealing.seal(PLANTED, place="p", row=row)
    digest = sealing.index(PLANTED, kind="id_number")
    writer.execute("INSERT INTO store_fact VALUES ('sealed', ?)", [sealed + digest])
    writer.commit()
    assert PLANTED.encode() not in everything_below(tmp_path)
    writer.execute("INSERT INTO store_fact VALUES ('open', ?)", [PLANTED])
    writer.commit()
    assert PLANTED.encode() in everything_below(tmp_path)
    writer.close()


def everything_below(folder: Path) -> bytes:
    return b"\0".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_signature_holds_for_its_message_and_key_alone() -> None:
    public, signature = signing.public_key(), signing.sign(b"the snapshot")
    assert (len(public), len(signature)) == (32, 64)
    assert signing.is_signed(b"the snapshot", signature=signature, public=public)
    assert not signing.is_signed(b"the snapshoT", signature=signature, public=public)
    assert not signing.is_signed(b"the snapshot", signature=signature[:-1], public=public)
    assert not signing.is_signed(b"the snapshot", signature=signature, public=public[:-1])
    keys.hold(Keyring([Keyset(OLD)]))
    assert not signing.is_signed(b"the snapshot", signature=signature, public=signing.public_key())


def test_a_public_keys_name_is_the_first_eighty_bits_of_its_digest() -> None:
    # The value was computed by hand with sha256sum and base32 over 32 zero bytes.
    assert signing.key_id(bytes(32)) == "MZUHVLPYMK6XO3EP"
