"""Officials from a workbook: who gets a login, with which role, for which region.

A county has two thousand. The rules are those of `officials`: nobody grants more than his own
role lets him, nobody touches an official whom he does not manage. A login that is not written is
made from the name. No password is made here: those are issued when their slips are printed, so a
login that comes from a workbook opens nothing until then.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from tortoise.exceptions import IntegrityError

from foundation import audit, clock, database
from foundation.actors import Actor
from foundation.marking import mark as _n
from households import names, officials, regions, tabling
from households.errors import LoginTaken
from households.kinds import Job
from households.models import Household, Official, OfficialDuty, Region
from households.parsed import Severity
from households.placing import Places
from households.tables import Column, Notes, Row, Table
from households.tabling import Change, Line, Plan

COLUMNS = (
    Column("serial", _n("序号"), ("编号", "no")),
    Column("name", _n("姓名"), ("名字", "人员姓名", "干部姓名"), needed=True),
    Column("login", _n("用户名"), ("账号", "登录名", "帐号", "登录账号")),
    Column("role", _n("角色"), ("职务", "岗位", "身份", "职责", "担任职务"), needed=True),
    Column("township", _n("乡镇"), ("镇", "所属乡镇", "乡镇街道", "镇街"), down=True),
    Column("village", _n("村"), ("村名", "行政村", "所属村", "村社区", "村居"), down=True),
    Column("group", _n("小组"), ("组", "村民小组", "组别", "所属小组")),
    Column("grid", _n("网格"), ("所属网格", "网格名称", "微网格")),
    Column("region", _n("管哪里"), ("范围", "管辖范围", "区划", "区划代码", "所在单位", "责任区")),
    Column("number", _n("自家户号"), ("户号", "本人户号", "家庭户号")),
)

ROLE_WORDS = {
    "村文书": "clerk", "文书": "clerk", "村会计": "clerk", "会计": "clerk",
    "评分员": "scorer", "记分员": "scorer", "计分员": "scorer",
    "评议员": "panel_member", "评议小组成员": "panel_member", "评议组成员": "panel_member",
    "监督委员": "supervisor", "监督员": "supervisor", "监委会成员": "supervisor",
    "村务监督委员会成员": "supervisor", "村务监督委员": "supervisor",
    "网格员": "grid_worker", "专职网格员": "grid_worker", "兼职网格员": "grid_worker",
    "网格长": "grid_worker", "微网格长": "grid_worker",
    "组干部": "group_cadre", "组长": "group_cadre", "小组长": "group_cadre",
    "村民小组长": "group_cadre", "村民小组组长": "group_cadre",
    "镇干部": "township_official", "乡镇干部": "township_official", "包村干部": "township_official",
    "县干部": "county_official", "县级干部": "county_official",
    "审计员": "auditor", "审计": "auditor", "管理员": "admin", "系统管理员": "admin",
}  # fmt: skip
_ROLES = ROLE_WORDS | {role: role for role in officials.ROLES}
_SPLIT = re.compile(r"[、,，/;；+和兼及]")
_LOGIN_TRIES_MAX = 10_000

SENTENCES: dict[str, tuple[Severity, str]] = {
    "region_missing": ("error", _n("没有写明管哪里，这一行未采用。")),
    "region_unknown": ("error", _n("这里没有“{text}”这个地方，这一行未采用。")),
    "region_not_unique": ("error", _n("“{text}”不止一处，请写区划代码或写全，这一行未采用。")),
    "role_not_yours": ("error", _n("您不能在这里设“{role}”，这一行未采用。")),
    "login_malformed": ("error", _n("用户名要 2 到 40 个字母、数字或汉字，这一行未采用。")),
    "login_taken": ("error", _n("这个用户名已有人使用，不归您管理，这一行未采用。")),
    "official_not_unique": ("error", _n("这里同名的人员不止一位，请填用户名，这一行未采用。")),
    "official_closed": ("error", _n("这个账号已停用，请先恢复，这一行未采用。")),
    "namesake": (
        "warning",
        _n("{where}已有同名人员（{login}），这里按另一位新增；是同一人请填用户名。"),
    ),
    "household_unknown": ("error", _n("该村没有这个户号，自家户号未采用。")),
    "household_no_village": ("error", _n("管的不是一个村，看不出户号是哪个村的，自家户号未采用。")),
    "household_differs": ("error", _n("他自己的户已登记为另一户，未改动。")),
}  # fmt: skip


class Known(msgspec.Struct):
    """An official of the store, with the duties he holds, as role and region."""

    id: UUID
    login: str
    name: str
    active: bool
    household_id: UUID | None
    duties: set[tuple[str, str]]
    managed: bool = True


class Step(msgspec.Struct):
    """An official to make, or to change where `known` is one; only what is new about him."""

    login: str
    name: str
    known: Known | None = None
    duties: list[tuple[str, str]] = []
    household_id: UUID | None = None


class _Person(msgspec.Struct):
    """The lines of one person as they come in; the first one's row names him."""

    row: Row
    login: str
    name: str
    place: Region
    duties: dict[tuple[str, str], Row] = {}
    household_id: UUID | None = None


