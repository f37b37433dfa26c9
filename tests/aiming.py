"""Builds a request for every route, aimed at one village: its rows in the path, query and body.

From the handlers' own signatures, so that a new route is asked too without anybody's adding it.
"""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Union
from uuid import UUID, uuid4

import factories
import msgspec
import villages
from factories import OPERATOR
from litestar import Litestar
from litestar.datastructures import UploadFile
from web import Route, routes, with_login

from foundation import clock
from foundation.actors import Actor
from households import batches, divisions, kinds, moves, officials, passbooks, regions, register
from households.details import HouseholdDetails
from households.models import Region, Resident
from points import ledger, publication, scoring
from points.period import Period
from points.sheets import Cell
from rules import rulebook

CSV = "户主,户号,组别\n新来的,99,1组\n".encode()


# A table of each kind that is no list of households.
TABLES = {
    "openings": "户主,期初积分\n新来的,9\n".encode(),
    "scores": "户号,户主\n901,没有\n".encode(),
    "items": "细则,最高分\n新来的,9\n".encode(),
    "officials": "姓名,角色\n新来的,评分员\n".encode(),
}

# What stands behind the mark in the names of a furnished village's rows.
NAME_ENDINGS = ("户主", "邻居", "村", "组", "项", "的事由", ".csv")


@dataclass(frozen=True)
class Asked:
    """One request, ready for `client.request(**arguments)`."""

    route: Route
    arguments: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.route.method} {self.route.path}"


@dataclass(frozen=True)
class Village:
    """A village that has one of everything, by the names that parameters and fields have."""

    code: str
    mark: str
    rows: dict[str, Any]
    variants: dict[str, list[Any]] = field(default_factory=dict)

    def shown_in(self, text: str) -> list[str]:
        """Which of its names a text holds; the bare mark may come back from a search field."""
        return [self.mark + end for end in NAME_ENDINGS if self.mark + end in text]


async def furnished(code: str, *, mark: str) -> Village:
    """Furnish a village of `factories.divisions`; everything in it is called by `mark`."""
    place = await Region.get(code=code)
    named = divisions.Division(code, f"{mark}村", place.parent, "village")
    await divisions.store([named], by=OPERATOR)
    clerk = factories.official("clerk", code)
    group = await regions.create_local(code, level="group", name=f"{mark}组", number=9, by=OPERATOR)
    details = HouseholdDetails(head=f"{mark}户主", number="901", phone="19900000099")
    household = await register.create(code, details, by=OPERATOR)
    grouped = moves.Regroup(group=group.code, grid="", on=clock.today())
    moved = await moves.regroup(household, grouped, id=uuid4(), revision=1, by=OPERATOR)
    neighbour = await register.create(code, HouseholdDetails(head=f"{mark}邻居"), by=OPERATOR)
    resident = await Resident.filter(household_id=household).first()
    official = await with_login(f"clerk-of-{code}", "clerk", code)
    await type(official).filter(id=official.id).update(name=f"{mark}村官")
    version, draft, entry, serial, sheet = await _scored(code, mark, [neighbour, household], clerk)
    uploads = await _uploads(code, mark, draft.id)
    [slip] = await passbooks.prints(code, only=[household], by=OPERATOR)
    return Village(
        code,
        mark,
        {
            "village": code,
            "region": code,
            "parent": code,
            "code": group.code,
            "group": group.code,
            "household": household,
            "household_id": household,
            "move_id": moved.id,
            "card": slip.card,
            "q": mark,
            "resident_id": resident and resident.id,
            "member_id": resident and resident.id,
            "entry_id": entry.id,
            "item_id": entry.item_id,
            "item": entry.item_id,
            "serial": serial,
            "sheet_id": sheet,
            "version": draft.id,
            "official_id": official.id,
            "before": version.id,
            "source": version.id,
        },
        {"version_id": [version.id, draft.id], "batch_id": uploads},
    )


async def _uploads(code: str, mark: str, draft: UUID) -> list[UUID]:
    """An import of each kind that waits to be confirmed."""
    found = []
    target = {"on": clock.today().isoformat(), "version": str(draft)}
    target |= {"group": f"{code}-G09", "month": clock.today().isoformat()[:7]}
    clerk = await officials.actor_of(await with_login(f"sheets-of-{code}", "clerk", code))
    for kind in kinds.KINDS.values():
        content = TABLES.get(kind.name, CSV)
        by = clerk if kind.name == "scores" else OPERATOR
        upload = await batches.upload(
            code, content, filename=f"{mark}.csv", by=by, kind=kind, target=target
        )
        await batches.read(upload.id)
        found.append(upload.id)
    return found


