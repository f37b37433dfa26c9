"""Who may do what, where: roles, duties and the officials who hold them.

The table below is the only place that grants anything. An official's reach is the subtree of
each duty's region; beside it nothing exists for him. Passwords are hashed outside of any
transaction and never logged.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from foundation import audit, clock, database
from foundation.actors import Actor, Duty
from households.errors import (
    HouseholdNotFound,
    LoginTaken,
    NotAllowed,
    OfficialNotFound,
    PasswordWeak,
    RegionNotFound,
    RoleUnknown,
)
from households.models import Household, Official, OfficialDuty, Region

PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 200

_READER = {"regions.read", "rules.read", "leaderboard.read", "publications.read"}
_SCORER = _READER | {"register.read", "entries.read", "scores.write", "entries.write"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "clerk": frozenset(
        _SCORER
        | {
            "regions.write",
            "register.write",
            "register.unmask",
            "register.restricted",
            "register.export",
            "entries.reverse",
            "rules.write",
            "publications.write",
            "officials.read",
            "settings.write",
        }
    ),
    "scorer": frozenset(_SCORER),
    "panel_member": frozenset(_READER | {"register.read", "entries.read"}),
    "supervisor": frozenset(
        _READER | {"register.read", "entries.read", "officials.read", "audit.read"}
    ),
    "grid_worker": frozenset(_READER | {"register.read"}),
    "group_cadre": frozenset(_READER | {"register.read"}),
    "township_official": frozenset(
        _READER
        | {"register.read", "entries.read", "officials.read", "officials.write", "regions.write"}
    ),
    "county_official": frozenset(_READER | {"officials.read"}),
    "auditor": frozenset(
        {"regions.read", "rules.read", "entries.read", "publications.read", "audit.read"}
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
        }
    ),
}
ROLES = tuple(PERMISSIONS)

# Whom a role may make: nobody hands out more than belongs to the level below his own.
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

_hasher = PasswordHasher()


class OfficialView(msgspec.Struct):
    """An official as the list of officials shows him; `own_household` only says whether."""

    id: UUID
    login: str
    name: str
    active: bool
    must_change_password: bool
    own_household: UUID | None
    duties: list[Duty]


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


def grantable(actor: Actor) -> list[str]:
    """The roles that the actor may give to others, in the order of the table."""
    if actor.is_operator:
        return list(ROLES)
    held = {role for duty in actor.duties for role in GRANTS.get(duty.role, ())}
    return [role for role in ROLES if role in held]


# -- officials ----------------------------------------------------------------------------


async def hashed(password: str) -> str:
    """An Argon2id hash, computed beside the event loop. Refuses with `PasswordWeak`."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX or len(set(password)) < 4:
        raise PasswordWeak(length_min=PASSWORD_LENGTH_MIN)
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(password: str, kept: str) -> bool:
    """Whether a password fits a hash; takes the same time when there is no hash to fit."""
    try:
        return await asyncio.to_thread(_hasher.verify, kept or _DECOY, password)
    except VerificationError:
        return False


_DECOY = _hasher.hash(secrets.token_urlsafe(16))


