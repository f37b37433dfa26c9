"""Personal numbers at rest: sealed, searchable only by a keyed digest, shown masked.

A seal is AES-256-GCM bound to its table, column and row, so a value copied into another row
does not open. Nothing here ever logs a plain value.
"""

import base64
import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation import keys
from foundation.errors import SealBroken


def seal(plain: str, *, place: str, row: UUID | str) -> str:
    """Seal a text for one place, table and column such as "household.phone", in one row.

    `row` is the row's primary key. A change of keys finds the text again by both.

    Returns "1.<key id>.<base64 of nonce and ciphertext>"; an empty text stays empty.
    """
    if not plain:
        return ""
    keyset = keys.ring().current
    nonce = os.urandom(12)
    sealed = AESGCM(keyset.sealing).encrypt(nonce, plain.encode(), _bound(place, row))
    return f"1.{keyset.id}.{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, place: str, row: UUID | str) -> str:
    """Open what `seal` closed. Refuses with `UnknownKey` or `SealBroken`."""
    if not sealed:
        return ""
    try:
        _, key_id, body = sealed.split(".")
        raw = base64.b64decode(body, validate=True)
    except ValueError:
        raise SealBroken(place=place) from None
    return _opened(raw, key_id=key_id, place=place, row=row).decode()


def seal_bytes(plain: bytes, *, place: str, row: UUID) -> bytes:
    """Seal a file; the layout is 8 bytes of key id, 12 of nonce, ciphertext."""
    keyset = keys.ring().current
    nonce = os.urandom(12)
    body = AESGCM(keyset.sealing).encrypt(nonce, plain, _bound(place, row))
    return keyset.id.encode() + nonce + body


def unseal_bytes(sealed: bytes, *, place: str, row: UUID) -> bytes:
    """Open what `seal_bytes` closed. Refuses with `UnknownKey` or `SealBroken`."""
    key_id = sealed[:8].decode("ascii", errors="replace")
    return _opened(sealed[8:], key_id=key_id, place=place, row=row)


def _opened(raw: bytes, *, key_id: str, place: str, row: UUID | str) -> bytes:
    cipher = AESGCM(keys.ring().find(key_id).sealing)
    try:
        return cipher.decrypt(raw[:12], raw[12:], _bound(place, row))
    except (InvalidTag, ValueError):  # altered, moved, or too short to be a seal at all
        raise SealBroken(place=place) from None


def index(plain: str, *, kind: str) -> str:
    """A keyed digest by which an equal value can be found again; empty stays empty.

    `kind` ("phone", "id_number") keeps equal texts of different kinds apart.
    """
    if not plain:
        return ""
    key = keys.ring().index
    return hmac.new(key, f"{kind}\n{plain}".encode(), hashlib.sha256).hexdigest()


def masked_number(plain: str) -> str:
    """A phone or ID number with its middle hidden: 199****0123, 9901**********2345."""
    if len(plain) < 8:
        return "*" * len(plain)
    head = 3 if len(plain) <= 12 else 4
    return plain[:head] + "*" * (len(plain) - head - 4) + plain[-4:]


def _bound(place: str, row: UUID | str) -> bytes:
    return f"{place}\n{row}".encode()
