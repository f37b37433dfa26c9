"""Rule books as screens: what is in force, every version, a new draft, publication and vote."""

from datetime import date
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from api import errors, findings, guards, locale, render, wording
from foundation import clock
from foundation.errors import Refusal
from households import officials, regions
from households.errors import RegionNotFound
from households.models import Region
from rules import adoption, comparison, rulebook, starters, timeline, versions
from rules.drafts import Finding
from rules.errors import (
    AdoptionInvalid,
    AdoptionNotPassed,
    InForceOutOfRange,
    InForceTooEarly,
    ScanRefused,
)
from rules.versions import Version
from rules.votes import Adoption, Scan


class StartForm(msgspec.Struct):
    """Where a draft begins: `start` is "copy" or "starter:" and a starter's name."""

    village: str = ""
    id: str = ""
    start: str = ""


class AdoptForm(msgspec.Struct):
    """A publication with or without its vote, as typed; `voted` is "yes" or "no"."""

    in_force_from: str = ""
    voted: str = ""
    held_on: str = ""
    roll: str = ""
    present: str = ""
    in_favour: str = ""
    against: str = ""
    by_households: str = ""
    filing_number: str = ""
    filed_on: str = ""
    scan: UploadFile | None = None


class FilingForm(msgspec.Struct):
    """A filing with the township, as typed."""

    filing_number: str = ""
    filed_on: str = ""