async def _scored(code: str, mark: str, households: list[UUID], clerk: Actor) -> tuple[Any, ...]:
    """A rule book in force, a draft, the last one's entry and a posted list.

    Half of those taking part are posted, so one alone never is.
    """
    item = villages.item(f"item-of-{code}", name=f"{mark}项")
    second = villages.item(f"sheet-of-{code}", name=f"{mark}二项")
    version = await villages.adopt(
        [item, second], village=code, on=clock.today().replace(month=1, day=1)
    )
    draft = await rulebook.draft_from_starter(code, "plain-village", by=OPERATOR)
    for points, household in enumerate(households, start=5):
        entry = await ledger.award(
            household,
            id=uuid4(),
            item_id=version.items[0].id,
            points=points,
            on=clock.today(),
            reason=f"{mark}的事由",
            by=clerk,
        )
    month = Period.parse(clock.today().isoformat()[:7])
    posted = await publication.publish(code, id=uuid4(), period=month, by=clerk)
    sheet = uuid4()
    cells = [Cell(household, second.code, 5) for household in households]
    await scoring.post_sheet(sheet, village=code, month=month.text, cells=cells, by=clerk)
    return version, draft, entry, posted.serial, sheet


# What fields are given that belong to no village.
PLAIN: dict[str, Any] = {
    "month": lambda: clock.today().isoformat()[:7],
    "period": lambda: clock.today().isoformat()[:7],
    "on": lambda: clock.today().isoformat(),
    "in_force_from": lambda: date(clock.today().year + 1, 1, 1).isoformat(),
    "id": lambda: str(uuid4()),
    "login": lambda: f"new-{uuid4().hex[:8]}",
    "name": lambda: "新名字",
    "head": lambda: "新户主",
    "role": lambda: "scorer",
    "level": lambda: "group",
    "purpose": lambda: "核对",
    "reason": lambda: "有事由",
    "points": lambda: 5,
    "starter": lambda: "plain-village",
    "format": lambda: "csv",
    "place": lambda: 1,
}


def requests(app: Litestar, aim: Village) -> Iterator[Asked]:
    """Every route that is not a file or about the API itself, aimed at the village."""
    handlers = {
        (method, http.path): handler
        for http in app.routes
        for handler in getattr(http, "route_handlers", ())
        for method in handler.http_methods
    }
    for route in routes(app):
        if route.path.startswith("/assets/") or not (
            route.needs_login or route.needs_holder or route.is_public
        ):
            continue
        signature = handlers[route.method, route.path].parsed_fn_signature.parameters
        annotations = {name: parameter.raw for name, parameter in signature.items()}
        for rows in _choices(route, aim):
            yield Asked(route, _arguments(route, annotations, rows))


def _choices(route: Route, aim: Village) -> Iterator[dict[str, Any]]:
    for name, values in aim.variants.items():
        if f"{{{name}:" in route.path:
            yield from ({**aim.rows, name: value} for value in values)
            return
    yield aim.rows


def _arguments(route: Route, annotations: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    path, query = route.path, {}
    for name, annotation in annotations.items():
        if name in ("request", "data", "self"):
            continue
        place = next((part for part in path.split("/") if part.startswith(f"{{{name}:")), None)
        if place:
            path = path.replace(place, str(_value(name, annotation, rows)))
        elif name in rows or name in PLAIN:
            query[name] = str(_value(name, annotation, rows))
    arguments: dict[str, Any] = {"method": route.method, "url": path, "params": query}
    if "data" in annotations:
        body = _value("data", annotations["data"], rows)
        if route.path.startswith("/api/") or route.method == "PUT":
            arguments["json"] = body
        else:
            arguments["data"] = {name: str(value) for name, value in body.items()}
        files = {name: value for name, value in body.items() if isinstance(value, tuple)}
        if files:
            del arguments["json" if "json" in arguments else "data"]
            arguments["files"] = files
            arguments["data"] = {n: str(v) for n, v in body.items() if n not in files}
    return arguments


def _value(name: str, annotation: Any, rows: dict[str, Any]) -> Any:
    """A value for a parameter or field: the village's own row by its name, else by its type."""
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    kinds = _kinds(annotation)
    if UploadFile in kinds:
        return ("list.csv", CSV, "text/csv")
    literal = next((k for k in kinds if typing.get_origin(k) is Literal), None)
    if literal is not None:
        return typing.get_args(literal)[0]
    if name in rows and not any(isinstance(k, type) and issubclass(k, int) for k in kinds):
        return str(rows[name])
    if name in PLAIN:
        return PLAIN[name]()
    kind = kinds[0]
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (list, tuple):
        return [_value(name, inner[0], rows)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {
            f.encode_name: _value(f.name, f.type, rows)
            for f in msgspec.structs.fields(kind)
            if f.required or f.name in rows or f.name in PLAIN
        }
    plain = {bool: False, int: 1, str: "字", dict: {}, UUID: str(uuid4()), bytes: ""}
    if kind in (date, datetime):
        return clock.today().isoformat()
    return plain.get(kind, {})


def _kinds(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        given = [k for k in typing.get_args(annotation) if k is not type(None)]
        return [k for one in given for k in _kinds(one) if k is not msgspec.UnsetType]
    return [annotation]