def random_password() -> str:
    """A first password that can be read aloud: twelve letters and digits in three groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))


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

    Refuses with `RoleUnknown`, `PasswordWeak`, `RegionNotFound`, `NotAllowed`, `LoginTaken`.
    """
    password_hash = await hashed(password)
    return await _create(
        login.strip(),
        name=name.strip(),
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
    place = await _duty_region(role=role, region=region, by=by)
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
    await OfficialDuty.create(official=official, role=role, region=place.code)
    await audit.note(
        by,
        "officials.create",
        village=place.village,
        subject=f"official:{official.id}",
        role=role,
        region=place.code,
    )
    return official


async def _duty_region(*, role: str, region: str, by: Actor) -> Region:
    if role not in PERMISSIONS:
        raise RoleUnknown(role=role)
    place = await Region.get_or_none(code=region)
    if place is None:
        raise RegionNotFound(code=region)
    require(by, "officials.write", place)
    if role not in grantable(by):
        raise NotAllowed(permission="officials.write", region=region)
    return place


@database.transaction
async def link_household(official_id: UUID, household_id: UUID | None, *, by: Actor) -> None:
    """Record which household is the official's own; None for none.

    Refuses with `OfficialNotFound`, or `HouseholdNotFound` when it is not of a village that
    lies in the actor's reach.
    """
    official = await find(official_id, actor=by, permission="officials.write")
    if household_id is not None:
        await _require_own_household(household_id, by=by)
    official.household_id = household_id
    await official.save(update_fields=["household_id"])
    await _end_sessions(official)
    await audit.note(by, "officials.link_household", subject=f"official:{official_id}")


async def _require_own_household(household_id: UUID, *, by: Actor) -> None:
    household = await Household.get_or_none(id=household_id)
    village = await Region.get_or_none(code=household.village) if household else None
    prefixes = scope(by, "officials.write")
    reached = village and (prefixes is None or village.path.startswith(tuple(prefixes)))
    if not reached:
        raise HouseholdNotFound(id=str(household_id))


async def own_household_candidates(duties: Sequence[Duty], q: str) -> list[Household]:
    """Up to ten households by head's name or number, in the villages of these duties."""
    served = {duty.region[:12] for duty in duties}
    matching = Q(head__contains=q) | Q(number=q)
    return await Household.filter(matching, village__in=served).order_by("pinyin").limit(10)


@database.transaction
async def add_duty(official_id: UUID, *, role: str, region: str, by: Actor) -> None:
    """Give an official one more role in a region; his sessions end. Refuses as `create`."""
    official = await find(official_id, actor=by, permission="officials.write")
    place = await _duty_region(role=role, region=region, by=by)
    await OfficialDuty.get_or_create(official=official, role=role, region=place.code)
    await _end_sessions(official)
    await audit.note(
        by,
        "officials.add_duty",
        village=place.village,
        subject=f"official:{official_id}",
        role=role,
        region=place.code,
    )


@database.transaction
async def remove_duty(official_id: UUID, *, role: str, region: str, by: Actor) -> None:
    """Take one duty back; his sessions end. Refuses as `add_duty` does."""
    official = await find(official_id, actor=by, permission="officials.write")
    place = await _duty_region(role=role, region=region, by=by)
    await OfficialDuty.filter(official=official, role=role, region=region).delete()
    await _end_sessions(official)
    await audit.note(
        by,
        "officials.remove_duty",
        village=place.village,
        subject=f"official:{official_id}",
        role=role,
        region=region,
    )


@database.transaction
async def set_active(official_id: UUID, active: bool, *, by: Actor) -> None:
    """Close a login or open it again; what its holder recorded stays."""
    official = await find(official_id, actor=by, permission="officials.write")
    official.active = active
    await official.save(update_fields=["active"])
    await _end_sessions(official)
    verb = "officials.activate" if active else "officials.deactivate"
    await audit.note(by, verb, subject=f"official:{official_id}")


async def reset_password(official_id: UUID, *, by: Actor) -> str:
    """Set a random first password and return it, once; the official's sessions end."""
    password = random_password()
    await _set_password(
        official_id,
        await hashed(password),
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
    if not await matches(old, official.password):
        return False
    await _set_password(
        actor.id, await hashed(new), by=actor, must_change=False, verb="officials.change_password"
    )
    return True


@database.transaction
async def _set_password(
    official_id: UUID, password_hash: str, *, by: Actor, must_change: bool, verb: str
) -> None:
    if official_id == by.id:
        official = await Official.get(id=official_id)
    else:
        official = await find(official_id, actor=by, permission="officials.write")
    official.password = password_hash
    official.must_change_password = must_change
    await official.save(update_fields=["password", "must_change_password"])
    await _end_sessions(official)
    await audit.note(by, verb, subject=f"official:{official_id}")


async def _end_sessions(official: Official) -> None:
    official.revision += 1
    await official.save(update_fields=["revision"])


async def find(official_id: UUID, *, actor: Actor, permission: str) -> Official:
    """An official all of whose duties lie in the actor's subtrees. `OfficialNotFound` else."""
    official = await Official.get_or_none(id=official_id).prefetch_related("duties")
    if official is None:
        raise OfficialNotFound(id=str(official_id))
    prefixes = scope(actor, permission)
    paths = [duty.path for duty in await duties_of(official)]
    reached = prefixes is None or all(path.startswith(tuple(prefixes)) for path in paths)
    if not reached:
        raise OfficialNotFound(id=str(official_id))
    return official


async def duties_of(official: Official) -> list[Duty]:
    """The official's duties with their regions' paths."""
    held = await OfficialDuty.filter(official_id=official.id).order_by("id")
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


async def listing(actor: Actor) -> list[OfficialView]:
    """The officials whose duties lie in the actor's reach, by login."""
    prefixes = scope(actor, "officials.read")
    places = {region.code: region for region in await Region.all()}
    seen = []
    for official in await Official.all().order_by("login").prefetch_related("duties"):
        duties = [_duty(d.role, places[d.region]) for d in official.duties]
        if prefixes is not None and not any(d.path.startswith(tuple(prefixes)) for d in duties):
            continue
        seen.append(
            OfficialView(
                official.id,
                official.login,
                official.name,
                official.active,
                official.must_change_password,
                official.household_id,
                duties,
            )
        )
    return seen


async def names(labels: Iterable[str]) -> dict[str, str]:
    """The names behind the labels that ledger and log keep; the operator is not among them."""
    ids = [label for label in set(labels) if not label.startswith("operator:")]
    return {str(found.id): found.name for found in await Official.filter(id__in=ids)} if ids else {}


async def label(typed: str) -> str:
    """What ledger and log keep for the official of that login or name; else what was typed."""
    found = await Official.filter(Q(login=typed) | Q(name=typed)).first() if typed else None
    return str(found.id) if found else typed
