"""Who may do what, where: roles, duties and the officials who hold them.

The table below is the only place that grants anything. An official's reach is the subtree of
each duty's region; beside it nothing exists for him.
"""

import re
from datetime import date
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from foundation import audit, clock, database
from foundation.actors import Actor, Duty
from households import passwords
from households.errors import (
    HouseholdNotFound,
    LoginTaken,
    NotAllowed,
    NotWholeStore,
    OfficialNotFound,
    OfficialRefused,
    RegionNotFound,
    RoleUnknown,
)
from households.models import Household, Official, OfficialDuty, Region

_READER = {"regions.read", "rules.read", "leaderboard.read", "publications.read"}
# Whom a rule book may name as scorers. What each may score, and where, its items say.
_SCORER = _READER | {"register.read", "entries.read", "scores.write", "entries.write"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "clerk": frozenset(
        _SCORER
        | {
            "regions.write",
            "register.write",
            "register.move",
            "register.unmask",
            "register.restricted",
            "register.export",
            "passbooks.write",
            "entries.base",
            "entries.reverse",
            "entries.open",
            "rules.write",
            "publications.write",
            "officials.read",
            "settings.write",
        }
    ),
    "scorer": frozenset(_SCORER | {"entries.base"}),
    "panel_member": frozenset(_SCORER),
    "supervisor": frozenset(
        _READER | {"register.read", "entries.read", "officials.read", "audit.read"}
    ),
    # Sheets go by group, a grid lies across them: deeds there are entered one by one.
    "grid_worker": frozenset(_SCORER - {"scores.write"}),
    "group_cadre": frozenset(_SCORER),
    "township_official": frozenset(
        _READER
        | {
            "register.read",
            # A household goes from one village to the next: neither's clerk reaches both.
            "register.move",
            "entries.read",
            "officials.read",
            "officials.write",
            "regions.write",
            "overview.read",
            "publications.receive",
        }
    ),
    "county_official": frozenset(_READER | {"officials.read", "overview.read"}),
    "auditor": frozenset(
        {
            "regions.read",
            "rules.read",
            "entries.read",
            "publications.read",
            "overview.read",
            "audit.read",
        }
    ),
    "admin": frozenset(
        {
            "regions.read",
            "regions.write",
            "officials.read",
            "officials.write",
            "settings.write",
            "rules.read",
            "audit.read",
            "publications.read",
            "overview.read",
            "publications.receive",
            "store.keep",
        }
    ),
}
ROLES = tuple(PERMISSIONS)

# Whom a role may make, change and give a new password: nobody hands out more than belongs to the
# level below his own, and nobody takes over the login of his equal.
GRANTS: dict[str, frozenset[str]] = {
    "admin": frozenset(ROLES),
    "township_official": frozenset(
        {
            "clerk",
            "scorer",
            "panel_member",
            "supervisor",
            "grid_worker",
            "group_cadre",
        }
    ),
}
ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values())

LOGIN_PATTERN = re.compile(r"[\w.@-]{2,40}")
NAME_LENGTH_MAX = 60

# -- permission ---------------------------------------------------------------------------


def allowed(actor: Actor, permission: str) -> bool:
    """Whether the actor may do this anywhere at all."""
    assert permission in ALL_PERMISSIONS, permission
    return actor.is_operator or any(permission in PERMISSIONS[d.role] for d in actor.duties)


def scope(actor: Actor, permission: str) -> list[str] | None:
    """The path prefixes below which the actor may do this; None means everywhere."""
    assert permission in ALL_PERMISSIONS, permission
    if actor.is_operator:
        return None
    return [d.path for d in actor.duties if permission in PERMISSIONS[d.role]]


def require(actor: Actor, permission: str, region: Region) -> None:
    """Refuse with `RegionNotFound` outside the actor's subtrees, `NotAllowed` inside them."""
    prefixes = scope(actor, permission)
    if prefixes is None or any(region.path.startswith(prefix) for prefix in prefixes):
        return
    if any(region.path.startswith(duty.path) for duty in actor.duties):
        raise NotAllowed(permission=permission, region=region.code)
    raise RegionNotFound(code=region.code)


def require_anywhere(actor: Actor, permission: str) -> None:
    """Refuse with `NotAllowed` when no duty of the actor's grants this."""
    if not allowed(actor, permission):
        raise NotAllowed(permission=permission, region="")


async def keeps_the_store(actor: Actor) -> bool:
    """Whether the actor's backups and keys are nobody else's: every village in use is his."""
    prefixes = scope(actor, "store.keep")
    if prefixes is None:
        return True
    used = await database.rows(
        "SELECT path FROM region WHERE code IN (SELECT DISTINCT village FROM household)"
    )
    return bool(prefixes) and all(row["path"].startswith(tuple(prefixes)) for row in used)


