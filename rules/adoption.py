"""How a draft becomes a village's rule book: publication, the villagers' vote, its filing.

A clerk publishes directly or records a vote that took place on paper; without such a record
whatever is posted says 未经表决. Must never make a vote out of one that missed its quorum, and
never touch the text that was published.
"""

from datetime import date
from uuid import UUID

import msgspec

from foundation import attachments, audit, clock, database
from foundation.actors import Actor
from rules import drafts, rulebook, timeline, versions, votes
from rules.errors import (
    AdoptionInvalid,
    AlreadyRecorded,
    NotPublished,
    ScanNotFound,
    VersionFrozen,
)
from rules.models import RuleBookVersion
from rules.versions import Version
from rules.votes import Adoption, Scan


@database.transaction
async def publish(
    version_id: UUID,
    *,
    in_force_from: date,
    by: Actor,
    adoption: Adoption | None = None,
    scan: Scan | None = None,
) -> Version:
    """Make a draft the village's rule book from a day on, with its vote or without one.

    The version gets the next number, its text is fixed by a hash and never changes again, and
    the version before it ends on the day before. A press repeated with the same day changes
    nothing. Which days are possible says rules/timeline.py.

    Refuses with `RuleBookNotFound`, `NotAllowed`, `VersionFrozen`, `RuleBookInvalid`,
    `InForceTooEarly`, `InForceOutOfRange`, and as `record` does; then nothing is published.
    """
    row = await rulebook.held(version_id, by=by)
    published = await versions.published_rows(row.village)
    if row.state != "draft":
        if row.in_force_from == in_force_from:
            return await versions.of_row(row, published)
        raise VersionFrozen(id=str(version_id), number=row.number)
    draft = versions.as_draft(await versions.of_row(row, []))
    rulebook.require_sound(draft)
    timeline.require_start(in_force_from, versions.starts(published), today=clock.today())
    row.number = max((one.number or 0 for one in published), default=0) + 1
    row.state, row.in_force_from = "published", in_force_from
    row.text_hash = drafts.text_hash(draft)
    row.published_at, row.published_by = clock.now(), by.label
    await row.save()
    await audit.note(
        by,
        "rules.publish",
        village=row.village,
        subject=rulebook.subject(row.id),
        number=row.number,
        in_force_from=str(in_force_from),
        text_hash=row.text_hash,
    )
    if adoption is not None:
        await record(version_id, adoption, by=by, scan=scan)
    return await rulebook.version(version_id)


@database.transaction
async def record(
    version_id: UUID, adoption: Adoption, *, by: Actor, scan: Scan | None = None
) -> Version:
    """Record the villagers' vote on a published version, once; the scan is kept sealed.

    A vote may be held after the version came into force: until it is recorded, whatever is
    posted says that nobody has voted. Refuses with `RuleBookNotFound`, `NotAllowed`,
    `NotPublished`, `AlreadyRecorded`, `AdoptionInvalid`, `AdoptionNotPassed` and
    `ScanRefused`.
    """
    row = await _held_published(version_id, by=by)
    if row.adoption is not None:
        raise AlreadyRecorded(what="adoption", number=row.number)
    number = adoption.filing_number.strip()
    adoption = msgspec.structs.replace(adoption, filing_number=number, scan=None)
    votes.require_sound(adoption, today=clock.today(), committee=votes.committee_of(row.village))
    if scan is not None:
        adoption = msgspec.structs.replace(adoption, scan=await _kept(scan))
    facts = msgspec.to_builtins(adoption)
    filing = {field: facts.pop(field) for field in ("filing_number", "filed_on")}
    row.adoption, row.filing = facts, filing if adoption.filed_on else None
    await row.save(update_fields=["adoption", "filing"])
    subject = rulebook.subject(version_id)
    await audit.note(by, "rules.record_adoption", village=row.village, subject=subject, **facts)
    return await rulebook.version(version_id)


@database.transaction
async def record_filing(
    version_id: UUID, *, filed_on: date, by: Actor, number: str = ""
) -> Version:
    """Record, once, that the township has the adopted version on file, with its number if any.

    Refuses with `RuleBookNotFound`, `NotAllowed`, `NotPublished` where no vote is recorded,
    `AlreadyRecorded`, and `AdoptionInvalid`.
    """
    row = await _held_published(version_id, by=by)
    vote = (await rulebook.version(version_id)).adoption
    if vote is None:
        raise NotPublished(id=str(version_id))
    if row.filing is not None:
        raise AlreadyRecorded(what="filing", number=row.number)
    number = number.strip()
    today = clock.today()
    if found := [*votes.filing_findings(number, filed_on, held_on=vote.held_on, today=today)]:
        raise AdoptionInvalid(findings=found)
    row.filing = {"filing_number": number, "filed_on": str(filed_on)}
    await row.save(update_fields=["filing"])
    subject = rulebook.subject(version_id)
    await audit.note(by, "rules.record_filing", village=row.village, subject=subject, **row.filing)
    return await rulebook.version(version_id)


async def scan(version_id: UUID, *, actor: Actor) -> tuple[str, bytes]:
    """Media type and content of the signed record of a vote. The reading is logged.

    Refuses with `RuleBookNotFound`, or with `ScanNotFound` where none was kept.
    """
    found = await rulebook.version(version_id, actor=actor)
    kept = found.adoption.scan if found.adoption else None
    content = await attachments.read(kept) if kept else None
    if content is None:
        raise ScanNotFound(id=str(version_id))
    subject = rulebook.subject(version_id)
    await audit.note(actor, "rules.read_scan", village=found.village, subject=subject)
    return attachments.media_type_of(content), content


async def _kept(scan: Scan) -> UUID:
    media_type = votes.require_scan(scan)
    # A record of a meeting carries names and signatures.
    return await attachments.keep(
        scan.content,
        purpose="adoption",
        name=scan.name[-200:],
        media_type=media_type,
        sealed=True,
    )


async def _held_published(version_id: UUID, *, by: Actor) -> RuleBookVersion:
    row = await rulebook.held(version_id, by=by)
    if row.state != "published":
        raise NotPublished(id=str(version_id))
    return row
