"""A villagers' vote on paper: what is recorded of it, its quorum, its line on a poster.

Pure functions and dated data; rules/adoption.py stores. What makes a vote valid stands
in presets.json with the law it comes from and the days it holds for, never in code.
"""

import string
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from uuid import UUID

import msgspec

from foundation import attachments
from rules.drafts import Finding
from rules.errors import AdoptionInvalid, AdoptionNotPassed, ScanRefused

ROLL_MAX = 100_000
FILING_NUMBER_LENGTH_MAX = 60
SCAN_SIZE_MAX = 10 * 1024 * 1024
SCAN_TYPES = ("application/pdf", "image/png", "image/jpeg")
# Two terms of a village committee: an older vote is taken for a typing mistake.
VOTE_AGE_MAX = timedelta(days=3660)

NOT_VOTED = "未经表决"


class Adoption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A villagers' vote that took place on paper.

    `roll` is who was entitled (adults, or households when `by_households`), `present` who came,
    `in_favour` and `against` how they voted; who is in neither abstained. The filing with the
    township may follow later. `scan` is the attachment that holds the signed record; it is set
    when the record is stored, and whatever a caller puts there is not used.
    """

    held_on: date
    roll: int
    present: int
    in_favour: int
    against: int
    by_households: bool = False
    filing_number: str = ""
    filed_on: date | None = None
    scan: UUID | None = None


class Scan(msgspec.Struct, frozen=True):
    """A photographed or scanned record of the meeting, as it was uploaded."""

    name: str
    content: bytes


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a whole that must be exceeded, or reached where `or_equal`."""

    numerator: int
    denominator: int
    or_equal: bool

    def needed(self, total: int) -> int:
        """The least whole number that satisfies this share of `total`."""
        if self.or_equal:
            return -(-total * self.numerator // self.denominator)
        return total * self.numerator // self.denominator + 1


Committee = Literal["villagers", "residents"]
"""Whose meeting it is: a village's (村民委员会) or an urban community's (居民委员会)."""

_RESIDENTS = range(200)
"""The last three digits of the 12-digit code of a residents' committee: 001 to 199, by the
statistics bureau's rules for these codes (统计用区划代码编制规则); a villagers' has 200 to 399."""


def committee_of(village: str) -> Committee:
    """Which law a place's meeting is held under, by its 12-digit code."""
    return "residents" if int(village[-3:]) in _RESIDENTS else "villagers"


class Quorum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a valid vote needs, by whom it is held, and the law that says so while it holds."""

    code: str
    committee: Committee
    by_households: bool
    in_force_from: date
    in_force_until: date | None
    present: Share
    in_favour: Share
    citation: str


class _Presets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quorums: tuple[Quorum, ...]


@cache
def quorums() -> dict[str, Quorum]:
    """Every quorum that ever held, by its code, oldest first."""
    data = (files("rules") / "presets.json").read_bytes()
    return {quorum.code: quorum for quorum in msgspec.json.decode(data, type=_Presets).quorums}


def quorum(*, by_households: bool, on: date, committee: Committee = "villagers") -> Quorum | None:
    """The quorum that the law set on that day, or None before the oldest law known here.

    A residents' meeting for whose day no quorum of its own is known is held to the villagers'.
    """
    fitting = [
        known
        for known in quorums().values()
        if known.by_households == by_households
        and known.in_force_from <= on <= (known.in_force_until or date.max)
    ]
    own = [known for known in fitting if known.committee == committee]
    return next(iter(own or [known for known in fitting if known.committee == "villagers"]), None)


def require_sound(adoption: Adoption, *, today: date, committee: Committee = "villagers") -> None:
    """Refuse with `AdoptionInvalid`, all faults at once, or with `AdoptionNotPassed`.

    A vote that missed quorum or majority adopted nothing and is therefore not recorded; the
    refusal carries the figures and the law.
    """
    found = [*_findings(adoption, today=today, committee=committee)]
    if found:
        raise AdoptionInvalid(findings=found)
    law = quorum(by_households=adoption.by_households, on=adoption.held_on, committee=committee)
    assert law is not None, "a vote before the oldest law is a finding"
    present_needed = law.present.needed(adoption.roll)
    in_favour_needed = law.in_favour.needed(adoption.present)
    if adoption.present < present_needed or adoption.in_favour < in_favour_needed:
        raise AdoptionNotPassed(
            missed="quorum" if adoption.present < present_needed else "majority",
            by_households=adoption.by_households,
            roll=adoption.roll,
            present=adoption.present,
            present_needed=present_needed,
            in_favour=adoption.in_favour,
            in_favour_needed=in_favour_needed,
            citation=law.citation,
        )


def _findings(adoption: Adoption, *, today: date, committee: Committee) -> Iterator[Finding]:
    yield from _of_dates(adoption, today=today, committee=committee)
    if not 1 <= adoption.roll <= ROLL_MAX:
        yield Finding(None, None, "roll", "out_of_range", ROLL_MAX)
    for field in ("present", "in_favour", "against"):
        if not 0 <= getattr(adoption, field) <= ROLL_MAX:
            yield Finding(None, None, field, "out_of_range", ROLL_MAX)
    if adoption.present > adoption.roll:
        yield Finding(None, None, "present", "more_than_roll", adoption.roll)
    if adoption.in_favour + adoption.against > adoption.present:
        yield Finding(None, None, "in_favour", "more_than_present", adoption.present)


def _of_dates(adoption: Adoption, *, today: date, committee: Committee) -> Iterator[Finding]:
    if adoption.held_on > today:
        yield Finding(None, None, "held_on", "in_future")
    elif (
        adoption.held_on < today - VOTE_AGE_MAX
        or quorum(by_households=adoption.by_households, on=adoption.held_on, committee=committee)
        is None
    ):
        yield Finding(None, None, "held_on", "too_early")
    if adoption.filed_on is not None or adoption.filing_number:
        yield from filing_findings(
            adoption.filing_number, adoption.filed_on, held_on=adoption.held_on, today=today
        )


def filing_findings(
    number: str, filed_on: date | None, *, held_on: date, today: date
) -> Iterator[Finding]:
    """What is wrong with a filing. Many townships give no number: only the day is needed."""
    if len(number) > FILING_NUMBER_LENGTH_MAX:
        yield Finding(None, None, "filing_number", "too_long", FILING_NUMBER_LENGTH_MAX)
    if not number.isprintable():
        yield Finding(None, None, "filing_number", "control_character")
    if filed_on is None:
        yield Finding(None, None, "filed_on", "missing")
    elif filed_on > today:
        yield Finding(None, None, "filed_on", "in_future")
    elif filed_on < held_on:
        yield Finding(None, None, "filed_on", "before_vote")


def require_scan(scan: Scan) -> str:
    """The scan's media type by its content. Refuses with `ScanRefused` when it is not a PDF,
    PNG or JPEG of at most 10 MB."""
    media_type = attachments.media_type_of(scan.content)
    size = len(scan.content)
    if media_type not in SCAN_TYPES or size > SCAN_SIZE_MAX:
        raise ScanRefused(size=size, size_max=SCAN_SIZE_MAX, media_type=media_type)
    return media_type


def line(adoption: Adoption | None) -> str:
    """What a posted paper says of the vote, in Chinese because every poster is.

    Without a recorded vote it says so: 未经表决.
    """
    if adoption is None:
        return NOT_VOTED
    meeting = "户代表参加的村民会议" if adoption.by_households else "村民会议"
    sentence = f"经{_spoken(adoption.held_on)}{meeting}表决通过"
    if adoption.filing_number:
        # A space keeps a number that begins with a letter or digit apart from the word.
        gap = " " if adoption.filing_number[0] in string.ascii_letters + string.digits else ""
        return f"{sentence}，备案号{gap}{adoption.filing_number}"
    if adoption.filed_on:
        return f"{sentence}，{_spoken(adoption.filed_on)}报乡镇备案"
    return sentence


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
