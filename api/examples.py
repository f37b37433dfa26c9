"""Examples in the API's own description, made from its schemas: what a field of that name holds.

Invented throughout: no code, number or id here belongs to anybody. A body that is sent as its
example says is well-formed; whether the thing it names exists is another matter.
"""

from typing import Any

from litestar.openapi.spec import OpenAPI, OpenAPIType, Parameter, Reference, Schema

VILLAGE, UUID = "610428106221", "6f1c4bd0-3c60-4a0e-9b7e-0d2f6c1a5e01"

# What a parameter means, and an example of it.
PARAMETERS: dict[str, tuple[str, Any]] = {
    "active": ("Only logins that are open, or only closed ones.", True),
    "actor": ("Who acted: login, name or id.", "zhouws"),
    "after": (
        "Where to read on from: a number in the ledger, or the `next` of the answer before.",
        0,
    ),
    "batch_id": ("The import.", UUID),
    "before": ("The older version to compare with.", UUID),
    "block": ("One of environment, law, customs, public_service.", "environment"),
    "card": ("The letters on the household's passbook card.", "KQ7M2XWP"),
    "code": ("A region's code.", f"{VILLAGE}-G01"),
    "days": ("How many days the list hangs; the village's setting if not said.", 10),
    "entry_id": ("The entry.", UUID),
    "file": ("The backup's file name.", "xiangyue-20261101-0300.backup"),
    "format": ("Which kind of file.", "xlsx"),
    "from": ("The first local day.", "2026-10-01"),
    "grid": ("Code of a grid, with its micro-grids, or of one micro-grid.", f"{VILLAGE}-W001"),
    "group": ("Code of a villagers' group.", f"{VILLAGE}-G01"),
    "hand_over_id": ("The hand-over.", UUID),
    "household": ("A household: its id, in the audit log also its head's name or number.", UUID),
    "household_id": ("The household.", UUID),
    "item": ("Code of a scoring item, in whatever version.", "courtyard"),
    "kind": ("Kind of entry.", "award"),
    "level": ("Level of the region.", "group"),
    "limit": ("How many lines at most.", 200),
    "medium": ("The rows as they hang on the wall, or as the web shows them.", "wall"),
    "month": ("The month of the sheet.", "2026-10"),
    "move_id": ("The step.", UUID),
    "number": ("The number of the printed page.", 1),
    "official_id": ("The official.", UUID),
    "on": ("A local day.", "2026-10-20"),
    "order": ("`oldest` for the oldest first.", "oldest"),
    "page": ("Which page, from 1.", 1),
    "page_size": ("Rows of a page.", 50),
    "paper": ("Size of the paper.", "A4"),
    "parent": ("Code of the region above.", VILLAGE),
    "period": ("A month, a quarter or a year.", "2026-10"),
    "q": ("What to look for.", "张"),
    "region": ("A region's code.", VILLAGE),
    "resident_id": ("The person.", UUID),
    "role": ("A role.", "scorer"),
    "serial": ("The publication's serial.", f"{VILLAGE}-2026-10-01"),
    "sheet_id": ("The posted sheet.", UUID),
    "since": ("A cursor of the change feed: only what changed after it.", "1024-9f2c41d07ab3"),
    "sort": ("The order.", "number"),
    "state": ("Only what stands like this.", ""),
    "top": ("Only so many places.", 20),
    "until": ("The last local day.", "2026-10-31"),
    "verb": ("The beginning of the verb.", "ledger."),
    "version_id": ("The version of the rule book.", UUID),
    "village": ("A village's 12-digit code.", VILLAGE),
    "wait": ("Seconds to wait for a change.", 0),
}

# What a field of a body holds by its name; other fields by their type.
FIELDS: dict[str, Any] = {
    "base_points": 100,
    "born_on": "1970-01-01",
    "confirm": "",
    "count": 1,
    "evidence": UUID,
    "file": "eyJmb3JtYXQiOiJ4aWFuZ3l1ZS14eXAtMSJ9",
    "group": f"{VILLAGE}-G01",
    "head": "罗桂英",
    "held_on": "2025-12-20",
    "how": "paper_sheet",
    "in_force_from": "2026-01-01",
    "in_favour": 160,
    "item": "courtyard",
    "level": "group",
    "login": "zhouws",
    "month": "2026-10",
    "name": "第一村民小组",
    "on": "2026-10-20",
    "parent": VILLAGE,
    "password": "a long password",
    "period": "2026-10",
    "phone": "19900000001",
    "pin": "482913",
    "points": 5,
    "posted_first_n": 20,
    "present": 180,
    "purpose": "核对农户册",
    "reason": "院子打扫得干净",
    "region": VILLAGE,
    "role": "scorer",
    "roll": 320,
    "starter": "plain-village",
    "text": "院落常打扫，柴草不乱堆。",
    "title": "村规民约",
    "village": VILLAGE,
    "wall": "masked",
}
# Fields that may be left out and are told all the same, because a body without them says little.
TOLD = {"base_points", "group", "number", "phone", "posted_first_n", "starter", "wall"}


def describe(parameter: Parameter) -> None:
    """Give a parameter its meaning and an example."""
    known = PARAMETERS.get(parameter.name)
    if known is None:
        return
    meaning, example = known
    parameter.description = parameter.description or meaning
    if parameter.example is None and example != "":
        parameter.example = example


def example(schema: Schema | Reference | None, description: OpenAPI, *, name: str = "") -> Any:
    """A value that fits a schema."""
    if isinstance(schema, Reference):
        kept = (description.components.schemas or {})[schema.ref.rpartition("/")[2]]
        return example(kept, description, name=name)
    if schema is None:
        return None
    for several in (schema.one_of, schema.any_of):
        if several:
            return example(_likeliest(several), description, name=name)
    if schema.enum:
        return FIELDS[name] if FIELDS.get(name) in schema.enum else next(iter(schema.enum))
    if schema.properties is not None:
        required = set(schema.required or ())
        return {
            field: example(kept, description, name=field)
            for field, kept in schema.properties.items()
            if field in required | TOLD
        }
    return _plain(schema, description, name=name)


def _plain(schema: Schema, description: OpenAPI, *, name: str) -> Any:
    kind = str(getattr(schema.type, "value", schema.type) or "")
    if kind == OpenAPIType.ARRAY.value:
        prefix = getattr(schema, "prefix_items", None)
        if prefix:
            return [example(one, description) for one in prefix]
        return [example(schema.items, description)] if schema.items else []
    if kind == OpenAPIType.OBJECT.value:
        return {}
    if str(getattr(schema.format, "value", schema.format)) == "uuid":
        return UUID
    by_kind: dict[str, Any] = {
        OpenAPIType.INTEGER.value: int(schema.minimum or 1),
        OpenAPIType.BOOLEAN.value: True,
        OpenAPIType.STRING.value: "007" if name == "number" else "字",
    }
    known = FIELDS.get(name)
    if isinstance(known, str) == (kind == OpenAPIType.STRING.value) and known is not None:
        return known
    if str(getattr(schema.format, "value", schema.format)) == "date":
        return "2026-10-20"
    return by_kind.get(kind)


def _likeliest(several: Any) -> Any:
    """The first that is something rather than nothing."""
    named = [one for one in several if getattr(one, "type", None) != OpenAPIType.NULL]
    return (named or list(several))[0]
