"""The frozen form of a posted list: header, rows, digests, hash. docs/formats.md is its contract.

Pure text in, pure text out, so that anybody can write the same again in another language. Never
reads the database, never signs, and knows no household: a row holds what was posted and no more.

    snapshot = header as one line of JSON, line feed,
               then for each row "<medium> <position> <digest>", line feed
    digest   = SHA-256 of the row's salt, a line feed and its content, in lower-case hex
    hash     = SHA-256 of the snapshot in UTF-8; the fingerprint on paper is its first 128 bits

JSON is written once, with msgspec's field order, no blanks and no escapes beyond the needed; the
text itself is what is hashed, so no reader ever has to write it again.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Literal

import msgspec

from households.names import Form
from points.errors import NotAPublicationFile
from points.leaderboard import Row
from points.period import Period

FORMAT = "xiangyue-publication-1"
Medium = Literal["wall", "web"]
MEDIA: tuple[Medium, ...] = ("wall", "web")
SALT_BYTES = 16
_LINE = re.compile(r"^(wall|web) ([1-9][0-9]{0,4}) ([0-9a-f]{64})$", re.ASCII)


class RuleRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the rule book that counted in the period, and whether a vote adopted it."""

    number: int
    title: str
    adopted: bool


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a posted list says above and below its rows. It stays for ever, so it names nobody.

    `as_of` is the last day counted: the period's end, or the day of publication if that came
    first. `display_until` is the last day on the wall and on the web.
    """

    format: str = FORMAT
    serial: str
    village: str
    region: str
    region_name: str
    township: str
    period: str
    as_of: date
    block: str | None
    rules: tuple[RuleRef, ...]
    taking_part: int
    posted: int
    earned_total: int
    chain_seq: int
    chain_head: str
    display_from: date
    display_until: date
    publisher: str
    supervisor: str
    objection: str
    contact: str
    published_at: str

    @property
    def adopted(self) -> bool:
        """Whether every rule that counted was voted; otherwise the list says 未经表决."""
        return bool(self.rules) and all(rule.adopted for rule in self.rules)


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted of one household."""

    rank: int
    name: str
    group: str
    earned: int
    blocks: dict[str, int]
    rank_before: int | None = None


class Line(msgspec.Struct, frozen=True):
    """One row on one medium. Salt and content are absent once they have been erased."""

    medium: Medium
    position: int
    digest: str
    salt: str | None = None
    content: str | None = None

    @property
    def shown(self) -> Content | None:
        """The row as it may be shown, None when it was taken down at the household's wish."""
        return None if self.content is None else read_content(self.content)


def posted(rows: tuple[Row, ...], *, first_n: int) -> tuple[Row, ...]:
    """The rows of a board that are posted (contracts.md, Meanings).

    The first `first_n` places, never more than half of those taking part, and nobody without
    points. A tie at the edge goes whole: it is kept while the list grows by no more than half
    of `first_n` for it, or when it is all there is to post, and dropped otherwise.
    """
    half = len(rows) // 2
    kept: list[Row] = []
    for _, tie in groupby((row for row in rows if row.earned > 0), key=lambda row: row.rank):
        level = list(tie)
        length = len(kept) + len(level)
        if len(kept) >= first_n or length > half or (kept and length > first_n * 3 // 2):
            break
        kept += level
    return tuple(kept)


def name_form(choice: str, *, voted: str) -> Form:
    """The form in which a household's name is posted on a medium.

    Its own recorded choice first; nothing recorded: the form set by the voted rule book, at
    most masked; until a rule book does that (`voted` empty), unnamed.
    """
    form = choice or ("masked" if voted == "full" else voted) or "unnamed"
    assert form in ("full", "masked", "unnamed"), form
    return form  # type: ignore[return-value]


def line(medium: Medium, *, position: int, content: Content) -> Line:
    """A row with a fresh salt, so that nobody can guess erased content from its digest."""
    text = msgspec.json.encode(content).decode()
    salt = secrets.token_hex(SALT_BYTES)
    return Line(medium, position, digest(text, salt=salt), salt, text)


def digest(content: str, *, salt: str) -> str:
    """What stays of a row in the snapshot."""
    return hashlib.sha256(f"{salt}\n{content}".encode()).hexdigest()


def text(header: Header, *, lines: list[Line]) -> str:
    """The snapshot: the very text that is hashed, signed and kept."""
    head = msgspec.json.encode(header).decode()
    return "".join([f"{head}\n", *(f"{x.medium} {x.position} {x.digest}\n" for x in lines)])


def hash_of(snapshot: str) -> str:
    """The snapshot's SHA-256 in lower-case hex."""
    return hashlib.sha256(snapshot.encode()).hexdigest()


def fingerprint(hash_hex: str) -> str:
    """What paper and QR carry of a hash: its first 128 bits in base32, 26 characters."""
    return base64.b32encode(bytes.fromhex(hash_hex)[:16]).decode().rstrip("=")


def signed_message(hash_hex: str) -> bytes:
    """What the installation signs: the format's name first, so that no other text fits."""
    return f"{FORMAT}\n{hash_hex}".encode()


def parse(snapshot: str) -> tuple[Header, list[Line]]:
    """Header and row digests of a snapshot. Refuses with `NotAPublicationFile`."""
    first, *rest = snapshot.split("\n")
    if not rest or rest.pop() != "":
        raise NotAPublicationFile(reason="snapshot")
    try:
        header = msgspec.json.decode(first, type=Header)
    except msgspec.DecodeError as error:
        raise NotAPublicationFile(reason="header", detail=str(error)) from None
    found = [_LINE.match(each) for each in rest]
    lines = [Line(m[1], int(m[2]), m[3]) for m in found if m]  # type: ignore[arg-type]
    if header.format != FORMAT or len(lines) != len(rest):
        raise NotAPublicationFile(reason="format")
    return header, lines


def period_name(period: Period, *, as_of: date) -> str:
    """二〇二六年第三季度; of one still running, up to which day it counts."""
    if as_of >= period.last:
        return period.title
    return f"{period.title}（截至 {as_of.month}月{as_of.day}日）"


def rule_name(rules: Sequence[RuleRef]) -> str:
    """《槐庄村村规民约》第 3、4 版: every version that counted."""
    titled = [
        f"《{title}》第 {'、'.join(str(rule.number) for rule in same)} 版"
        for title, same in groupby(rules, key=lambda rule: rule.title)
    ]
    return "".join(titled)


def read_content(text: str) -> Content:
    """The row that a content text holds. Refuses with `NotAPublicationFile`."""
    try:
        return msgspec.json.decode(text, type=Content)
    except msgspec.DecodeError as error:
        raise NotAPublicationFile(reason="row", detail=str(error)) from None
