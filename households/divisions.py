"""Official divisions: the 12-digit codes of counties, townships and villages, from a csv file.

Reads files as offices hand them around (UTF-8 or GBK, columns in any order) and adds to the tree
of regions. What stands there is never moved or deleted; only its name may change.
"""

import csv
import io
import re

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from foundation.marking import mark as _n
from households import officials
from households.errors import RegionRefused
from households.models import Region
from households.regions import DIVISION_LEVELS, NAME_LENGTH_MAX

# A province has some twenty thousand.
DIVISIONS_MAX = 50_000

_HEADERS = {
    "code": ("code", "代码", "区划代码", "统计用区划代码"),
    "name": ("name", "名称", "区划名称", "单位名称"),
    "parent": ("parent", "上级代码", "上级"),
    "level": ("level", "级别", "层级"),
}


class Division(msgspec.Struct, frozen=True):
    """One official division, as a line of an import names it."""

    code: str
    name: str
    parent: str
    level: str
    row: int = 0


class RegionProblem(msgspec.Struct, frozen=True):
    """A line that is not taken, and why."""

    row: int
    column: str
    value: str
    code: str
    message: str


class RegionImport(msgspec.Struct):
    """What an import did; `regions` counts the divisions in the file."""

    regions: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RegionProblem] = []


def read(content: bytes) -> tuple[list[Division], list[RegionProblem]]:
    """The divisions in a csv file (UTF-8 or GBK) and the lines that name none.

    Columns are found by their names; parent and level may be absent and then follow from the
    12-digit code as the National Bureau of Statistics composes it: six digits county, three
    township, three village.
    """
    try:
        table = list(csv.reader(io.StringIO(_decoded(content), newline="")))
    except csv.Error:  # a cell larger than any name
        raise RegionRefused(reason="not_text") from None
    if len(table) > DIVISIONS_MAX:
        raise RegionRefused(reason="too_many", rows_max=DIVISIONS_MAX)
    columns = _columns(table[0]) if table else {}
    if "code" not in columns or "name" not in columns:
        raise RegionRefused(reason="no_header")
    divisions, problems = [], []
    for number, line in enumerate(table[1:], start=2):
        cells = {key: line[at].strip() for key, at in columns.items() if at < len(line)}
        code, name = cells.get("code", ""), cells.get("name", "")
        if not code and not name:
            continue
        if not re.fullmatch(r"[0-9]{12}", code):
            problems.append(
                RegionProblem(number, "code", code, "code_malformed", _n("区划代码须是 12 位数字"))
            )
        elif not name or len(name) > NAME_LENGTH_MAX:
            problems.append(
                RegionProblem(number, "name", name, "name_missing", _n("缺少名称或过长"))
            )
        else:
            parent = cells.get("parent") or _parent_of(code, cells)
            level = cells.get("level") or _level_of(code)
            divisions.append(Division(code, name, parent, level, number))
    return divisions, problems


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RegionRefused(reason="not_text")


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        for key, names in _HEADERS.items():
            if cell.strip().lower() in names:
                found.setdefault(key, at)
    return found


def _level_of(code: str) -> str:
    if code.endswith("000000"):
        return "county"
    return "township" if code.endswith("000") else "village"


def _parent_of(code: str, cells: dict[str, str]) -> str:
    if "parent" in cells and _level_of(code) == "county":
        return ""
    return {"county": "", "township": code[:6] + "0" * 6, "village": code[:9] + "000"}[
        _level_of(code)
    ]


async def import_file(content: bytes, *, by: Actor) -> RegionImport:
    """Take the divisions of a csv file in; what its lines lack is in the answer's problems.

    Refuses with `RegionRefused` what is no such file, and as `store` does.
    """
    lines, problems = read(content)
    outcome = await store(lines, by=by)
    outcome.problems = sorted([*problems, *outcome.problems], key=lambda problem: problem.row)
    return outcome


@database.transaction
async def store(lines: list[Division], *, by: Actor) -> RegionImport:
    """Store divisions; the same lines again change nothing, a new name is taken over.

    A line is a problem, and not stored, when its parent is neither among the lines nor in the
    store, its level does not fit below that parent, its code stands elsewhere in the tree, or
    its place is beyond the actor's reach. Refuses with `NotAllowed` unless the actor may write
    regions somewhere.
    """
    officials.require_anywhere(by, "regions.write")
    reach = officials.scope(by, "regions.write")
    outcome = RegionImport(regions=len(lines))
    known = {region.code: region for region in await Region.all()}
    new: list[Region] = []
    changed: list[str] = []
    for line in sorted(lines, key=lambda d: (_rank(d.level), d.code)):
        parent, at_hand = known.get(line.parent), known.get(line.code)
        path = f"{parent.path if parent and line.level != 'county' else ''}{line.code}/"
        problem = _problem_of(line, parent, at_hand, path=path, reach=reach)
        if problem is not None:
            outcome.problems.append(problem)
        elif at_hand is None:
            known[line.code] = _region(line, path=path)
            new.append(known[line.code])
        elif at_hand.name == line.name:
            outcome.unchanged += 1
        else:
            at_hand.name = line.name
            await at_hand.save(update_fields=["name"])
            outcome.updated += 1
            changed.append(at_hand.code)
    await Region.bulk_create(new)
    outcome.created = len(new)
    changed += [region.code for region in new]
    await audit.note(
        by,
        "regions.import",
        changed=[f"region:{code}" for code in changed],
        created=outcome.created,
        updated=outcome.updated,
    )
    return outcome


def _rank(level: str) -> int:
    """How far below the top; what is no level of divisions comes last."""
    return DIVISION_LEVELS.index(level) if level in DIVISION_LEVELS else len(DIVISION_LEVELS)


def _region(line: Division, *, path: str) -> Region:
    return Region(
        code=line.code,
        name=line.name,
        level=line.level,
        parent=line.parent,
        path=path,
        village=line.code if line.level == "village" else "",
    )


def _problem_of(
    line: Division,
    parent: Region | None,
    at_hand: Region | None,
    *,
    path: str,
    reach: list[str] | None,
) -> RegionProblem | None:
    """The first thing that keeps a line from being stored."""

    def problem(column: str, value: str, code: str, message: str) -> RegionProblem:
        return RegionProblem(line.row, column, value, code, message)

    if line.level not in DIVISION_LEVELS:
        return problem("level", line.level, "level_unknown", _n("没有这个级别"))
    if line.level != "county":
        if parent is None:
            return problem("parent", line.parent, "parent_unknown", _n("找不到上级区划"))
        if _rank(parent.level) >= _rank(line.level):
            return problem("parent", line.parent, "parent_level", _n("上级区划的级别不对"))
    if at_hand is not None and at_hand.path != path:
        return problem("parent", line.parent, "moved", _n("这个代码已在别的上级之下"))
    if reach is not None and not path.startswith(tuple(reach)):
        return problem("code", line.code, "out_of_reach", _n("这个区划不归您管"))
    return None
