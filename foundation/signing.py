"""Signatures that outsiders can check: Ed25519, the key id derived from the public key.

Signs publications. Never signs sessions (those are tokens) and never encrypts.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation import keys
from foundation.keys import Keyset


def public_key(keyset: Keyset | None = None) -> bytes:
    """The 32 bytes of this installation's public signing key, or of one of its keysets'."""
    return _private(keyset).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_own(public: bytes) -> bool:
    """Whether this installation signs with that key, or did before its keys were changed."""
    ring = keys.ring()
    return public in ring.retired or public in map(public_key, ring.keysets)


def key_id(public: bytes) -> str:
    """A short name of a public key: the first 80 bits of its SHA-256, base32."""
    return base64.b32encode(hashlib.sha256(public).digest()[:10]).decode()


def sign(message: bytes) -> bytes:
    """A 64-byte signature of `message` by this installation."""
    return _private().sign(message)


def is_signed(message: bytes, *, signature: bytes, public: bytes) -> bool:
    """Whether `signature` over `message` was made by the holder of `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(keyset: Keyset | None = None) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes((keyset or keys.ring().current).signing)
