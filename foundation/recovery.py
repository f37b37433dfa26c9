"""The secret in a form that a person can copy from paper: letters in groups, checked by line.

No letter looks like another (no I, L, O, U), and each line carries a check of its own, so that a
slip is found in its line. The whole is checked by the key's id, which is printed beside it.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

from foundation.errors import CodeMistyped
from foundation.keys import Keyset

# Crockford's base 32.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 20
CHECK = 2
GROUP = 5
_LOOKALIKES = str.maketrans("OILU", "011V")
_TEXT, _URLSAFE = 0, 1


def code(secret: str) -> list[str]:
    """The lines of a secret's code, such as "0ABCD EFGHJ KMNPQ RSTVW X4".

    Secrets made by the program take three lines; any other one takes as many as its text needs.
    """
    letters = _letters(_packed(secret))
    lines = [letters[at : at + LETTERS] for at in range(0, len(letters), LETTERS)]
    return [_shown(line) + " " + _check(number, line) for number, line in enumerate(lines, 1)]


def secret(lines: Iterable[str]) -> str:
    """The secret of a code as it was typed, in any case and grouping.

    Refuses with `CodeMistyped`, whose `line` is the first line that is not as printed.
    """
    letters = "".join(
        checked(line, number=number) for number, line in enumerate(lines, 1) if line.strip()
    )
    try:
        return _unpacked(_bytes(letters))
    except (ValueError, IndexError):
        raise CodeMistyped(line=0) from None


def checked(line: str, *, number: int) -> str:
    """The letters of one typed line without its check. Refuses with `CodeMistyped`."""
    letters = re.sub(r"[\s\-·.]", "", line).upper().translate(_LOOKALIKES)
    body, check = letters[:-CHECK], letters[-CHECK:]
    known = set(letters) <= set(ALPHABET) and 0 < len(body) <= LETTERS
    if not known or _check(number, body) != check:
        raise CodeMistyped(line=number)
    return body


def fits(lines: Iterable[str], *, key_id: str) -> bool:
    """Whether these lines are the whole code of that key."""
    try:
        return Keyset(secret(lines)).id == key_id
    except Exception:  # a part of a code can be anything
        return False


def _shown(letters: str) -> str:
    return " ".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def _check(number: int, letters: str) -> str:
    digest = hashlib.sha256(f"{number}:{letters}".encode()).digest()
    value = int.from_bytes(digest[:2], "big") >> 6
    return ALPHABET[value >> 5] + ALPHABET[value & 31]


def _packed(secret: str) -> bytes:
    """The secret's bytes behind one that says how they were made of its text."""
    if re.fullmatch(r"[A-Za-z0-9_-]+", secret) and len(secret) % 4 != 1:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        if _urlsafe(raw) == secret:
            return bytes([_URLSAFE]) + raw
    return bytes([_TEXT]) + secret.encode()


def _unpacked(packed: bytes) -> str:
    return _urlsafe(packed[1:]) if packed[0] == _URLSAFE else packed[1:].decode()


def _urlsafe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _letters(raw: bytes) -> str:
    bits = len(raw) * 8
    places = -(-bits // 5)
    value = int.from_bytes(raw, "big") << (places * 5 - bits)
    return "".join(ALPHABET[value >> 5 * at & 31] for at in reversed(range(places)))


def _bytes(letters: str) -> bytes:
    value = 0
    for letter in letters:
        value = value << 5 | ALPHABET.index(letter)
    spare = len(letters) * 5 % 8
    return (value >> spare).to_bytes(len(letters) * 5 // 8, "big")
