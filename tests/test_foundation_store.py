"""What lies in the store: attachments, the audit log, and tables that only grow."""

from datetime import UTC, date, datetime
from uuid import uuid4

import factories
import pytest
from villages import raw

from foundation import attachments, audit, clock, database, trail
from foundation.errors import AttachmentRefused, SealBroken
from foundation.models import Attachment
from foundation.trail import Reach, Wanted

PDF = b"%PDF-1.7 the scan of an adoption"


@pytest.fixture(autouse=True)
def some_keys() -> None:
    factories.hold_keys()


@pytest.mark.usefixtures("opened")
async def test_a_file_comes_back_as_it_went_in_until_it_is_forgotten() -> None:
    file = await attachments.keep(
        PDF, purpose="adoption", name="表决.pdf", media_type="application/pdf"
    )
    assert await attachments.read(file) == PDF
    await attachments.forget(file)
    assert await attachments.read(file) is None


async def test_a_sealed_file_is_unreadable_in_the_store_and_in_any_other_row(opened: str) -> None:
    first, second = [
        await attachments.keep(
            text, purpose="intake", name="户.xlsx", media_type="application/x", sealed=True
        )
        for text in (b"990428197001010018 one", b"990428197001010018 two")
    ]
    assert await attachments.read(first) == b"990428197001010018 one"
    async with raw(opened) as sql:
        rows = await sql("SELECT content, sha256 FROM attachment")
    assert all(b"990428197001010018" not in bytes(row["content"]) for row in rows)
    # The digest of a guessable file would give it away.
    assert [row["sha256"] for row in rows] == ["", ""]
    moved = await Attachment.get(id=first)
    await Attachment.filter(id=second).update(content=moved.content)
    with pytest.raises(SealBroken):
        await attachments.read(second)


@pytest.mark.usefixtures("opened")
async def test_a_file_over_twenty_megabytes_is_refused_and_not_kept() -> None:
    with pytest.raises(AttachmentRefused) as refused:
        await attachments.keep(
            bytes(attachments.SIZE_MAX + 1), purpose="poster", name="a", media_type="image/png"
        )
    assert refused.value.size_max == attachments.SIZE_MAX
    assert await Attachment.all().count() == 0


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"<svg onload=alert(1)>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_files_type_is_told_by_its_content(content: bytes, media_type: str) -> None:
    assert attachments.media_type_of(content) == media_type


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_line SET actor = 'nobody'", "DELETE FROM audit_line", "TRUNCATE audit_line"],
)
async def test_the_audit_log_only_grows_also_for_raw_sql(opened: str, statement: str) -> None:
    if "TRUNCATE" in statement and database.dialect() == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE; its DELETE is refused")
    await audit.note(factories.OPERATOR, "tests.act", subject="test:1")
    with pytest.raises(Exception, match="only grows"):
        await database.execute(statement)
    async with raw(opened) as sql:
        assert len(await sql("SELECT id FROM audit_line WHERE actor = 'operator:tests'")) == 1


async def test_replacing_an_audit_line_is_refused_too(opened: str) -> None:
    """On SQLite REPLACE deletes the old row without firing its triggers, unless told to."""
    if database.dialect() == "postgres":
        pytest.skip("PostgreSQL has no REPLACE")
    await audit.note(factories.OPERATOR, "tests.act")
    with pytest.raises(Exception, match="only grows"):
        await database.execute(
            "INSERT OR REPLACE INTO audit_line (id, at, actor, verb, village, subject, facts) "
            "VALUES (1, '2026-01-01', 'nobody', 'nothing', '', '', '{}')"
        )
    async with raw(opened) as sql:
        assert [row["actor"] for row in await sql("SELECT actor FROM audit_line")] == [
            "operator:tests"
        ]


async def noted(*lines: tuple[str, str, datetime]) -> None:
    for verb, village, at in lines:
        with clock.stopped_at(at):
            await audit.note(factories.OPERATOR, verb, village=village, subject="s:1", count=3)


@pytest.mark.usefixtures("opened")
async def test_the_log_is_read_by_village_verb_and_local_day() -> None:
    evening = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)  # still the 31st in China
    midnight = datetime(2026, 10, 31, 16, tzinfo=UTC)  # already the 1st
    await noted(
        ("register.unmask", "990100001001", evening),
        ("register.change", "990100001001", midnight),
        ("regions.import", "", midnight),
        ("register.unmask", "990100001002", midnight),
    )

    async def verbs(*args: object, **wanted: object) -> list[str]:
        which = Wanted(**wanted)  # type: ignore[arg-type]
        return [line.verb for line in (await trail.page(*args, which)).lines]  # type: ignore[arg-type]

    own = Reach(("990100001001",))
    assert await verbs(own) == ["register.change", "register.unmask"]
    assert await verbs(own, verb="register.unmask") == ["register.unmask"]
    assert await verbs(own, last=date(2026, 10, 31)) == ["register.unmask"]
    assert await verbs(own, first=date(2026, 11, 1)) == ["register.change"]
    assert await verbs(Reach()) == []
    assert len(await verbs(None)) == 4
    assert await verbs(None, subjects=["s:2"]) == []
    assert await verbs(None, actors=["operator:tests"], verb="regions.") == ["regions.import"]


@pytest.mark.usefixtures("opened")
async def test_the_log_is_paged_newest_first() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    await noted(*((f"tests.{n}", "", now) for n in range(trail.PAGE_SIZE + 2)))
    first = await trail.page(None)
    second = await trail.page(None, cursor=first.next)
    assert first.lines[0].verb == f"tests.{trail.PAGE_SIZE + 1}"
    assert len(first.lines) == trail.PAGE_SIZE
    assert ([line.verb for line in second.lines], second.next) == (["tests.1", "tests.0"], "")
    assert first.lines[0].facts == {"count": 3}
    upwards = await trail.page(None, Wanted(oldest_first=True), size=2)
    onwards = await trail.page(None, Wanted(oldest_first=True), cursor=upwards.next, size=2)
    seen = [line.verb for line in (*upwards.lines, *onwards.lines)]
    assert seen == ["tests.0", "tests.1", "tests.2", "tests.3"]
    for odd in ("x", "2026-11-01~1", "~", f"{now.isoformat()}~{10**30}"):
        assert await trail.page(None, cursor=odd) == first


@pytest.mark.usefixtures("opened")
async def test_a_line_and_its_deed_stand_or_fall_together() -> None:
    @database.transaction
    async def deed() -> None:
        await audit.note(factories.OPERATOR, "tests.deed", subject=f"x:{uuid4()}")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await deed()
    assert (await trail.page(None)).lines == []
