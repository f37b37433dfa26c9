"""A file of lines, compressed and sealed whole, such as a backup.

Its head can be read by anybody: what it is and which key opens it. The rest is AES-256-GCM in
numbered pieces under a key of the file's own, so that a byte changed, a piece missing, swapped or
added, and an end cut off are all found; and a lost stick tells its finder nothing. Streams: never
holds more than a few pieces in memory.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from foundation import keys
from foundation.errors import BackupDamaged, NotABackup

MAGIC = b"xiangyue-backup-1\n"
HEAD_SIZE_MAX = 1024 * 1024
PIECE = 1024 * 1024
# A file of 20 MB becomes 27 MB of text.
LINE_SIZE_MAX = 64 * 1024 * 1024
_TAG = 16
_DIGEST = 32


class Writer:
    """Writes lines into an open file, which it does not close."""

    def __init__(self, file: IO[bytes], *, head: dict[str, Any]) -> None:
        salt = os.urandom(32)
        keyset = keys.ring().current
        text = msgspec.json.encode({**head, "key_id": keyset.id, "salt": salt.hex()}) + b"\n"
        self._digest = hashlib.sha256(MAGIC + text).digest()
        self._cipher = _cipher(keyset, salt)
        self._file, self._number = file, 0
        self._packer, self._waiting = zlib.compressobj(6), bytearray()
        file.write(MAGIC + text + self._digest)

    def write(self, text: bytes) -> None:
        """Add bytes, whole lines or parts of them."""
        self._waiting += self._packer.compress(text)
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def end(self) -> None:
        """Write what waits, marked as the last piece."""
        self._waiting += self._packer.flush()
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        self._piece(bytes(self._waiting), last=True)

    def _piece(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, self._digest)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def is_one(path: Path) -> bool:
    """Whether a file begins as such a file does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def head(path: Path) -> dict[str, Any]:
    """What the head of a file says. Refuses with `NotABackup` or `BackupDamaged`."""
    with path.open("rb") as file:
        found, _ = _head(file, path)
    return found


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, each checked before it is given.

    Refuses with `NotABackup`, `BackupDamaged`, or with `UnknownKey` when the key is not here;
    what is read is proved piece by piece, the whole only at the end.
    """
    with path.open("rb") as file:
        found, digest = _head(file, path)
        cipher = _cipher(keys.ring().find(found["key_id"]), bytes.fromhex(found["salt"]))
        unpacker, rest = zlib.decompressobj(), b""
        for piece in _pieces(file, path, cipher=cipher, digest=digest):
            while piece:
                rest += unpacker.decompress(piece, PIECE)
                piece = unpacker.unconsumed_tail
                *whole, rest = rest.split(b"\n")
                yield from whole
                if len(rest) > LINE_SIZE_MAX:
                    raise BackupDamaged(file=path.name, detail="line")
        *whole, rest = (rest + unpacker.flush()).split(b"\n")
        yield from whole
        if rest or not unpacker.eof or unpacker.unused_data:
            raise BackupDamaged(file=path.name, detail="end")


def _head(file: IO[bytes], path: Path) -> tuple[dict[str, Any], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise NotABackup(file=path.name)
    text = file.readline(HEAD_SIZE_MAX)
    digest = file.read(_DIGEST)
    if hashlib.sha256(MAGIC + text).digest() != digest:
        raise BackupDamaged(file=path.name, detail="head")
    found: dict[str, Any] = msgspec.json.decode(text)
    return found, digest


def _pieces(file: IO[bytes], path: Path, *, cipher: AESGCM, digest: bytes) -> Iterator[bytes]:
    number, last = 0, False
    while not last:
        size = int.from_bytes(file.read(4), "big")
        sealed = file.read(min(size, PIECE + _TAG))
        if len(sealed) != size:
            raise BackupDamaged(file=path.name, detail=f"piece {number}")
        # The last piece is the one that nothing follows; its seal says so too.
        last = not file.peek(1)  # type: ignore[attr-defined]
        try:
            yield cipher.decrypt(_nonce(number, last=last), sealed, digest)
        except (InvalidTag, ValueError):
            raise BackupDamaged(file=path.name, detail=f"piece {number}") from None
        number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _cipher(keyset: keys.Keyset, salt: bytes) -> AESGCM:
    kdf = HKDF(hashes.SHA256(), 32, salt=salt, info=b"backup file")
    return AESGCM(kdf.derive(keyset.backups))