class _Store(msgspec.Struct):
    """What the lines are compared with."""

    places: Places
    officials: list[Known]
    households: dict[tuple[str, str], UUID]


async def plan(table: Table, job: Job) -> Plan[Step]:
    """What the lines do to the officials in the actor's reach; writes nothing."""
    notes = Notes(SENTENCES)
    store = await _loaded(table, job)
    people: dict[tuple[str, ...], _Person] = {}
    refused = [
        row for row in table.rows if not _taken(row, people, store=store, job=job, notes=notes)
    ]
    steps: list[Step] = []
    lines = [Line(row.sheet, row.row, row.words("name"), [], "refused") for row in refused]
    logins = {known.login.lower() for known in store.officials}
    logins |= {person.login.lower() for person in people.values() if person.login}
    for person in people.values():
        line, step = _settled(person, store, logins=logins, notes=notes)
        lines.append(line)
        if step:
            steps.append(step)
    order = {one.name: at for at, one in enumerate(table.sheets)}
    lines.sort(key=lambda line: (order[line.sheet], line.row))
    return Plan(lines=lines, steps=steps, problems=notes.found)


# -- what the store has -------------------------------------------------------------------


async def _loaded(table: Table, job: Job) -> _Store:
    below = await regions.subtree(job.place)
    above = [place for place in await regions.lineage(job.place) if place.code != job.place.code]
    numbers = {row.text("number") for row in table.rows} - {""}
    homes = Household.filter(number__in=list(numbers), state="active") if numbers else None
    inside = {place.code for place in below}
    found = await homes.values_list("village", "number", "id") if homes else []
    return _Store(
        places=Places(job.place, below, above=above),
        officials=await _officials(job.by),
        households={(village, number): key for village, number, key in found if village in inside},
    )


async def _officials(by: Actor) -> list[Known]:
    found = await database.rows(
        "SELECT o.id, o.login, o.name, o.active, o.household_id, d.role, d.region, r.path "
        "FROM official o LEFT JOIN official_duty d ON d.official_id = o.id "
        "LEFT JOIN region r ON r.code = d.region ORDER BY o.login, d.id"
    )
    known: dict[str, Known] = {}
    for row in found:
        own = row["household_id"]
        one = known.setdefault(
            str(row["id"]),
            Known(
                UUID(str(row["id"])),
                row["login"],
                row["name"],
                bool(row["active"]),
                UUID(str(own)) if own else None,
                set(),
                managed=by.is_operator or row["role"] is not None,
            ),
        )
        if row["role"] is not None:
            one.duties.add((row["role"], row["region"]))
            one.managed &= officials.may_grant(by, row["role"], path=row["path"] or "")
    return list(known.values())