async def require_store(actor: Actor) -> None:
    """Refuse with `NotAllowed`, or with `NotWholeStore` who looks after a part of the store."""
    require_anywhere(actor, "store.keep")
    if not await keeps_the_store(actor):
        raise NotWholeStore()


def grantable(actor: Actor) -> list[str]:
    """The roles that the actor may give to others somewhere, in the order of the table."""
    return [
        role
        for role in ROLES
        if any(may_grant(actor, role, path=duty.path) for duty in actor.duties) or actor.is_operator
    ]


def may_grant(actor: Actor, role: str, *, path: str) -> bool:
    """Whether the actor decides about this role at this place in the tree."""
    return actor.is_operator or any(
        path.startswith(duty.path)
        # A post without a role opens nothing: whoever gives any role there may name its holder.
        and (role in GRANTS.get(duty.role, ()) if role else duty.role in GRANTS)
        for duty in actor.duties
    )


# -- officials ----------------------------------------------------------------------------


async def create(
    login: str,
    *,
    name: str,
    role: str,
    region: str,
    password: str,
    by: Actor,
    household_id: UUID | None = None,
    must_change_password: bool = True,
) -> Official:
    """Give somebody a login with one duty.

    Args:
        login: unique in the whole installation.
        name: as colleagues call the person.
        role: one of `ROLES`.
        region: code of the duty region.
        password: the first password, in clear; only its hash is kept.
        by: who creates; may grant only in his own subtree, and no role that can do more
            than officials of that level are made for.
        household_id: the official's own household, which he may then never score.
        must_change_password: whether the first log-in asks for a new one.

    Refuses with `RoleUnknown`, `OfficialRefused`, `PasswordWeak`, `RegionNotFound`,
    `NotAllowed`, `HouseholdNotFound`, `LoginTaken`.
    """
    login, name = login.strip(), name.strip()
    if not LOGIN_PATTERN.fullmatch(login):
        raise OfficialRefused(reason="login", login=login)
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        raise OfficialRefused(reason="name", name=name)
    password_hash = await passwords.hashed(password)
    return await _create(
        login,
        name=name,
        role=role,
        region=region,
        password_hash=password_hash,
        by=by,
        household_id=household_id,
        must_change_password=must_change_password,
    )


@database.transaction
async def _create(
    login: str,
    *,
    name: str,
    role: str,
    region: str,
    password_hash: str,
    by: Actor,
    household_id: UUID | None,
    must_change_password: bool,
) -> Official:
    place = await duty_region(role=role, region=region, by=by)
    if household_id is not None:
        await _require_own_household(household_id, by=by)
    if await Official.exists(login=login):
        raise LoginTaken(login=login)
    try:
        official = await Official.create(
            id=uuid4(),
            login=login,
            name=name,
            password=password_hash,
            must_change_password=must_change_password,
            household_id=household_id,
            created_at=clock.now(),
        )
    except IntegrityError:
        raise LoginTaken(login=login) from None
    await OfficialDuty.create(official=official, role=role, region=place.code, since=clock.today())
    await audit.note(
        by,
        "officials.create",
        village=place.village,
        subject=f"official:{official.id}",
        role=role,
        region=place.code,
    )
    return official


async def duty_region(*, role: str, region: str, by: Actor, post: str = "") -> Region:
    """Where a duty is to be, if the actor may give it there; without a role only for a post.

    Refuses with `RoleUnknown`, `RegionNotFound`, `NotAllowed`.
    """
    if role not in PERMISSIONS and not (post and not role):
        raise RoleUnknown(role=role)
    place = await Region.get_or_none(code=region)
    if place is None:
        raise RegionNotFound(code=region)
    require(by, "officials.write", place)
    if not may_grant(by, role, path=place.path):
        raise NotAllowed(permission="officials.write", region=region)
    return place


@database.transaction
async def link_household(official_id: UUID, household_id: UUID | None, *, by: Actor) -> None:
    """Record which household is the official's own; None for none.

    Refuses with `OfficialNotFound`, or `HouseholdNotFound` when it is not of a village that
    lies in the actor's reach. Once it is recorded, another one decides when it was wrong:
    `NotAllowed` for who would free himself to score his own family.
    """
    official = await managed(official_id, by=by)
    if household_id is not None:
        await _require_own_household(household_id, by=by)
    if official_id == by.id and official.household_id not in (None, household_id):
        raise NotAllowed(permission="officials.write", region="")
    official.household_id = household_id
    await official.save(update_fields=["household_id"])
    await end_sessions(official)
    await _note(by, "officials.link_household", official)


