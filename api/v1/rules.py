"""Rule books: versions, drafts, publication, votes on paper."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import guards
from foundation import clock
from rules import adoption, comparison, rulebook, starters, versions
from rules.comparison import Comparison
from rules.drafts import Draft
from rules.timeline import State
from rules.versions import Version
from rules.votes import Adoption, Scan


class StarterOut(msgspec.Struct):
    """A starter rule book that a village may begin with."""

    name: str
    title: str
    suits: str
    clauses: int
    items: int


class VersionLine(msgspec.Struct):
    """A version in a list, without its text."""

    id: UUID
    village: str
    number: int
    title: str
    state: State
    in_force_from: date | None
    in_force_until: date | None
    adoption: Adoption | None
    clauses: int
    items: int
    text_hash: str


class NewDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A draft copied from a starter of this village's choice, or from one of its versions.

    Exactly one of `starter` and `source` is given. The same `id` again makes no second draft.
    """

    id: UUID = msgspec.field(default_factory=uuid4)
    village: str = ""
    starter: str | None = None
    source: UUID | None = None

    def __post_init__(self) -> None:
        if (self.starter is None) == (self.source is None):
            raise ValueError("give either starter (with village) or source")


class NewText(msgspec.Struct, forbid_unknown_fields=True):
    """A draft's whole new text; `base_hash` is the hash of the text that was edited."""

    text: Draft
    base_hash: str | None = None


class NewVote(msgspec.Struct, forbid_unknown_fields=True):
    """A vote on paper; the scan's content is base64. `adoption.scan` is set by the server."""

    adoption: Adoption
    scan: Scan | None = None


class NewPublication(msgspec.Struct, forbid_unknown_fields=True):
    """From which day a draft is in force, and its vote where there was one."""

    in_force_from: date
    vote: NewVote | None = None


class NewFiling(msgspec.Struct, forbid_unknown_fields=True):
    """The township has the version on file; many give no number."""

    filed_on: date
    number: str = ""


class RuleController(Controller):
    """Another village's rule book is not here."""

    path = "/rulebooks"
    tags = ("rulebooks",)

    @get("/starters", guards=[guards.may("rules.read")])
    async def starters(self) -> list[StarterOut]:
        """The starter rule books."""
        loaded = {name: starters.load(name) for name in starters.names()}
        return [
            StarterOut(name, one.title, one.suits, len(one.clauses), len(one.items))
            for name, one in loaded.items()
        ]

    @get("/", guards=[guards.may("rules.read")])
    async def listing(
        self,
        request: Request,
        village: FromQuery[str],
        standing: Annotated[State | Literal[""], QueryParameter(name="state")] = "",
    ) -> list[VersionLine]:
        """A village's versions: drafts first, then from the latest in force to the first."""
        found = await rulebook.versions(village, actor=request.user)
        return [line(one) for one in found if standing in ("", one.state)]

    @get("/in-force", guards=[guards.may("rules.read")])
    async def in_force(
        self, request: Request, village: FromQuery[str], on: FromQuery[date | None] = None
    ) -> Version:
        """The version in force in a village on a day, today unless one is named."""
        await rulebook.require_reading(village, actor=request.user)
        return await rulebook.in_force(village, on or clock.today())

    @post("/", guards=[guards.may("rules.write")])
    async def draft(self, request: Request, data: JSONBody[NewDraft]) -> Version:
        """Begin a draft."""
        if data.source is not None:
            return await rulebook.draft_from(data.source, by=request.user, id=data.id)
        return await rulebook.draft_from_starter(
            data.village, data.starter or "", by=request.user, id=data.id
        )

    @get("/{version_id:uuid}", guards=[guards.may("rules.read")])
    async def one(self, request: Request, version_id: FromPath[UUID]) -> Version:
        """One version with its clauses and scoring items."""
        return await rulebook.version(version_id, actor=request.user)

    @put("/{version_id:uuid}/text", guards=[guards.may("rules.write")])
    async def change(
        self, request: Request, version_id: FromPath[UUID], data: JSONBody[NewText]
    ) -> Version:
        """Replace a draft's text; all faults are answered at once, each with its place."""
        return await rulebook.change_draft(
            version_id, data.text, by=request.user, base_hash=data.base_hash
        )

    @delete("/{version_id:uuid}", guards=[guards.may("rules.write")])
    async def drop(self, request: Request, version_id: FromPath[UUID]) -> None:
        """Drop a draft."""
        await rulebook.delete_draft(version_id, by=request.user)

    @post("/{version_id:uuid}/publish", status_code=200, guards=[guards.may("rules.write")])
    async def publish(
        self, request: Request, version_id: FromPath[UUID], data: JSONBody[NewPublication]
    ) -> Version:
        """Make a draft the village's rule book from a day on."""
        return await adoption.publish(
            version_id,
            in_force_from=data.in_force_from,
            by=request.user,
            adoption=data.vote.adoption if data.vote else None,
            scan=data.vote.scan if data.vote else None,
        )

    @post("/{version_id:uuid}/adoption", status_code=200, guards=[guards.may("rules.write")])
    async def record(
        self, request: Request, version_id: FromPath[UUID], data: JSONBody[NewVote]
    ) -> Version:
        """Record the villagers' vote on a published version, once."""
        return await adoption.record(version_id, data.adoption, by=request.user, scan=data.scan)

    @post("/{version_id:uuid}/filing", status_code=200, guards=[guards.may("rules.write")])
    async def file(
        self, request: Request, version_id: FromPath[UUID], data: JSONBody[NewFiling]
    ) -> Version:
        """Record, once, that the township has the adopted version on file."""
        return await adoption.record_filing(
            version_id, filed_on=data.filed_on, number=data.number, by=request.user
        )

    @get("/{version_id:uuid}/scan", guards=[guards.may("rules.read")])
    async def scan(self, request: Request, version_id: FromPath[UUID]) -> Response[bytes]:
        """The signed record of the vote; the reading is logged."""
        media_type, content = await adoption.scan(version_id, actor=request.user)
        return Response(content, media_type=media_type)

    @get("/{version_id:uuid}/comparison", guards=[guards.may("rules.read")])
    async def compare(
        self, request: Request, version_id: FromPath[UUID], before: FromQuery[UUID]
    ) -> Comparison:
        """What changed from the version `before` to this one."""
        older = await rulebook.version(before, actor=request.user)
        newer = await rulebook.version(version_id, actor=request.user)
        return comparison.compare(versions.as_draft(older), versions.as_draft(newer))


def line(version: Version) -> VersionLine:
    """A version as a list shows it."""
    return VersionLine(
        id=version.id,
        village=version.village,
        number=version.number,
        title=version.title,
        state=version.state,
        in_force_from=version.in_force_from,
        in_force_until=version.in_force_until,
        adoption=version.adoption,
        clauses=len(version.clauses),
        items=len(version.items),
        text_hash=version.text_hash,
    )
