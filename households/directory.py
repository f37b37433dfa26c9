"""Who serves where: the officials as others see them.

Only reads. What an official may see of the others is his own subtrees, as everywhere.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from tortoise.expressions import Q

from foundation import clock
from foundation.actors import Actor, Duty, operator
from households import names as names_
from households import officials, regions
from households.errors import OfficialNotFound
from households.models import Household, Official, OfficialDuty, Region


class OfficialView(msgspec.Struct):
    """An official as the list of officials shows him.

    The household is his own family's; `managed` says whether the reader decides about him.
    Without `has_password` nobody can log in until a first one is issued; who does not `serve`
    any more has none but ended duties.
    """

    id: UUID
    login: str
    name: str
    active: bool
    must_change_password: bool
    own_household: UUID | None
    duties: list[Duty]
    managed: bool
    has_password: bool
    serves: bool


async def listing(actor: Actor) -> list[OfficialView]:
    """The officials with a duty in the actor's reach, by login, and their duties there."""
    places = {place.code: place for place in await regions.visible(actor, "officials.read")}
    duties: dict[UUID, list[Duty]] = {}
    beyond = set()
    every = await OfficialDuty.all().order_by("id")
    today = clock.today()
    ended = {one.id for one in every if one.until is not None and one.until < today}
    serving = {one.official_id for one in every if one.id not in ended}  # type: ignore[attr-defined]
    for held in every:
        holder: UUID = held.official_id  # type: ignore[attr-defined]
        # Who has left is shown with what he did last, and everybody else without the past.
        if held.id in ended and holder in serving:
            continue
        place = places.get(held.region)
        if place is None or not officials.may_grant(actor, held.role, path=place.path):
            beyond.add(holder)
        if place is not None:
            duty = Duty(held.role, place.code, place.path, place.name)
            duties.setdefault(holder, []).append(duty)
    return [
        OfficialView(
            official.id,
            official.login,
            official.name,
            official.active,
            official.must_change_password,
            official.household_id,
            duties[official.id],
            official.id not in beyond,
            bool(official.password),
            official.id in serving,
        )
        for official in await Official.filter(id__in=list(duties)).order_by("login")
    ]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which officials, in which order.

    `q` is a part of the name or login, `region` where a duty lies or what lies above it; `state`
    is "open", "closed" or empty for both; `sort` is "name", "login" or "role".
    """

    q: str = ""
    role: str = ""
    region: str = ""
    state: str = ""
    sort: str = "login"
    down: bool = False


async def search(actor: Actor, which: Filter) -> list[OfficialView]:
    """The officials in the actor's reach that a filter wants, sorted.

    A county has some two thousand: they are read at once, so that both databases sort alike.
    """

    def fits(one: OfficialView) -> bool:
        is_open = one.active and one.serves
        return (
            (which.q in one.name or which.q in one.login)
            and which.state in ("", "open" if is_open else "closed")
            and any(
                which.role in ("", duty.role)
                and (not which.region or f"{which.region}/" in f"{duty.path}")
                for duty in one.duties
            )
        )

    def place(one: OfficialView) -> tuple[str, str]:
        role = one.duties[0].role
        first = {
            "name": names_.pinyin_key(one.name) if which.sort == "name" else "",
            "role": f"{officials.ROLES.index(role):02}" if role else "99",
        }
        return first.get(which.sort, ""), one.login

    found = [one for one in await listing(actor) if fits(one)]
    return sorted(found, key=place, reverse=which.down)


async def one(official_id: UUID, *, actor: Actor) -> OfficialView:
    """One of them. Refuses with `OfficialNotFound` for who has no duty in the actor's reach."""
    officials.require_anywhere(actor, "officials.read")
    for found in await listing(actor):
        if found.id == official_id:
            return found
    raise OfficialNotFound(id=str(official_id))


async def names(labels: Iterable[str]) -> dict[str, str]:
    """The names behind the labels that ledger and log keep; the operator is not among them."""
    ids = [label for label in set(labels) if ":" not in label]
    return {str(found.id): found.name for found in await Official.filter(id__in=ids)} if ids else {}


async def roles(labels: Iterable[str], *, village: str) -> dict[str, str]:
    """The role in which each official serves a village, by the labels that the ledger keeps.

    The narrowest duty that reaches the village; who serves it no more has none. What a household
    is told of who scored: the office, not the person.
    """
    ids = [label for label in set(labels) if ":" not in label]
    place = await Region.get(code=village)
    above = place.path.strip("/").split("/")
    found: dict[str, tuple[int, str]] = {}
    for duty in await OfficialDuty.filter(official_id__in=ids).order_by("id"):
        if not duty.role or not officials.in_force(duty, on=clock.today()):
            continue
        inside = duty.region.startswith(f"{village}-")
        depth = len(above) if inside else above.index(duty.region) if duty.region in above else -1
        key = str(duty.official_id)  # type: ignore[attr-defined]
        if depth > found.get(key, (-1, ""))[0]:
            found[key] = (depth, duty.role)
    return {key: role for key, (_, role) in found.items()}


async def own_household_candidates(duties: Sequence[Duty], q: str) -> list[Household]:
    """Up to ten households by head's name or number, in the villages of these duties."""
    served = {duty.region[:12] for duty in duties}
    matching = Q(head__contains=q) | Q(number=q)
    return await Household.filter(matching, village__in=served).order_by("pinyin").limit(10)


async def by_label(label: str) -> Actor:
    """The actor whom ledger and log call that; somebody who is gone may do nothing any more."""
    if label.startswith("operator:"):
        return operator(label.removeprefix("operator:"))
    official = await Official.get_or_none(id=label, active=True)
    return await officials.actor_of(official) if official else Actor(UUID(label), login="", name="")