async def _require_own_household(household_id: UUID, *, by: Actor) -> None:
    household = await Household.get_or_none(id=household_id)
    village = await Region.get_or_none(code=household.village) if household else None
    prefixes = scope(by, "officials.write")
    reached = village and (prefixes is None or village.path.startswith(tuple(prefixes)))
    if not reached:
        raise HouseholdNotFound(id=str(household_id))


@database.transaction
async def set_active(official_id: UUID, active: bool, *, by: Actor) -> None:
    """Close a login or open it again; what its holder recorded stays."""
    official = await managed(official_id, by=by)
    official.active = active
    await official.save(update_fields=["active"])
    await end_sessions(official)
    verb = "officials.activate" if active else "officials.deactivate"
    await _note(by, verb, official)


async def reset_password(official_id: UUID, *, by: Actor) -> str:
    """Set a random first password and return it, once; the official's sessions end."""
    password = passwords.random()
    await _set_password(
        official_id,
        await passwords.hashed(password),
        by=by,
        must_change=True,
        verb="officials.reset_password",
    )
    return password


async def change_password(actor: Actor, *, old: str, new: str) -> bool:
    """Change one's own password. Returns False when the old one does not fit.

    Refuses with `PasswordWeak`. All sessions of the official end, the present one too.
    """
    assert actor.id is not None, "the operator has no password"
    official = await Official.get(id=actor.id)
    if not await passwords.matches(old, official.password):
        return False
    await _set_password(
        actor.id,
        await passwords.hashed(new),
        by=actor,
        must_change=False,
        verb="officials.change_password",
    )
    return True


@database.transaction
async def _set_password(
    official_id: UUID, password_hash: str, *, by: Actor, must_change: bool, verb: str
) -> None:
    if official_id == by.id:
        official = await Official.get(id=official_id)
    else:
        official = await managed(official_id, by=by)
    official.password = password_hash
    official.must_change_password = must_change
    await official.save(update_fields=["password", "must_change_password"])
    await end_sessions(official)
    await _note(by, verb, official)


async def _note(by: Actor, verb: str, official: Official) -> None:
    """A line about an official, in the village where he serves if he serves in one."""
    village = (await actor_of(official)).village
    await audit.note(by, verb, village=village, subject=f"official:{official.id}")


async def end_sessions(official: Official) -> None:
    """End every log-in of an official, on every device."""
    official.revision += 1
    await official.save(update_fields=["revision"])


async def managed(official_id: UUID, *, by: Actor) -> Official:
    """An official about whose every duty the actor decides. Refuses with `OfficialNotFound`."""
    official = await Official.get_or_none(id=official_id)
    # Who has left is decided about by those who decided about his last duties.
    held = await open_duties(official) if official else []
    if official and not held:
        held = await OfficialDuty.filter(official_id=official.id)
    path = {r.code: r.path for r in await Region.filter(code__in=[d.region for d in held])}
    if official is None or not (
        by.is_operator or (held and all(may_grant(by, d.role, path=path[d.region]) for d in held))
    ):
        raise OfficialNotFound(id=str(official_id))
    return official


def in_force(held: OfficialDuty, *, on: date) -> bool:
    """Whether a duty holds on a day: neither before its first nor after its last."""
    return (held.since is None or held.since <= on) and (held.until is None or on <= held.until)


async def open_duties(official: Official) -> list[OfficialDuty]:
    """The official's duties that have not ended, those that are still to begin included."""
    held = await OfficialDuty.filter(official_id=official.id).order_by("id")
    return [one for one in held if one.until is None or clock.today() <= one.until]


async def duties_of(official: Official) -> list[Duty]:
    """What the official may do today: his duties in force that open something, with paths."""
    today = clock.today()
    held = [d for d in await open_duties(official) if d.role and in_force(d, on=today)]
    places = {r.code: r for r in await Region.filter(code__in=[d.region for d in held])}
    return [_duty(d.role, places[d.region]) for d in held]


def _duty(role: str, place: Region) -> Duty:
    return Duty(role, place.code, place.path, place.name)


async def actor_of(official: Official) -> Actor:
    """The official as somebody who acts."""
    return Actor(
        id=official.id,
        login=official.login,
        name=official.name,
        household_id=official.household_id,
        duties=tuple(await duties_of(official)),
    )


async def by_login(login: str) -> Actor:
    """The actor behind a login, for `--as`. Refuses with `OfficialNotFound`."""
    official = await Official.get_or_none(login=login, active=True)
    if official is None:
        raise OfficialNotFound(login=login)
    return await actor_of(official)
