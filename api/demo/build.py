"""Makes the demo county in an empty store: the one verb of this room for commands.

The whole county is one transaction. A build that is interrupted, by Ctrl-C or by a power cut,
leaves an empty store, and the next start begins anew; nobody is ever served half a county. What
officials would have done goes through the verbs that officials use, with the clock stopped at
the hour at which they would have done it.
"""

import getpass
import secrets
from collections.abc import Callable, Mapping, Sequence

import msgspec

from api import store
from api.demo import cards, chronicle, people, places, settling
from api.demo.cards import Opened
from api.demo.officials import DemoOfficial
from api.demo.people import DemoCounty
from api.demo.places import DemoRegion
from api.demo.plan import Hours, Plan
from foundation import actors, clock, database
from foundation.errors import StoreKindMismatch, StoreNotEmpty
from households import officials, passwords, pins
from households.models import Region
from households.regions import LOCAL_LEVELS

# Villages whose years are held in memory at the same time; the others follow after them.
_TOGETHER = 20


# The line of the household whose PIN is known, beside the roles of officials: no login, its page.
RESIDENT = "resident"


class Login(msgspec.Struct, frozen=True):
    """Somebody to log in as: `region` is the code of his duty's region, `name` his own."""

    login: str
    password: str
    region: str
    region_name: str
    name: str


async def make(plan: Plan, *, advance: Callable[[int], None]) -> dict[str, Login]:
    """Make the county, and say how to log in, one login for each role.

    The passwords are random and stored as hashes only: they are known here and never again.

    Args:
        plan: what to make; its numbers must suit each other, see `people.county`.
        advance: is told of progress, in parts of `plan.work`.

    Refuses as `require_empty`.
    """
    county = people.county(
        places.divisions(seed=plan.seed),
        households=plan.households,
        villages=plan.villages,
        seed=plan.seed,
        on=plan.first,
    )
    chosen = _one_a_role(county.officials, village=county.villages[0].code)
    chosen_passwords = {official.login: passwords.random() for official in chosen.values()}
    # One after the other: each takes 64 MB while it is computed.
    hashes = {login: await passwords.hashed(text) for login, text in chosen_passwords.items()}
    pin = pins.random()
    opened = await _store(
        plan,
        county,
        hashes=hashes,
        locked=await passwords.hashed(secrets.token_urlsafe(32)),
        pin=await passwords.hashed_pin(pin),
        advance=advance,
    )
    regions = {place.code: place for place in county.regions}
    home = county.villages[0].code
    logins = {
        role: Login(
            login=official.login,
            password=chosen_passwords[official.login],
            region=official.duties[0].region,
            region_name=_called(official.duties[0].region, regions=regions),
            name=official.name,
        )
        for role, official in chosen.items()
    }
    called = _called(home, regions=regions)
    return logins | {RESIDENT: Login(f"/h/{opened.card}", pin, home, called, opened.head)}


async def require_empty() -> None:
    """Refuse with `StoreNotEmpty`, or `StoreKindMismatch` where a real store was begun."""
    kind = await store.kind()
    if kind == "real":
        raise StoreKindMismatch(kind=kind, wanted="demo")
    if kind is not None or await Region.exists():
        raise StoreNotEmpty()


def _one_a_role(serving: Sequence[DemoOfficial], *, village: str) -> dict[str, DemoOfficial]:
    """The first holder of each role, in the given village or above it where there is one."""
    found: dict[str, DemoOfficial] = {}
    for role in officials.ROLES:
        holders = [official for official in serving if official.duties[0].role == role]
        near = (o for o in holders if _serves(o.duties[0].region, village=village))
        found[role] = next(near, holders[0])
    return found


def _serves(region: str, *, village: str) -> bool:
    """Whether a region is the village, a part of it, or its township."""
    return region[:12] in (village, f"{village[:9]}000")


def _called(code: str, *, regions: Mapping[str, DemoRegion]) -> str:
    """A region as people call it; below a village with the village before it."""
    place = regions[code]
    if place.level not in LOCAL_LEVELS:
        return place.name
    return f"{places.short_name(regions[code[:12]])}{place.name}"


@database.transaction
async def _store(
    plan: Plan,
    county: DemoCounty,
    *,
    hashes: Mapping[str, str],
    locked: str,
    pin: str,
    advance: Callable[[int], None],
) -> Opened:
    await require_empty()
    await store.claim("demo")
    by = actors.operator(getpass.getuser())
    hours = Hours(clock.now())
    opening = hours.at(plan.first, hour=8)
    with clock.stopped_at(opening):
        await settling.regions(county.regions, by=by)
        await settling.officials(county.officials, hashes=hashes, locked=locked, at=opening, by=by)
    for start in range(0, plan.villages, _TOGETHER):
        together = county.villages[start : start + _TOGETHER]
        with clock.stopped_at(opening):
            opened = [
                await chronicle.open_village(settled, turn=turn, plan=plan, advance=advance)
                for turn, settled in enumerate(together, start)
            ]
        await chronicle.live(opened, plan=plan, hours=hours, advance=advance)
        for village in opened:
            await cards.hand_out(
                village.code,
                village.settled.households,
                whole=village.turn == 0,
                by=village.office.clerk,
            )
    return await cards.open_one(county.villages[0].code, hashed=pin)