class RulePages(Controller):
    """The rule books of the villages within reach."""

    path = "/rules"

    @get("/", guards=[guards.may("rules.read")])
    async def listing(self, request: Request, village: FromQuery[str] = "") -> Response:
        """What is in force in one village, and every version there ever was."""
        places = await regions.villages(request.user, "rules.read")
        if not places:
            return Redirect("/")
        place = _chosen(places, village or request.user.village or places[0].code)
        known = await rulebook.versions(place.code, actor=request.user)
        current = next((one for one in known if one.state == "in_force"), None)
        return render.page(
            request,
            "rules.html",
            village=shown(place),
            villages=[shown(one) for one in places],
            current=current,
            versions=known,
            scorers_of=scorers_of(current) if current else {},
            may_write=may_write(request, place),
            today=clock.today(),
        )

    @get("/new", guards=[guards.may("rules.write")])
    async def choose(self, request: Request, village: FromQuery[str] = "") -> Response:
        """Where to begin a draft."""
        return await _new_page(request, village or request.user.village or "", {}, {})

    @post("/new", guards=[guards.may("rules.write")])
    async def begin(self, request: Request, data: URLEncodedBody[StartForm]) -> Response:
        """Begin a draft from a starter or from what is in force."""
        typed = msgspec.structs.asdict(data)
        key = _uuid(data.id)
        try:
            if data.start == "copy":
                current = await rulebook.in_force(data.village, clock.today())
                made = await rulebook.draft_from(current.id, by=request.user, id=key)
            else:
                name = data.start.removeprefix("starter:")
                made = await rulebook.draft_from_starter(
                    data.village, name, by=request.user, id=key
                )
        except Refusal as refusal:
            return await _new_page(request, data.village, typed, {"start": errors.message(refusal)})
        return render.go(f"/rules/{made.id}", done=locale.text("草稿已建好，请逐条核对修改。"))

    @get("/{version_id:uuid}", guards=[guards.may("rules.read")])
    async def one(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """One version, to read or, while it is a draft, to change."""
        return await _version_page(request, version_id)

    @post("/{version_id:uuid}/copy", guards=[guards.may("rules.write")])
    async def copy(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """Begin a draft with a copy of this version."""
        made = await rulebook.draft_from(version_id, by=request.user)
        return render.go(f"/rules/{made.id}", done=locale.text("草稿已建好，请逐条核对修改。"))

    @post("/{version_id:uuid}/delete", guards=[guards.may("rules.write")])
    async def drop(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """Drop a draft."""
        version = await rulebook.version(version_id, actor=request.user)
        await rulebook.delete_draft(version_id, by=request.user)
        return render.go(f"/rules?village={version.village}", done=locale.text("草稿已删掉。"))

    @get("/{version_id:uuid}/adopt", guards=[guards.may("rules.write")])
    async def ask(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """The form to publish a draft, or to add the vote to a published version."""
        version = await rulebook.version(version_id, actor=request.user)
        begin = await _proposed_start(version)
        return await _adopt_page(request, version, {"in_force_from": str(begin)}, {})

    @post("/{version_id:uuid}/adopt", guards=[guards.may("rules.write")])
    async def adopt(
        self, request: Request, version_id: FromPath[UUID], data: MultipartBody[AdoptForm]
    ) -> Response:
        """Publish a draft, or add the vote to a published version."""
        version = await rulebook.version(version_id, actor=request.user)
        typed = {**msgspec.structs.asdict(data), "scan": ""}
        problems = _typing_faults(data, is_draft=version.state == "draft")
        if problems:
            return await _adopt_page(request, version, typed, problems)
        vote = _vote(data) if data.voted == "yes" else None
        scan = await _scan(data.scan) if vote else None
        try:
            if version.state == "draft":
                begin = date.fromisoformat(data.in_force_from.strip())
                await adoption.publish(
                    version_id, in_force_from=begin, by=request.user, adoption=vote, scan=scan
                )
            elif vote:
                await adoption.record(version_id, vote, by=request.user, scan=scan)
        except Refusal as refusal:
            if type(refusal) not in _FIELD_OF and not isinstance(refusal, AdoptionInvalid):
                raise
            return await _adopt_page(request, version, typed, _told(refusal))
        _ = locale.text
        done = _("已公布。") if version.state == "draft" else _("表决已登记。")
        return render.go(f"/rules/{version_id}", done=done)

    @post("/{version_id:uuid}/filing", guards=[guards.may("rules.write")])
    async def file(
        self, request: Request, version_id: FromPath[UUID], data: URLEncodedBody[FilingForm]
    ) -> Response:
        """Record the filing with the township that followed the vote."""
        typed = msgspec.structs.asdict(data)
        filed_on = _date(data.filed_on)
        if filed_on is None:
            problems = findings.by_field([Finding(None, None, "filed_on", "not_a_date")])
            return await _version_page(request, version_id, form=typed, problems=problems)
        try:
            await adoption.record_filing(
                version_id, filed_on=filed_on, number=data.filing_number, by=request.user
            )
        except AdoptionInvalid as refusal:
            return await _version_page(request, version_id, form=typed, problems=_told(refusal))
        return render.go(f"/rules/{version_id}", done=locale.text("备案已登记。"))

    @get("/{version_id:uuid}/scan", guards=[guards.may("rules.read")])
    async def scan(self, request: Request, version_id: FromPath[UUID]) -> Response:
        """The signed record of the vote; the reading is logged."""
        media_type, content = await adoption.scan(version_id, actor=request.user)
        return Response(content, media_type=media_type)

    @get("/{version_id:uuid}/compare", guards=[guards.may("rules.read")])
    async def compare(
        self, request: Request, version_id: FromPath[UUID], before: FromQuery[UUID]
    ) -> Response:
        """What changed from an older version to this one."""
        newer = await rulebook.version(version_id, actor=request.user)
        older = await rulebook.version(before, actor=request.user)
        return render.page(
            request,
            "rule_compare.html",
            village=shown(await village_of(newer)),
            older=older,
            newer=newer,
            found=comparison.compare(versions.as_draft(older), versions.as_draft(newer)),
            settings={field: locale.text(name) for field, name in findings.FIELD_NAMES.items()},
        )


# -- what the screens are handed ----------------------------------------------------------


def shown(place: Region) -> dict[str, str]:
    """A village as the templates name it."""
    return {"code": place.code, "name": place.name}


async def village_of(version: Version) -> Region:
    """The village of a version that the actor has already been let into."""
    return await Region.get(code=version.village)


def may_write(request: Request, place: Region) -> bool:
    """Whether the actor may change this village's rule book."""
    reach = officials.scope(request.user, "rules.write")
    return reach is None or any(place.path.startswith(prefix) for prefix in reach)


def scorers_of(version: Version) -> dict[str, str]:
    """By item code, who may score it, in words."""
    return {
        item.code: locale.text("、").join(
            locale.text(render.ROLE_NAMES[role]) for role in item.scorers
        )
        for item in version.items
    }


def _chosen(places: list[Region], code: str) -> Region:
    found = next((place for place in places if place.code == code), None)
    if found is None:
        raise RegionNotFound(code=code)
    return found


async def _new_page(
    request: Request, village: str, form: dict[str, str], problems: dict[str, str]
) -> Response:
    places = await regions.villages(request.user, "rules.write")
    place = _chosen(places, village or (places[0].code if places else ""))
    known = await rulebook.versions(place.code, actor=request.user)
    current = next((one for one in known if one.state == "in_force"), None)
    loaded = {name: starters.load(name) for name in starters.names()}
    return render.page(
        request,
        "rule_new.html",
        status=400 if problems else 200,
        village=shown(place),
        starters=[
            {
                "name": name,
                "title": one.title,
                "suits": wording.suits(one),
                "clauses": len(one.clauses),
                "items": len(one.items),
                "base_points": one.settings.base_points,
            }
            for name, one in loaded.items()
        ],
        current=current,
        id=form.get("id") or str(uuid4()),
        form=form,
        errors=problems,
    )


async def _version_page(
    request: Request,
    version_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    version = await rulebook.version(version_id, actor=request.user)
    place = await village_of(version)
    return render.page(
        request,
        "rule_version.html",
        status=400 if problems else 200,
        version=version,
        village=shown(place),
        scorers_of=scorers_of(version),
        scan=version.adoption is not None and version.adoption.scan is not None,
        may_write=may_write(request, place),
        before=_before(version, await rulebook.versions(version.village)),
        form=form or {},
        errors=problems or {},
    )


def _before(version: Version, known: list[Version]) -> Version | None:
    """The published version that this one follows, or a draft would follow."""
    older = [
        one
        for one in known
        if one.in_force_from is not None
        and one.id != version.id
        and (version.in_force_from is None
             or (one.in_force_from, one.number) < (version.in_force_from, version.number))
    ]  # fmt: skip
    return older[0] if older else None


# -- publication --------------------------------------------------------------------------


async def _adopt_page(
    request: Request, version: Version, form: dict[str, str], problems: dict[str, str]
) -> Response:
    earliest = await _earliest(version)
    return render.page(
        request,
        "rule_adopt.html",
        status=400 if problems else 200,
        village=shown(await village_of(version)),
        version={
            "id": version.id,
            "title": version.title,
            "number": version.number,
            "state": "draft" if version.state == "draft" else "published",
            "clauses": len(version.clauses),
            "items": len(version.items),
        },
        earliest=earliest,
        first=earliest <= clock.today(),
        form=form,
        errors=problems,
    )


async def _earliest(version: Version) -> date:
    known = await rulebook.versions(version.village)
    starts = [timeline.Start(one.in_force_from, one.number) for one in known if one.in_force_from]
    return timeline.earliest(starts, today=clock.today())


async def _proposed_start(version: Version) -> date:
    """A first version begins with last month, which is what is scored first; later ones with
    the next month."""
    today, earliest = clock.today(), await _earliest(version)
    month = today.year * 12 + today.month - 1 + (-1 if earliest <= today else 1)
    return max(earliest, date(month // 12, month % 12 + 1, 1))


_NUMBERS = ("roll", "present", "in_favour", "against")
_FIELD_OF: dict[type[Refusal], str] = {
    InForceTooEarly: "in_force_from",
    InForceOutOfRange: "in_force_from",
    ScanRefused: "scan",
    AdoptionNotPassed: "present",
}


def _typing_faults(data: AdoptForm, *, is_draft: bool) -> dict[str, str]:
    """What cannot even be read as a day or a figure."""
    found = []
    if is_draft and _date(data.in_force_from) is None:
        found.append(Finding(None, None, "in_force_from", "not_a_date"))
    if data.voted == "yes":
        if _date(data.held_on) is None:
            found.append(Finding(None, None, "held_on", "not_a_date"))
        if data.filed_on and _date(data.filed_on) is None:
            found.append(Finding(None, None, "filed_on", "not_a_date"))
        found += [
            Finding(None, None, field, "not_a_number")
            for field in _NUMBERS
            if findings.number(getattr(data, field)) is None
        ]
    problems = findings.by_field(found)
    if data.voted not in ("yes", "no"):
        problems["voted"] = locale.text("请选择有没有表决。")
    return problems


def _vote(data: AdoptForm) -> Adoption:
    return Adoption(
        held_on=date.fromisoformat(data.held_on.strip()),
        roll=findings.number(data.roll) or 0,
        present=findings.number(data.present) or 0,
        in_favour=findings.number(data.in_favour) or 0,
        against=findings.number(data.against) or 0,
        by_households=bool(data.by_households),
        filing_number=data.filing_number,
        filed_on=_date(data.filed_on),
    )


async def _scan(upload: UploadFile | None) -> Scan | None:
    """The uploaded file; a browser sends an empty one when none was chosen."""
    if upload is None:
        return None
    content = await upload.read()
    return Scan(upload.filename, content) if content else None


def _told(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, AdoptionInvalid):
        return findings.by_field(refusal.findings)
    return {_FIELD_OF[type(refusal)]: errors.message(refusal)}


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