# -- one line -----------------------------------------------------------------------------


def _taken(
    row: Row, people: dict[tuple[str, ...], _Person], *, store: _Store, job: Job, notes: Notes
) -> bool:
    """Add a line to its person; False if nothing of it can be used."""
    name, login = row.words("name"), row.text("login")
    if not name:
        notes.add("missing", row, "name", column="姓名")
        return False
    if len(name) > officials.NAME_LENGTH_MAX:
        notes.add("too_long", row, "name", limit=officials.NAME_LENGTH_MAX)
        return False
    if login and not officials.LOGIN_PATTERN.fullmatch(login):
        notes.add("login_malformed", row, "login")
        return False
    place = _place(row, store.places, job=job, notes=notes)
    roles = _roles(row, notes)
    if place is None or not roles:
        return False
    for role in roles:
        if not officials.may_grant(job.by, role, path=place.path):
            notes.add("role_not_yours", row, "role", role=word(role))
            return False
    key = ("login", login.lower()) if login else ("name", name, place.code)
    person = people.setdefault(key, _Person(row, login, name, place))
    for role in roles:
        if earlier := person.duties.get((role, place.code)):
            notes.add("line_twice", row, earlier=earlier.row)
            return False
        person.duties[role, place.code] = row
    person.household_id = person.household_id or _household(row, place, store, notes)
    return True


def _place(row: Row, known: Places, *, job: Job, notes: Notes) -> Region | None:
    region = row.text("region")
    parts = "".join(row.text(key) for key in ("township", "village", "group", "grid"))
    if not region and not parts:
        if job.place.level == "village":
            return job.place
        notes.add("region_missing", row)
        return None
    tried = [text for text in (parts + region, region, parts) if text]
    found: list[Region] = []
    for text in tried:
        found = known.named(text)
        if len(found) == 1:
            return found[0]
    key = next((k for k in ("region", "grid", "group", "village", "township") if row.text(k)), "")
    notes.add("region_not_unique" if found else "region_unknown", row, key, text=tried[0])
    return None


def _roles(row: Row, notes: Notes) -> list[str]:
    text = row.text("role")
    if not text:
        notes.add("missing", row, "role", column="角色")
        return []
    # A word that stands for a role is taken whole before it is cut at its 和 or 兼.
    parts = [text] if text.lower() in _ROLES else [part for part in _SPLIT.split(text) if part]
    found = [_ROLES.get(part.lower(), "") for part in parts]
    if "" in found or not found:
        known = dict.fromkeys(ROLE_WORDS.values())
        notes.add("not_a_choice", row, "role", choices="、".join(word(role) for role in known))
        return []
    return list(dict.fromkeys(found))


def _household(row: Row, place: Region, store: _Store, notes: Notes) -> UUID | None:
    number = row.text("number")
    if not number:
        return None
    if not place.village:
        notes.add("household_no_village", row, "number")
        return None
    found = store.households.get((place.village, number))
    if found is None:
        notes.add("household_unknown", row, "number")
    return found


# -- one person ---------------------------------------------------------------------------


def _settled(
    person: _Person, store: _Store, *, logins: set[str], notes: Notes
) -> tuple[Line, Step | None]:
    """What becomes of one person: made, changed, left as he is, or refused."""
    row = person.row
    details = [*(word(role) for role, _ in person.duties), *_region_names(person, store)]
    line = Line(row.sheet, row.row, person.name, list(dict.fromkeys(details)), "refused")
    known, refusal = _known(person, store)
    if refusal:
        notes.add(refusal, row, "login" if person.login else "name")
        return line, None
    if known is None:
        _warn_of_namesake(person, store, notes)
        login = person.login or _login(person.name, logins)
        step = Step(login, person.name, None, list(person.duties), person.household_id)
        changes = [Change(_n("用户名"), "", login)]
        return msgspec.structs.replace(line, action="created", changes=changes), step
    step = Step(known.login, known.name, known)
    changes = []
    if person.name != known.name:
        step.name = person.name
        changes.append(Change(_n("姓名"), known.name, person.name))
    step.duties = [duty for duty in person.duties if duty not in known.duties]
    changes += [Change(_n("角色"), "", word(role)) for role, _ in step.duties]
    if person.household_id and known.household_id is None:
        step.household_id = person.household_id
        changes.append(Change(_n("自家户号"), "", row.text("number")))
    elif person.household_id not in (None, known.household_id):
        notes.add("household_differs", row, "number")
    if not changes:
        return msgspec.structs.replace(line, action="unchanged"), None
    return msgspec.structs.replace(line, action="updated", changes=changes), step


