"""The first evening: what a village needs before its register comes in, in one step.

Only for a store without any official; after that, officials are made by officials.
"""

import hmac
from datetime import date
from uuid import uuid4

import msgspec

from foundation import audit, clock, database, keys
from foundation.actors import Actor, operator
from households import divisions, officials, passwords, settings
from households.errors import RegionNotFound
from households.models import Official, OfficialDuty, Region
from points.errors import AlreadyFounded, SetupCodeWrong
from points.scheme import Scheme
from rules import adoption, rulebook, starters

CODE_LENGTH = 8


class Founding(msgspec.Struct, frozen=True):
    """What the first-run page asks for."""

    village: str
    starter: str
    login: str
    name: str
    password: str
    rules_from: date


def setup_code() -> str:
    """The code that the terminal shows and the first-run page asks for.

    It keeps a stranger in the same network from founding the village first. Derived from the
    installation's secret, so every process knows it and nothing is stored.
    """
    digest = hmac.new(keys.ring().current.tokens, b"first run", "sha256").hexdigest()
    return digest[:CODE_LENGTH]


async def is_open() -> bool:
    """Whether this store still waits for its first administrator."""
    return not await Official.exists()


def require_code(code: str) -> None:
    """Refuse with `SetupCodeWrong` unless this is the code that the terminal shows."""
    if not hmac.compare_digest(code.strip().lower().encode(), setup_code().encode()):
        raise SetupCodeWrong()


@database.transaction
async def import_divisions(content: bytes, *, code: str) -> divisions.RegionImport:
    """Take the divisions in while nobody has a login yet. Refuses as `begin` does."""
    await _require_open(code)
    return await divisions.import_file(content, by=operator("setup"))


async def begin(founding: Founding, *, code: str) -> None:
    """Found a village: its first administrator and clerk, its scheme and first rule book.

    The rule book is the chosen starter, in force from `rules_from` and not voted yet, so that
    a first month can be scored. Refuses with `AlreadyFounded`, `SetupCodeWrong`,
    `RegionNotFound`, `PasswordWeak` or the rule book's own refusals.
    """
    require_code(code)
    await _begin(founding, password_hash=await passwords.hashed(founding.password), code=code)


@database.transaction
async def _begin(founding: Founding, *, password_hash: str, code: str) -> None:
    await _require_open(code)
    village = await Region.get_or_none(code=founding.village, level="village")
    if village is None:
        raise RegionNotFound(code=founding.village)
    by = await _administrator(founding, village, password_hash)
    starter = starters.load(founding.starter)
    scheme = Scheme(
        base_points=starter.settings.base_points,
        posted_first_n=starter.settings.posted_first,
        display_days=starter.settings.display_days,
        stars=tuple(level.points_year for level in starter.settings.star_levels),
    )
    await settings.write(village.code, scheme, by=by)
    draft = await rulebook.draft_from_starter(village.code, founding.starter, by=by)
    await adoption.publish(draft.id, in_force_from=founding.rules_from, by=by)
    await audit.note(by, "founding.begin", village=village.code, starter=founding.starter)


async def _administrator(founding: Founding, village: Region, password_hash: str) -> Actor:
    """The first official: administrator of the whole tree and clerk of the village."""
    root = village.path.split("/")[0]
    official = await Official.create(
        id=uuid4(),
        login=founding.login.strip(),
        name=founding.name.strip(),
        password=password_hash,
        created_at=clock.now(),
    )
    await OfficialDuty.create(official=official, role="clerk", region=village.code)
    await OfficialDuty.create(official=official, role="admin", region=root)
    return await officials.actor_of(official)


async def _require_open(code: str) -> None:
    if not await is_open():
        raise AlreadyFounded()
    require_code(code)
