"""The installation's keys: one secret, and a key for each purpose derived from it.

Keys have ids, so that what was sealed or signed under an old secret still names the key it
needs. Keys are never stored in the database and never part of a backup. One outlives its secret:
the key of the blind index, as numbers kept as a digest alone can never be digested anew. After a
change of secrets it is kept in the store, sealed under the new one (foundation/rotation.py).
"""

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from foundation.errors import UnknownKey, WeakSecret

SECRET_LENGTH_MIN = 32


@dataclass(frozen=True)
class Keyset:
    """The keys derived from one secret. `id` names the set without revealing it."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_LENGTH_MIN:
            raise WeakSecret(minimum=SECRET_LENGTH_MIN)

    def _derive(self, purpose: str) -> bytes:
        kdf = HKDF(hashes.SHA256(), 32, salt=b"xiangyue", info=purpose.encode())
        return kdf.derive(self.secret.encode())

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(self._derive("id")).hexdigest()[:8]

    @cached_property
    def sealing(self) -> bytes:
        return self._derive("sealing")

    @cached_property
    def index(self) -> bytes:
        return self._derive("blind index")

    @cached_property
    def tokens(self) -> bytes:
        return self._derive("tokens")

    @cached_property
    def backups(self) -> bytes:
        return self._derive("backups")

    @cached_property
    def signing(self) -> bytes:
        return self._derive("signing")


class Keyring:
    """All keysets that this installation holds; the first one is used for new work."""

    def __init__(self, keysets: list[Keyset]) -> None:
        assert keysets, "an installation without a key cannot open its store"
        self.keysets = keysets
        self.current = keysets[0]
        self.index = self.current.index
        # Public keys that this installation signed with before, their secrets gone from here.
        self.retired: frozenset[bytes] = frozenset()
        self._by_id = {keyset.id: keyset for keyset in keysets}

    @property
    def ids(self) -> set[str]:
        return set(self._by_id)

    def find(self, key_id: str) -> Keyset:
        """The keyset of that id. Refuses with `UnknownKey`."""
        try:
            return self._by_id[key_id]
        except KeyError:
            raise UnknownKey(key_id=key_id) from None


def name_of(key: bytes) -> str:
    """A key's own id, from which it cannot be found."""
    return hashlib.sha256(b"xiangyue key\n" + key).hexdigest()[:8]


_ring: Keyring | None = None


def hold(ring: Keyring) -> None:
    """Make `ring` the one that this process seals, signs and opens with."""
    global _ring
    _ring = ring


def ring() -> Keyring:
    """The keyring of this process."""
    assert _ring is not None, "keys.hold() comes before any sealing"
    return _ring


def load(folder: Path, *, secret: str | None, needed: str = "") -> Keyring:
    """The keyring from a given secret, or from the file `secret` in the data folder.

    The file holds one secret a line, the current one first, and is made (mode 0600) when it
    is missing, unless the store needs a key already: then it is lost, and another one would only
    hide that. Refuses with `UnknownKey`, and with `WeakSecret` when a secret is shorter than 32
    characters.

    Args:
        folder: the data folder.
        secret: the secret from the environment, if it gives one.
        needed: the id of the key without which the store cannot be opened, if it has one.
    """
    path = folder / "secret"
    if secret is None and not path.exists():
        if needed:
            raise UnknownKey(key_id=needed)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_secret(path)
    kept = _kept(path)
    if secret is not None:
        kept = [secret, *(old for old in kept if old != secret)]
    # A file without a line is damaged: making another secret would lock everything sealed.
    ring = Keyring([Keyset(line) for line in kept or [""]])
    if needed:
        ring.find(needed)
    return ring


def _kept(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines()] if path.exists() else []


def new_secret() -> str:
    """A random secret of 256 bits."""
    return secrets.token_urlsafe(32)


def keep(folder: Path, secret: str, *, first: bool) -> None:
    """Add a secret to the data folder's file, for new work (`first`) or to open what is old.

    The file is replaced whole or, after a power cut, not at all. Refuses with `WeakSecret`.
    """
    Keyset(secret)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    others = [line for line in _kept(folder / "secret") if line != secret]
    kept = [secret, *others] if first else [*others, secret]
    name = _written(folder, "".join(f"{line}\n" for line in kept))
    Path(name).replace(folder / "secret")
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(folder: Path, text: str) -> str:
    """A file of its own on the disk, its owner's alone, until it gets its name."""
    handle, name = tempfile.mkstemp(dir=folder, prefix="secret-")  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return name


def _make_secret(path: Path) -> None:
    """Write a random secret that appears at `path` whole or, after a power cut, not at all."""
    name = _written(path.parent, new_secret() + "\n")
    try:
        # Not a rename: of two processes that start together the first one's secret stays.
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