def _known(person: _Person, store: _Store) -> tuple[Known | None, str]:
    """The official whom the lines are about, None for a new one; or why they cannot be."""
    if person.login:
        same = [one for one in store.officials if one.login.lower() == person.login.lower()]
    else:
        same = [
            one
            for one in store.officials
            if one.name == person.name
            and one.managed
            and any(region == person.place.code for _, region in one.duties)
        ]
    if len(same) > 1:
        return None, "official_not_unique"
    known = same[0] if same else None
    if known and not known.managed:
        return None, "login_taken"
    if known and not known.active:
        return None, "official_closed"
    return known, ""


def _warn_of_namesake(person: _Person, store: _Store, notes: Notes) -> None:
    village = person.place.village
    if person.login or not village:
        return
    for one in store.officials:
        if one.name == person.name and any(region[:12] == village for _, region in one.duties):
            where = store.places.by_code[village].name
            notes.add("namesake", person.row, "name", where=where, login=one.login)
            return


def _region_names(person: _Person, store: _Store) -> list[str]:
    return [store.places.by_code[region].name for _, region in person.duties]


def word(role: str) -> str:
    """The first word that stands for a role."""
    return next(known for known, code in ROLE_WORDS.items() if code == role)


def _login(name: str, taken: set[str]) -> str:
    """A login from a name that nobody has yet: wangqs, wangqs2, wangqs3 ..."""
    stem = names.login_stem(name)
    for number in range(1, _LOGIN_TRIES_MAX):
        login = stem if number == 1 and len(stem) > 1 else f"{stem}{number}"
        if login not in taken:
            taken.add(login)
            return login
    raise LoginTaken(login=stem)


# -- the store ----------------------------------------------------------------------------


async def take(planned: Plan[Step], job: Job) -> None:
    """Make and change officials as planned, inside the caller's transaction.

    Refuses with `LoginTaken` when another import took a login at the same moment.
    """
    fresh = [step for step in planned.steps if step.known is None]
    made = {step.login: uuid4() for step in fresh}
    try:
        await Official.bulk_create(
            Official(
                id=made[step.login],
                login=step.login,
                name=step.name,
                password="",  # none yet: nobody can log in before one is issued
                must_change_password=True,
                household_id=step.household_id,
                created_at=clock.now(),
            )
            for step in fresh
        )
    except IntegrityError:
        raise LoginTaken(login="、".join(made)[:80]) from None
    await OfficialDuty.bulk_create(
        OfficialDuty(
            official_id=step.known.id if step.known else made[step.login], role=role, region=region
        )
        for step in planned.steps
        for role, region in step.duties
    )
    await database.execute_many(
        "UPDATE official SET name = ?, household_id = COALESCE(?, household_id), "
        "revision = revision + 1 WHERE id = ?",
        [[step.name, step.household_id, step.known.id] for step in planned.steps if step.known],
    )
    facts: dict[str, Any] = tabling.counts(planned.result)
    await audit.note(job.by, "officials.import", village=job.place.code, **facts)


async def _columns(_: Job) -> Sequence[Column]:
    return COLUMNS


KIND = tabling.kind(
    "officials",
    permission="officials.write",
    levels=("county", "township", "area", "village"),
    columns=_columns,
    plan=plan,
    take=take,
)
