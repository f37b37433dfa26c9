"""Votes on paper: counted by the law of their day, recorded once, told on every poster."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE, divisions, official

from foundation import clock, database
from foundation.models import Attachment, AuditLine
from households.errors import NotAllowed
from rules import adoption, rulebook, votes
from rules.drafts import Finding
from rules.errors import (
    AdoptionInvalid,
    AdoptionNotPassed,
    AlreadyRecorded,
    NotPublished,
    RuleBookNotFound,
    ScanNotFound,
    ScanRefused,
)
from rules.versions import Version
from rules.votes import Adoption, Scan

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = date(2026, 11, 22)
VOTE = Adoption(held_on=date(2026, 3, 5), roll=700, present=412, in_favour=400, against=5)
FILED = msgspec.structs.replace(
    VOTE, filing_number="巨政村备〔2026〕7号", filed_on=date(2026, 3, 20)
)
PDF = Scan(name="表决记录.pdf", content=b"%PDF-1.7 names and signatures")


@pytest.fixture(autouse=True)
def noon() -> Any:
    with clock.stopped_at(NOON):
        yield


def changed(**fields: Any) -> Adoption:
    return msgspec.structs.replace(VOTE, **fields)


async def published() -> Version:
    draft = await rulebook.draft_from_starter(VILLAGE, "plain-village", by=OPERATOR)
    return await adoption.publish(draft.id, in_force_from=date(2026, 4, 1), by=OPERATOR)


# -- the count ----------------------------------------------------------------------------

PASSED = {
    "adults: one more than half came": changed(roll=700, present=351, in_favour=176, against=175),
    "adults: all": changed(roll=3, present=3, in_favour=3, against=0),
    "households: exactly two thirds": changed(
        by_households=True, roll=300, present=200, in_favour=101, against=99
    ),
    "households: two thirds rounded up": changed(
        by_households=True, roll=301, present=201, in_favour=101, against=100
    ),
}
MISSED = {
    "adults: exactly half came": (
        changed(roll=700, present=350, in_favour=350, against=0), "quorum", 351, 176,
    ),
    "adults: exactly half of those present": (
        changed(roll=700, present=400, in_favour=200, against=200), "majority", 351, 201,
    ),
    "households: one short of two thirds": (
        changed(by_households=True, roll=301, present=200, in_favour=200, against=0),
        "quorum", 201, 101,
    ),
}  # fmt: skip


@pytest.mark.parametrize("vote", PASSED.values(), ids=PASSED.keys())
def test_a_vote_with_quorum_and_majority_passes(vote: Adoption) -> None:
    votes.require_sound(vote, today=TODAY)


@pytest.mark.parametrize(("vote", "missed", "present", "favour"), MISSED.values(), ids=[*MISSED])
def test_a_vote_that_missed_is_refused_with_its_figures(
    vote: Adoption, missed: str, present: int, favour: int
) -> None:
    with pytest.raises(AdoptionNotPassed) as refusal:
        votes.require_sound(vote, today=TODAY)
    told = refusal.value
    assert (told.missed, told.present_needed, told.in_favour_needed) == (missed, present, favour)
    assert (told.roll, told.present, told.in_favour) == (vote.roll, vote.present, vote.in_favour)
    assert "村民委员会组织法" in told.citation


FAULTS = {
    "tomorrow": (changed(held_on=date(2026, 11, 23)), "held_on", "in_future"),
    "in another century": (changed(held_on=date(1926, 3, 5)), "held_on", "too_early"),
    "nobody entitled": (changed(roll=0, present=0, in_favour=0, against=0), "roll", "out_of_range"),
    "more than a county entitled": (changed(roll=2**70), "roll", "out_of_range"),
    "fewer than none against": (changed(against=-1), "against", "out_of_range"),
    "more present than entitled": (changed(present=701), "present", "more_than_roll"),
    "more votes than people": (changed(against=13), "in_favour", "more_than_present"),
    "a number without a day": (changed(filing_number="7"), "filed_on", "missing"),
    "filed before the vote": (changed(filed_on=date(2026, 3, 4)), "filed_on", "before_vote"),
    "filed tomorrow": (changed(filed_on=date(2026, 11, 23)), "filed_on", "in_future"),
    "a number too long": (
        changed(filing_number="七" * 61, filed_on=TODAY), "filing_number", "too_long",
    ),
    "a NUL in the number": (
        changed(filing_number="\x00", filed_on=TODAY), "filing_number", "control_character",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("vote", "field", "code"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_record_is_refused_with_its_field(vote: Adoption, field: str, code: str) -> None:
    with pytest.raises(AdoptionInvalid) as refusal:
        votes.require_sound(vote, today=TODAY)
    assert (field, code) in [(found.field, found.code) for found in refusal.value.findings]


def test_all_faults_of_a_record_come_at_once() -> None:
    vote = changed(held_on=date(2027, 1, 1), roll=0, present=5, in_favour=9, against=0)
    with pytest.raises(AdoptionInvalid) as refusal:
        votes.require_sound(vote, today=TODAY)
    assert {found.field for found in refusal.value.findings} == {
        "held_on",
        "roll",
        "present",
        "in_favour",
    }


def test_a_vote_is_counted_by_the_law_of_its_day() -> None:
    for by_households in (False, True):
        before = votes.quorum(by_households=by_households, on=date(2025, 12, 31))
        after = votes.quorum(by_households=by_households, on=date(2026, 1, 1))
        assert before is not None
        assert after is not None
        assert before.in_force_until == date(2025, 12, 31)
        assert after.in_force_from == date(2026, 1, 1)
    assert votes.quorum(by_households=False, on=date(2009, 1, 1)) is None


def test_the_quorums_of_one_kind_follow_each_other_without_gap_or_overlap() -> None:
    for by_households in (False, True):
        kind = [
            q
            for q in votes.quorums().values()
            if q.by_households == by_households and q.committee == "villagers"
        ]
        for earlier, later in pairwise(kind):
            assert earlier.in_force_until is not None
            assert (later.in_force_from - earlier.in_force_until).days == 1
        assert kind[-1].in_force_until is None


def test_a_communitys_meeting_is_held_to_the_residents_law_while_it_is_known() -> None:
    assert votes.committee_of("610428100001") == "residents"
    assert votes.committee_of("610428106221") == "villagers"
    vote = changed(
        held_on=date(2025, 12, 31), by_households=True, roll=300, present=160, in_favour=81,
        against=70, filed_on=None, filing_number="",
    )  # fmt: skip
    votes.require_sound(vote, today=TODAY, committee="residents")
    with pytest.raises(AdoptionNotPassed) as refusal:
        votes.require_sound(vote, today=TODAY)
    assert "村民委员会组织法" in refusal.value.citation
    later = msgspec.structs.replace(vote, held_on=date(2026, 1, 1))
    with pytest.raises(AdoptionNotPassed):
        votes.require_sound(later, today=TODAY, committee="residents")


LINES = {
    "nobody voted": (None, "未经表决"),
    "voted": (VOTE, "经2026年3月5日村民会议表决通过"),
    "filed under a number": (
        FILED, "经2026年3月5日村民会议表决通过，备案号巨政村备〔2026〕7号",
    ),
    "filed under a bare number": (
        changed(filing_number="2026-7", filed_on=TODAY),
        "经2026年3月5日村民会议表决通过，备案号 2026-7",
    ),
    "filed without one": (
        changed(filed_on=date(2026, 3, 20)),
        "经2026年3月5日村民会议表决通过，2026年3月20日报乡镇备案",
    ),
    "by households": (
        changed(by_households=True), "经2026年3月5日户代表参加的村民会议表决通过",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("vote", "line"), LINES.values(), ids=LINES.keys())
def test_a_poster_tells_the_vote(vote: Adoption | None, line: str) -> None:
    assert votes.line(vote) == line


# -- the record ---------------------------------------------------------------------------


async def test_a_vote_is_recorded_once_with_its_scan(opened: str) -> None:
    await divisions()
    version = await published()
    assert version.adoption_line == "未经表决"
    clerk = official("clerk")
    adopted = await adoption.record(version.id, FILED, by=clerk, scan=PDF)
    assert adopted.adoption is not None
    assert adopted.adoption == msgspec.structs.replace(FILED, scan=adopted.adoption.scan)
    assert adopted.adoption_line.startswith("经2026年3月5日")
    assert (await rulebook.in_force(VILLAGE, TODAY)).adoption == adopted.adoption
    assert await adoption.scan(version.id, actor=official("auditor")) == (
        "application/pdf",
        PDF.content,
    )
    assert await AuditLine.filter(verb="rules.read_scan", village=VILLAGE).count() == 1
    with pytest.raises(AlreadyRecorded):
        await adoption.record(version.id, VOTE, by=clerk)


async def test_the_scan_is_sealed_in_the_store(opened: str) -> None:
    await divisions()
    version = await published()
    await adoption.record(version.id, VOTE, by=OPERATOR, scan=PDF)
    kept = await Attachment.get(purpose="adoption")
    assert kept.sealed
    assert b"signatures" not in bytes(kept.content)


async def test_a_version_is_published_together_with_its_vote(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    version = await adoption.publish(
        draft.id, in_force_from=date(2026, 4, 1), by=OPERATOR, adoption=VOTE
    )
    assert version.adoption == VOTE
    assert version.state == "in_force"


async def test_a_vote_that_missed_publishes_and_stores_nothing(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    with pytest.raises(AdoptionNotPassed):
        await adoption.publish(
            draft.id, in_force_from=date(2026, 4, 1), by=OPERATOR,
            adoption=changed(present=10, in_favour=10, against=0), scan=PDF,
        )  # fmt: skip
    assert await rulebook.version(draft.id) == draft
    assert await Attachment.all().count() == 0


SCANS = {
    "a program": b"MZ\x90\x00", "a web page": b"<html>", "nothing": b"",
    "more than 10 MB": b"%PDF-" + bytes(10 * 1024 * 1024),
}  # fmt: skip


@pytest.mark.parametrize("content", SCANS.values(), ids=SCANS.keys())
async def test_a_scan_is_a_picture_or_pdf_of_at_most_ten_megabytes(
    opened: str, content: bytes
) -> None:
    await divisions()
    version = await published()
    with pytest.raises(ScanRefused):
        await adoption.record(version.id, VOTE, by=OPERATOR, scan=Scan("表决记录.pdf", content))
    assert (await rulebook.version(version.id)).adoption is None


async def test_a_caller_cannot_name_another_attachment_as_the_scan(opened: str) -> None:
    await divisions()
    version = await published()
    adopted = await adoption.record(version.id, changed(scan=version.id), by=OPERATOR)
    assert adopted.adoption == VOTE
    with pytest.raises(ScanNotFound):
        await adoption.scan(version.id, actor=OPERATOR)


async def test_a_draft_has_no_vote(opened: str) -> None:
    await divisions()
    draft = await rulebook.draft_from_starter(VILLAGE, "community", by=OPERATOR)
    with pytest.raises(NotPublished):
        await adoption.record(draft.id, VOTE, by=OPERATOR)


async def test_the_filing_may_follow_once(opened: str) -> None:
    await divisions()
    version = await published()
    filed_on = date(2026, 3, 20)
    with pytest.raises(NotPublished):
        await adoption.record_filing(version.id, filed_on=filed_on, by=OPERATOR)
    await adoption.record(version.id, VOTE, by=OPERATOR)
    with pytest.raises(AdoptionInvalid) as refusal:
        await adoption.record_filing(version.id, filed_on=date(2026, 3, 1), by=OPERATOR)
    assert refusal.value.findings == [Finding(None, None, "filed_on", "before_vote")]
    filed = await adoption.record_filing(
        version.id, number=" 7 ", filed_on=filed_on, by=official("clerk")
    )
    assert filed.adoption == changed(filing_number="7", filed_on=filed_on)
    with pytest.raises(AlreadyRecorded):
        await adoption.record_filing(version.id, number="8", filed_on=filed_on, by=OPERATOR)


async def test_recording_needs_the_right_and_the_village(opened: str) -> None:
    await divisions()
    version = await published()
    with pytest.raises(NotAllowed):
        await adoption.record(version.id, VOTE, by=official("supervisor"))
    with pytest.raises(RuleBookNotFound):
        await adoption.record(version.id, VOTE, by=official("clerk", OTHER_VILLAGE))
    with pytest.raises(RuleBookNotFound):
        await adoption.scan(version.id, actor=official("auditor", OTHER_VILLAGE))


async def test_raw_sql_cannot_rewrite_a_recorded_vote(opened: str) -> None:
    await divisions()
    version = await published()
    adopted = await adoption.record(version.id, FILED, by=OPERATOR)
    for column in ("adoption", "filing"):
        for value in ("'{}'", "NULL"):
            with pytest.raises(Exception, match="frozen"):
                await database.execute(
                    f"UPDATE rule_book_version SET {column} = {value} WHERE id = ?", [version.id]
                )
    assert await rulebook.version(version.id) == adopted
